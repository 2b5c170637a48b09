// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/observed_database.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "engine/base/format.h"
#include "engine/files/file_reader.h"
#include "engine/node/observed_options.h"
#include "engine/node/observed_scrape.h"
#include "engine/node/observed_tables.h"
#include "engine/node/restart_price.h"

namespace nodetune {
namespace {

constexpr std::size_t kDatabaseOrdersMax = 64;
constexpr std::size_t kDatabaseEventsKept = 2'000;

}  // namespace

ObservedDatabase::ObservedDatabase(Config config, std::shared_ptr<MachineWatch> machine,
                                   std::function<void()> wake, Clock& clock)
    : config_(std::move(config)),
      wake_(std::move(wake)),
      clock_(clock),
      observer_(config_.path, clock, config_.limits),
      machine_(std::move(machine)),
      events_(kDatabaseEventsKept),
      jobs_(config_.jobs_max),
      orders_(kDatabaseOrdersMax) {}

ObservedDatabase::~ObservedDatabase() = default;

Status ObservedDatabase::start() {
  counted_until_ = FileReader::bytes_read_by_this_thread();
  auto seen = observer_.refresh();
  if (!seen) return seen.status();
  log_.emplace((*seen)->log_place, config_.log);
  look_at_log(**seen, 0);
  look_at_log(**seen, 0);  // nothing has followed the last line: it is whole
  take(**seen);
  return Status::ok();
}

void ObservedDatabase::look(std::int64_t rest_bytes_max) {
  counted_until_ = FileReader::bytes_read_by_this_thread();
  fresh_stalls_.clear();
  while (auto order = orders_.try_pop()) carry_out(*order);
  const auto seen = observer_.refresh();
  const auto trouble = seen ? std::string() : seen.status().message();
  if (trouble != last_trouble_ && !trouble.empty()) {
    add_event(EventCategory::node, Severity::error, trouble);
  }
  last_trouble_ = trouble;
  if (!seen) return count_reading();
  look_at_log(**seen, rest_bytes_max);
  take(**seen);
}

// With `db_log_dir` it lies elsewhere: a listing that fails is that of an empty directory.
void ObservedDatabase::look_at_log(const Observation& seen, std::int64_t rest_bytes_max) {
  const auto& place = log_->place();
  if (place.directory != seen.log_place.directory || place.prefix != seen.log_place.prefix) {
    log_.emplace(seen.log_place, config_.log);
    if (past_) past_.emplace();
    add_event(EventCategory::node, Severity::info,
              "The LOG lies in " + escape_name(seen.log_place.directory) + " now");
  }
  const auto look = [&](const DirectoryListing& logs) {
    const auto read = options_.look(log_->place(), logs, seen.path, *seen.listing, rest_bytes_max);
    log_->look(logs, std::max<std::int64_t>(0, rest_bytes_max - read));
  };
  if (seen.log_place.directory == seen.path) return look(*seen.listing);
  const auto listing = list_database_files(seen.log_place.directory);
  look(listing ? *listing : DirectoryListing{});
}

void ObservedDatabase::take(const Observation& seen) {
  const auto pid = [](const auto& holder) { return holder ? holder->pid : -1; };
  if (looks_++ > 0 && pid(seen.holder) != pid(last_holder_)) {
    add_event(EventCategory::node, Severity::info,
              seen.holder ? "The database was opened by " + seen.holder->describe()
                          : last_holder_->describe() + " has closed the database");
  }
  last_holder_ = seen.holder;
  take_log(seen);
  publish(seen);
}

void ObservedDatabase::take_log(const Observation& seen) {
  const auto& fresh = log_->fresh();
  for (const auto& recovery : fresh.recoveries) last_open_ = recovery;
  if (!fresh.dump_stalls.empty()) last_dump_ = fresh.dump_stalls.back();
  for (const auto& dump : fresh.dump_stalls) stalls_.add(dump);
  if (fresh.utc_offset) {
    fresh_stalls_ = stall_intervals(fresh.dump_stalls);
    // Statistics do not count blob files: beside them their past would look like growth.
    const bool tables_alone = seen.manifest && seen.manifest->blob_total().files == 0;
    for (const auto& dump : fresh.dump_stalls) {
      if (tables_alone) growth_.add(dump.time, dump.sst_bytes.value_or(kMissing));
    }
    fill_back_stalls(fresh.dump_stalls, history_);
  }
  auto events = logged_events(fresh, seen.client.profile);
  const auto surplus = events.size() - std::min(events.size(), kDatabaseEventsKept);
  events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(surplus));
  for (auto& event : events) events_.add(std::move(event));
  take_jobs(seen);
  take_past();
  log_->forget_fresh();
}

// Up to now: from now on the counters of all of the LOG grow under our eyes.
void ObservedDatabase::take_past() {
  if (!past_) return;
  const auto* older = log_->older();
  past_->add(older != nullptr ? *older : log_->fresh(), config_.log.summary);
  if (!log_->complete()) return;
  const auto& story = log_->summary();
  past_->finish(story, is_held() ? clock_.now() : story.last_time.value_or(TimePoint()));
  if (std::exchange(log_is_told_, true)) return;
  const ObservedPast* const alone[] = {&*past_};
  fill_back(alone, history_);
  if (config_.name.empty()) drop_past();
}

void ObservedDatabase::take_jobs(const Observation& seen) {
  const auto* client = seen.client.profile;
  if (const auto* older = log_->older()) jobs_.take(*older, client);
  jobs_.take(log_->fresh(), client);
  jobs_.take_running(log_->running(), is_held(), log_->fresh().last_time, client);
}

void ObservedDatabase::count_reading() {
  const auto now = FileReader::bytes_read_by_this_thread();
  bytes_read_ += now - std::exchange(counted_until_, now);
}

void ObservedDatabase::tell_new_problems(const std::vector<Problem>& problems) {
  const auto known = snapshot_.get();
  for (const auto& problem : problems) {
    if (problem.kind == ProblemKind::absent) continue;
    if (std::find(known->problems.begin(), known->problems.end(), problem) ==
        known->problems.end()) {
      add_event(EventCategory::error, Severity::error, problem.text);
    }
  }
}

void ObservedDatabase::publish(const Observation& seen) {
  const ObservedLog log{log_->summary(), log_->complete(), log_->bytes(),         log_->problem(),
                        last_open_,      last_dump_,       log_->newest_problem()};
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->taken_at = clock_.now();
  const bool known = seen.holder && seen.holder->pid > 0;
  machine_->fill(config_.path, known ? std::optional<std::int64_t>(seen.holder->pid) : std::nullopt,
                 *snapshot);
  fill_observed(seen, log, *snapshot);
  const ScrapedPart scraped(config_.scraper.get(), config_.path);
  scraped.fill(seen, log, *snapshot);
  count_reading();
  snapshot->set(Metric::observer_read_bytes_total, static_cast<double>(bytes_read_));
  // A stopped node does not grow, which says nothing of one that runs.
  if (seen.holder && seen.manifest) {
    const auto blobs = static_cast<double>(seen.manifest->blob_total().bytes);
    growth_.add(snapshot->taken_at, snapshot->value(Metric::db_sst_bytes) + blobs);
  }
  const auto growth = growth_.growth();
  fill_growth(growth ? growth->bytes_per_second : kMissing,
              compaction_headroom_bytes(seen, snapshot->value(Metric::db_pending_compaction_bytes)),
              *snapshot);
  kinds_.fill(seen, *snapshot);
  snapshot->problems = problems_of(seen, log);
  tell_new_problems(snapshot->problems);
  snapshot->derive_from(*snapshot_.get());
  // Between two statistics nobody knows; what they tell goes into history where it belongs.
  snapshot->rates[index_of(Metric::db_stall_seconds_total)] = kMissing;
  scraped.fill_rates(*snapshot_.get(), *snapshot);
  Shown shown{seen.manifest,
              seen.options,
              log.story.records,
              log_is_read(),
              seen.holder ? seen.holder->pid : -1,
              snapshot->problems};
  const auto now = clock_.steady_now();
  if (shown != shown_ || now - shown_at_ >= kViewPeriod) {
    shown_ = std::move(shown);
    shown_at_ = now;
    publish_view(seen, log, *snapshot);
  }
  history_.add(*snapshot);
  snapshot_.publish(snapshot);
  run_rules(seen, log, snapshot);
}

double ObservedDatabase::growth_window_seconds() const {
  const auto growth = growth_.growth();
  return growth ? growth->window_seconds : kMissing;
}

void ObservedDatabase::publish_view(const Observation& seen, const ObservedLog& log,
                                    const Snapshot& snapshot) {
  auto view = std::make_shared<ObservedView>();
  view->description = describe(seen, log);
  add_kind_facts(seen, snapshot, view->description.facts);
  add_table_facts(seen, snapshot, view->description.facts);
  add_machine_facts(snapshot, seen.holder, view->description.facts);
  add_drive_facts(machine_->drives(config_.path), view->description.facts);
  // Of a group, the whole of it is looked at.
  if (config_.name.empty()) {
    add_user_facts(machine_->users(config_.path), seen.holder, view->description.facts);
  }
  add_growth_facts(snapshot, growth_window_seconds(), view->description.facts);
  describe_history(options_, seen, log.story, /*local_times=*/false, view->description);
  add_metrics_facts(config_.scraper.get(), config_.path, view->description.facts);
  view->description.facts.push_back(
      {"NodeTune's own use",
       fmt::format("{} read; files are opened for reading alone, none is locked",
                   format_bytes(static_cast<double>(bytes_read_))),
       "bytes: counted as they are read; /proc/self/fdinfo"});
  view->description.reason = config_.reason;
  view->description.databases = config_.databases;
  view->knobs = knob_states(seen, log);
  knobs_ = known_knobs(view->knobs, seen);
  view->description.restart_price = restart_price(seen, log, snapshot);
  view->memory = memory_of(seen, log, snapshot, seen.holder.has_value());
  const bool known = seen.holder && seen.holder->pid > 0;
  const auto limit = machine_->memory_limit(
      config_.path, known ? std::optional<std::int64_t>(seen.holder->pid) : std::nullopt);
  view->memory_parts = parts_of(view->memory, snapshot, seen.holder, limit);
  view_.publish(std::move(view));
}

void ObservedDatabase::add_event(EventCategory category, Severity severity, std::string text) {
  NodeEvent event;
  event.time = clock_.now();
  event.category = category;
  event.severity = severity;
  event.text = std::move(text);
  events_.add(std::move(event));
}

}  // namespace nodetune
