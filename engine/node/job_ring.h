// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/node/storage_job.h"

namespace nodetune {

inline constexpr std::size_t kJobsKept = 10'000;  // of one node, and in one answer

// The newest flushes and compactions. One that runs is put without an end, and again with it.
//
// RocksDB's job numbers begin anew with each open, so that a job is known by its number and its
// begin while it runs, and by its number and its end afterwards.
// Thread: any.
class JobRing {
 public:
  struct Id {
    std::int64_t number = -1;  // -1: not known
    std::string family = {};   // where several jobs of one number begin at the same time
    auto operator<=>(const Id&) const = default;
  };
  struct Running {
    StorageJob::Kind kind = StorageJob::Kind::flush;
    Id id;
    TimePoint begin{};
    auto operator<=>(const Running&) const = default;
  };

  explicit JobRing(std::size_t capacity = kJobsKept) : capacity_(capacity) {}

  // The same job once more is completed in place and keeps its sequence number. Where it was told
  // already, the one whose begin is earlier stays: it was told in full.
  void put(const Id& id, StorageJob job);
  // Those that run by what was put, and are not among `running`, ended unseen: at `end`, or when
  // they began. `why` stands behind their reason.
  void cut_off_others(const std::set<Running>& running, TimePoint end, std::string_view why);

  // Those that ran at some time of [begin, end], ascending by begin, the newest `limit`.
  std::vector<StorageJob> range(TimePoint begin, TimePoint end, std::size_t limit) const;
  std::uint64_t dropped() const;  // older ones, for newer ones

 private:
  struct Entry {
    Id id;
    StorageJob job;
  };
  using Jobs = std::multimap<TimePoint, Entry>;     // by begin
  using Index = std::map<Running, Jobs::iterator>;  // its time: begin, or end of one that ended

  void insert(const Id& id, StorageJob job);
  void erase(Jobs::iterator job);
  static Running key_of(const Entry& entry);

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  Jobs jobs_;  // guarded by mutex_, as all below
  Index running_;
  Index ended_;
  Duration longest_{};  // of those that ended
  std::uint64_t last_sequence_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace nodetune
