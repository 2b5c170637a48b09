// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/sst_footer.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "engine/files/coding.h"
#include "engine/files/file_reader.h"

namespace nodetune {
namespace {

constexpr std::uint64_t kBlockBasedLegacyMagic = 0xdb4775248b80fb57;
constexpr std::uint64_t kPlainMagic = 0x8242229663bf9564;
constexpr std::uint64_t kPlainLegacyMagic = 0x4f3418eb7a8f13b8;
constexpr std::uint64_t kCuckooMagic = 0x926789d0c5f17873;

constexpr std::size_t kMagicBytes = 8;
constexpr std::size_t kHandlesBytes = 40;    // two block handles, padded
constexpr std::size_t kLegacyBytes = 48;     // handles, magic
constexpr std::size_t kVersionedBytes = 53;  // checksum type, handles, version, magic
constexpr std::uint32_t kFirstContextChecksumVersion = 6;

Status damaged_file(const std::string& path, std::string_view what) {
  return {StatusCode::corrupt,
          fmt::format("{}: {}; the file is damaged: restore it from a backup or resync the node",
                      path, what)};
}

// Where the blocks named by two handles end; nothing where these are no handles. The first one is
// the metaindex block's.
std::optional<std::uint64_t> end_of_blocks(std::string_view handles, SstBlockHandle& metaindex) {
  Decoder decoder(handles);
  std::uint64_t end = 0;
  for (int i = 0; i < 2; ++i) {
    const auto handle = take_block_handle(decoder);
    if (!handle) return std::nullopt;
    if (i == 0) metaindex = *handle;
    end = std::max(end, handle->end());
  }
  return end;
}

// From format version 6 on: an extended magic, the footer's own checksum, the one that all others
// are mixed with, the metaindex block's size; that block lies right before the footer.
bool read_context_footer(std::string_view fields, std::uint64_t before_footer, SstFooter& footer) {
  constexpr std::string_view kExtendedMagic("\x3e\x00\x7a\x00", 4);
  Decoder decoder(fields);
  if (decoder.take_bytes(kExtendedMagic.size()) != kExtendedMagic) return false;
  const auto own_checksum = decoder.take_fixed<std::uint32_t>();
  const auto context = decoder.take_fixed<std::uint32_t>();
  const auto bytes = decoder.take_fixed<std::uint32_t>();
  if (!own_checksum || !context || !bytes) return false;
  if (*bytes + kSstBlockTrailerBytes > before_footer) return false;
  footer.guard.context = *context;
  footer.metaindex = {before_footer - kSstBlockTrailerBytes - *bytes, *bytes};
  return true;
}

Status check_blocks(std::string_view tail, std::int64_t file_bytes, SstFooter& footer,
                    const std::string& path) {
  const bool legacy = footer.format_version == 0;
  const auto footer_bytes = legacy ? kLegacyBytes : kVersionedBytes;
  if (tail.size() < footer_bytes || file_bytes < static_cast<std::int64_t>(footer_bytes))
    return damaged_file(path, "is too short for an SST file's footer");
  const auto handles = tail.substr(tail.size() - footer_bytes + (legacy ? 0 : 1), kHandlesBytes);
  const auto before_footer = static_cast<std::uint64_t>(file_bytes) - footer_bytes;
  footer.guard.checksum =
      legacy ? SstChecksum::crc32c : sst_checksum(tail[tail.size() - footer_bytes]);
  if (footer.format_version >= kFirstContextChecksumVersion) {
    return read_context_footer(handles, before_footer, footer)
               ? Status::ok()
               : damaged_file(path, "has a mangled SST footer");
  }
  const auto end = end_of_blocks(handles, footer.metaindex);
  if (!end) return damaged_file(path, "has a mangled SST footer");
  if (*end > before_footer) {
    return damaged_file(path,
                        fmt::format("is {} bytes long but its footer points to blocks that need "
                                    "at least {}",
                                    file_bytes, *end + footer_bytes));
  }
  return Status::ok();
}

}  // namespace

std::string_view to_string(SstTable table) {
  switch (table) {
    case SstTable::block_based:
      return "block-based";
    case SstTable::block_based_legacy:
      return "block-based (legacy)";
    case SstTable::plain:
      return "plain";
    case SstTable::cuckoo:
      return "cuckoo";
  }
  return "unknown";
}

Result<SstFooter> parse_sst_footer(std::string_view tail, std::int64_t file_bytes,
                                   const std::string& path) {
  if (tail.size() < kMagicBytes + sizeof(std::uint32_t)) {
    return damaged_file(path, "is too short for an SST file");
  }
  SstFooter footer;
  footer.file_bytes = file_bytes;
  const auto magic =
      Decoder(tail.substr(tail.size() - kMagicBytes)).take_fixed<std::uint64_t>().value_or(0);
  if (magic == kBlockBasedLegacyMagic || magic == kPlainLegacyMagic) {
    footer.table = magic == kBlockBasedLegacyMagic ? SstTable::block_based_legacy : SstTable::plain;
  } else if (magic == kSstBlockBasedMagic || magic == kPlainMagic || magic == kCuckooMagic) {
    footer.table = magic == kSstBlockBasedMagic ? SstTable::block_based
                   : magic == kPlainMagic       ? SstTable::plain
                                                : SstTable::cuckoo;
    footer.format_version =
        Decoder(tail.substr(tail.size() - kMagicBytes - 4)).take_fixed<std::uint32_t>().value_or(0);
  } else {
    return damaged_file(path, "does not end with an SST file's magic number");
  }
  if (footer.format_version > kSstFormatVersionMax) {
    return Status(StatusCode::unsupported_format,
                  fmt::format("{}: has table format version {}, newer than the {} known here; "
                              "use a newer NodeTune",
                              path, footer.format_version, kSstFormatVersionMax));
  }
  if (footer.table == SstTable::block_based || footer.table == SstTable::block_based_legacy) {
    if (auto status = check_blocks(tail, file_bytes, footer, path); !status) return status;
  }
  return footer;
}

Result<SstFooter> read_sst_footer(const std::string& path) {
  auto file = FileReader::open(path, SymbolicLinks::refuse);
  if (!file) return file.status();
  const auto size = file->size_at_open();
  const auto wanted = static_cast<std::int64_t>(kSstFooterBytesMax);
  const auto tail = file->read_at(std::max<std::int64_t>(0, size - wanted), kSstFooterBytesMax);
  if (!tail) return tail.status();
  return parse_sst_footer(*tail, size, path);
}

}  // namespace nodetune
