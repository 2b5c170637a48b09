// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Full load on a database that stalls: 1 MiB write buffers, one background job, level 0 stops
// early. Ten seconds by default; NODETUNE_SOAK_SECONDS=600 is the real run, whose figures are
// printed.
#include <unistd.h>

#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <random>
#include <thread>

#include "engine/base/format.h"
#include "engine/batch/batch_processor.h"
#include "engine/batch/commit.h"
#include "engine/node/batch_state.h"
#include "engine/node/stall_watch.h"
#include "engine/store/database.h"

using namespace nodetune;
using namespace std::chrono_literals;

namespace {

constexpr int kProducers = 6;
constexpr int kKeys = 300'000;  // a producer: so that what compaction has to do stays the same
constexpr std::size_t kValueBytes = 400;
constexpr std::int64_t kPendingBytes = 8 << 20;
constexpr double kStuckSeconds = 300;  // nothing was committed for so long: a thread is stuck
constexpr double kRssGrowthMax = 96 * 1024.0 * 1024.0;

double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  double total = 0;
  double resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double soak_seconds() {
  const char* const text = std::getenv("NODETUNE_SOAK_SECONDS");
  return text == nullptr ? 10 : std::max(1.0, std::atof(text));
}

DatabaseConfig stall_prone() {
  DatabaseConfig config;
  config.create_if_missing = true;
  config.knobs[Knob::write_buffer_size] = kMiB;
  config.knobs[Knob::max_write_buffer_number] = 2;
  config.knobs[Knob::target_file_size_base] = kMiB;
  config.knobs[Knob::level0_file_num_compaction_trigger] = 2;
  config.knobs[Knob::max_background_jobs] = 1;
  config.knobs[Knob::compression] = static_cast<std::int64_t>(Compression::zlib);
  return config;
}

std::string counter_of(int producer) {
  return "soak/" + std::to_string(producer);
}

}  // namespace

class SoakTest : public QObject {
  Q_OBJECT
 private slots:
  void a_stalling_database_holds_callers_up_and_nothing_grows() {
    const double seconds = soak_seconds();
    const auto seed = std::random_device{}();
    qInfo("%g s, seed %u", seconds, seed);
    const QTemporaryDir folder;
    const auto path = folder.filePath("soak").toStdString();
    auto& clock = SystemClock::instance();
    std::array<std::uint64_t, kProducers> submitted{};
    {
      auto database = Database::open(path, stall_prone(), clock);
      QVERIFY2(database, database ? "" : database.status().message().c_str());
      BatchConfig config;
      config.max_pending_bytes = kPendingBytes;
      std::atomic<std::uint64_t> committed{0};
      std::atomic<bool> in_order{true};
      BatchListener listener;
      listener.on_committed = [&](std::uint64_t first, std::uint64_t last) {
        if (first != committed.load() + 1) in_order = false;
        committed = last;
      };
      BatchProcessor batches(**database, config, clock, listener);
      QVERIFY(batches.start());

      std::atomic<bool> stop{false};
      std::atomic<int> failed{0};
      std::vector<std::thread> producers;
      for (int producer = 0; producer < kProducers; ++producer) {
        producers.emplace_back([&, producer] {
          std::mt19937 random(seed + static_cast<unsigned>(producer));
          auto& count = submitted[static_cast<std::size_t>(producer)];
          while (!stop) {
            WriteGroup group;
            const auto operations = 1 + static_cast<int>(random() % 400);
            for (int i = 0; i < operations; ++i) {
              std::string value(kValueBytes, '\0');
              for (auto& byte : value) byte = static_cast<char>(random());
              group.operations.push_back(WriteOperation::put(
                  kFamilies[random() % 4],
                  std::to_string(producer) + "/" + std::to_string(random() % kKeys),
                  std::move(value)));
            }
            group.operations.push_back(
                WriteOperation::merge_add(Family::own, counter_of(producer), 1));
            const bool waits = random() % 64 == 0;
            const auto number = waits ? batches.submit_and_wait(std::move(group))
                                      : batches.submit(std::move(group));
            if (!number) {
              ++failed;
              return;
            }
            ++count;
          }
        });
      }
      watch(**database, batches, clock, seconds);
      stop = true;
      for (auto& producer : producers) producer.join();
      QCOMPARE(failed.load(), 0);
      QVERIFY(batches.stop());
      QVERIFY2(in_order, "groups were committed in the order of their numbers");
      std::uint64_t all = 0;
      for (const auto count : submitted) all += count;
      QCOMPARE(batches.figures().committed_groups, all);
      QCOMPARE(batches.figures().pending_bytes, 0U);
    }
    auto again = Database::open(path, {}, clock);
    QVERIFY(again);
    std::uint64_t all = 0;
    for (int producer = 0; producer < kProducers; ++producer) {
      const auto value = (*again)->get(Family::own, counter_of(producer));
      QVERIFY(value && value->has_value());
      QCOMPARE(decode_counter(**value), submitted[static_cast<std::size_t>(producer)]);
      all += decode_counter(**value);
    }
    const auto sequence = read_commit_sequence(**again);
    QVERIFY(sequence);
    QCOMPARE(*sequence, all);
  }

 private:
  struct Seen {
    double rss_start = 0;
    double rss_highest = 0;  // after the first fifth
    double rss_end = 0;
    std::uint64_t pending_highest = 0;
    std::uint64_t waiting_highest = 0;
    double wait_longest = 0;
    int samples = 0;
    int held_up = 0;   // samples in which RocksDB slowed or stopped writes
    std::string text;  // the last that was said of it
  };

  // Looks on from outside, as the window does.
  static void watch(Database& database, BatchProcessor& batches, Clock& clock, double seconds) {
    Seen seen;
    StallWatch stalls;
    const auto begin = clock.steady_now();
    auto moved_at = begin;
    std::uint64_t moved = 0;
    for (double at = 0; at < seconds; at = to_seconds(clock.steady_now() - begin)) {
      std::this_thread::sleep_for(100ms);
      const auto figures = batches.figures();
      std::uint64_t lost = 0;
      for (const auto& event : database.take_events(&lost)) stalls.observe(event);
      if (lost > 0) stalls.forget();
      Snapshot snapshot;
      snapshot.taken_at = clock.now();
      database.fill(snapshot);
      stalls.observe(snapshot);
      if (figures.committed_groups != moved) {
        moved = figures.committed_groups;
        moved_at = clock.steady_now();
      }
      if (to_seconds(clock.steady_now() - moved_at) > kStuckSeconds) {
        qFatal("nothing was committed for %g s: %s", kStuckSeconds,
               describe_flow(figures, stalls.stall()).text.c_str());
      }
      // One group may stand above the limit.
      QVERIFY(figures.pending_bytes <= static_cast<std::uint64_t>(kPendingBytes) + (1 << 20));
      note(seen, figures, stalls.stall(), at > seconds / 5);
    }
    Snapshot snapshot;
    database.fill(snapshot);
    report(seen, batches, snapshot, seconds);
    QVERIFY2(seen.rss_end - seen.rss_start < kRssGrowthMax, "memory is flat");
  }

  static void note(Seen& seen, const BatchFigures& figures, const WriteStall& stall, bool warm) {
    const double rss = resident_bytes();
    ++seen.samples;
    if (warm && seen.rss_start == 0) seen.rss_start = rss;
    if (warm) seen.rss_highest = std::max(seen.rss_highest, rss);
    seen.rss_end = rss;
    seen.pending_highest = std::max(seen.pending_highest, figures.pending_bytes);
    seen.waiting_highest = std::max(seen.waiting_highest, figures.waiting_submits);
    seen.wait_longest = std::max(seen.wait_longest, figures.longest_wait_seconds);
    if (stall.level == WriteStall::Level::none) return;
    ++seen.held_up;
    seen.text = describe_flow(figures, stall).text;
  }

  static void report(const Seen& seen, const BatchProcessor& batches, const Snapshot& snapshot,
                     double seconds) {
    const auto figures = batches.figures();
    qInfo("%llu commits of %.0f operations, %.0f operations/s; p99 %s",
          static_cast<unsigned long long>(figures.commits), figures.sizes.mean(),
          static_cast<double>(figures.operations_committed) / seconds,
          format_seconds(figures.durations.percentile(0.99) * 1e-6).c_str());
    qInfo("memory %s after a fifth, %s at most, %s at the end",
          format_bytes(seen.rss_start).c_str(), format_bytes(seen.rss_highest).c_str(),
          format_bytes(seen.rss_end).c_str());
    qInfo("pending at most %s of %s; at most %llu callers waited, the longest for %s",
          format_bytes(static_cast<double>(seen.pending_highest)).c_str(),
          format_bytes(static_cast<double>(kPendingBytes)).c_str(),
          static_cast<unsigned long long>(seen.waiting_highest),
          format_seconds(seen.wait_longest).c_str());
    qInfo("stalled %.1f s (%d of %d looks); the last that was said: %s",
          snapshot.value(Metric::db_stall_seconds_total), seen.held_up, seen.samples,
          seen.text.c_str());
    for (const auto& stall : snapshot.stalls) {
      if (stall.count == 0) continue;
      qInfo("  %s by %s: %llu times", stall.stopped ? "stopped" : "slowed",
            std::string(display_name(stall.cause)).c_str(),
            static_cast<unsigned long long>(stall.count));
    }
    qInfo("%s", describe_choice(figures, batches.size_choice()).c_str());
  }
};

// Qt ends a test function after five minutes, unless told.
int main(int argc, char** argv) {
  constexpr double kBesides = 600;  // seconds, for whatever is slow around it
  qputenv("QTEST_FUNCTION_TIMEOUT",
          QByteArray::number(static_cast<qint64>((soak_seconds() + kBesides) * 1e3)));
  SoakTest test;
  return QTest::qExec(&test, argc, argv);
}

#include "soak_test.moc"
