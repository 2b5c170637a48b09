// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <atomic>
#include <chrono>
#include <thread>

namespace nodetune {

// A mutex for a fraction of a microsecond's work, taken millions of times a
// second.
//
// Leaving is a plain store: a std::mutex leaves by a locked instruction, which
// waits until all that was written under it has reached the cache. Who finds it
// held spins, then yields, then sleeps: it is held for milliseconds only by
// what goes through all entries. Thread: any; not recursive, not fair.
class BriefMutex {
 public:
  void lock() {
    for (int tries = 0; held_.exchange(true, std::memory_order_acquire); ++tries) wait(tries);
  }
  void unlock() { held_.store(false, std::memory_order_release); }

 private:
  static constexpr int kSpins = 100;
  static constexpr int kYields = 100;
  static constexpr std::chrono::microseconds kSleep{50};

  void wait(int tries) const {
    for (int spins = 0; spins < kSpins; ++spins) {
      if (!held_.load(std::memory_order_relaxed)) return;
      __builtin_ia32_pause();
    }
    if (tries < kYields) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(kSleep);
    }
  }

  std::atomic<bool> held_{false};
};

}  // namespace nodetune
