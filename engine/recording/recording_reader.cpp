// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/recording/recording_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/recording/recording_writer.h"

namespace nodetune {

Result<std::unique_ptr<RecordingReader>> RecordingReader::open(const std::string& path) {
  if (recording_kind(path) != RecordingKind::file) {
    return Status(StatusCode::not_a_database, path + " is no recording of NodeTune's");
  }
  Status status;
  for (const auto mode : {SqliteFile::Mode::read, SqliteFile::Mode::read_and_recover}) {
    auto file = SqliteFile::open(path, mode);
    if (!file) {
      status = file.status();
      continue;
    }
    std::unique_ptr<RecordingReader> reader(new RecordingReader(*std::move(file)));
    status = reader->check();
    if (status) return reader;
    // Only a commit that was cut off has to be undone, and that needs to write.
    const bool may_help = status.code() == StatusCode::permission_denied;
    if (!may_help) return status;
  }
  return status;
}

Status RecordingReader::check() {
  const auto schema = file_->number("PRAGMA user_version");
  if (!schema) return schema.status();
  if (*schema > kRecordingSchema) {
    return {StatusCode::unsupported_format,
            fmt::format("{} was recorded by a newer NodeTune (schema {}, this one reads up to {})",
                        file_->path(), *schema, kRecordingSchema)};
  }
  if (*schema == 0) {
    return {StatusCode::not_a_database,
            file_->path() + " holds nothing: its recording was ended before its first commit"};
  }
  const auto strange = file_->number(
      "SELECT count(*) FROM sqlite_schema WHERE type NOT IN ('table', 'index') OR sql LIKE "
      "'CREATE VIRTUAL%'");
  if (!strange) return strange.status();
  if (*strange > 0) {
    return {StatusCode::corrupt, file_->path() + " is no whole recording of NodeTune's"};
  }
  auto path = file_->prepare("SELECT value FROM meta WHERE key = 'path'");
  if (!path) return path.status();
  const auto row = path->step();
  if (!row) return row.status();
  if (*row) node_path_ = std::string(path->text(0));
  return learn_metrics();
}

Status RecordingReader::learn_metrics() {
  auto rows = file_->prepare("SELECT id, name, label FROM metrics");
  if (!rows) return rows.status();
  for (;;) {
    const auto row = rows->step();
    if (!row) return row.status();
    if (!*row) return Status::ok();
    const auto metric = metric_from(rows->text(1), rows->text(2));
    if (metric) metrics_[rows->integer(0)] = *metric;
  }
}

Result<std::string> RecordingReader::document(std::string_view name) {
  auto query = file_->prepare("SELECT value FROM documents WHERE name = ?");
  if (!query) return query.status();
  query->bind(1, name);
  const auto row = query->step();
  if (!row) return row.status();
  return *row ? std::string(query->text(0)) : std::string();
}

Status RecordingReader::read_samples(const std::function<void(const RecordedSample&)>& take) {
  if (auto status = learn_metrics(); !status) return status;
  // What is thinned meanwhile was taken before.
  auto rows = file_->prepare(
      began_
          ? "SELECT id, time, seconds, figures FROM samples WHERE id > ? AND level = 0 ORDER BY id"
          : "SELECT id, time, seconds, figures FROM samples WHERE id > ? ORDER BY time, id");
  if (!rows) return rows.status();
  rows->bind(1, last_sample_);
  for (;;) {
    const auto row = rows->step();
    if (!row) return row.status();
    if (!*row) break;
    RecordedSample sample;
    last_sample_ = std::max(last_sample_, rows->integer(0));
    sample.time = TimePoint(Duration(rows->integer(1)));
    sample.seconds = rows->real(2);
    if (!(sample.seconds > 0)) sample.seconds = kMissing;
    decode_figures(rows->bytes(3), metrics_, sample);
    take(sample);
  }
  began_ = true;
  return Status::ok();
}

Status RecordingReader::read_events(std::int64_t newest_max,
                                    const std::function<void(RecordedEvent)>& take) {
  auto rows = file_->prepare(
      "SELECT * FROM (SELECT sequence, time, severity, category, source, family, text FROM events "
      "WHERE sequence > ? ORDER BY sequence DESC LIMIT ?) ORDER BY sequence");
  if (!rows) return rows.status();
  rows->bind(1, last_event_).bind(2, newest_max);
  for (;;) {
    const auto row = rows->step();
    if (!row) return row.status();
    if (!*row) return Status::ok();
    RecordedEvent event;
    event.sequence = last_event_ = rows->integer(0);
    event.time = TimePoint(Duration(rows->integer(1)));
    event.severity = rows->text(2);
    event.category = rows->text(3);
    event.source = rows->text(4);
    event.family = rows->text(5);
    event.text = rows->text(6);
    take(std::move(event));
  }
}

Status RecordingReader::read_jobs(std::int64_t newest_max,
                                  const std::function<void(RecordedJob)>& take) {
  const auto tables =
      file_->number("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'jobs'");
  if (!tables || *tables == 0) return tables.status();
  auto rows = file_->prepare(
      "SELECT * FROM (SELECT id, kind, family, began, ended, input_level, output_level, "
      "input_bytes, output_bytes, reason, source FROM jobs WHERE id > ? ORDER BY ended DESC "
      "LIMIT ?) ORDER BY ended");
  if (!rows) return rows.status();
  rows->bind(1, last_job_).bind(2, newest_max);
  for (;;) {
    const auto row = rows->step();
    if (!row) return row.status();
    if (!*row) return Status::ok();
    RecordedJob job;
    last_job_ = std::max(last_job_, rows->integer(0));
    job.kind = rows->text(1);
    job.family = rows->text(2);
    job.begin = TimePoint(Duration(rows->integer(3)));
    job.end = TimePoint(Duration(rows->integer(4)));
    job.input_level = rows->known_integer(5);
    job.output_level = rows->known_integer(6);
    job.input_bytes = rows->known_integer(7);
    job.output_bytes = rows->known_integer(8);
    job.reason = rows->text(9);
    job.source = rows->text(10);
    take(std::move(job));
  }
}

}  // namespace nodetune
