// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// What a front end may ask of a ManagedNode: copies of what was last published.
#include <unistd.h>

#include "engine/node/figures.h"
#include "engine/node/managed_node.h"
#include "engine/node/workload_spec.h"

namespace nodetune {
namespace {

bool waits(const Recommendation& item) {
  return item.state == RecommendationState::proposed;
}

}  // namespace

NodeDescription ManagedNode::description() const {
  NodeDescription description;
  description.path = path_;
  description.way = OpenWay::managed;
  description.reason = "NodeTune's own directory, and nobody else has it open";
  description.kind = "managed";
  description.client = "NodeTune test bench";
  description.rocksdb_version = Database::library_version();
  for (const auto family : kFamilies) description.column_families.emplace_back(to_string(family));
  description.locked_by = LockHolder{getpid(), "this program"};
  description.data_set = workload_text_;
  description.facts = {
      {"RocksDB library", Database::library_version(), "this process"},
      {"Durability", std::string(display_name(objects_->batches().figures().durability)),
       "this process"},
      {"Data set", workload_text_, "workload"},
  };
  return description;
}

std::shared_ptr<const Snapshot> ManagedNode::snapshot() const {
  return snapshot_.get();
}

std::vector<NodeEvent> ManagedNode::events(std::uint64_t since_sequence, std::size_t limit) const {
  return events_.since(since_sequence, limit);
}

std::vector<KnobState> ManagedNode::knobs() const {
  const auto values = knob_values_.get();
  const auto recommendations = tuner_->recommendations();
  std::vector<KnobState> states;
  for (const auto knob : kKnobs) {
    KnobState state;
    state.knob = knob;
    state.settable = true;
    state.origin = "read back from RocksDB";
    if (values) {
      state.current = (*values)[knob];
      state.current_text = format_knob(knob, (*values)[knob]);
    }
    for (const auto& item : recommendations) {
      if (waits(item) && item.proposal.target.is_knob(knob)) {
        state.proposed = item.proposal.proposed;
      }
    }
    states.push_back(std::move(state));
  }
  return states;
}

std::vector<Recommendation> ManagedNode::recommendations() const {
  return tuner_->recommendations();
}

std::vector<AuditEntry> ManagedNode::audit() const {
  return audit_->entries(kAuditMax);
}

std::vector<CacheState> ManagedNode::caches() const {
  std::vector<CacheState> states;
  const auto& caches = objects_->caches();
  const auto memory = memory_.view();
  for (const auto kind : kObjectKinds) {
    CacheState state;
    state.kind = kind;
    state.counters = caches.counters(kind);
    state.policy = caches.policy(kind);
    const auto& known = memory->caches[index_of(kind)];
    state.policy_reason = known.choice.reason;
    state.curve = known.curve;
    state.growth = known.growth;
    states.push_back(std::move(state));
  }
  return states;
}

std::optional<MemoryState> ManagedNode::memory() const {
  const auto view = memory_.view();
  const auto settings = memory_.settings();
  MemoryState state;
  state.mode = settings.mode;
  state.budget_bytes = settings.budget_bytes;
  state.acts = settings.acts;
  const auto& decision = view->decision;
  for (std::size_t i = 0; i < view->consumers.size(); ++i) {
    const auto& consumer = view->consumers[i];
    state.shares.push_back({consumer.name, consumer.present_bytes,
                            i < decision.bytes.size() ? decision.bytes[i] : consumer.present_bytes,
                            consumer.fixed});
  }
  for (const auto& move : decision.moves) state.moves.push_back(move.text);
  state.reason = decision.reason;
  state.seconds_per_block = decision.seconds_per_block;
  state.planned_seconds_per_block = decision.planned_seconds_per_block;
  if (view->consumers.size() > ArbiterFeed::kBlockCache) {
    state.block_cache_bytes = view->consumers[ArbiterFeed::kBlockCache].present_bytes;
  }
  state.block_cache_curve = view->block_cache.curve;
  state.block_cache_growth = view->block_cache.growth;
  return state;
}

WorkloadStatus ManagedNode::workload() const {
  const auto figures = driver_->figures();
  WorkloadStatus status;
  status.state = workload_state(figures.state);
  status.text = figures.text;
  status.asked_to_stop = figures.asked_to_stop;
  status.blocks = figures.blocks;
  status.committed_blocks = committed_blocks_.load(std::memory_order_relaxed);
  status.total_blocks = total_blocks_;
  status.target_blocks_per_second = workload_.blocks_per_second;
  if (wants_hints(workload_)) status.hints = objects_->hints();
  status.seconds = figures.seconds;
  if (const auto progress = driver_->import_progress()) {
    status.import = *import_.get();  // its rates; how far it is, is known better
    static_cast<ImportProgress&>(*status.import) = *progress;
  }
  return status;
}

BatchStatus ManagedNode::batches() const {
  const auto figures = objects_->batches().figures();
  BatchStatus status;
  status.available = true;
  status.auto_commit_threshold = figures.auto_commit_threshold;
  status.min_threshold = options_.batches.min_batch_size;
  status.max_threshold = options_.batches.max_batch_size;
  status.failing = figures.failing;
  status.failure = figures.failure;
  if (figures.failing) status.remedy = failure_remedy(figures.failure_code);
  status.mode = figures.size_mode;
  status.commit_seconds_max = figures.commit_seconds_max;
  status.choice = describe_choice(figures, objects_->batches().size_choice());
  status.durabilities = describe_durabilities(figures);
  status.paths = describe_paths(figures);
  status.path_choice = describe_path_choice(figures);
  auto flow = describe_flow(figures, *stall_.get());
  status.flow = flow.flow;
  status.flow_text = std::move(flow.text);
  status.pending_operations = figures.pending_operations;
  status.pending_bytes = figures.pending_bytes;
  status.max_pending_bytes = figures.max_pending_bytes;
  status.waiting_callers = figures.waiting_submits;
  status.longest_wait_seconds = figures.longest_wait_seconds;
  return status;
}

}  // namespace nodetune
