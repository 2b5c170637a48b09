// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The disk breaks under a commit, on each path and with each durability: commits stop and say what
// is pending and why, nothing that was acknowledged is lost, nothing half is seen, and once the
// disk is mended a retry brings it all in, once.
#include <fmt/format.h>

#include <QtTest>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <thread>

#include "engine/batch/batch_processor.h"
#include "tests/engine/batch/commits.h"
#include "tests/engine/store/faulty_file_system.h"

using namespace nodetune;
using namespace nodetune::testing;

#define VERIFY_OK(expression)                                                 \
  do {                                                                        \
    const Status outcome = (expression);                                      \
    QVERIFY2(outcome, qPrintable(QString::fromStdString(outcome.message()))); \
  } while (false)

namespace {

struct Case {
  WritePath path;
  Durability durability;
  Fault fault;
  const char* files;  // whose name contains this; "" is all
};

std::string_view name_of(Fault fault) {
  switch (fault) {
    case Fault::none:
      return "nothing";
    case Fault::no_space:
      return "no space";
    case Fault::io_error:
      return "I/O error";
    case Fault::torn_write:
      return "torn write";
    case Fault::failed_sync:
      return "failed sync";
    case Fault::slow_sync:
      return "slow sync";
  }
  return "";
}

constexpr std::array kFaults = {Fault::no_space, Fault::io_error, Fault::torn_write,
                                Fault::failed_sync, Fault::slow_sync};

// The files that each path writes; without a log a commit writes none, until it is flushed.
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const auto fault : kFaults) {
    const bool of_sync = fault == Fault::failed_sync || fault == Fault::slow_sync;
    // RocksDB sleeps for a second after each failed flush: few of these.
    const bool of_table = fault == Fault::no_space || fault == Fault::torn_write;
    const auto unlogged = of_table ? WritePath::sorted : WritePath::as_given;
    all.push_back({unlogged, Durability::none, fault, of_table ? ".sst" : "MANIFEST"});
    for (const auto path : {WritePath::as_given, WritePath::sorted}) {
      if (!of_sync) all.push_back({path, Durability::log, fault, ".log"});
      all.push_back({path, Durability::log_and_fsync, fault, ".log"});
      all.push_back({path, Durability::log_and_fsync, fault, ""});
    }
    for (const auto* const files : {"/ingest/", ".sst", "MANIFEST"}) {
      all.push_back({WritePath::ingested, Durability::log, fault, files});
    }
    all.push_back({WritePath::ingested, Durability::none, fault, ""});
  }
  return all;
}

BatchConfig one_commit_a_flush(WritePath path, Durability durability) {
  BatchConfig config;
  config.size_mode = BatchSizeMode::fixed;
  config.max_batch_age = std::chrono::hours(1);
  config.path = path;
  config.durability = durability;
  return config;
}

// A database on a disk that can break, its processor, and what it must hold.
class World {
 public:
  World(std::string path, std::uint64_t seed) : path_(std::move(path)), commits(seed) {
    config_.create_if_missing = true;
    config_.file_system = files;
    database = must_open(path_, config_);
  }

  void start(WritePath path, Durability durability) {
    batches = std::make_unique<BatchProcessor>(*database, one_commit_a_flush(path, durability),
                                               SystemClock::instance());
    if (const auto started = batches->start(); !started) qFatal("%s", started.message().c_str());
  }
  // The next commit of the model.
  Status commit() {
    for (auto& group : commits.next_groups()) {
      if (const auto submitted = batches->submit(std::move(group)); !submitted) {
        return submitted.status();
      }
    }
    return batches->flush();
  }
  // Every state but the two around the commit that failed is wrong.
  bool is_whole() {
    const auto found = commits.find(contents(*database));
    return found != Commits::kNowhere && found + 1 >= commits.count();
  }
  bool equals_model() { return contents(*database) == commits.state(commits.count()); }

  // What another process would find after a crash, by the number of the state.
  std::size_t after_crash(Crash crash, const std::string& image) {
    files->take_image(path_, image, crash, commits.count());
    const auto found = commits.find(contents(*must_open(image, {})));
    std::filesystem::remove_all(image);
    return found;
  }
  void close() {
    batches.reset();
    database.reset();
  }
  void reopen() {
    close();
    database = must_open(path_, config_);
  }

  const std::shared_ptr<FaultyFileSystem> files = std::make_shared<FaultyFileSystem>();

 private:
  const std::string path_;
  DatabaseConfig config_;

 public:
  Commits commits;
  std::unique_ptr<Database> database;
  std::unique_ptr<BatchProcessor> batches;
};

}  // namespace

class PathFaultTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_{scratch_template()};
  int paths_ = 0;
  std::string new_path() { return folder_.filePath(QString::number(++paths_)).toStdString(); }

 private slots:
  void a_fault_stops_commits_loses_nothing_and_a_retry_applies_once_data() {
    QTest::addColumn<int>("index");
    int index = 0;
    for (const auto& row : cases()) {
      const auto name =
          fmt::format("{} {}: {} on {}", to_string(row.path), to_string(row.durability),
                      name_of(row.fault), *row.files == '\0' ? "all files" : row.files);
      QTest::newRow(name.c_str()) << index++;
    }
  }

  void a_fault_stops_commits_loses_nothing_and_a_retry_applies_once() {
    QFETCH(int, index);
    const auto row = cases()[static_cast<std::size_t>(index)];
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    World world(new_path(), seed);
    world.start(row.path, row.durability);
    for (int i = 0; i < 3; ++i) VERIFY_OK(world.commit());

    world.files->break_files(row.fault, row.files);
    auto failed = world.commit();
    if (failed && row.durability == Durability::none) {  // it is in memory alone
      failed = world.database->flush();
      if (!failed) {
        QVERIFY(!world.database->background_error());
        QVERIFY2(!world.commit(), "memory cannot be flushed, and commits go on");
      }
    }
    if (row.fault == Fault::slow_sync) {
      VERIFY_OK(failed);
      QVERIFY(world.equals_model());
    } else {
      QVERIFY2(world.files->hits() > 0, "the fault did not strike");
      QVERIFY2(!failed, "the disk is broken, and the commit succeeds");
      check_stopped(world, row);
      if (QTest::currentTestFailed()) return;
    }
    world.files->mend();
    VERIFY_OK(world.batches->retry());
    check_going_on(world);
  }

  // The fault strikes anywhere: under a commit, a flush, a compaction, a retry.
  void faults_at_random_moments_lose_nothing() {
    constexpr int kSeeds = 3;
    const auto first_seed = std::random_device{}();
    qInfo("seeds from %u", first_seed);
    int strikes = 0;
    for (std::uint64_t seed = first_seed; seed < first_seed + std::uint64_t{kSeeds}; ++seed) {
      qInfo("seed %llu", static_cast<unsigned long long>(seed));
      run_random(seed, &strikes);
      if (QTest::currentTestFailed()) return;
    }
    qInfo("%d commits failed", strikes);
    QVERIFY2(strikes > 0, "no fault came in time");
  }

  void a_commit_may_be_retried_on_another_path() {
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    World world(new_path(), seed);
    for (const auto first : kWritePaths) {
      for (const auto second : kWritePaths) {
        auto commit = world.commits.next();
        world.files->break_files(Fault::no_space, "");
        QVERIFY(!commit.apply(*world.database, {first, Durability::log}));
        world.files->mend();
        VERIFY_OK(commit.apply(*world.database, {second, Durability::log}));
        QVERIFY(world.equals_model());
      }
    }
  }

  // Reads, scans and figures while the database is closed and opened under them.
  void readers_go_on_while_the_database_is_mended() {
    World world(new_path(), std::random_device{}());
    world.start(WritePath::sorted, Durability::log);
    VERIFY_OK(world.commit());
    std::atomic<bool> stop{false};
    std::atomic<int> wrong{0};
    std::vector<std::jthread> readers;
    for (int i = 0; i < 2; ++i) {
      readers.emplace_back([&] {
        while (!stop.load()) {
          const std::array keys = {ReadKey{Family::own, kCommitSequenceKey},
                                   ReadKey{Family::accounts, "a"}};
          const auto values = world.database->multi_get(keys);
          if (!values || !values->front()) ++wrong;
          if (!world.database->get(Family::storage, "ab")) ++wrong;
          if (!try_contents(*world.database)) ++wrong;
          Snapshot snapshot;
          world.database->fill(snapshot);
          if (!world.database->knobs()) ++wrong;
          std::this_thread::yield();
        }
      });
    }
    for (const auto fault : {Fault::io_error, Fault::torn_write, Fault::no_space}) {
      world.files->break_files(fault, ".log");
      QVERIFY(!world.commit());
      world.files->mend();
      VERIFY_OK(world.batches->retry());
    }
    stop = true;
    readers.clear();
    QCOMPARE(wrong.load(), 0);
    QVERIFY(world.equals_model());
  }

  // The disk seems to work again, and breaks while the database is opened.
  void a_database_that_does_not_open_again_says_so_and_a_later_retry_opens_it() {
    World world(new_path(), std::random_device{}());
    world.start(WritePath::sorted, Durability::log);
    VERIFY_OK(world.commit());
    world.files->break_files(Fault::torn_write, ".log");
    QVERIFY(!world.commit());
    world.files->break_files(Fault::io_error, "MANIFEST");
    const auto closed = world.batches->retry();
    QVERIFY2(closed.message().find("does not open yet") != std::string::npos,
             closed.message().c_str());
    QVERIFY(world.batches->figures().failing);
    QCOMPARE(world.database->get(Family::own, kCommitSequenceKey).status().code(),
             StatusCode::io_error);
    Snapshot snapshot;
    world.database->fill(snapshot);
    QVERIFY(!world.database->knobs());
    world.files->mend();
    VERIFY_OK(world.batches->retry());
    check_going_on(world);
  }

  void files_that_were_never_ingested_are_removed_at_open() {
    const auto path = new_path();
    DatabaseConfig config;
    config.create_if_missing = true;
    must_open(path, config);
    const auto ingest = QString::fromStdString(path + "/ingest");
    QVERIFY(QDir().mkpath(ingest));
    QFile file(ingest + "/7-accounts.sst");
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("half a table") > 0);
    file.close();
    must_open(path, {});
    QVERIFY(!file.exists());
  }

 private:
  // Commits have stopped, with the last one kept.
  void check_stopped(World& world, const Case& row) {
    const auto figures = world.batches->figures();
    QVERIFY(figures.failing);
    QCOMPARE(figures.failure_code,
             row.fault == Fault::no_space ? StatusCode::no_space : StatusCode::io_error);
    const auto says = [&](std::string_view words) {
      QVERIFY2(figures.failure.find(words) != std::string::npos, figures.failure.c_str());
    };
    says("group");
    says("is kept");
    says("retry");
    says(world.database->path());
    QVERIFY(!world.batches->submit({}));  // nothing more is taken
    QVERIFY(world.is_whole());
    const int retries = row.durability == Durability::none && row.fault != Fault::no_space ? 1 : 2;
    for (int again = 0; again < retries; ++again) {
      world.files->break_files(row.fault, row.files);
      const auto retried = world.batches->retry();
      QVERIFY2(!retried || world.files->hits() == 0, "the disk is broken, and a retry succeeds");
      if (retried) break;
      if (try_contents(*world.database)) QVERIFY(world.is_whole());
    }
    const auto durable =
        row.durability == Durability::log_and_fsync || row.path == WritePath::ingested;
    const auto now = world.commits.count();
    for (const auto crash : {Crash::killed, Crash::power_failure}) {
      const auto found = world.after_crash(crash, new_path());
      QVERIFY2(found != Commits::kNowhere, "a part of a commit is there after a crash");
      const bool survives =
          durable || (row.durability == Durability::log && crash == Crash::killed);
      if (survives) QVERIFY2(found + 1 >= now, "an acknowledged commit is gone");
    }
  }

  // As if nothing had been, on every path, and after a reopen.
  void check_going_on(World& world) {
    QVERIFY(!world.batches->figures().failing);
    QCOMPARE(world.batches->figures().pending_operations, std::uint64_t{0});
    QVERIFY(world.database->background_error());
    QVERIFY(world.equals_model());
    for (int i = 0; i < 2; ++i) VERIFY_OK(world.commit());
    VERIFY_OK(world.batches->stop());
    for (const auto path : kWritePaths) {
      for (const auto durability : kDurabilities) {
        VERIFY_OK(world.commits.next().apply(*world.database, {path, durability}));
      }
    }
    QVERIFY(world.equals_model());
    world.reopen();
    QVERIFY(world.equals_model());
  }

  // The number of the state that the directory then is in.
  static std::size_t end_and_begin_again(World& world, std::size_t promised) {
    world.close();
    world.files->before_change(0, {});
    world.files->mend();
    world.reopen();
    const auto found = world.commits.find(contents(*world.database));
    if (found == Commits::kNowhere) {
      QTest::qFail("a part of a commit is there", __FILE__, __LINE__);
      return 0;
    }
    const auto story =
        fmt::format("state {} of {}, {} was promised", found, world.commits.count(), promised);
    if (found < promised) QTest::qFail(story.c_str(), __FILE__, __LINE__);
    world.commits.go_back_to(found);
    return found;
  }

  void run_random(std::uint64_t seed, int* strikes) {
    World world(new_path(), seed);
    auto& random = world.commits.random;
    const auto pick = [&](const auto& all) {
      return all[static_cast<std::size_t>(random.number(static_cast<int>(all.size())))];
    };
    static constexpr std::array kParts = {"", ".log", ".sst", "MANIFEST", "CURRENT", "/ingest/"};
    std::size_t promised = 0;  // this state or a later one survives the end of the program
    for (int round = 0; round < 6; ++round) {
      const auto path = pick(kWritePaths);
      const auto durability = pick(kDurabilities);
      const bool lasting = durability != Durability::none || path == WritePath::ingested;
      world.start(path, durability);
      const auto fault = pick(kFaults);
      const auto* const part = pick(kParts);
      // Not from inside the change: whoever takes the next step on the disk meets it.
      world.files->before_change(1 + random.number(60), [files = world.files.get(), fault, part] {
        files->break_files(fault, part);
      });
      Status failed;
      for (int i = 0; i < 4 && failed; ++i) {
        failed = world.commit();
        if (failed && lasting) promised = world.commits.count();
        if (!failed || random.number(3) != 0) continue;
        failed = world.database->flush();
        if (failed) promised = world.commits.count();
      }
      // A flush may have failed where no commit was: then the next one is refused and kept.
      if (!failed && !world.batches->figures().failing) failed = world.commit();
      for (int again = random.number(4); !failed && again > 0; --again) {
        failed = world.batches->retry();
      }
      if (!failed) ++*strikes;
      if (try_contents(*world.database)) QVERIFY(world.is_whole());
      if (!failed && random.number(3) == 0) {  // the program ends with the disk as it is
        promised = end_and_begin_again(world, promised);
        if (QTest::currentTestFailed()) return;
        continue;
      }
      world.files->before_change(0, {});
      world.files->mend();
      const auto mended = world.batches->retry();
      if (mended.code() == StatusCode::busy) {  // as Database::resume() says: not one in a hundred
        qInfo("%s", mended.message().c_str());
        promised = end_and_begin_again(world, promised);
        if (QTest::currentTestFailed()) return;
        continue;
      }
      VERIFY_OK(mended);
      VERIFY_OK(world.database->resume());
      QVERIFY(world.equals_model());
      VERIFY_OK(world.commit());
      if (lasting) promised = world.commits.count();
      VERIFY_OK(world.batches->stop());
      QVERIFY(world.equals_model());
      world.batches.reset();
      if (random.number(2) == 0) world.reopen();
      QVERIFY(world.equals_model());
    }
  }
};

QTEST_APPLESS_MAIN(PathFaultTest)
#include "path_fault_test.moc"
