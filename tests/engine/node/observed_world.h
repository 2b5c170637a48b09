// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// For tests of observed nodes: a quick clock, and what else they share.
#pragma once

#include <QDir>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/node/node.h"
#include "tests/engine/files/test_files.h"

#define NEEDS_DATA()                                                    \
  if (!QDir(nodetune::testing::data_root() + "/rocksdb-dirs").exists()) \
  QSKIP("the real directories are not present")

namespace nodetune::testing {

constexpr int kWaitMilliseconds = 20'000;  // for a machine under load; usually one or two seconds

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Of a counter, in all of the node's history.
inline double gained(const Node& node, Metric counter) {
  const auto& history = node.history();
  double sum = 0;
  for (const auto& point :
       history.range(counter, history.first(), history.last() + std::chrono::seconds(1), 100'000)) {
    sum += point.sum;
  }
  return sum;
}

inline std::string fact(const NodeDescription& node, std::string_view name) {
  for (const auto& each : node.facts) {
    if (each.name == name) return each.value;
  }
  return "(no such fact)";
}

// Twenty seconds pass in one, so that nothing here waits for the observer's period.
class FastClock final : public Clock {
 public:
  TimePoint now() const override { return start_ + elapsed(); }
  SteadyTime steady_now() const override { return SteadyTime(elapsed()); }
  bool wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& wake,
                  SteadyTime deadline, const std::function<bool()>& done) override {
    return wake.wait_until(lock, began_ + deadline.time_since_epoch() / kFactor, done);
  }

 private:
  static constexpr int kFactor = 20;
  Duration elapsed() const {
    return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - began_) *
           kFactor;
  }
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  const TimePoint start_ = SystemClock::instance().now();
};

inline Clock& fast_clock() {
  static FastClock clock;
  return clock;
}

}  // namespace nodetune::testing
