// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The committer's side of BatchProcessor: its thread, from the first group that waits to the
// commit.
#include <fmt/format.h>

#include <exception>

#include "engine/base/logging.h"
#include "engine/base/thread_name.h"
#include "engine/batch/batch_processor_impl.h"

namespace nodetune {

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
         queued_operations_ >= static_cast<std::uint64_t>(sizer_.next_size()) ||
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

// Whole groups, until the size is reached (or would be passed) or the next one does not fit.
void BatchProcessor::Impl::take_commit() {
  commit_.emplace(sequence_at_start_ + committed());
  const auto size = static_cast<std::uint64_t>(sizer_.next_size());
  const auto& taken = commit_->size();
  const auto full = [&] {
    if (taken.operations >= size) return true;
    return sizer_.stays_below() && taken.operations + queue_.front().size.operations > size;
  };
  const auto fits = [&] {
    const auto& next = queue_.front().size;
    return taken.operations + next.operations <=
               static_cast<std::uint64_t>(config_.max_batch_size) &&
           taken.bytes + next.bytes <= static_cast<std::uint64_t>(config_.max_batch_bytes);
  };
  commit_families_ = 0;
  while (!queue_.empty() && (taken.groups == 0 || (!full() && fits()))) {
    auto& next = queue_.front();
    queued_operations_ -= next.size.operations;
    queued_bytes_ -= next.size.bytes;
    commit_families_ |= next.size.families;
    commit_->add(std::move(next.group), next.size);
    queue_.pop_front();
  }
  commit_filled_ = taken.operations >= size || (!queue_.empty() && full());
}

// The wait for the disk is a step of its own, so that its price is known.
Status BatchProcessor::Impl::apply_commit(Lock& lock) {
  const auto first = committed() + 1;
  const auto durability = durability_;
  const auto path = paths_.choose({.operations = commit_->size().operations,
                                   .bytes = commit_->size().bytes,
                                   .families = commit_families_,
                                   .durability = durability});
  const auto begin = clock_.steady_now();
  commit_since_ = begin;
  lock.unlock();
  const bool syncs = durability == Durability::log_and_fsync && path != WritePath::ingested;
  auto status = try_apply({.path = path, .durability = syncs ? Durability::log : durability});
  const auto written = clock_.steady_now();
  if (status && syncs) status = try_apply({.path = path, .durability = durability});
  const auto end = clock_.steady_now();
  if (status) {
    measured_ = {.operations = commit_->size().operations,
                 .seconds = to_seconds(end - begin),
                 .sync_seconds = syncs ? to_seconds(end - written) : 0,
                 .path = path,
                 .durability = durability};
    sizes_.record(measured_.operations);
    durations_.record(static_cast<std::uint64_t>((end - begin).count()));
    if (syncs) syncs_.record(static_cast<std::uint64_t>((end - written).count()));
    if (listener_.on_committed) listener_.on_committed(first, first + commit_->size().groups - 1);
  }
  lock.lock();
  commit_since_.reset();
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
    meter_.record(measured_);
    if (paths_.observe(size.operations, size.bytes, commit_families_)) {
      sizer_.set_ingestion(paths_.ingest_from(), paths_.ingestion_cost());
    }
    sizer_.observe({.operations = static_cast<double>(measured_.operations),
                    .seconds = measured_.seconds,
                    .path = measured_.path,
                    .filled = commit_filled_});
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

}  // namespace nodetune
