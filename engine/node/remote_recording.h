// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "engine/node/recorded_source.h"
#include "engine/node/remote_channel.h"
#include "engine/recording/recording_stream.h"

namespace nodetune {

// What nodetune-cli records on another machine, as it comes.
//
// A connection that is lost is made again, after 1, 2, 4 … 60 s, for as long as this lives; what
// was missed is a gap. It gives up where the other side is another database now, or speaks a newer
// format. Each change is told as an event, at the other machine's time.
// Thread: one at a time.
class RemoteRecording final : public RecordedSource {
 public:
  struct Config {
    Duration first_wait = std::chrono::seconds(1);
    Duration longest_wait = std::chrono::seconds(60);
    Duration begin_patience = std::chrono::seconds(45);  // until the first sample
    Duration look_every = std::chrono::milliseconds(100);
    const std::atomic<bool>* cancelled = nullptr;  // ends begin()
  };

  RemoteRecording(RemoteAddress address, OpenChannel open, Clock& clock, const Config& config);

  // Waits until the first sample has come. Errors: the first connection failed.
  Status begin(RecordedTaker& taker) override;
  Status read(RecordedTaker& taker) override;
  RecordedOrigin origin() const override;
  Duration period() const override { return config_.look_every; }
  bool may_grow() const override { return true; }

  const std::optional<RecordedIdentity>& identity() const { return stream_.identity(); }

 private:
  void connect(RecordedTaker& taker);
  void pump(RecordedTaker& taker);
  void lose(const Status& why, RecordedTaker& taker);
  void tell(std::string_view text, bool bad, RecordedTaker& taker) const;
  TimePoint time_there() const;
  bool has_begun() const { return newest_sample_ != TimePoint(); }

  const RemoteAddress address_;
  const OpenChannel open_;
  Clock& clock_;
  const Config config_;
  RecordingStream stream_;
  std::unique_ptr<RemoteChannel> channel_;  // null: waits for next_try_, or gave up
  SteadyTime next_try_{};
  Duration wait_;           // before the next try but one
  bool connected_ = false;  // a sample has come over this connection
  bool gave_up_ = false;
  Status lost_;  // why the last connection ended; ok: there was none
  std::string connection_ = "Connecting";
  TimePoint newest_sample_{};    // by the other machine's clock
  SteadyTime newest_arrived_{};  // by ours
};

}  // namespace nodetune
