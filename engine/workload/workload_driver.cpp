// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/workload/workload_driver.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "engine/base/format.h"
#include "engine/base/thread_name.h"

namespace nodetune {
namespace {

constexpr Duration kPollWhilePaused = std::chrono::hours(1);    // it is woken, this is only a bound
constexpr Duration kDiskLook = std::chrono::milliseconds(100);  // a look costs more than a block
constexpr double kSlowest = 1e-3;                               // blocks a second
constexpr double kFastest = 1e6;

bool is_at_work(DriverState state) {
  return state == DriverState::preparing || state == DriverState::running ||
         state == DriverState::paused;
}

// Zero: as fast as possible.
Duration period_of(const DriverConfig& config) {
  if (!config.blocks_per_second) return Duration::zero();
  return from_seconds(1.0 / std::clamp(*config.blocks_per_second, kSlowest, kFastest));
}

}  // namespace

std::string_view to_string(DriverState state) {
  switch (state) {
    case DriverState::idle:
      return "idle";
    case DriverState::preparing:
      return "preparing";
    case DriverState::running:
      return "running";
    case DriverState::paused:
      return "paused";
    case DriverState::finished:
      return "finished";
    case DriverState::stopped:
      return "stopped";
    case DriverState::failed:
      return "failed";
  }
  return "";
}

WorkloadDriver::WorkloadDriver(std::unique_ptr<Workload> workload, ObjectStore& objects,
                               KeyValueStore& store, Clock& clock, DriverConfig config)
    : workload_(std::move(workload)),
      objects_(objects),
      store_(store),
      clock_(clock),
      config_(std::move(config)),
      total_blocks_(workload_->total_blocks()) {}

WorkloadDriver::~WorkloadDriver() {
  stop();
}

Status WorkloadDriver::start() {
  const std::lock_guard control(control_mutex_);
  {
    const std::lock_guard lock(mutex_);
    if (is_at_work(state_)) return Status(StatusCode::busy, "the workload runs already");
  }
  if (thread_.joinable()) thread_.join();
  {
    const std::lock_guard lock(mutex_);
    pause_wanted_ = false;
    asked_to_stop_ = false;
    state_ = DriverState::preparing;
    text_ = "storing what the first block needs";
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  return Status::ok();
}

Status WorkloadDriver::pause() {
  const std::lock_guard lock(mutex_);
  if (!is_at_work(state_)) return Status(StatusCode::failed, "no workload runs: nothing to pause");
  pause_wanted_ = true;
  changed_.notify_all();
  return Status::ok();
}

Status WorkloadDriver::resume() {
  {
    const std::lock_guard lock(mutex_);
    if (is_at_work(state_)) {
      pause_wanted_ = false;
      changed_.notify_all();
      return Status::ok();
    }
  }
  return start();
}

void WorkloadDriver::stop() {
  const std::lock_guard control(control_mutex_);
  if (!thread_.joinable()) return;
  thread_.request_stop();
  {
    const std::lock_guard lock(mutex_);  // so that no waiter misses it
    changed_.notify_all();
  }
  thread_.join();
}

DriverFigures WorkloadDriver::figures() const {
  DriverFigures figures;
  figures.block_times = block_times_.counts();
  const std::lock_guard lock(mutex_);
  figures.state = state_;
  figures.text = text_;
  figures.asked_to_stop = asked_to_stop_;
  figures.prepared_ratio = prepared_ratio_;
  figures.blocks = blocks_;
  figures.late_blocks = late_blocks_;
  figures.seconds = to_seconds(spent_);
  return figures;
}

void WorkloadDriver::run(const std::stop_token& stop) {
  set_thread_name("workload");
  Status status;
  try {
    status = work(stop);
  } catch (const std::exception& error) {
    status = Status(StatusCode::failed, std::string("the workload ended: ") + error.what());
  }
  if (!status) {
    const bool asked = status.code() == StatusCode::cancelled;
    {
      const std::lock_guard lock(mutex_);
      asked_to_stop_ = asked;
    }
    enter(asked ? DriverState::stopped : DriverState::failed, status.message());
  }
}

// Enters the state that it ends in, or returns why it could not go on.
Status WorkloadDriver::work(const std::stop_token& stop) {
  PrepareWatch watch;
  watch.stop = stop;
  watch.progress = [this](double ratio) {
    const std::lock_guard lock(mutex_);
    prepared_ratio_ = ratio;
  };
  if (auto status = workload_->prepare(store_, watch); !status) return status;
  {
    const std::lock_guard lock(mutex_);
    prepared_ratio_ = 1;
  }
  return run_blocks(stop);
}

Status WorkloadDriver::run_blocks(const std::stop_token& stop) {
  enter(DriverState::running, workload_->describe());
  SteadyTime due = clock_.steady_now();
  std::optional<SteadyTime> looked;  // at the disk
  while (wait_for_turn(stop, due)) {
    const SteadyTime begun = clock_.steady_now();
    if (!looked || begun - *looked >= kDiskLook) {
      looked = begun;
      if (disk_is_low()) {
        // What waits to be written may count as spent; once it is stored, the figure is exact.
        if (auto status = objects_.flush(); !status) return status;
      }
      if (disk_is_low()) {
        enter(DriverState::stopped,
              "low disk space: less than " + format_ratio(config_.stop_below_free_ratio) +
                  " of the disk is free, or will be once all is flushed; free some, or prune "
                  "further, then start again");
        return Status::ok();
      }
    }
    const auto more = workload_->run_block(objects_);
    if (!more) return more.status();
    if (!*more) return finish();
    account_for(begun, due);
  }
  return Status(StatusCode::cancelled, "stopped on request");
}

Status WorkloadDriver::finish() {
  const SteadyTime begun = clock_.steady_now();
  if (auto status = objects_.flush(); !status) return status;
  {
    const std::lock_guard lock(mutex_);
    spent_ += clock_.steady_now() - begun;
  }
  enter(DriverState::finished, workload_->conclusion());
  return Status::ok();
}

// Waits until the next block is due and nobody has paused; false: to stop. The pace starts afresh
// after a pause.
bool WorkloadDriver::wait_for_turn(const std::stop_token& stop, SteadyTime& due) {
  std::unique_lock lock(mutex_);
  const auto interrupted = [&] { return stop.stop_requested() || pause_wanted_; };
  while (!stop.stop_requested()) {
    if (pause_wanted_) {
      state_ = DriverState::paused;
      while (pause_wanted_ && !stop.stop_requested()) {
        clock_.wait_until(lock, changed_, clock_.steady_now() + kPollWhilePaused,
                          [&] { return stop.stop_requested() || !pause_wanted_; });
      }
      if (stop.stop_requested()) return false;
      state_ = DriverState::running;
      due = clock_.steady_now();
    }
    if (clock_.steady_now() >= due && !interrupted()) return true;  // spares a system call
    if (!clock_.wait_until(lock, changed_, due, interrupted)) return !stop.stop_requested();
  }
  return false;
}

void WorkloadDriver::account_for(SteadyTime begun, SteadyTime& due) {
  const SteadyTime now = clock_.steady_now();
  block_times_.record(
      static_cast<std::uint64_t>(std::max<Duration::rep>(0, (now - begun).count())));
  const std::lock_guard lock(mutex_);
  spent_ += now - begun;
  ++blocks_;
  const Duration period = period_of(config_);
  if (period == Duration::zero()) {
    due = now;
    return;
  }
  due += period;
  if (now > due) ++late_blocks_;
  due = std::max(due, now - period);
}

void WorkloadDriver::enter(DriverState state, std::string text) {
  const std::lock_guard lock(mutex_);
  state_ = state;
  text_ = std::move(text);
}

bool WorkloadDriver::disk_is_low() const {
  // A ratio that is not known is NaN, which is below nothing.
  return config_.free_ratio && config_.free_ratio() < config_.stop_below_free_ratio;
}

}  // namespace nodetune
