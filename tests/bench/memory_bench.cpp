// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// One memory budget for a whole node, shared in different ways: the same synthetic chain runs on
// copies of one database, as fast as it goes, and its last blocks are judged. Counts of reads hold
// on any machine; times are the page cache's as much as the disk's.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>
#include <thread>

#include "engine/node/open_node.h"

namespace {

using namespace nodetune;
namespace fs = std::filesystem;

constexpr std::uint64_t kStateBytes = 256u << 20;    // stored before the first block
constexpr std::int64_t kWriteBufferBytes = 4 << 20;  // small beside the budget
constexpr std::uint64_t kMemtableBytes = 16u << 20;  // what those come to, as the arbiter rounds
constexpr std::uint64_t kLearningBlocks = 1'500;     // caches fill, curves grow, memory moves
constexpr std::uint64_t kJudgedBlocks = 500;

[[noreturn]] void give_up(const Status& status) {
  std::cerr << status.message() << '\n';
  std::exit(1);
}

void carry_out(Node& node, const Command& command) {
  const auto ticket = node.submit(command);
  if (!ticket) give_up(ticket.status());
  while (true) {
    for (const auto& outcome : node.outcomes(0)) {
      if (outcome.ticket != *ticket) continue;
      if (!outcome.status) give_up(outcome.status);
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

std::unique_ptr<Node> open(const fs::path& path, OpenOptions options) {
  SyntheticConfig chain;
  chain.prefill_bytes = kStateBytes;
  options.workload = WorkloadSpec{chain, std::nullopt, 0};
  options.create_if_missing = true;
  options.sample_period = std::chrono::milliseconds(100);
  auto node = open_node(path.string(), options);
  if (!node) give_up(node.status());
  return std::move(*node);
}

// The first sample after `blocks` more.
std::shared_ptr<const Snapshot> wait_for(const Node& node, std::uint64_t blocks) {
  while (true) {
    auto snapshot = node.snapshot();
    const auto workload = node.workload();
    if (workload.state == WorkloadState::failed || workload.state == WorkloadState::stopped) {
      give_up({StatusCode::failed, workload.text});
    }
    if (snapshot->value(Metric::workload_blocks_total) >= static_cast<double>(blocks)) {
      return snapshot;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

// A database with state in it, made when first asked for and gone with the program.
class Origin {
 public:
  Origin() : folder_(fs::temp_directory_path() / "nodetune-memory-bench") {
    fs::remove_all(folder_);
    fs::create_directories(path());
    const auto node = open(path(), {});
    carry_out(*node, SetKnob{Knob::write_buffer_size, kWriteBufferBytes});
    carry_out(*node, ControlWorkload{ControlWorkload::Action::start});
    (void)wait_for(*node, 1);
    carry_out(*node, ControlWorkload{ControlWorkload::Action::stop});
    if (auto closed = node->close(); !closed) give_up(closed);
  }
  ~Origin() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  Origin(const Origin&) = delete;
  Origin& operator=(const Origin&) = delete;

  fs::path copy() const {
    auto to = folder_ / "copy";
    fs::remove_all(to);
    fs::copy(path(), to, fs::copy_options::recursive);
    return to;
  }

 private:
  fs::path path() const { return folder_ / "origin"; }
  const fs::path folder_;
};

void judge(benchmark::State& state, const Snapshot& begin, const Snapshot& end) {
  const auto gained = [&](Metric metric) { return end.value(metric) - begin.value(metric); };
  const double blocks = gained(Metric::workload_blocks_total);
  double misses = 0;
  double lookups = 0;
  for (const ObjectKind kind : kObjectKinds) {
    misses += gained(cache_metric(CacheMetric::misses, kind));
    lookups += gained(cache_metric(CacheMetric::misses, kind)) +
               gained(cache_metric(CacheMetric::hits, kind));
  }
  state.counters["ms_a_block"] = 1e3 * to_seconds(end.taken_at - begin.taken_at) / blocks;
  state.counters["misses_a_block"] = misses / blocks;
  state.counters["hit_ratio"] = 1 - misses / lookups;
  state.counters["block_cache_misses_a_block"] =
      gained(Metric::db_block_cache_misses_total) / blocks;
}

void share_a_budget(benchmark::State& state, ArbiterMode mode) {
  static const Origin origin;
  const auto budget = static_cast<std::uint64_t>(state.range(0)) << 20;
  const std::uint64_t each = (budget - kMemtableBytes) / (kObjectKindCount + 1);
  OpenOptions options;
  options.caches.capacity_bytes.fill(each);
  options.arbiter = ArbiterSettings{mode, budget, mode != ArbiterMode::off};
  for (auto _ : state) {
    state.PauseTiming();
    const auto node = open(origin.copy(), options);
    carry_out(*node, SetKnob{Knob::block_cache_size, static_cast<std::int64_t>(each)});
    carry_out(*node, ControlWorkload{ControlWorkload::Action::start});
    const auto begin = wait_for(*node, kLearningBlocks);
    state.ResumeTiming();
    const auto end = wait_for(*node, kLearningBlocks + kJudgedBlocks);
    state.PauseTiming();
    judge(state, *begin, *end);
    if (auto closed = node->close(); !closed) give_up(closed);
    state.ResumeTiming();
  }
}

#define NODETUNE_SHARE(name, mode)              \
  BENCHMARK_CAPTURE(share_a_budget, name, mode) \
      ->RangeMultiplier(2)                      \
      ->Range(64, 256)                          \
      ->Iterations(1)                           \
      ->UseRealTime()                           \
      ->Unit(benchmark::kSecond)
NODETUNE_SHARE(equal_split, ArbiterMode::off);
NODETUNE_SHARE(two_rules, ArbiterMode::specification);
NODETUNE_SHARE(arbiter, ArbiterMode::curves);

}  // namespace
