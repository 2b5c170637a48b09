// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/base/format.h"
#include "engine/metrics/histogram.h"
#include "engine/node/node.h"
#include "engine/store/family.h"

namespace nodetune {

// A node whose figures a test knows: counters grow by the same each second, gauges stand still.
//
// Everything is public: a test changes what it is about.
class ReportNode final : public Node {
 public:
  static constexpr int kHitsPerSecond = 90;
  static constexpr int kMissesPerSecond = 10;
  static constexpr double kFreeBytes = 40e9;

  NodeDescription text;
  std::shared_ptr<Snapshot> last = std::make_shared<Snapshot>();
  History past;
  std::vector<NodeEvent> seen;
  std::vector<KnobState> knob_states;
  std::vector<Recommendation> advice;
  std::vector<AuditEntry> changes;
  std::vector<CacheState> cache_states;
  std::optional<MemoryState> sharing;
  std::vector<StorageJob> ran;
  WorkloadStatus work;
  TimePoint now = TimePoint(std::chrono::seconds(1'700'000'000));

  // Nothing but a path is known.
  static std::unique_ptr<ReportNode> empty() {
    auto node = std::make_unique<ReportNode>();
    node->text.path = "/srv/chain/nothing";
    return node;
  }

  // A managed one that ran for `seconds`.
  static std::unique_ptr<ReportNode> managed(int seconds) {
    auto node = std::make_unique<ReportNode>();
    node->text.path = "/srv/chain/bench";
    node->text.way = OpenWay::managed;
    node->text.reason = "NodeTune's own directory";
    node->text.kind = "managed";
    node->text.client = "NodeTune test bench";
    node->text.rocksdb_version = "7.8.3";
    node->text.data_set = "Synthetic chain, seed 1";
    for (const auto family : kFamilies) {
      node->text.column_families.emplace_back(to_string(family));
    }
    for (const auto knob : kKnobs) {
      KnobState state;
      state.knob = knob;
      state.current = KnobValues::defaults()[knob];
      state.current_text = format_knob(knob, *state.current);
      state.origin = "read back from RocksDB";
      node->knob_states.push_back(state);
    }
    node->work.state = WorkloadState::running;
    node->run(seconds);
    node->add_recommendation();
    return node;
  }

  void run(int seconds) {
    for (int i = 0; i < seconds; ++i) tick();
  }
  void pause(int seconds) { now += std::chrono::seconds(seconds); }

  void add_event(EventCategory category, Severity severity, std::string family, std::string said) {
    seen.push_back({.sequence = seen.size() + 1,
                    .time = now,
                    .severity = severity,
                    .category = category,
                    .family = std::move(family),
                    .text = std::move(said)});
  }

  void add_change(std::string reason) {
    AuditEntry entry;
    entry.sequence = entry.change = changes.size() + 1;
    entry.time = now;
    entry.kind = AuditKind::done;
    entry.what = "write_buffer_size";
    entry.from = "67108864";
    entry.to = "100663296";
    entry.outcome = "in force";
    entry.reason = std::move(reason);
    changes.push_back(entry);
  }

  NodeDescription description() const override { return text; }
  std::shared_ptr<const Snapshot> snapshot() const override { return last; }
  const History& history() const override { return past; }
  std::vector<NodeEvent> events(std::uint64_t, std::size_t) const override { return seen; }
  std::vector<KnobState> knobs() const override { return knob_states; }
  std::vector<Recommendation> recommendations() const override { return advice; }
  std::vector<AuditEntry> audit() const override { return changes; }
  std::vector<CacheState> caches() const override { return cache_states; }
  std::optional<MemoryState> memory() const override { return sharing; }
  std::vector<StorageJob> jobs(TimePoint, TimePoint, std::size_t) const override { return ran; }
  WorkloadStatus workload() const override { return work; }
  BatchStatus batches() const override {
    return {.available = !cache_states.empty(),
            .auto_commit_threshold = 2'000,
            .min_threshold = 16,
            .max_threshold = 100'000,
            .failing = false,
            .failure = {}};
  }
  Result<Ticket> submit(Command) override { return Ticket{1}; }
  std::vector<CommandOutcome> outcomes(Ticket) const override { return {}; }
  Status close() override { return {}; }

 private:
  void tick() {
    now += std::chrono::seconds(1);
    auto next = std::make_shared<Snapshot>();
    next->taken_at = now;
    next->sequence = last->sequence + 1;
    ++ticks_;
    cache_states.clear();
    for (const auto kind : kObjectKinds) {
      CacheState state;
      state.kind = kind;
      state.policy = PolicyKind::lru;
      state.counters.hits = std::uint64_t(ticks_) * kHitsPerSecond;
      state.counters.misses = std::uint64_t(ticks_) * kMissesPerSecond;
      state.counters.bytes = 1'000;
      state.counters.capacity_bytes = 32 << 20;
      cache_states.push_back(state);
      next->set(cache_metric(CacheMetric::hits, kind), double(state.counters.hits));
      next->set(cache_metric(CacheMetric::misses, kind), double(state.counters.misses));
    }
    next->set(Metric::disk_free_bytes, kFreeBytes);
    next->set(Metric::disk_free_ratio, 0.5);
    // Every tenth second half of it is spent waiting for level-0 files.
    const bool stalls = ticks_ % 10 == 0;
    stalled_ += stalls ? 0.5 : 0;
    slowdowns_ += stalls ? 1 : 0;
    next->set(Metric::db_stall_seconds_total, stalled_);
    next->set(Metric::db_stalls_l0_slowdown_total, slowdowns_);
    next->set(Metric::db_stalls_memtable_stop_total, 0);
    next->stalls = {{StallCause::level0_files, false, std::uint64_t(slowdowns_)}};
    next->levels = {{.family = "accounts", .level = 0, .files = 7, .bytes = 5'000'000}};
    commits_.record(20'000 + std::uint64_t(ticks_));  // microseconds
    next->totals[Metric::batch_duration_seconds] = commits_.counts();
    if (last->sequence > 0) next->derive_from(*last);
    past.add(*next);
    last = next;
  }

  void add_recommendation() {
    Recommendation item;
    item.id = 7;
    item.created = now;
    item.proposal.rule = "write_buffer_stalls";
    item.proposal.target = Target::of(Knob::write_buffer_size);
    item.proposal.current = 64 << 20;
    item.proposal.proposed = 96 << 20;
    item.proposal.evidence = {{.text = "Stalled seconds",
                               .metric = Metric::db_stall_seconds_total,
                               .window_seconds = 60,
                               .threshold = 5,
                               .value = 8.2,
                               .unit = Unit::seconds}};
    item.proposal.expected = "Fewer stalls";
    item.state = RecommendationState::rejected;
    item.history = {{now, RecommendationState::proposed, Actor::tuner, ""},
                    {now, RecommendationState::rejected, Actor::node_operator, "not now"}};
    advice.push_back(item);
  }

  int ticks_ = 0;
  double stalled_ = 0;
  double slowdowns_ = 0;
  Histogram commits_;
};

}  // namespace nodetune
