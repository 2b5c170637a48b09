// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/base/status.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace nodetune {

std::string_view to_string(StatusCode code) {
  switch (code) {
    case StatusCode::ok:
      return "ok";
    case StatusCode::invalid_argument:
      return "invalid argument";
    case StatusCode::not_found:
      return "not found";
    case StatusCode::permission_denied:
      return "permission denied";
    case StatusCode::locked:
      return "locked";
    case StatusCode::not_a_database:
      return "not a database";
    case StatusCode::other_engine:
      return "another engine's database";
    case StatusCode::unsupported_format:
      return "unsupported format";
    case StatusCode::corrupt:
      return "corrupt";
    case StatusCode::no_space:
      return "no space";
    case StatusCode::io_error:
      return "input/output error";
    case StatusCode::busy:
      return "busy";
    case StatusCode::cancelled:
      return "cancelled";
    case StatusCode::failed:
      return "failed";
  }
  return "unknown";
}

Status Status::from_errno(int error, std::string_view what, std::string_view path) {
  const auto said = std::generic_category().message(error);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return {StatusCode::not_found, fmt::format("{}: {}: {}; check the path", path, what, said)};
    case EACCES:
    case EPERM:
      return {StatusCode::permission_denied,
              fmt::format("{}: {}: {}; run as the user that owns it", path, what, said)};
    case ENOSPC:
    case EDQUOT:
      return {StatusCode::no_space,
              fmt::format("{}: {}: {}; free some disk space and retry", path, what, said)};
    default:
      return {StatusCode::io_error, fmt::format("{}: {}: {}", path, what, said)};
  }
}

}  // namespace nodetune
