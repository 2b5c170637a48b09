// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include <functional>
#include <iostream>
#include <memory>
#include <vector>

#include "app/cli/support.h"
#include "engine/cache/adaptive_simulation.h"
#include "engine/cache/concurrent_cache.h"
#include "engine/cache/policy_kind.h"
#include "engine/cache/policy_simulation.h"
#include "engine/workload/trace_reader.h"

namespace nodetune::cli {
namespace {

constexpr std::string_view kAdaptive = "adaptive";
constexpr std::uint64_t kMaxCapacity = 1ull << 31;  // entries

struct CacheSimArguments {
  std::string trace;
  std::string format;
  std::string policy;
  std::uint64_t capacity = 0;
  bool concurrent = false;
  bool json = false;
};

struct Outcome {
  std::uint64_t lookups = 0;
  std::uint64_t hits = 0;
  std::uint64_t evictions = 0;
  std::uint64_t entries = 0;
  // Of an adaptive cache alone.
  std::string last_policy;
  std::string reason;
  std::uint64_t switches = 0;
};

// A bijection that spreads page numbers over all 64 bits (the finaliser of SplitMix64).
std::uint64_t spread(std::uint64_t key) {
  key += 0x9e37'79b9'7f4a'7c15u;
  key = (key ^ (key >> 30)) * 0xbf58'476d'1ce4'e5b9u;
  key = (key ^ (key >> 27)) * 0x94d0'49bb'1331'11ebu;
  return key ^ (key >> 31);
}

Status drive(TraceReader& trace, Outcome& outcome,
             const std::function<bool(std::uint64_t)>& access) {
  return for_each_request(trace, [&](const TraceRequest& request) {
    ++outcome.lookups;
    outcome.hits += access(spread(request.key)) ? 1 : 0;
  });
}

void tell_choice(const PolicyChooser& chooser, Outcome& outcome) {
  outcome.last_policy = name(chooser.choice());
  outcome.reason = chooser.reason();
  outcome.switches = chooser.switches();
}

Status simulate_exactly(const CacheSimArguments& options, TraceReader& trace, Outcome& outcome) {
  const auto cache = make_policy_simulation(*parse_policy_kind(options.policy), options.capacity);
  const auto status = drive(trace, outcome, [&](auto key) { return cache->access(key); });
  outcome.evictions = cache->evictions();
  outcome.entries = cache->entries();
  return status;
}

Status simulate_choice(const CacheSimArguments& options, TraceReader& trace, Outcome& outcome) {
  AdaptiveSimulation cache(options.capacity);
  const auto status = drive(trace, outcome, [&](auto key) { return cache.access(key); });
  outcome.evictions = cache.evictions();
  outcome.entries = cache.entries();
  tell_choice(cache.chooser(), outcome);
  return status;
}

// The product's own cache, undivided, with room for `capacity` entries of equal charge.
Status drive_concurrent(const CacheSimArguments& options, TraceReader& trace, Outcome& outcome) {
  ConcurrentCache cache({.capacity_bytes = 0, .partitions = 1});
  const auto bytes_of = [](const std::uint64_t& key) {
    return std::string_view(reinterpret_cast<const char*>(&key), sizeof key);
  };
  cache.resize(options.capacity * cache.charge_of(bytes_of(0), nullptr));
  PolicyChooser chooser;
  const auto policy = parse_policy_kind(options.policy);
  if (policy) {
    cache.set_policy(*policy);
  } else {
    chooser.set_capacity(options.capacity);
  }
  const auto status = drive(trace, outcome, [&](std::uint64_t key) {
    const bool hit = cache.find(bytes_of(key)).has_value();
    if (!hit) cache.insert(bytes_of(key), nullptr);
    const auto hash = ConcurrentCache::hash_of(bytes_of(key));
    if (!policy && chooser.samples(hash)) {
      chooser.touch(hash, hit);
      if (chooser.choice() != cache.policy()) cache.set_policy(chooser.choice());
    }
    return hit;
  });
  const auto counters = cache.counters();
  outcome.evictions = counters.evictions;
  outcome.entries = counters.entries;
  if (!policy) tell_choice(chooser, outcome);
  return status;
}

Result<Outcome> simulate(const CacheSimArguments& options) {
  const auto format = parse_trace_format(options.format);
  if (!format) return format.status();
  const auto trace = open_trace(options.trace, *format);
  if (!trace) return trace.status();
  Outcome outcome;
  const auto how = options.concurrent            ? drive_concurrent
                   : options.policy == kAdaptive ? simulate_choice
                                                 : simulate_exactly;
  if (const auto status = how(options, **trace, outcome); !status) return status;
  return outcome;
}

double hit_ratio(const Outcome& outcome) {
  return static_cast<double>(outcome.hits) / static_cast<double>(outcome.lookups);
}

nlohmann::json to_json(const CacheSimArguments& options, const Outcome& outcome) {
  nlohmann::json json = {{"policy", options.policy},
                         {"capacity", options.capacity},
                         {"concurrent", options.concurrent},
                         {"lookups", outcome.lookups},
                         {"hits", outcome.hits},
                         {"misses", outcome.lookups - outcome.hits},
                         {"evictions", outcome.evictions},
                         {"entries", outcome.entries},
                         {"hit_ratio", figure(hit_ratio(outcome))}};
  if (!outcome.reason.empty()) {
    json["last_policy"] = outcome.last_policy;
    json["switches"] = outcome.switches;
    json["reason"] = outcome.reason;
  }
  return json;
}

void print_text(const CacheSimArguments& options, const Outcome& outcome) {
  std::cout << fmt::format("{} at {} entries{}\n", options.policy, options.capacity,
                           options.concurrent ? ", the concurrent cache" : "");
  std::cout << fmt::format("lookups   {:>12}\nhits      {:>12}\nmisses    {:>12}\n",
                           outcome.lookups, outcome.hits, outcome.lookups - outcome.hits);
  std::cout << fmt::format("evictions {:>12}\n", outcome.evictions);
  if (outcome.lookups > 0) {
    std::cout << fmt::format("hit ratio {:>11.2f} %\n", 100 * hit_ratio(outcome));
  }
  if (!outcome.reason.empty()) {
    std::cout << fmt::format("switches  {:>12}\n{}\n", outcome.switches, outcome.reason);
  }
}

int run(const CacheSimArguments& options) {
  const auto outcome = simulate(options);
  if (!outcome) return fail(outcome.status());
  if (options.json) {
    std::cout << to_json(options, *outcome).dump(2) << '\n';
  } else {
    print_text(options, *outcome);
  }
  return kSuccess;
}

}  // namespace

void add_cache_sim(CLI::App& app, Action& action) {
  auto options = std::make_shared<CacheSimArguments>();
  auto* const command =
      app.add_subcommand("cache-sim", "What a cache of a given size and policy hits on a trace");
  std::vector<std::string> formats;
  for (const TraceFormat format : kTraceFormats) formats.emplace_back(name(format));
  std::vector<std::string> policies;
  for (const PolicyKind policy : kPolicyKinds) policies.emplace_back(name(policy));
  policies.emplace_back(kAdaptive);
  command->add_option("--trace", options->trace, "A trace, or a folder of access lists")
      ->required();
  command->add_option("--format", options->format, "How the trace is written")
      ->required()
      ->check(CLI::IsMember(formats));
  command
      ->add_option("--policy", options->policy,
                   "Who goes when the cache is full; adaptive chooses among the others")
      ->required()
      ->check(CLI::IsMember(policies));
  command->add_option("--capacity", options->capacity, "In entries")
      ->required()
      ->check(CLI::Range(std::uint64_t{1}, kMaxCapacity));
  command->add_flag("--concurrent", options->concurrent,
                    "Drive the product's own cache instead of the exact policy");
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace nodetune::cli
