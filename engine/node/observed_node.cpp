// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/observed_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <utility>
#include <variant>

#include "engine/base/bounded_queue.h"
#include "engine/base/format.h"
#include "engine/base/periodic_worker.h"
#include "engine/base/published.h"
#include "engine/files/file_reader.h"
#include "engine/node/observed_history.h"
#include "engine/node/observed_tuner.h"
#include "engine/node/observed_views.h"
#include "engine/observe/inspect.h"
#include "engine/observe/log_follower.h"
#include "engine/observe/machine_probe.h"
#include "engine/observe/observation.h"
#include "engine/observe/process_look.h"
#include "engine/observe/quiet_thread.h"

namespace nodetune {
namespace {

constexpr auto kPeriod = std::chrono::seconds(1);
constexpr std::size_t kOrdersMax = 64;
constexpr std::size_t kOutcomesKept = 256;
constexpr std::size_t kEventsKept = 2'000;
// Of old LOGs, a second: beside a running node its disk is not ours.
constexpr double kRestBytesBesideNode = 20e6;
constexpr double kRestBytesAlone = 100e6;
constexpr double kRestSecondsMax = 2;  // a look that comes late does not catch up

// Who holds the lock, and what its machine suffers from.
void add_machine_facts(const Observation& seen, std::vector<Fact>& facts) {
  if (seen.holder && seen.holder->pid > 0) {
    auto text = to_text(look_at_process(seen.holder->pid));
    const auto origin = fmt::format("/proc/{}", seen.holder->pid);
    if (!text.empty()) facts.push_back({"Node's process", std::move(text), origin});
  }
  if (auto waited = to_text(look_at_pressure()); !waited.empty()) {
    facts.push_back({"Waited for, of 10 seconds", std::move(waited), "/proc/pressure"});
  }
}

// Thread: the observer's own, which alone reads the directory and runs the rules; getters copy
// what it published.
class ObservedNode final : public Node {
 public:
  ObservedNode(const Inspection& found, std::string reason, const TunerConfig& tuner, Clock& clock)
      : path_(found.path),
        reason_(std::move(reason)),
        databases_(found.databases),
        tuner_config_(tuner),
        clock_(clock),
        observer_(found.path, clock),
        machine_(found.path, std::nullopt, clock),
        events_(kEventsKept),
        orders_(kOrdersMax),
        worker_("observer", clock, kPeriod, [this] { look(); }) {}
  ~ObservedNode() override { worker_.stop(); }

  // The first look, on the caller's thread.
  Status start() {
    const auto read_before = FileReader::bytes_read_by_this_thread();
    auto seen = observer_.refresh();
    if (!seen) return seen.status();
    log_.emplace((*seen)->log_place);
    look_at_log(**seen, 0);
    look_at_log(**seen, 0);  // nothing has followed the last line: it is whole
    last_look_ = clock_.steady_now();
    first_look_bytes_ = FileReader::bytes_read_by_this_thread() - read_before;
    take(**seen);
    worker_.start();
    return Status::ok();
  }

  NodeDescription description() const override { return view_.get()->description; }
  std::shared_ptr<const Snapshot> snapshot() const override { return snapshot_.get(); }
  const History& history() const override { return history_; }
  std::vector<NodeEvent> events(std::uint64_t since_sequence, std::size_t limit) const override {
    return events_.since(since_sequence, limit);
  }
  std::vector<KnobState> knobs() const override;
  std::vector<Recommendation> recommendations() const override {
    const auto tuner = shown_tuner_.get();
    return tuner ? tuner->recommendations() : std::vector<Recommendation>{};
  }
  std::vector<AuditEntry> audit() const override {
    const auto tuner = shown_tuner_.get();
    return tuner ? tuner->audit() : std::vector<AuditEntry>{};
  }
  std::vector<CacheState> caches() const override { return {}; }
  std::optional<MemoryState> memory() const override { return std::nullopt; }
  WorkloadStatus workload() const override { return {}; }
  BatchStatus batches() const override { return {}; }
  Result<Ticket> submit(Command command) override;
  std::vector<CommandOutcome> outcomes(Ticket since) const override;
  Status close() override {
    worker_.stop();
    return Status::ok();
  }

 private:
  struct View {
    NodeDescription description;
    std::vector<KnobState> knobs;
  };
  struct Order {
    Ticket ticket = 0;
    Command command;
  };

  void look();
  void look_at_log(const Observation& seen, std::int64_t rest_bytes_max);
  std::int64_t rest_bytes(bool node_runs);
  std::int64_t bytes_read() const;
  void take(const Observation& seen);
  void take_log(const Observation& seen);
  void publish(const Observation& seen);
  void run_rules(const Observation& seen, const std::shared_ptr<const Snapshot>& newest);
  void open_tuner(const Observation& seen, bool all_known);
  void carry_out(const Order& order);
  void add_event(EventCategory category, Severity severity, std::string text);

  const std::string path_;
  const std::string reason_;
  const std::vector<std::string> databases_;
  const TunerConfig tuner_config_;
  Clock& clock_;

  // The observer's alone.
  DirectoryObserver observer_;
  std::optional<LogFollower> log_;  // from the first look on
  MachineProbe machine_;
  std::optional<LoggedRecovery> last_open_;
  std::optional<LoggedDump> last_dump_;
  PacedStalls stalls_;
  std::optional<LockHolder> last_holder_;
  std::vector<std::string> last_notes_;
  std::string last_trouble_;
  std::uint64_t looks_ = 0;
  SteadyTime last_look_{};
  std::int64_t first_look_bytes_ = 0;  // read on another thread
  bool on_own_thread_ = false;

  std::shared_ptr<const Snapshot> judged_;  // the newest that the rules saw
  std::shared_ptr<ObservedTuner> tuner_;    // null until all knobs are known
  bool tuner_was_asked_ = false;

  History history_;
  EventRing events_;
  Published<ObservedTuner> shown_tuner_{nullptr};
  Published<View> view_{std::make_shared<const View>()};
  Published<Snapshot> snapshot_{std::make_shared<const Snapshot>()};

  BoundedQueue<Order> orders_;
  std::atomic<Ticket> last_ticket_{0};
  mutable std::mutex outcomes_mutex_;
  std::deque<CommandOutcome> outcomes_;  // guarded by outcomes_mutex_; the newest
  PeriodicWorker worker_;
};

void ObservedNode::look() {
  if (!std::exchange(on_own_thread_, true)) yield_disk_to_others();
  while (auto order = orders_.try_pop()) carry_out(*order);
  const auto seen = observer_.refresh();
  const auto trouble = seen ? std::string() : seen.status().message();
  if (trouble != last_trouble_ && !trouble.empty()) {
    add_event(EventCategory::node, Severity::error, trouble);
  }
  last_trouble_ = trouble;
  if (!seen) return;
  look_at_log(**seen, rest_bytes((*seen)->holder.has_value()));
  take(**seen);
}

// With `db_log_dir` it lies elsewhere: a listing that fails is that of an empty directory.
void ObservedNode::look_at_log(const Observation& seen, std::int64_t rest_bytes_max) {
  if (seen.log_place.directory == seen.path) return log_->look(*seen.listing, rest_bytes_max);
  const auto listing = list_database_files(seen.log_place.directory);
  log_->look(listing ? *listing : DirectoryListing{}, rest_bytes_max);
}

// What of the past may be read now.
std::int64_t ObservedNode::rest_bytes(bool node_runs) {
  const auto now = clock_.steady_now();
  const auto seconds = std::min(to_seconds(now - last_look_), kRestSecondsMax);
  last_look_ = now;
  return static_cast<std::int64_t>(seconds * (node_runs ? kRestBytesBesideNode : kRestBytesAlone));
}

std::int64_t ObservedNode::bytes_read() const {
  return first_look_bytes_ + (on_own_thread_ ? FileReader::bytes_read_by_this_thread() : 0);
}

void ObservedNode::take(const Observation& seen) {
  const auto pid = [](const auto& holder) { return holder ? holder->pid : -1; };
  if (looks_++ > 0 && pid(seen.holder) != pid(last_holder_)) {
    add_event(EventCategory::node, Severity::info,
              seen.holder ? "The database was opened by " + seen.holder->describe()
                          : last_holder_->describe() + " has closed the database");
  }
  last_holder_ = seen.holder;
  for (const auto& note : seen.notes) {
    if (std::find(last_notes_.begin(), last_notes_.end(), note) != last_notes_.end()) continue;
    add_event(EventCategory::error, Severity::error, note);
  }
  last_notes_ = seen.notes;
  take_log(seen);
  publish(seen);
}

void ObservedNode::take_log(const Observation& seen) {
  const auto& fresh = log_->fresh();
  for (const auto& recovery : fresh.recoveries) last_open_ = recovery;
  if (!fresh.dump_stalls.empty()) last_dump_ = fresh.dump_stalls.back();
  for (const auto& dump : fresh.dump_stalls) stalls_.add(dump);
  if (fresh.utc_offset) fill_back(fresh.dump_stalls, history_);
  auto events = logged_events(fresh, seen.client.profile);
  const auto surplus = events.size() - std::min(events.size(), kEventsKept);
  events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(surplus));
  for (auto& event : events) events_.add(std::move(event));
  log_->forget_fresh();
}

void ObservedNode::publish(const Observation& seen) {
  const ObservedLog log{log_->summary(), log_->complete(), log_->bytes(),
                        log_->problem(), last_open_,       last_dump_};
  const auto read = format_bytes(static_cast<double>(bytes_read()));
  auto view = std::make_shared<View>();
  view->description = describe(seen, log);
  add_machine_facts(seen, view->description.facts);
  view->description.facts.push_back(
      {"NodeTune's own use",
       fmt::format("{} read; files are opened for reading alone, none is locked", read),
       "bytes: counted as they are read"});
  view->description.reason = reason_;
  for (const auto& note : seen.notes) view->description.reason += ". " + note;
  view->description.databases = databases_;
  view->knobs = knob_states(seen, log);
  view_.publish(std::move(view));

  auto snapshot = std::make_shared<Snapshot>();
  snapshot->taken_at = clock_.now();
  const bool known = seen.holder && seen.holder->pid > 0;
  machine_.set_process(known ? std::optional<std::int64_t>(seen.holder->pid) : std::nullopt);
  machine_.fill(*snapshot);
  fill_observed(seen, log, *snapshot);
  snapshot->derive_from(*snapshot_.get());
  // Between two statistics nobody knows; what they tell goes into history where it belongs.
  snapshot->rates[index_of(Metric::db_stall_seconds_total)] = kMissing;
  history_.add(*snapshot);
  snapshot_.publish(snapshot);
  run_rules(seen, snapshot);
}

void ObservedNode::run_rules(const Observation& seen,
                             const std::shared_ptr<const Snapshot>& newest) {
  const auto values = knob_values(view_.get()->knobs);
  if (!values && !log_->complete()) return;  // the rest of the LOG may tell
  if (!std::exchange(tuner_was_asked_, true)) open_tuner(seen, values.has_value());
  if (!tuner_ || !values) return;
  auto judged = std::make_shared<Snapshot>(*newest);
  judged->set(Metric::db_stall_seconds_total, stalls_.total(newest->taken_at));
  judged_ = std::move(judged);
  if (const auto ran = tuner_->observe(judged_, *values, history_); !ran) {
    add_event(EventCategory::recommendation, Severity::error, ran.status().message());
  }
}

void ObservedNode::open_tuner(const Observation& seen, bool all_known) {
  if (!all_known) {
    std::string unknown;
    for (const auto& state : view_.get()->knobs) {
      if (state.current) continue;
      unknown += fmt::format("{}{} ({})", unknown.empty() ? "" : ", ", to_string(state.knob),
                             state.current_text);
    }
    add_event(
        EventCategory::recommendation, Severity::warning,
        fmt::format("the rules cannot look, as these are not known as one value: {}", unknown));
    return;
  }
  auto tuner = ObservedTuner::open(path_, seen.client, tuner_config_, clock_);
  if (tuner) {
    tuner_ = *std::move(tuner);
    shown_tuner_.publish(tuner_);
  } else {
    add_event(EventCategory::recommendation, Severity::warning,
              fmt::format("the rules cannot look: {}", tuner.status().message()));
  }
}

void ObservedNode::add_event(EventCategory category, Severity severity, std::string text) {
  NodeEvent event;
  event.time = clock_.now();
  event.category = category;
  event.severity = severity;
  event.text = std::move(text);
  events_.add(std::move(event));
}

std::vector<KnobState> ObservedNode::knobs() const {
  auto states = view_.get()->knobs;
  for (const auto& item : recommendations()) {
    if (item.state != RecommendationState::proposed) continue;
    for (auto& state : states) {
      if (item.proposal.target.is_knob(state.knob)) state.proposed = item.proposal.proposed;
    }
  }
  return states;
}

Result<Ticket> ObservedNode::submit(Command command) {
  const bool possible = std::holds_alternative<DecideRecommendation>(command) ||
                        std::holds_alternative<TuneNow>(command);
  if (!possible || !shown_tuner_.get()) {
    return Status(StatusCode::failed,
                  fmt::format("{} is observed: it belongs to its node, and nothing in it can be "
                              "changed from here; change the node's own settings",
                              path_));
  }
  Order order{++last_ticket_, std::move(command)};
  const auto ticket = order.ticket;
  if (!orders_.try_push(std::move(order))) {
    return Status(StatusCode::busy, "too many commands wait; try again in a second");
  }
  worker_.wake();
  return ticket;
}

void ObservedNode::carry_out(const Order& order) {
  Result<std::string> done = Status(StatusCode::busy, "not all knobs are known; try again later");
  if (const auto* decision = std::get_if<DecideRecommendation>(&order.command)) {
    done = tuner_->decide(*decision);
  } else if (const auto values = knob_values(view_.get()->knobs); values && judged_) {
    done = tuner_->tune_now(judged_, *values, history_);
  }
  CommandOutcome outcome;
  outcome.ticket = order.ticket;
  outcome.time = clock_.now();
  outcome.status = done.status();
  outcome.text = done ? *done : done.status().message();
  const std::lock_guard lock(outcomes_mutex_);
  outcomes_.push_back(std::move(outcome));
  while (outcomes_.size() > kOutcomesKept) outcomes_.pop_front();
}

std::vector<CommandOutcome> ObservedNode::outcomes(Ticket since) const {
  const std::lock_guard lock(outcomes_mutex_);
  std::vector<CommandOutcome> found;
  for (const auto& outcome : outcomes_) {
    if (outcome.ticket > since) found.push_back(outcome);
  }
  return found;
}

}  // namespace

Result<std::unique_ptr<Node>> open_observed(const std::string& path, std::string reason,
                                            Clock& clock, const TunerConfig& tuner) {
  auto found = inspect(path);
  if (!found) return found.status();
  if (found->way == "none") {
    const bool nothing = found->kind == "none";
    return Status(nothing ? StatusCode::not_a_database : StatusCode::other_engine,
                  fmt::format("{}: {}", found->path, found->reason));
  }
  if (found->kind == "none") found->path = largest_database(found->databases);
  auto node = std::make_unique<ObservedNode>(*found, std::move(reason), tuner, clock);
  if (auto status = node->start(); !status) return status;
  return std::unique_ptr<Node>(std::move(node));
}

}  // namespace nodetune
