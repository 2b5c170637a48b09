// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/file_reader.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <utility>

#include "engine/base/format.h"

namespace nodetune {
namespace {

constexpr std::size_t kChunkBytes = 256 * 1024;

thread_local std::int64_t bytes_read = 0;

TimePoint modified_of(const struct stat& info) {
  return TimePoint(std::chrono::seconds(info.st_mtim.tv_sec) +
                   std::chrono::microseconds(info.st_mtim.tv_nsec / 1000));
}

Status not_a_regular_file(const std::string& path, mode_t mode) {
  if (S_ISDIR(mode)) {
    return {StatusCode::invalid_argument, fmt::format("{}: is a directory, not a file", path)};
  }
  if (S_ISLNK(mode)) {
    return {StatusCode::invalid_argument,
            fmt::format("{}: is a symbolic link; give the file that it points to", path)};
  }
  return {StatusCode::invalid_argument,
          fmt::format("{}: is a pipe, socket or device; only regular files are read", path)};
}

// O_NOATIME is allowed to the owner only; whoever may merely read does without.
int open_quietly(const char* path, int flags) {
  const int descriptor = ::open(path, flags | O_NOATIME);
  if (descriptor >= 0 || errno != EPERM) return descriptor;
  return ::open(path, flags);
}

DirectoryEntry::Type type_of(mode_t mode) {
  if (S_ISREG(mode)) return DirectoryEntry::Type::file;
  if (S_ISDIR(mode)) return DirectoryEntry::Type::directory;
  if (S_ISLNK(mode)) return DirectoryEntry::Type::symbolic_link;
  return DirectoryEntry::Type::other;
}

}  // namespace

Result<FileReader> FileReader::open(const std::string& path, SymbolicLinks links) {
  const bool refuse = links == SymbolicLinks::refuse;
  // Looked at before it is opened: opening some devices has effects of its own.
  struct stat before {};
  if ((refuse ? ::lstat(path.c_str(), &before) : ::stat(path.c_str(), &before)) != 0) {
    return Status::from_errno(errno, "cannot be read", path);
  }
  if (!S_ISREG(before.st_mode)) return not_a_regular_file(path, before.st_mode);

  FileReader reader;
  reader.path_ = path;
  const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (refuse ? O_NOFOLLOW : 0);
  reader.descriptor_ = open_quietly(path.c_str(), flags);
  if (reader.descriptor_ < 0) return Status::from_errno(errno, "cannot be opened", path);
  struct stat info {};
  if (::fstat(reader.descriptor_, &info) != 0) {
    return Status::from_errno(errno, "cannot be read", path);
  }
  if (!S_ISREG(info.st_mode)) return not_a_regular_file(path, info.st_mode);
  reader.device_ = info.st_dev;
  reader.inode_ = info.st_ino;
  reader.size_at_open_ = info.st_size;
  reader.modified_ = modified_of(info);
  return reader;
}

FileReader::FileReader(FileReader&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      device_(other.device_),
      inode_(other.inode_),
      size_at_open_(other.size_at_open_),
      modified_(other.modified_) {}

FileReader& FileReader::operator=(FileReader&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  device_ = other.device_;
  inode_ = other.inode_;
  size_at_open_ = other.size_at_open_;
  modified_ = other.modified_;
  return *this;
}

FileReader::~FileReader() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::int64_t> FileReader::size_now() const {
  struct stat info {};
  if (::fstat(descriptor_, &info) != 0) return Status::from_errno(errno, "cannot be read", path_);
  return static_cast<std::int64_t>(info.st_size);
}

Result<std::string> FileReader::read_at(std::int64_t offset, std::size_t bytes) const {
  std::string buffer;
  if (auto status = read_into(offset, bytes, buffer); !status) return status;
  return buffer;
}

Status FileReader::read_into(std::int64_t offset, std::size_t bytes, std::string& buffer) const {
  buffer.resize(bytes);
  std::size_t done = 0;
  while (done < bytes) {
    const auto got = ::pread(descriptor_, buffer.data() + done, bytes - done,
                             offset + static_cast<std::int64_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      buffer.clear();
      return Status::from_errno(errno, "reading failed", path_);
    }
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
    bytes_read += got;
  }
  buffer.resize(done);
  return Status::ok();
}

void FileReader::drop_pages(std::int64_t from, std::int64_t to) const {
  if (to > from)
    static_cast<void>(::posix_fadvise(descriptor_, from, to - from, POSIX_FADV_DONTNEED));
}

std::int64_t FileReader::bytes_read_by_this_thread() {
  return bytes_read;
}

Result<std::string> read_whole_file(const std::string& path, std::size_t bytes_max,
                                    SymbolicLinks links) {
  auto file = FileReader::open(path, links);
  if (!file) return file.status();
  const auto size = static_cast<std::size_t>(std::max<std::int64_t>(file->size_at_open(), 0));
  // One byte more than it had shows whether it has grown past the limit since.
  auto content = file->read_at(0, std::min(size, bytes_max) + 1);
  if (content && content->size() > bytes_max) {
    return Status(StatusCode::invalid_argument,
                  fmt::format("{}: is larger than the {} that such a file may have", path,
                              format_bytes(static_cast<double>(bytes_max))));
  }
  return content;
}

Result<std::string> read_head(const std::string& path, std::size_t bytes, SymbolicLinks links) {
  auto file = FileReader::open(path, links);
  if (!file) return file.status();
  return file->read_at(0, bytes);
}

Result<std::string> read_tail(const std::string& path, std::size_t bytes, SymbolicLinks links) {
  auto file = FileReader::open(path, links);
  if (!file) return file.status();
  const auto from =
      std::max<std::int64_t>(0, file->size_at_open() - static_cast<std::int64_t>(bytes));
  return file->read_at(from, bytes);
}

Result<std::int64_t> read_chunks(const FileReader& file, std::int64_t from,
                                 const std::function<bool(std::string_view)>& chunk) {
  std::string buffer;
  std::int64_t offset = from;
  for (;;) {
    if (auto status = file.read_into(offset, kChunkBytes, buffer); !status) return status;
    if (buffer.empty()) return offset;
    offset += static_cast<std::int64_t>(buffer.size());
    if (!chunk(buffer)) return offset;
  }
}

Result<DirectoryEntries> list_directory(const std::string& path, std::size_t entries_max) {
  const int descriptor =
      open_quietly(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_DIRECTORY);
  if (descriptor < 0) return Status::from_errno(errno, "cannot be opened", path);
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::fdopendir(descriptor), &::closedir);
  if (!directory) {
    const int error = errno;
    ::close(descriptor);
    return Status::from_errno(error, "cannot be read", path);
  }
  DirectoryEntries result;
  for (;;) {
    errno = 0;
    const auto* entry = ::readdir(directory.get());
    if (entry == nullptr) {
      if (errno != 0) return Status::from_errno(errno, "cannot be read", path);
      break;
    }
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (result.entries.size() >= entries_max) {
      result.truncated = true;
      break;
    }
    struct stat info {};
    if (::fstatat(descriptor, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
    result.entries.push_back(
        {std::string(name), type_of(info.st_mode), info.st_size, modified_of(info)});
  }
  std::sort(result.entries.begin(), result.entries.end(),
            [](const DirectoryEntry& a, const DirectoryEntry& b) { return a.name < b.name; });
  return result;
}

std::optional<std::uint64_t> parse_file_number(std::string_view digits) {
  std::uint64_t number = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  if (digits.empty() || error != std::errc() || stop != end) return std::nullopt;
  return number;
}

}  // namespace nodetune
