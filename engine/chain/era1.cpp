// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/chain/era1.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/chain/keccak.h"
#include "engine/chain/snappy_frames.h"
#include "engine/files/coding.h"

namespace nodetune {
namespace {

// Types of records.
constexpr std::uint16_t kVersion = 0x3265;
constexpr std::uint16_t kHeader = 0x03;
constexpr std::uint16_t kBody = 0x04;
constexpr std::uint16_t kReceipts = 0x05;
constexpr std::uint16_t kTotalDifficulty = 0x06;
constexpr std::uint16_t kAccumulator = 0x07;
constexpr std::uint16_t kIndex = 0x3266;

constexpr std::size_t kRecordHeaderBytes = 8;  // type, length of the content, two zero bytes

struct RecordHeader {
  std::uint16_t type = 0;
  std::uint32_t bytes = 0;  // of content
};

std::optional<RecordHeader> record_header(std::string_view bytes) {
  Decoder decoder(bytes);
  const auto type = decoder.take_fixed<std::uint16_t>();
  const auto length = decoder.take_fixed<std::uint32_t>();
  const auto reserved = decoder.take_fixed<std::uint16_t>();
  if (!type || !length || !reserved || *reserved != 0) return std::nullopt;
  return RecordHeader{*type, *length};
}

Word256 from_little_endian(std::string_view bytes) {
  Word256 word;
  std::reverse_copy(bytes.begin(), bytes.end(), word.bytes.begin());
  return word;
}

}  // namespace

bool Era1File::recognises(std::string_view first_bytes) {
  const auto header = record_header(first_bytes);
  return header && header->type == kVersion && header->bytes == 0;
}

// About the block that begins at `offset`, or what stands there instead of one.
Status Era1File::error(std::uint64_t offset, std::string_view what) const {
  return block_error(input(), expected_, offset, what);
}

// The next record, wholly there; `block_offset` is where the block begins that it is a part of.
Result<Era1File::Record> Era1File::peek_record(std::uint64_t block_offset) {
  const auto at = window_.offset();
  auto bytes = window_.peek(kRecordHeaderBytes);
  if (!bytes) return bytes.status();
  if (bytes->size() < kRecordHeaderBytes) {
    return error(block_offset,
                 fmt::format("is cut off: the file ends at byte {}", at + bytes->size()));
  }
  const auto header = record_header(*bytes);
  if (!header) {
    return error(block_offset, fmt::format("cannot be read: no era1 record begins at byte {}", at));
  }
  if (header->bytes > kMaxBlockBytes) {
    return error(block_offset, fmt::format("says at byte {} that {} bytes follow; more than {} "
                                           "are not read",
                                           at, header->bytes, kMaxBlockBytes));
  }
  bytes = window_.peek(kRecordHeaderBytes + header->bytes);
  if (!bytes) return bytes.status();
  if (bytes->size() < kRecordHeaderBytes + header->bytes) {
    return error(
        block_offset,
        fmt::format("is cut off: {} bytes should follow byte {}, {} are there", header->bytes,
                    at + kRecordHeaderBytes, bytes->size() - kRecordHeaderBytes));
  }
  return Record{header->type, bytes->substr(kRecordHeaderBytes)};
}

Status Era1File::take(const Record& record) {
  const auto skipped = window_.skip(kRecordHeaderBytes + record.content.size());
  return skipped ? Status::ok() : skipped.status();
}

// Of the next record; kIndex also where the file ends: nothing more can follow.
Result<std::uint16_t> Era1File::peek_type() {
  const auto bytes = window_.peek(kRecordHeaderBytes);
  if (!bytes) return bytes.status();
  const auto header = record_header(*bytes);
  return header ? header->type : bytes->empty() ? kIndex : std::uint16_t{0};
}

Result<std::string> Era1File::compressed(std::uint16_t type, std::string_view name,
                                         std::uint64_t offset) {
  const auto record = peek_record(offset);
  if (!record) return record.status();
  if (record->type != type) {
    return error(offset, fmt::format("has no {} at byte {}, but a record of type {:#06x}", name,
                                     window_.offset(), record->type));
  }
  auto content = read_snappy_frames(record->content, kMaxBlockBytes);
  if (!content) {
    return error(offset,
                 fmt::format("has a {} that cannot be read: {}", name, content.status().message()));
  }
  if (auto status = take(*record); !status) return status;
  return content;
}

Status Era1File::read_begin() {
  if (begun_) return Status::ok();
  begun_ = true;
  const auto version = peek_record(0);
  return version ? take(*version) : version.status();
}

Status Era1File::read_block(FileBlock& block) {
  const auto offset = window_.offset();
  auto header = compressed(kHeader, "header", offset);
  if (!header) return header.status();
  const auto decoded = BlockHeader::decode(*header);
  if (!decoded) {
    return error(offset, "has a header that cannot be read: " + decoded.status().message());
  }
  auto body = compressed(kBody, "body", offset);
  if (!body) return body.status();
  auto receipts = compressed(kReceipts, "list of receipts", offset);
  if (!receipts) return receipts.status();
  const auto difficulty = peek_record(offset);
  if (!difficulty) return difficulty.status();
  if (difficulty->type != kTotalDifficulty || difficulty->content.size() != sizeof(Word256)) {
    return error(offset, fmt::format("has no total difficulty at byte {}", window_.offset()));
  }
  block.total_difficulty = from_little_endian(difficulty->content);
  if (auto status = take(*difficulty); !status) return status;
  block.number = decoded->number;
  block.offset = offset;
  block.header = *std::move(header);
  block.body = *std::move(body);
  block.receipts = *std::move(receipts);
  return Status::ok();
}

Result<std::optional<FileBlock>> Era1File::next() {
  if (ended_) return std::optional<FileBlock>();
  if (auto status = read_begin(); !status) return status;
  const auto type = peek_type();
  if (!type) return type.status();
  if (*type == kAccumulator || *type == kIndex) {
    if (auto status = read_end(); !status) return status;
    return std::optional<FileBlock>();
  }
  if (offsets_.size() == kEra1BlocksMax) {
    return error(window_.offset(),
                 fmt::format("is one too many: era1 files hold {} at most", kEra1BlocksMax));
  }
  FileBlock block;
  if (auto status = read_block(block); !status) return status;
  if (!first_number_) first_number_ = block.number;
  offsets_.push_back(block.offset);
  records_.push_back({keccak256(block.header), *block.total_difficulty});
  expected_ = block.number + 1;
  return std::optional(std::move(block));
}

Status Era1File::read_end() {
  const auto missing = [this](std::string_view what) {
    return Status(StatusCode::corrupt,
                  fmt::format("{}: is cut short or damaged: {} should be at byte {}; all {} blocks "
                              "before it are whole",
                              input().path(), what, window_.offset(), offsets_.size()));
  };
  const auto type = peek_type();
  if (!type) return type.status();
  if (*type != kAccumulator) return missing("the accumulator");
  const auto accumulator = peek_record(window_.offset());
  if (!accumulator) return missing("the accumulator");
  if (auto status = check_accumulator(accumulator->content); !status) return status;
  if (auto status = take(*accumulator); !status) return status;

  const auto at = window_.offset();
  const auto index = peek_record(at);
  if (!index || index->type != kIndex) return missing("the block index");
  if (auto status = check_index(index->content, at); !status) return status;
  if (auto status = take(*index); !status) return status;
  const auto rest = window_.peek(1);
  if (!rest) return rest.status();
  if (!rest->empty()) {
    return Status(StatusCode::corrupt,
                  fmt::format("{}: bytes follow the block index, from byte {} on", input().path(),
                              window_.offset()));
  }
  ended_ = true;
  return Status::ok();
}

Status Era1File::check_accumulator(std::string_view said) {
  if (skipped_) return Status::ok();
  const auto found = accumulator_root(records_);
  if (said == as_view(found)) return Status::ok();
  return {StatusCode::corrupt,
          fmt::format("{}: the blocks are not those that the file was made of: its accumulator is "
                      "{}, theirs {}",
                      input().path(), "0x" + to_hex(said), to_hex_0x(found))};
}

Status Era1File::check_index(std::string_view index, std::uint64_t at) {
  const auto wrong = [&](std::string_view what) {
    return Status(StatusCode::corrupt, fmt::format("{}: the block index at byte {} is damaged: {}",
                                                   input().path(), at, what));
  };
  Decoder decoder(index);
  const auto first = decoder.take_fixed<std::uint64_t>();
  if (!first || *first != first_number_.value_or(*first)) {
    return wrong("it begins with another block than the file");
  }
  for (std::size_t i = 0; i < offsets_.size(); ++i) {
    const auto distance = decoder.take_fixed<std::uint64_t>();  // negative, as two's complement
    if (!distance) return wrong("it has fewer blocks than the file");
    if (at + *distance != offsets_[i]) {
      return wrong(fmt::format("block {} does not begin where it says", *first + i));
    }
  }
  const auto count = decoder.take_fixed<std::uint64_t>();
  if (!count || *count != offsets_.size() || !decoder.empty()) {
    return wrong("it has not as many blocks as the file");
  }
  return Status::ok();
}

// Looks at the records' headers alone, and at the first block's header for its number.
Status Era1File::skip_below(std::uint64_t number, std::uint64_t, const std::stop_token& stop) {
  if (auto status = read_begin(); !status) return status;
  while (!stop.stop_requested()) {
    const auto type = peek_type();
    if (!type) return type.status();
    if (*type == kAccumulator || *type == kIndex) return Status::ok();
    if (!expected_) {
      const auto first = peek_record(window_.offset());
      if (!first) return first.status();
      const auto rlp = read_snappy_frames(first->content, kMaxBlockBytes);
      const auto header = rlp ? BlockHeader::decode(*rlp) : Result<BlockHeader>(rlp.status());
      if (!header) {
        return error(window_.offset(),
                     "has a header that cannot be read: " + header.status().message());
      }
      expected_ = first_number_ = header->number;
    }
    if (*expected_ >= number || offsets_.size() == kEra1BlocksMax) return Status::ok();
    const auto offset = window_.offset();
    for (const auto part : {kHeader, kBody, kReceipts, kTotalDifficulty}) {
      const auto record = peek_record(offset);
      if (!record) return record.status();
      if (record->type != part) {
        return error(offset, fmt::format("has at byte {} a record of type {:#06x}, not {:#06x}",
                                         window_.offset(), record->type, part));
      }
      if (auto status = take(*record); !status) return status;
    }
    offsets_.push_back(offset);
    skipped_ = true;
    ++*expected_;
  }
  return Status(StatusCode::cancelled, "stopped while the next block was looked for");
}

}  // namespace nodetune
