// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace nodetune::testing {

enum class Fault : std::uint8_t { none, no_space, io_error, torn_write, failed_sync, slow_sync };

// What the directory looks like to whoever opens it after a crash.
enum class Crash : std::uint8_t {
  killed,         // all that was written is there
  power_failure,  // what was not synced may be gone, in whole or in part, each file for itself
};

// The real file system, on which one kind of file can break, and whose state at any moment can be
// kept as if everything had ended there.
//
// Thread: any. An image is taken between two changes, never inside one.
class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  using IOStatus = rocksdb::IOStatus;
  using IOOptions = rocksdb::IOOptions;
  using DebugContext = rocksdb::IODebugContext;

  FaultyFileSystem() : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FaultyFileSystem"; }

  // From the next change on, of files whose name contains `part` ("" for all).
  void break_files(Fault fault, std::string part) {
    const std::lock_guard lock(mutex_);
    fault_ = fault;
    part_ = std::move(part);
    hits_ = 0;
  }
  void mend() { break_files(Fault::none, ""); }
  // How often the fault has struck.
  int hits() const { return hits_; }

  // Calls `at_change` before the n-th change from now, once. An earlier one has ended or will never
  // begin when this returns.
  void before_change(int n, std::function<void()> at_change) {
    const std::lock_guard calling(calling_);
    const std::lock_guard lock(mutex_);
    at_change_ = std::move(at_change);
    countdown_ = n;
  }
  int changes() const { return changes_; }

  void take_image(const std::string& from, const std::string& to, Crash crash, std::uint64_t seed) {
    const std::lock_guard still(gate_);
    std::mt19937_64 random(seed);
    std::filesystem::remove_all(to);
    std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
    if (crash == Crash::killed) return;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(to)) {
      const auto original = from + entry.path().string().substr(to.size());
      const auto synced = synced_.find(original);
      if (synced == synced_.end() || !entry.is_regular_file()) continue;
      const auto bytes = entry.file_size();
      if (synced->second >= bytes) continue;
      std::uniform_int_distribution<std::uint64_t> kept(synced->second, bytes);
      std::filesystem::resize_file(entry.path(), random() % 2 == 0 ? synced->second : kept(random));
    }
  }

  IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           DebugContext* debug) override;
  IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file,
                              DebugContext* debug) override;
  IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                    DebugContext* debug) override {
    return change(to, [&] {
      auto status = target()->LinkFile(from, to, options, debug);
      const auto synced = synced_.find(from);
      if (status.ok() && synced != synced_.end()) synced_[to] = synced->second;
      return status;
    });
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      DebugContext* debug) override {
    return change(to, [&] {
      auto status = target()->RenameFile(from, to, options, debug);
      if (status.ok()) synced_.erase(to);
      if (auto known = synced_.extract(from); status.ok() && !known.empty()) {
        known.key() = to;
        synced_.insert(std::move(known));
      }
      return status;
    });
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions& options,
                      DebugContext* debug) override {
    return change("", [&] {
      synced_.erase(name);
      return target()->DeleteFile(name, options, debug);
    });
  }

 private:
  class File;

  // Each change to the disk goes through here; `act` also may touch synced_.
  template <typename Act>
  IOStatus change(const std::string& name, Act act, bool syncs = false) {
    if (auto broken = strike(name, syncs); !broken.ok()) return broken;
    const std::lock_guard gate(gate_);
    return act();
  }

  IOStatus strike(const std::string& name, bool syncs) {
    Fault fault = Fault::none;
    {
      const std::lock_guard calling(calling_);
      std::function<void()> at_change;
      {
        const std::lock_guard lock(mutex_);
        ++changes_;
        if (countdown_ > 0 && --countdown_ == 0) at_change = std::exchange(at_change_, {});
        if (name.find(part_) != std::string::npos && !name.empty()) fault = fault_;
      }
      if (at_change) at_change();
    }
    switch (fault) {
      case Fault::none:
        return IOStatus::OK();
      case Fault::no_space:
        ++hits_;
        return IOStatus::NoSpace("No space left on device");
      case Fault::io_error:
        ++hits_;
        return IOStatus::IOError("Input/output error");
      case Fault::torn_write:  // of the append itself
        return IOStatus::OK();
      case Fault::failed_sync:
        if (!syncs) return IOStatus::OK();
        ++hits_;
        return IOStatus::IOError("Input/output error");
      case Fault::slow_sync:
        if (syncs) {
          ++hits_;
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        return IOStatus::OK();
    }
    return IOStatus::OK();
  }

  bool tears(const std::string& name) {
    const std::lock_guard lock(mutex_);
    if (fault_ != Fault::torn_write || name.find(part_) == std::string::npos) return false;
    ++hits_;
    return true;
  }

  std::mutex calling_;  // held while at_change runs; taken before mutex_
  std::mutex mutex_;
  Fault fault_ = Fault::none;
  std::string part_;
  std::function<void()> at_change_;
  int countdown_ = 0;
  std::atomic<int> hits_{0};
  std::atomic<int> changes_{0};
  std::mutex gate_;                              // one change at a time, or an image
  std::map<std::string, std::uint64_t> synced_;  // guarded by gate_: bytes of each file
};

class FaultyFileSystem::File final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  File(std::unique_ptr<rocksdb::FSWritableFile>&& file, std::string name, FaultyFileSystem& system)
      : rocksdb::FSWritableFileOwnerWrapper(std::move(file)),
        name_(std::move(name)),
        system_(system) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  DebugContext* debug) override {
    return system_.change(name_, [&] {
      if (!system_.tears(name_)) return target()->Append(data, options, debug);
      (void)target()->Append({data.data(), data.size() / 2}, options, debug);
      return IOStatus::IOError("Input/output error");
    });
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo&, DebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, DebugContext* debug) override {
    return system_.change("", [&] { return target()->Truncate(size, options, debug); });
  }
  IOStatus Sync(const IOOptions& options, DebugContext* debug) override {
    return synced([&] { return target()->Sync(options, debug); });
  }
  IOStatus Fsync(const IOOptions& options, DebugContext* debug) override {
    return synced([&] { return target()->Fsync(options, debug); });
  }

 private:
  template <typename Act>
  IOStatus synced(Act act) {
    const auto done = [&] {
      auto status = act();
      if (status.ok()) system_.synced_[name_] = std::filesystem::file_size(name_);
      return status;
    };
    return system_.change(name_, done, /*syncs=*/true);
  }

  const std::string name_;
  FaultyFileSystem& system_;
};

inline rocksdb::IOStatus FaultyFileSystem::NewWritableFile(
    const std::string& name, const rocksdb::FileOptions& options,
    std::unique_ptr<rocksdb::FSWritableFile>* file, DebugContext* debug) {
  return change(name, [&] {
    std::unique_ptr<rocksdb::FSWritableFile> real;
    auto status = target()->NewWritableFile(name, options, &real, debug);
    if (!status.ok()) return status;
    synced_[name] = 0;
    *file = std::make_unique<File>(std::move(real), name, *this);
    return status;
  });
}

inline rocksdb::IOStatus FaultyFileSystem::ReopenWritableFile(
    const std::string& name, const rocksdb::FileOptions& options,
    std::unique_ptr<rocksdb::FSWritableFile>* file, DebugContext* debug) {
  return change(name, [&] {
    std::unique_ptr<rocksdb::FSWritableFile> real;
    auto status = target()->ReopenWritableFile(name, options, &real, debug);
    if (status.ok()) *file = std::make_unique<File>(std::move(real), name, *this);
    return status;
  });
}

}  // namespace nodetune::testing
