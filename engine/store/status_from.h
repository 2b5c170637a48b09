// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <rocksdb/status.h>

#include <string_view>

#include "engine/base/status.h"

namespace nodetune {

// RocksDB's answer in our words: what was tried, on which directory, what to do.
//
// "No space left" and "no locks" come as IOError, a newer table as Corruption: told apart here.
Status status_from(const rocksdb::Status& status, std::string_view what, std::string_view path);

}  // namespace nodetune
