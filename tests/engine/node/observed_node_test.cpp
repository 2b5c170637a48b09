// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/observed_node.h"

#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

#include "engine/base/format.h"
#include "engine/files/log_place.h"
#include "engine/files/log_summary.h"
#include "engine/files/manifest.h"
#include "engine/metrics/stall_conditions.h"
#include "engine/node/health.h"
#include "engine/node/kind_figures.h"
#include "engine/node/memory_picture.h"
#include "engine/node/observed_tables.h"
#include "engine/node/open_node.h"
#include "engine/store/database.h"
#include "tests/engine/files/test_files.h"
#include "tests/engine/node/observed_world.h"
#include "tests/engine/observe/directory_copy.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

const KnobState& knob(const std::vector<KnobState>& states, Knob which) {
  return states.at(index_of(which));
}

struct Opened {
  QTemporaryDir root;
  std::unique_ptr<Node> node;
  QString path;

  explicit Opened(const char* name) {
    path = root.path() + "/data";
    copy_directory(data_root() + "/rocksdb-dirs/" + name, path);
  }
  Status open() {
    auto opened = open_observed(path.toStdString(), "it belongs to its node", fast_clock());
    if (!opened) return opened.status();
    node = *std::move(opened);
    return Status::ok();
  }
};

}  // namespace

class ObservedNodeTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    QVERIFY(state_.isValid());
    qputenv("XDG_STATE_HOME", state_.path().toUtf8());
  }

  void every_real_directory_opens_and_stays_as_it_was_data() {
    QTest::addColumn<int>("options");
    QTest::newRow("besu-ehr-single") << 1500;
    QTest::newRow("besu-24.9.1-caliper-node-1") << 1500;
    QTest::newRow("besu-ehr-ibft2-v1") << 1200;
    QTest::newRow("besu-2019-v1") << 400;
    QTest::newRow("besu-2019-v1-single-run") << 400;
    QTest::newRow("besu-2020-v0-full") << 100;
    QTest::newRow("besu-2020-v1-full") << 400;
    QTest::newRow("pantheon-2019-v0") << 100;
  }
  void every_real_directory_opens_and_stays_as_it_was() {
    NEEDS_DATA();
    QFETCH(int, options);
    Opened world(QTest::currentDataTag());
    const auto before = marks_of(world.path);
    const auto opened = world.open();
    QVERIFY2(opened.is_ok(), opened.message().c_str());
    auto& node = *world.node;
    const auto described = node.description();
    QCOMPARE(described.way, OpenWay::observed);
    QVERIFY(described.client.starts_with("Besu"));
    QVERIFY(static_cast<int>(described.options.size()) > options);
    QVERIFY(described.reason.starts_with("it belongs to its node"));
    QCOMPARE(node.knobs().size(), kKnobCount);
    for (const auto& state : node.knobs()) {
      QVERIFY(!state.settable && !state.why_not.empty() && !state.current_text.empty());
    }
    QVERIFY(node.caches().empty());
    QVERIFY(!node.batches().available);
    QCOMPARE(node.workload().state, WorkloadState::none);
    const auto first = node.snapshot()->sequence;
    QTRY_VERIFY_WITH_TIMEOUT(node.snapshot()->sequence > first, kWaitMilliseconds);
    QVERIFY(node.close().is_ok());
    QCOMPARE(difference(before, marks_of(world.path)), std::string());
  }

  void what_is_stored_is_told_by_kind() {
    NEEDS_DATA();
    for (const char* name : {"besu-ehr-single", "besu-24.9.1-caliper-node-1"}) {
      Opened world(name);
      QVERIFY(world.open().is_ok());
      const auto snapshot = world.node->snapshot();
      const auto described = world.node->description();
      const auto manifest = read_manifest(described.path);
      QVERIFY(manifest);
      std::int64_t bytes = 0;
      std::int64_t files = 0;
      for (const auto& kind : snapshot->kinds) {
        bytes += kind.bytes;
        files += kind.files;
        QCOMPARE(snapshot->value(stored_metric(kind)), static_cast<double>(kind.bytes));
        QVERIFY(snapshot->source(stored_metric(kind)) == Source::derived);
      }
      QCOMPARE(bytes, manifest->total().bytes + manifest->blob_total().bytes);
      QCOMPARE(files, manifest->total().files + manifest->blob_total().files);
      QVERIFY(has(fact(described, "What is stored"), "State nodes"));
      QVERIFY(has(std::string(stored_note(described)), "inside the block bodies"));
    }
  }

  void of_an_unknown_program_nothing_is_told_apart() {
    NEEDS_DATA();
    Opened world("pantheon-2019-v0");
    QVERIFY(QFile::rename(world.path + "/database", world.path + "/things"));
    world.path += "/things";
    QVERIFY(world.open().is_ok());
    const auto described = world.node->description();
    QCOMPARE(described.client, std::string());
    const auto snapshot = world.node->snapshot();
    QCOMPARE(snapshot->kinds.size(), std::size_t{1});
    QVERIFY(!snapshot->kinds[0].kind && !snapshot->kinds[0].told_apart);
    QVERIFY(has(std::string(stored_note(described)), "not known"));
  }

  // Each of its 16 families has a block cache of 128 MiB and two memtables of 64 MiB.
  void what_memory_a_stopped_besu_may_take_is_told() {
    NEEDS_DATA();
    Opened world("besu-ehr-single");
    QVERIFY(world.open().is_ok());
    const auto parts = world.node->memory_parts();
    const auto picture = picture_memory(parts);
    QVERIFY(!parts.empty());
    QCOMPARE(parts.front().bytes_max, 2.0 * kGiB);
    QCOMPARE(parts.front().note, std::string("128 MiB in each of 16 caches, one for each family"));
    QVERIFY2(std::isnan(parts.front().bytes), "a stopped node has no cache");
    QVERIFY(std::isnan(picture.resident_bytes));
    QVERIFY2(picture.allowed_bytes >= 4.0 * kGiB, picture.sentence.c_str());
    QVERIFY2(has(picture.tables_sentence, "cache_index_and_filter_blocks is false"),
             picture.tables_sentence.c_str());
    for (const auto& part : parts) {
      QVERIFY2(part.kind != MemoryPart::Kind::process, "nobody holds it");
    }
  }

  void a_stopped_besu_tells_its_story() {
    NEEDS_DATA();
    Opened world("besu-ehr-ibft2-v1");
    QVERIFY(world.open().is_ok());
    const auto described = world.node->description();
    QCOMPARE(described.client, std::string("Besu"));
    QCOMPARE(described.rocksdb_version, std::string("8.3.2"));
    QCOMPARE(described.zone, std::string("UTC+05:30"));
    QCOMPARE(described.column_families.front(), std::string("0x01 BLOCKCHAIN"));
    QCOMPARE(fact(described, "Compactions"), std::string("2, 10.1 KiB read, 2.61 KiB written"));
    QVERIFY(has(fact(described, "Held by"), "nobody"));
    // Of 13 families in OPTIONS each may fill two memtables of 64 MiB.
    QCOMPARE(fact(described, "Memory: memtables, at most"),
             std::string("1.62 GiB, of 13 families"));
    QVERIFY(fact(described, "Memory: RocksDB block cache").starts_with("128 MiB in each of"));
    const auto own_use = fact(described, "NodeTune's own use");
    QVERIFY2(has(own_use, "iB read; files are opened for reading alone"), own_use.c_str());
    QVERIFY2(!own_use.starts_with("0 "), "what was read is counted");

    const auto snapshot = world.node->snapshot();
    QCOMPARE(snapshot->value(Metric::db_compactions_total), 2.0);
    QCOMPARE(snapshot->value(Metric::db_sst_files), 9.0);
    QCOMPARE(snapshot->families.size(), std::size_t{12});
    QVERIFY(!snapshot->levels.empty());
    QVERIFY(snapshot->value(Metric::disk_free_bytes) > 0);
    // As sst_dump prints them of the nine files, added up.
    QCOMPARE(snapshot->value(Metric::db_index_bytes), 328.0);
    QCOMPARE(snapshot->value(Metric::db_filter_bytes), 621.0);
    QCOMPARE(snapshot->value(Metric::db_estimated_keys), 11.0);
    QCOMPARE(snapshot->families.front().role,
             std::string("headers, bodies, receipts, transaction locations"));
    QCOMPARE(fact(described, "SST format version"), std::string("5"));
    const auto compression = fact(described, "Compression found");
    QVERIFY2(has(compression, "LZ4") && !has(compression, "none"), compression.c_str());
    // Its statistics are years old: what they say of debt is not of today's tree.
    QCOMPARE(snapshot->value(Metric::db_pending_compaction_bytes), 0.0);
    QCOMPARE(snapshot->source(Metric::db_pending_compaction_bytes), Source::derived);
    for (const auto& level : snapshot->levels) QCOMPARE(level.debt_bytes, 0.0);
    // What is not known from outside is missing, not zero.
    for (const auto metric :
         {Metric::db_memtable_bytes, Metric::db_block_cache_hits_total, Metric::db_write_stopped,
          Metric::process_resident_bytes, Metric::db_running_compactions}) {
      QVERIFY(std::isnan(snapshot->value(metric)));
    }

    const auto knobs = world.node->knobs();
    QCOMPARE(knob(knobs, Knob::write_buffer_size).current, std::optional<std::int64_t>(64 << 20));
    QCOMPARE(knob(knobs, Knob::compression).current_text, std::string("lz4"));
    QCOMPARE(knob(knobs, Knob::block_cache_size).current, std::optional<std::int64_t>(128 << 20));
    QVERIFY(has(knob(knobs, Knob::block_cache_size).origin, "LOG"));
    QVERIFY(has(knob(knobs, Knob::block_cache_size).why_not, "--Xplugin-rocksdb-cache-capacity"));

    const auto events = world.node->events(0, 100);
    QCOMPARE(std::count_if(events.begin(), events.end(),
                           [](const auto& e) { return e.category == EventCategory::recovery; }),
             7);
    QCOMPARE(std::count_if(events.begin(), events.end(),
                           [](const auto& e) { return e.category == EventCategory::compaction; }),
             2);
    for (const auto& event : events) QCOMPARE(event.source, Source::logged);
    // Every ten minutes it wrote that it had not stalled: the past is a known zero, not a gap.
    const auto last = events.back().time;
    const auto points = world.node->history().range(Metric::db_stall_seconds_total, last,
                                                    last + std::chrono::hours(1), 100);
    QVERIFY(!points.empty());
    QCOMPARE(points.front().max, 0.0);
  }

  void debt_is_the_nodes_own_where_it_told_it_and_derived_elsewhere() {
    Observation seen;
    seen.listing = std::make_shared<DirectoryListing>();
    Manifest manifest;
    auto& family = manifest.column_families[0];
    family.name = "default";
    for (std::uint64_t number = 1; number <= 4; ++number) {
      ManifestFile file;
      file.number = number;
      file.bytes = 1000;
      family.files.emplace(number, file);
    }
    seen.manifest = std::make_shared<const Manifest>(manifest);
    ObservedOptions options;
    auto& own = options.file.column_families.emplace_back();
    own.name = "default";
    own.options = {{"compaction_style", "kCompactionStyleLevel"},
                   {"num_levels", "7"},
                   {"level0_file_num_compaction_trigger", "4"},
                   {"max_bytes_for_level_base", "268435456"},
                   {"max_bytes_for_level_multiplier", "10.000000"},
                   {"level_compaction_dynamic_level_bytes", "false"}};
    seen.options = std::make_shared<const ObservedOptions>(options);
    Snapshot snapshot;
    snapshot.families.resize(1);
    snapshot.families.front().name = "default";
    snapshot.families.front().pending_compaction_bytes = 7;  // of old statistics
    snapshot.levels = {{"default", 0, 4, 4000}};
    auto told = snapshot;
    fill_tables(seen, snapshot);
    QCOMPARE(snapshot.value(Metric::db_pending_compaction_bytes), 4000.0);
    QCOMPARE(snapshot.source(Metric::db_pending_compaction_bytes), Source::derived);
    QCOMPARE(snapshot.families.front().pending_compaction_bytes, 4000.0);
    QCOMPARE(snapshot.levels.front().debt_bytes, 4000.0);
    told.set(Metric::db_pending_compaction_bytes, 7);
    fill_tables(seen, told);
    QCOMPARE(told.value(Metric::db_pending_compaction_bytes), 7.0);
    QCOMPARE(told.source(Metric::db_pending_compaction_bytes), Source::logged);
    QCOMPARE(told.families.front().pending_compaction_bytes, 7.0);
    QCOMPARE(told.levels.front().debt_bytes, 4000.0);
    seen.options = nullptr;
    Snapshot unknown;
    fill_tables(seen, unknown);
    QVERIFY(std::isnan(unknown.value(Metric::db_pending_compaction_bytes)));
  }

  void what_the_library_could_not_open_and_what_nothing_names_is_told() {
    QCOMPARE(table_format_max("7.8.3"), 5);
    QCOMPARE(table_format_max("8.6.0"), 6);
    QCOMPARE(table_format_max("10.3.1"), 6);
    QCOMPARE(table_format_max("11.8.1"), 7);
    Observation seen;
    seen.listing = std::make_shared<DirectoryListing>();
    seen.manifest = std::make_shared<const Manifest>();
    TableFigures figures;
    figures.total.files = figures.total.read_files = 3;
    figures.total.format_version_files = {{5, 2}, {7, 1}};
    seen.table_figures = std::make_shared<const TableFigures>(figures);
    seen.orphans = Orphans{2, 3'000, {"000020.sst"}};
    NodeDescription described;
    add_table_facts(seen, Snapshot{}, described.facts);
    const auto format = fact(described, "SST format version");
    QVERIFY2(format.starts_with("5 in 2 files, 7 in 1 file"), format.c_str());
    const bool too_new = table_format_max(Database::library_version()) < 7;
    QCOMPARE(has(format, "could not open it"), too_new);
    const auto orphans = fact(described, "Files that nothing names");
    QVERIFY2(has(orphans, "000020.sst and 1 more"), orphans.c_str());
  }

  void blob_files_are_counted_with_their_garbage() {
    if (QStandardPaths::findExecutable("db_bench").isEmpty()) {
      QSKIP("db_bench (rocksdb-tools) is not installed");
    }
    const QTemporaryDir folder;
    const QString path = folder.filePath("db");
    QCOMPARE(QProcess::execute("db_bench", {"--db=" + path, "--benchmarks=fillrandom,flush",
                                            "--num=1000", "--value_size=400", "--threads=1",
                                            "--enable_blob_files=true", "--compression_type=none"}),
             0);
    auto node = open_node(path.toStdString());
    QVERIFY2(node.is_ok(), node.status().message().c_str());
    const auto blobs = fact((*node)->description(), "Live blob files");
    QVERIFY2(has(blobs, "KiB in 1 file, 0 B of it garbage"), blobs.c_str());
  }

  void families_that_differ_show_a_range_and_get_the_rules_that_can_look() {
    NEEDS_DATA();
    Opened world("besu-ehr-single");
    const auto path = world.path + "/database/OPTIONS-000060";
    auto text = read_bytes(path);
    const auto replace_last = [&text](std::string_view what, std::string_view with) {
      const auto at = text.rfind(what);
      if (at == std::string::npos) qFatal("no such option");
      text.replace(at, what.size(), with);
    };
    replace_last("write_buffer_size=67108864", "write_buffer_size=16777216");
    replace_last("compression=kLZ4Compression", "compression=kBZip2Compression");
    replace_last("bottommost_compression=kDisableCompressionOption",
                 "bottommost_compression=kZSTD");
    write_file(path, text);
    QVERIFY(world.open().is_ok());
    const auto knobs = world.node->knobs();
    QCOMPARE(knob(knobs, Knob::write_buffer_size).current_text, std::string("16 MiB to 64 MiB"));
    QVERIFY(!knob(knobs, Knob::write_buffer_size).current);
    const auto& compression = knob(knobs, Knob::compression).current_text;
    QVERIFY2(has(compression, "lz4") && has(compression, "kBZip2Compression"), compression.c_str());
    QVERIFY2(has(compression, "zstd on the last level"), compression.c_str());
    QCOMPARE(knob(knobs, Knob::max_background_jobs).current, std::optional<std::int64_t>(2));
    QVERIFY(world.node->recommendations().empty());
    const auto events = world.node->events(0, 1'000);
    QVERIFY(std::any_of(events.begin(), events.end(), [](const auto& event) {
      return has(event.text,
                 "some of the rules cannot look, as these are not known as one value: "
                 "write_buffer_size (16 MiB to 64 MiB), compression");
    }));
    const auto ticket = world.node->submit(TuneNow{});
    QVERIFY2(ticket.is_ok(), ticket.status().message().c_str());
  }

  void stalls_in_the_log_are_counted_and_told() {
    NEEDS_DATA();
    Opened world("besu-ehr-single");
    const QString log = data_root() + "/rocksdb-logs/generated/LOG.sample";  // by 7.8.3
    if (!QFile::exists(log)) QSKIP("the generated LOG is not present");
    const auto summary = summarise_logs({log.toStdString()});
    QVERIFY(summary.is_ok() && summary->stall_total() > 0);
    QDir directory(world.path + "/database");
    for (const auto& name : directory.entryList({"LOG*"}, QDir::Files)) directory.remove(name);
    QVERIFY(QFile::copy(log, directory.filePath("LOG")));
    QVERIFY(world.open().is_ok());

    const auto snapshot = world.node->snapshot();
    double counted = 0;
    for (const auto& condition : kStallConditions) counted += snapshot->value(condition.entered);
    QCOMPARE(counted, static_cast<double>(summary->stall_total()));
    QCOMPARE(snapshot->value(Metric::db_flushes_total),
             static_cast<double>(summary->flush_totals.count));
    QCOMPARE(snapshot->value(Metric::db_stall_seconds_total),
             summary->cumulative_stall_seconds.value_or(-1));
    QVERIFY(std::isnan(snapshot->rate(Metric::db_stall_seconds_total)));
    const auto events = world.node->events(0, 10'000);
    QCOMPARE(std::count_if(events.begin(), events.end(),
                           [](const auto& e) { return e.category == EventCategory::stall; }),
             static_cast<std::ptrdiff_t>(summary->stalls.size()));
    std::vector<TimePoint> times;
    for (const auto& event : events) {
      if (event.source == Source::logged) times.push_back(event.time);
    }
    QVERIFY(times.size() > 10 && std::is_sorted(times.begin(), times.end()));
    QVERIFY(events.size() <= 2'000);
    const auto& history = world.node->history();
    double stalled = 0;
    for (const auto& point :
         history.range(Metric::db_stall_seconds_total, *summary->first_time - std::chrono::hours(1),
                       *summary->last_time + std::chrono::hours(1), 100'000)) {
      stalled += point.sum;
    }
    QVERIFY(std::abs(stalled - summary->interval_stall_seconds.value_or(-1)) < 0.01);
    // What was done before anybody looked is in the charts, too.
    const auto text = read_bytes(log);
    const auto near = [](double one, double other) { return std::abs(one - other) < 1e-6 * other; };
    QVERIFY(near(gained(*world.node, Metric::db_flushes_total),
                 static_cast<double>(count_of(text, "\"event\": \"flush_finished\""))));
    QVERIFY(near(gained(*world.node, Metric::db_compaction_write_bytes_total),
                 static_cast<double>(summary->compaction_totals.output_bytes)));
    double entered = 0;
    for (const auto& condition : kStallConditions) {
      entered += gained(*world.node, condition.entered);
    }
    QVERIFY(near(entered, static_cast<double>(count_of(text, "writes because"))));
  }

  void the_past_of_large_logs_comes_once_they_are_read() {
    NEEDS_DATA();
    Opened world("besu-ehr-single");
    const QString log = data_root() + "/rocksdb-logs/generated/LOG.sample";
    if (!QFile::exists(log)) QSKIP("the generated LOG is not present");
    const QDir directory(world.path + "/database");
    for (const auto& name : directory.entryList({"LOG*"}, QDir::Files)) {
      QFile::remove(directory.filePath(name));
    }
    QVERIFY(QFile::copy(log, directory.filePath("LOG")));
    const auto bytes = QFileInfo(log).size();
    const auto files = (18 << 20) / bytes + 1;  // more than is read at once
    for (int i = 1; i < files; ++i) {
      QVERIFY(QFile::copy(log, directory.filePath(QString("LOG.old.%1").arg(1'700'000'000 + i))));
    }
    QVERIFY(world.open().is_ok());
    const auto flushes = count_of(read_bytes(log), "\"event\": \"flush_finished\"");
    const auto expected = static_cast<double>(files) * static_cast<double>(flushes);
    QTRY_VERIFY_WITH_TIMEOUT(gained(*world.node, Metric::db_flushes_total) > 0, kWaitMilliseconds);
    const auto seen = gained(*world.node, Metric::db_flushes_total);
    QVERIFY2(std::abs(seen - expected) < 1e-6 * expected,
             qPrintable(QString("%1 of %2").arg(seen).arg(expected)));
  }

  void a_log_kept_elsewhere_is_followed_there() {
    NEEDS_DATA();
    Opened world("besu-ehr-ibft2-v1");
    QDir database(world.path + "/database");
    const auto logs = world.path + "/logs of many";
    QVERIFY(QDir().mkpath(logs));
    const auto prefix = info_log_prefix(database.path().toStdString());
    for (const auto& name : database.entryList({"LOG*"}, QDir::Files)) {
      const auto moved = logs + "/" + QString::fromStdString(prefix) + name;
      QVERIFY(QFile::rename(database.filePath(name), moved));
    }
    write_file(logs + "/another_LOG", "2024/05/01-12:00:00.000000 7f [ERROR] not ours\n");
    for (const auto& name : database.entryList({"OPTIONS-*"}, QDir::Files)) {
      auto text = read_bytes(database.filePath(name));
      const std::string section = "[DBOptions]\n";
      const auto at = text.find(section);
      QVERIFY(at != std::string::npos);
      text.insert(at + section.size(), "  db_log_dir=" + logs.toStdString() + "\n");
      write_file(database.filePath(name), text);
    }
    QVERIFY(world.open().is_ok());
    const auto described = world.node->description();
    QCOMPARE(fact(described, "Compactions"), std::string("2, 10.1 KiB read, 2.61 KiB written"));
    QVERIFY(has(fact(described, "Errors"), "0 error lines"));
    QCOMPARE(described.zone, std::string("UTC+05:30"));
    QVERIFY2(has(fact(described, "LOG lies in"), "logs of many"), "the place is not told");

    // A restart with another setting.
    const auto others = world.path + "/other logs";
    QVERIFY(QDir().mkpath(others));
    write_file(others + "/" + QString::fromStdString(prefix) + "LOG",
               "2024/05/01-12:00:00.000000 7f [ERROR] [db/db_impl.cc:1] moved with the LOG\n"
               "2024/05/01-12:00:01.000000 7f [db/db_impl.cc:1] and goes on\n");
    const auto newest = database.entryList({"OPTIONS-*"}, QDir::Files, QDir::Name).last();
    auto text = read_bytes(database.filePath(newest));
    const auto at = text.find(logs.toStdString());
    QVERIFY(at != std::string::npos);
    text.replace(at, logs.toStdString().size(), others.toStdString());
    write_file(database.path() + "/OPTIONS-099999", text);
    QTRY_VERIFY_WITH_TIMEOUT(has(fact(world.node->description(), "LOG lies in"), "other logs"),
                             kWaitMilliseconds);
    QTRY_VERIFY_WITH_TIMEOUT(has(fact(world.node->description(), "Errors"), "1 error lines"),
                             kWaitMilliseconds);
  }

  void a_damaged_directory_opens_and_says_so() {
    NEEDS_DATA();
    Opened world("besu-2019-v1");
    QVERIFY(world.open().is_ok());
    const auto described = world.node->description();
    QVERIFY(has(fact(described, "Problem"), "000030.sst"));
    const auto health = assess_health(*world.node->snapshot(), world.node->history());
    QCOMPARE(health.level, HealthLevel::bad);
    QVERIFY2(has(health.sentence, "000030.sst is damaged"), health.sentence.c_str());
    const auto events = world.node->events(0, 100);
    QVERIFY(std::any_of(events.begin(), events.end(), [](const auto& event) {
      return event.severity == Severity::error && has(event.text, "000030.sst");
    }));
  }

  void a_cut_manifest_leaves_the_rest_readable() {
    NEEDS_DATA();
    Opened world("besu-ehr-single");
    const auto manifest = world.path + "/database/MANIFEST-000058";
    auto bytes = read_bytes(manifest);
    bytes[bytes.size() / 3] = static_cast<char>(bytes[bytes.size() / 3] + 1);
    write_file(manifest, bytes);
    QVERIFY(world.open().is_ok());
    const auto described = world.node->description();
    QVERIFY2(has(fact(described, "Problem"), "MANIFEST-000058"), "its problem is not told");
    const auto health = assess_health(*world.node->snapshot(), world.node->history());
    QVERIFY2(has(health.sentence, "MANIFEST-000058"), health.sentence.c_str());
    QCOMPARE(described.client, std::string("Besu"));
    QCOMPARE(world.node->snapshot()->value(Metric::db_sst_files), 9.0);
  }

  void what_is_no_rocksdb_is_refused_with_its_name() {
    QTemporaryDir root;
    write_file(root.path() + "/chaindata/OPTIONS-000003", "[Version]\n  pebble_version=0.1\n");
    const auto pebble = open_node((root.path() + "/chaindata").toStdString());
    QCOMPARE(pebble.status().code(), StatusCode::other_engine);
    QVERIFY2(has(pebble.status().message(), "Pebble"), pebble.status().message().c_str());
    const auto nothing = open_node((root.path() + "/nothing").toStdString());
    QCOMPARE(nothing.status().code(), StatusCode::not_found);
    QVERIFY(QDir(root.path()).mkdir("empty"));
    const auto empty = open_node((root.path() + "/empty").toStdString());
    QCOMPARE(empty.status().code(), StatusCode::not_a_database);
    QVERIFY(QDir(root.path() + "/empty").isEmpty());
  }

  void nothing_can_be_changed_from_outside() {
    NEEDS_DATA();
    Opened world("besu-2020-v1-full");
    QVERIFY(world.open().is_ok());
    for (const Command& command :
         {Command(SetKnob{}), Command(ControlWorkload{}), Command(ResizeCache{}),
          Command(RetryCommit{}), Command(UndoChange{})}) {
      const auto ticket = world.node->submit(command);
      QCOMPARE(ticket.status().code(), StatusCode::failed);
      QVERIFY(has(ticket.status().message(), "observed"));
    }
  }

  void the_rules_run_and_their_log_lies_in_the_state_folder() {
    NEEDS_DATA();
    Opened world("besu-ehr-single");
    const auto before = marks_of(world.path);
    QVERIFY(world.open().is_ok());
    const auto first = world.node->snapshot()->sequence;
    QTRY_VERIFY_WITH_TIMEOUT(world.node->snapshot()->sequence > first + 1, kWaitMilliseconds);
    const auto ticket = world.node->submit(TuneNow{});
    QVERIFY2(ticket.is_ok(), ticket.status().message().c_str());
    QTRY_VERIFY_WITH_TIMEOUT(!world.node->outcomes(*ticket - 1).empty(), kWaitMilliseconds);
    const auto outcome = world.node->outcomes(*ticket - 1).front();
    QVERIFY2(outcome.status.is_ok(), outcome.text.c_str());
    const auto unknown = world.node->submit(DecideRecommendation{.id = 4711});
    QTRY_VERIFY_WITH_TIMEOUT(!world.node->outcomes(*unknown - 1).empty(), kWaitMilliseconds);
    QVERIFY(!world.node->outcomes(*unknown - 1).front().status.is_ok());
    QVERIFY(!QDir(state_.path() + "/nodetune").isEmpty());
    // A second window on the same directory watches, and leaves the recommendations to the first.
    auto second = open_observed(world.path.toStdString(), "r", fast_clock());
    QVERIFY(second.is_ok());
    const auto events = (*second)->events(0, 1'000);
    QVERIFY(std::any_of(events.begin(), events.end(),
                        [](const auto& event) { return has(event.text, "another NodeTune"); }));
    QVERIFY(!(*second)->submit(TuneNow{}).is_ok());
    QCOMPARE(difference(before, marks_of(world.path)), std::string());
  }

  void opening_and_closing_leaves_nothing_behind() {
    NEEDS_DATA();
    Opened world("besu-2019-v1-single-run");
    const auto descriptors = [] {
      return QDir("/proc/self/fd").entryList(QDir::AllEntries | QDir::System).size();
    };
    QVERIFY(world.open().is_ok());
    world.node.reset();
    const auto before = descriptors();
    for (int i = 0; i < 50; ++i) {
      QVERIFY(world.open().is_ok());
      QVERIFY(i % 2 == 0 || world.node->close().is_ok());
      world.node.reset();
    }
    QCOMPARE(descriptors(), before);
  }

 private:
  QTemporaryDir state_;
};

QTEST_GUILESS_MAIN(ObservedNodeTest)
#include "observed_node_test.moc"
