// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/sst_properties.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "engine/files/coding.h"
#include "engine/files/file_reader.h"

namespace nodetune {
namespace {

constexpr std::int64_t kTailBytes = 8 * 1024;
constexpr char kNoCompression = 0;
constexpr std::string_view kPropertiesBlock = "rocksdb.properties";
constexpr std::string_view kOldPropertiesBlock = "rocksdb.stats";
constexpr std::string_view kGlobalSequence = "rocksdb.external_sst_file.global_seqno";

struct NumberField {
  std::string_view key;
  std::optional<std::int64_t> SstProperties::*field;
};

constexpr std::array kNumbers = {
    NumberField{"rocksdb.num.entries", &SstProperties::entries},
    NumberField{"rocksdb.deleted.keys", &SstProperties::deletions},
    NumberField{"rocksdb.merge.operands", &SstProperties::merge_operands},
    NumberField{"rocksdb.num.range-deletions", &SstProperties::range_deletions},
    NumberField{"rocksdb.raw.key.size", &SstProperties::raw_key_bytes},
    NumberField{"rocksdb.raw.value.size", &SstProperties::raw_value_bytes},
    NumberField{"rocksdb.data.size", &SstProperties::data_bytes},
    NumberField{"rocksdb.num.data.blocks", &SstProperties::data_blocks},
    NumberField{"rocksdb.index.size", &SstProperties::index_bytes},
    NumberField{"rocksdb.index.partitions", &SstProperties::index_partitions},
    NumberField{"rocksdb.top-level.index.size", &SstProperties::top_level_index_bytes},
    NumberField{"rocksdb.filter.size", &SstProperties::filter_bytes},
    NumberField{"rocksdb.column.family.id", &SstProperties::column_family_id},
};

struct TimeField {
  std::string_view key;
  std::optional<TimePoint> SstProperties::*field;
};

constexpr std::array kTimes = {
    TimeField{"rocksdb.creation.time", &SstProperties::created},
    TimeField{"rocksdb.oldest.key.time", &SstProperties::oldest_key},
    TimeField{"rocksdb.file.creation.time", &SstProperties::file_created},
};

struct NameField {
  std::string_view key;
  std::string SstProperties::*field;
};

constexpr std::array kNames = {
    NameField{"rocksdb.compression", &SstProperties::compression},
    NameField{"rocksdb.filter.policy", &SstProperties::filter_policy},
    NameField{"rocksdb.column.family.name", &SstProperties::column_family_name},
    NameField{"rocksdb.comparator", &SstProperties::comparator},
};

// By the byte that stands behind each block.
constexpr std::array<std::string_view, 8> kCompressions = {
    "NoCompression", "Snappy", "Zlib", "BZip2", "LZ4", "LZ4HC", "Xpress", "ZSTD"};

// From format version 7 on: "manager;hexadecimal types;", here "LZ4, ZSTD". Other text as it is.
std::string compression_names(std::string_view text) {
  const auto first = text.find(';');
  if (first == std::string_view::npos) return std::string(text);
  const auto types = text.substr(first + 1, text.find(';', first + 1) - first - 1);
  std::string names;
  for (std::size_t i = 0; i + 2 <= types.size(); i += 2) {
    unsigned type = 0;
    std::from_chars(types.data() + i, types.data() + i + 2, type, 16);
    if (!names.empty()) names += ", ";
    names += type < kCompressions.size() ? std::string(kCompressions[type])
                                         : fmt::format("type 0x{:02x}", type);
  }
  return names.empty() ? std::string(kCompressions.front()) : names;
}

std::optional<std::int64_t> varint_of(std::string_view value) {
  const auto number = Decoder(value).take_varint64();
  if (!number || *number > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(*number);
}

// Seconds since 1970; 0 and beyond the year 9999: not known.
std::optional<TimePoint> unix_time_of(std::string_view value) {
  constexpr std::int64_t kLatest = 253'402'300'799;
  const auto seconds = varint_of(value);
  if (!seconds || *seconds == 0 || *seconds > kLatest) return std::nullopt;
  return TimePoint(std::chrono::seconds(*seconds));
}

void take_property(std::string_view key, std::string_view value, SstProperties& properties) {
  for (const auto& [name, field] : kNumbers) {
    if (key == name) properties.*field = varint_of(value);
  }
  for (const auto& [name, field] : kTimes) {
    if (key == name) properties.*field = unix_time_of(value);
  }
  for (const auto& [name, field] : kNames) {
    if (key == name) properties.*field = std::string(value.substr(0, kSstNameBytesMax));
  }
}

Status unreadable(std::string_view why) {
  return {StatusCode::unsupported_format, fmt::format("its properties cannot be read: {}", why)};
}
Status damaged(std::string_view what) {
  return {StatusCode::corrupt, fmt::format("has {}", what)};
}

// What `read` gives, with the end of the file read only once.
class Tail {
 public:
  static Result<Tail> read(const SstRead& read, std::int64_t file_bytes) {
    Tail tail(read, file_bytes);
    auto end = read(tail.from_, static_cast<std::size_t>(file_bytes - tail.from_));
    if (!end) return end.status();
    tail.end_ = *std::move(end);
    return tail;
  }

  std::string_view end() const { return end_; }

  // A block with its trailer; nothing where it is not whole.
  Result<std::string> block(const SstBlockHandle& handle) const {
    if (handle.bytes > kSstMetaBlockBytesMax) return unreadable("the block is too large");
    if (handle.end() > static_cast<std::uint64_t>(file_bytes_)) {
      return damaged("a list of blocks that lie beyond its end");
    }
    const auto offset = static_cast<std::int64_t>(handle.offset);
    const auto bytes = static_cast<std::size_t>(handle.bytes + kSstBlockTrailerBytes);
    if (offset >= from_ && static_cast<std::size_t>(offset - from_) + bytes <= end_.size()) {
      return end_.substr(static_cast<std::size_t>(offset - from_), bytes);
    }
    auto read = read_(offset, bytes);
    if (read && read->size() != bytes) return damaged("become shorter while it was read");
    return read;
  }

 private:
  Tail(const SstRead& read, std::int64_t file_bytes)
      : read_(read),
        file_bytes_(file_bytes),
        from_(std::max<std::int64_t>(0, file_bytes - kTailBytes)) {}

  const SstRead& read_;
  std::int64_t file_bytes_;
  std::int64_t from_;
  std::string end_;
};

// A block's content, without its trailer.
Result<std::string> content_of(const Tail& tail, const SstBlockHandle& handle,
                               const SstBlockGuard& guard, std::string_view name) {
  auto block = tail.block(handle);
  if (!block) return block;
  if (block->at(static_cast<std::size_t>(handle.bytes)) != kNoCompression) {
    return unreadable(fmt::format("its {} block is compressed", name));
  }
  if (check_block(*block, handle.offset, guard) != BlockCheck::damaged) {
    block->resize(static_cast<std::size_t>(handle.bytes));
    return block;
  }
  // An ingested file was given its sequence number after its checksum was computed: over zeros.
  const auto whole = std::string_view(*block);
  std::optional<std::size_t> sequence_at;
  for_each_block_entry(whole.substr(0, static_cast<std::size_t>(handle.bytes)),
                       [&](std::string_view key, std::string_view value) {
                         if (key != kGlobalSequence || value.size() != sizeof(std::uint64_t)) {
                           return true;
                         }
                         sequence_at = static_cast<std::size_t>(value.data() - whole.data());
                         return false;
                       });
  if (sequence_at) {
    auto as_written = *block;
    as_written.replace(*sequence_at, sizeof(std::uint64_t), sizeof(std::uint64_t), '\0');
    if (check_block(as_written, handle.offset, guard) != BlockCheck::damaged) {
      block->resize(static_cast<std::size_t>(handle.bytes));
      return block;
    }
  }
  return damaged(fmt::format("a {} block that does not match its checksum", name));
}

Result<SstProperties> properties_of(const Tail& tail, const SstFooter& footer) {
  if (footer.table != SstTable::block_based && footer.table != SstTable::block_based_legacy) {
    return unreadable(fmt::format("it is a {} table", to_string(footer.table)));
  }
  const auto metaindex = content_of(tail, footer.metaindex, footer.guard, "metaindex");
  if (!metaindex) return metaindex.status();
  std::optional<SstBlockHandle> handle;
  bool mangled = false;
  const bool whole =
      for_each_block_entry(*metaindex, [&](std::string_view key, std::string_view value) {
        if (key != kPropertiesBlock && key != kOldPropertiesBlock) return true;
        Decoder decoder(value);
        handle = take_block_handle(decoder);
        mangled = !handle;
        return false;
      });
  if (!whole || mangled) return damaged("a mangled metaindex block");
  if (!handle) return unreadable("it has none");
  const auto block = content_of(tail, *handle, footer.guard, "properties");
  if (!block) return block.status();
  return parse_sst_properties(*block);
}

}  // namespace

Result<SstProperties> parse_sst_properties(std::string_view block) {
  SstProperties properties;
  const bool whole =
      for_each_block_entry(block, [&properties](std::string_view key, std::string_view value) {
        take_property(key, value, properties);
        return true;
      });
  if (!whole) return damaged("a mangled properties block");
  if (properties.filter_policy == "nullptr") properties.filter_policy.clear();
  if (!properties.compression.empty()) {
    properties.compression = compression_names(properties.compression);
  }
  return properties;
}

Result<SstTail> read_sst_tail(const SstRead& read, std::int64_t file_bytes,
                              const std::string& path) {
  const auto tail = Tail::read(read, file_bytes);
  if (!tail) return tail.status();
  auto footer = parse_sst_footer(tail->end(), file_bytes, path);
  if (!footer) return footer.status();
  SstTail result;
  result.footer = *std::move(footer);
  if (auto properties = properties_of(*tail, result.footer)) {
    result.properties = *std::move(properties);
  } else {
    result.properties_status = properties.status();
  }
  return result;
}

Result<SstTail> read_sst_tail(const std::string& path) {
  const auto file = FileReader::open(path, SymbolicLinks::refuse);
  if (!file) return file.status();
  const auto read = [&file](std::int64_t offset, std::size_t bytes) {
    auto content = file->read_at(offset, bytes);
    file->drop_pages(offset, offset + static_cast<std::int64_t>(bytes));
    return content;
  };
  return read_sst_tail(read, file->size_at_open(), path);
}

}  // namespace nodetune
