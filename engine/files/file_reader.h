// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/status.h"

namespace nodetune {

// Whether a name that turns out to be a symbolic link is followed. What lies inside a database
// directory is refused: RocksDB makes no links there, so one leads somewhere we were not asked to.
enum class SymbolicLinks { follow, refuse };

// A foreign regular file, open for reading and nothing else.
//
// Opening never blocks (pipes, devices and sockets are refused), takes no lock, and leaves the
// access time alone where the system allows it. The file may grow, shrink or be deleted under us.
// Thread: one at a time. Lifetime: closes in the destructor.
class FileReader {
 public:
  static Result<FileReader> open(const std::string& path,
                                 SymbolicLinks links = SymbolicLinks::follow);

  FileReader(FileReader&& other) noexcept;
  FileReader& operator=(FileReader&& other) noexcept;
  FileReader(const FileReader&) = delete;
  FileReader& operator=(const FileReader&) = delete;
  ~FileReader();

  const std::string& path() const { return path_; }
  std::uint64_t device() const { return device_; }
  std::uint64_t inode() const { return inode_; }    // tells a rotated LOG from a new one
  TimePoint modified() const { return modified_; }  // when it was opened
  std::int64_t size_at_open() const { return size_at_open_; }
  Result<std::int64_t> size_now() const;  // bytes

  // Up to `bytes` from `offset`; fewer only where the file ends.
  Result<std::string> read_at(std::int64_t offset, std::size_t bytes) const;
  // The same into `buffer`, whose size afterwards is what was read.
  Status read_into(std::int64_t offset, std::size_t bytes, std::string& buffer) const;

  // What was read of [from, to) will not be needed again: memory is for the node's own files.
  void drop_pages(std::int64_t from, std::int64_t to) const;

  // Read from files by the calling thread so far, through any reader.
  static std::int64_t bytes_read_by_this_thread();

 private:
  FileReader() = default;

  std::string path_;
  int descriptor_ = -1;
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
  std::int64_t size_at_open_ = 0;
  TimePoint modified_{};
};

// The whole file; larger than `bytes_max` is an error, so that no file can exhaust memory.
Result<std::string> read_whole_file(const std::string& path, std::size_t bytes_max,
                                    SymbolicLinks links = SymbolicLinks::follow);
// The first or last bytes; fewer where the file is shorter.
Result<std::string> read_head(const std::string& path, std::size_t bytes,
                              SymbolicLinks links = SymbolicLinks::follow);
Result<std::string> read_tail(const std::string& path, std::size_t bytes,
                              SymbolicLinks links = SymbolicLinks::follow);

// Feeds [from, the end) of a file in chunks, in bounded memory; stops early when `chunk` returns
// false. Returns the offset after the last chunk, where a later call can go on.
Result<std::int64_t> read_chunks(const FileReader& file, std::int64_t from,
                                 const std::function<bool(std::string_view)>& chunk);

// One name inside a directory.
struct DirectoryEntry {
  enum class Type { file, directory, symbolic_link, other };
  std::string name;
  Type type = Type::other;
  std::int64_t bytes = 0;  // of a file
  TimePoint modified{};
};

struct DirectoryEntries {
  std::vector<DirectoryEntry> entries;  // sorted by name, without . and ..
  bool truncated = false;               // there were more than `entries_max`
};

// What stands in a directory. A name that vanishes while we look is left out, not an error.
Result<DirectoryEntries> list_directory(const std::string& path, std::size_t entries_max);

// "000123" -> 123; nothing unless all of it is digits and it fits.
std::optional<std::uint64_t> parse_file_number(std::string_view digits);

}  // namespace nodetune
