// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/other_users.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

#include "engine/base/format.h"

namespace nodetune {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kLinksMax = 200'000;  // of all processes
constexpr std::size_t kUsersMax = 32;
constexpr std::int64_t kModesMax = 256;  // files of one process that are asked how they are open

std::optional<std::int64_t> pid_of(std::string_view name) {
  std::int64_t pid = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
  if (error != std::errc() || end != name.data() + name.size() || pid <= 0) return std::nullopt;
  return pid;
}

// "flags:\t0100002"
bool is_writable(const fs::path& info) {
  constexpr int kOctal = 8;
  std::ifstream file(info);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("flags:")) continue;
    const auto flags = std::strtol(line.c_str() + sizeof("flags:"), nullptr, kOctal);
    return (flags & O_ACCMODE) != O_RDONLY;
  }
  return false;
}

std::string command_of(const fs::path& process) {
  std::ifstream file(process / "comm");
  std::string name;
  std::getline(file, name);
  return escape_name(name);
}

}  // namespace

FileUsers look_for_users(const std::string& directory, const std::string& proc) {
  std::error_code error;
  const auto real = fs::canonical(directory, error);
  const auto below = (error ? directory : real.string()) + "/";
  FileUsers found;
  std::int64_t links = 0;
  for (fs::directory_iterator entry(proc, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto pid = pid_of(entry->path().filename().string());
    if (!pid || *pid == ::getpid()) continue;
    std::error_code hidden;
    fs::directory_iterator file(entry->path() / "fd", hidden);
    if (hidden) {
      if (hidden == std::errc::permission_denied) ++found.hidden;
      continue;
    }
    FileUser user{*pid, {}, 0, false};
    for (; !hidden && file != end; file.increment(hidden)) {
      if (++links > kLinksMax) {
        found.complete = false;
        break;
      }
      std::error_code closed;
      const auto target = fs::read_symlink(file->path(), closed).string();
      if (closed || !target.starts_with(below)) continue;
      ++user.files;
      if (user.writes || user.files > kModesMax) continue;
      user.writes = is_writable(entry->path() / "fdinfo" / file->path().filename());
    }
    if (user.files == 0) continue;
    user.name = command_of(entry->path());
    found.users.push_back(std::move(user));
  }
  std::sort(found.users.begin(), found.users.end(), [](const FileUser& a, const FileUser& b) {
    return a.files != b.files ? a.files > b.files : a.pid < b.pid;
  });
  if (found.users.size() > kUsersMax) found.users.resize(kUsersMax);
  return found;
}

}  // namespace nodetune
