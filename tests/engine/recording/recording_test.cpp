// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <csignal>

#include "engine/recording/recording_reader.h"
#include "engine/recording/recording_stream.h"
#include "engine/recording/recording_stream_writer.h"
#include "engine/recording/recording_writer.h"
#include "tests/engine/files/test_files.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

const TimePoint kNoon(std::chrono::seconds(1'700'000'000));
const RecordedIdentity kNode{"db-1", "/data/besu"};

RecordedSample sample(int second, double l0_files, double flushed_per_second) {
  RecordedSample each;
  each.time = kNoon + std::chrono::seconds(second);
  each.seconds = 1;
  each.figures = {{Metric::db_flush_bytes_total, flushed_per_second},
                  {Metric::db_l0_files, l0_files}};
  return each;
}

double figure(const RecordedSample& sample, Metric metric) {
  for (const auto& [each, value] : sample.figures) {
    if (each == metric) return value;
  }
  return kMissing;
}

std::vector<RecordedSample> samples_in(const std::string& path, QString* why = nullptr) {
  std::vector<RecordedSample> samples;
  const auto reader = RecordingReader::open(path);
  auto status = reader ? (*reader)->read_samples([&](const auto& each) { samples.push_back(each); })
                       : reader.status();
  if (why != nullptr) *why = QString::fromStdString(status.message());
  return samples;
}

const std::string kHead = stream_head(kNode, "nodetune 0.1");

// What a reader makes of it when it comes in pieces of that size.
RecordingStream::Piece streamed(const std::string& text, std::size_t piece,
                                Status* status = nullptr,
                                const RecordingStream::Limits& limits = {}) {
  RecordingStream stream(limits);
  RecordingStream::Piece all;
  Status last;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    last = stream.feed(std::string(text.substr(at, piece)), all);
  }
  if (status != nullptr) *status = last;
  return all;
}

}  // namespace

class RecordingTest : public QObject {
  Q_OBJECT

 private slots:
  void init() { folder_ = std::make_unique<QTemporaryDir>(); }

  void what_was_written_is_read() {
    {
      auto writer = RecordingWriter::open(path(), kNode);
      QVERIFY2(writer, writer.status().message().c_str());
      (*writer)->add(sample(1, 3, 100));
      (*writer)->add(sample(2, std::nan(""), 50));
      RecordedEvent event;
      event.time = kNoon;
      event.category = "stall";
      event.text = std::string("a\0b \xff", 5);
      (*writer)->add(event);
      (*writer)->put("state", "{}");
      QVERIFY((*writer)->commit());
    }
    QVERIFY(is_recording(path()));
    QVERIFY(!QFile::exists(QString::fromStdString(path()) + ".lock"));
    auto reader = RecordingReader::open(path());
    QVERIFY2(reader, reader.status().message().c_str());
    QCOMPARE((*reader)->node_path(), kNode.path);
    std::vector<RecordedSample> samples;
    QVERIFY((*reader)->read_samples([&](const auto& each) { samples.push_back(each); }));
    QCOMPARE(samples.size(), std::size_t{2});
    QCOMPARE(samples[0].time, kNoon + std::chrono::seconds(1));
    QCOMPARE(figure(samples[0], Metric::db_l0_files), 3.0);
    QCOMPARE(figure(samples[1], Metric::db_flush_bytes_total), 50.0);
    QVERIFY2(std::isnan(figure(samples[1], Metric::db_l0_files)), "missing stays missing");
    std::vector<RecordedEvent> events;
    QVERIFY((*reader)->read_events(10, [&](RecordedEvent each) { events.push_back(each); }));
    QCOMPARE(events.size(), std::size_t{1});
    QCOMPARE(events[0].category, std::string("stall"));
    QCOMPARE(events[0].text.size(), std::size_t{5});
    QCOMPARE((*reader)->document("state").value(), std::string("{}"));
    QCOMPARE((*reader)->document("none").value(), std::string());
  }

  void jobs_are_kept_once_and_the_oldest_go_first() {
    const auto job = [](int second) {
      RecordedJob each;
      each.kind = "compaction";
      each.family = "default";
      each.begin = kNoon + std::chrono::seconds(second);
      each.end = each.begin + std::chrono::seconds(1);
      each.input_level = 0;
      each.output_bytes = 4096;
      each.reason = std::string(100, 'r');
      return each;
    };
    const auto jobs = [this] {
      std::vector<RecordedJob> read;
      auto reader = RecordingReader::open(path());
      if (reader)
        (void)(*reader)->read_jobs(100'000, [&](RecordedJob each) { read.push_back(each); });
      return read;
    };
    RecordingWriter::Limits limits;
    limits.bytes_max = RecordingWriter::kBytesMin;
    auto writer = RecordingWriter::open(path(), kNode, limits);
    QVERIFY2(writer, writer.status().message().c_str());
    (*writer)->add(job(2));
    (*writer)->add(job(2));  // filled back from the LOG, and seen
    (*writer)->add(job(1));
    QVERIFY((*writer)->commit());
    QCOMPARE(jobs().size(), std::size_t{2});
    QCOMPARE(jobs()[0].end, job(1).end);
    QCOMPARE(jobs()[0].input_level, std::optional<std::int64_t>(0));
    QVERIFY(!jobs()[0].output_level);
    for (int i = 0; i < 10'000; ++i) {
      (*writer)->add(job(i));
      if (i % 1'000 == 0) QVERIFY((*writer)->commit());
    }
    QVERIFY((*writer)->commit());
    QVERIFY((*writer)->bytes().value() < limits.bytes_max);
    QVERIFY(jobs().size() > 100);
    QVERIFY(jobs().front().end > job(0).end);
    QCOMPARE(jobs().back().end, job(9'999).end);
  }

  void a_file_from_before_jobs_is_read_and_goes_on() {
    { QVERIFY(RecordingWriter::open(path(), kNode)); }
    sqlite3* file = nullptr;
    QCOMPARE(sqlite3_open(path().c_str(), &file), SQLITE_OK);
    QCOMPARE(sqlite3_exec(file, "DROP TABLE jobs", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(file);
    auto reader = RecordingReader::open(path());
    QVERIFY2(reader, reader.status().message().c_str());
    int seen = 0;
    const auto count = [&](const RecordedJob&) { ++seen; };
    QVERIFY((*reader)->read_jobs(10, count));
    QCOMPARE(seen, 0);
    auto writer = RecordingWriter::open(path(), kNode);
    QVERIFY2(writer, writer.status().message().c_str());
    RecordedJob job;
    job.kind = "flush";
    job.begin = job.end = kNoon;
    (*writer)->add(job);
    QVERIFY((*writer)->commit());
    QVERIFY((*reader)->read_jobs(10, count));
    QCOMPARE(seen, 1);
    QVERIFY((*reader)->read_jobs(10, count));
    QCOMPARE(seen, 1);
  }

  void a_reader_follows_its_writer() {
    auto writer = RecordingWriter::open(path(), kNode);
    QVERIFY(writer);
    (*writer)->add(sample(10, 1, 1));
    QVERIFY((*writer)->commit());
    QVERIFY(is_being_recorded(path()));
    auto reader = RecordingReader::open(path());
    QVERIFY2(reader, reader.status().message().c_str());
    int seen = 0;
    const auto count = [&](const RecordedSample&) { ++seen; };
    QVERIFY((*reader)->read_samples(count));
    QCOMPARE(seen, 1);
    (*writer)->add(sample(11, 1, 1));
    (*writer)->add(sample(3, 1, 1));  // told late
    QVERIFY((*writer)->commit());
    QVERIFY((*reader)->read_samples(count));
    QCOMPARE(seen, 3);
    QVERIFY((*reader)->read_samples(count));
    QCOMPARE(seen, 3);
    writer->reset();
    QVERIFY(!is_being_recorded(path()));
  }

  void the_same_file_goes_on_with_the_same_node_alone() {
    for (int i = 0; i < 2; ++i) {
      auto writer = RecordingWriter::open(path(), kNode);
      QVERIFY2(writer, writer.status().message().c_str());
      if (i == 1) QCOMPARE((*writer)->last_time(), kNoon);
      (*writer)->add(sample(i, 1, 1));
      QVERIFY((*writer)->commit());
      const auto second = RecordingWriter::open(path(), kNode);
      QVERIFY(!second);
      QCOMPARE(second.status().code(), StatusCode::locked);
    }
    QCOMPARE(samples_in(path()).size(), std::size_t{2});
    const auto other = RecordingWriter::open(path(), {"db-2", "/data/other"});
    QVERIFY(!other);
    const auto message = QString::fromStdString(other.status().message());
    QVERIFY2(message.contains("/data/besu") && message.contains("/data/other"),
             qPrintable(message));
  }

  void detail_goes_before_history_and_the_file_stays_below_its_limit() {
    RecordingWriter::Limits limits;
    limits.bytes_max = RecordingWriter::kBytesMin;
    constexpr int kSeconds = 40'000;
    {
      auto writer = RecordingWriter::open(path(), kNode, limits);
      QVERIFY(writer);
      for (int i = 1; i <= kSeconds; ++i) {
        (*writer)->add(sample(i, i % 7, 1'000));
        if (i % 500 != 0) continue;
        const auto status = (*writer)->commit();
        QVERIFY2(status, status.message().c_str());
        QVERIFY2(QFileInfo(QString::fromStdString(path())).size() <= limits.bytes_max,
                 qPrintable(QString("%1 s: %2 bytes")
                                .arg(i)
                                .arg(QFileInfo(QString::fromStdString(path())).size())));
      }
    }
    const auto samples = samples_in(path());
    QVERIFY2(samples.size() < kSeconds / 2, qPrintable(QString::number(samples.size())));
    double gained = 0;
    double covered = 0;
    for (const auto& each : samples) {
      gained += figure(each, Metric::db_flush_bytes_total) * each.seconds;
      covered += each.seconds;
    }
    // Thinned, not cut off: everything that was flushed is still there, and every second.
    QVERIFY2(std::abs(gained - 1'000.0 * kSeconds) < 1, qPrintable(QString::number(gained)));
    QVERIFY(std::abs(covered - kSeconds) < 1e-3);
    QCOMPARE(samples.back().time, kNoon + std::chrono::seconds(kSeconds));
    QCOMPARE(samples.back().seconds, 1.0);
    QVERIFY(samples.front().seconds > 5);
    for (std::size_t i = 1; i < samples.size(); ++i) {
      QVERIFY(samples[i - 1].time < samples[i].time);
    }
  }

  void merging_keeps_gains_and_means() {
    RecordedSample stall;
    stall.time = kNoon;
    stall.seconds = 10;
    stall.figures = {{Metric::db_stall_seconds_total, 0.5}};
    std::vector<RecordedSample> samples = {stall};
    for (int i = 1; i <= 10; ++i) samples.push_back(sample(i, i, i));
    const auto all = merged(samples);
    QCOMPARE(all.seconds, 10.0);
    QCOMPARE(all.time, kNoon + std::chrono::seconds(10));
    QCOMPARE(figure(all, Metric::db_flush_bytes_total), 5.5);
    QCOMPARE(figure(all, Metric::db_l0_files), 5.5);
    QCOMPARE(figure(all, Metric::db_stall_seconds_total), 0.5);
  }

  void killed_at_any_moment_it_is_readable() {
    const auto seed = QRandomGenerator::global()->generate();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    std::size_t before = 0;
    for (int round = 0; round < 12; ++round) {
      int committed[2];
      QCOMPARE(::pipe(committed), 0);
      const pid_t child = ::fork();
      QVERIFY(child >= 0);
      if (child == 0) {
        auto writer = RecordingWriter::open(path(), kNode);
        if (!writer) ::_exit(1);
        for (int i = 0;; ++i) {
          for (int k = 0; k < 50; ++k) (*writer)->add(sample(round * 1'000'000 + 50 * i + k, 1, 1));
          if (!(*writer)->commit() || ::write(committed[1], "c", 1) != 1) ::_exit(2);
        }
      }
      ::close(committed[1]);
      // Each other time at any moment, its beginning among them; else once something is there.
      char byte = 0;
      if (round % 2 == 1) QCOMPARE(::read(committed[0], &byte, 1), ssize_t{1});
      ::usleep(static_cast<unsigned>(random() % 60'000));
      ::kill(child, SIGKILL);
      int state = 0;
      QCOMPARE(::waitpid(child, &state, 0), child);
      ::close(committed[0]);
      QVERIFY2(WIFSIGNALED(state), "the writer failed before it was killed");
      if (!QFile::exists(QString::fromStdString(path())) || !is_recording(path())) continue;
      QString why;
      const auto samples = samples_in(path(), &why);
      // The very first commit, which makes the file, may be cut off as well.
      if (before == 0 && why.contains("holds nothing")) continue;
      QVERIFY2(why.isEmpty(), qPrintable(why));
      QVERIFY2(samples.size() >= before, "what was committed is there");
      QVERIFY2(samples.size() % 50 == 0, "a commit is whole or not there");
      before = samples.size();
    }
    QVERIFY(before > 0);
  }

  void what_is_no_recording_is_refused() {
    const auto refused = [&](std::string_view content) {
      write_file(QString::fromStdString(path()), content);
      const auto reader = RecordingReader::open(path());
      const auto writer = RecordingWriter::open(path(), kNode);
      QVERIFY(!reader);
      QVERIFY(!writer);
      QCOMPARE(read_bytes(QString::fromStdString(path())), std::string(content));
    };
    refused("hello");
    refused(std::string(10'000, '\xff'));
    refused("SQLite format 3");
    const auto folder = RecordingWriter::open(folder_->path().toStdString(), kNode);
    QVERIFY(!folder);
    const auto nowhere = RecordingWriter::open("/nonexistent/folder/file", kNode);
    QVERIFY(!nowhere);
    QVERIFY(!RecordingReader::open("/nonexistent"));
  }

  void a_newer_schema_is_named_and_left_alone() {
    QVERIFY(RecordingWriter::open(path(), kNode));
    change("PRAGMA user_version = 99");
    const auto reader = RecordingReader::open(path());
    QVERIFY(!reader);
    QCOMPARE(reader.status().code(), StatusCode::unsupported_format);
    const auto writer = RecordingWriter::open(path(), kNode);
    QVERIFY(!writer);
    QCOMPARE(writer.status().code(), StatusCode::unsupported_format);
  }

  // A view that never ends, where a table is expected.
  void a_hostile_schema_is_refused() {
    QVERIFY(RecordingWriter::open(path(), kNode));
    change(
        "DROP TABLE samples; CREATE VIEW samples AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
        "SELECT i FROM n) SELECT i AS id, 0 AS level, i AS time, 1.0 AS seconds, x'' AS figures "
        "FROM n");
    const auto reader = RecordingReader::open(path());
    QVERIFY(!reader);
    QCOMPARE(reader.status().code(), StatusCode::corrupt);
  }

  void damaged_files_are_errors_never_crashes() {
    {
      auto writer = RecordingWriter::open(path(), kNode);
      QVERIFY(writer);
      for (int i = 0; i < 500; ++i) (*writer)->add(sample(i, 1, 1));
      QVERIFY((*writer)->commit());
    }
    const auto whole = read_bytes(QString::fromStdString(path()));
    const auto seed = QRandomGenerator::global()->generate();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    int failed = 0;
    for (int i = 0; i < 150; ++i) {
      write_file(QString::fromStdString(path()), mutate(whole, random));
      QString why;
      (void)samples_in(path(), &why);
      if (!why.isEmpty()) ++failed;
    }
    QVERIFY(failed > 0);
    write_file(QString::fromStdString(path()), std::string_view(whole).substr(0, 5'000));
    QString why;
    (void)samples_in(path(), &why);
    QVERIFY(!why.isEmpty());
  }

  void figures_of_a_newer_program_are_left_out() {
    RecordedSample read;
    std::map<Metric, std::int64_t> metrics = {{Metric::db_l0_files, 7},
                                              {Metric::db_flush_bytes_total, 300}};
    const auto bytes = encode_figures(sample(0, 4, 5), metrics);
    decode_figures(bytes + "abc", {{7, Metric::db_l0_files}}, read);
    QCOMPARE(read.figures.size(), std::size_t{1});
    QCOMPARE(figure(read, Metric::db_l0_files), 4.0);
  }

  void a_stream_is_read_as_it_was_written() {
    RecordedEvent event;
    event.time = kNoon;
    event.severity = "warning";
    event.category = "stall";
    event.source = "logged";
    event.family = "default";
    event.text = "a \"quoted\" line\nwith \\ and \xc3\xa9";
    auto seen = sample(7, 3, 100.25);
    seen.time += Duration(123'457);
    seen.seconds = 1.000'001;
    auto alone = sample(8, 0.1, 0);
    alone.seconds = kMissing;
    const auto text = kHead + stream_line("state", R"({"time":5})") + stream_line(seen) +
                      stream_line(event) + "\n" + stream_line(alone);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, text.size()}) {
      Status status;
      const auto read = streamed(text, piece, &status);
      QVERIFY2(status, status.message().c_str());
      QCOMPARE(read.samples.size(), std::size_t{2});
      QCOMPARE(read.samples[0].time, seen.time);
      QCOMPARE(read.samples[0].seconds, seen.seconds);
      QCOMPARE(read.samples[0].figures, seen.figures);
      QVERIFY(std::isnan(read.samples[1].seconds));
      QCOMPARE(figure(read.samples[1], Metric::db_l0_files), 0.1);
      QCOMPARE(read.events.size(), std::size_t{1});
      QCOMPARE(read.events[0].text, event.text);
      QCOMPARE(read.events[0].family, event.family);
      QCOMPARE(read.events[0].severity, event.severity);
      QCOMPARE(read.documents.at("state"), std::string(R"({"time":5})"));
    }
    QVERIFY2(stream_line("state", "{half").empty(), "no document is no line");
    write_file(QString::fromStdString(path()), text);
    QVERIFY(recording_kind(path()) == RecordingKind::stream);
    QVERIFY2(!RecordingWriter::open(path(), kNode), "a stream is not gone on with as a database");
  }

  void what_a_stream_may_hold_one_day_is_left_out() {
    const auto text = kHead + R"({"weather":{"rain":true},"mood":3})" + "\n" +
                      R"({"sample":{"time":1700000001,"seconds":1,"moon":2,)" +
                      R"("figures":{"db_l0_files":4,"db_unheard_of":5,"db_sst_files":"six"}}})" +
                      "\n" + R"({"sample":{"time":1700000002,"seconds":-1e300,"figures":{}}})" +
                      "\n{\"sample\":{\"ti";
    Status status;
    const auto read = streamed(text, text.size(), &status);
    QVERIFY2(status, status.message().c_str());
    QCOMPARE(read.samples.size(), std::size_t{2});
    QCOMPARE(read.samples[0].figures.size(), std::size_t{1});
    QVERIFY(std::isnan(read.samples[1].seconds));
  }

  void a_stream_that_begins_again_tells_nothing_twice() {
    RecordedEvent logged;
    logged.time = kNoon;
    logged.source = "logged";
    RecordingStream stream;
    RecordingStream::Piece piece;
    QVERIFY(stream.feed(kHead + stream_line(sample(5, 1, 1)) + stream_line(logged) +
                            stream_line(sample(3, 1, 1)) + R"({"sample":{"time":17)",
                        piece));
    QCOMPARE(piece.samples.size(), std::size_t{2});
    stream.restart();
    piece = {};
    QVERIFY(stream.feed(kHead + stream_line(sample(4, 1, 1)) + stream_line(sample(5, 1, 1)) +
                            stream_line(sample(9, 1, 1)) + stream_line(sample(8, 1, 1)) +
                            stream_line(logged),
                        piece));
    QCOMPARE(piece.samples.size(), std::size_t{2});
    QVERIFY(piece.events.empty());
    stream.restart();
    const auto other = stream.feed(stream_head({"db-2", "/data/besu"}, "nodetune 0.1"), piece);
    QVERIFY(other.code() == StatusCode::not_a_database);
    QVERIFY2(other.message().find("db-2") != std::string::npos, other.message().c_str());
  }

  void a_damaged_stream_names_the_line_data() {
    QTest::addColumn<QByteArray>("lines");
    QTest::addColumn<QString>("named");
    const auto row = [](const char* name, const std::string& text, const char* named) {
      QTest::newRow(name) << QByteArray::fromStdString(text) << named;
    };
    row("noise",
        std::string("\x7f"
                    "ELF\0\1\n",
                    7),
        "line 1 begins no recording");
    row("headless", stream_line(sample(1, 1, 1)), "line 1 begins no recording");
    row("no version", "{\"recording\":{\"id\":\"a\"}}\n", "line 1 begins a recording without");
    row("list", "{\"recording\":[1]}\n", "line 1 begins no recording");
    row("newer",
        R"({"recording":{"version":99,"id":"a","program":"nodetune 9"}})"
        "\n",
        "newer NodeTune (nodetune 9, format 99");
    row("text", kHead + "\nhello\n", "line 3 is no JSON object");
    row("escapes", kHead + "\x1b[31m\n", "\\x1b");
    row("half", kHead + "{\"sample\":{\"time\":1\n", "line 2 is no JSON object");
    row("bytes", kHead + "{\"event\":{\"text\":\"\xff\"}}\n", "line 2 is no JSON object");
    row("timeless",
        kHead + R"({"sample":{"figures":{}}})"
                "\n",
        "line 2 is a sample without");
    row("ages",
        kHead + R"({"event":{"time":1e18}})"
                "\n",
        "line 2 is an event without");
    row("overflow",
        kHead + R"({"sample":{"time":1e999,"figures":{}}})"
                "\n",
        "line 2");
    row("deep", kHead + std::string(1'000, '[') + "\n", "line 2 is nested too deeply");
    row("long", kHead + std::string(3'000, 'x'), "line 2 is longer than 2 KiB");
  }
  void a_damaged_stream_names_the_line() {
    QFETCH(QByteArray, lines);
    QFETCH(QString, named);
    RecordingStream::Limits limits;
    limits.line_bytes_max = 2'048;
    for (const std::size_t piece : {std::size_t{1}, std::size_t{10'000}}) {
      Status status;
      const auto read = streamed(lines.toStdString(), piece, &status, limits);
      QVERIFY2(!status && status.message().find(named.toStdString()) != std::string::npos,
               status.message().c_str());
      QVERIFY(read.samples.empty());
    }
  }

  void a_greeting_before_a_stream_is_passed_over_up_to_a_limit() {
    RecordingStream::Limits limits;
    limits.foreign_bytes_max = 100;
    Status status;
    const auto lines = kHead + stream_line(sample(1, 1, 1));
    QCOMPARE(streamed("Welcome!\r\n{\"a\":1}\n" + lines, 9, &status, limits).samples.size(),
             std::size_t{1});
    QVERIFY2(status, status.message().c_str());
    (void)streamed(std::string(200, '-') + "\n" + lines, 9, &status, limits);
    QVERIFY(!status);
  }

 private:
  std::string path() const { return folder_->filePath("node.ntr").toStdString(); }
  void change(const char* sql) const {
    sqlite3* file = nullptr;
    QCOMPARE(sqlite3_open(path().c_str(), &file), SQLITE_OK);
    QCOMPARE(sqlite3_exec(file, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(file);
  }
  std::unique_ptr<QTemporaryDir> folder_;
};

QTEST_APPLESS_MAIN(RecordingTest)
#include "recording_test.moc"
