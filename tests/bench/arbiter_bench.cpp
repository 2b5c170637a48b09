// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The arbiter against the dynamic-programming oracle: what misses cost with the sizes that each way
// of sharing chooses (real exact LRU caches), divided by the oracle's cost; and a decision's time.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <map>

#include "tests/engine/cache/arbiter_streams.h"

namespace {

using namespace nodetune;
using namespace nodetune::streams;

constexpr std::uint64_t kSeed = 1;

// Mainnet's lists from NODETUNE_DATA, where that is set.
const std::vector<Stream>& all_streams() {
  static const std::vector<Stream> made = [] {
    auto streams = synthetic_mixes(kSeed);
    if (const char* const data = std::getenv("NODETUNE_DATA")) {
      auto lists = mainnet(std::string(data) + "/chain/block-access-lists/rlp");
      if (!lists.blocks.empty()) streams.push_back(std::move(lists));
    }
    return streams;
  }();
  return made;
}

void cost_against_oracle(benchmark::State& state, const Stream& stream, double part) {
  const auto curves = curves_of(stream);
  const double budget = std::floor(part * stream.working_set_bytes());
  const double oracle = oracle_cost(stream, curves, budget, 512);
  const auto input = input_for(stream, curves, budget, equal_split(stream.owners(), budget),
                               static_cast<double>(stream.blocks.size()));
  for (auto _ : state) benchmark::DoNotOptimize(decide_memory(input));
  const auto ratio = [&](double cost) { return cost / oracle; };
  state.counters["arbiter"] = ratio(cost_of_split(stream, settled_split(stream, curves, budget)));
  state.counters["rules"] = ratio(run_managed(stream, budget, Manager::specification).seconds);
  state.counters["equal"] = ratio(cost_of_split(stream, equal_split(stream.owners(), budget)));
  state.counters["global_lru"] = ratio(cost_of_global(stream, budget));
  // From an equal split on, with caches that are cold and curves that must be learned.
  state.counters["arbiter_live"] = ratio(run_managed(stream, budget, Manager::arbiter).seconds);
}

const bool registered = [] {
  for (const Stream& stream : all_streams()) {
    for (const double part : {0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.0, 1.3}) {
      auto name = stream.name + "/" + std::to_string(static_cast<int>(std::lround(100 * part))) +
                  "_percent_of_working_set";
      std::replace(name.begin(), name.end(), ' ', '_');
      benchmark::RegisterBenchmark(
          name.c_str(),
          [&stream, part](benchmark::State& state) { cost_against_oracle(state, stream, part); })
          ->Unit(benchmark::kMicrosecond)
          ->MinTime(0.02);
    }
  }
  return true;
}();

}  // namespace
