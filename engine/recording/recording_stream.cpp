// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/recording/recording_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/base/format.h"

namespace nodetune {
namespace {

constexpr double kTimeMax = 253'402'300'800;    // the year 10000
constexpr double kSampleSecondsMax = 3.2e8;     // ten years
constexpr std::size_t kQuotedBytes = 60;        // of a line, in a message
constexpr std::string_view kLogged = "logged";  // the source of what a node wrote into its LOG
constexpr std::string_view kBlanks = " \t\r";

const std::map<std::string, Metric, std::less<>>& metrics_by_name() {
  static const auto all = [] {
    std::map<std::string, Metric, std::less<>> names;
    for (const auto& metric : catalogue()) {
      if (metric.kind != MetricKind::histogram) names[stream_name(metric.id)] = metric.id;
    }
    return names;
  }();
  return all;
}

// Before a tree is built of it. Brackets within strings do not count.
bool nests_deeper(std::string_view text, int most) {
  int depth = 0;
  bool within_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (within_string) {
      if (c == '\\') ++i;
      if (c == '"') within_string = false;
    } else if (c == '"') {
      within_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > most) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

// Never in the middle of a character.
std::string cut(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  text.resize(end);
  return text;
}

std::string quoted(std::string_view line) {
  return fmt::format("\"{}{}\"", escape_name(line.substr(0, kQuotedBytes)),
                     line.size() > kQuotedBytes ? "…" : "");
}

}  // namespace

std::string stream_name(Metric metric) {
  const auto& about = info(metric);
  return figure_name(about) + (about.kind == MetricKind::counter ? "_per_second" : "");
}

struct RecordingStream::Values {
  const nlohmann::json& object;
  std::size_t text_bytes_max;

  const nlohmann::json& at(const char* name) const {
    static const nlohmann::json kNothing;
    const auto found = object.find(name);
    return found == object.end() ? kNothing : *found;
  }
  std::string text(const char* name) const {
    const auto& value = at(name);
    return value.is_string() ? cut(value.get<std::string>(), text_bytes_max) : std::string();
  }
  double number(const char* name) const {
    const auto& value = at(name);
    return value.is_number() ? value.get<double>() : kMissing;
  }
  std::optional<std::int64_t> integer(const char* name) const {
    const auto& value = at(name);
    return value.is_number_integer() ? std::optional(value.get<std::int64_t>()) : std::nullopt;
  }
  std::optional<TimePoint> time(const char* name = "time") const {
    const double seconds = number(name);
    if (!(seconds >= 0 && seconds < kTimeMax)) return std::nullopt;
    return TimePoint(Duration(std::llround(seconds * 1e6)));
  }
};

Status RecordingStream::wrong(std::string_view why) const {
  return {StatusCode::corrupt, fmt::format("line {} {}", lines_, why)};
}

void RecordingStream::restart() {
  partial_.clear();
  failed_ = Status::ok();
  begun_ = false;
  foreign_bytes_ = 0;
}

Status RecordingStream::feed(std::string_view bytes, Piece& piece) {
  while (failed_ && !bytes.empty()) {
    const auto end = bytes.find('\n');
    const auto part = bytes.substr(0, end);
    if (partial_.size() + part.size() > limits_.line_bytes_max) {
      ++lines_;
      failed_ = wrong(fmt::format("is longer than {}",
                                  format_bytes(static_cast<double>(limits_.line_bytes_max))));
      break;
    }
    if (end == std::string_view::npos) {
      partial_ += part;
      break;
    }
    bytes.remove_prefix(end + 1);
    ++lines_;
    if (partial_.empty()) {
      failed_ = take_line(part, piece);
    } else {
      partial_ += part;
      failed_ = take_line(std::exchange(partial_, {}), piece);
    }
  }
  if (!failed_) partial_ = {};
  return failed_;
}

Status RecordingStream::take_line(std::string_view line, Piece& piece) {
  if (line.find_first_not_of(kBlanks) == std::string_view::npos) return Status::ok();
  if (!begun_ && !line.starts_with("{\"")) return take_foreign(line);
  if (nests_deeper(line, limits_.nesting_max)) return wrong("is nested too deeply");
  const auto parsed = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) return wrong("is no JSON object: " + quoted(line));
  const auto head = parsed.find("recording");
  if (head != parsed.end()) {
    if (!head->is_object()) return wrong("begins no recording: " + quoted(line));
    if (auto status = begin({*head, limits_.text_bytes_max}); !status) return status;
  }
  if (!begun_) return take_foreign(line);
  for (const auto& [kind, value] : parsed.items()) {
    if (!value.is_object() || kind == "recording") continue;
    Status status;
    if (kind == "sample") {
      status = take_sample({value, limits_.text_bytes_max}, piece);
    } else if (kind == "event") {
      status = take_event({value, limits_.text_bytes_max}, piece);
    } else if (kind == "job") {
      status = take_job({value, limits_.text_bytes_max}, piece);
    } else {
      piece.documents[kind] = value.dump();
    }
    if (!status) return status;
  }
  return Status::ok();
}

Status RecordingStream::take_foreign(std::string_view line) {
  foreign_bytes_ += line.size() + 1;
  if (foreign_bytes_ <= limits_.foreign_bytes_max) return Status::ok();
  return wrong("begins no recording: " + quoted(line));
}

Status RecordingStream::begin(const Values& head) {
  const auto& version = head.at("version");
  if (!version.is_number_unsigned()) return wrong("begins a recording without a version");
  if (version.get<std::uint64_t>() > kRecordingSchema) {
    return {StatusCode::unsupported_format,
            fmt::format("it is recorded by a newer NodeTune ({}, format {}; this one reads up to "
                        "{}): update the one that reads",
                        escape_name(head.text("program")), version.get<std::uint64_t>(),
                        kRecordingSchema)};
  }
  RecordedIdentity identity{head.text("id"), head.text("path")};
  if (identity_ && identity_->id != identity.id) {
    return {StatusCode::not_a_database,
            fmt::format("line {} begins the recording of another database: {} ({}), before it was "
                        "{} ({})",
                        lines_, escape_name(identity.path), escape_name(identity.id),
                        escape_name(identity_->path), escape_name(identity_->id))};
  }
  identity_ = std::move(identity);
  program_ = head.text("program");
  begun_ = true;
  known_samples_ = newest_sample_;
  known_events_ = newest_event_;
  return Status::ok();
}

Status RecordingStream::take_sample(const Values& values, Piece& piece) {
  const auto time = values.time();
  const auto& figures = values.at("figures");
  if (!time || !figures.is_object()) return wrong("is a sample without a time or figures");
  if (*time <= known_samples_) return Status::ok();
  RecordedSample sample;
  sample.time = *time;
  const double seconds = values.number("seconds");
  if (seconds > 0 && seconds <= kSampleSecondsMax) sample.seconds = seconds;
  for (const auto& [name, value] : figures.items()) {
    const auto metric = metrics_by_name().find(name);
    if (metric == metrics_by_name().end() || !value.is_number()) continue;
    sample.figures.emplace_back(metric->second, value.get<double>());
  }
  std::sort(sample.figures.begin(), sample.figures.end());
  newest_sample_ = std::max(newest_sample_, sample.time);
  piece.samples.push_back(std::move(sample));
  return Status::ok();
}

Status RecordingStream::take_event(const Values& values, Piece& piece) {
  const auto time = values.time();
  if (!time) return wrong("is an event without a time");
  RecordedEvent event;
  event.time = *time;
  event.source = values.text("source");
  if (event.source == kLogged) {
    if (event.time <= known_events_) return Status::ok();
    newest_event_ = std::max(newest_event_, event.time);
  }
  event.severity = values.text("severity");
  event.category = values.text("category");
  event.family = values.text("family");
  event.text = values.text("text");
  piece.events.push_back(std::move(event));
  return Status::ok();
}

Status RecordingStream::take_job(const Values& values, Piece& piece) const {
  const auto begin = values.time("begin");
  const auto end = values.time("end");
  if (!begin || !end) return wrong("is a job without its times");
  RecordedJob job;
  job.kind = values.text("kind");
  job.family = values.text("family");
  job.begin = *begin;
  job.end = *end;
  job.input_level = values.integer("input_level");
  job.output_level = values.integer("output_level");
  job.input_bytes = values.integer("input_bytes");
  job.output_bytes = values.integer("output_bytes");
  job.reason = values.text("reason");
  job.source = values.text("source");
  piece.jobs.push_back(std::move(job));
  return Status::ok();
}

}  // namespace nodetune
