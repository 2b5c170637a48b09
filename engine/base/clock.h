// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>

namespace nodetune {

using Duration = std::chrono::microseconds;
using TimePoint = std::chrono::sys_time<Duration>;  // wall time, UTC
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, Duration>;

inline double to_seconds(Duration duration) {
  return static_cast<double>(duration.count()) / 1e6;
}
inline Duration from_seconds(double seconds) {
  return Duration(static_cast<Duration::rep>(seconds * 1e6));
}
inline double to_epoch_seconds(TimePoint time) {
  return to_seconds(time.time_since_epoch());
}

// Where every module gets its time from, so that tests need not wait.
//
// Thread: any. Lifetime: outlives whatever it was given to.
class Clock {
 public:
  virtual ~Clock() = default;

  virtual TimePoint now() const = 0;          // for people and files
  virtual SteadyTime steady_now() const = 0;  // for measuring intervals

  // Waits on `wake` until `done()` holds (true) or `deadline` has come (false).
  virtual bool wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& wake,
                          SteadyTime deadline, const std::function<bool()>& done) = 0;
};

class SystemClock final : public Clock {
 public:
  static SystemClock& instance();
  TimePoint now() const override;
  SteadyTime steady_now() const override;
  bool wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& wake,
                  SteadyTime deadline, const std::function<bool()>& done) override;
};

// Moves only when told to.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimePoint start = TimePoint(std::chrono::seconds(1'700'000'000)));
  void advance(Duration by) { elapsed_.fetch_add(by.count(), std::memory_order_acq_rel); }
  TimePoint now() const override;
  SteadyTime steady_now() const override;
  bool wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& wake,
                  SteadyTime deadline, const std::function<bool()>& done) override;

 private:
  TimePoint start_;
  std::atomic<Duration::rep> elapsed_{0};  // microseconds
};

}  // namespace nodetune
