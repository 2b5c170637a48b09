// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/chain/rlp_export.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "engine/chain/rlp.h"
#include "engine/chain/rlp_prefix.h"

namespace nodetune {
namespace {

constexpr std::size_t kPrefixBytesMax = 9;  // a list's header: one byte, and eight of length

// The header of a list whose items need not be there yet.
struct ListPrefix {
  std::size_t header_bytes = 0;
  std::uint64_t payload_bytes = 0;
  // With the header; the largest number there is where that is too small for it.
  std::uint64_t bytes() const {
    constexpr auto max = std::numeric_limits<std::uint64_t>::max();
    return payload_bytes > max - header_bytes ? max : header_bytes + payload_bytes;
  }
};

// Nothing: it is no list, not in its shortest form, or cut off.
std::optional<ListPrefix> list_prefix(std::string_view bytes) {
  if (bytes.empty()) return std::nullopt;
  const auto first = static_cast<std::uint8_t>(bytes.front());
  if (first < kRlpList) return std::nullopt;
  if (first <= kRlpLongList) return ListPrefix{1, std::uint64_t{first} - kRlpList};
  const std::size_t length_bytes = first - kRlpLongList;
  if (bytes.size() < 1 + length_bytes || bytes[1] == 0) return std::nullopt;
  std::uint64_t length = 0;
  for (const char byte : bytes.substr(1, length_bytes)) {
    length = length << 8 | static_cast<std::uint8_t>(byte);
  }
  if (length <= kRlpShortMax) return std::nullopt;
  return ListPrefix{1 + length_bytes, length};
}

Status add_items(RlpReader& block, std::string_view whole, FileBlock& into) {
  const auto header = block.next();
  if (!header) return header.status();
  if (!header->is_list) return RlpReader::error_at(header->offset, "a string, no header");
  into.header = header->encoded;
  into.body = RlpWriter()
                  .begin_list()
                  .add_encoded(whole.substr(header->offset + header->encoded.size()))
                  .end_list()
                  .take();
  return Status::ok();
}

}  // namespace

Result<bool> RlpExport::recognises(ByteWindow& window) {
  const auto bytes = window.peek(2 * kPrefixBytesMax);
  if (!bytes) return bytes.status();
  const auto block = list_prefix(*bytes);
  if (!block || block->bytes() > kMaxBlockBytes) return false;
  const auto header = list_prefix(bytes->substr(block->header_bytes));
  return header && header->bytes() <= block->payload_bytes;
}

// Of the block that comes next, all of which need not be there; 0 at the end.
Result<std::size_t> RlpExport::block_bytes() {
  const auto bytes = window_.peek(kPrefixBytesMax);
  if (!bytes) return bytes.status();
  if (bytes->empty()) return std::size_t{0};
  const auto prefix = list_prefix(*bytes);
  if (!prefix) {
    return block_error(input(), expected_, window_.offset(),
                       "cannot be read: no RLP list begins there");
  }
  if (prefix->bytes() > kMaxBlockBytes) {
    return block_error(input(), expected_, window_.offset(),
                       fmt::format("says that it has {} bytes; more than {} are not read",
                                   prefix->bytes(), kMaxBlockBytes));
  }
  return static_cast<std::size_t>(prefix->bytes());
}

Result<std::optional<FileBlock>> RlpExport::next() {
  const auto bytes = block_bytes();
  if (!bytes) return bytes.status();
  if (*bytes == 0) return std::optional<FileBlock>();
  const auto whole = window_.peek(*bytes);
  if (!whole) return whole.status();
  FileBlock block;
  block.offset = window_.offset();
  if (whole->size() < *bytes) {
    return cut_off(input(), expected_, block.offset, *bytes, whole->size());
  }
  RlpReader file(*whole);
  auto items = file.next_list();
  auto status = items ? add_items(*items, *whole, block) : items.status();
  if (!status) {
    return block_error(input(), expected_, block.offset,
                       "cannot be read: inside it, " + status.message());
  }
  const auto header = BlockHeader::decode(block.header);
  if (!header) {
    return block_error(input(), expected_, block.offset,
                       "has a header that cannot be read: " + header.status().message());
  }
  block.number = header->number;
  expected_ = header->number + 1;
  if (const auto skipped = window_.skip(*bytes); !skipped) return skipped.status();
  return std::optional(std::move(block));
}

// Reads of the next block only its header.
Result<std::optional<RlpExport::Ahead>> RlpExport::look_ahead() {
  const auto bytes = block_bytes();
  if (!bytes) return bytes.status();
  if (*bytes == 0) return std::optional<Ahead>();
  const auto offset = window_.offset();
  const auto unreadable = [&] {
    return block_error(input(), expected_, offset, "has a header that cannot be read");
  };
  auto begin = window_.peek(2 * kPrefixBytesMax);
  if (!begin) return begin.status();
  const auto block = list_prefix(*begin);
  const auto prefix = list_prefix(begin->substr(block->header_bytes));
  if (!prefix || prefix->bytes() > block->payload_bytes) return unreadable();
  const auto header_bytes = static_cast<std::size_t>(prefix->bytes());
  begin = window_.peek(block->header_bytes + header_bytes);
  if (!begin) return begin.status();
  if (begin->size() < block->header_bytes + header_bytes) {
    return cut_off(input(), expected_, offset, *bytes, begin->size());
  }
  const auto header = BlockHeader::decode(begin->substr(block->header_bytes, header_bytes));
  if (!header) return unreadable();
  return std::optional(Ahead{header->number, *bytes});
}

bool RlpExport::is_at(std::uint64_t number) {
  const auto ahead = look_ahead();
  return ahead && ahead->has_value() && (*ahead)->number == number;
}

Status RlpExport::skip_below(std::uint64_t number, std::uint64_t hint,
                             const std::stop_token& stop) {
  const auto begin = window_.offset();
  if (hint > begin && window_.go_to(hint)) {
    if (is_at(number)) return Status::ok();
    window_.go_to(begin);
  }
  while (!stop.stop_requested()) {
    const auto ahead = look_ahead();
    if (!ahead) return ahead.status();
    if (!ahead->has_value() || (*ahead)->number >= number) return Status::ok();
    const auto offset = window_.offset();
    const auto skipped = window_.skip((*ahead)->bytes);
    if (!skipped) return skipped.status();
    if (!*skipped) {
      return cut_off(input(), (*ahead)->number, offset, (*ahead)->bytes, window_.offset() - offset);
    }
    expected_ = (*ahead)->number + 1;
  }
  return Status(StatusCode::cancelled, "stopped while the next block was looked for");
}

}  // namespace nodetune
