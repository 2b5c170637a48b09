// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/status.h"

namespace nodetune {

// An SST file as a MANIFEST knows it.
struct ManifestFile {
  std::uint64_t number = 0;
  int level = 0;
  std::int64_t bytes = 0;
  std::string smallest_key;  // user keys, without RocksDB's 8 bytes; the first kManifestKeyBytesMax
  std::string largest_key;
  std::uint64_t smallest_sequence = 0;
  std::uint64_t largest_sequence = 0;
  std::uint64_t oldest_blob_file = 0;  // of those that its values lie in; 0: none
  std::optional<TimePoint> created;    // since 6.4, and then not always
};

// A blob file as a MANIFEST knows it.
struct ManifestBlobFile {
  std::uint64_t number = 0;
  std::int64_t blobs = 0;
  std::int64_t bytes = 0;          // of the blobs with their keys and headers
  std::int64_t garbage_blobs = 0;  // of them, those that nothing points to any more
  std::int64_t garbage_bytes = 0;
};

// That so much more of a blob file is garbage.
struct BlobGarbage {
  std::uint64_t number = 0;  // the file's
  std::int64_t blobs = 0;
  std::int64_t bytes = 0;
};

constexpr std::size_t kManifestKeyBytesMax = 256;  // a million files' keys must fit in memory
// More than any database has, few enough to fit in memory: one MANIFEST naming more is refused.
constexpr std::size_t kManifestFilesMax = 4'000'000;

// One record of a MANIFEST: what changed. What it does not say is missing.
struct VersionEdit {
  std::uint32_t column_family = 0;  // whose files these are
  std::optional<std::string> added_column_family;
  bool drops_column_family = false;
  std::optional<std::string> comparator;
  std::optional<std::string> database_id;
  std::optional<std::uint64_t> log_number;
  std::optional<std::uint64_t> next_file_number;
  std::optional<std::uint64_t> last_sequence;
  std::optional<std::uint32_t> atomic_group_remaining;       // edits that belong to this one
  std::vector<std::pair<int, std::uint64_t>> deleted_files;  // level, number
  std::vector<ManifestFile> new_files;
  std::vector<ManifestBlobFile> new_blob_files;
  std::vector<BlobGarbage> blob_garbage;
};

// Errors: corrupt (bytes that make no sense), unsupported_format (a tag that a newer RocksDB wrote
// and that must not be ignored). Source: RocksDB's db/version_edit.h and .cc.
Result<VersionEdit> parse_version_edit(std::string_view record);

}  // namespace nodetune
