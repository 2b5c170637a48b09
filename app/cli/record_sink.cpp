// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "app/cli/record_sink.h"

#include <fmt/format.h>

#include <chrono>
#include <iostream>
#include <limits>
#include <map>
#include <utility>

#include "app/cli/support.h"
#include "engine/recording/recording_stream_writer.h"

namespace nodetune::cli {
namespace {

constexpr double kCommitSeconds = 5;  // so much is lost when the program is killed

class FileSink final : public RecordSink {
 public:
  explicit FileSink(std::unique_ptr<RecordingWriter> writer)
      : writer_(std::move(writer)),
        known_samples_(writer_->last_time()),
        known_events_(writer_->last_event_time()) {}
  TimePoint known_samples() const override { return known_samples_; }
  TimePoint known_events() const override { return known_events_; }
  void add(const RecordedSample& sample) override { writer_->add(sample); }
  void add(const RecordedEvent& event) override { writer_->add(event); }
  void add(const RecordedJob& job) override { writer_->add(job); }
  void put(std::string_view document, std::string json) override {
    writer_->put(document, std::move(json));
  }
  Status commit() override {
    auto status = writer_->commit();
    // Somebody reads it: what is held goes with the next commit.
    return status.code() == StatusCode::busy ? Status::ok() : status;
  }

 private:
  std::unique_ptr<RecordingWriter> writer_;
  const TimePoint known_samples_;
  const TimePoint known_events_;
};

class StreamSink final : public RecordSink {
 public:
  explicit StreamSink(const RecordedIdentity& identity) {
    std::cout << stream_head(identity, "nodetune " NODETUNE_VERSION);
  }
  void add(const RecordedSample& sample) override { std::cout << stream_line(sample); }
  void add(const RecordedEvent& event) override { std::cout << stream_line(event); }
  void add(const RecordedJob& job) override { std::cout << stream_line(job); }
  void put(std::string_view document, std::string json) override {
    auto& told = told_[std::string(document)];
    if (told == json) return;
    std::cout << stream_line(document, json);
    told = std::move(json);
  }
  Status commit() override {
    std::cout.flush();
    return std::cout ? Status::ok() : Status(StatusCode::cancelled, "nobody reads any more");
  }

 private:
  std::map<std::string, std::string> told_;
};

}  // namespace

Result<std::unique_ptr<RecordSink>> open_sink(const RecordOptions& options,
                                              const RecordedIdentity& identity) {
  if (options.streams()) {
    return std::unique_ptr<RecordSink>(std::make_unique<StreamSink>(identity));
  }
  RecordingWriter::Limits limits;
  limits.bytes_max = size_of(options.limit);
  auto writer = RecordingWriter::open(options.out, identity, limits);
  if (!writer) return writer.status();
  return std::unique_ptr<RecordSink>(std::make_unique<FileSink>(*std::move(writer)));
}

Status keep_recording(const RecordOptions& options, const std::function<RecordSink*()>& sink,
                      const std::function<Status()>& write) {
  const double seconds = options.seconds.empty() ? std::numeric_limits<double>::infinity()
                                                 : seconds_of(options.seconds);
  auto last = std::chrono::steady_clock::now();
  bool first = true;
  Status status;
  const auto commit = [&] { return sink() != nullptr ? sink()->commit() : Status::ok(); };
  wait_while_running(
      seconds, [&] { return !status; },
      [&] {
        status = write();
        const auto now = std::chrono::steady_clock::now();
        const bool due = options.streams() || first ||
                         std::chrono::duration<double>(now - last).count() >= kCommitSeconds;
        if (!status || !due || sink() == nullptr) return;
        first = false;
        last = now;
        status = commit();
      });
  if (status) status = write();
  if (status) status = commit();
  if (status.code() == StatusCode::cancelled) return Status::ok();  // a reader that has enough
  if (!status && sink() != nullptr) {
    return {status.code(), fmt::format("{}; what was recorded before is kept", status.message())};
  }
  return status;
}

void tell_recorded(const RecordOptions& options, std::size_t samples, std::size_t events) {
  if (options.streams()) return;
  std::cerr << fmt::format("Recorded {} samples and {} events: {}\n", samples, events,
                           on_one_line(options.out));
}

}  // namespace nodetune::cli
