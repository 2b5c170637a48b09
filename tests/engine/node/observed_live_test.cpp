// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Observed nodes whose program runs: this one, started once more as a writer.
#include <unistd.h>

#include <QCoreApplication>
#include <QDir>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "engine/node/observed_node.h"
#include "engine/node/observed_scrape.h"
#include "engine/node/open_node.h"
#include "engine/store/database.h"
#include "engine/store/node_file.h"
#include "tests/engine/node/observed_world.h"
#include "tests/engine/observe/tiny_server.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

// A program of its own that holds a database and writes to it until its input ends. `foreign`: it
// takes NODETUNE.json away, so that the directory is nobody's we know. `trigger`: of level 0.
int write_until_told(const std::string& path, bool foreign, const char* trigger) {
  const auto marker = path + "/NODETUNE.json";
  const auto kept = path + ".marker";  // where it lies until the next start
  if (foreign) std::rename(kept.c_str(), marker.c_str());
  DatabaseConfig config;
  config.create_if_missing = true;
  config.knobs[Knob::write_buffer_size] = 1 << 20;
  if (trigger != nullptr) {  // the file's knobs win over those of who opens it
    auto file = read_node_file(path);
    if (!file) return 7;
    file->knobs[Knob::level0_file_num_compaction_trigger] = std::atoi(trigger);
    if (!write_node_file(path, *file)) return 7;
  }
  auto database = Database::open(path, config, SystemClock::instance());
  if (!database) return 3;
  if (foreign && std::rename(marker.c_str(), kept.c_str()) != 0) return 4;
  std::puts("ready");
  std::fflush(stdout);
  const std::string value(4096, 'v');
  for (std::uint64_t number = 0;; ++number) {
    std::vector<WriteOperation> batch;
    for (int i = 0; i < 16; ++i) {
      batch.push_back(WriteOperation::put(
          Family::accounts, std::to_string(number * 7919 % 100'000) + "." + std::to_string(i),
          value));
    }
    if (!(*database)->write(batch, Durability::log)) return 5;
    ::usleep(2'000);
    if (::getppid() == 1) return 6;  // whoever started this is gone
    fd_set input;
    FD_ZERO(&input);
    FD_SET(0, &input);
    timeval none{};
    if (::select(1, &input, nullptr, nullptr, &none) > 0) return 0;
  }
}

class Writer {
 public:
  Writer(const QString& path, const char* mode, const QStringList& more = {}) {
    process_.setProcessChannelMode(QProcess::ForwardedErrorChannel);  // a sanitizer's report
    process_.start(QCoreApplication::applicationFilePath(), QStringList{mode, path} + more);
    ready_ = process_.waitForReadyRead(kWaitMilliseconds);
  }
  bool ready() const { return ready_; }
  qint64 pid() const { return process_.processId(); }
  int stop() {
    process_.write("x");
    process_.closeWriteChannel();
    return process_.waitForFinished(kWaitMilliseconds) ? process_.exitCode() : -1;
  }

 private:
  QProcess process_;
  bool ready_ = false;
};

}  // namespace

class ObservedLiveTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    QVERIFY(state_.isValid());
    qputenv("XDG_STATE_HOME", state_.path().toUtf8());
  }

  void metrics_that_a_node_serves_tell_of_its_block_cache() {
    QTemporaryDir root;
    const QString path = root.path() + "/db";
    QVERIFY(QDir().mkpath(path));
    Writer writer(path, "--write-foreign");
    QVERIFY(writer.ready());
    TinyServer server(
        http_answer("node_rocksdb_block_cache_hit 90\nnode_rocksdb_block_cache_miss 10\n"
                    "node_rocksdb_flush_write_bytes 1\nnode_peers 25\n"));
    OpenOptions options;
    options.metrics_url = fmt::format("127.0.0.1:{}", server.port());
    auto opened = open_node(path.toStdString(), options, fast_clock());
    QVERIFY2(opened.is_ok(), opened.status().message().c_str());
    auto& node = **opened;
    const auto hits = [&] { return node.snapshot()->value(Metric::db_block_cache_hits_total); };
    QTRY_COMPARE_WITH_TIMEOUT(hits(), 90.0, kWaitMilliseconds);
    auto snapshot = node.snapshot();
    QCOMPARE(snapshot->source(Metric::db_block_cache_hits_total), Source::scraped);
    QVERIFY(std::isnan(snapshot->rate(Metric::db_block_cache_hits_total)));  // one answer alone
    // Counters that come out of the LOG as they happen do not change their source.
    QVERIFY(snapshot->source(Metric::db_flush_bytes_total) != Source::scraped);
    QTRY_VERIFY_WITH_TIMEOUT(has(fact(node.description(), kMetricsFact), "4 series, 3 of RocksDB"),
                             kWaitMilliseconds);
    QVERIFY(has(fact(node.description(), kMetricsFact), server.url()));
    server.set_answer(
        http_answer("node_rocksdb_block_cache_hit 390\nnode_rocksdb_block_cache_miss 110\n"));
    const auto rate = [&] { return node.snapshot()->rate(Metric::db_block_cache_hits_total); };
    QTRY_VERIFY_WITH_TIMEOUT(rate() > 0, kWaitMilliseconds);
    snapshot = node.snapshot();
    QCOMPARE(std::round(snapshot->rate(Metric::db_block_cache_hits_total) /
                        snapshot->rate(Metric::db_block_cache_misses_total)),
             3.0);
    server.set_answer(http_answer("", "503 Busy"));
    QTRY_VERIFY_WITH_TIMEOUT(std::isnan(hits()), kWaitMilliseconds);
    QTRY_VERIFY_WITH_TIMEOUT(has(fact(node.description(), kMetricsFact), "answers 503"),
                             kWaitMilliseconds);
    QCOMPARE(writer.stop(), 0);
    QTRY_VERIFY_WITH_TIMEOUT(!node.description().locked_by, kWaitMilliseconds);
    QVERIFY(node.close().is_ok());
    options.metrics_url = "file:///etc/passwd";
    QCOMPARE(open_node(path.toStdString(), options, fast_clock()).status().code(),
             StatusCode::invalid_argument);
  }

  void a_live_foreign_writer_is_followed_and_not_disturbed() {
    QTemporaryDir root;
    const QString path = root.path() + "/db";
    QVERIFY(QDir().mkpath(path));
    Writer writer(path, "--write-foreign");
    QVERIFY(writer.ready());
    auto opened = open_node(path.toStdString(), {}, fast_clock());
    QVERIFY2(opened.is_ok(), opened.status().message().c_str());
    auto& node = **opened;
    const auto described = node.description();
    QCOMPARE(described.way, OpenWay::observed);
    QVERIFY(described.locked_by.has_value());
    QCOMPARE(static_cast<qint64>(described.locked_by->pid), writer.pid());
    QCOMPARE(described.client, std::string());
    QVERIFY(std::count(described.column_families.begin(), described.column_families.end(),
                       "accounts") == 1);
    QVERIFY2(has(fact(described, "Node's process"), "open files"), "its limits are not told");
    const auto flushes = [&] { return node.snapshot()->value(Metric::db_flushes_total); };
    const double before = flushes();
    QTRY_VERIFY_WITH_TIMEOUT(flushes() > before + 2, kWaitMilliseconds);
    QTRY_VERIFY_WITH_TIMEOUT(node.snapshot()->value(Metric::db_sst_bytes) > 0, kWaitMilliseconds);
    QTRY_VERIFY_WITH_TIMEOUT(node.snapshot()->value(Metric::process_resident_bytes) > 0,
                             kWaitMilliseconds);
    const auto events = node.events(0, 10'000);
    QVERIFY(std::any_of(events.begin(), events.end(), [](const auto& event) {
      return event.category == EventCategory::flush && event.family == "accounts";
    }));
    QCOMPARE(writer.stop(), 0);  // it never failed to write
    QTRY_VERIFY_WITH_TIMEOUT(!node.description().locked_by, kWaitMilliseconds);
    QTRY_VERIFY_WITH_TIMEOUT(std::isnan(node.snapshot()->value(Metric::process_resident_bytes)),
                             kWaitMilliseconds);
  }

  void a_change_is_followed_through_the_nodes_restart() {
    QTemporaryDir root;
    const QString path = root.path() + "/db";
    QVERIFY(QDir().mkpath(path));
    TunerConfig tuner;
    tuner.rules.l0_files_per_trigger_max = 0;  // any file is too many
    tuner.interval = std::chrono::seconds(10);
    auto first = std::make_unique<Writer>(path, "--write-foreign");
    QVERIFY(first->ready());
    auto opened = open_observed(path.toStdString(), "r", fast_clock(), tuner);
    QVERIFY2(opened.is_ok(), opened.status().message().c_str());
    auto& node = **opened;
    const auto trigger = [&node]() -> Recommendation {
      for (const auto& item : node.recommendations()) {
        if (item.proposal.target.is_knob(Knob::level0_file_num_compaction_trigger)) return item;
      }
      return {};
    };
    const auto stage = [&] { return trigger().follow_up.value_or(FollowUp{}).stage; };
    QTRY_VERIFY_WITH_TIMEOUT(trigger().id != 0, kWaitMilliseconds);
    const auto wanted = std::to_string(trigger().proposal.proposed);
    QCOMPARE(trigger().line, "level0_file_num_compaction_trigger=" + wanted);
    QVERIFY(node.submit(FollowRecommendation{trigger().id}).is_ok());
    QTRY_COMPARE_WITH_TIMEOUT(stage(), FollowUp::Stage::awaiting_restart, kWaitMilliseconds);
    QVERIFY2(has(node.description().restart_price, "last open took"),
             node.description().restart_price.c_str());

    QCOMPARE(first->stop(), 0);
    first = std::make_unique<Writer>(path, "--write-foreign");  // not set: nothing has changed
    QVERIFY(first->ready());
    QTRY_COMPARE_WITH_TIMEOUT(stage(), FollowUp::Stage::not_in_force, kWaitMilliseconds);
    QCOMPARE(first->stop(), 0);
    first = std::make_unique<Writer>(path, "--write-foreign",
                                     QStringList{QString::fromStdString(wanted)});
    QVERIFY(first->ready());
    QTRY_COMPARE_WITH_TIMEOUT(stage(), FollowUp::Stage::in_force, kWaitMilliseconds);
    QCOMPARE(trigger().state, RecommendationState::applied);
    const auto events = node.events(0, 10'000);
    QVERIFY(std::any_of(events.begin(), events.end(), [](const auto& event) {
      return has(event.text, "not in force: the node was opened at");
    }));
    QCOMPARE(first->stop(), 0);
  }

  void a_managed_directory_in_use_opens_as_observed() {
    QTemporaryDir root;
    const QString path = root.path() + "/bench";
    Writer writer(path, "--write");
    QVERIFY(writer.ready());
    auto opened = open_node(path.toStdString(), {}, fast_clock());
    QVERIFY2(opened.is_ok(), opened.status().message().c_str());
    const auto described = (*opened)->description();
    QCOMPARE(described.way, OpenWay::observed);
    QCOMPARE(described.kind, std::string("managed"));
    QCOMPARE(described.client, std::string("NodeTune test bench"));
    QVERIFY2(has(described.reason, "in use by"), described.reason.c_str());
    QVERIFY(has(described.reason, std::to_string(writer.pid())));
    opened->reset();
    QCOMPARE(writer.stop(), 0);
  }

 private:
  QTemporaryDir state_;
};

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--write") {
    return write_until_told(argv[2], false, nullptr);
  }
  if (argc >= 3 && std::string_view(argv[1]) == "--write-foreign") {
    return write_until_told(argv[2], true, argc > 3 ? argv[3] : nullptr);
  }
  QCoreApplication application(argc, argv);
  ObservedLiveTest test;
  return QTest::qExec(&test, argc, argv);
}
#include "observed_live_test.moc"
