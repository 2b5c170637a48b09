// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <filesystem>
#include <string>

#include "engine/base/format.h"

namespace nodetune {

// For people: a path's last part; control bytes never reach a screen.
inline std::string shown_file_name(const std::string& path) {
  return escape_name(std::filesystem::path(path).filename().string());
}

}  // namespace nodetune
