// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/format.h"
#include "engine/metrics/histogram.h"
#include "engine/node/job_ring.h"
#include "engine/node/kind_figures.h"
#include "engine/node/node.h"
#include "engine/store/family.h"
#include "tests/ui/fake_batches.h"
#include "tests/ui/fake_curves.h"
#include "tests/ui/fake_memory.h"

namespace nodetune {

// A node for tests of the window: plausible figures from a seed, no engine, no thread.
//
// Time passes only by advance(). Commands are recorded, take effect at once and come back as
// outcomes, events and audit entries, unless refuse_with() or fail_with() was called.
// Thread: any, as Node asks.
class FakeNode final : public Node {
 public:
  struct Config {
    OpenWay way = OpenWay::managed;
    TimePoint start = TimePoint(std::chrono::seconds(1'700'000'000));
    int past_seconds = 0;  // history that is there from the beginning
    unsigned seed = 7;
    std::string path = "/srv/chain/test-bench";
    int close_milliseconds = 0;               // how long close() takes
    std::vector<std::string> databases = {};  // each a fake node of its own
    bool knows_client = true;                 // where it is observed
  };

  FakeNode() : FakeNode(Config{}) {}
  explicit FakeNode(Config config) : config_(std::move(config)), random_(config_.seed) {
    now_ = config_.start - std::chrono::seconds(config_.past_seconds);
    capacities_ = {32 * kMiB, 8 * kMiB, 256 * kMiB, 64 * kMiB, 128 * kMiB, 16 * kMiB, 32 * kMiB};
    for (std::size_t i = 0; i < kObjectKindCount; ++i) filled_[i] = 0.2 * double(capacities_[i]);
    snapshot_ = std::make_shared<Snapshot>();
    workload_.state = managed() ? WorkloadState::running : WorkloadState::none;
    workload_.target_blocks_per_second = 2;
    if (managed()) add_recommendations();
    add_event(EventCategory::node, Severity::info, "", "Opened");
    for (const auto& name : config_.databases) {
      Config one = config_;
      one.path += "/" + name;
      one.seed += static_cast<unsigned>(databases_.size()) + 1;
      one.databases.clear();
      databases_.emplace_back(name, std::make_unique<FakeNode>(one));
    }
    advance(std::max(config_.past_seconds, 1));
  }

  // One snapshot a second.
  void advance(int seconds) {
    for (const auto& [name, node] : databases_) node->advance(seconds);
    const std::lock_guard lock(mutex_);
    for (int i = 0; i < seconds; ++i) tick();
  }
  FakeNode& database(std::size_t index) { return *databases_[index].second; }
  TimePoint time() const {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  // Beside those that are there, with this id.
  void recommend(Recommendation item) {
    const std::lock_guard lock(mutex_);
    std::erase_if(recommendations_, [&](const auto& each) { return each.id == item.id; });
    recommendations_.push_back(std::move(item));
  }
  // From now on no snapshot carries this metric.
  void lose(Metric metric) {
    const std::lock_guard lock(mutex_);
    lost_.push_back(metric);
  }
  void refuse_with(Status status) {
    const std::lock_guard lock(mutex_);
    refusal_ = std::move(status);
  }
  void fail_with(Status status) {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(status);
  }
  // The committer fails until it is told to retry.
  void fail_commits(std::string why) {
    const std::lock_guard lock(mutex_);
    commit_failure_ = std::move(why);
  }
  // RocksDB holds writes up, and so many callers wait for room.
  void hold_up(const WriteStall& stall, int callers) {
    const std::lock_guard lock(mutex_);
    batches_.hold_up(stall, callers);
  }
  // The workload ends of its own accord.
  void end_workload(WorkloadState state, std::string why) {
    const std::lock_guard lock(mutex_);
    workload_.state = state;
    workload_.text = std::move(why);
  }
  void set_hints(const HintFigures& hints) {
    const std::lock_guard lock(mutex_);
    workload_.hints = hints;
  }
  void put_job(std::int64_t number, StorageJob job) { jobs_.put({number}, std::move(job)); }
  void set_close_status(Status status) { close_status_ = std::move(status); }
  std::vector<Command> commands() const {
    const std::lock_guard lock(mutex_);
    return commands_;
  }
  void emit_event(EventCategory category, Severity severity, std::string family, std::string text) {
    const std::lock_guard lock(mutex_);
    add_event(category, severity, std::move(family), std::move(text));
  }

  std::vector<NodeDatabase> databases() const override {
    std::vector<NodeDatabase> all;
    for (const auto& [name, node] : databases_) all.push_back({name, node.get()});
    return all;
  }
  NodeDescription description() const override {
    const std::lock_guard lock(mutex_);
    NodeDescription text;
    text.path = config_.path;
    text.way = config_.way;
    text.rocksdb_version = "7.8.3";
    text.format_version = 5;
    for (const auto family : kFamilies) text.column_families.emplace_back(to_string(family));
    if (managed()) {
      text.kind = "managed";
      text.reason = "The directory is NodeTune's own and nobody holds its lock.";
      text.client = "NodeTune test bench";
      text.data_set =
          "Synthetic chain, seed 1: class shares and reuse as measured on mainnet; values made up";
    } else {
      text.kind = "rocksdb";
      text.reason = "The directory belongs to another program, so it is only looked at.";
      text.client = "Besu";
      text.locked_by = LockHolder{4711, "java"};
      text.zone = "UTC+02:00";
      text.restart_price = "last open took 41 s (LOG); 310 MiB of WAL to replay (directory)";
    }
    text.facts = {{"RocksDB version", "7.8.3", "LOG"}, {"File system", "ext4", "/proc/mounts"}};
    text.options = {{"DBOptions", "max_background_jobs", "4"},
                    {"CFOptions \"default\"", "write_buffer_size", "67108864"}};
    if (!managed()) add_option_story(text);
    if (!config_.knows_client) text.client_options.clear();
    return text;
  }
  std::shared_ptr<const Snapshot> snapshot() const override {
    const std::lock_guard lock(mutex_);
    return snapshot_;
  }
  const History& history() const override { return history_; }
  std::vector<NodeEvent> events(std::uint64_t since, std::size_t limit) const override {
    return events_.since(since, limit);
  }
  std::vector<KnobState> knobs() const override {
    const std::lock_guard lock(mutex_);
    std::vector<KnobState> rows;
    for (const auto knob : kKnobs) {
      KnobState row;
      row.knob = knob;
      row.current = values_[knob];
      row.current_text = format_knob(knob, values_[knob]);
      row.origin = managed() ? "read back from RocksDB" : "OPTIONS-000123";
      row.settable = managed();
      if (!managed()) row.why_not = "belongs to the running node";
      for (const auto& item : recommendations_) {
        if (item.state == RecommendationState::proposed && item.proposal.target.is_knob(knob)) {
          row.proposed = item.proposal.proposed;
        }
      }
      rows.push_back(row);
    }
    return rows;
  }
  std::vector<Recommendation> recommendations() const override {
    const std::lock_guard lock(mutex_);
    return recommendations_;
  }
  std::vector<AuditEntry> audit() const override {
    const std::lock_guard lock(mutex_);
    return audit_;
  }
  std::vector<CacheState> caches() const override {
    const std::lock_guard lock(mutex_);
    std::vector<CacheState> rows;
    if (!managed()) return rows;
    for (const auto kind : kObjectKinds) {
      CacheState state;
      state.kind = kind;
      state.counters = counters(kind);
      state.policy = PolicyKind::s3fifo;
      // Headers are never looked up here: they have no curve.
      if (kind != ObjectKind::header) add_curve(state);
      rows.push_back(std::move(state));
    }
    return rows;
  }
  std::optional<MemoryState> memory() const override {
    const std::lock_guard lock(mutex_);
    if (!managed()) return std::nullopt;
    return fake_memory(arbiter_);
  }
  std::vector<MemoryPart> memory_parts() const override {
    return managed() ? std::vector<MemoryPart>{} : fake_memory_parts();
  }
  std::vector<StorageJob> jobs(TimePoint begin, TimePoint end, std::size_t limit) const override {
    return jobs_.range(begin, end, limit);
  }
  WorkloadStatus workload() const override {
    const std::lock_guard lock(mutex_);
    return workload_;
  }
  BatchStatus batches() const override {
    const std::lock_guard lock(mutex_);
    BatchStatus status;
    status.available = managed();
    status.auto_commit_threshold = threshold_;
    status.min_threshold = 16;
    status.max_threshold = 100'000;
    status.failing = !commit_failure_.empty();
    status.failure = commit_failure_;
    batches_.fill(status, snapshot_->value(Metric::batch_pending_operations),
                  snapshot_->value(Metric::batch_pending_bytes));
    return status;
  }
  Result<Ticket> submit(Command command) override {
    const std::lock_guard lock(mutex_);
    if (!refusal_.is_ok()) return refusal_;
    commands_.push_back(command);
    CommandOutcome outcome;
    outcome.ticket = ++ticket_;
    outcome.time = now_;
    outcome.status = failure_;
    outcome.text = failure_.is_ok() ? apply(command) : failure_.message();
    outcomes_.push_back(outcome);
    return ticket_;
  }
  std::vector<CommandOutcome> outcomes(Ticket since) const override {
    const std::lock_guard lock(mutex_);
    std::vector<CommandOutcome> found;
    for (const auto& outcome : outcomes_) {
      if (outcome.ticket > since) found.push_back(outcome);
    }
    return found;
  }
  Status close() override {
    std::this_thread::sleep_for(std::chrono::milliseconds(config_.close_milliseconds));
    return close_status_;
  }

 private:
  bool managed() const { return config_.way == OpenWay::managed; }
  static void add_option_story(NodeDescription& text) {
    text.defaults_of = "RocksDB 7.8.3";
    text.options[0].default_value = "2";
    text.options[1].default_value = "67108864";
    text.option_changes = {{TimePoint(std::chrono::seconds(1'699'990'000)), "DBOptions",
                            "max_open_files", "512", "1024", "LOG"}};
    text.client_options = {{"Block cache",
                            "128 MiB",
                            "--Xplugin-rocksdb-cache-capacity=…",
                            {},
                            Knob::block_cache_size},
                           {"Open files",
                            "1024",
                            "--Xplugin-rocksdb-max-open-files=…",
                            "ulimit -n must be higher",
                            {}},
                           {"Compression", "lz4", {}, {}, Knob::compression}};
  }
  double noise(double spread) {
    return 1 + std::uniform_real_distribution<double>(-spread, spread)(random_);
  }
  double wave(double period_seconds, double phase) const {
    return std::sin(2 * M_PI * (double(second_) / period_seconds + phase));
  }
  CacheCounters counters(ObjectKind kind) const {
    const auto& s = *snapshot_;
    const auto whole = [&](CacheMetric metric) {
      const double value = s.value(cache_metric(metric, kind));
      return std::isnan(value) ? 0 : std::uint64_t(value);
    };
    CacheCounters c;
    c.hits = whole(CacheMetric::hits);
    c.misses = whole(CacheMetric::misses);
    c.evictions = whole(CacheMetric::evictions);
    c.insertions = whole(CacheMetric::insertions);
    c.entries = whole(CacheMetric::size);
    c.bytes = whole(CacheMetric::bytes);
    c.capacity_bytes = std::uint64_t(capacities_[nodetune::index_of(kind)]);
    return c;
  }

  void tick() {
    ++second_;
    now_ += std::chrono::seconds(1);
    auto next = std::make_shared<Snapshot>();
    next->sequence = snapshot_->sequence + 1;
    next->taken_at = now_;
    fill_machine(*next);
    if (managed()) {
      fill_caches(*next);
      fill_batches(*next);
    }
    fill_database(*next);
    for (const auto metric : lost_) next->set(metric, kMissing);
    if (snapshot_->sequence > 0) next->derive_from(*snapshot_);
    history_.add(*next);
    snapshot_ = next;
    if (second_ % 9 == 0) {
      add_event(EventCategory::flush, Severity::info, "storage", "Flushed 58 MiB in 210 ms");
      add_job(StorageJob::Kind::flush, "storage", 0.21, 58);
    }
    if (second_ % 21 == 0) {
      add_event(EventCategory::compaction, Severity::info, "state_nodes",
                "4 files, 231 MiB of level 0 into level 1 in 1.9 s");
      add_job(StorageJob::Kind::compaction, "state_nodes", 1.9, 231);
    }
    if (second_ % 67 == 40) {
      add_event(EventCategory::stall, Severity::warning, "state_nodes",
                "Writes slowed down: 20 level-0 files");
    }
  }

  void add_job(StorageJob::Kind kind, const char* family, double seconds, int mebibytes) {
    StorageJob job;
    job.kind = kind;
    job.family = family;
    job.begin = now_ - from_seconds(seconds);
    job.end = now_;
    if (kind == StorageJob::Kind::compaction) job.input_level = 0;
    job.output_level = kind == StorageJob::Kind::compaction ? 1 : 0;
    job.input_bytes = std::int64_t(mebibytes) << 20;
    job.output_bytes = *job.input_bytes;
    job.reason = kind == StorageJob::Kind::flush ? "Write Buffer Full" : "LevelL0FilesNum";
    jobs_.put({second_}, std::move(job));
  }
  bool stalling() const { return second_ % 67 >= 40 && second_ % 67 < 46; }
  double& total(Metric metric) { return totals_[metric]; }
  void count(Snapshot& s, Metric metric, double gain) { s.set(metric, total(metric) += gain); }
  bool running() const { return workload_.state == WorkloadState::running; }

  void fill_machine(Snapshot& s) {
    s.set(Metric::system_cpu_ratio, std::clamp(0.46 + 0.2 * wave(90, 0.1) * noise(0.3), 0., 1.));
    s.set(Metric::system_memory_limit_bytes, 8.0 * kGiB);
    const double memory = 0.61 + 0.03 * wave(240, 0.3);
    s.set(Metric::system_memory_ratio, memory);
    s.set(Metric::system_memory_used_bytes, memory * 8 * kGiB);
    s.set(Metric::disk_total_bytes, 512.0 * kGiB);
    const double free = 141.0 * kGiB - double(second_) * 6 * kMiB;
    s.set(Metric::disk_free_bytes, free);
    s.set(Metric::disk_free_ratio, free / (512.0 * kGiB));
    s.set(Metric::disk_read_latency_seconds, 310e-6 * noise(0.4) + (stalling() ? 2.1e-3 : 0));
    s.set(Metric::disk_write_latency_seconds, 640e-6 * noise(0.5) + (stalling() ? 5.2e-3 : 0));
    s.set(Metric::disk_utilisation_ratio, std::min(1.0, 0.4 * noise(0.3) + stalling() * 0.5));
    count(s, Metric::disk_read_bytes_total, 38.0 * kMiB * noise(0.4));
    count(s, Metric::disk_write_bytes_total, 61.0 * kMiB * noise(0.5));
    s.set(Metric::process_resident_bytes, 1.9 * kGiB);
    count(s, Metric::process_cpu_seconds_total, 1.1 * noise(0.2));
  }

  void fill_caches(Snapshot& s) {
    static constexpr std::array kLookups = {12., 40., 16'500., 2'900., 5'200., 310., 120.};
    static constexpr std::array kHitRatio = {.31, .94, .91, .86, .74, .42, .18};
    double used = 0;
    double capacity = 0;
    for (const auto kind : kObjectKinds) {
      const auto i = nodetune::index_of(kind);
      const double lookups = running() ? kLookups[i] * noise(0.25) : 0;
      const double ratio = std::clamp(kHitRatio[i] + 0.05 * wave(120, double(i) / 7), 0.0, 1.0);
      const double misses = lookups * (1 - ratio);
      const double limit = double(capacities_[i]);
      filled_[i] += misses * 420;
      const double over = std::max(0.0, filled_[i] - limit * 0.999);
      filled_[i] -= over;
      count(s, cache_metric(CacheMetric::hits, kind), std::floor(lookups * ratio));
      count(s, cache_metric(CacheMetric::misses, kind), std::floor(misses));
      count(s, cache_metric(CacheMetric::insertions, kind), std::floor(misses));
      count(s, cache_metric(CacheMetric::evictions, kind), std::floor(over / 420));
      s.set(cache_metric(CacheMetric::size, kind), std::floor(filled_[i] / 420));
      s.set(cache_metric(CacheMetric::bytes, kind), std::floor(filled_[i]));
      s.set(cache_metric(CacheMetric::capacity_bytes, kind), limit);
      used += filled_[i];
      capacity += limit;
    }
    s.set(Metric::cache_memory_usage_bytes, used);
    s.set(Metric::cache_capacity_bytes, capacity);
  }

  void record(Snapshot& s, Metric metric, double median, double spread, int samples) {
    auto& histogram = histograms_[metric];
    if (!histogram) histogram = std::make_unique<Histogram>();
    std::lognormal_distribution<double> shape(std::log(median), spread);
    for (int i = 0; i < samples; ++i) histogram->record(std::uint64_t(shape(random_)));
    s.totals[metric] = histogram->counts();
  }

  void fill_batches(Snapshot& s) {
    const double work = running() ? noise(0.2) : 0;
    record(s, Metric::batch_size, 2'300, 0.35, running() ? 6 : 0);
    record(s, Metric::batch_duration_seconds, stalling() ? 190e3 : 18e3, 0.6, running() ? 6 : 0);
    record(s, Metric::workload_block_seconds, 240e3, 0.3, running() ? 2 : 0);
    count(s, Metric::batch_operations_put, std::floor(12'400 * work));
    count(s, Metric::batch_operations_delete, std::floor(820 * work));
    count(s, Metric::batch_operations_single_delete, 0);
    count(s, Metric::batch_operations_delete_range, running() ? 4 : 0);
    count(s, Metric::batch_operations_merge, running() ? 6 : 0);
    count(s, Metric::batch_commits_total, running() ? 6 : 0);
    count(s, Metric::batch_commit_failures_total, 0);
    count(s, Metric::batch_bytes_total, std::floor(2.6e6 * work));
    s.set(Metric::batch_operations_per_second, 118'000 * noise(0.2));
    s.set(Metric::batch_operation_size_bytes, 196 * noise(0.05));
    s.set(Metric::batch_pending_operations, std::floor(900 * work));
    s.set(Metric::batch_pending_bytes, std::floor(180e3 * work));
    s.set(Metric::batch_auto_commit_threshold, threshold_);
    count(s, Metric::batch_commits_as_given, 0);
    count(s, Metric::batch_commits_sorted, running() ? 5 : 0);
    count(s, Metric::batch_commits_ingested, running() ? 1 : 0);
    s.set(Metric::batch_waiting_callers, 0);
    s.set(Metric::batch_wait_seconds, 0);
    s.set(Metric::batch_failing, commit_failure_.empty() ? 0 : 1);
    blocks_ += running() ? 2 : 0;
    workload_.blocks = blocks_;
    count(s, Metric::workload_blocks_total, running() ? 2 : 0);
    count(s, Metric::workload_missed_blocks_total, stalling() ? 1 : 0);
  }

  void fill_database(Snapshot& s) {
    const double debt = 1.4 * kGiB * (1 + 0.6 * wave(67, 0.9)) * noise(0.04);
    count(s, Metric::db_stall_seconds_total, stalling() ? 0.4 * noise(0.5) : 0);
    s.set(Metric::db_write_stopped, 0);
    count(s, Metric::db_stalls_memtable_slowdown_total, 0);
    count(s, Metric::db_stalls_memtable_stop_total, 0);
    count(s, Metric::db_stalls_l0_slowdown_total, second_ % 67 == 40 ? 1 : 0);
    count(s, Metric::db_stalls_l0_stop_total, 0);
    count(s, Metric::db_stalls_pending_compaction_slowdown_total, 0);
    count(s, Metric::db_stalls_pending_compaction_stop_total, 0);
    count(s, Metric::db_bytes_written_total, 2.6e6 * noise(0.3));
    count(s, Metric::db_bytes_read_total, 8.1e6 * noise(0.3));
    count(s, Metric::db_wal_bytes_total, 2.7e6 * noise(0.3));
    count(s, Metric::db_flush_bytes_total, second_ % 9 == 0 ? 58e6 : 0);
    count(s, Metric::db_flushes_total, second_ % 9 == 0 ? 8 : 0);
    count(s, Metric::db_compactions_total, second_ % 21 == 0 ? 1 : 0);
    count(s, Metric::db_compaction_read_bytes_total, 21e6 * noise(0.4));
    count(s, Metric::db_compaction_write_bytes_total, 19e6 * noise(0.4));
    s.set(Metric::db_running_compactions, second_ % 21 > 12 ? 1 : 0);
    s.set(Metric::db_running_flushes, second_ % 9 == 0 ? 1 : 0);
    s.set(Metric::db_pending_compaction_bytes, debt);
    s.set(Metric::db_memtable_bytes, 64.0 * kMiB * (double(second_ % 9) / 9 + 0.4));
    s.set(Metric::db_immutable_memtables, second_ % 9 == 0 ? 2 : 0);
    s.set(Metric::db_l0_files, stalling() ? 20 : 3 + double(second_ % 21) / 5);
    s.set(Metric::db_sst_files, 311);
    s.set(Metric::db_sst_bytes, 4.8 * kGiB);
    count(s, Metric::db_block_cache_hits_total, 9'400 * noise(0.2));
    count(s, Metric::db_block_cache_misses_total, 2'900 * noise(0.2));
    s.set(Metric::db_block_cache_usage_bytes, 118.0 * kMiB);
    s.set(Metric::db_block_cache_capacity_bytes, 128.0 * kMiB);
    count(s, Metric::db_bloom_useful_total, 31'000 * noise(0.1));
    count(s, Metric::db_bloom_full_positive_total, 9'900 * noise(0.1));
    count(s, Metric::db_bloom_true_positive_total, 9'600 * noise(0.1));
    s.set(Metric::db_table_reader_bytes, 41.0 * kMiB);
    record(s, Metric::db_get_seconds, 34, 0.9, 40);
    record(s, Metric::db_multi_get_seconds, 2'100, 0.6, 6);
    record(s, Metric::db_write_seconds, stalling() ? 92e3 : 1'300, 0.8, 8);
    fill_levels(s);
    fill_own_kinds(s);
  }

  static void fill_levels(Snapshot& s) {
    for (const auto family : kFamilies) {
      const std::string name(to_string(family));
      const double share = 1.0 + double(nodetune::index_of(family));
      FamilyFigures figures{.name = name, .files = 38, .bytes = std::int64_t(share * 140 * kMiB)};
      figures.estimated_keys = share * 1.1e6;
      figures.memtable_bytes = share * 2.0 * kMiB;
      figures.immutable_memtables = 0;
      figures.l0_files = 3;
      figures.pending_compaction_bytes = share * 30.0 * kMiB;
      s.families.push_back(figures);
      for (int level = 0; level < 5; ++level) {
        LevelFigures row{.family = name, .level = level, .files = level == 0 ? 3 : 4 << level};
        row.bytes = std::int64_t(share * double(12 << (2 * level)) * kMiB / 16);
        row.score = level == 0 ? 0.75 : 1.31 - 0.3 * level;
        row.write_amplification = level == 0 ? 1.0 : 2.1 + 0.7 * level;
        row.read_bytes = share * 1e9;
        row.write_bytes = share * 0.9e9;
        s.levels.push_back(row);
      }
    }
    for (const auto cause : kStallCauses) {
      s.stalls.push_back({cause, /*stopped=*/false, cause == StallCause::level0_files ? 4u : 0u});
      s.stalls.push_back({cause, /*stopped=*/true, 0});
    }
  }

  void add_recommendations() {
    Recommendation buffer;
    buffer.id = 1;
    buffer.created = buffer.refreshed = config_.start - std::chrono::seconds(80);
    buffer.proposal = {.rule = "write_buffer_stalls",
                       .target = Target::of(Knob::write_buffer_size),
                       .current = values_[Knob::write_buffer_size],
                       .proposed = values_[Knob::write_buffer_size] * 3 / 2,
                       .evidence = {{.text = "Stalled seconds",
                                     .metric = Metric::db_stall_seconds_total,
                                     .window_seconds = 60,
                                     .threshold = 5,
                                     .value = 8.2,
                                     .unit = Unit::seconds}},
                       .expected = "Fewer and shorter write stalls",
                       .risk = "768 MiB more memory for memtables at most",
                       .reversibility = "At once, by setting the old value",
                       .contradiction = {}};
    buffer.history = {{buffer.created, RecommendationState::proposed, Actor::tuner, ""}};
    Recommendation cache = buffer;
    cache.id = 2;
    cache.proposal.rule = "cache_resize";
    cache.proposal.target = Target::object_cache(ObjectKind::state_node);
    cache.proposal.current = 256 * kMiB;
    cache.proposal.proposed = 307 * kMiB;
    cache.proposal.evidence = {{.text = "Hit ratio of State nodes",
                                .metric = std::nullopt,
                                .window_seconds = 60,
                                .threshold = 0.95,
                                .value = 0.962,
                                .unit = Unit::ratio}};
    cache.proposal.expected = "Fewer evictions";
    cache.proposal.risk = "51 MiB more memory";
    recommendations_ = {buffer, cache};
  }

  void add_event(EventCategory category, Severity severity, std::string family, std::string text) {
    NodeEvent event;
    event.time = now_;
    event.severity = severity;
    event.category = category;
    event.source = managed() ? Source::measured : Source::logged;
    event.family = std::move(family);
    event.text = std::move(text);
    events_.add(event);
  }

  void add_audit(const std::string& what, const std::string& from, const std::string& to) {
    AuditEntry entry;
    entry.sequence = entry.change = audit_.size() + 1;
    entry.time = now_;
    entry.kind = AuditKind::done;
    entry.what = what;
    entry.from = from;
    entry.to = to;
    entry.outcome = "in force";
    audit_.push_back(entry);
  }

  std::string apply(const Command& command) {
    return std::visit([this](const auto& one) { return apply_one(one); }, command);
  }
  std::string apply_one(const SetKnob& set) {
    const auto from = format_knob(set.knob, values_[set.knob]);
    const auto to = format_knob(set.knob, set.value);
    values_[set.knob] = set.value;
    add_audit(std::string(to_string(set.knob)), from, to);
    const std::string text = std::string(to_string(set.knob)) + ": " + from + " → " + to;
    add_event(EventCategory::knob, Severity::info, "", text);
    return text + ", in force";
  }
  std::string apply_one(const UndoChange& undo) {
    return "Change " + std::to_string(undo.change_id) + " was undone";
  }
  std::string apply_one(const DecideRecommendation& decided) {
    for (auto& item : recommendations_) {
      if (item.id != decided.id) continue;
      switch (decided.decision) {
        case DecideRecommendation::Decision::approve:
          item.state = RecommendationState::applied;
          break;
        case DecideRecommendation::Decision::override_value:
          item.state = RecommendationState::applied;
          item.overridden = decided.value;
          break;
        case DecideRecommendation::Decision::reject:
          item.state = RecommendationState::rejected;
          break;
      }
      item.history.push_back({now_, item.state, Actor::node_operator, ""});
      if (item.state == RecommendationState::applied &&
          item.proposal.target.kind == Target::Kind::knob) {
        return apply_one(SetKnob{item.proposal.target.knob, item.value()});
      }
    }
    return "Recommendation " + std::to_string(decided.id) + " was decided";
  }
  std::string apply_one(const FollowRecommendation& copied) {
    for (auto& item : recommendations_) {
      if (item.id != copied.id) continue;
      if (item.state == RecommendationState::proposed) {
        (void)item.transition(RecommendationState::approved, now_, Actor::node_operator, "");
      }
      using Stage = FollowUp::Stage;
      item.follow_up = FollowUp{.stage = Stage::awaiting_restart,
                                .since = now_,
                                .text = "the node that runs was started before it",
                                .steps = {{Stage::copied, now_}, {Stage::awaiting_restart, now_}},
                                .hints = {},
                                .comparison = {}};
    }
    return "Copied";
  }
  std::string apply_one(const ResizeCache& resize) {
    const auto i = nodetune::index_of(resize.kind);
    capacities_[i] = resize.capacity_bytes;
    const std::string text = std::string(display_name(resize.kind)) +
                             " (object cache): capacity is now " +
                             format_bytes(double(resize.capacity_bytes));
    add_event(EventCategory::cache, Severity::info, "", text);
    return text;
  }
  std::string apply_one(const SetBatchThreshold& set) {
    threshold_ = set.operations;
    batches_.set_by_hand();
    return "Batch threshold: " + std::to_string(set.operations) + " operations, in force";
  }
  std::string apply_one(const SetBatchSizeMode& set) { return batches_.apply(set); }
  std::string apply_one(const SetDurability& set) { return batches_.apply(set); }
  std::string apply_one(const OptimizeCaches&) { return "No cache needs another size"; }
  std::string apply_one(const OptimizeBatchSize&) {
    threshold_ = threshold_ * 12 / 10;
    return "Batch threshold: " + std::to_string(threshold_) + " operations";
  }
  std::string apply_one(const ControlWorkload& control) {
    switch (control.action) {
      case ControlWorkload::Action::start:
      case ControlWorkload::Action::resume:
        workload_.state = WorkloadState::running;
        workload_.asked_to_stop = false;
        return "The workload runs";
      case ControlWorkload::Action::pause:
        workload_.state = WorkloadState::paused;
        return "The workload is paused";
      case ControlWorkload::Action::stop:
        workload_.state = WorkloadState::stopped;
        workload_.asked_to_stop = true;
        return "The workload was stopped";
    }
    return {};
  }
  std::string apply_one(const RetryCommit&) {
    commit_failure_.clear();
    return "The batch was committed";
  }
  std::string apply_one(const SetArbiter& set) {
    arbiter_ = set;
    return "The arbiter was set";
  }
  std::string apply_one(const TuneNow&) { return "One tuning round was run"; }

  const Config config_;
  std::vector<std::pair<std::string, std::unique_ptr<FakeNode>>> databases_;
  mutable std::mutex mutex_;
  // All below guarded by mutex_, but history_ and events_, which guard themselves.
  std::mt19937 random_;
  TimePoint now_{};
  int second_ = 0;
  std::uint64_t blocks_ = 0;
  std::map<Metric, double> totals_;
  std::map<Metric, std::unique_ptr<Histogram>> histograms_;
  std::array<std::int64_t, kObjectKindCount> capacities_{};
  std::array<double, kObjectKindCount> filled_{};
  KnobValues values_ = KnobValues::defaults();
  int threshold_ = 2'000;
  SetArbiter arbiter_{ArbiterMode::curves, 0, false};
  std::shared_ptr<const Snapshot> snapshot_;
  History history_;
  EventRing events_;
  JobRing jobs_;
  WorkloadStatus workload_;
  std::vector<Recommendation> recommendations_;
  std::vector<AuditEntry> audit_;
  std::vector<Metric> lost_;
  std::vector<Command> commands_;
  std::vector<CommandOutcome> outcomes_;
  Ticket ticket_ = 0;
  Status refusal_;
  Status failure_;
  std::string commit_failure_;
  FakeBatches batches_;
  Status close_status_;
};

}  // namespace nodetune
