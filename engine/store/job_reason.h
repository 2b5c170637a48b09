// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <rocksdb/listener.h>

#include <string>

namespace nodetune {

// Why RocksDB flushed or compacted, in the words of its own LOG; "reason 42" of a newer library.
std::string reason_text(rocksdb::FlushReason reason);
std::string reason_text(rocksdb::CompactionReason reason);

}  // namespace nodetune
