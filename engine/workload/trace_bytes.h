// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/status.h"

struct archive;

namespace nodetune {

// The content of a regular file, decompressed where its first bytes say that it is compressed
// (gzip, xz, zstd, bzip2, lz4), in pieces.
//
// Errors name the file; damaged or cut compression is `corrupt`. (gzip's check sum is not
// compared: libarchive leaves that out.)
// Thread: one at a time.
class TraceBytes {
 public:
  static Result<std::unique_ptr<TraceBytes>> open(const std::string& path);
  ~TraceBytes();
  TraceBytes(const TraceBytes&) = delete;
  TraceBytes& operator=(const TraceBytes&) = delete;

  // The next piece, valid until the next call; empty at the end.
  Result<std::string_view> next();
  const std::string& path() const { return path_; }

 private:
  struct Input;
  explicit TraceBytes(std::unique_ptr<Input> input);
  Status start();
  Status failure() const;

  std::string path_;
  std::unique_ptr<Input> input_;  // outlives archive_, which reads from it
  archive* archive_;
  bool ended_ = false;
};

// The same in lines, without their ends (\n or \r\n).
class TraceLines {
 public:
  // Longer lines are an error: no trace has any.
  static constexpr std::size_t kMaxLineBytes = 4'096;

  explicit TraceLines(std::unique_ptr<TraceBytes> bytes) : bytes_(std::move(bytes)) {}

  // False at the end. `line` is valid until the next call.
  Result<bool> next(std::string_view& line);
  // `corrupt`: the file, the number of the line that was read last, what is wrong and the line.
  Status wrong(std::string_view what, std::string_view line) const;

 private:
  std::unique_ptr<TraceBytes> bytes_;
  std::string_view piece_;
  std::string carried_;  // the beginning of a line that the last piece cut
  bool carried_given_ = false;
  std::uint64_t number_ = 0;  // from 1
};

// The same in records of a fixed size.
class TraceRecords {
 public:
  static constexpr std::size_t kMaxRecordBytes = 32;

  TraceRecords(std::unique_ptr<TraceBytes> bytes, std::size_t record_bytes)
      : bytes_(std::move(bytes)), record_bytes_(record_bytes) {}

  // Null at the end; a record cut short is an error.
  Result<const unsigned char*> next();

 private:
  std::unique_ptr<TraceBytes> bytes_;
  std::size_t record_bytes_;
  std::string_view piece_;
  unsigned char cut_[kMaxRecordBytes] = {};  // a record that lies in two pieces
  std::uint64_t offset_ = 0;                 // of the next record
};

}  // namespace nodetune
