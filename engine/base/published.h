// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace nodetune {

// The newest of a run of immutable values: one thread publishes, any thread takes a share.
//
// Thread: any. A mutex held for one pointer copy; GCC 12's atomic<shared_ptr> is a lock as well,
// and one that ThreadSanitizer cannot see.
template <typename T>
class Published {
 public:
  explicit Published(std::shared_ptr<const T> first) : value_(std::move(first)) {}

  std::shared_ptr<const T> get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  void publish(std::shared_ptr<const T> value) {
    const std::lock_guard lock(mutex_);
    value_.swap(value);  // the old one is freed after the lock, by `value`'s end
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;  // guarded by mutex_
};

}  // namespace nodetune
