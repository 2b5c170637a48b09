// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "engine/chain/byte_window.h"

namespace nodetune {

// A file's content that is in memory; `in_pieces_of` bytes a read, to meet every cut.
class MemoryInput final : public ByteInput {
 public:
  explicit MemoryInput(std::string content, bool seekable = true,
                       std::size_t in_pieces_of = std::string::npos)
      : content_(std::move(content)), seekable_(seekable), piece_(in_pieces_of) {}

  Status read(std::size_t bytes, std::string& out) override {
    const auto taken = content_.substr(position_, std::min(bytes, piece_));
    position_ += taken.size();
    out += taken;
    return Status::ok();
  }
  bool seek(std::uint64_t offset) override {
    if (seekable_) position_ = std::min<std::size_t>(offset, content_.size());
    return seekable_;
  }
  const std::string& path() const override { return path_; }
  std::uint64_t file_bytes() const override { return content_.size(); }
  std::uint64_t file_position() const override { return position_; }

 private:
  const std::string path_ = "memory";
  const std::string content_;
  const bool seekable_;
  const std::size_t piece_;
  std::size_t position_ = 0;
};

}  // namespace nodetune
