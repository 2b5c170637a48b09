// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/remote_recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "engine/base/format.h"
#include "engine/node/node_event.h"
#include "engine/node/recorded_stream.h"
#include "engine/node/remote_failure.h"

namespace nodetune {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr int kPiecesEach = 256;                   // of one look: 16 MiB
constexpr std::size_t kGreetingBytes = 64 * 1024;  // what a shell there may say first
constexpr auto kLookAtBegin = std::chrono::milliseconds(10);

RecordingStream::Limits stream_limits() {
  RecordingStream::Limits limits;
  limits.foreign_bytes_max = kGreetingBytes;
  return limits;
}

// Waiting would not mend it.
bool is_final(StatusCode code) {
  return code == StatusCode::not_a_database || code == StatusCode::unsupported_format;
}

}  // namespace

RemoteRecording::RemoteRecording(RemoteAddress address, OpenChannel open, Clock& clock,
                                 const Config& config)
    : address_(std::move(address)),
      open_(std::move(open)),
      clock_(clock),
      config_(config),
      stream_(stream_limits()),
      next_try_(clock.steady_now()),
      wait_(config.first_wait) {}

Status RemoteRecording::begin(RecordedTaker& taker) {
  const auto until = clock_.steady_now() + config_.begin_patience;
  for (;;) {
    (void)read(taker);
    if (has_begun()) return Status::ok();  // and may have ended again: that is told as it is later
    if (!lost_) return lost_;
    if (config_.cancelled != nullptr && config_.cancelled->load(std::memory_order_relaxed)) {
      return {StatusCode::cancelled, "Connecting was cancelled."};
    }
    if (clock_.steady_now() > until) {
      return {StatusCode::io_error,
              fmt::format("{} sent nothing within {}: does `{}` answer there?", address_.account(),
                          format_seconds(to_seconds(config_.begin_patience)),
                          remote_command(address_))};
    }
    std::this_thread::sleep_for(kLookAtBegin);
  }
}

Status RemoteRecording::read(RecordedTaker& taker) {
  if (gave_up_) return Status::ok();
  if (!channel_ && clock_.steady_now() >= next_try_) connect(taker);
  if (channel_) pump(taker);
  return Status::ok();
}

void RemoteRecording::connect(RecordedTaker& taker) {
  stream_.restart();
  connected_ = false;
  auto channel = open_();
  if (channel) {
    channel_ = *std::move(channel);
  } else {
    lose(channel.status(), taker);
  }
}

void RemoteRecording::pump(RecordedTaker& taker) {
  for (int i = 0; i < kPiecesEach; ++i) {
    const auto bytes = channel_->read(kPieceBytes);
    if (bytes.empty()) break;
    RecordingStream::Piece piece;
    const auto status = stream_.feed(bytes, piece);
    const bool arrived = !piece.samples.empty();
    for (const auto& sample : piece.samples) {
      newest_sample_ = std::max(newest_sample_, sample.time);
    }
    hand_over(std::move(piece), taker);
    if (arrived) {
      newest_arrived_ = clock_.steady_now();
      wait_ = config_.first_wait;
      if (!std::exchange(connected_, true) && !lost_) {
        tell(fmt::format("Connected to {} again", address_.account()), false, taker);
      }
      connection_ = kConnected;
    }
    if (!status) {
      gave_up_ = is_final(status.code());
      lose({status.code(),
            fmt::format("what {} sends cannot be read: {}", address_.account(), status.message())},
           taker);
      return;
    }
  }
  if (const auto end = channel_->end()) lose(remote_failure(address_, *end), taker);
}

void RemoteRecording::lose(const Status& why, RecordedTaker& taker) {
  channel_.reset();
  next_try_ = clock_.steady_now() + wait_;
  const auto then = gave_up_ ? std::string("it is not tried again")
                             : "trying again in " + format_seconds(to_seconds(wait_));
  wait_ = std::min(2 * wait_, config_.longest_wait);
  connected_ = false;
  lost_ = why;
  connection_ = fmt::format("Connection lost: {}; {}", why.message(), then);
  if (has_begun()) tell(connection_, true, taker);
}

void RemoteRecording::tell(std::string_view text, bool bad, RecordedTaker& taker) const {
  RecordedEvent event;
  event.time = time_there();
  event.severity = to_string(bad ? Severity::warning : Severity::info);
  event.category = to_string(EventCategory::node);
  event.text = text;
  taker.add(event);
}

TimePoint RemoteRecording::time_there() const {
  return newest_sample_ + (clock_.steady_now() - newest_arrived_);
}

RecordedOrigin RemoteRecording::origin() const {
  RecordedOrigin origin;
  origin.path = address_.url();
  origin.kind = kRemoteKind;
  origin.reason = "recorded over ssh from " + address_.account();
  origin.node_path = stream_.identity() ? stream_.identity()->path : address_.directory;
  origin.connection = connection_;
  origin.still_grows = !gave_up_;
  return origin;
}

}  // namespace nodetune
