// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/tuner/audit_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "engine/base/logging.h"

namespace nodetune {
namespace {

constexpr std::size_t kReadBytes = 64 << 10;  // one read of the file
constexpr mode_t kFileMode = 0640;
constexpr std::string_view kRotatedSuffix = ".1";
// Ends a torn line, so that it can never be taken for an entry that somebody acknowledged.
constexpr std::string_view kTornFence = "#torn\n";

class FileDescriptor {
 public:
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor() {
    if (number_ >= 0) ::close(number_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

// So that the new file's name survives a crash too.
Status sync_folder_of(const std::string& path) {
  auto folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  const FileDescriptor file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.number() < 0) return Status::from_errno(errno, "cannot be opened", folder);
  if (::fsync(file.number()) != 0) return Status::from_errno(errno, "cannot be synced", folder);
  return Status::ok();
}

bool is_end(AuditKind kind) {
  return kind == AuditKind::done || kind == AuditKind::failed || kind == AuditKind::rolled_back;
}

}  // namespace

AuditLog::AuditLog(std::string path, Clock& clock, const AuditLogConfig& config)
    : path_(std::move(path)), clock_(clock), config_(config) {}

AuditLog::~AuditLog() {
  if (file_ >= 0) ::close(file_);
}

Result<std::unique_ptr<AuditLog>> AuditLog::open(const std::string& path, Clock& clock,
                                                 const AuditLogConfig& config) {
  std::unique_ptr<AuditLog> opened(new AuditLog(path, clock, config));
  const std::scoped_lock lock(opened->mutex_);
  struct ::stat about {};
  if (::stat(path.c_str(), &about) == 0 && !S_ISREG(about.st_mode)) {
    return Status(StatusCode::invalid_argument,
                  path + ": is not a file, so it cannot be the audit log; move it away");
  }
  if (auto status = opened->read_back(path + std::string(kRotatedSuffix)); !status) return status;
  opened->ends_torn_ = false;
  if (auto status = opened->read_back(path); !status) return status;
  if (auto status = opened->open_file(); !status) return status;
  if (opened->unreadable_lines_ > 0) {
    log().warn("{}: {} lines of the audit log cannot be read and were skipped", path,
               opened->unreadable_lines_);
  }
  return opened;
}

Status AuditLog::open_file() {
  file_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kFileMode);
  if (file_ < 0) return Status::from_errno(errno, "the audit log cannot be opened", path_);
  struct ::stat about {};
  if (::fstat(file_, &about) != 0) return Status::from_errno(errno, "cannot be examined", path_);
  file_bytes_ = about.st_size;
  return sync_folder_of(path_);
}

Status AuditLog::read_back(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) {
    if (errno == ENOENT) return Status::ok();
    return Status::from_errno(errno, "the audit log cannot be read", path);
  }
  std::array<char, kReadBytes> buffer;
  std::string line;
  bool too_long = false;
  const auto take_line = [&] {
    const auto entry = too_long ? Result<AuditEntry>(Status(StatusCode::corrupt, "too long"))
                                : audit_entry_from(line);
    if (entry) {
      remember(*entry);
    } else if (too_long || !line.empty()) {
      ++unreadable_lines_;
    }
    line.clear();
    too_long = false;
  };
  for (;;) {
    const auto got = ::read(file.number(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Status::from_errno(errno, "the audit log cannot be read", path);
    if (got == 0) break;
    for (const char byte : std::string_view(buffer.data(), static_cast<std::size_t>(got))) {
      if (byte == '\n') {
        take_line();
      } else if (line.size() < config_.line_bytes_max) {
        line.push_back(byte);
      } else {
        too_long = true;
      }
    }
  }
  ends_torn_ = too_long || !line.empty();
  // Never acknowledged without its newline, even where it happens to parse.
  if (ends_torn_) ++unreadable_lines_;
  return Status::ok();
}

Status AuditLog::rotate_if_full() {
  // A second rotation would lose an unfinished intent; it ends within milliseconds.
  if (file_bytes_ < config_.rotate_bytes || !unfinished_.empty()) return Status::ok();
  const auto old = path_ + std::string(kRotatedSuffix);
  if (std::rename(path_.c_str(), old.c_str()) != 0) {
    return Status::from_errno(errno, "the full audit log cannot be renamed", path_);
  }
  ::close(file_);
  file_ = -1;
  ends_torn_ = false;
  return open_file();
}

Status AuditLog::write_line(const std::string& line) {
  if (file_ < 0) {
    if (auto status = open_file(); !status) return status;
  }
  const auto bytes = fmt::format("{}{}\n", ends_torn_ ? kTornFence : std::string_view(), line);
  std::string_view rest = bytes;
  int error = 0;
  while (!rest.empty() && error == 0) {
    const auto written = ::write(file_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  if (error == 0 && ::fdatasync(file_) != 0) error = errno;
  if (error == 0) {
    file_bytes_ += static_cast<std::int64_t>(bytes.size());
    ends_torn_ = false;
    return Status::ok();
  }
  // What was not acknowledged must not be read back: the half line goes, or is fenced off.
  if (::ftruncate(file_, file_bytes_) != 0) ends_torn_ = true;
  return Status::from_errno(error, "the audit log cannot be written, so nothing was changed",
                            path_);
}

void AuditLog::remember(const AuditEntry& entry) {
  next_sequence_ = std::max(next_sequence_, entry.sequence + 1);
  if (entry.kind == AuditKind::intent) unfinished_[entry.change] = entry;
  if (is_end(entry.kind)) unfinished_.erase(entry.change);
  entries_.push_back(entry);
  while (entries_.size() > config_.entries_kept) entries_.pop_front();
}

Result<std::uint64_t> AuditLog::append_locked(AuditEntry entry) {
  if (auto status = rotate_if_full(); !status) return status;
  entry.sequence = next_sequence_;
  entry.time = clock_.now();
  if (entry.kind == AuditKind::intent) entry.change = entry.sequence;
  const auto line = to_json_line(entry);
  if (line.size() > config_.line_bytes_max) {
    return Status(StatusCode::invalid_argument,
                  fmt::format("an audit entry of {} bytes is too long; at most {}: shorten the "
                              "reason",
                              line.size(), config_.line_bytes_max));
  }
  if (auto status = write_line(line); !status) return status;
  remember(entry);
  return entry.sequence;
}

Result<std::uint64_t> AuditLog::append(AuditEntry entry) {
  if (entry.kind == AuditKind::intent || is_end(entry.kind)) {
    return Status(StatusCode::invalid_argument, "intents are logged by begin() and end()");
  }
  const std::scoped_lock lock(mutex_);
  return append_locked(std::move(entry));
}

Result<std::uint64_t> AuditLog::begin(Actor who, const Target& target, std::int64_t from,
                                      std::int64_t to, std::string_view reason,
                                      std::uint64_t recommendation) {
  const std::scoped_lock lock(mutex_);
  const auto what = to_string(target);
  for (const auto& [change, intent] : unfinished_) {
    if (intent.what != what) continue;
    return Status(StatusCode::busy, fmt::format("{}: change {} is not finished; reopen the "
                                                "directory, which rolls it back, and retry",
                                                what, change));
  }
  return append_locked({.kind = AuditKind::intent,
                        .who = who,
                        .recommendation = recommendation,
                        .what = what,
                        .from = value_text(target, from),
                        .to = value_text(target, to),
                        .outcome = {},
                        .reason = std::string(reason)});
}

Status AuditLog::end(std::uint64_t change, AuditKind end_kind, Actor who,
                     std::string_view outcome) {
  const std::scoped_lock lock(mutex_);
  const auto intent = unfinished_.find(change);
  if (!is_end(end_kind) || intent == unfinished_.end()) {
    return {StatusCode::invalid_argument, fmt::format("change {} is not unfinished", change)};
  }
  auto entry = intent->second;
  entry.kind = end_kind;
  entry.who = who;
  entry.outcome = outcome;
  const auto appended = append_locked(std::move(entry));
  return appended ? Status::ok() : appended.status();
}

std::vector<AuditEntry> AuditLog::unfinished() const {
  const std::scoped_lock lock(mutex_);
  std::vector<AuditEntry> intents;
  for (const auto& [change, intent] : unfinished_) intents.push_back(intent);
  return intents;
}

std::optional<AuditEntry> AuditLog::find_done(std::uint64_t change) const {
  const std::scoped_lock lock(mutex_);
  const auto found = std::ranges::find_if(entries_, [&](const AuditEntry& entry) {
    return entry.kind == AuditKind::done && entry.change == change;
  });
  return found == entries_.end() ? std::nullopt : std::optional(*found);
}

std::vector<AuditEntry> AuditLog::entries(std::size_t most) const {
  const std::scoped_lock lock(mutex_);
  const auto skip = entries_.size() > most ? entries_.size() - most : 0;
  return {entries_.begin() + static_cast<std::ptrdiff_t>(skip), entries_.end()};
}

std::uint64_t AuditLog::unreadable_lines() const {
  const std::scoped_lock lock(mutex_);
  return unreadable_lines_;
}

}  // namespace nodetune
