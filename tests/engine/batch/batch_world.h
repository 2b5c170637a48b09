// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// A batch processor on a fake store, by a clock that stands still: what its tests share.
#pragma once

#include <QtGlobal>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/batch/batch_processor.h"
#include "tests/engine/fake_store.h"

namespace nodetune::testing {

inline WriteGroup puts(int count, const std::string& prefix, std::size_t value_bytes = 1) {
  WriteGroup group;
  for (int i = 0; i < count; ++i) {
    group.operations.push_back(WriteOperation::put(Family::accounts, prefix + std::to_string(i),
                                                   std::string(value_bytes, 'v')));
  }
  return group;
}

inline WriteGroup add_one(const std::string& key = "counter") {
  return {{WriteOperation::merge_add(Family::own, key, 1)}};
}

inline std::uint64_t counter(const FakeStore& store, const std::string& key = "counter") {
  const auto contents = store.contents();
  const auto& own = contents[index_of(Family::own)];
  const auto found = own.find(key);
  return found == own.end() ? 0 : decode_counter(found->second);
}

// Nothing is due by itself: only what a test sets makes a commit.
inline BatchConfig quiet() {
  BatchConfig config;
  config.size_mode = BatchSizeMode::fixed;
  config.auto_commit_threshold = 100'000;
  config.max_batch_size = 100'000;
  config.max_batch_bytes = 1 << 30;
  config.max_pending_bytes = 1 << 30;
  config.min_batch_size = 1;
  config.max_batch_age = std::chrono::hours(1);
  return config;
}

template <typename Condition>
void until(const Condition& condition) {
  while (!condition()) std::this_thread::sleep_for(std::chrono::microseconds(100));
}

inline std::vector<std::size_t> sizes_of_writes(const FakeStore& store) {
  std::vector<std::size_t> sizes;
  for (const auto& write : store.writes()) sizes.push_back(write.size() - 1);  // the sequence
  return sizes;
}

class BatchWorld {
 protected:
  void make_world() {
    store_ = std::make_unique<FakeStore>();
    store_->record_writes = true;
    clock_ = std::make_unique<ManualClock>();
  }

  std::unique_ptr<BatchProcessor> started(const BatchConfig& config, BatchListener listener = {}) {
    auto batches = std::make_unique<BatchProcessor>(*store_, config, *clock_, std::move(listener));
    const auto status = batches->start();
    if (!status) qFatal("%s", status.message().c_str());
    return batches;
  }

  void slow_commit(BatchProcessor& batches, Duration duration) {
    store_->before_write.close();
    if (!batches.submit(puts(10, "slow"))) qFatal("refused");
    auto flushing = std::async(std::launch::async, [&] { return batches.flush(); });
    store_->before_write.wait_for_arrival();
    clock_->advance(duration);
    store_->before_write.open();
    if (!flushing.get()) qFatal("not committed");
  }

  std::unique_ptr<FakeStore> store_;
  std::unique_ptr<ManualClock> clock_;
};

}  // namespace nodetune::testing
