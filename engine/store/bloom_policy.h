// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <rocksdb/filter_policy.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace nodetune {

// A Bloom filter policy whose bits per key can be changed while the database is open: RocksDB
// before 9.8 refuses a new filter_policy, but asks this one anew for every file that it writes.
//
// Invariant: every policy ever made stays alive, because a file's builder points into its policy;
// there are at most 101 of them. All of them read each other's filters.
// Thread: any. Lifetime: shared with RocksDB's options.
class BloomPolicy final : public rocksdb::FilterPolicy {
 public:
  explicit BloomPolicy(std::int64_t bits_per_key);

  void set_bits(std::int64_t bits_per_key);  // of files written from now on; 0: no filter
  std::int64_t bits() const { return bits_.load(std::memory_order_relaxed); }

  const char* Name() const override;
  std::string GetId() const override;
  const char* CompatibilityName() const override;
  rocksdb::FilterBitsBuilder* GetBuilderWithContext(
      const rocksdb::FilterBuildingContext& context) const override;
  rocksdb::FilterBitsReader* GetFilterBitsReader(const rocksdb::Slice& contents) const override;

 private:
  const rocksdb::FilterPolicy& current() const;

  std::mutex mutex_;
  std::map<std::int64_t, std::unique_ptr<const rocksdb::FilterPolicy>> made_;  // guarded by mutex_
  std::atomic<const rocksdb::FilterPolicy*> current_{nullptr};  // release: its object is complete
  std::atomic<std::int64_t> bits_{0};
};

}  // namespace nodetune
