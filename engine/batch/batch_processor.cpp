// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The callers' side: what waits, and for what. The thread is in batch_committer.cpp.
#include "engine/batch/batch_processor.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>

#include "engine/base/logging.h"
#include "engine/batch/batch_processor_impl.h"

namespace nodetune {

Status BatchProcessor::Impl::start() {
  if (auto valid = config_.validate(); !valid) return valid;
  const auto sequence = read_commit_sequence(store_);
  if (!sequence) return sequence.status();
  const std::lock_guard lock(mutex_);
  if (started_ || stopping_) {
    return {StatusCode::failed, "the batch processor was started or stopped before"};
  }
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    return {StatusCode::failed, std::string("no thread for commits: ") + error.what()};
  }
  sequence_at_start_ = *sequence;
  started_ = true;
  return Status::ok();
}

Result<std::uint64_t> BatchProcessor::Impl::submit(WriteGroup group) {
  if (auto valid = nodetune::validate(group); !valid) return valid;
  const auto size = measure(group);

  Lock lock(mutex_);
  const auto ticket = next_ticket_++;
  waiting_.push_back({ticket, size.bytes, clock_.steady_now()});
  const auto my_turn = [&] {
    return waiting_.front().ticket == ticket && !accepting_ && has_room(size.bytes);
  };
  if (!my_turn()) changed_.notify_one();  // for want of room a commit is due
  progress_.wait(lock, [&] { return !refusal() || my_turn(); });
  std::erase_if(waiting_, [ticket](const Waiting& other) { return other.ticket == ticket; });
  if (auto refused = refusal(); !refused) {
    progress_.notify_all();
    return refused;
  }

  accepting_ = true;
  const auto number = last_group_ + 1;
  lock.unlock();
  if (listener_.on_accepted) listener_.on_accepted(number, group);
  lock.lock();
  accepting_ = false;
  enqueue(std::move(group), size);
  changed_.notify_one();
  progress_.notify_all();
  return number;
}

Status BatchProcessor::Impl::refusal() const {
  if (stopping_) return {StatusCode::cancelled, "writing has stopped: the group was not taken"};
  if (!started_) return {StatusCode::failed, "the batch processor is not started"};
  if (failure_) return Status::ok();
  return {failure_.code(), "no more writes are taken until this is mended: " + failure_.message()};
}

bool BatchProcessor::Impl::has_room(std::uint64_t bytes) const {
  const auto pending = figures_.pending_bytes;
  return pending == 0 || pending + bytes <= static_cast<std::uint64_t>(config_.max_pending_bytes);
}

void BatchProcessor::Impl::enqueue(WriteGroup group, const GroupSize& size) {
  ++last_group_;
  queued_operations_ += size.operations;
  queued_bytes_ += size.bytes;
  figures_.pending_operations += size.operations;
  figures_.pending_bytes += size.bytes;
  for (const auto type : kOperationTypes) {
    figures_.operations[index_of(type)] += size.by_type[index_of(type)];
  }
  queue_.push_back({std::move(group), size, clock_.steady_now()});
}

Status BatchProcessor::Impl::wait_for(std::uint64_t number) {
  Lock lock(mutex_);
  if (number > last_group_) {
    return {StatusCode::invalid_argument,
            fmt::format("there is no group {}: {} were submitted", number, last_group_)};
  }
  return wait_until_committed(lock, number);
}

Status BatchProcessor::Impl::flush() {
  Lock lock(mutex_);
  return wait_until_committed(lock, last_group_);
}

Status BatchProcessor::Impl::wait_until_committed(Lock& lock, std::uint64_t through) {
  flush_through_ = std::max(flush_through_, through);
  ++waiting_commits_;
  changed_.notify_one();
  progress_.wait(lock, [&] { return committed() >= through || !failure_ || finished_; });
  --waiting_commits_;
  return committed() >= through ? Status::ok() : failure_;
}

Status BatchProcessor::Impl::retry() {
  Lock lock(mutex_);
  if (failure_) return Status::ok();
  if (finished_) return failure_;
  const auto before = attempts_;
  retry_requested_ = true;
  changed_.notify_one();
  progress_.wait(lock, [&] { return attempts_ != before || finished_; });
  return failure_;
}

Status BatchProcessor::Impl::stop() {
  {
    Lock lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
    progress_.notify_all();
  }
  {
    const std::lock_guard joining(join_mutex_);
    if (thread_.joinable()) thread_.join();
  }
  const std::lock_guard lock(mutex_);
  if (failure_) return Status::ok();
  return {failure_.code(), describe(committed() + 1, last_group_, figures_.pending_operations) +
                               " could not be committed: " + failure_.message()};
}

void BatchProcessor::Impl::set_durability(Durability durability) {
  const std::lock_guard lock(mutex_);
  durability_ = durability;
  paths_.set_durability(durability);
}

void BatchProcessor::Impl::set_path_chooser(const PathChooser& chooser) {
  const std::lock_guard lock(mutex_);
  paths_.set_chooser(chooser);
}

void BatchProcessor::Impl::set_bulk(bool bulk) {
  const std::lock_guard lock(mutex_);
  sizer_.set_bulk(bulk);
  paths_.set_bulk(bulk);
}

Status BatchProcessor::Impl::set_size_mode(BatchSizeMode mode, double commit_seconds_max) {
  const std::lock_guard lock(mutex_);
  changed_.notify_one();
  return sizer_.set_mode(mode, commit_seconds_max);
}

Status BatchProcessor::Impl::set_auto_commit_threshold(int operations) {
  const std::lock_guard lock(mutex_);
  changed_.notify_one();
  return sizer_.set_threshold(operations);
}

std::optional<int> BatchProcessor::Impl::optimize_batch_size() {
  const auto sizes = sizes_.counts();
  const auto durations = durations_.counts();
  const std::lock_guard lock(mutex_);
  changed_.notify_one();
  return sizer_.apply_rule(sizes, durations);
}

BatchFigures BatchProcessor::Impl::figures() const {
  BatchFigures result;
  {
    const std::lock_guard lock(mutex_);
    result = figures_;
    meter_.fill(result);
    paths_.fill(result);
    const auto now = clock_.steady_now();
    result.max_pending_bytes = static_cast<std::uint64_t>(config_.max_pending_bytes);
    result.max_batch_bytes = static_cast<std::uint64_t>(config_.max_batch_bytes);
    result.waiting_submits = waiting_.size();
    result.waiting_commits = waiting_commits_;
    if (!waiting_.empty()) {
      result.longest_wait_seconds = to_seconds(now - waiting_.front().since);
    }
    if (commit_since_) result.commit_running_seconds = to_seconds(now - *commit_since_);
    result.auto_commit_threshold = sizer_.target();
    result.size_mode = sizer_.mode();
    result.commit_seconds_max = sizer_.commit_seconds_max();
    result.durability = durability_;
    result.failing = !failure_;
    result.failure = failure_.message();
    result.failure_code = failure_.code();
  }
  result.sizes = sizes_.counts();
  result.durations = durations_.counts();
  result.syncs = syncs_.counts();
  return result;
}

BatchSizeController::Choice BatchProcessor::Impl::size_choice() const {
  const std::lock_guard lock(mutex_);
  return sizer_.choice();
}

std::uint64_t BatchProcessor::Impl::sequence_at_start() const {
  const std::lock_guard lock(mutex_);
  return sequence_at_start_;
}

BatchProcessor::BatchProcessor(KeyValueStore& store, const BatchConfig& config, Clock& clock,
                               BatchListener listener)
    : impl_(std::make_unique<Impl>(store, config, clock, std::move(listener))) {}

BatchProcessor::~BatchProcessor() {
  if (const auto stopped = stop(); !stopped) log().error("at the end: {}", stopped.message());
}

Status BatchProcessor::start() {
  return impl_->start();
}
Result<std::uint64_t> BatchProcessor::submit(WriteGroup group) {
  return impl_->submit(std::move(group));
}
Status BatchProcessor::wait_for(std::uint64_t number) {
  return impl_->wait_for(number);
}
Result<std::uint64_t> BatchProcessor::submit_and_wait(WriteGroup group) {
  auto number = impl_->submit(std::move(group));
  if (!number) return number;
  if (auto committed = impl_->wait_for(*number); !committed) return committed;
  return number;
}
Status BatchProcessor::flush() {
  return impl_->flush();
}
Status BatchProcessor::retry() {
  return impl_->retry();
}
Status BatchProcessor::stop() {
  return impl_->stop();
}
void BatchProcessor::set_durability(Durability durability) {
  impl_->set_durability(durability);
}
void BatchProcessor::set_path_chooser(const PathChooser& chooser) {
  impl_->set_path_chooser(chooser);
}
void BatchProcessor::set_bulk(bool bulk) {
  impl_->set_bulk(bulk);
}
Status BatchProcessor::set_size_mode(BatchSizeMode mode, double commit_seconds_max) {
  return impl_->set_size_mode(mode, commit_seconds_max);
}
Status BatchProcessor::set_auto_commit_threshold(int operations) {
  return impl_->set_auto_commit_threshold(operations);
}
std::optional<int> BatchProcessor::optimize_batch_size() {
  return impl_->optimize_batch_size();
}
BatchFigures BatchProcessor::figures() const {
  return impl_->figures();
}
BatchSizeController::Choice BatchProcessor::size_choice() const {
  return impl_->size_choice();
}
std::uint64_t BatchProcessor::sequence_at_start() const {
  return impl_->sequence_at_start();
}

}  // namespace nodetune
