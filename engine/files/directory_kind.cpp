// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/directory_kind.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "engine/files/coding.h"
#include "engine/files/directory_listing.h"
#include "engine/files/file_reader.h"
#include "engine/files/sst_footer.h"

namespace nodetune {
namespace {

constexpr std::size_t kEvidenceBytes = 16 * 1024;       // of a LOG or an OPTIONS file
constexpr std::uint64_t kMdbxMagic = 0x59659DBDEF4C11;  // the upper 7 bytes of 8, the last: version
constexpr std::uint32_t kLmdbMagic = 0xBEEFC0DE;
constexpr std::size_t kMdbxMetaOffset = 20;  // after a page's header
constexpr std::size_t kLmdbMetaOffset = 16;

struct Verdict {
  DirectoryKind kind = DirectoryKind::none;
  std::string evidence;
};

// The names that matter, and a way to look into them.
struct Names {
  std::string directory;
  std::vector<DirectoryEntry> entries;
  bool truncated = false;

  const DirectoryEntry* find(std::string_view name) const {
    const auto found = std::lower_bound(
        entries.begin(), entries.end(), name,
        [](const DirectoryEntry& entry, std::string_view wanted) { return entry.name < wanted; });
    return found != entries.end() && found->name == name ? &*found : nullptr;
  }
  bool has_file(std::string_view name) const {
    const auto* entry = find(name);
    return entry != nullptr && entry->type == DirectoryEntry::Type::file;
  }
  // The last file (names are sorted) for which `wanted` holds.
  template <typename Wanted>
  const DirectoryEntry* last_file(Wanted wanted) const {
    const auto found = std::find_if(entries.rbegin(), entries.rend(), [&](const auto& entry) {
      return entry.type == DirectoryEntry::Type::file && wanted(entry.name);
    });
    return found == entries.rend() ? nullptr : &*found;
  }
  const DirectoryEntry* last_of_type(DatabaseFileType type) const {
    return last_file(
        [type](const std::string& name) { return classify_database_file(name) == type; });
  }
  // Empty where it cannot be read: then this file proves nothing.
  std::string head(const std::string& name) const {
    auto bytes = read_head(directory + "/" + name, kEvidenceBytes, SymbolicLinks::refuse);
    return bytes ? *std::move(bytes) : std::string();
  }
};

bool ends_with_rocksdb_magic(const Names& names, const std::string& sst) {
  const auto tail =
      read_tail(names.directory + "/" + sst, sizeof(kSstBlockBasedMagic), SymbolicLinks::refuse);
  return tail && Decoder(*tail).take_fixed<std::uint64_t>() == kSstBlockBasedMagic;
}

bool is_rocksdb_log(std::string_view head) {
  for (const std::string_view sign : {"RocksDB version", "Speedb version", "SpeeDB version",
                                      "DB SUMMARY", "Options.", "EVENT_LOG_v1"}) {
    if (head.find(sign) != std::string_view::npos) return true;
  }
  return false;
}

std::optional<Verdict> identify_by_options(const Names& names) {
  const auto* options = names.last_of_type(DatabaseFileType::options);
  if (options == nullptr) return std::nullopt;
  const auto head = names.head(options->name);
  if (head.find("pebble_version") != std::string::npos) {
    return Verdict{DirectoryKind::pebble, fmt::format("{} names a pebble_version", options->name)};
  }
  if (head.find("rocksdb_version") != std::string::npos) {
    return Verdict{DirectoryKind::rocksdb,
                   fmt::format("{} names a rocksdb_version", options->name)};
  }
  return std::nullopt;
}

std::optional<Verdict> identify_pebble_markers(const Names& names) {
  const auto* marker = names.last_file([](const std::string& name) {
    return name.starts_with("marker.manifest.") || name.starts_with("marker.format-version.");
  });
  if (marker == nullptr) return std::nullopt;
  return Verdict{DirectoryKind::pebble, fmt::format("{} is a Pebble marker", marker->name)};
}

// CURRENT and MANIFEST stand in LevelDB's and RocksDB's directories alike, and so does the
// comparator's name; what else lies there decides.
std::optional<Verdict> identify_by_current(const Names& names) {
  const auto* manifest = names.last_of_type(DatabaseFileType::manifest);
  if (!names.has_file("CURRENT") && manifest == nullptr) return std::nullopt;
  if (names.has_file("IDENTITY")) {
    return Verdict{DirectoryKind::rocksdb, "CURRENT or MANIFEST with IDENTITY"};
  }
  for (const char* log : {"LOG", "LOG.old"}) {
    if (names.has_file(log) && is_rocksdb_log(names.head(log))) {
      return Verdict{DirectoryKind::rocksdb, fmt::format("{} was written by RocksDB", log)};
    }
  }
  const auto* sst = names.last_of_type(DatabaseFileType::sst);
  if (sst != nullptr && sst->name.ends_with(".sst") && ends_with_rocksdb_magic(names, sst->name)) {
    return Verdict{DirectoryKind::rocksdb, fmt::format("{} has RocksDB's footer", sst->name)};
  }
  if (names.last_of_type(DatabaseFileType::blob) != nullptr) {
    return Verdict{DirectoryKind::rocksdb, "CURRENT or MANIFEST with .blob files"};
  }
  if (manifest == nullptr) return std::nullopt;
  return Verdict{
      DirectoryKind::leveldb,
      fmt::format("CURRENT and {} without OPTIONS, IDENTITY or a RocksDB LOG{}", manifest->name,
                  sst != nullptr && sst->name.ends_with(".ldb") ? ", .ldb files" : "")};
}

std::optional<Verdict> identify_page_stores(const Names& names) {
  for (const char* name : {"mdbx.dat", "data.mdb"}) {
    if (!names.has_file(name)) continue;
    const auto head = names.head(name);
    const auto at = [&head](std::size_t offset) {
      return Decoder(std::string_view(head).substr(std::min(offset, head.size())));
    };
    if ((at(kMdbxMetaOffset).take_fixed<std::uint64_t>().value_or(0) >> 8) == kMdbxMagic) {
      return Verdict{DirectoryKind::mdbx, fmt::format("{} is an MDBX file", name)};
    }
    if (at(kLmdbMetaOffset).take_fixed<std::uint32_t>() == kLmdbMagic) {
      return Verdict{DirectoryKind::other, fmt::format("{} is an LMDB file", name)};
    }
    return Verdict{DirectoryKind::mdbx, fmt::format("{} by its name", name)};
  }
  if (names.has_file("metadata")) {
    const auto* table = names.last_file([](const std::string& name) {
      return name.starts_with("table_") || name.starts_with("index_");
    });
    if (table != nullptr) {
      return Verdict{DirectoryKind::paritydb, fmt::format("metadata and {}", table->name)};
    }
  }
  return std::nullopt;
}

Verdict identify_names(const Names& names) {
  if (names.has_file(kManagedMarker)) {
    return {DirectoryKind::managed, fmt::format("{} stands in it", kManagedMarker)};
  }
  for (const auto& identify :
       {identify_by_options, identify_pebble_markers, identify_by_current, identify_page_stores}) {
    if (auto verdict = identify(names)) return *std::move(verdict);
  }
  if (names.entries.empty()) return {DirectoryKind::empty, "nothing stands in it"};
  return {DirectoryKind::none, "no file of a known database stands in it"};
}

Result<Names> read_names(const std::string& path, const SearchLimits& limits) {
  auto listed = list_directory(path, limits.directory_entries_max);
  if (!listed) return listed.status();
  Names names;
  names.directory = path;
  names.entries = std::move(listed->entries);
  names.truncated = listed->truncated;
  return names;
}

// Depth first, in the order of names; directories that cannot be read are passed over. Looks into
// databases too: Polkadot keeps one inside another.
class NestedSearch {
 public:
  NestedSearch(DirectoryInfo& info, const SearchLimits& limits) : info_(info), limits_(limits) {}

  void descend(const Names& names, int depth, bool in_database = false) {
    for (const auto& entry : names.entries) {
      // A database's own files cost nothing: their names are known.
      const bool counts = !in_database || entry.type == DirectoryEntry::Type::directory;
      if ((entries_ += counts ? 1 : 0) > limits_.entries_max ||
          info_.nested.size() >= limits_.databases_max) {
        info_.search_truncated = true;
        return;
      }
      if (entry.type != DirectoryEntry::Type::directory) continue;
      auto child = read_names(names.directory + "/" + entry.name, limits_);
      if (!child) continue;
      info_.search_truncated |= child->truncated;
      auto verdict = identify_names(*child);
      const bool database =
          verdict.kind != DirectoryKind::none && verdict.kind != DirectoryKind::empty;
      if (database) {
        info_.nested.push_back({child->directory, verdict.kind, std::move(verdict.evidence)});
      }
      if (depth < limits_.depth_max) descend(*child, depth + 1, database);
    }
  }

 private:
  DirectoryInfo& info_;
  const SearchLimits& limits_;
  std::size_t entries_ = 0;
};

}  // namespace

std::string_view to_string(DirectoryKind kind) {
  switch (kind) {
    case DirectoryKind::managed:
      return "managed";
    case DirectoryKind::rocksdb:
      return "rocksdb";
    case DirectoryKind::leveldb:
      return "leveldb";
    case DirectoryKind::pebble:
      return "pebble";
    case DirectoryKind::mdbx:
      return "mdbx";
    case DirectoryKind::paritydb:
      return "paritydb";
    case DirectoryKind::other:
      return "other";
    case DirectoryKind::empty:
      return "empty";
    case DirectoryKind::none:
      return "none";
  }
  return "unknown";
}

Result<DirectoryInfo> identify_directory(const std::string& path, const SearchLimits& limits) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return Status::from_errno(errno, "cannot be read", path);
  if (!S_ISDIR(status.st_mode)) {
    return Status(StatusCode::not_a_database,
                  fmt::format("{}: is a file; open the directory that holds it", path));
  }
  std::string clean = path;
  while (clean.size() > 1 && clean.back() == '/') clean.pop_back();
  auto names = read_names(clean, limits);
  if (!names) return names.status();
  auto verdict = identify_names(*names);
  DirectoryInfo info;
  info.path = clean;
  info.kind = verdict.kind;
  info.evidence = std::move(verdict.evidence);
  info.search_truncated = names->truncated;
  if (info.kind == DirectoryKind::none) NestedSearch(info, limits).descend(*names, 1);
  return info;
}

}  // namespace nodetune
