// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The commander's side of ManagedNode: what it does with each command.
#include <fmt/format.h>

#include <chrono>
#include <thread>
#include <type_traits>
#include <utility>

#include "engine/base/format.h"
#include "engine/base/thread_name.h"
#include "engine/node/decision.h"
#include "engine/node/managed_node.h"

namespace nodetune {
namespace {

constexpr std::size_t kManagedOutcomesKept = 1'000;

EventCategory category_of(const Command& command) {
  return std::visit(
      [](const auto& one) {
        using T = std::decay_t<decltype(one)>;
        if constexpr (std::is_same_v<T, SetKnob> || std::is_same_v<T, UndoChange>) {
          return EventCategory::knob;
        } else if constexpr (std::is_same_v<T, ResizeCache> || std::is_same_v<T, OptimizeCaches> ||
                             std::is_same_v<T, SetArbiter>) {
          return EventCategory::cache;
        } else if constexpr (std::is_same_v<T, ControlWorkload>) {
          return EventCategory::workload;
        } else if constexpr (std::is_same_v<T, DecideRecommendation> ||
                             std::is_same_v<T, FollowRecommendation> ||
                             std::is_same_v<T, TuneNow>) {
          return EventCategory::recommendation;
        } else {
          return EventCategory::batch;
        }
      },
      command);
}

std::string change_text(const Change& change) {
  return fmt::format("{}: {} -> {}, in force", title(change.target),
                     format_value(change.target, change.from),
                     format_value(change.target, change.to));
}

}  // namespace

Result<Ticket> ManagedNode::submit(Command command) {
  const auto ticket = last_ticket_.fetch_add(1, std::memory_order_relaxed) + 1;
  if (!orders_.try_push({ticket, command})) {
    return Status(StatusCode::busy, "too many commands wait, or the node is closing; try again");
  }
  return ticket;
}

std::vector<CommandOutcome> ManagedNode::outcomes(Ticket since) const {
  const std::lock_guard lock(outcomes_mutex_);
  std::vector<CommandOutcome> found;
  for (const auto& outcome : outcomes_) {
    if (outcome.ticket > since) found.push_back(outcome);
  }
  return found;
}

void ManagedNode::run_commands() {
  set_thread_name("commander");
  while (auto order = orders_.pop()) {
    if (!order->command) {
      look_after_memory();
      continue;
    }
    auto result = carry_out(*order->command);
    CommandOutcome outcome;
    outcome.ticket = order->ticket;
    outcome.time = clock_.now();
    if (result) {
      outcome.text = *result;
    } else {
      outcome.status = result.status();
      outcome.text = result.status().message();
    }
    add_event(result ? Severity::info : Severity::error, category_of(*order->command),
              outcome.text);
    refresh_knobs();
    sampler_->wake();
    const std::lock_guard lock(outcomes_mutex_);
    outcomes_.push_back(std::move(outcome));
    if (outcomes_.size() > kManagedOutcomesKept) outcomes_.pop_front();
  }
}

Result<std::string> ManagedNode::carry_out(const Command& command) {
  return std::visit(
      [this](const auto& one) -> Result<std::string> {
        using T = std::decay_t<decltype(one)>;
        if constexpr (std::is_same_v<T, SetKnob>) {
          return change(Target::of(one.knob), one.value);
        } else if constexpr (std::is_same_v<T, UndoChange>) {
          auto undone = tuner_->undo_change(one.change_id);  // its recommendation too
          if (!undone) return undone.status();
          return change_text(*undone);
        } else if constexpr (std::is_same_v<T, DecideRecommendation>) {
          return decide(one);
        } else if constexpr (std::is_same_v<T, FollowRecommendation>) {
          return Status(StatusCode::invalid_argument,
                        "what is approved here is applied at once: there is nothing to follow");
        } else if constexpr (std::is_same_v<T, ResizeCache>) {
          return change(Target::object_cache(one.kind), one.capacity_bytes);
        } else if constexpr (std::is_same_v<T, SetBatchThreshold>) {
          return set_batch_size(one.operations);
        } else if constexpr (std::is_same_v<T, OptimizeCaches>) {
          return optimize_caches();
        } else if constexpr (std::is_same_v<T, OptimizeBatchSize>) {
          return optimize_batch_size();
        } else if constexpr (std::is_same_v<T, ControlWorkload>) {
          return control_workload(one.action);
        } else if constexpr (std::is_same_v<T, RetryCommit>) {
          return retry_commit();
        } else if constexpr (std::is_same_v<T, SetArbiter>) {
          return set_arbiter(one);
        } else if constexpr (std::is_same_v<T, SetBatchSizeMode>) {
          return set_batch_size_mode(one);
        } else if constexpr (std::is_same_v<T, SetDurability>) {
          return set_durability(one.durability);
        } else {
          static_assert(std::is_same_v<T, TuneNow>);
          return tune_now();
        }
      },
      command);
}

Result<std::string> ManagedNode::change(const Target& target, std::int64_t value) {
  auto changed = actuator_->apply(target, value, Actor::node_operator, "set by hand");
  if (!changed) return changed.status();
  return change_text(*changed);
}

Result<std::string> ManagedNode::decide(const DecideRecommendation& decision) {
  if (auto status = tuner_->decide(decision.id, to_decision(decision)); !status) return status;
  const auto item = tuner_->find(decision.id);
  if (!item) return fmt::format("recommendation {} is decided", decision.id);
  if (item->state == RecommendationState::failed) {
    return Status(StatusCode::failed,
                  fmt::format("{}: {}", title(item->proposal.target), item->history.back().note));
  }
  return fmt::format("{}: {} -> {}, {}", title(item->proposal.target),
                     format_value(item->proposal.target, item->proposal.current),
                     format_value(item->proposal.target, item->value()), to_string(item->state));
}

Result<std::string> ManagedNode::optimize_caches() {
  auto proposals = cache_proposals();
  const auto count = proposals.size();
  if (auto status = tuner_->propose(std::move(proposals)); !status) return status;
  if (count == 0) return std::string("the rules see no cache that should change its size");
  return fmt::format("{} cache size recommendation{} wait for approval", count,
                     count == 1 ? "" : "s");
}

Result<std::string> ManagedNode::optimize_batch_size() {
  const auto figures = objects_->batches().figures();
  if (figures.size_mode == BatchSizeMode::adaptive) {
    return std::string("the batch size is adaptive: it follows every commit by itself");
  }
  const int before = figures.auto_commit_threshold;
  const auto threshold = objects_->batches().optimize_batch_size();
  if (!threshold) return std::string("nothing was committed since the last time: no change");
  return fmt::format("auto-commit threshold: {} -> {} operations", before, *threshold);
}

Result<std::string> ManagedNode::set_batch_size(int operations) {
  auto changed = change(Target::batch_threshold(), operations);
  if (!changed) return changed;
  if (auto status = batch_settings_->remember_fixed(); !status) return status;
  return changed;
}

Result<std::string> ManagedNode::set_batch_size_mode(const SetBatchSizeMode& wanted) {
  if (auto status = batch_settings_->set_size_mode(wanted.mode, wanted.commit_seconds_max);
      !status) {
    return status;
  }
  switch (wanted.mode) {
    case BatchSizeMode::adaptive:
      return fmt::format("batch size: adaptive, 99 % of commits below {}",
                         format_seconds(wanted.commit_seconds_max));
    case BatchSizeMode::specification:
      return std::string("batch size: by the specification's rule");
    case BatchSizeMode::fixed:
      break;
  }
  const auto size = objects_->batches().figures().auto_commit_threshold;
  if (auto status = targets_->set(Target::batch_threshold(), size); !status) return status;
  return fmt::format("batch size: fixed at {} operations",
                     format_whole(static_cast<std::uint64_t>(size)));
}

Result<std::string> ManagedNode::set_durability(Durability durability) {
  if (auto status = batch_settings_->set_durability(durability); !status) return status;
  return fmt::format("durability: {}, from the next commit on", display_name(durability));
}

Result<std::string> ManagedNode::control_workload(ControlWorkload::Action action) {
  Status status;
  std::string_view done;
  switch (action) {
    case ControlWorkload::Action::start:
      status = driver_->start();
      done = "workload started";
      break;
    case ControlWorkload::Action::pause:
      status = driver_->pause();
      done = "workload paused";
      break;
    case ControlWorkload::Action::resume:
      status = driver_->resume();
      done = "workload resumed";
      break;
    case ControlWorkload::Action::stop:
      driver_->stop();
      done = "workload stopped";
      break;
  }
  if (!status) return status;
  return std::string(done);
}

Result<std::string> ManagedNode::retry_commit() {
  if (!database_->background_error().is_ok()) {
    if (auto resumed = database_->resume(); !resumed) return resumed;
  }
  const bool was_failing = objects_->batches().figures().failing;
  if (auto status = objects_->batches().retry(); !status) return status;
  // A workload ends when its blocks are not taken; it goes on where it was.
  if (!was_failing || driver_->figures().state != DriverState::failed) {
    return std::string("the kept batch is committed");
  }
  if (auto status = driver_->start(); !status) return status;
  return std::string("the kept batch is committed, and the workload goes on");
}

Result<std::string> ManagedNode::tune_now() {
  const auto values = knob_values_.get();
  if (!values) return Status(StatusCode::busy, "the knobs have not been read yet; try again");
  const auto ran = tuner_->tune_now(snapshot_.get(), *values, &history_);
  if (!ran) return ran.status();
  if (!*ran) {
    return Status(StatusCode::busy, "not enough figures yet; try again in a few seconds");
  }
  std::size_t waiting = 0;
  for (const auto& item : tuner_->recommendations()) {
    if (item.state == RecommendationState::proposed) ++waiting;
  }
  return fmt::format("the rules have looked: {} recommendation{} wait", waiting,
                     waiting == 1 ? "" : "s");
}

Result<std::string> ManagedNode::set_arbiter(const SetArbiter& wanted) {
  const ArbiterSettings settings{wanted.mode, wanted.budget_bytes, wanted.acts};
  if (auto status = memory_.set(*settings_, settings); !status) return status;
  return fmt::format(
      "memory is shared by {}, {}{}", to_string(settings.mode),
      settings.budget_bytes == 0
          ? std::string("out of what the caches have")
          : fmt::format("out of {}", format_bytes(static_cast<double>(settings.budget_bytes))),
      settings.acts ? "; the arbiter acts by itself" : "; its moves are recommendations");
}

void ManagedNode::look_after_memory() {
  memory_order_waits_ = false;
  auto& caches = objects_->caches();
  for (auto& text :
       memory_.look(*database_, caches, *reads_, driver_->figures().blocks, *snapshot_.get())) {
    add_event(Severity::info, EventCategory::cache, std::move(text));
  }
  // A decision made under other settings is not acted upon: the next one comes with a block.
  if (!memory_.settings().acts || !memory_.view()->settings.acts) return;
  if (memory_.applied_newest()) return;
  auto status = memory_.apply(*database_, caches);
  if (status) status = memory_.save_moves(*database_, *settings_, *audit_, false);
  if (!status) add_event(Severity::error, EventCategory::cache, status.message());
  if (const auto moves = memory_.tell_moves(clock_.steady_now()); !moves.empty()) {
    refresh_knobs();
    add_event(Severity::info, EventCategory::cache, moves);
  }
}

}  // namespace nodetune
