// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/store/info_log.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

namespace nodetune {
namespace {

constexpr std::string_view kOldPrefix = "LOG.old.";

// "2024/08/27-09:14:03.123456 4711 ", in local time as RocksDB writes it.
std::string line_prefix(TimePoint now) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(now);
  const std::time_t seconds = whole.time_since_epoch().count();
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return fmt::format("{:%Y/%m/%d-%H:%M:%S}.{:06d} {} ", parts, (now - whole).count(), gettid());
}

std::string format_message(const char* format, va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  const int length = std::vsnprintf(nullptr, 0, format, arguments);
  std::string text(static_cast<std::size_t>(std::max(length, 0)), '\0');
  std::vsnprintf(text.data(), text.size() + 1, format, again);
  va_end(again);
  return text;
}

}  // namespace

InfoLog::InfoLog(std::string directory, Clock& clock)
    : rocksdb::Logger(rocksdb::InfoLogLevel::INFO_LEVEL),
      directory_(std::move(directory)),
      clock_(clock) {
  const std::lock_guard lock(mutex_);
  open_file();
}

InfoLog::~InfoLog() {
  if (file_ >= 0) close(file_);
}

void InfoLog::open_file() {
  if (file_ >= 0) close(file_);
  const auto path = directory_ + "/LOG";
  const auto old =
      fmt::format("{}/{}{}", directory_, kOldPrefix, clock_.now().time_since_epoch().count());
  std::error_code ignored;  // there may be none
  std::filesystem::rename(path, old, ignored);
  drop_old_files();
  file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644);
  bytes_ = 0;
}

void InfoLog::drop_old_files() const {
  std::vector<std::string> old;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory_, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().filename().string().rfind(kOldPrefix, 0) == 0) {
      old.push_back(entry->path().string());
    }
  }
  std::sort(old.begin(), old.end());  // the name is the time
  const auto kept = static_cast<std::size_t>(kFilesMax - 1);
  for (std::size_t index = 0; index + kept < old.size(); ++index) {
    std::filesystem::remove(old[index], error);
  }
}

void InfoLog::write_line(const std::string& line) {
  if (file_ < 0 || ::write(file_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    ++lines_lost_;
    return;
  }
  bytes_ += static_cast<std::int64_t>(line.size());
}

void InfoLog::Logv(const char* format, va_list arguments) {
  try {
    auto line = format_message(format, arguments);
    if (line.empty() || line.back() != '\n') line.push_back('\n');
    const auto prefix = line_prefix(clock_.now());
    const std::lock_guard lock(mutex_);
    if (file_ < 0 || bytes_ >= kFileBytesMax) open_file();
    if (lines_lost_ > 0) {
      const auto lost = std::exchange(lines_lost_, 0);
      write_line(fmt::format("{}[WARN] {} lines were lost: the disk took none\n", prefix, lost));
      if (lines_lost_ > 0) lines_lost_ = lost;  // still none
    }
    write_line(prefix + line);
  } catch (...) {  // out of memory: RocksDB must not see an exception
    const std::lock_guard lock(mutex_);
    ++lines_lost_;
  }
}

size_t InfoLog::GetLogFileSize() const {
  const std::lock_guard lock(mutex_);
  return static_cast<size_t>(bytes_);
}

}  // namespace nodetune
