// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// How the window words what is known of the machine, and of NodeTune's own doings.
#include <QtTest>

#include "ui/models/database_tables.h"
#include "ui/pages/machine_charts.h"
#include "ui/shell/own_use_text.h"

using namespace nodetune;

namespace {

NodeDescription observed() {
  NodeDescription description;
  description.way = OpenWay::observed;
  return description;
}

constexpr double kMiB = 1024.0 * 1024;

}  // namespace

class MachineFiguresTest : public QObject {
  Q_OBJECT
 private slots:
  void the_cost_of_looking_is_told_of_observed_nodes_alone() {
    Snapshot snapshot;
    QCOMPARE(own_use_text(observed(), snapshot), QString());
    snapshot.set(Metric::observer_read_bytes_total, 12 * kMiB);
    snapshot.set(Metric::observer_writable_files, 0);
    snapshot.set(Metric::observer_locks, 0);
    QCOMPARE(own_use_text(observed(), snapshot),
             QString("bytes read 12 MiB · bytes written 0 · locks 0"));
    NodeDescription managed;
    managed.way = OpenWay::managed;
    QCOMPARE(own_use_text(managed, snapshot), QString());
  }

  void what_was_not_looked_at_is_not_claimed() {
    Snapshot snapshot;
    snapshot.set(Metric::observer_read_bytes_total, kMiB);
    QCOMPARE(own_use_text(observed(), snapshot),
             QString("bytes read 1 MiB · bytes written: not known · locks: not known"));
    snapshot.set(Metric::observer_writable_files, 2);
    snapshot.set(Metric::observer_locks, 1);
    const QString bad = own_use_text(observed(), snapshot);
    QVERIFY2(bad.contains("2 file") && bad.contains("open for writing"), qPrintable(bad));
    QVERIFY2(bad.endsWith("locks 1") && !bad.contains("written 0"), qPrintable(bad));
  }

  void a_disk_that_fills_up_says_when() {
    Snapshot snapshot;
    QCOMPARE(full_text(snapshot), QString());
    QCOMPARE(growth_text(snapshot), QString());
    snapshot.set(Metric::disk_seconds_until_full, 41.7 * 86'400);
    QCOMPARE(full_text(snapshot), QString("full in 41 days"));
    snapshot.set(Metric::disk_seconds_until_full, 30'000);
    QCOMPARE(full_text(snapshot), QString("full in 8 h"));
    snapshot.set(Metric::disk_seconds_until_full, 1e12);
    QCOMPARE(full_text(snapshot), QString("lasts more than 10 years"));
    snapshot.set(Metric::disk_growth_bytes_per_second, kMiB);
    QCOMPARE(growth_text(snapshot), QString("84.4 GiB more a day"));
    snapshot.set(Metric::disk_growth_bytes_per_second, -kMiB);
    QCOMPARE(growth_text(snapshot), QString("84.4 GiB less a day"));
  }

  void open_files_near_their_limit_stand_out() {
    Snapshot snapshot;
    QCOMPARE(open_files_tile(snapshot).note, QString("not known"));
    snapshot.set(Metric::process_open_files, 412);
    snapshot.set(Metric::process_open_files_limit, 1'024);
    QCOMPARE(open_files_tile(snapshot).value, QString("412"));
    QCOMPARE(open_files_tile(snapshot).tone, Tone::neutral);
    snapshot.set(Metric::process_open_files, 900);
    QCOMPARE(open_files_tile(snapshot).tone, Tone::warn);
    snapshot.set(Metric::process_open_files, 1'020);
    QCOMPARE(open_files_tile(snapshot).tone, Tone::bad);
  }

  void a_fact_that_is_not_of_now_has_its_age() {
    const TimePoint now(std::chrono::hours(500'000));
    auto description = observed();
    description.facts = {{"Stalled seconds", "8 s", "LOG", now - std::chrono::minutes(7)},
                         {"Held by", "nobody", "/proc/locks"}};
    const auto rows = fact_rows(description, now);
    const auto origin = [&](const QString& name) {
      for (const auto& row : rows) {
        if (row.cells[0].text == name) return row.cells[2].text;
      }
      return QString("(none)");
    };
    QCOMPARE(origin("Stalled seconds"), QString("LOG, 7 min ago"));
    QCOMPARE(origin("Held by"), QString("/proc/locks"));
  }
};

QTEST_MAIN(MachineFiguresTest)
#include "machine_figures_test.moc"
