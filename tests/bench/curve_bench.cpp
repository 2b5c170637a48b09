// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// What a live miss-ratio curve costs a lookup, at several sampling rates. Each loop runs over
// hashes made beforehand; "nothing" is the loop itself, to be subtracted.
#include <benchmark/benchmark.h>

#include <array>
#include <memory>
#include <random>
#include <vector>

#include "engine/cache/miss_ratio_curve.h"
#include "engine/cache/stack_distance.h"

namespace {

using nodetune::MissRatioCurve;
using nodetune::StackDistance;

constexpr std::size_t kLookups = 1u << 20;  // a round of them, larger than the processor's L2 cache
constexpr std::size_t kSamples = 8'192;
constexpr std::size_t kCurves = 7;

// Skewed as real traffic: of `keys` keys, the one at x to the power of 3.
const std::vector<std::uint64_t>& hashes(std::size_t keys) {
  static std::vector<std::uint64_t> made;
  static std::size_t made_for = 0;
  if (made_for == keys) return made;
  made_for = keys;
  made.resize(kLookups);
  std::mt19937_64 random(keys);
  std::vector<std::uint64_t> population(keys);
  for (auto& hash : population) hash = random();
  std::uniform_real_distribution<double> unit;
  for (auto& hash : made) {
    const double x = unit(random);
    hash = population[static_cast<std::size_t>(x * x * x * static_cast<double>(keys))];
  }
  return made;
}

// Has its rate: as many keys have come as make it.
std::unique_ptr<MissRatioCurve> settled_curve(std::int64_t one_in) {
  auto curve = std::make_unique<MissRatioCurve>();
  const auto keys = kSamples * static_cast<std::size_t>(one_in);
  std::mt19937_64 random(keys);  // the keys of hashes()
  for (std::size_t i = 0; one_in > 1 && i < keys; ++i) {
    const auto hash = random();
    if (curve->samples(hash)) curve->touch(hash);
  }
  return curve;
}

void nothing(benchmark::State& state) {
  const auto& all = hashes(kSamples * static_cast<std::size_t>(state.range(0)));
  std::size_t i = 0;
  for (auto unused : state) {
    (void)unused;
    auto hash = all[i++ % kLookups];
    benchmark::DoNotOptimize(hash);
  }
}

void one_curve(benchmark::State& state) {
  const auto& all = hashes(kSamples * static_cast<std::size_t>(state.range(0)));
  const auto curve = settled_curve(state.range(0));
  std::size_t i = 0;
  for (auto unused : state) {
    (void)unused;
    auto hash = all[i++ % kLookups];
    benchmark::DoNotOptimize(hash);
    if (curve->samples(hash)) curve->touch(hash, 100);
  }
  const auto snapshot = curve->snapshot();
  state.counters["one_in"] = 1 / snapshot.sampling_rate;
  state.counters["samples"] = static_cast<double>(snapshot.samples);
  state.counters["memory_bytes"] = static_cast<double>(snapshot.memory_bytes);
}

// A lookup in each of seven caches in turn: what their curves cost together, each a seventh.
void seven_curves(benchmark::State& state) {
  const auto& all = hashes(kSamples * static_cast<std::size_t>(state.range(0)));
  std::array<std::unique_ptr<MissRatioCurve>, kCurves> curves;
  std::size_t memory = 0;
  for (auto& curve : curves) {
    curve = settled_curve(state.range(0));
    memory += curve->memory_bytes();
  }
  std::size_t i = 0;
  std::size_t which = 0;
  for (auto unused : state) {
    (void)unused;
    auto hash = all[i++ % kLookups];
    benchmark::DoNotOptimize(hash);
    auto& curve = *curves[which];
    which = which + 1 == kCurves ? 0 : which + 1;
    if (curve.samples(hash)) curve.touch(hash, 100);
  }
  state.counters["memory_bytes"] = static_cast<double>(memory);
}

void exact_distances(benchmark::State& state) {
  const auto& all = hashes(kSamples * static_cast<std::size_t>(state.range(0)));
  StackDistance distances;
  for (const auto hash : all) distances.touch(hash);
  std::size_t i = 0;
  for (auto unused : state) {
    (void)unused;
    benchmark::DoNotOptimize(distances.touch(all[i++ % kLookups]));
  }
}

void snapshot(benchmark::State& state) {
  const auto curve = settled_curve(256);
  const auto& all = hashes(kSamples * 256);
  for (const auto hash : all) {
    if (curve->samples(hash)) curve->touch(hash);
  }
  for (auto unused : state) {
    (void)unused;
    benchmark::DoNotOptimize(curve->snapshot());
  }
}

BENCHMARK(nothing)->Arg(1)->Arg(16)->Arg(256)->Arg(4'096);
BENCHMARK(one_curve)->Arg(1)->Arg(16)->Arg(256)->Arg(4'096);
BENCHMARK(seven_curves)->Arg(1)->Arg(16)->Arg(256)->Arg(4'096);
BENCHMARK(exact_distances)->Arg(1)->Arg(16)->Arg(256);
BENCHMARK(snapshot);

}  // namespace
