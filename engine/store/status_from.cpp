// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/store/status_from.h"

#include <fmt/format.h>

#include <initializer_list>

#include "engine/base/format.h"

namespace nodetune {
namespace {

bool says(const std::string& text, std::initializer_list<std::string_view> words) {
  for (const auto word : words) {
    if (text.find(word) != std::string::npos) return true;
  }
  return false;
}

StatusCode code_of_io_error(const rocksdb::Status& status, const std::string& text) {
  // A lock that another thread of this process holds, and one that another process holds.
  if (says(text, {"lock hold by current process", "While lock file"})) return StatusCode::locked;
  if (status.IsNoSpace() || says(text, {"No space left", "Disk quota exceeded"})) {
    return StatusCode::no_space;
  }
  if (says(text, {"Permission denied", "Operation not permitted", "Read-only file system"})) {
    return StatusCode::permission_denied;
  }
  if (status.IsPathNotFound()) return StatusCode::not_found;
  return StatusCode::io_error;
}

StatusCode code_of_corruption(const std::string& text) {
  const bool newer = says(text, {"Unknown Footer version", "format_version", "Unknown footer"});
  return newer ? StatusCode::unsupported_format : StatusCode::corrupt;
}

StatusCode code_of(const rocksdb::Status& status, const std::string& text) {
  if (status.IsCorruption()) return code_of_corruption(text);
  if (status.IsIOError()) return code_of_io_error(status, text);
  if (status.IsNoSpace()) return StatusCode::no_space;
  if (status.IsNotFound()) return StatusCode::not_found;
  if (status.IsInvalidArgument()) return StatusCode::invalid_argument;
  if (status.IsBusy() || status.IsTryAgain() || status.IsTimedOut()) return StatusCode::busy;
  if (status.IsShutdownInProgress()) return StatusCode::cancelled;
  if (status.IsNotSupported()) return StatusCode::unsupported_format;
  return StatusCode::failed;
}

std::string_view advice(StatusCode code) {
  switch (code) {
    case StatusCode::corrupt:
      return "; the file that is named is damaged: keep the directory as it is and restore a "
             "backup";
    case StatusCode::no_space:
      return "; free some disk space and retry";
    case StatusCode::permission_denied:
      return "; run as the user that owns the directory";
    case StatusCode::unsupported_format:
      return "; it was written by a newer RocksDB: open it with the program that wrote it";
    case StatusCode::locked:
      return "; end the program that uses it and retry";
    case StatusCode::busy:
      return "; retry later";
    case StatusCode::io_error:
      return "; check the disk and the system's log, then retry";
    case StatusCode::ok:
    case StatusCode::invalid_argument:
    case StatusCode::not_found:
    case StatusCode::not_a_database:
    case StatusCode::other_engine:
    case StatusCode::cancelled:
    case StatusCode::failed:
      return "";
  }
  return "";
}

}  // namespace

Status status_from(const rocksdb::Status& status, std::string_view what, std::string_view path) {
  if (status.ok()) return Status::ok();
  const auto text = status.ToString();
  const auto code = code_of(status, text);
  return {code, fmt::format("{}: {}: {}{}", path, what, escape_name(text), advice(code))};
}

}  // namespace nodetune
