// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/objects/object_store.h"
#include "engine/workload/workload.h"
#include "tests/engine/fake_store.h"

namespace nodetune::testing {

// What one block did, by family.
struct BlockTrace {
  std::array<std::vector<std::string>, kFamilyCount> reads;
  std::array<std::vector<std::string>, kFamilyCount> scans;  // by where they begin
  std::vector<WriteOperation> writes;
};

// A FakeStore that remembers what passes through it.
class RecordingStore final : public KeyValueStore {
 public:
  Result<Value> get(Family family, std::string_view key) override {
    const ReadKey read{family, key};
    auto values = multi_get({&read, 1});
    if (!values) return values.status();
    return std::move(values->front());
  }
  Result<std::vector<Value>> multi_get(std::span<const ReadKey> keys) override {
    const std::lock_guard lock(mutex_);
    for (const auto& key : keys) trace_.reads[index_of(key.family)].emplace_back(key.key);
    return store.multi_get(keys);
  }
  Status scan(Family family, std::string_view begin, std::string_view end,
              const Visit& visit) override {
    const std::lock_guard lock(mutex_);
    trace_.scans[index_of(family)].emplace_back(begin);
    return store.scan(family, begin, end, visit);
  }
  Status write(std::span<const WriteOperation> operations, Durability durability) override {
    const std::lock_guard lock(mutex_);
    trace_.writes.insert(trace_.writes.end(), operations.begin(), operations.end());
    return store.write(operations, durability);
  }
  Status ingest(std::span<const WriteOperation> operations) override {
    const std::lock_guard lock(mutex_);
    trace_.writes.insert(trace_.writes.end(), operations.begin(), operations.end());
    return store.ingest(operations);
  }
  Status sync() override { return store.sync(); }

  BlockTrace take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(trace_, {});
  }

  FakeStore store;

 private:
  std::mutex mutex_;
  BlockTrace trace_;
};

// A workload on a store in memory. Each block is committed before the next one begins.
class Bench {
 public:
  explicit Bench(RecordingStore& store, const CacheConfig& caches = {}) : store_(store) {
    objects = std::make_unique<ObjectStore>(store, caches, BatchConfig(), SystemClock::instance());
    if (!objects->start()) qFatal("the object store does not start");
  }

  // Without caches every lookup reaches the store, and can be counted there.
  static CacheConfig no_caches() {
    CacheConfig config;
    config.capacity_bytes.fill(0);
    return config;
  }

  bool prepare(Workload& workload) {
    const auto status = workload.prepare(store_, {});
    if (!status) qWarning("prepare: %s", status.message().c_str());
    store_.take();
    return status.is_ok();
  }
  // False: there are no more blocks.
  bool run_block(Workload& workload) {
    const auto more = workload.run_block(*objects);
    if (!more) qFatal("run_block: %s", more.status().message().c_str());
    if (const auto status = objects->flush(); !status) qFatal("%s", status.message().c_str());
    return *more;
  }
  BlockTrace trace_block(Workload& workload) {
    store_.take();
    if (!run_block(workload)) qFatal("the workload has no more blocks");
    return store_.take();
  }

  std::unique_ptr<ObjectStore> objects;

 private:
  RecordingStore& store_;
};

// One number for everything that a block read and wrote.
inline std::size_t fingerprint(const BlockTrace& trace) {
  std::size_t hash = 0;
  const auto add = [&](std::string_view bytes) {
    hash = hash * 0x9e3779b97f4a7c15 + std::hash<std::string_view>{}(bytes);
  };
  for (const auto family : kFamilies) {
    if (family == Family::own) continue;
    for (const auto& key : trace.reads[index_of(family)]) add(key);
    for (const auto& key : trace.scans[index_of(family)]) add(key);
  }
  for (const auto& write : trace.writes) {
    if (write.family == Family::own) continue;
    add(to_string(write.type));
    add(write.key);
    add(write.value);
  }
  return hash;
}

}  // namespace nodetune::testing
