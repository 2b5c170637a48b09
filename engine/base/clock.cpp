// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/base/clock.h"

namespace nodetune {

SystemClock& SystemClock::instance() {
  static SystemClock clock;
  return clock;
}

TimePoint SystemClock::now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

SteadyTime SystemClock::steady_now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

bool SystemClock::wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& wake,
                             SteadyTime deadline, const std::function<bool()>& done) {
  return wake.wait_until(lock, deadline, done);
}

ManualClock::ManualClock(TimePoint start) : start_(start) {}

TimePoint ManualClock::now() const {
  return start_ + Duration(elapsed_.load(std::memory_order_acquire));
}

SteadyTime ManualClock::steady_now() const {
  return SteadyTime(Duration(elapsed_.load(std::memory_order_acquire)));
}

bool ManualClock::wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& wake,
                             SteadyTime deadline, const std::function<bool()>& done) {
  // Polling keeps advance() free of any knowledge of who waits.
  while (!done()) {
    if (steady_now() >= deadline) return false;
    wake.wait_for(lock, std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace nodetune
