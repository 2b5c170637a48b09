// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/chain/snappy_frames.h"

#include <fmt/format.h>
#include <snappy.h>

#include <cstdint>

#include "engine/files/crc32c.h"

namespace nodetune {
namespace {

constexpr std::string_view kIdentifier = "sNaPpY";
constexpr std::uint8_t kIdentifierType = 0xff;
constexpr std::uint8_t kCompressedType = 0x00;
constexpr std::uint8_t kPlainType = 0x01;
constexpr std::uint8_t kFirstSkippableType = 0x80;
constexpr std::size_t kHeaderBytes = 4;  // type, and a length of three bytes
constexpr std::size_t kChecksumBytes = 4;
constexpr std::size_t kChunkBytesMax = 64 << 10;  // of content, says the format

Status damaged(std::size_t offset, std::string_view what) {
  return {StatusCode::corrupt, fmt::format("snappy stream, byte {}: {}", offset, what)};
}

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) {
    value = value << 8 | static_cast<std::uint8_t>(bytes[i - 1]);
  }
  return value;
}

// Appends what a chunk of data holds; `data` begins with the checksum.
Status read_chunk(bool compressed, std::string_view data, std::size_t offset, std::size_t bytes_max,
                  std::string& out) {
  if (data.size() < kChecksumBytes) return damaged(offset, "a chunk without a checksum");
  const auto checksum = little_endian(data.substr(0, kChecksumBytes));
  data.remove_prefix(kChecksumBytes);
  std::size_t length = data.size();
  if (compressed && !snappy::GetUncompressedLength(data.data(), data.size(), &length)) {
    return damaged(offset, "a chunk that does not say its length");
  }
  if (length > kChunkBytesMax) return damaged(offset, "a chunk of more than 64 KiB");
  if (length > bytes_max - out.size()) {
    return damaged(offset, fmt::format("the content is larger than {} bytes", bytes_max));
  }
  const std::size_t begin = out.size();
  if (compressed) {
    out.resize(begin + length);
    if (!snappy::RawUncompress(data.data(), data.size(), out.data() + begin)) {
      return damaged(offset, "a chunk that cannot be decompressed");
    }
  } else {
    out += data;
  }
  if (mask_crc32c(crc32c(std::string_view(out).substr(begin))) != checksum) {
    return damaged(offset, "a chunk's checksum does not match");
  }
  return Status::ok();
}

}  // namespace

Result<std::string> read_snappy_frames(std::string_view stream, std::size_t bytes_max) {
  std::string out;
  std::size_t offset = 0;
  bool identified = false;
  while (offset < stream.size()) {
    if (stream.size() - offset < kHeaderBytes) return damaged(offset, "a chunk is cut off");
    const auto type = static_cast<std::uint8_t>(stream[offset]);
    const std::size_t length = little_endian(stream.substr(offset + 1, kHeaderBytes - 1));
    if (length > stream.size() - offset - kHeaderBytes) {
      return damaged(offset, "a chunk is cut off");
    }
    const auto data = stream.substr(offset + kHeaderBytes, length);
    if (type == kIdentifierType) {
      if (data != kIdentifier) return damaged(offset, "not a snappy stream");
      identified = true;
    } else if (!identified) {
      return damaged(offset, "not a snappy stream");
    } else if (type == kCompressedType || type == kPlainType) {
      auto status = read_chunk(type == kCompressedType, data, offset, bytes_max, out);
      if (!status) return status;
    } else if (type < kFirstSkippableType) {
      return damaged(offset, fmt::format("a chunk of unknown type {:#04x}", type));
    }
    offset += kHeaderBytes + length;
  }
  if (!identified) return damaged(0, "not a snappy stream");
  return out;
}

}  // namespace nodetune
