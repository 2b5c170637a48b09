// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/base/periodic_worker.h"

#include <utility>

#include "engine/base/thread_name.h"

namespace nodetune {

PeriodicWorker::PeriodicWorker(std::string name, Clock& clock, Duration period,
                               std::function<void()> task)
    : name_(std::move(name)), clock_(clock), task_(std::move(task)), period_(period) {}

PeriodicWorker::~PeriodicWorker() {
  stop();
}

void PeriodicWorker::start() {
  if (thread_.joinable()) return;
  stopping_ = false;
  thread_ = std::thread([this] { loop(); });
}

void PeriodicWorker::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void PeriodicWorker::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

void PeriodicWorker::set_period(Duration period) {
  {
    const std::lock_guard lock(mutex_);
    period_ = period;
    woken_ = true;
  }
  changed_.notify_all();
}

void PeriodicWorker::loop() {
  set_thread_name(name_);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto deadline = clock_.steady_now() + period_;
    clock_.wait_until(lock, changed_, deadline, [this] { return stopping_ || woken_; });
    if (stopping_) return;
    woken_ = false;
    lock.unlock();
    task_();
    lock.lock();
  }
}

}  // namespace nodetune
