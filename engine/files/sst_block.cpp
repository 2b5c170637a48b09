// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/sst_block.h"

#include <xxhash.h>

#include <string>

#include "engine/files/crc32c.h"

namespace nodetune {
namespace {

constexpr std::size_t kRestartBytes = 4;
constexpr std::size_t kKeyBytesMax = 1024 * 1024;

std::uint32_t low_half(std::uint64_t value) {
  return static_cast<std::uint32_t>(value & 0xffffffffU);
}

// XXH3 goes over the block alone; the compression's byte is mixed in afterwards.
std::uint32_t xxh3_of(std::string_view with_type) {
  constexpr std::uint32_t kPrime = 0x6b9083d9;
  const auto block = with_type.substr(0, with_type.size() - 1);
  const auto type = static_cast<unsigned char>(with_type.back());
  return low_half(XXH3_64bits(block.data(), block.size())) ^ (type * kPrime);
}

std::optional<std::uint32_t> checksum_of(std::string_view with_type, SstChecksum kind) {
  switch (kind) {
    case SstChecksum::crc32c:
      return mask_crc32c(crc32c(with_type));
    case SstChecksum::xxhash32:
      return XXH32(with_type.data(), with_type.size(), 0);
    case SstChecksum::xxhash64:
      return low_half(XXH64(with_type.data(), with_type.size(), 0));
    case SstChecksum::xxh3:
      return xxh3_of(with_type);
    case SstChecksum::none:
    case SstChecksum::unknown:
      break;
  }
  return std::nullopt;
}

// One entry: how much of the last key it shares, the rest of its key, its value.
bool take_entry(Decoder& decoder, std::string& key, std::string_view& value) {
  const auto shared = decoder.take_varint32();
  const auto own = decoder.take_varint32();
  const auto value_bytes = decoder.take_varint32();
  if (!shared || !own || !value_bytes || *shared > key.size()) return false;
  if (*shared + std::uint64_t{*own} > kKeyBytesMax) return false;
  const auto rest = decoder.take_bytes(*own);
  if (!rest) return false;
  const auto taken = decoder.take_bytes(*value_bytes);
  if (!taken) return false;
  key.resize(*shared);
  key += *rest;
  value = *taken;
  return true;
}

}  // namespace

std::optional<SstBlockHandle> take_block_handle(Decoder& decoder) {
  const auto offset = decoder.take_varint64();
  const auto bytes = decoder.take_varint64();
  if (!offset || !bytes) return std::nullopt;
  const SstBlockHandle handle{*offset, *bytes};
  if (handle.end() < *offset || handle.end() < *bytes) return std::nullopt;
  return handle;
}

SstChecksum sst_checksum(char type) {
  constexpr char kNewest = 4;
  if (type < 0 || type > kNewest) return SstChecksum::unknown;
  return static_cast<SstChecksum>(type);
}

BlockCheck check_block(std::string_view with_trailer, std::uint64_t offset,
                       const SstBlockGuard& guard) {
  if (with_trailer.size() < kSstBlockTrailerBytes) return BlockCheck::damaged;
  const auto covered = with_trailer.size() - sizeof(std::uint32_t);
  const auto computed = checksum_of(with_trailer.substr(0, covered), guard.checksum);
  if (!computed) return BlockCheck::unknown;
  const auto stored = Decoder(with_trailer.substr(covered)).take_fixed<std::uint32_t>().value_or(0);
  // Where the block stands is part of it, so that a misplaced one is noticed.
  const std::uint32_t place =
      guard.context == 0 ? 0 : guard.context ^ (low_half(offset) + low_half(offset >> 32));
  return *computed + place == stored ? BlockCheck::intact : BlockCheck::damaged;
}

bool for_each_block_entry(
    std::string_view block,
    const std::function<bool(std::string_view key, std::string_view value)>& entry) {
  if (block.size() < kRestartBytes) return false;
  const auto restarts =
      Decoder(block.substr(block.size() - kRestartBytes)).take_fixed<std::uint32_t>().value_or(0);
  const auto index_bytes = (std::uint64_t{restarts} + 1) * kRestartBytes;
  if (index_bytes > block.size()) return false;
  Decoder decoder(block.substr(0, block.size() - index_bytes));
  std::string key;
  std::string_view value;
  while (!decoder.empty()) {
    if (!take_entry(decoder, key, value)) return false;
    if (!entry(key, value)) return true;
  }
  return true;
}

}  // namespace nodetune
