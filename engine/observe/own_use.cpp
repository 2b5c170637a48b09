// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/own_use.h"

#include <fcntl.h>

#include <filesystem>
#include <fstream>
#include <system_error>

namespace nodetune {
namespace {

// "flags:\t0100002", and a line "lock:\t1: FLOCK …" for each lock.
void read_info(const std::string& path, OwnFile& file) {
  constexpr int kOctal = 8;
  std::ifstream info(path);
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("flags:")) {
      const auto flags = std::strtol(line.c_str() + sizeof("flags:"), nullptr, kOctal);
      file.writable = (flags & O_ACCMODE) != O_RDONLY;
    }
    if (line.starts_with("lock:")) ++file.locks;
  }
}

}  // namespace

std::optional<std::vector<OwnFile>> look_at_own_files(const std::string& process) {
  namespace fs = std::filesystem;
  std::vector<OwnFile> files;
  std::error_code error;
  fs::directory_iterator entry(process + "/fd", error);
  if (error) return std::nullopt;
  for (const fs::directory_iterator end; entry != end; entry.increment(error)) {
    if (error) return std::nullopt;
    std::error_code gone;  // closed meanwhile
    OwnFile file;
    file.path = fs::read_symlink(entry->path(), gone).string();
    if (gone || !file.path.starts_with('/')) continue;  // pipes and sockets are no files
    read_info(process + "/fdinfo/" + entry->path().filename().string(), file);
    files.push_back(std::move(file));
  }
  return files;
}

OwnUse use_below(const std::vector<OwnFile>& files, const std::string& directory) {
  std::error_code error;
  const auto real = std::filesystem::canonical(directory, error);
  const auto begin = (error ? directory : real.string()) + "/";
  OwnUse use;
  for (const auto& file : files) {
    if (!file.path.starts_with(begin)) continue;
    ++use.files;
    use.writable_files += file.writable ? 1 : 0;
    use.locks += file.locks;
  }
  return use;
}

}  // namespace nodetune
