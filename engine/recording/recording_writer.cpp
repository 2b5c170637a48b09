// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/recording/recording_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <utility>

namespace nodetune {
namespace {

constexpr std::size_t kFigureBytes = 10;
constexpr std::int64_t kMicroseconds = 1'000'000;
// What one sample of a level covers; 0: as it was seen.
constexpr std::array<std::int64_t, 4> kLevelSeconds = {0, 10, 60, 600};
constexpr std::int64_t kLevelRowsMin = 60;  // fewer are not thinned
constexpr std::int64_t kThinShare = 2;      // one half of a level at a time
constexpr int kRoundsMax = 64;              // of making room at one commit

constexpr std::string_view kSchema = R"(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE metrics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, label TEXT NOT NULL);
CREATE TABLE samples(id INTEGER PRIMARY KEY, level INTEGER NOT NULL, time INTEGER NOT NULL,
  seconds REAL, figures BLOB);
CREATE INDEX samples_by_time ON samples(level, time);
CREATE TABLE events(sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL, severity TEXT,
  category TEXT, source TEXT, family TEXT, text TEXT);
CREATE TABLE documents(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
)";

// Not in files of before: added when one of them goes on.
constexpr std::string_view kJobs = R"(
CREATE TABLE IF NOT EXISTS jobs(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, family TEXT NOT NULL,
  began INTEGER NOT NULL, ended INTEGER NOT NULL, input_level INTEGER, output_level INTEGER,
  input_bytes INTEGER, output_bytes INTEGER, reason TEXT, source TEXT);
CREATE UNIQUE INDEX IF NOT EXISTS jobs_once ON jobs(ended, kind, family);
)";

std::int64_t to_us(TimePoint time) {
  return time.time_since_epoch().count();
}

std::string lock_path_of(const std::string& path) {
  return path + ".lock";
}

template <typename Unsigned>
void append(std::string& bytes, Unsigned value, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
}

std::uint64_t take(std::string_view bytes, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return value;
}

}  // namespace

std::string encode_figures(const RecordedSample& sample,
                           const std::map<Metric, std::int64_t>& metrics) {
  std::string bytes;
  bytes.reserve(sample.figures.size() * kFigureBytes);
  for (const auto& [metric, value] : sample.figures) {
    append(bytes, static_cast<std::uint64_t>(metrics.at(metric)), 2);
    append(bytes, std::bit_cast<std::uint64_t>(value), 8);
  }
  return bytes;
}

void decode_figures(std::string_view bytes, const std::map<std::int64_t, Metric>& metrics,
                    RecordedSample& sample) {
  for (; bytes.size() >= kFigureBytes; bytes.remove_prefix(kFigureBytes)) {
    const auto metric = metrics.find(static_cast<std::int64_t>(take(bytes, 2)));
    const auto value = std::bit_cast<double>(take(bytes.substr(2), 8));
    if (metric == metrics.end() || !std::isfinite(value)) continue;
    sample.figures.emplace_back(metric->second, value);
  }
}

RecordedSample merged(const std::vector<RecordedSample>& samples) {
  struct Sum {
    double value = 0;    // of a counter what it gained
    double seconds = 0;  // that samples with this figure cover
    double count = 0;
  };
  std::map<Metric, Sum> sums;
  RecordedSample all;
  double covered = 0;
  for (const auto& sample : samples) {
    all.time = std::max(all.time, sample.time);
    const double seconds = std::isfinite(sample.seconds) ? sample.seconds : 0;
    for (const auto& [metric, value] : sample.figures) {
      auto& sum = sums[metric];
      sum.value += info(metric).kind == MetricKind::counter ? value * seconds : value;
      sum.seconds += seconds;
      sum.count += 1;
      covered = std::max(covered, sum.seconds);
    }
  }
  if (covered > 0) all.seconds = covered;
  for (const auto& [metric, sum] : sums) {
    const bool counter = info(metric).kind == MetricKind::counter;
    // Over all of the merged time, so that the gain stays what it was.
    const double over = counter ? covered : sum.count;
    if (over > 0) all.figures.emplace_back(metric, sum.value / over);
  }
  return all;
}

bool is_being_recorded(const std::string& path) {
  const int lock = ::open(lock_path_of(path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (lock < 0) return false;
  const bool taken = ::flock(lock, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(lock);
  return taken;
}

Result<std::unique_ptr<RecordingWriter>> RecordingWriter::open(const std::string& path,
                                                               const RecordedIdentity& identity,
                                                               const Limits& limits) {
  if (limits.bytes_max < kBytesMin) {
    return Status(StatusCode::invalid_argument,
                  fmt::format("a recording needs at least {} bytes", kBytesMin));
  }
  struct stat status {};
  const bool there = ::stat(path.c_str(), &status) == 0;
  if (there && !S_ISREG(status.st_mode)) {
    return Status(StatusCode::not_a_database, path + " is not a file: name one to record into");
  }
  if (there && status.st_size > 0 && recording_kind(path) != RecordingKind::file) {
    return Status(StatusCode::not_a_database,
                  path + " exists and is no recording: choose another name");
  }
  std::unique_ptr<RecordingWriter> writer(new RecordingWriter(limits));
  if (auto locked = writer->lock(path); !locked) return locked;
  auto file = SqliteFile::open(path, SqliteFile::Mode::create);
  if (!file) return file.status();
  writer->file_ = *std::move(file);
  if (auto prepared = writer->prepare(identity); !prepared) return prepared;
  return writer;
}

RecordingWriter::~RecordingWriter() {
  file_.reset();
  if (lock_ < 0) return;
  ::unlink(lock_path_.c_str());
  ::close(lock_);
}

// A file of its own: any other descriptor of the recording that is closed would drop SQLite's
// locks.
Status RecordingWriter::lock(const std::string& path) {
  lock_path_ = lock_path_of(path);
  for (;;) {
    const int lock = ::open(lock_path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0) return Status::from_errno(errno, "cannot be written", path);
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
      ::close(lock);
      return {StatusCode::locked,
              path + " is being recorded by another nodetune-cli: a file has one writer"};
    }
    struct stat mine {};
    struct stat there {};
    const bool same = ::fstat(lock, &mine) == 0 && ::stat(lock_path_.c_str(), &there) == 0 &&
                      mine.st_ino == there.st_ino && mine.st_dev == there.st_dev;
    if (same) {
      lock_ = lock;
      return Status::ok();
    }
    ::close(lock);  // the one before took it away as it ended
  }
}

Status RecordingWriter::prepare(const RecordedIdentity& identity) {
  const auto schema = file_->number("PRAGMA user_version");
  if (!schema) return schema.status();
  if (*schema > kRecordingSchema) {
    return {StatusCode::unsupported_format,
            fmt::format("{} was recorded by a newer NodeTune (schema {}, this one writes {}): use "
                        "that one, or another file",
                        file_->path(), *schema, kRecordingSchema)};
  }
  if (auto status = file_->run("PRAGMA synchronous = FULL"); !status) return status;
  if (*schema == 0) {
    if (auto status = create(identity); !status) return status;
  }
  auto known = file_->prepare("SELECT value FROM meta WHERE key = 'id'");
  if (!known) return known.status();
  const auto row = known->step();
  if (!row) return row.status();
  if (*row && known->text(0) != identity.id) {
    auto path = file_->prepare("SELECT value FROM meta WHERE key = 'path'");
    std::string other = "another node";
    if (path && path->step()) other = std::string(path->text(0));
    return {StatusCode::invalid_argument,
            fmt::format("{} is the recording of {}, not of {}: choose another file", file_->path(),
                        other, identity.path)};
  }
  const auto last = file_->number("SELECT max(time) FROM samples");
  if (!last) return last.status();
  last_time_ = TimePoint(Duration(*last));
  const auto last_event = file_->number("SELECT max(time) FROM events");
  if (!last_event) return last_event.status();
  last_event_time_ = TimePoint(Duration(*last_event));
  if (auto status = file_->run(kJobs); !status) return status;
  return learn_metrics();
}

Status RecordingWriter::create(const RecordedIdentity& identity) {
  if (auto status = file_->run("BEGIN IMMEDIATE"); !status) return status;
  if (auto status = file_->run(kSchema); !status) return status;
  if (auto status = file_->run(kJobs); !status) return status;
  auto add = file_->prepare("INSERT INTO meta VALUES(?, ?)");
  if (!add) return add.status();
  for (const auto& [key, value] : {std::pair<std::string_view, std::string_view>("id", identity.id),
                                   {"path", identity.path},
                                   {"program", "nodetune " NODETUNE_VERSION}}) {
    if (auto status = add->bind(1, key).bind(2, value).finish(); !status) return status;
  }
  return file_->run(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}; COMMIT",
                                kRecordingApplication, kRecordingSchema));
}

Status RecordingWriter::learn_metrics() {
  auto rows = file_->prepare("SELECT id, name, label FROM metrics");
  if (!rows) return rows.status();
  for (;;) {
    const auto row = rows->step();
    if (!row) return row.status();
    if (!*row) return Status::ok();
    if (const auto metric = metric_from(rows->text(1), rows->text(2))) {
      metrics_[*metric] = rows->integer(0);
    }
  }
}

void RecordingWriter::put(std::string_view document, std::string json) {
  const auto known = stored_.find(document);
  if (known != stored_.end() && known->second == json) return;
  documents_.insert_or_assign(std::string(document), std::move(json));
}

Status RecordingWriter::commit() {
  if (samples_.empty() && events_.empty() && jobs_.empty() && documents_.empty()) {
    return Status::ok();
  }
  auto status = file_->run("BEGIN IMMEDIATE");
  if (status) status = write_held();
  if (status) status = file_->run("COMMIT");
  if (!status) {
    (void)file_->run("ROLLBACK");  // what is held stays, so that a later commit can take it
    metrics_.clear();
    (void)learn_metrics();
    return status;
  }
  samples_.clear();
  events_.clear();
  jobs_.clear();
  for (auto& [name, json] : documents_) stored_.insert_or_assign(name, std::move(json));
  documents_.clear();
  return make_room();
}

Status RecordingWriter::write_held() {
  for (const auto& sample : samples_) {
    if (auto status = write_sample(0, sample); !status) return status;
    last_time_ = std::max(last_time_, sample.time);
  }
  auto add = file_->prepare("INSERT INTO events VALUES(NULL, ?, ?, ?, ?, ?, ?)");
  if (!add) return add.status();
  for (const auto& event : events_) {
    add->bind(1, to_us(event.time)).bind(2, event.severity).bind(3, event.category);
    add->bind(4, event.source).bind(5, event.family).bind(6, event.text);
    if (auto status = add->finish(); !status) return status;
    last_event_time_ = std::max(last_event_time_, event.time);
  }
  if (auto status = write_jobs(); !status) return status;
  auto put = file_->prepare("INSERT OR REPLACE INTO documents VALUES(?, ?)");
  if (!put) return put.status();
  for (const auto& [name, json] : documents_) {
    if (auto status = put->bind(1, name).bind(2, json).finish(); !status) return status;
  }
  return Status::ok();
}

Status RecordingWriter::write_jobs() {
  if (jobs_.empty()) return Status::ok();
  auto add =
      file_->prepare("INSERT OR IGNORE INTO jobs VALUES(NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  if (!add) return add.status();
  for (const auto& job : jobs_) {
    add->bind(1, job.kind).bind(2, job.family).bind(3, to_us(job.begin)).bind(4, to_us(job.end));
    add->bind_known(5, job.input_level).bind_known(6, job.output_level);
    add->bind_known(7, job.input_bytes).bind_known(8, job.output_bytes);
    if (auto status = add->bind(9, job.reason).bind(10, job.source).finish(); !status) {
      return status;
    }
  }
  return Status::ok();
}

Status RecordingWriter::write_sample(int level, const RecordedSample& sample) {
  for (const auto& [metric, value] : sample.figures) {
    if (const auto number = number_of(metric); !number) return number.status();
  }
  auto add = file_->prepare("INSERT INTO samples VALUES(NULL, ?, ?, ?, ?)");
  if (!add) return add.status();
  add->bind(1, std::int64_t{level}).bind(2, to_us(sample.time)).bind(3, sample.seconds);
  return add->bind_bytes(4, encode_figures(sample, metrics_)).finish();
}

Result<std::int64_t> RecordingWriter::number_of(Metric metric) {
  const auto known = metrics_.find(metric);
  if (known != metrics_.end()) return known->second;
  auto next = file_->number("SELECT coalesce(max(id), 0) + 1 FROM metrics");
  if (!next) return next;
  auto add = file_->prepare("INSERT INTO metrics VALUES(?, ?, ?)");
  if (!add) return add.status();
  const auto& about = info(metric);
  if (auto status = add->bind(1, *next).bind(2, about.name).bind(3, about.label).finish();
      !status) {
    return status;
  }
  metrics_[metric] = *next;
  return next;
}

Result<std::int64_t> RecordingWriter::bytes() {
  const auto pages = file_->number("PRAGMA page_count");
  if (!pages) return pages;
  const auto unused = file_->number("PRAGMA freelist_count");
  if (!unused) return unused;
  const auto size = file_->number("PRAGMA page_size");
  if (!size) return size;
  return (*pages - *unused) * *size;
}

// Pages that become free are used again: the file does not grow beyond the limit.
Status RecordingWriter::make_room() {
  const auto most =
      static_cast<std::int64_t>(limits_.thin_above * static_cast<double>(limits_.bytes_max));
  for (int round = 0; round < kRoundsMax; ++round) {
    const auto used = bytes();
    if (!used) return used.status();
    if (*used <= most) return Status::ok();
    const auto dropped = drop_surplus();
    if (!dropped) return dropped.status();
    Status status;
    if (!*dropped) {
      int level = 0;
      std::int64_t rows = 0;
      for (; level < static_cast<int>(kLevelSeconds.size()); ++level) {
        const auto count =
            file_->number(fmt::format("SELECT count(*) FROM samples WHERE level = {}", level));
        if (!count) return count.status();
        rows = *count;
        if (rows >= kLevelRowsMin) break;
      }
      if (level == static_cast<int>(kLevelSeconds.size())) return Status::ok();  // nothing left
      const bool coarsest = level + 1 == static_cast<int>(kLevelSeconds.size());
      status = coarsest ? drop("samples", "level = 3", rows / 4) : thin(level);
    }
    if (!status) return status;
  }
  return Status::ok();
}

// Of events and jobs, where they take more than their shares.
Result<bool> RecordingWriter::drop_surplus() {
  struct List {
    std::string_view table;
    double share;
    std::int64_t row_bytes;
  };
  for (const auto& list : {List{"events", limits_.events_share, limits_.event_bytes},
                           List{"jobs", limits_.jobs_share, limits_.job_bytes}}) {
    const auto rows_max =
        static_cast<std::int64_t>(list.share * static_cast<double>(limits_.bytes_max)) /
        list.row_bytes;
    const auto rows = file_->number(fmt::format("SELECT count(*) FROM {}", list.table));
    if (!rows) return rows.status();
    if (*rows <= rows_max) continue;
    if (auto status = drop(list.table, "1", *rows - rows_max / kThinShare); !status) return status;
    return true;
  }
  return false;
}

Status RecordingWriter::drop(std::string_view table, std::string_view where, std::int64_t rows) {
  const std::string_view key = table == "events" ? "sequence" : table == "jobs" ? "ended" : "time";
  return file_->run(
      fmt::format("DELETE FROM {0} WHERE {1} AND {2} <= (SELECT {2} FROM {0} WHERE "
                  "{1} ORDER BY {2} LIMIT 1 OFFSET {3})",
                  table, where, key, std::max<std::int64_t>(0, rows - 1)));
}

// The older half of a level becomes samples of the next.
Status RecordingWriter::thin(int level) {
  const auto width = kLevelSeconds[static_cast<std::size_t>(level) + 1] * kMicroseconds;
  const auto from = fmt::format("FROM samples WHERE level = {}", level);
  const auto until = file_->number(
      fmt::format("SELECT time {0} ORDER BY time LIMIT 1 OFFSET (SELECT count(*) {0}) / {1}", from,
                  kThinShare));
  if (!until) return until.status();
  // Whole steps only, so that a later round does not cut one in two.
  const auto end = *until - *until % width;
  const auto first = file_->number(fmt::format("SELECT min(time) {}", from));
  if (!first) return first.status();
  const auto stop = end > *first ? end : *until + 1;

  std::map<std::int64_t, Metric> by_number;
  for (const auto& [metric, number] : metrics_) by_number[number] = metric;
  if (auto status = file_->run("BEGIN IMMEDIATE"); !status) return status;
  const auto done = [&]() -> Status {
    auto rows = file_->prepare(
        fmt::format("SELECT time, seconds, figures {} AND time < ? ORDER BY time", from));
    if (!rows) return rows.status();
    rows->bind(1, stop);
    std::vector<RecordedSample> bucket;
    std::vector<RecordedSample> results;
    const auto close = [&] {
      if (!bucket.empty()) results.push_back(merged(bucket));
      bucket.clear();
    };
    for (;;) {
      const auto row = rows->step();
      if (!row) return row.status();
      if (!*row) break;
      RecordedSample sample;
      sample.time = TimePoint(Duration(rows->integer(0)));
      sample.seconds = rows->real(1);
      decode_figures(rows->bytes(2), by_number, sample);
      if (!bucket.empty() && to_us(bucket.front().time) / width != to_us(sample.time) / width) {
        close();
      }
      bucket.push_back(std::move(sample));
    }
    close();
    if (auto status = file_->run(fmt::format("DELETE {} AND time < {}", from, stop)); !status) {
      return status;
    }
    for (const auto& result : results) {
      if (auto status = write_sample(level + 1, result); !status) return status;
    }
    return file_->run("COMMIT");
  }();
  if (!done) (void)file_->run("ROLLBACK");
  return done;
}

}  // namespace nodetune
