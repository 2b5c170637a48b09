// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/base/status.h"

namespace nodetune {

// An address that somebody typed, checked and completed: "localhost:9545" becomes
// "http://localhost:9545/metrics". Errors say what is wrong with it.
Result<std::string> metrics_url(std::string_view given);
// The same without a name and password that may stand in it: for screens, reports and logs.
std::string shown_url(const std::string& url);

struct MetricsAnswer {
  std::string body;
  double seconds = 0;  // from the request to its last byte
};

// One GET at a time, which never follows a redirect, keeps no connection and gives up in time.
//
// Thread: get() from one; cancel() from any. Lifetime: cancel() first, where get() may run.
class MetricsFetch {
 public:
  struct Limits {
    Duration connect = std::chrono::seconds(1);
    Duration total = std::chrono::seconds(3);
    std::size_t body_bytes_max = std::size_t{16} << 20;
  };

  MetricsFetch() : MetricsFetch(Limits{}) {}
  explicit MetricsFetch(const Limits& limits);
  ~MetricsFetch();
  MetricsFetch(const MetricsFetch&) = delete;
  MetricsFetch& operator=(const MetricsFetch&) = delete;

  // Errors: not reachable, too slow, too long, not answered with 200.
  Result<MetricsAnswer> get(const std::string& url);
  void cancel();  // the get() that runs, and every later one, returns `cancelled`
  bool is_cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

 private:
  struct Handles;

  const Limits limits_;
  const std::unique_ptr<Handles> handles_;
  std::atomic<bool> cancelled_{false};  // relaxed: nothing else hangs on it
};

}  // namespace nodetune
