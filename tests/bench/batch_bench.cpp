// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// What a block's 1,800 mutations (0.3 MB) cost on their way to the store, beside the store itself.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <random>

#include "engine/batch/batch_processor.h"
#include "engine/batch/fold.h"
#include "engine/objects/object_store.h"

namespace {

using namespace nodetune;

constexpr int kMutations = 1'800;  // a mainnet block's: reference figures of EthAnalysis
constexpr std::size_t kKeyBytes = 37;
constexpr std::size_t kValueBytes = 130;

class NullStore final : public KeyValueStore {
 public:
  Result<Value> get(Family, std::string_view) override { return Value(); }
  Result<std::vector<Value>> multi_get(std::span<const ReadKey> keys) override {
    return std::vector<Value>(keys.size());
  }
  Status write(std::span<const WriteOperation> operations, Durability) override {
    return ingest(operations);
  }
  Status ingest(std::span<const WriteOperation> operations) override {
    benchmark::DoNotOptimize(operations.data());
    return Status::ok();
  }
  Status scan(Family, std::string_view, std::string_view, const Visit&) override {
    return Status::ok();
  }
  Status sync() override { return Status::ok(); }
};

WriteGroup block() {
  std::mt19937_64 random(1);
  WriteGroup group;
  group.operations.reserve(kMutations);
  for (int i = 0; i < kMutations; ++i) {
    std::string key(kKeyBytes, '\0');
    for (auto& byte : key) byte = static_cast<char>(random());
    const auto family = static_cast<Family>(random() % (kFamilyCount - 1));
    group.operations.push_back(
        WriteOperation::put(family, std::move(key), std::string(kValueBytes, 'v')));
  }
  return group;
}

void require(const Status& status) {
  if (!status) std::abort();
}

void copy_only(benchmark::State& state) {
  const auto original = block();
  for (auto _ : state) {
    auto group = original;
    benchmark::DoNotOptimize(group.operations.data());
  }
  state.SetItemsProcessed(state.iterations() * kMutations);
}
BENCHMARK(copy_only);

void copy_and_order(benchmark::State& state) {
  const auto original = block();
  for (auto _ : state) {
    auto group = original;
    benchmark::DoNotOptimize(fold({&group, 1}, FoldFor::write_batch).data());
    benchmark::DoNotOptimize(group.operations.data());
  }
  state.SetItemsProcessed(state.iterations() * kMutations);
}
BENCHMARK(copy_and_order);

void copy_and_commit_by_batch_processor(benchmark::State& state) {
  NullStore store;
  BatchProcessor batches(store, BatchConfig(), SystemClock::instance());
  require(batches.start());
  const auto original = block();
  for (auto _ : state) {
    require(batches.submit(original).status());
    require(batches.flush());
  }
  state.SetItemsProcessed(state.iterations() * kMutations);
}
BENCHMARK(copy_and_commit_by_batch_processor)->UseRealTime();

void copy_and_commit_by_object_store(benchmark::State& state) {
  NullStore store;
  ObjectStore objects(store, CacheConfig(), BatchConfig(), SystemClock::instance());
  require(objects.start());
  const auto original = block();
  for (auto _ : state) {
    require(objects.submit(original).status());
    require(objects.flush());
  }
  state.SetItemsProcessed(state.iterations() * kMutations);
}
BENCHMARK(copy_and_commit_by_object_store)->UseRealTime();

}  // namespace
