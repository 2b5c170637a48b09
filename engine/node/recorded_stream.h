// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/files/file_reader.h"
#include "engine/node/recorded_source.h"
#include "engine/recording/recording_stream.h"

namespace nodetune {

// Hands over what a piece of a stream held: documents first.
void hand_over(RecordingStream::Piece piece, RecordedTaker& taker);

// A stream that was saved: `nodetune-cli record DIR --out - > FILE`, plain or still growing.
//
// Nobody tells whether it is still written: it is held to be while it has grown a moment ago.
// Thread: one at a time.
class RecordedStreamFile final : public RecordedSource {
 public:
  static Result<std::unique_ptr<RecordedStreamFile>> open(const std::string& path, Clock& clock);

  Status begin(RecordedTaker& taker) override;
  // Where a line is damaged it ends, and an event says so.
  Status read(RecordedTaker& taker) override;
  RecordedOrigin origin() const override;
  bool may_grow() const override { return grew_; }

 private:
  RecordedStreamFile(FileReader file, Clock& clock);

  const FileReader file_;
  Clock& clock_;
  RecordingStream stream_;
  std::int64_t offset_ = 0;
  Status problem_;  // what ended it
  TimePoint newest_sample_{};
  TimePoint grown_at_{};
  bool grows_ = false;  // as of the last read
  bool grew_ = false;   // at any
};

}  // namespace nodetune
