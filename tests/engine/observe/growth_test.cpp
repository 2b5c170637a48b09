// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/growth.h"

#include <QtTest>
#include <cmath>

using namespace nodetune;
using namespace std::chrono_literals;

namespace {

const TimePoint kNoon(std::chrono::seconds(1'700'000'000));
constexpr double kGiB = 1024.0 * 1024 * 1024;

// One family with 1 GiB in level 1 and 10 GiB in level 2.
Observation tree() {
  Observation seen;
  auto manifest = std::make_shared<Manifest>();
  auto& family = manifest->column_families[0];
  family.name = "default";
  std::uint64_t number = 1;
  for (const int level : {1, 2}) {
    for (int i = 0; i < (level == 1 ? 1 : 10); ++i) {
      ManifestFile file;
      file.number = number;
      file.level = level;
      file.bytes = 1 << 30;
      family.files.emplace(number++, file);
    }
  }
  seen.manifest = manifest;
  return seen;
}

void set_options(Observation& seen, const std::string& family_options) {
  auto options = std::make_shared<ObservedOptions>();
  auto parsed = parse_options(
      "[Version]\n  rocksdb_version=8.3.2\n[DBOptions]\n  max_background_jobs=4\n"
      "[CFOptions \"default\"]\n" +
          family_options,
      "OPTIONS-000001");
  options->file = *std::move(parsed);
  seen.options = options;
}

}  // namespace

class GrowthTest : public QObject {
  Q_OBJECT
 private slots:
  void growth_is_of_the_longest_time_known() {
    GrowthWatch watch;
    QVERIFY(!watch.growth());
    watch.add(kNoon, 1'000);
    watch.add(kNoon + 5min, 900'000);
    QVERIFY(!watch.growth());  // one flush would decide
    watch.add(kNoon + 20min, 13'000);
    QCOMPARE(watch.growth()->bytes_per_second, 10.0);
    QCOMPARE(watch.growth()->window_seconds, 1'200.0);
    watch.add(kNoon - 20min, 1'000);  // the LOG's beginning was read later
    QCOMPARE(watch.growth()->bytes_per_second, 5.0);
    watch.add(kNoon - 30min, kMissing);
    QCOMPARE(watch.growth()->window_seconds, 2'400.0);
  }

  void headroom_is_what_may_run_at_once_and_no_more_than_there_is() {
    auto seen = tree();
    QCOMPARE(compaction_headroom_bytes(seen, kMissing), 10 * kGiB);  // no OPTIONS: the worst case
    set_options(seen, "  target_file_size_base=67108864\n  max_compaction_bytes=536870912\n");
    QCOMPARE(compaction_headroom_bytes(seen, kMissing), 2 * kGiB);  // 4 of 512 MiB
    QCOMPARE(compaction_headroom_bytes(seen, 3 * kGiB), 3 * kGiB);
    QCOMPARE(compaction_headroom_bytes(seen, 90 * kGiB), 10 * kGiB);
    set_options(seen, "  target_file_size_base=67108864\n  max_compaction_bytes=0\n");
    QCOMPARE(compaction_headroom_bytes(seen, kMissing), 6.25 * kGiB);  // 4 of 25 files
    set_options(seen, "  compaction_style=kCompactionStyleUniversal\n");
    QCOMPARE(compaction_headroom_bytes(seen, kMissing), 11 * kGiB);
    QVERIFY(std::isnan(compaction_headroom_bytes(Observation{}, 5)));
  }

  void the_disk_is_full_when_compaction_has_no_room() {
    Snapshot snapshot;
    snapshot.set(Metric::disk_free_bytes, 3'000);
    fill_growth(10, 1'000, snapshot);
    QCOMPARE(snapshot.value(Metric::disk_seconds_until_full), 200.0);
    QCOMPARE(snapshot.value(Metric::disk_growth_bytes_per_second), 10.0);
    fill_growth(10, 5'000, snapshot);
    QCOMPARE(snapshot.value(Metric::disk_seconds_until_full), 0.0);
  }

  void without_growth_or_free_space_no_day_is_named() {
    for (const double rate : {0.0, -5.0}) {
      Snapshot snapshot;
      snapshot.set(Metric::disk_free_bytes, 3'000);
      fill_growth(rate, 0, snapshot);
      QVERIFY(std::isnan(snapshot.value(Metric::disk_seconds_until_full)));
      QCOMPARE(snapshot.value(Metric::disk_growth_bytes_per_second), rate);
    }
    Snapshot unknown;
    fill_growth(10, 0, unknown);
    QVERIFY(std::isnan(unknown.value(Metric::disk_seconds_until_full)));
    fill_growth(kMissing, 0, unknown);
    QVERIFY(std::isnan(unknown.value(Metric::disk_seconds_until_full)));
  }
};

QTEST_APPLESS_MAIN(GrowthTest)
#include "growth_test.moc"
