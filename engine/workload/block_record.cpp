// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/workload/block_record.h"

#include <xxhash.h>

#include <optional>
#include <utility>

#include "engine/workload/synthetic_bytes.h"

namespace nodetune {
namespace {

constexpr std::size_t kChecksumBytes = 8;
constexpr std::size_t kWrittenKeyBytes = 12;

// Little-endian, fixed widths.
class Writer {
 public:
  template <typename T>
  Writer& add(T value) {
    for (std::size_t i = 0; i < sizeof value; ++i)
      out_.push_back(static_cast<char>(value >> 8 * i));
    return *this;
  }
  Writer& add(const Hash256& hash) {
    out_ += as_view(hash);
    return *this;
  }
  Writer& add(const WrittenKey& key) { return add(key.key_hash).add(key.value_hash); }
  std::string take_with_checksum() {
    add<std::uint64_t>(hash_bytes(out_, 0));
    return std::move(out_);
  }

 private:
  std::string out_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  T take() {
    T value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) {
      value |= static_cast<T>(static_cast<T>(static_cast<unsigned char>(bytes_[i])) << 8 * i);
    }
    bytes_.remove_prefix(sizeof value);
    return value;
  }
  Hash256 take_hash() {
    const auto hash = *bytes_from<Hash256>(bytes_.substr(0, sizeof(Hash256)));
    bytes_.remove_prefix(sizeof(Hash256));
    return hash;
  }
  WrittenKey take_key() {
    WrittenKey key;
    key.key_hash = take<std::uint64_t>();
    key.value_hash = take<std::uint32_t>();
    return key;
  }
  std::size_t left() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
};

// What stands before the checksum, if that is right.
std::optional<std::string_view> checked(std::string_view bytes) {
  if (bytes.size() < kChecksumBytes) return std::nullopt;
  const auto content = bytes.substr(0, bytes.size() - kChecksumBytes);
  Reader sum(bytes.substr(content.size()));
  if (sum.take<std::uint64_t>() != hash_bytes(content, 0)) return std::nullopt;
  return content;
}

}  // namespace

std::uint64_t hash_key(Family family, std::string_view key) {
  return hash_bytes(key, 1 + index_of(family));
}

std::uint32_t hash_value(std::string_view value) {
  const auto hash = static_cast<std::uint32_t>(hash_bytes(value, 0));
  return hash == kDeleted ? 1 : hash;
}

std::string record_key(std::uint64_t number) {
  std::string key(kRecordPrefix);
  for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(number >> shift));
  return key;
}

std::string BlockRecord::encode() const {
  Writer out;
  out.add(number).add(writes).add(transactions).add(block_hash);
  out.add(header).add(body).add(receipts);
  for (const auto& key : state) out.add(key);
  return out.take_with_checksum();
}

Result<BlockRecord> BlockRecord::decode(std::string_view bytes) {
  constexpr std::size_t kFixedBytes = 8 + 4 + 4 + sizeof(Hash256) + 3 * kWrittenKeyBytes;
  const auto content = checked(bytes);
  if (!content || content->size() < kFixedBytes ||
      (content->size() - kFixedBytes) % kWrittenKeyBytes != 0) {
    return Status(StatusCode::corrupt, "a block's record is damaged: its checksum does not match");
  }
  Reader in(*content);
  BlockRecord record;
  record.number = in.take<std::uint64_t>();
  record.writes = in.take<std::uint32_t>();
  record.transactions = in.take<std::uint32_t>();
  record.block_hash = in.take_hash();
  record.header = in.take_key();
  record.body = in.take_key();
  record.receipts = in.take_key();
  record.state.reserve(in.left() / kWrittenKeyBytes);
  while (in.left() > 0) record.state.push_back(in.take_key());
  if (record.writes != record.listed()) {
    return Status(StatusCode::corrupt, "a block's record lists fewer writes than it counts");
  }
  return record;
}

std::string ChainProgress::encode() const {
  Writer out;
  out.add(blocks).add(last_number).add(last_hash).add(oldest_header).add(oldest_body);
  out.add(oldest_record).add(transactions).add(accounts_written);
  return out.take_with_checksum();
}

Result<ChainProgress> ChainProgress::decode(std::string_view bytes) {
  const auto content = checked(bytes);
  if (!content || content->size() != 7 * 8 + sizeof(Hash256)) {
    return Status(StatusCode::corrupt,
                  "the record of where the chain stands is damaged: its checksum does not match");
  }
  Reader in(*content);
  ChainProgress progress;
  progress.blocks = in.take<std::uint64_t>();
  progress.last_number = in.take<std::uint64_t>();
  progress.last_hash = in.take_hash();
  for (auto* field : {&progress.oldest_header, &progress.oldest_body, &progress.oldest_record,
                      &progress.transactions, &progress.accounts_written}) {
    *field = in.take<std::uint64_t>();
  }
  return progress;
}

}  // namespace nodetune
