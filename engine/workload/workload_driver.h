// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/metrics/histogram.h"
#include "engine/workload/workload.h"

namespace nodetune {

struct DriverConfig {
  std::optional<double> blocks_per_second;  // nothing: as fast as possible
  double stop_below_free_ratio = 0.10;      // of the disk; 0: never
  std::function<double()> free_ratio;       // of the disk now; NaN or no function: not known
};

enum class DriverState : std::uint8_t {
  idle,
  preparing,
  running,
  paused,
  finished,  // the workload has no more blocks, and all of them are committed
  stopped,   // by stop(), or for lack of disk space
  failed
};
std::string_view to_string(DriverState state);  // "preparing"

struct DriverFigures {
  DriverState state = DriverState::idle;
  std::string text;               // what it is doing, or why it stopped
  bool asked_to_stop = false;     // stopped: by somebody, not of its own accord
  double prepared_ratio = 0;      // 0 to 1
  std::uint64_t blocks = 0;       // run by this driver: read, and submitted
  std::uint64_t late_blocks = 0;  // not done when the next one was due
  HistogramCounts block_times;    // microseconds a block, waiting for its due time not included
  double seconds = 0;             // spent on blocks and on committing the last of them
};

// Runs a workload on its own thread: prepares it, then one block after the other, at a rate or as
// fast as it goes.
//
// Invariant: block k is due k periods after the first; a block that is late is counted, and at most
// one is caught up: a stall is never followed by a burst that no chain has.
// Thread: every method from any. Lifetime: store, objects and clock outlive it; the destructor
// stops.
class WorkloadDriver {
 public:
  // `store` is the one behind `objects`: prepare() writes to it directly.
  WorkloadDriver(std::unique_ptr<Workload> workload, ObjectStore& objects, KeyValueStore& store,
                 Clock& clock, DriverConfig config);
  ~WorkloadDriver();
  WorkloadDriver(const WorkloadDriver&) = delete;
  WorkloadDriver& operator=(const WorkloadDriver&) = delete;

  Status start();   // also after it stopped, finished or failed: goes on where it was
  Status pause();   // after the block in progress; from preparing: as soon as that is done
  Status resume();  // from paused; as start() when nothing runs
  void stop();      // waits for the block in progress, no longer

  DriverFigures figures() const;
  std::optional<std::uint64_t> total_blocks() const { return total_blocks_; }
  std::optional<ImportProgress> import_progress() const { return workload_->import_progress(); }

 private:
  void run(const std::stop_token& stop);
  Status work(const std::stop_token& stop);
  Status run_blocks(const std::stop_token& stop);
  bool wait_for_turn(const std::stop_token& stop, SteadyTime& due);
  void account_for(SteadyTime begun, SteadyTime& due);
  Status finish();
  void enter(DriverState state, std::string text);
  bool disk_is_low() const;

  const std::unique_ptr<Workload> workload_;
  ObjectStore& objects_;
  KeyValueStore& store_;
  Clock& clock_;
  const DriverConfig config_;
  const std::optional<std::uint64_t> total_blocks_;

  std::mutex control_mutex_;  // start and stop, one at a time
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  DriverState state_ = DriverState::idle;  // guarded by mutex_, as what follows
  std::string text_;
  bool asked_to_stop_ = false;
  double prepared_ratio_ = 0;
  bool pause_wanted_ = false;
  std::uint64_t blocks_ = 0;
  std::uint64_t late_blocks_ = 0;
  Duration spent_{};
  Histogram block_times_;
  std::jthread thread_;  // guarded by control_mutex_
};

}  // namespace nodetune
