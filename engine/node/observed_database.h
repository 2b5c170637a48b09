// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/bounded_queue.h"
#include "engine/base/clock.h"
#include "engine/base/published.h"
#include "engine/node/node.h"
#include "engine/node/observed_history.h"
#include "engine/node/observed_jobs.h"
#include "engine/node/observed_kinds.h"
#include "engine/node/observed_past.h"
#include "engine/node/observed_tuner.h"
#include "engine/node/observed_views.h"
#include "engine/observe/growth.h"
#include "engine/observe/log_follower.h"
#include "engine/observe/machine_watch.h"
#include "engine/observe/metrics_scraper.h"
#include "engine/observe/observation.h"
#include "engine/observe/option_history.h"
#include "engine/tuner/database_tuner.h"

namespace nodetune {

inline constexpr auto kObserverPeriod = std::chrono::seconds(1);
inline constexpr auto kViewPeriod = std::chrono::seconds(5);  // facts and knobs hardly change
inline constexpr std::size_t kOutcomesKept = 256;             // of what operators asked for

// One foreign database, seen from outside: read by our own parsers, no RocksDB handle, no lock, no
// byte written there.
//
// Has no thread of its own: whoever owns it calls look() now and then.
// Thread: start() and look() one at a time (the observer's); getters from any, as Node asks.
class ObservedDatabase : public Node {
 public:
  struct Config {
    std::string path;
    std::string name;                    // within its group; empty: it stands alone
    std::string reason;                  // why it is not managed
    std::vector<std::string> databases;  // the paths of all of its group
    TunerConfig tuner;
    ObserverLimits limits;
    LogFollower::Limits log;
    std::size_t jobs_max = kJobsKept;
    std::shared_ptr<MetricsScraper> scraper;  // of all that the process holds; null: nobody asks
  };

  // `machine`: shared by those that one observer looks at. `wake`: asks that observer to look now.
  ObservedDatabase(Config config, std::shared_ptr<MachineWatch> machine, std::function<void()> wake,
                   Clock& clock);
  ~ObservedDatabase() override;

  // The first look. Errors: no permission, gone.
  Status start();
  // A later one. Of what can wait (old LOG files) at most `rest_bytes_max` is read.
  void look(std::int64_t rest_bytes_max);

  // The observer's alone, as start() and look().
  const std::string& name() const { return config_.name; }
  bool log_is_read() const { return log_->complete() && options_.complete(); }
  bool is_held() const { return last_holder_.has_value(); }
  // What the statistics that the last look found say of stalls; none while the LOG's zone is
  // unknown.
  const std::vector<StallInterval>& fresh_stalls() const { return fresh_stalls_; }
  // What its LOGs tell of the time before; null until they are read, and once it is dropped.
  const ObservedPast* past() const { return past_ && log_is_told_ ? &*past_ : nullptr; }
  void drop_past() { past_.reset(); }
  std::shared_ptr<const ObservedView> view() const { return view_.get(); }  // any thread
  double growth_window_seconds() const;  // missing while growth is

  NodeDescription description() const override { return view_.get()->description; }
  std::shared_ptr<const Snapshot> snapshot() const override { return snapshot_.get(); }
  const History& history() const override { return history_; }
  std::vector<NodeEvent> events(std::uint64_t since_sequence, std::size_t limit) const override {
    return events_.since(since_sequence, limit);
  }
  std::vector<KnobState> knobs() const override;
  std::vector<Recommendation> recommendations() const override;
  std::vector<AuditEntry> audit() const override;
  std::vector<CacheState> caches() const override { return {}; }
  std::optional<MemoryState> memory() const override { return std::nullopt; }
  std::vector<MemoryPart> memory_parts() const override { return view_.get()->memory_parts; }
  std::vector<StorageJob> jobs(TimePoint begin, TimePoint end, std::size_t limit) const override {
    return jobs_.ring().range(begin, end, limit);
  }
  WorkloadStatus workload() const override { return {}; }
  BatchStatus batches() const override { return {}; }
  Result<Ticket> submit(Command command) override;
  std::vector<CommandOutcome> outcomes(Ticket since) const override;
  Status close() override { return Status::ok(); }

 private:
  struct Order {
    Ticket ticket = 0;
    Command command;
  };

  void look_at_log(const Observation& seen, std::int64_t rest_bytes_max);
  void take(const Observation& seen);
  void count_reading();
  void take_log(const Observation& seen);
  void take_jobs(const Observation& seen);
  void take_past();
  void publish(const Observation& seen);
  void tell_new_problems(const std::vector<Problem>& problems);
  void publish_view(const Observation& seen, const ObservedLog& log, const Snapshot& snapshot);
  void run_rules(const Observation& seen, const ObservedLog& log,
                 const std::shared_ptr<const Snapshot>& newest);
  void open_tuner(const Observation& seen, const std::string& obstacle_text);
  void tell_news();
  void carry_out(const Order& order);
  void add_event(EventCategory category, Severity severity, std::string text);

  const Config config_;
  const std::function<void()> wake_;
  Clock& clock_;

  // The observer's alone.
  DirectoryObserver observer_;
  std::optional<LogFollower> log_;  // from the first look on
  OptionHistory options_;
  std::shared_ptr<MachineWatch> machine_;
  std::optional<LoggedRecovery> last_open_;
  std::optional<LoggedDump> last_dump_;
  std::vector<StallInterval> fresh_stalls_;
  PacedStalls stalls_;
  std::optional<ObservedPast> past_{std::in_place};  // until it stands in all histories
  bool log_is_told_ = false;                         // it stands in this one's
  GrowthWatch growth_;
  ObservedKinds kinds_;
  std::optional<LockHolder> last_holder_;
  std::string last_trouble_;
  std::uint64_t looks_ = 0;
  // What the view was made of: made anew only where that has changed, or its ages have.
  struct Shown {
    std::shared_ptr<const Manifest> manifest;
    std::shared_ptr<const ObservedOptions> options;
    std::int64_t records = -1;
    bool log_is_read = false;
    int holder = -1;
    std::vector<Problem> problems;
    bool operator==(const Shown&) const = default;
  };
  Shown shown_;
  SteadyTime shown_at_{};
  std::int64_t bytes_read_ = 0;
  std::int64_t counted_until_ = 0;  // of what this thread had read

  KnownKnobs knobs_ = KnownKnobs::none();
  std::shared_ptr<const Snapshot> judged_;  // the newest that the rules saw
  NodeNow now_;                             // likewise, for what is followed up
  std::shared_ptr<ObservedTuner> tuner_;    // null until the knobs are known, or the LOG is read
  bool tuner_was_asked_ = false;

  History history_;
  EventRing events_;
  ObservedJobs jobs_;
  Published<ObservedTuner> shown_tuner_{nullptr};
  Published<ObservedView> view_{std::make_shared<const ObservedView>()};
  Published<Snapshot> snapshot_{std::make_shared<const Snapshot>()};

  BoundedQueue<Order> orders_;
  std::atomic<Ticket> last_ticket_{0};
  mutable std::mutex outcomes_mutex_;
  std::deque<CommandOutcome> outcomes_;  // guarded by outcomes_mutex_; the newest
};

}  // namespace nodetune
