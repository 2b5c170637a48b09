// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "engine/store/key_value_store.h"

namespace nodetune::testing {

// What a database holds: an ordered map a family.
using Contents = std::array<std::map<std::string, std::string, std::less<>>, kFamilyCount>;

// The meaning of the five operations, as RocksDB with uint64add has it.
inline void apply_operation(Contents& contents, const WriteOperation& operation) {
  auto& family = contents[index_of(operation.family)];
  switch (operation.type) {
    case OperationType::put:
      family[operation.key] = operation.value;
      break;
    case OperationType::erase:
    case OperationType::single_delete:
      family.erase(operation.key);
      break;
    case OperationType::delete_range:
      if (operation.key < operation.value) {
        family.erase(family.lower_bound(operation.key), family.lower_bound(operation.value));
      }
      break;
    case OperationType::merge: {
      auto& value = family[operation.key];
      value = encode_counter(decode_counter(value) + decode_counter(operation.value));
      break;
    }
  }
}

// Holds threads up at one place until a test lets them go.
class Gate {
 public:
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  void open() {
    const std::lock_guard lock(mutex_);
    closed_ = false;
    changed_.notify_all();
  }
  // Until `count` threads stand before the closed gate.
  void wait_for_arrival(int count = 1) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return held_ >= count; });
  }
  void pass() {
    std::unique_lock lock(mutex_);
    if (!closed_) return;
    ++held_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !closed_; });
    --held_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool closed_ = false;
  int held_ = 0;
};

// A KeyValueStore in memory that fails, waits and counts as a test wants it to.
//
// Thread: any. Every read sees one state: before or after a write, never between.
class FakeStore final : public KeyValueStore {
 public:
  enum class Failure : std::uint8_t { before_applying, after_applying };

  Result<Value> get(Family family, std::string_view key) override {
    const ReadKey read{family, key};
    auto values = read_all({&read, 1}, get_calls);
    if (!values) return values.status();
    return std::move(values->front());
  }

  Result<std::vector<Value>> multi_get(std::span<const ReadKey> keys) override {
    return read_all(keys, multi_get_calls);
  }

  Status scan(Family family, std::string_view begin, std::string_view end,
              const Visit& visit) override {
    const std::lock_guard lock(mutex_);
    const auto& all = contents_[index_of(family)];
    for (auto at = all.lower_bound(begin); at != all.end() && at->first < end; ++at) {
      if (!visit(at->first, at->second)) break;
    }
    return Status::ok();
  }

  Status ingest(std::span<const WriteOperation> operations) override {
    ++ingest_calls;
    return write(operations, Durability::log_and_fsync);
  }

  // An ingestion counts as a write too.
  Status write(std::span<const WriteOperation> operations, Durability durability) override {
    ++write_calls;
    last_durability = durability;
    before_write.pass();
    pause(write_delay_us);
    Status status;
    {
      const std::lock_guard lock(mutex_);
      const bool fails = failing_writes_ > 0;
      if (fails) {
        --failing_writes_;
        status = Status(StatusCode::io_error, "the fake disk is broken");
      }
      if (!fails || failure_ == Failure::after_applying) {
        for (const auto& operation : operations) apply_operation(contents_, operation);
        if (record_writes) writes_.emplace_back(operations.begin(), operations.end());
      }
    }
    after_write.pass();
    return status;
  }

  Status sync() override {
    ++sync_calls;
    if (failing_syncs.load() == 0) return Status::ok();
    --failing_syncs;
    return {StatusCode::io_error, "the fake disk does not sync"};
  }

  void fail_writes(int count, Failure failure) {
    const std::lock_guard lock(mutex_);
    failing_writes_ = count;
    failure_ = failure;
  }
  Contents contents() const {
    const std::lock_guard lock(mutex_);
    return contents_;
  }
  // Each write's operations, in order, where record_writes was set.
  std::vector<std::vector<WriteOperation>> writes() const {
    const std::lock_guard lock(mutex_);
    return writes_;
  }
  void set(Family family, std::string key, std::string value) {
    const std::lock_guard lock(mutex_);
    contents_[index_of(family)][std::move(key)] = std::move(value);
  }

  Gate before_read;
  Gate after_read;  // the values are taken, not yet returned: they can grow stale here
  Gate before_write;
  Gate after_write;  // applied, not yet acknowledged
  std::atomic<bool> record_writes{false};
  std::atomic<int> failing_reads{0};
  std::atomic<int> failing_syncs{0};
  std::atomic<int> read_delay_us{0};
  std::atomic<int> write_delay_us{0};
  std::atomic<int> get_calls{0};
  std::atomic<int> multi_get_calls{0};
  std::atomic<int> keys_read{0};
  std::atomic<int> write_calls{0};
  std::atomic<int> ingest_calls{0};
  std::atomic<Durability> last_durability{Durability::none};
  std::atomic<int> sync_calls{0};

 private:
  static void pause(const std::atomic<int>& microseconds) {
    if (const int us = microseconds.load(); us > 0) {
      std::this_thread::sleep_for(std::chrono::microseconds(us));
    }
  }

  Result<std::vector<Value>> read_all(std::span<const ReadKey> keys, std::atomic<int>& calls) {
    ++calls;
    keys_read += static_cast<int>(keys.size());
    before_read.pass();
    std::vector<Value> values;
    {
      const std::lock_guard lock(mutex_);
      if (failing_reads.load() > 0) {
        --failing_reads;
        return Status(StatusCode::io_error, "the fake disk cannot read");
      }
      for (const auto& key : keys) {
        const auto& family = contents_[index_of(key.family)];
        const auto found = family.find(key.key);
        values.push_back(found == family.end() ? Value() : Value(found->second));
      }
    }
    after_read.pass();
    pause(read_delay_us);
    return values;
  }

  mutable std::mutex mutex_;
  Contents contents_;
  std::vector<std::vector<WriteOperation>> writes_;
  int failing_writes_ = 0;
  Failure failure_ = Failure::before_applying;
};

}  // namespace nodetune::testing
