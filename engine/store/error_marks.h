// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>

namespace nodetune {

// What the disk has done to a database that is open. All false until something fails.
struct DiskHistory {
  std::atomic<bool> open{false};  // set by whoever has opened the database
  // The write-ahead log has refused a record: memory and log do not agree.
  std::atomic<bool> log_lost{false};
  // A change of the MANIFEST failed, and may be in it nevertheless.
  std::atomic<bool> manifest_in_doubt{false};
};

// `inner`, whose errors RocksDB 7.8 takes the way that it survives.
//
// - Of a write-ahead log that did not take a record: fatal. RocksDB's own way on from there aborts.
// - Of everything else that is written: retryable. What is in memory can still be flushed, by
//   DB::Resume(); unmarked, it would be fatal, and what was committed without a log be lost.
// - A full disk is an error like the others: RocksDB would look for space by itself every five
//   seconds, and refuse to resume meanwhile.
// - A log that cannot be begun while the database is open seems to be, and refuses its first
//   record: RocksDB aborts when it switches from a memtable with a range tombstone again after the
//   new log failed (memtable.cc:605).
// - No file is deleted while the MANIFEST is in doubt: after a failed sync RocksDB deletes tables
//   that the MANIFEST names, and the database never opens again. Opening removes what is not named.
//
// Thread: any. Lifetime: shared with the Env made of it.
std::shared_ptr<rocksdb::FileSystem> mark_errors(std::shared_ptr<rocksdb::FileSystem> inner,
                                                 std::shared_ptr<DiskHistory> history);

}  // namespace nodetune
