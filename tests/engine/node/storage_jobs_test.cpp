// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Flushes and compactions as jobs: kept, read out of LOGs, recorded.
#include <QTemporaryDir>
#include <QtTest>

#include "engine/files/log_summariser.h"
#include "engine/node/job_ring.h"
#include "engine/node/managed_jobs.h"
#include "engine/node/observed_jobs.h"
#include "engine/node/open_node.h"
#include "engine/node/recorded_jobs.h"
#include "engine/node/stall_event.h"
#include "tests/engine/files/test_files.h"
#include "tests/engine/node/observed_world.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

const TimePoint kNoon(std::chrono::seconds(1'731'232'800));
constexpr TimePoint kFar{std::chrono::hours(24 * 365 * 100)};

TimePoint at(int second) {
  return kNoon + std::chrono::seconds(second);
}

StorageJob job(int begin, std::optional<int> end) {
  StorageJob made;
  made.kind = StorageJob::Kind::compaction;
  made.begin = at(begin);
  if (end) made.end = at(*end);
  return made;
}

// A LOG of one database, line by line.
class LogText {
 public:
  // The line of an event, with its time in UTC.
  LogText& event(int second, const std::string& fields) {
    const auto micros = at(second).time_since_epoch().count();
    return line(second,
                "EVENT_LOG_v1 {\"time_micros\": " + std::to_string(micros) + ", " + fields + "}");
  }
  LogText& line(int second, const std::string& message) {
    const auto clock = QDateTime::fromSecsSinceEpoch(
        std::chrono::duration_cast<std::chrono::seconds>(at(second).time_since_epoch()).count(),
        Qt::UTC);
    text_ += clock.toString("yyyy/MM/dd-HH:mm:ss").toStdString() + ".000000 7f00 " + message + "\n";
    return *this;
  }
  LogText& compaction_starts(int second, int number) {
    line(second, "[/compaction/compaction_job.cc:1] [default] [JOB " + std::to_string(number) +
                     "] Compacting 4@0 files to L6, score 1.00");
    return event(second, "\"job\": " + std::to_string(number) +
                             ", \"event\": \"compaction_started\", \"cf_name\": \"default\", "
                             "\"compaction_reason\": \"LevelL0FilesNum\", \"files_L0\": [4, 3, 2, "
                             "1], \"score\": 1, \"input_data_size\": 4000");
  }
  LogText& compaction_ends(int second, int number) {
    return event(second, "\"job\": " + std::to_string(number) +
                             ", \"event\": \"compaction_finished\", "
                             "\"compaction_time_micros\": 1500000, \"output_level\": 6, "
                             "\"num_output_files\": 1, \"total_output_size\": 3000");
  }
  LogText& opens(int second) {
    return event(second, "\"job\": 1, \"event\": \"recovery_started\", \"wal_files\": [7]");
  }
  const std::string& str() const { return text_; }

 private:
  std::string text_;
};

// A LOG that grows, as an observer sees it.
struct Seen {
  LogSummariser log;
  ObservedJobs jobs;

  void look(const LogText& text, bool is_held = true) {
    log.feed(text.str());
    log.end_file();
    jobs.take(log.summary(), nullptr);
    jobs.take_running(log.running(), is_held, log.summary().last_time, nullptr);
    log.forget_entries();
  }
  std::vector<StorageJob> all() const { return jobs.ring().range(TimePoint{}, kFar, 100); }
};

}  // namespace

class StorageJobsTest : public QObject {
  Q_OBJECT

 private slots:
  void jobs_are_found_by_the_time_in_which_they_ran() {
    JobRing ring;
    ring.put({1}, job(0, 100));
    ring.put({2}, job(10, 12));
    ring.put({3}, job(50, std::nullopt));
    const auto within = [&](int begin, int end) {
      return ring.range(at(begin), at(end), 10).size();
    };
    QCOMPARE(within(20, 30), std::size_t{1});
    QCOMPARE(within(11, 30), std::size_t{2});
    QCOMPARE(within(-20, -10), std::size_t{0});
    QVERIFY2(within(1'000, 2'000) == 1, "what runs has no end");
    const auto newest = ring.range(at(0), at(100), 2);
    QCOMPARE(newest.size(), std::size_t{2});
    QCOMPARE(newest.front().sequence, std::uint64_t{2});
    QCOMPARE(newest.back().sequence, std::uint64_t{3});
  }

  void the_oldest_make_room_in_whatever_order_they_come() {
    JobRing ring(/*capacity=*/3);
    for (const int second : {30, 40, 50, 10, 20, 60}) ring.put({second}, job(second, second + 1));
    const auto kept = ring.range(TimePoint{}, kFar, 10);
    QCOMPARE(kept.size(), std::size_t{3});
    QCOMPARE(kept.front().begin, at(40));
    QCOMPARE(kept.back().begin, at(60));
    QCOMPARE(ring.dropped(), std::uint64_t{3});
  }

  void a_job_is_completed_in_place_and_told_once() {
    JobRing ring;
    ring.put({7}, job(0, std::nullopt));
    ring.put({7}, job(0, std::nullopt));
    ring.put({7}, job(0, 9));
    ring.put({7}, job(0, 9));
    QCOMPARE(ring.range(TimePoint{}, kFar, 10).size(), std::size_t{1});
    QCOMPARE(ring.range(TimePoint{}, kFar, 10).front().sequence, std::uint64_t{1});
    // The end of one whose beginning was not read, and later all of it.
    ring.put({8}, job(20, 20));
    ring.put({8}, job(12, 20));
    QCOMPARE(ring.range(TimePoint{}, kFar, 10).size(), std::size_t{2});
    QCOMPARE(ring.range(TimePoint{}, kFar, 10).back().begin, at(12));
    // The same number of another open.
    ring.put({7}, job(30, 31));
    QCOMPARE(ring.range(TimePoint{}, kFar, 10).size(), std::size_t{3});
  }

  void a_running_job_is_shown_and_completed_later() {
    Seen seen;
    seen.look(LogText().opens(0).compaction_starts(1, 5));
    auto jobs = seen.all();
    QCOMPARE(jobs.size(), std::size_t{1});
    QVERIFY(!jobs[0].end);
    QCOMPARE(jobs[0].begin, at(1));
    QCOMPARE(jobs[0].input_level, std::optional(0));
    QVERIFY2(jobs[0].output_level == 6, "told by the line before the event");
    QCOMPARE(jobs[0].input_bytes, std::optional<std::int64_t>(4000));
    QVERIFY(!jobs[0].output_bytes);
    seen.look(LogText().compaction_ends(3, 5));
    jobs = seen.all();
    QCOMPARE(jobs.size(), std::size_t{1});
    QCOMPARE(jobs[0].sequence, std::uint64_t{1});
    QCOMPARE(jobs[0].end, std::optional(at(3)));
    QCOMPARE(jobs[0].begin, at(1));
    QCOMPARE(jobs[0].output_bytes, std::optional<std::int64_t>(3000));
    QCOMPARE(jobs[0].reason, std::string("LevelL0FilesNum"));
    QCOMPARE(jobs[0].source, Source::logged);
  }

  void no_job_runs_for_ever() {
    {
      Seen seen;  // a later open
      seen.look(LogText().opens(0).compaction_starts(1, 5).line(2, "x"));
      seen.look(LogText().opens(60).compaction_starts(61, 5));
      const auto jobs = seen.all();
      QCOMPARE(jobs.size(), std::size_t{2});
      QCOMPARE(jobs[0].end, std::optional(at(2)));
      QVERIFY2(has(jobs[0].reason, "cut off"), jobs[0].reason.c_str());
      QVERIFY2(!jobs[1].end, "the new one has the same number");
    }
    {
      Seen seen;  // the process went away
      seen.look(LogText().opens(0).compaction_starts(1, 5));
      seen.look(LogText().line(8, "x"), /*is_held=*/false);
      QCOMPARE(seen.all().size(), std::size_t{1});
      QCOMPARE(seen.all()[0].end, std::optional(at(8)));
    }
    {
      Seen seen;  // it was gone before anybody looked
      seen.look(LogText().opens(0).compaction_starts(1, 5), /*is_held=*/false);
      QCOMPARE(seen.all()[0].end, std::optional(at(1)));
    }
  }

  void a_new_session_ends_what_the_one_before_ran() {
    LogSummariser log;
    log.feed(LogText().line(0, "DB Session ID:  A").compaction_starts(1, 5).str());
    log.feed(LogText().line(2, "DB Session ID:  A").str());
    log.end_file();
    QVERIFY2(log.running().compactions.size() == 1, "a LOG that was rolled over repeats its head");
    log.feed(LogText().line(3, "DB Session ID:  B").str());
    log.end_file();
    QVERIFY(log.running().compactions.empty());
  }

  void hostile_times_do_no_harm() {
    Seen seen;
    for (const char* const micros : {"9223372036854775807", "-9223372036854775808", "0", "-5"}) {
      LogText text;
      text.line(
          0, std::string("EVENT_LOG_v1 {\"time_micros\": ") + micros +
                 ", \"job\": 3, \"event\": \"compaction_finished\", "
                 "\"compaction_time_micros\": 9223372036854775807, \"output_level\": 99999999999}");
      text.line(0, std::string("EVENT_LOG_v1 {\"time_micros\": ") + micros +
                       ", \"job\": 4, \"event\": \"flush_started\"}");
      seen.look(text);
    }
    QVERIFY(seen.all().empty());
    QVERIFY(seen.jobs.ring().range(TimePoint::min(), TimePoint::max(), 10).empty());
  }

  void every_real_log_tells_as_many_jobs_as_grep_data() {
    QTest::addColumn<QString>("path");
    for (const auto& path : real_files("rocksdb-logs", {"LOG*"}))
      QTest::addRow("%s", qPrintable(path)) << path;
    for (const auto& path : real_files("rocksdb-dirs", {"LOG*"}))
      QTest::addRow("%s", qPrintable(path)) << path;
  }
  void every_real_log_tells_as_many_jobs_as_grep() {
    QFETCH(QString, path);
    const auto text = read_bytes(path);
    // Events that were cut in half have no time.
    LogSummariser counting;
    counting.feed(text);
    counting.end_file();
    Seen seen;
    seen.log.feed(text);
    seen.log.end_file();
    seen.jobs.take(seen.log.summary(), nullptr);
    const auto jobs = seen.jobs.ring().range(TimePoint{}, kFar, kJobsKept);
    const auto finished =
        static_cast<std::size_t>(count_of(text, "\"event\": \"compaction_finished\"") +
                                 count_of(text, "\"event\": \"flush_finished\""));
    const auto damaged = static_cast<std::size_t>(counting.summary().damaged_events);
    QVERIFY2(
        jobs.size() <= finished && jobs.size() + damaged >= finished,
        qPrintable(
            QString("%1 jobs, %2 told, %3 damaged").arg(jobs.size()).arg(finished).arg(damaged)));
    for (const auto& each : jobs) {
      QVERIFY(each.end && *each.end >= each.begin);
      QVERIFY(each.output_level.has_value());
    }
  }

  void a_folder_of_logs_shows_its_jobs() {
    const auto path = data_root() + "/rocksdb-logs/generated/LOG.sample";
    if (!QFile::exists(path)) QSKIP("the generated LOGs are not present");
    const auto text = read_bytes(path);
    auto opened = open_node(path.toStdString());
    QVERIFY2(opened, opened.status().message().c_str());
    const auto span = *(*opened)->description().recorded;
    const auto jobs = (*opened)->jobs(span.first, span.last, kJobsKept);
    QCOMPARE(jobs.size(), count_of(text, "\"event\": \"compaction_finished\"") +
                              count_of(text, "\"event\": \"flush_finished\""));
    QVERIFY(std::is_sorted(jobs.begin(), jobs.end(), [](const StorageJob& a, const StorageJob& b) {
      return a.begin < b.begin;
    }));
    // Each line of a stall is read back with its cause.
    std::size_t stalls = 0;
    for (const auto& event : (*opened)->events(0, 10'000)) {
      if (event.category != EventCategory::stall) continue;
      QVERIFY2(stall_message(event), event.text.c_str());
      ++stalls;
    }
    QCOMPARE(stalls,
             count_of(text, "Stalling writes because") + count_of(text, "Stopping writes because"));
  }

  void an_observed_directory_shows_its_jobs() {
    NEEDS_DATA();
    QTemporaryDir root;
    const auto path = root.path() + "/database";
    for (const auto& file : real_files("rocksdb-dirs/besu-ehr-ibft2-v1/database", {"*"})) {
      QDir().mkpath(path);
      QFile::copy(file, path + "/" + QFileInfo(file).fileName());
    }
    auto opened = open_node(path.toStdString());
    QVERIFY2(opened, opened.status().message().c_str());
    std::size_t told = 0;
    for (const auto& file : QDir(path).entryList({"LOG*"})) {
      const auto text = read_bytes(path + "/" + file);
      told += count_of(text, "\"event\": \"compaction_finished\"") +
              count_of(text, "\"event\": \"flush_finished\"");
    }
    QVERIFY(told > 0);
    QCOMPARE((*opened)->jobs(TimePoint{}, kFar, kJobsKept).size(), told);
  }

  void recorded_jobs_are_what_they_were() {
    auto made = job(3, 9);
    made.family = "default";
    made.input_level = 0;
    made.output_bytes = 0;
    made.reason = "LevelL0FilesNum";
    made.source = Source::logged;
    const auto back = from_recorded(to_recorded(made));
    QVERIFY(back);
    QCOMPARE(back->kind, made.kind);
    QCOMPARE(back->begin, made.begin);
    QCOMPARE(back->end, made.end);
    QCOMPARE(back->input_level, made.input_level);
    QVERIFY2(!back->output_level && !back->input_bytes, "missing stays missing");
    QCOMPARE(back->output_bytes, made.output_bytes);
    QCOMPARE(back->source, made.source);
    auto backwards = to_recorded(made);
    backwards.end = backwards.begin - std::chrono::seconds(1);
    QVERIFY(!from_recorded(backwards));
  }

  void our_own_jobs_end_when_they_are_told_or_lost() {
    ManagedJobs jobs;
    DatabaseJob flush;
    flush.number = 4;
    flush.is_flush = true;
    flush.family = "accounts";
    flush.begin = at(0);
    flush.output_level = 0;
    auto other = flush;
    other.family = "storage";  // of the same atomic flush
    const auto all = [&] { return jobs.ring().range(TimePoint{}, kFar, 10); };
    jobs.take_running({flush, other}, at(1));
    QCOMPARE(all().size(), std::size_t{2});
    QVERIFY(!all()[0].end && !all()[1].end);
    auto ended = flush;
    ended.end = at(2);
    ended.output_bytes = 10;
    jobs.take(ended);
    jobs.take_running({flush, other}, at(3));  // asked for before the end was told
    QCOMPARE(all().size(), std::size_t{2});
    const auto open = [&] {
      const auto now = all();
      return std::count_if(now.begin(), now.end(), [](const auto& each) { return !each.end; });
    };
    QCOMPARE(open(), 1);
    jobs.take_running({}, at(4));
    QVERIFY2(open() == 1, "its end may be told in a moment");
    jobs.take_running({}, at(5));
    QCOMPARE(open(), 0);
  }
};

QTEST_GUILESS_MAIN(StorageJobsTest)
#include "storage_jobs_test.moc"
