// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/chain/rlp.h"

#include <fmt/format.h>

#include <cassert>
#include <utility>

#include "engine/chain/rlp_prefix.h"

namespace nodetune {
namespace {

std::string big_endian(std::uint64_t value) {  // shortest: nothing for 0
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) {
    const auto byte = static_cast<char>(value >> shift);
    if (byte != 0 || !bytes.empty()) bytes.push_back(byte);
  }
  return bytes;
}

std::uint64_t from_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

std::string header(std::uint8_t short_base, std::uint8_t long_base, std::size_t length) {
  if (length <= kRlpShortMax) return {static_cast<char>(short_base + length)};
  const auto bytes = big_endian(length);
  return static_cast<char>(long_base + bytes.size()) + bytes;
}

}  // namespace

Status RlpReader::error_at(std::size_t offset, std::string_view what) {
  return {StatusCode::corrupt, fmt::format("byte {}: {}", offset, what)};
}

// The length that follows a long header, whose `length_bytes` (1 to 8) are checked here.
Result<std::size_t> RlpReader::long_length(std::size_t length_bytes) const {
  if (length_bytes > end_ - position_ - 1) {
    return error_at(position_, "the length runs past the end");
  }
  const auto bytes = input_.substr(position_ + 1, length_bytes);
  if (bytes.front() == 0) return error_at(position_, "the length has a leading zero");
  const auto length = from_big_endian(bytes);
  if (length <= kRlpShortMax) return error_at(position_, "a short length is written as a long one");
  return std::size_t{length};
}

Result<RlpItem> RlpReader::peek() const {
  if (at_end()) return error_at(position_, "an item is missing");
  const auto first = static_cast<std::uint8_t>(input_[position_]);
  RlpItem item;
  item.is_list = first >= kRlpList;
  item.offset = position_;
  if (first < kRlpString) {  // its own encoding
    item.payload = item.encoded = input_.substr(position_, 1);
    return item;
  }
  const auto long_base = item.is_list ? kRlpLongList : kRlpLongString;
  std::size_t header_length = 1;
  std::size_t length = first - (item.is_list ? kRlpList : kRlpString);
  if (first > long_base) {
    const std::size_t length_bytes = first - long_base;
    auto read = long_length(length_bytes);
    if (!read) return read.status();
    length = *read;
    header_length += length_bytes;
  }
  const auto left = end_ - position_ - header_length;
  if (length > left) {
    return error_at(position_, fmt::format("{} of {} bytes runs past the end, {} bytes are left",
                                           item.is_list ? "a list" : "a string", length, left));
  }
  item.payload = input_.substr(position_ + header_length, length);
  item.encoded = input_.substr(position_, header_length + length);
  if (!item.is_list && length == 1 && static_cast<std::uint8_t>(item.payload[0]) < kRlpString) {
    return error_at(position_, "a single byte below 0x80 has a header");
  }
  return item;
}

Result<RlpItem> RlpReader::next() {
  auto item = peek();
  if (item) position_ += item->encoded.size();
  return item;
}

Result<std::string_view> RlpReader::next_string() {
  auto item = peek();
  if (!item) return item.status();
  if (item->is_list) return error_at(position_, "a list where a string should be");
  position_ += item->encoded.size();
  return item->payload;
}

Result<RlpReader> RlpReader::next_list() {
  auto item = peek();
  if (!item) return item.status();
  if (!item->is_list) return error_at(position_, "a string where a list should be");
  if (depth_ == kMaxRlpDepth) {
    return error_at(position_, fmt::format("lists nest deeper than {}", kMaxRlpDepth));
  }
  position_ += item->encoded.size();
  return RlpReader(input_, position_ - item->payload.size(), position_, depth_ + 1);
}

Result<std::uint64_t> RlpReader::next_uint(std::uint64_t max) {
  auto ahead = *this;
  auto bytes = ahead.next_string();
  if (!bytes) return bytes.status();
  if (!bytes->empty() && bytes->front() == 0) {
    return error_at(position_, "an integer has a leading zero");
  }
  if (bytes->size() > sizeof(std::uint64_t) || from_big_endian(*bytes) > max) {
    return error_at(position_, fmt::format("an integer above {}", max));
  }
  position_ = ahead.position_;
  return from_big_endian(*bytes);
}

Status RlpReader::expect_end() const {
  if (at_end()) return Status::ok();
  return error_at(position_, "more items than there should be");
}

RlpWriter& RlpWriter::add_string(std::string_view bytes) {
  const bool own_encoding = bytes.size() == 1 && static_cast<std::uint8_t>(bytes[0]) < kRlpString;
  if (!own_encoding) out_ += header(kRlpString, kRlpLongString, bytes.size());
  out_ += bytes;
  return *this;
}

RlpWriter& RlpWriter::add_uint(std::uint64_t value) {
  return add_string(big_endian(value));
}

RlpWriter& RlpWriter::add_encoded(std::string_view rlp) {
  out_ += rlp;
  return *this;
}

RlpWriter& RlpWriter::begin_list() {
  open_lists_.push_back(out_.size());
  return *this;
}

RlpWriter& RlpWriter::end_list() {
  assert(!open_lists_.empty());
  const auto begin = open_lists_.back();
  open_lists_.pop_back();
  out_.insert(begin, header(kRlpList, kRlpLongList, out_.size() - begin));
  return *this;
}

std::string RlpWriter::take() {
  assert(open_lists_.empty());
  return std::exchange(out_, {});
}

}  // namespace nodetune
