// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/observed_group.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <mutex>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/format.h"
#include "engine/base/periodic_worker.h"
#include "engine/base/published.h"
#include "engine/files/directory_listing.h"
#include "engine/node/node_event.h"
#include "engine/node/observed_database.h"
#include "engine/node/observed_kinds.h"
#include "engine/node/observed_scrape.h"
#include "engine/node/observed_sums.h"
#include "engine/node/read_budget.h"
#include "engine/observe/quiet_thread.h"

namespace nodetune {
namespace {

// Of a round's processor time: below one percent of a core. Those that were not looked at come
// first in the next round.
constexpr double kBusySecondsMax = 0.008;
constexpr std::size_t kEventsTaken = 2'000;  // of one database in a round
constexpr std::size_t kOrdersOpenMax = 64;
constexpr std::size_t kJobsMin = 1'000;  // of one database

double processor_seconds_of_this_thread() {
  struct timespec time {};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// What one may do, of many: the whole group costs what a single one does.
ObserverLimits share_of(ObserverLimits limits, std::size_t count) {
  constexpr std::size_t kTablesMin = 8;
  limits.tables_first_max = std::max(kTablesMin, limits.tables_first_max / count);
  limits.tables_each_max = std::max(kTablesMin / 2, limits.tables_each_max / count);
  limits.busy_share_max /= static_cast<double>(count);
  limits.seldom_share_max /= static_cast<double>(count);
  limits.holder_idle *= static_cast<Duration::rep>(count);
  return limits;
}

LogFollower::Limits share_of(LogFollower::Limits limits, std::size_t count) {
  static constexpr std::int64_t kBytesMin = 256 << 10;
  const auto share = [count](std::int64_t bytes) {
    return std::max(kBytesMin, bytes / static_cast<std::int64_t>(count));
  };
  limits.at_once_bytes = share(limits.at_once_bytes);
  limits.tail.bytes = share(limits.tail.bytes);
  limits.tail.search_bytes = share(limits.tail.search_bytes);
  return limits;
}

std::string name_of(const std::string& path, const std::string& root) {
  return escape_name(path.starts_with(root + "/") ? path.substr(root.size() + 1) : path);
}

// Where all lie on one disk.
void fill_time_until_full(const std::vector<GroupPart>& parts, Snapshot& snapshot) {
  const double disk = snapshot.value(Metric::disk_total_bytes);
  const bool one_disk = std::all_of(parts.begin(), parts.end(), [&](const GroupPart& part) {
    return part.snapshot->value(Metric::disk_total_bytes) == disk;
  });
  if (!one_disk) return;
  fill_growth(snapshot.value(Metric::disk_growth_bytes_per_second),
              snapshot.value(Metric::disk_headroom_bytes), snapshot);
}

// Thread: the observer's own looks at the databases, one after the other, and at what they are
// together; getters copy what was published.
class ObservedGroup final : public Node {
 public:
  ObservedGroup(std::string path, std::string reason, std::shared_ptr<MetricsScraper> scraper,
                Clock& clock)
      : path_(std::move(path)),
        reason_(std::move(reason)),
        clock_(clock),
        machine_(std::make_shared<MachineWatch>(clock)),
        scraper_(std::move(scraper)),
        budget_(clock),
        events_(kEventsKept),
        worker_("observer", clock, kObserverPeriod, [this] { observe(); }) {}
  ~ObservedGroup() override { stop(); }

  Status start(const std::vector<std::string>& databases, const TunerConfig& tuner);
  void name_not_opened(const std::string& path, const std::string& why);

  std::vector<NodeDatabase> databases() const override;
  NodeDescription description() const override { return view_.get()->description; }
  std::shared_ptr<const Snapshot> snapshot() const override { return snapshot_.get(); }
  const History& history() const override { return history_; }
  std::vector<NodeEvent> events(std::uint64_t since_sequence, std::size_t limit) const override {
    return events_.since(since_sequence, limit);
  }
  std::vector<KnobState> knobs() const override { return view_.get()->knobs; }
  std::vector<Recommendation> recommendations() const override;
  std::vector<AuditEntry> audit() const override;
  std::vector<CacheState> caches() const override { return {}; }
  std::optional<MemoryState> memory() const override { return std::nullopt; }
  std::vector<MemoryPart> memory_parts() const override { return view_.get()->memory_parts; }
  std::vector<StorageJob> jobs(TimePoint begin, TimePoint end, std::size_t limit) const override;
  WorkloadStatus workload() const override { return {}; }
  BatchStatus batches() const override { return {}; }
  Result<Ticket> submit(Command command) override;
  std::vector<CommandOutcome> outcomes(Ticket since) const override;
  Status close() override {
    stop();
    return Status::ok();
  }

 private:
  // A command that was given to one database, or to several.
  struct Order {
    Ticket ticket = 0;
    std::vector<std::pair<std::size_t, Ticket>> given;  // to whom, and under which ticket there
    std::optional<CommandOutcome> outcome;
  };

  void stop() {
    worker_.stop();
    if (scraper_) scraper_->stop();
  }
  void observe();
  void collect_events();
  void fill_back_once();
  void publish();
  void finish_view(const std::vector<GroupPart>& all, const Snapshot& snapshot,
                   ObservedView& view) const;
  std::vector<GroupPart> parts() const;
  void finish_locked(Order& order) const;

  // Ids of the whole group, and back: unique, and the same as long as the group is open.
  std::uint64_t id_here(std::uint64_t id, std::size_t database) const {
    return id * databases_.size() + database;
  }
  std::pair<std::uint64_t, std::size_t> id_there(std::uint64_t id) const {
    return {id / databases_.size(), id % databases_.size()};
  }

  const std::string path_;
  const std::string reason_;
  Clock& clock_;
  std::vector<std::unique_ptr<ObservedDatabase>> databases_;  // fixed once started
  std::vector<Fact> not_opened_;                              // fixed once started

  // The observer's alone.
  std::shared_ptr<MachineWatch> machine_;
  std::shared_ptr<MetricsScraper> scraper_;  // may be null
  ReadBudget budget_;
  bool yields_ = false;
  std::size_t next_ = 0;        // database to be looked at
  double publish_seconds_ = 0;  // what the last round's sums took
  std::optional<SteadyTime> shown_at_;
  std::optional<LockHolder> holder_;  // of all of them
  std::vector<std::uint64_t> events_taken_;
  std::optional<WorstStalls> stalls_;

  History history_;
  EventRing events_;
  Published<ObservedView> view_{std::make_shared<const ObservedView>()};
  Published<Snapshot> snapshot_{std::make_shared<const Snapshot>()};

  mutable std::mutex orders_mutex_;
  mutable std::deque<Order> orders_;  // guarded by orders_mutex_; ascending
  Ticket last_ticket_ = 0;            // guarded by orders_mutex_
  PeriodicWorker worker_;
};

// The first looks, on the caller's thread.
Status ObservedGroup::start(const std::vector<std::string>& databases, const TunerConfig& tuner) {
  Status first_failure;
  for (const auto& path : databases) {
    ObservedDatabase::Config config;
    config.path = path;
    config.name = name_of(path, path_);
    config.reason = reason_;
    config.databases = databases;
    config.tuner = tuner;
    config.limits = share_of(config.limits, databases.size());
    config.log = share_of(config.log, databases.size());
    config.scraper = scraper_;
    config.jobs_max = std::max(kJobsMin, kJobsKept / databases.size());
    auto database = std::make_unique<ObservedDatabase>(
        std::move(config), machine_, [this] { worker_.wake(); }, clock_);
    if (auto status = database->start(); !status) {
      name_not_opened(path, status.message());
      if (first_failure) first_failure = std::move(status);
      continue;
    }
    databases_.push_back(std::move(database));
  }
  if (databases_.empty()) return first_failure;
  events_taken_.resize(databases_.size());
  stalls_.emplace(databases_.size());
  for (std::size_t i = 0; i < databases_.size(); ++i) {
    stalls_->add(i, databases_[i]->fresh_stalls());
  }
  publish();
  worker_.start();
  return Status::ok();
}

void ObservedGroup::name_not_opened(const std::string& path, const std::string& why) {
  not_opened_.push_back({"Database not opened", name_of(path, path_) + ": " + why, path});
}

std::vector<NodeDatabase> ObservedGroup::databases() const {
  std::vector<NodeDatabase> all;
  for (const auto& database : databases_) all.push_back({database->name(), database.get()});
  return all;
}

void ObservedGroup::observe() {
  if (!std::exchange(yields_, true)) yield_disk_to_others();
  machine_->begin_round();
  const bool node_runs = std::any_of(databases_.begin(), databases_.end(),
                                     [](const auto& each) { return each->is_held(); });
  auto rest_bytes = budget_.take(node_runs);
  double spent = publish_seconds_;
  for (std::size_t looked = 0; looked < databases_.size(); ++looked) {
    if (looked > 0 && spent >= kBusySecondsMax) break;
    const auto index = std::exchange(next_, (next_ + 1) % databases_.size());
    auto& database = *databases_[index];
    const bool reads_on = !database.log_is_read() && rest_bytes > 0;
    const auto began = processor_seconds_of_this_thread();
    database.look(reads_on ? std::exchange(rest_bytes, 0) : 0);
    // Reading the past has a limit of its own.
    if (!reads_on) spent += processor_seconds_of_this_thread() - began;
    stalls_->add(index, database.fresh_stalls());
  }
  const auto began = processor_seconds_of_this_thread();
  publish();
  publish_seconds_ = processor_seconds_of_this_thread() - began;
}

// The past of all of them, once all have read theirs.
void ObservedGroup::fill_back_once() {
  std::vector<const ObservedPast*> pasts;
  for (const auto& database : databases_) {
    if (database->past() == nullptr) return;
    pasts.push_back(database->past());
  }
  fill_back(pasts, history_);
  for (const auto& database : databases_) database->drop_past();
}

// In the order of their times, as one LOG would have them.
void ObservedGroup::collect_events() {
  std::vector<NodeEvent> fresh;
  for (std::size_t i = 0; i < databases_.size(); ++i) {
    for (auto& event : databases_[i]->events(events_taken_[i], kEventsTaken)) {
      events_taken_[i] = event.sequence;
      event.family = in_database(databases_[i]->name(), event.family);
      fresh.push_back(std::move(event));
    }
  }
  std::stable_sort(fresh.begin(), fresh.end(),
                   [](const NodeEvent& a, const NodeEvent& b) { return a.time < b.time; });
  for (auto& event : fresh) events_.add(std::move(event));
}

std::vector<StorageJob> ObservedGroup::jobs(TimePoint begin, TimePoint end,
                                            std::size_t limit) const {
  std::vector<StorageJob> all;
  for (std::size_t i = 0; i < databases_.size(); ++i) {
    for (auto& job : databases_[i]->jobs(begin, end, limit)) {
      job.sequence = id_here(job.sequence, i);
      job.family = in_database(databases_[i]->name(), job.family);
      all.push_back(std::move(job));
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const StorageJob& a, const StorageJob& b) { return a.begin < b.begin; });
  if (all.size() > limit) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(limit));
  return all;
}

std::vector<GroupPart> ObservedGroup::parts() const {
  std::vector<GroupPart> all;
  for (const auto& database : databases_) {
    all.push_back({database->name(), database->snapshot(), database->view()});
  }
  return all;
}

void ObservedGroup::publish() {
  const auto all = parts();
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->taken_at = clock_.now();
  const auto now = clock_.steady_now();
  std::shared_ptr<ObservedView> view;
  if (!shown_at_ || now - *shown_at_ >= kViewPeriod) {
    shown_at_ = now;
    view = std::make_shared<ObservedView>();
    view->description = describe_all(all);
    holder_ = view->description.locked_by;
    if (scraper_) tell_scraper(*scraper_, view->description);
  }
  const bool known = holder_ && holder_->pid > 0;
  machine_->fill(path_, known ? std::optional<std::int64_t>(holder_->pid) : std::nullopt,
                 *snapshot);
  sum_up(all, *snapshot);
  DatabaseMemory memory;
  for (const auto& each : all) add_memory(each.view->memory, memory);
  fill_block_cache(memory, *snapshot);
  const ScrapedPart scraped(scraper_.get(), {});
  scraped.fill_whole(*snapshot);
  fill_time_until_full(all, *snapshot);
  snapshot->derive_from(*snapshot_.get());
  snapshot->rates[index_of(Metric::db_stall_seconds_total)] = kMissing;  // as of each
  scraped.fill_rates(*snapshot_.get(), *snapshot);
  if (view) {
    finish_view(all, *snapshot, *view);
    view->memory_parts =
        parts_of(memory, *snapshot, holder_,
                 machine_->memory_limit(
                     path_, known ? std::optional<std::int64_t>(holder_->pid) : std::nullopt));
    view_.publish(std::move(view));
  }
  stalls_->fill(history_);
  fill_back_once();
  history_.add(*snapshot);
  collect_events();
  snapshot_.publish(std::move(snapshot));
}

void ObservedGroup::finish_view(const std::vector<GroupPart>& all, const Snapshot& snapshot,
                                ObservedView& view) const {
  auto& node = view.description;
  node.path = path_;
  node.reason = fmt::format("{} RocksDB databases below it; {}", databases_.size(), reason_);
  node.databases = databases_.front()->view()->description.databases;
  add_kind_facts(all, snapshot, node.facts);
  add_machine_facts(snapshot, holder_, node.facts);
  add_drive_facts(machine_->drives(path_), node.facts);
  add_user_facts(machine_->users(path_), holder_, node.facts);
  double window = kMissing;  // the shortest
  for (const auto& each : databases_) window = std::fmin(window, each->growth_window_seconds());
  add_growth_facts(snapshot, window, node.facts);
  add_metrics_facts(scraper_.get(), {}, node.facts);
  node.facts.insert(node.facts.begin(), not_opened_.begin(), not_opened_.end());
  view.knobs = knobs_of_all(all);
}

std::vector<Recommendation> ObservedGroup::recommendations() const {
  std::vector<Recommendation> all;
  for (std::size_t i = 0; i < databases_.size(); ++i) {
    for (auto& item : databases_[i]->recommendations()) {
      item.id = id_here(item.id, i);
      all.push_back(std::move(item));
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.created < b.created; });
  return all;
}

std::vector<AuditEntry> ObservedGroup::audit() const {
  std::vector<AuditEntry> all;
  for (std::size_t i = 0; i < databases_.size(); ++i) {
    for (auto& entry : databases_[i]->audit()) {
      entry.sequence = id_here(entry.sequence, i);
      if (entry.change != 0) entry.change = id_here(entry.change, i);
      if (entry.recommendation != 0) entry.recommendation = id_here(entry.recommendation, i);
      entry.reason = in_database(databases_[i]->name(), entry.reason);
      all.push_back(std::move(entry));
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const AuditEntry& a, const AuditEntry& b) { return a.time < b.time; });
  return all;
}

// A decision and a copy go to the database whose recommendation it is, a wish for a round to all.
Result<Ticket> ObservedGroup::submit(Command command) {
  std::vector<std::size_t> to;
  if (auto* decision = std::get_if<DecideRecommendation>(&command)) {
    const auto [id, database] = id_there(decision->id);
    decision->id = id;
    to.push_back(database);
  } else if (auto* copied = std::get_if<FollowRecommendation>(&command)) {
    const auto [id, database] = id_there(copied->id);
    copied->id = id;
    to.push_back(database);
  } else {
    for (std::size_t i = 0; i < databases_.size(); ++i) to.push_back(i);
  }
  const std::lock_guard lock(orders_mutex_);
  const auto open = std::count_if(orders_.begin(), orders_.end(),
                                  [](const Order& order) { return !order.outcome; });
  if (static_cast<std::size_t>(open) >= kOrdersOpenMax) {
    return Status(StatusCode::busy, "too many commands wait; try again in a second");
  }
  Order order;
  Status refusal;
  for (const auto database : to) {
    const auto ticket = databases_[database]->submit(command);
    if (ticket) {
      order.given.emplace_back(database, *ticket);
    } else if (refusal) {
      refusal = ticket.status();
    }
  }
  if (order.given.empty()) return refusal;
  order.ticket = ++last_ticket_;
  orders_.push_back(std::move(order));
  while (orders_.size() > kOutcomesKept) orders_.pop_front();
  return last_ticket_;
}

// Sets the outcome once all have told theirs.
void ObservedGroup::finish_locked(Order& order) const {
  CommandOutcome all;
  all.ticket = order.ticket;
  for (const auto& [database, ticket] : order.given) {
    const auto told = databases_[database]->outcomes(ticket - 1);
    if (told.empty() || told.front().ticket != ticket) return;
    const auto& one = told.front();
    all.time = std::max(all.time, one.time);
    if (all.status && !one.status) all.status = one.status;
    all.text = order.given.size() == 1 || !one.status
                   ? in_database(databases_[database]->name(), {}) + ": " + one.text
                   : all.text;
  }
  if (all.text.empty()) {
    all.text = fmt::format("the rules have looked at {} databases", order.given.size());
  }
  order.outcome = std::move(all);
}

// In the order of the commands: whoever asks goes on from the last ticket that was told.
std::vector<CommandOutcome> ObservedGroup::outcomes(Ticket since) const {
  const std::lock_guard lock(orders_mutex_);
  std::vector<CommandOutcome> found;
  for (auto& order : orders_) {
    if (order.ticket <= since) continue;
    if (!order.outcome) finish_locked(order);
    if (!order.outcome) break;
    found.push_back(*order.outcome);
  }
  return found;
}

// The largest ones, in the order of their paths; the others are returned in `left_out`.
std::vector<std::string> largest_of(const std::vector<std::string>& all, std::size_t most,
                                    std::vector<std::string>& left_out) {
  if (all.size() <= most) return all;
  std::vector<std::pair<std::int64_t, std::string>> sized;
  for (const auto& path : all) {
    const auto listing = list_database_files(path);
    sized.emplace_back(listing ? listing->all.bytes : 0, path);
  }
  std::stable_sort(sized.begin(), sized.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < sized.size(); ++i) {
    (i < most ? kept : left_out).push_back(std::move(sized[i].second));
  }
  std::sort(kept.begin(), kept.end());
  std::sort(left_out.begin(), left_out.end());
  return kept;
}

}  // namespace

Result<std::unique_ptr<Node>> open_observed_group(const Inspection& found, std::string reason,
                                                  Clock& clock, const TunerConfig& tuner,
                                                  std::shared_ptr<MetricsScraper> scraper) {
  std::vector<std::string> left_out;
  const auto chosen = largest_of(found.databases, kGroupDatabasesMax, left_out);
  auto group =
      std::make_unique<ObservedGroup>(found.path, std::move(reason), std::move(scraper), clock);
  for (const auto& path : left_out) {
    group->name_not_opened(path, fmt::format("only the {} largest are", kGroupDatabasesMax));
  }
  if (auto status = group->start(chosen, tuner); !status) return status;
  return std::unique_ptr<Node>(std::move(group));
}

}  // namespace nodetune
