// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace nodetune {

// Writes a whole file or none: into a new file beside `path`, fsynced, then renamed over it.
//
// Thread: any. Errors: the directory is missing, is a file or may not be written; `path` is a
// directory; the disk is full. After an error an older file at `path` is as it was.
Status write_file_at_once(const std::string& path, std::string_view contents);

}  // namespace nodetune
