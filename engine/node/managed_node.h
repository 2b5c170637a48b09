// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/bounded_queue.h"
#include "engine/base/periodic_worker.h"
#include "engine/base/published.h"
#include "engine/node/managed_batches.h"
#include "engine/node/managed_jobs.h"
#include "engine/node/managed_memory.h"
#include "engine/node/managed_settings.h"
#include "engine/node/node.h"
#include "engine/node/open_node.h"
#include "engine/node/stall_watch.h"
#include "engine/objects/object_store.h"
#include "engine/observe/machine_probe.h"
#include "engine/store/database.h"
#include "engine/tuner/database_tuner.h"
#include "engine/workload/workload_driver.h"

namespace nodetune {

// NodeTune's own directory: the engine with all its threads.
//
// Threads it owns: commander (knobs, caches, decisions, workload control), sampler, tuner; and
// through its parts the committer and the workload's driver. close() stops drivers, drains the
// committer, then stops the rest.
// Invariant: what close() could not commit is named in its status.
class ManagedNode final : public Node {
 public:
  static Result<std::unique_ptr<ManagedNode>> open(const std::string& path,
                                                   const OpenOptions& options, Clock& clock);
  ~ManagedNode() override;

  NodeDescription description() const override;
  std::shared_ptr<const Snapshot> snapshot() const override;
  const History& history() const override { return history_; }
  std::vector<NodeEvent> events(std::uint64_t since_sequence, std::size_t limit) const override;
  std::vector<KnobState> knobs() const override;
  std::vector<Recommendation> recommendations() const override;
  std::vector<AuditEntry> audit() const override;
  std::vector<CacheState> caches() const override;
  std::optional<MemoryState> memory() const override;
  std::vector<StorageJob> jobs(TimePoint begin, TimePoint end, std::size_t limit) const override {
    return jobs_.ring().range(begin, end, limit);
  }
  WorkloadStatus workload() const override;
  BatchStatus batches() const override;
  Result<Ticket> submit(Command command) override;
  std::vector<CommandOutcome> outcomes(Ticket since) const override;
  Status close() override;

 private:
  struct Order {
    Ticket ticket = 0;
    std::optional<Command> command;  // nothing: look after the memory
  };

  ManagedNode(std::string path, const OpenOptions& options, Clock& clock);
  Status start();
  Status prepare_driver();
  double free_ratio_once_written() const;
  void run_commands();
  Result<std::string> carry_out(const Command& command);
  Result<std::string> change(const Target& target, std::int64_t value);
  Result<std::string> decide(const DecideRecommendation& decision);
  Result<std::string> optimize_caches();
  Result<std::string> optimize_batch_size();
  Result<std::string> control_workload(ControlWorkload::Action action);
  Result<std::string> retry_commit();
  Result<std::string> set_batch_size(int operations);
  Result<std::string> set_batch_size_mode(const SetBatchSizeMode& wanted);
  Result<std::string> set_durability(Durability durability);
  Result<std::string> tune_now();
  Result<std::string> set_arbiter(const SetArbiter& wanted);
  void order_memory_look();
  void look_after_memory();
  std::vector<Proposal> cache_proposals();
  void sample();
  void tune();
  void collect_events();
  void add_event(Severity severity, EventCategory category, std::string text);
  void refresh_knobs();

  const std::string path_;
  const OpenOptions options_;
  Clock& clock_;

  ManagedMemory memory_;  // before those that it watches
  std::unique_ptr<Database> database_;
  std::unique_ptr<TimedReads> reads_;
  std::unique_ptr<ObjectStore> objects_;
  std::unique_ptr<SettingsTable> settings_;
  std::unique_ptr<ManagedTargets> targets_;
  std::unique_ptr<ManagedBatches> batch_settings_;
  std::unique_ptr<AuditLog> audit_;
  std::unique_ptr<DatabaseKnobControl> knob_control_;
  std::unique_ptr<Actuator> actuator_;
  std::unique_ptr<DatabaseTuner> tuner_;
  std::unique_ptr<WorkloadDriver> driver_;
  WorkloadSpec workload_;
  std::string workload_text_;  // describe() and provenance()
  std::optional<std::uint64_t> total_blocks_;
  std::atomic<std::uint64_t> committed_blocks_{0};

  MachineProbe machine_;             // the sampler's alone
  BatchFigures batches_before_;      // the sampler's alone
  bool commit_was_failing_ = false;  // the sampler's alone
  StallWatch stalls_;                // the sampler's alone
  Published<WriteStall> stall_{std::make_shared<const WriteStall>()};
  WorkloadState workload_before_ = WorkloadState::none;  // the sampler's alone
  ImportRate import_rate_;                               // the sampler's alone
  Published<ImportFigures> import_{std::make_shared<const ImportFigures>()};
  History history_;
  EventRing events_;
  ManagedJobs jobs_;  // fed by the sampler alone
  Published<Snapshot> snapshot_{std::make_shared<const Snapshot>()};
  Published<KnobValues> knob_values_{nullptr};  // as last read back

  std::mutex round_mutex_;                                         // tuner thread and commander
  std::array<CacheCounters, kObjectKindCount> caches_at_round_{};  // guarded by round_mutex_
  std::shared_ptr<const Snapshot> round_begin_;                    // guarded by round_mutex_

  BoundedQueue<Order> orders_;
  std::atomic<bool> memory_order_waits_{false};
  std::uint64_t blocks_at_look_ = 0;  // the memory worker's alone
  std::atomic<Ticket> last_ticket_{0};
  mutable std::mutex outcomes_mutex_;
  std::deque<CommandOutcome> outcomes_;  // guarded by outcomes_mutex_; the newest
  std::thread commander_;
  std::unique_ptr<PeriodicWorker> sampler_;
  std::unique_ptr<PeriodicWorker> memory_worker_;
  std::unique_ptr<PeriodicWorker> tuner_worker_;
  bool closed_ = true;  // until its threads run
};

}  // namespace nodetune
