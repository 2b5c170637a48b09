// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/managed_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/base/format.h"
#include "engine/base/logging.h"
#include "engine/base/thread_name.h"
#include "engine/node/figures.h"
#include "engine/node/kind_figures.h"
#include "engine/node/workload_spec.h"
#include "engine/workload/block_record.h"

namespace nodetune {
namespace {

constexpr std::size_t kOrdersMax = 256;
constexpr Duration kTunerLook = std::chrono::seconds(1);  // how often it looks at the clock
// How often the memory is looked after while blocks pass. The arbiter steps once a look: a bench at
// full speed passes about five blocks meanwhile, a chain less than one.
constexpr Duration kMemoryLook = std::chrono::milliseconds(50);

}  // namespace

ManagedNode::ManagedNode(std::string path, const OpenOptions& options, Clock& clock)
    : path_(std::move(path)),
      options_(options),
      clock_(clock),
      machine_(path_, 0, clock),
      orders_(kOrdersMax) {}

ManagedNode::~ManagedNode() {
  if (auto status = close(); !status) log().error("closing {}: {}", path_, status.message());
}

Result<std::unique_ptr<ManagedNode>> ManagedNode::open(const std::string& path,
                                                       const OpenOptions& options, Clock& clock) {
  std::unique_ptr<ManagedNode> node(new ManagedNode(path, options, clock));
  DatabaseConfig config;
  config.create_if_missing = options.create_if_missing;
  config.block_cache_probe = node->memory_.block_cache_probe();
  auto database = Database::open(path, config, clock);
  if (!database) return database.status();
  node->database_ = std::move(*database);
  if (auto status = node->start(); !status) return status;
  return node;
}

Status ManagedNode::start() {
  auto audit = AuditLog::open(path_ + "/AUDIT.jsonl", clock_);
  if (!audit) return audit.status();
  audit_ = std::move(*audit);

  reads_ = std::make_unique<TimedReads>(*database_, clock_);
  objects_ = std::make_unique<ObjectStore>(*reads_, options_.caches, options_.batches, clock_);
  memory_.watch(objects_->caches());
  settings_ = std::make_unique<SettingsTable>(*database_);
  // The first sample knows the machine's memory before anything is judged by it.
  auto first = std::make_shared<Snapshot>();
  first->taken_at = clock_.now();
  machine_.fill(*first);
  const double memory_limit = first->value(Metric::system_memory_limit_bytes);
  ManagedTargets::Limits limits;
  if (std::isfinite(memory_limit)) {
    limits.cache_bytes_max = static_cast<std::int64_t>(memory_limit * limits.memory_share_max);
  }
  targets_ = std::make_unique<ManagedTargets>(*settings_, *objects_, options_.batches, limits);

  auto tuner_config = options_.tuner;
  tuner_config.context.memory_limit_bytes = memory_limit;
  knob_control_ = std::make_unique<DatabaseKnobControl>(*database_);
  actuator_ =
      std::make_unique<Actuator>(*knob_control_, *audit_, tuner_config.context, targets_.get());
  const auto recovered = actuator_->recover();
  if (!recovered) return recovered.status();
  for (const auto& change : *recovered) {
    add_event(Severity::warning, EventCategory::knob,
              fmt::format("{}: an unfinished change was rolled back to {}", title(change.target),
                          format_value(change.target, change.from)));
  }
  if (auto status = targets_->restore(); !status) {
    add_event(Severity::warning, EventCategory::node, status.message());
  }
  batch_settings_ = std::make_unique<ManagedBatches>(*settings_, objects_->batches());
  if (auto status = batch_settings_->restore(); !status) {
    if (status.code() != StatusCode::invalid_argument) return status;
    add_event(Severity::warning, EventCategory::node, status.message());
  }
  if (auto status = batch_settings_->calibrate(*database_, clock_); !status) {
    add_event(
        Severity::warning, EventCategory::batch,
        fmt::format("write paths are chosen by the costs of a usual disk: {}", status.message()));
  }
  if (auto status = batch_settings_->apply(options_.batch_settings); !status) return status;
  if (auto status = memory_.restore(*settings_, options_.arbiter); !status) return status;
  tuner_ = std::make_unique<DatabaseTuner>(tuner_config, clock_, *audit_, actuator_.get());

  if (auto status = objects_->start(); !status) return status;
  if (auto status = prepare_driver(); !status) return status;
  refresh_knobs();
  snapshot_.publish(std::move(first));

  closed_ = false;  // from here on there are threads to stop
  commander_ = std::thread([this] { run_commands(); });
  sampler_ = std::make_unique<PeriodicWorker>("sampler", clock_, options_.sample_period,
                                              [this] { sample(); });
  tuner_worker_ = std::make_unique<PeriodicWorker>("tuner", clock_, kTunerLook, [this] { tune(); });
  memory_worker_ = std::make_unique<PeriodicWorker>("memory", clock_, kMemoryLook,
                                                    [this] { order_memory_look(); });
  sampler_->start();
  sampler_->wake();
  memory_worker_->start();
  tuner_worker_->start();
  add_event(Severity::info, EventCategory::node,
            fmt::format("opened as managed; RocksDB {}", Database::library_version()));
  if (options_.start_workload) return driver_->start();
  return Status::ok();
}

Status ManagedNode::prepare_driver() {
  const auto spec = choose_workload(*settings_, options_.workload);
  if (!spec) return spec.status();
  auto workload = make_workload(*spec);
  if (!workload) return workload.status();
  if (auto status = remember_workload(*settings_, *spec); !status) return status;
  workload_ = *spec;
  objects_->batches().set_bulk(std::holds_alternative<ImportConfig>(spec->what));
  workload_text_ = fmt::format("{}. {}", (*workload)->describe(), (*workload)->provenance());
  total_blocks_ = (*workload)->total_blocks();
  DriverConfig config;
  config.blocks_per_second = spec->blocks_per_second;
  config.stop_below_free_ratio = spec->stop_below_free_ratio;
  config.free_ratio = [this] { return free_ratio_once_written(); };
  driver_ =
      std::make_unique<WorkloadDriver>(std::move(*workload), *objects_, *database_, clock_, config);
  return Status::ok();
}

// What is accepted will be written, and memtables will be flushed: that space is spent already.
double ManagedNode::free_ratio_once_written() const {
  const auto space = disk_space(path_);
  if (!space || space->usable_bytes <= 0) return kMissing;
  const double memtables = snapshot_.get()->value(Metric::db_memtable_bytes);
  const double spent = static_cast<double>(objects_->batches().figures().pending_bytes) +
                       (std::isfinite(memtables) ? memtables : 0);
  return std::max(space->free_bytes - spent, 0.0) / space->usable_bytes;
}

Status ManagedNode::close() {
  if (std::exchange(closed_, true)) return Status::ok();
  driver_->stop();
  memory_worker_->stop();
  orders_.close();
  commander_.join();
  tuner_worker_->stop();
  auto drained = objects_->stop();
  if (auto saved = memory_.save_moves(*database_, *settings_, *audit_, true); !saved) {
    add_event(Severity::error, EventCategory::cache, saved.message());
  }
  sampler_->stop();
  sample();  // the last figures, for a report that comes after
  // The driver, objects and database stay in memory until the destructor: getters read them.
  if (!drained) return drained;
  return database_->sync();
}

void ManagedNode::sample() {
  const auto before = snapshot_.get();
  auto next = std::make_shared<Snapshot>();
  next->taken_at = clock_.now();
  database_->fill(*next);
  machine_.fill(*next);
  fill_caches(objects_->caches(), *next);
  const auto batches = objects_->batches().figures();
  fill_batches(batches, batches_before_, *next);
  const auto driver = driver_->figures();
  fill_workload(driver, *next);
  fill_own_kinds(*next);
  if (const auto progress = driver_->import_progress()) {
    if (driver.state != DriverState::running) import_rate_.forget();
    import_.publish(std::make_shared<const ImportFigures>(
        import_rate_.observe(clock_.steady_now(), *progress)));
  }
  // What the database itself says, past what is pending.
  if (const auto count = database_->get(Family::own, kBlocksCounter); count && count->has_value()) {
    committed_blocks_.store(decode_counter(**count), std::memory_order_relaxed);
  }
  stalls_.observe(*next);
  next->derive_from(*before);
  history_.add(*next);
  snapshot_.publish(std::move(next));

  if (batches.failing && !commit_was_failing_) {
    add_event(Severity::error, EventCategory::batch,
              fmt::format("commit failed; the batch is kept: {}", batches.failure));
  }
  commit_was_failing_ = batches.failing;
  batches_before_ = batches;
  collect_events();
  stall_.publish(std::make_shared<const WriteStall>(stalls_.stall()));
}

// Knobs are the commander's; one look waits at most.
void ManagedNode::order_memory_look() {
  const auto blocks = driver_->figures().blocks;
  if (blocks == std::exchange(blocks_at_look_, blocks) || memory_order_waits_.exchange(true))
    return;
  if (!orders_.try_push({})) memory_order_waits_ = false;
}

void ManagedNode::tune() {
  const auto values = knob_values_.get();
  const auto newest = snapshot_.get();
  if (!values || newest->sequence == 0) return;
  auto ran = tuner_->observe(newest, *values, &history_);
  if (!ran) {
    add_event(Severity::error, EventCategory::recommendation, ran.status().message());
    return;
  }
  if (!*ran) {
    const std::lock_guard lock(round_mutex_);
    if (!round_begin_) round_begin_ = newest;
    return;
  }
  auto proposals = cache_proposals();
  if (auto status = tuner_->propose(std::move(proposals)); !status) {
    add_event(Severity::error, EventCategory::recommendation, status.message());
  }
  if (objects_->batches().figures().size_mode == BatchSizeMode::specification) {
    const int old = objects_->batches().figures().auto_commit_threshold;
    const auto threshold = objects_->batches().optimize_batch_size();
    if (threshold && *threshold != old) {
      add_event(Severity::info, EventCategory::batch,
                fmt::format("auto-commit threshold: {} -> {} operations", old, *threshold));
    }
  }
}

std::vector<Proposal> ManagedNode::cache_proposals() {
  const auto view = memory_.view();
  const auto arbiter = memory_.settings();
  if (arbiter.mode == ArbiterMode::off || arbiter.acts) return {};
  if (arbiter.mode == ArbiterMode::curves && view->decision.by_curves) return memory_.proposals();
  const std::lock_guard lock(round_mutex_);
  auto& caches = objects_->caches();
  const auto newest = snapshot_.get();
  const double memory_ratio = newest->value(Metric::system_memory_ratio);
  const auto resizes = caches.optimize_cache_sizes(caches_at_round_, memory_ratio, {});
  const double window =
      round_begin_ ? to_seconds(newest->taken_at - round_begin_->taken_at) : kMissing;
  for (const auto kind : kObjectKinds) caches_at_round_[index_of(kind)] = caches.counters(kind);
  round_begin_ = newest;

  std::vector<Proposal> proposals;
  for (const auto& resize : resizes) {
    const bool grows = resize.to_bytes > resize.from_bytes;
    Proposal proposal;
    proposal.rule = grows ? "object_cache_grow" : "object_cache_shrink";
    proposal.target = Target::object_cache(resize.kind);
    proposal.current = static_cast<std::int64_t>(resize.from_bytes);
    proposal.proposed = static_cast<std::int64_t>(resize.to_bytes);
    Evidence evidence;
    evidence.text = resize.reason;
    evidence.window_seconds = window;
    proposal.evidence.push_back(std::move(evidence));
    proposal.expected = grows ? "fewer evictions of objects that are read again"
                              : "memory comes back; more lookups of this kind reach the database";
    proposal.risk = grows ? "takes more memory" : "a lower hit ratio";
    proposal.reversibility = "at once, by undo; evicted entries must be read again";
    proposals.push_back(std::move(proposal));
  }
  return proposals;
}

void ManagedNode::collect_events() {
  std::uint64_t lost = 0;
  const auto running = database_->running_jobs();  // first: what ends meanwhile is among the events
  for (auto& event : database_->take_events(&lost)) {
    stalls_.observe(event);
    if (event.job) jobs_.take(*event.job);
    NodeEvent line;
    line.time = event.time;
    line.family = std::move(event.family);
    line.text = std::move(event.text);
    switch (event.type) {
      case DatabaseEvent::Type::flush:
        line.category = EventCategory::flush;
        break;
      case DatabaseEvent::Type::compaction:
        line.category = EventCategory::compaction;
        break;
      case DatabaseEvent::Type::stall_begin:
      case DatabaseEvent::Type::stall_end:
        line.category = EventCategory::stall;
        line.severity = event.type == DatabaseEvent::Type::stall_end ? Severity::info
                        : event.stopped                              ? Severity::error
                                                                     : Severity::warning;
        break;
      case DatabaseEvent::Type::background_error:
        line.category = EventCategory::error;
        line.severity = Severity::error;
        break;
      case DatabaseEvent::Type::table_created:
        continue;  // one a flush or compaction, which has its own line
      case DatabaseEvent::Type::recovery:
        line.category = EventCategory::recovery;
        break;
    }
    events_.add(std::move(line));
  }
  jobs_.take_running(running, clock_.now());
  if (lost > 0) {
    stalls_.forget();
    add_event(Severity::warning, EventCategory::node,
              fmt::format("{} database events came too fast and were not kept", lost));
  }
  const auto figures = driver_->figures();
  const auto state = workload_state(figures.state);
  if (state != workload_before_) {
    const bool failed = state == WorkloadState::failed;
    add_event(failed ? Severity::error : Severity::info, EventCategory::workload,
              figures.text.empty() ? fmt::format("workload {}", to_string(state)) : figures.text);
    workload_before_ = state;
  }
}

void ManagedNode::add_event(Severity severity, EventCategory category, std::string text) {
  NodeEvent event;
  event.time = clock_.now();
  event.severity = severity;
  event.category = category;
  event.text = std::move(text);
  events_.add(std::move(event));
}

void ManagedNode::refresh_knobs() {
  auto values = database_->knobs();
  if (values) {
    knob_values_.publish(std::make_shared<const KnobValues>(*values));
  } else {
    add_event(Severity::error, EventCategory::knob, values.status().message());
  }
}

}  // namespace nodetune
