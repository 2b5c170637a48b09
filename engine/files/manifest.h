// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/files/record_log.h"
#include "engine/files/version_edit.h"

namespace nodetune {

inline constexpr std::string_view kDefaultFamilyName = "default";  // which every database has
inline constexpr std::string_view kBytewiseComparator = "leveldb.BytewiseComparator";

struct BlobTotal {
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  std::int64_t garbage_bytes = 0;  // of them
};

struct LevelTotal {
  int level = 0;
  std::int64_t files = 0;
  std::int64_t bytes = 0;
};

struct ManifestColumnFamily {
  std::uint32_t id = 0;
  std::string name;                             // raw bytes
  std::string comparator;                       // kBytewiseComparator, mostly
  std::uint64_t log_number = 0;                 // older WALs hold nothing of it
  std::map<std::uint64_t, ManifestFile> files;  // live ones, by number
  // By number, those of the past among them: a database forgets them without saying so.
  std::map<std::uint64_t, ManifestBlobFile> blob_files;

  // Those that a live table may point into, as RocksDB judges it: none older than the oldest that
  // any table names, and none that is all garbage unless one names it. Walks over all files.
  std::vector<ManifestBlobFile> live_blob_files() const;
  std::vector<LevelTotal> levels() const;  // the levels that hold files, from the top
};

// The state that a MANIFEST leads to: which files are live, in which family and level.
struct Manifest {
  std::string path;
  std::string database_id;  // empty where it is not written down
  std::uint64_t last_sequence = 0;
  std::uint64_t next_file_number = 0;
  std::map<std::uint32_t, ManifestColumnFamily> column_families;  // by id; dropped ones are gone
  std::int64_t edits = 0;
  std::int64_t bytes = 0;
  bool half_written = false;  // the tail is not whole: a node is writing, or died while it was

  const ManifestColumnFamily* find_column_family(std::string_view name) const;
  LevelTotal total() const;      // over all families and levels; `level` means nothing
  BlobTotal blob_total() const;  // live ones, over all families
};

// The MANIFEST's name that a directory's CURRENT holds. It is a bare "MANIFEST-<digits>", or the
// answer is corrupt: no path that leads elsewhere is ever returned.
Result<std::string> read_current(const std::string& directory);

// Errors: file errors, corrupt (damage before the end), unsupported_format (a newer RocksDB).
Result<Manifest> read_manifest_file(const std::string& path, const RecordLogLimits& limits = {});

class ManifestReplay;

// Follows a directory's MANIFEST as it grows: what was read is not read again, since one of a large
// database reaches a gigabyte. A new one, which CURRENT names then, is read from its beginning.
//
// Thread: one at a time. Holds no file open between two calls.
class ManifestFollower {
 public:
  explicit ManifestFollower(std::string directory, const RecordLogLimits& limits = {});
  ~ManifestFollower();

  // Valid until the next call. Errors as of read_manifest(); the next call starts anew after one.
  Result<const Manifest*> update();

 private:
  Result<const Manifest*> read(const std::string& path);

  const std::string directory_;
  const RecordLogLimits limits_;
  std::unique_ptr<ManifestReplay> replay_;  // null: nothing was read
  std::uint64_t inode_ = 0;
  std::int64_t resume_at_ = 0;
};

// The one that CURRENT names. A live node may replace it meanwhile: then the next one is read.
Result<Manifest> read_manifest(const std::string& directory, const RecordLogLimits& limits = {});

}  // namespace nodetune
