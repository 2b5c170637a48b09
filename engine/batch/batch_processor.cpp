// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/batch_processor.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "engine/base/logging.h"
#include "engine/base/thread_name.h"
#include "engine/batch/commit.h"

namespace nodetune {

// One mutex guards all state; it is never held while the store or a listener is called.
// `changed_` wakes the committer, `progress_` everybody who waits for it.
class BatchProcessor::Impl {
 public:
  Impl(KeyValueStore& store, const BatchConfig& config, Clock& clock, BatchListener listener)
      : store_(store),
        config_(config),
        clock_(clock),
        listener_(std::move(listener)),
        threshold_(config.auto_commit_threshold) {}

  Status start();
  Result<std::uint64_t> submit(WriteGroup group);
  Status flush();
  Status retry();
  Status stop();
  Status set_auto_commit_threshold(int operations);
  std::optional<int> optimize_batch_size();
  BatchFigures figures() const;
  std::uint64_t sequence_at_start() const;

 private:
  struct Pending {
    WriteGroup group;
    GroupSize size;
    SteadyTime since;
  };
  struct Waiting {
    std::uint64_t ticket;
    std::uint64_t bytes;
  };
  // A lock is passed where the function gives it up for a while; all others expect it held.
  using Lock = std::unique_lock<std::mutex>;

  Status refusal() const;
  bool has_room(std::uint64_t bytes) const;
  void enqueue(WriteGroup group, const GroupSize& size);

  void run();
  bool due() const;
  bool drained() const { return stopping_ && queue_.empty() && !accepting_; }
  void wait_until_due(Lock& lock);
  void take_commit();
  Status apply_commit(Lock& lock);
  Status try_apply(const Commit::Options& options);
  void settle(const Status& status);
  std::uint64_t committed() const { return figures_.committed_groups; }
  std::string describe(std::uint64_t first, std::uint64_t last, std::uint64_t operations) const;

  KeyValueStore& store_;
  const BatchConfig config_;
  Clock& clock_;
  const BatchListener listener_;
  Histogram sizes_;
  Histogram durations_;
  std::optional<Commit> commit_;  // taken and not yet in the store; the committer's alone

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable progress_;
  std::deque<Pending> queue_;  // accepted, not in commit_
  std::uint64_t queued_operations_ = 0;
  std::uint64_t queued_bytes_ = 0;
  std::deque<Waiting> waiting_;  // submitters, in the order they came
  std::uint64_t next_ticket_ = 0;
  bool accepting_ = false;        // the listener is being told of a group not yet in queue_
  std::uint64_t last_group_ = 0;  // in queue_ or beyond
  std::uint64_t flush_through_ = 0;
  std::uint64_t sequence_at_start_ = 0;
  int threshold_;
  BatchFigures figures_;  // but for the histograms and the threshold
  Status failure_;        // of the last attempt
  std::uint64_t attempts_ = 0;
  bool retry_requested_ = false;
  bool started_ = false;
  bool stopping_ = false;
  bool finished_ = false;  // the thread has nothing more to do
  HistogramCounts judged_sizes_;
  HistogramCounts judged_durations_;

  std::mutex join_mutex_;
  std::thread thread_;
};

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
  waiting_.push_back({ticket, size.bytes});
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

Status BatchProcessor::Impl::flush() {
  Lock lock(mutex_);
  const auto through = last_group_;
  flush_through_ = std::max(flush_through_, through);
  changed_.notify_one();
  progress_.wait(lock, [&] { return committed() >= through || !failure_ || finished_; });
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

Status BatchProcessor::Impl::set_auto_commit_threshold(int operations) {
  if (operations < config_.min_batch_size || operations > config_.max_batch_size) {
    return {StatusCode::invalid_argument,
            fmt::format("an automatic commit threshold of {} operations is outside {} to {}",
                        operations, config_.min_batch_size, config_.max_batch_size)};
  }
  const std::lock_guard lock(mutex_);
  threshold_ = operations;
  changed_.notify_one();
  return Status::ok();
}

std::optional<int> BatchProcessor::Impl::optimize_batch_size() {
  const auto sizes = sizes_.counts();
  const auto durations = durations_.counts();
  const std::lock_guard lock(mutex_);
  const auto new_sizes = sizes.since(judged_sizes_);
  const auto new_durations = durations.since(judged_durations_);
  judged_sizes_ = sizes;
  judged_durations_ = durations;
  if (new_sizes.empty() || new_durations.empty()) return std::nullopt;
  const double seconds = to_seconds(Duration(1)) * new_durations.mean();
  const auto next =
      next_batch_size(threshold_, {.mean_operations = new_sizes.mean(), .mean_seconds = seconds},
                      config_.size_limits());
  if (!next) return std::nullopt;
  threshold_ = *next;
  changed_.notify_one();
  return threshold_;
}

BatchFigures BatchProcessor::Impl::figures() const {
  BatchFigures result;
  {
    const std::lock_guard lock(mutex_);
    result = figures_;
    result.waiting_submits = waiting_.size();
    result.auto_commit_threshold = threshold_;
    result.failing = !failure_;
    result.failure = failure_.message();
  }
  result.sizes = sizes_.counts();
  result.durations = durations_.counts();
  return result;
}

std::uint64_t BatchProcessor::Impl::sequence_at_start() const {
  const std::lock_guard lock(mutex_);
  return sequence_at_start_;
}

void BatchProcessor::Impl::run() {
  set_thread_name("committer");
  Lock lock(mutex_);
  while (!drained() || commit_) {
    if (commit_) {
      changed_.wait(lock, [this] { return retry_requested_ || stopping_; });
    } else {
      wait_until_due(lock);
      if (queue_.empty()) continue;
      take_commit();
    }
    retry_requested_ = false;
    const bool last_try = stopping_;
    const auto status = apply_commit(lock);
    settle(status);
    if (!status && last_try) break;
  }
  finished_ = true;
  progress_.notify_all();
}

bool BatchProcessor::Impl::due() const {
  if (queue_.empty()) return false;
  const bool starved = !waiting_.empty() && !accepting_ && !has_room(waiting_.front().bytes);
  return stopping_ || starved || flush_through_ > committed() ||
         queued_operations_ >= static_cast<std::uint64_t>(threshold_) ||
         queued_bytes_ >= static_cast<std::uint64_t>(config_.max_batch_bytes) ||
         clock_.steady_now() - queue_.front().since >= config_.max_batch_age;
}

void BatchProcessor::Impl::wait_until_due(Lock& lock) {
  while (!due() && !drained()) {
    if (queue_.empty()) {
      changed_.wait(lock, [this] { return !queue_.empty() || drained(); });
    } else {
      const auto deadline = queue_.front().since + config_.max_batch_age;
      clock_.wait_until(lock, changed_, deadline, [this] { return due(); });
    }
  }
}

// Whole groups, until the threshold is reached or the next one does not fit.
void BatchProcessor::Impl::take_commit() {
  commit_.emplace(sequence_at_start_ + committed());
  const auto fits = [this] {
    const auto& taken = commit_->size();
    const auto& next = queue_.front().size;
    return taken.groups == 0 ||
           (taken.operations < static_cast<std::uint64_t>(threshold_) &&
            taken.operations + next.operations <=
                static_cast<std::uint64_t>(config_.max_batch_size) &&
            taken.bytes + next.bytes <= static_cast<std::uint64_t>(config_.max_batch_bytes));
  };
  while (!queue_.empty() && fits()) {
    auto& next = queue_.front();
    queued_operations_ -= next.size.operations;
    queued_bytes_ -= next.size.bytes;
    commit_->add(std::move(next.group), next.size);
    queue_.pop_front();
  }
}

Status BatchProcessor::Impl::apply_commit(Lock& lock) {
  const auto first = committed() + 1;
  lock.unlock();
  const auto begin = clock_.steady_now();
  const auto status =
      try_apply({.path = config_.sort_operations ? WritePath::sorted : WritePath::as_given,
                 .durability = config_.durability});
  if (status) {
    sizes_.record(commit_->size().operations);
    durations_.record(static_cast<std::uint64_t>((clock_.steady_now() - begin).count()));
    if (listener_.on_committed) listener_.on_committed(first, first + commit_->size().groups - 1);
  }
  lock.lock();
  return status;
}

Status BatchProcessor::Impl::try_apply(const Commit::Options& options) {
  try {
    return commit_->apply(store_, options);
  } catch (const std::exception& error) {
    return {StatusCode::failed, error.what()};
  }
}

void BatchProcessor::Impl::settle(const Status& status) {
  ++attempts_;
  const auto& size = commit_->size();
  if (status) {
    figures_.commits += 1;
    figures_.committed_groups += size.groups;
    figures_.operations_committed += size.operations;
    figures_.bytes_committed += size.bytes;
    figures_.pending_operations -= size.operations;
    figures_.pending_bytes -= size.bytes;
    failure_ = Status::ok();
    commit_.reset();
  } else {
    figures_.commit_failures += 1;
    const auto which = describe(committed() + 1, committed() + size.groups, size.operations);
    failure_ = {status.code(),
                "the commit of " + which + " failed and is kept: " + status.message()};
    log().error("{}", failure_.message());
  }
  progress_.notify_all();
}

std::string BatchProcessor::Impl::describe(std::uint64_t first, std::uint64_t last,
                                           std::uint64_t operations) const {
  if (first == last) return fmt::format("group {} ({} operations)", first, operations);
  return fmt::format("groups {} to {} ({} operations)", first, last, operations);
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
Status BatchProcessor::flush() {
  return impl_->flush();
}
Status BatchProcessor::retry() {
  return impl_->retry();
}
Status BatchProcessor::stop() {
  return impl_->stop();
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
std::uint64_t BatchProcessor::sequence_at_start() const {
  return impl_->sequence_at_start();
}

}  // namespace nodetune
