// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/version_edit.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "engine/files/coding.h"
#include "engine/files/level_max.h"

namespace nodetune {
namespace {

enum Tag : std::uint32_t {
  kComparator = 1,
  kLogNumber = 2,
  kNextFileNumber = 3,
  kLastSequence = 4,
  kCompactCursor = 5,
  kDeletedFile = 6,
  kNewFile = 7,
  kPrevLogNumber = 9,
  kMinLogNumberToKeep = 10,
  kNewFile2 = 100,
  kNewFile3 = 102,
  kNewFile4 = 103,
  kColumnFamily = 200,
  kColumnFamilyAdd = 201,
  kColumnFamilyDrop = 202,
  kMaxColumnFamily = 203,
  kInAtomicGroup = 300,
  kBlobFileAddition = 400,
  kBlobFileGarbage = 401,
  kSafeIgnoreMask = 1U << 13,  // with a length in front, so that old readers can step over
  kDatabaseId = kSafeIgnoreMask + 1,
  kBlobFileAdditionOld = kSafeIgnoreMask + 2,  // these four have no length in front
  kBlobFileGarbageOld = kSafeIgnoreMask + 3,
  kWalAddition = kSafeIgnoreMask + 4,
  kWalDeletion = kSafeIgnoreMask + 5,
};

constexpr std::uint32_t kFileTerminate = 1;
constexpr std::uint32_t kFileOldestBlobFile = 4;
constexpr std::uint32_t kFileCreationTime = 6;
constexpr std::uint32_t kFilePathId = 65;
constexpr std::uint32_t kFileNonSafeIgnoreMask = 1U << 6;
constexpr std::uint32_t kBlobTerminate = 0;
constexpr std::uint32_t kWalTerminate = 1;
constexpr std::size_t kInternalKeySuffixBytes = 8;      // sequence number and type
constexpr std::uint64_t kSecondsMax = 253'402'300'799;  // the year 9999

// Takes one edit apart. Every take_ says whether it could.
class EditParser {
 public:
  explicit EditParser(std::string_view record) : in_(record) {}

  Result<VersionEdit> parse() {
    while (!in_.empty()) {
      const auto tag = in_.take_varint32();
      if (!tag) return corrupt("a tag");
      newer_tag_ = false;
      if (take_tag(*tag)) continue;
      if (!newer_tag_) return corrupt(fmt::format("tag {}", *tag));
      return Status(StatusCode::unsupported_format,
                    fmt::format("holds the tag {}, which a RocksDB newer than known here wrote; "
                                "use a newer NodeTune",
                                *tag));
    }
    return std::move(edit_);
  }

 private:
  static Status corrupt(std::string_view what) {
    return {StatusCode::corrupt, fmt::format("holds a damaged record, at {}", what)};
  }

  bool take_tag(std::uint32_t tag) {
    switch (tag) {
      case kComparator:
        return take(edit_.comparator);
      case kLogNumber:
        return take(edit_.log_number);
      case kNextFileNumber:
        return take(edit_.next_file_number);
      case kLastSequence:
        return take(edit_.last_sequence);
      case kPrevLogNumber:
      case kMinLogNumberToKeep:
      case kWalDeletion:
        return in_.take_varint64().has_value();
      case kCompactCursor:
        return in_.take_varint32() && in_.take_string();
      case kDeletedFile:
        return take_deleted_file();
      case kNewFile:
      case kNewFile2:
      case kNewFile3:
      case kNewFile4:
        return take_new_file(tag);
      default:
        return take_rocksdb_tag(tag);
    }
  }

  bool take_rocksdb_tag(std::uint32_t tag) {
    switch (tag) {
      case kColumnFamily: {
        const auto id = in_.take_varint32();
        edit_.column_family = id.value_or(0);
        return id.has_value();
      }
      case kColumnFamilyAdd:
        return take(edit_.added_column_family);
      case kColumnFamilyDrop:
        edit_.drops_column_family = true;
        return true;
      case kMaxColumnFamily:
        return in_.take_varint32().has_value();
      case kInAtomicGroup:
        edit_.atomic_group_remaining = in_.take_varint32();
        return edit_.atomic_group_remaining.has_value();
      case kBlobFileAddition:
      case kBlobFileAdditionOld:
        return take_blob_file() && in_.take_string() && in_.take_string() && skip_blob_fields();
      case kBlobFileGarbage:
      case kBlobFileGarbageOld:
        return take_blob_garbage() && skip_blob_fields();
      case kWalAddition:
        return skip_wal_addition();
      case kDatabaseId:
        return take(edit_.database_id);
      default:
        newer_tag_ = (tag & kSafeIgnoreMask) == 0;
        return !newer_tag_ && in_.take_string();
    }
  }

  bool take(std::optional<std::uint64_t>& value) {
    value = in_.take_varint64();
    return value.has_value();
  }

  bool take(std::optional<std::string>& value) {
    const auto bytes = in_.take_string();
    if (bytes) value = *bytes;
    return bytes.has_value();
  }

  bool take_level(int& level) {
    const auto value = in_.take_varint32();
    if (!value || *value > kLevelMax) return false;
    level = static_cast<int>(*value);
    return true;
  }

  bool take_key(std::string& key) {
    const auto internal = in_.take_string();
    if (!internal || internal->size() < kInternalKeySuffixBytes) return false;
    const auto bytes = internal->size() - kInternalKeySuffixBytes;
    key = internal->substr(0, std::min(bytes, kManifestKeyBytesMax));
    return true;
  }

  bool take_deleted_file() {
    auto& [level, number] = edit_.deleted_files.emplace_back();
    if (!take_level(level)) return false;
    const auto taken = in_.take_varint64();
    number = taken.value_or(0);
    return taken.has_value();
  }

  bool take_amount(std::int64_t& amount) {
    const auto value = in_.take_varint64();
    if (!value || *value > std::numeric_limits<std::int64_t>::max()) return false;
    amount = static_cast<std::int64_t>(*value);
    return true;
  }

  bool take_number(std::uint64_t& number) {
    const auto value = in_.take_varint64();
    number = value.value_or(0);
    return value.has_value();
  }

  bool take_blob_file() {
    if (edit_.new_blob_files.size() >= kManifestFilesMax) return false;
    auto& file = edit_.new_blob_files.emplace_back();
    return take_number(file.number) && take_amount(file.blobs) && take_amount(file.bytes);
  }

  bool take_blob_garbage() {
    if (edit_.blob_garbage.size() >= kManifestFilesMax) return false;
    auto& garbage = edit_.blob_garbage.emplace_back();
    return take_number(garbage.number) && take_amount(garbage.blobs) && take_amount(garbage.bytes);
  }

  bool take_new_file(std::uint32_t tag) {
    if (edit_.new_files.size() >= kManifestFilesMax) return false;
    auto& file = edit_.new_files.emplace_back();
    if (!take_level(file.level) || !take_number(file.number)) return false;
    if (tag == kNewFile3 && !in_.take_varint32()) return false;  // the path's number
    if (!take_amount(file.bytes)) return false;
    if (!take_key(file.smallest_key) || !take_key(file.largest_key)) return false;
    if (tag == kNewFile) return true;
    if (!take_number(file.smallest_sequence) || !take_number(file.largest_sequence)) return false;
    return tag != kNewFile4 || take_file_fields(file);
  }

  bool take_file_fields(ManifestFile& file) {
    for (;;) {
      const auto field = in_.take_varint32();
      if (!field) return false;
      if (*field == kFileTerminate) return true;
      newer_tag_ = (*field & kFileNonSafeIgnoreMask) != 0 && *field != kFilePathId;
      if (newer_tag_) return false;
      const auto value = in_.take_string();
      if (!value) return false;
      if (*field == kFileOldestBlobFile) {
        file.oldest_blob_file = Decoder(*value).take_varint64().value_or(0);
      } else if (*field == kFileCreationTime) {
        const auto seconds = Decoder(*value).take_varint64().value_or(0);
        if (seconds > 0 && seconds <= kSecondsMax) {
          file.created = TimePoint(std::chrono::seconds(seconds));
        }
      }
    }
  }

  bool skip_blob_fields() {
    for (;;) {
      const auto field = in_.take_varint32();
      if (!field) return false;
      if (*field == kBlobTerminate) return true;
      newer_tag_ = (*field & kFileNonSafeIgnoreMask) != 0;
      if (newer_tag_ || !in_.take_string()) return false;
    }
  }

  // Number, then fields that are numbers, then the end mark.
  bool skip_wal_addition() {
    if (!in_.take_varint64()) return false;
    for (;;) {
      const auto field = in_.take_varint32();
      if (!field) return false;
      if (*field == kWalTerminate) return true;
      if (!in_.take_varint64()) return false;
    }
  }

  Decoder in_;
  VersionEdit edit_;
  bool newer_tag_ = false;  // the last failure: not damage, but a tag that must be known
};

}  // namespace

Result<VersionEdit> parse_version_edit(std::string_view record) {
  return EditParser(record).parse();
}

}  // namespace nodetune
