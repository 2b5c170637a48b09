// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <iostream>
#include <utility>

#include "app/cli/record_sink.h"
#include "app/cli/support.h"
#include "engine/node/remote_node.h"

namespace nodetune::cli {
namespace {

// Into a file that is opened when the other side has said whose recording it is; what the file
// holds already is left out.
class OpensLater final : public RecordedTaker {
 public:
  OpensLater(const RecordOptions& options, const RemoteRecording& recording)
      : options_(options), recording_(recording) {}

  void put(std::string_view document, std::string json) override {
    if (ready()) sink_->put(document, std::move(json));
  }
  void add(const RecordedSample& sample) override {
    if (!ready() || sample.time <= sink_->known_samples()) return;
    sink_->add(sample);
    ++samples_;
  }
  void add(const RecordedEvent& event) override {
    if (!ready() || (event.source == "logged" && event.time <= sink_->known_events())) return;
    sink_->add(event);
    ++events_;
  }
  void add(const RecordedJob& job) override {
    if (ready()) sink_->add(job);
  }

  RecordSink* sink() { return sink_.get(); }
  const Status& status() const { return status_; }
  std::size_t samples() const { return samples_; }
  std::size_t events() const { return events_; }

 private:
  bool ready() {
    if (sink_ || !status_ || !recording_.identity()) return sink_ != nullptr;
    auto opened = open_sink(options_, *recording_.identity());
    if (opened) sink_ = *std::move(opened);
    status_ = opened.status();
    return sink_ != nullptr;
  }

  const RecordOptions& options_;
  const RemoteRecording& recording_;
  std::unique_ptr<RecordSink> sink_;
  Status status_;
  std::size_t samples_ = 0;
  std::size_t events_ = 0;
};

}  // namespace

Status record_remote(const RecordOptions& options) {
  auto opened = remote_recording(options.directory, SystemClock::instance());
  if (!opened) return opened.status();
  auto& recording = **opened;
  OpensLater taker(options, recording);
  std::string told;  // how the connection stood
  bool begun = false;
  auto status = keep_recording(
      options, [&] { return taker.sink(); },
      [&]() -> Status {
        auto read = std::exchange(begun, true) ? recording.read(taker) : recording.begin(taker);
        if (!read) return read;
        if (!taker.status()) return taker.status();
        const auto origin = recording.origin();
        const auto before = std::exchange(told, origin.connection);
        if (!before.empty() && before != told) {
          std::cerr << "nodetune-cli: " << on_one_line(told) << '\n';
        }
        return origin.still_grows ? Status::ok() : Status(StatusCode::failed, origin.connection);
      });
  if (status) tell_recorded(options, taker.samples(), taker.events());
  return status;
}

}  // namespace nodetune::cli
