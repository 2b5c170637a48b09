// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "engine/base/clock.h"

namespace nodetune {

// Runs a task on its own thread, once every period, until stopped.
//
// Invariant: runs never overlap; a run that takes longer than the period delays the next one.
// Thread: start, stop, wake and set_period from any but the worker's own. Lifetime: the destructor
// stops and joins.
class PeriodicWorker {
 public:
  PeriodicWorker(std::string name, Clock& clock, Duration period, std::function<void()> task);
  ~PeriodicWorker();
  PeriodicWorker(const PeriodicWorker&) = delete;
  PeriodicWorker& operator=(const PeriodicWorker&) = delete;

  void start();
  void stop();  // joins; a run in progress is finished first
  void wake();  // runs once now, and again a period later
  void set_period(Duration period);

 private:
  void loop();

  const std::string name_;
  Clock& clock_;
  std::function<void()> task_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Duration period_;        // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  bool woken_ = false;     // guarded by mutex_
  std::thread thread_;
};

}  // namespace nodetune
