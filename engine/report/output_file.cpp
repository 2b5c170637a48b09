// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace nodetune {
namespace {

constexpr int kNamesTried = 100;         // leftovers of earlier crashes do not stop a report
constexpr mode_t kReadableByAll = 0644;  // before the umask

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status write_all(int file, std::string_view contents, const std::string& path) {
  while (!contents.empty()) {
    const auto written = ::write(file, contents.data(), contents.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return Status::from_errno(errno, "write", path);
    }
    contents.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file) != 0) return Status::from_errno(errno, "fsync", path);
  return Status::ok();
}

// The rename itself survives a power cut only when its directory is synced too. A file system that
// cannot do that still has the file.
void sync_directory(const std::string& directory) {
  const int file = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  ::fsync(file);
  ::close(file);
}

}  // namespace

Status write_file_at_once(const std::string& path, std::string_view contents) {
  struct stat there {};
  if (::stat(path.c_str(), &there) == 0 && S_ISDIR(there.st_mode)) {
    return {StatusCode::invalid_argument, path + " is a directory; name a file in it"};
  }
  std::string temporary;
  int file = -1;
  for (int attempt = 0; attempt < kNamesTried && file < 0; ++attempt) {
    temporary = fmt::format("{}.{}.{}.part", path, ::getpid(), attempt);
    file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kReadableByAll);
    if (file < 0 && errno != EEXIST) return Status::from_errno(errno, "create", path);
  }
  if (file < 0) return Status::from_errno(EEXIST, "create", temporary);
  auto status = write_all(file, contents, path);
  if (::close(file) != 0 && status) status = Status::from_errno(errno, "close", path);
  if (status && ::rename(temporary.c_str(), path.c_str()) != 0) {
    status = Status::from_errno(errno, "rename", path);
  }
  if (!status) {
    ::unlink(temporary.c_str());
    return status;
  }
  sync_directory(directory_of(path));
  return status;
}

}  // namespace nodetune
