// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// What stands between a path and RocksDB: nothing here opens a database.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <optional>
#include <set>

#include "engine/base/format.h"
#include "engine/files/coding.h"
#include "engine/files/directory_kind.h"
#include "engine/files/directory_listing.h"
#include "engine/files/file_reader.h"
#include "engine/store/database_impl.h"
#include "engine/store/knob_safety.h"
#include "engine/store/lock_holder.h"

namespace nodetune {
namespace {

constexpr std::uint32_t kReadableFormatVersion = 5;  // 7.8.3; later libraries read more
constexpr std::size_t kEntriesMax = 1'000'000;

std::mutex open_marks_mutex;
std::set<std::pair<std::uint64_t, std::uint64_t>> open_marks;  // guarded by open_marks_mutex

Status make_directory(const std::string& path) {
  constexpr mode_t kMode = 0755;
  if (::mkdir(path.c_str(), kMode) == 0 || errno == EEXIST) return Status::ok();
  return Status::from_errno(errno, "create the directory", path);
}

Status check_access(const std::string& path) {
  if (::faccessat(AT_FDCWD, path.c_str(), R_OK | W_OK | X_OK, AT_EACCESS) == 0) return Status::ok();
  if (errno == EROFS) {
    return {StatusCode::permission_denied,
            fmt::format("{}: the file system is mounted read-only; it can be observed, not managed",
                        path)};
  }
  return Status::from_errno(errno, "read and write the directory", path);
}

// Empty enough for a new database: a fresh file system brings lost+found, and a creation that was
// killed early leaves a temporary node file.
Result<bool> is_vacant(const std::string& path) {
  const auto listed = list_directory(path, kEntriesMax);
  if (!listed) return listed.status();
  return std::all_of(listed->entries.begin(), listed->entries.end(), [](const auto& entry) {
    return entry.name == "lost+found" || is_node_file_leftover(entry.name);
  });
}

Status foreign(const std::string& path) {
  const auto info = identify_directory(path);
  if (!info) return info.status();
  switch (info->kind) {
    case DirectoryKind::rocksdb:
      return {StatusCode::not_a_database,
              fmt::format("{}: a RocksDB database that is not NodeTune's own ({}); it can be "
                          "observed, not managed",
                          path, info->evidence)};
    case DirectoryKind::leveldb:
    case DirectoryKind::pebble:
    case DirectoryKind::mdbx:
    case DirectoryKind::paritydb:
    case DirectoryKind::other:
      return {StatusCode::other_engine,
              fmt::format("{}: a database of another engine, {} ({}); only RocksDB can be opened",
                          path, to_string(info->kind), info->evidence)};
    case DirectoryKind::managed:
    case DirectoryKind::empty:
    case DirectoryKind::none:
      break;
  }
  if (!info->nested.empty()) {
    return {StatusCode::not_a_database,
            fmt::format("{}: no database itself, but {} inside, the first in {}; open that one",
                        path, info->nested.size(), info->nested.front().path)};
  }
  return {StatusCode::not_a_database,
          fmt::format("{}: not a database, and not empty; choose an empty directory for a new one",
                      path)};
}

// The mark of a new database comes first, so that a crash leaves a directory known as ours.
Result<NodeFile> begin_creation(const std::string& path, const DatabaseConfig& config) {
  if (auto safe = check_safe(config.knobs); !safe) return safe;
  if (auto usable = check_compression(config.knobs.compression()); !usable) return usable;
  NodeFile node;
  node.knobs = config.knobs;
  if (auto status = write_node_file(path, node); !status) return status;
  return node;
}

Status check_identity(const std::string& path, const NodeFile& node) {
  const auto identity = read_identity(path);
  if (!identity && identity.status().code() == StatusCode::not_found) {
    return {StatusCode::corrupt,
            fmt::format("{}/IDENTITY is missing; if this is the database {}, write that line into "
                        "it, else restore a backup",
                        path, escape_name(node.identity))};
  }
  if (!identity) return identity.status();
  if (*identity == node.identity) return Status::ok();
  return {StatusCode::not_a_database,
          fmt::format("{}: NODETUNE.json belongs to the database {}, but the directory holds {}; "
                      "put back the NODETUNE.json that belongs to it",
                      path, escape_name(node.identity), escape_name(*identity))};
}

// A block-based table ends in its format version and a magic number, in every version. Nothing:
// the file is damaged, or of another kind.
std::optional<std::uint32_t> format_version_of(const std::string& table) {
  constexpr std::uint64_t kMagic = 0x88e241b785f4cff7;
  const auto tail = read_tail(table, sizeof(std::uint32_t) + sizeof kMagic, SymbolicLinks::refuse);
  if (!tail) return std::nullopt;
  Decoder decoder(*tail);
  const auto version = decoder.take_fixed<std::uint32_t>();
  const auto magic = decoder.take_fixed<std::uint64_t>();
  return magic == kMagic ? version : std::nullopt;
}

Result<std::string> read_current(const std::string& path) {
  constexpr std::size_t kCurrentBytesMax = 4 * 1024;
  return read_whole_file(path + "/CURRENT", kCurrentBytesMax, SymbolicLinks::refuse);
}

// CURRENT names the MANIFEST, which names everything else: without them RocksDB would see an
// empty directory.
Status check_current(const std::string& path, const NodeFile& node) {
  const auto current = path + "/CURRENT";
  const auto text = read_current(path);
  if (!text && text.status().code() != StatusCode::not_found) return text.status();
  const bool names_one = text && text->starts_with("MANIFEST-") && text->ends_with("\n");
  if (!names_one) {
    return {StatusCode::corrupt,
            fmt::format("{} {}; restore a backup, or write the newest MANIFEST's name and a line "
                        "end into it, after copying the directory",
                        current, text ? "does not name a MANIFEST" : "is missing")};
  }
  const auto name = text->substr(0, text->size() - 1);
  const auto manifest = path + "/" + name;
  struct stat file = {};
  if (::stat(manifest.c_str(), &file) == 0 && S_ISREG(file.st_mode) && file.st_size > 0) {
    if (name != node.manifest || file.st_size >= node.manifest_bytes) return Status::ok();
    return {StatusCode::corrupt,
            fmt::format("{} is {} bytes long, and was {} when the database was closed: it has lost "
                        "its end; restore a backup, or that file",
                        manifest, file.st_size, node.manifest_bytes)};
  }
  return {StatusCode::corrupt,
          fmt::format("{}/{}, which CURRENT names, is missing or empty; restore a backup", path,
                      escape_name(name))};
}

}  // namespace

Result<DirectoryClaim> DirectoryClaim::take(const std::string& directory) {
  struct stat found = {};
  if (::stat(directory.c_str(), &found) != 0) {
    return Status::from_errno(errno, "open", directory);
  }
  const Key key{found.st_dev, found.st_ino};
  const std::lock_guard lock(open_marks_mutex);
  if (!open_marks.insert(key).second) {
    return Status(StatusCode::locked,
                  fmt::format("{} is already open in this program (pid {}); close it there first",
                              directory, ::getpid()));
  }
  return DirectoryClaim(key);
}

DirectoryClaim::DirectoryClaim(DirectoryClaim&& other) noexcept
    : key_(other.key_), held_(std::exchange(other.held_, false)) {}

DirectoryClaim::~DirectoryClaim() {
  if (!held_) return;
  const std::lock_guard lock(open_marks_mutex);
  open_marks.erase(key_);
}

Status check_is_directory(const std::string& path, bool create) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0) {
    if (errno == ENOENT && create) return make_directory(path);
    return Status::from_errno(errno, "open", path);
  }
  if (!S_ISDIR(found.st_mode)) {
    return {StatusCode::not_a_database,
            fmt::format("{}: a file, not a directory; choose the directory that holds the database",
                        path)};
  }
  return Status::ok();
}

Result<NodeFile> prepare_directory(const std::string& path, const DatabaseConfig& config) {
  if (auto status = check_access(path); !status) return status;
  auto node = read_node_file(path);
  if (node && node->state == NodeFile::State::ready) {
    if (auto status = check_identity(path, *node); !status) return status;
    if (auto status = check_current(path, *node); !status) return status;
  }
  if (node) {
    if (auto usable = check_compression(node->knobs.compression()); !usable) return usable;
    return node;
  }
  if (node.status().code() != StatusCode::not_found) return node.status();
  const auto vacant = is_vacant(path);
  if (!vacant) return vacant.status();
  if (!*vacant) return foreign(path);
  if (!config.create_if_missing) {
    return Status(
        StatusCode::not_found,
        fmt::format("{}: an empty directory; create a database in it, or choose another", path));
  }
  return begin_creation(path, config);
}

Status remember_manifest(const std::string& path) {
  auto node = read_node_file(path);
  if (!node) return node.status();
  if (node->state != NodeFile::State::ready) return Status::ok();
  auto current = read_current(path);
  if (!current) return current.status();
  if (current->ends_with('\n')) current->pop_back();
  struct stat file = {};
  const auto manifest = path + "/" + *current;
  if (::stat(manifest.c_str(), &file) != 0) return Status::from_errno(errno, "read", manifest);
  node->manifest = *std::move(current);
  node->manifest_bytes = file.st_size;
  return write_node_file(path, *node);
}

Status check_not_locked(const std::string& path) {
  const auto holder = lock_holder(path);
  if (!holder) return Status::ok();
  return {StatusCode::locked,
          fmt::format("{} is in use by {}: it can be observed, not managed; end that program to "
                      "manage it",
                      path, holder->describe())};
}

// A table that is damaged is no reason to stop here: a crash leaves half-written files that the
// MANIFEST does not name. A newer format is, for RocksDB would blame the MANIFEST.
Status check_table_formats(const std::string& path) {
  const auto listing = list_database_files(path, {kEntriesMax});
  if (!listing) return listing.status();
  for (const auto& file : listing->files) {
    if (file.type != DatabaseFileType::sst) continue;
    const auto name = path + "/" + file.name;
    const auto version = format_version_of(name);
    if (!version || *version <= kReadableFormatVersion) continue;
    return {StatusCode::unsupported_format,
            fmt::format("{}: written in table format {}, and this program's RocksDB {} reads up to "
                        "{}; open it with the program that wrote it",
                        name, *version, Database::library_version(), kReadableFormatVersion)};
  }
  return Status::ok();
}

}  // namespace nodetune
