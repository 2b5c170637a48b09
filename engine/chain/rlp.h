// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"

namespace nodetune {

inline constexpr int kMaxRlpDepth =
    64;  // lists in lists; Ethereum's own formats need fewer than 10

// One item of an RLP sequence. The views point into the reader's input.
struct RlpItem {
  bool is_list = false;
  std::string_view payload;  // a string's bytes, or a list's items
  std::string_view encoded;  // header and payload: what a block's or transaction's hash is made of
  std::size_t offset = 0;    // of the header, from the start of the whole input
};

// Reads a sequence of RLP items in order, copying nothing.
//
// Strict: only the canonical encoding is accepted (shortest header, single bytes without one,
// integers without leading zeroes), lists nest at most kMaxRlpDepth deep, and nothing beyond the
// input is read. A list's items are checked when they are read, not when the list is skipped.
// After an error the reader stands where it stood. Errors are `corrupt` and name the byte's offset.
// Thread: any one. Lifetime: the input must outlive the reader and every item.
// Source: the Ethereum yellow paper, appendix B.
class RlpReader {
 public:
  explicit RlpReader(std::string_view input) : input_(input), end_(input.size()) {}

  bool at_end() const { return position_ == end_; }
  std::size_t offset() const { return position_; }  // of the next item, from the input's start

  Result<RlpItem> next();
  Result<std::string_view> next_string();
  Result<RlpReader> next_list();  // a reader of the list's items
  Result<std::uint64_t> next_uint(std::uint64_t max = UINT64_MAX);

  Status expect_end() const;  // an error if items are left
  // For those who check what the bytes mean: the same kind of error, at `offset`.
  static Status error_at(std::size_t offset, std::string_view what);

 private:
  RlpReader(std::string_view input, std::size_t begin, std::size_t end, int depth)
      : input_(input), position_(begin), end_(end), depth_(depth) {}

  Result<RlpItem> peek() const;
  Result<std::size_t> long_length(std::size_t length_bytes) const;

  std::string_view input_;  // whole, so that offsets are the file's
  std::size_t position_ = 0;
  std::size_t end_;
  int depth_ = 0;
};

// Writes canonical RLP. Every begin_list() needs its end_list() before take().
class RlpWriter {
 public:
  RlpWriter& add_string(std::string_view bytes);
  RlpWriter& add_uint(std::uint64_t value);
  RlpWriter& add_encoded(std::string_view rlp);  // items written before
  RlpWriter& begin_list();
  RlpWriter& end_list();

  std::string take();  // leaves the writer empty

 private:
  std::string out_;
  std::vector<std::size_t> open_lists_;  // where in out_ their items begin
};

}  // namespace nodetune
