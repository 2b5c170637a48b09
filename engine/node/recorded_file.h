// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <memory>
#include <string>

#include "engine/node/recorded_source.h"
#include "engine/recording/recording_reader.h"

namespace nodetune {

// A file of nodetune-cli record as it is read, and read on while somebody writes it.
//
// Thread: one at a time.
class RecordedFile final : public RecordedSource {
 public:
  RecordedFile(std::string path, std::unique_ptr<RecordingReader> reader)
      : path_(std::move(path)), reader_(std::move(reader)) {}

  Status read(RecordedTaker& taker) override;
  RecordedOrigin origin() const override;
  bool may_grow() const override { return grew_; }

 private:
  const std::string path_;
  const std::unique_ptr<RecordingReader> reader_;
  bool grows_ = false;  // as of the last read
  bool grew_ = false;   // at any: who wrote it may begin again
};

}  // namespace nodetune
