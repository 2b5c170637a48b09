// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace nodetune {

// Bytes in order: a file's content, decompressed where it is compressed.
//
// Thread: one at a time. Errors name the file.
class ByteInput {
 public:
  virtual ~ByteInput() = default;
  // Appends at most `bytes`; nothing only at the end.
  virtual Status read(std::size_t bytes, std::string& out) = 0;
  // Reads on at `offset` of the content. False: only what comes next can be read.
  virtual bool seek(std::uint64_t offset) = 0;
  virtual const std::string& path() const = 0;
  virtual std::uint64_t file_bytes() const = 0;     // of the file as it lies on the disk
  virtual std::uint64_t file_position() const = 0;  // how much of it has been read
};

// A regular file, or the content of one in gzip (as `geth export FILE.gz` writes), told apart by
// its first bytes. gzip's own checksums are compared.
Result<std::unique_ptr<ByteInput>> open_byte_input(const std::string& path);

// Looks at the bytes of an input before they are taken, in memory bounded by what is looked at.
class ByteWindow {
 public:
  explicit ByteWindow(std::unique_ptr<ByteInput> input) : input_(std::move(input)) {}

  // The next `bytes`, fewer only at the end; valid until the next call. Memory grows with what is
  // really there, never with what was asked for.
  Result<std::string_view> peek(std::size_t bytes);
  // Goes on `bytes` further, which may be more than was looked at; false: the end comes before.
  Result<bool> skip(std::uint64_t bytes);
  // Anywhere, where the input allows it; false: nothing has changed.
  bool go_to(std::uint64_t offset);

  std::uint64_t offset() const { return offset_; }  // of the next byte, in the content
  const ByteInput& input() const { return *input_; }

 private:
  std::string_view left() const { return std::string_view(buffer_).substr(begin_); }
  void drop_taken();

  std::unique_ptr<ByteInput> input_;
  std::string buffer_;
  std::size_t begin_ = 0;  // what lies before it in buffer_ is taken
  std::uint64_t offset_ = 0;
};

}  // namespace nodetune
