// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include <algorithm>

#include "engine/tuner/database_tuner.h"

// What an operator does to recommendations.
namespace nodetune {
namespace {

using State = RecommendationState;

Status not_open(const Recommendation& item) {
  return {StatusCode::invalid_argument,
          fmt::format("recommendation {} ({}) is {}: only a proposed one can be decided", item.id,
                      to_string(item.proposal.target), to_string(item.state))};
}

Status unknown(std::uint64_t id) {
  return {StatusCode::not_found,
          fmt::format("there is no recommendation {}; it may be too old to be kept", id)};
}

}  // namespace

// Asks the actuator, so: without the lock.
Status DatabaseTuner::check(const Recommendation& item, const Decision& decision,
                            std::int64_t value) {
  const auto& target = item.proposal.target;
  if (actuator_ == nullptr) {
    if (target.kind != Target::Kind::knob) return Status::ok();
    const std::scoped_lock lock(mutex_);
    const auto& current = last_knobs_ ? last_knobs_->values : KnobValues::defaults();
    return validate(target.knob, value, current, config_.context);
  }
  const auto now = actuator_->current(target);
  if (!now) return now.status();
  if (decision.kind == Decision::Kind::approve && *now != item.proposal.current) {
    return {StatusCode::invalid_argument,
            fmt::format("{}: it was {} when this was proposed and is {} now; wait for the next "
                        "tuning round, or override with a value",
                        to_string(target), format_value(target, item.proposal.current),
                        format_value(target, *now))};
  }
  if (*now == value) {
    return {StatusCode::invalid_argument,
            fmt::format("{}: {} is in force already; choose another value, or reject",
                        to_string(target), format_value(target, value))};
  }
  return actuator_->check(target, value);
}

Result<std::pair<Target, std::int64_t>> DatabaseTuner::accept(std::uint64_t id,
                                                              const Decision& decision) {
  const auto item = find(id);
  if (!item) return unknown(id);
  if (item->state != State::proposed) return not_open(*item);
  const bool overriding = decision.kind == Decision::Kind::override_value;
  const auto value = overriding ? decision.value : item->proposal.proposed;
  if (auto status = check(*item, decision, value); !status) return status;

  const std::scoped_lock lock(mutex_);
  auto* const mine = find_locked(id);
  if (mine == nullptr) return unknown(id);
  if (mine->state != State::proposed) return not_open(*mine);
  if (!overriding && mine->proposal.proposed != value) {
    return Status(StatusCode::busy,
                  fmt::format("recommendation {} has just been refreshed to {}; "
                              "look again and decide",
                              id, format_value(mine->proposal.target, mine->proposal.proposed)));
  }
  auto said = decision.note;
  if (overriding) {
    said = fmt::format("{} instead of {}{}{}", format_value(mine->proposal.target, value),
                       format_value(mine->proposal.target, mine->proposal.proposed),
                       decision.note.empty() ? "" : ": ", decision.note);
  }
  if (auto status = move_locked(*mine, overriding ? State::overridden : State::approved,
                                Actor::node_operator, said);
      !status) {
    return status;
  }
  if (overriding) mine->overridden = value;
  return std::pair(mine->proposal.target, value);
}

Status DatabaseTuner::decide(std::uint64_t id, const Decision& decision) {
  if (decision.kind == Decision::Kind::reject) {
    const std::scoped_lock lock(mutex_);
    auto* const item = find_locked(id);
    if (item == nullptr) return unknown(id);
    if (item->state != State::proposed) return not_open(*item);
    if (auto status = move_locked(*item, State::rejected, Actor::node_operator, decision.note);
        !status) {
      return status;
    }
    quiet_.push_back({.target = item->proposal.target,
                      .up = item->proposal.proposed > item->proposal.current,
                      .until = clock_.now() + config_.quiet_after_rejection});
    return Status::ok();
  }
  const auto accepted = accept(id, decision);
  if (!accepted) return accepted.status();
  if (actuator_ == nullptr) return Status::ok();
  return apply(id, accepted->first, accepted->second);
}

Status DatabaseTuner::apply(std::uint64_t id, const Target& target, std::int64_t value) {
  std::string reason;
  {
    const std::scoped_lock lock(mutex_);
    auto* const item = find_locked(id);
    if (item == nullptr) return unknown(id);
    reason = fmt::format("recommendation {}: {}", id, item->proposal.rule);
    if (auto status = move_locked(*item, State::applying, Actor::node_operator, {}); !status) {
      // Nothing was changed; it must not stay open either.
      move_logged_locked(*item, State::expired, Actor::tuner, status.message());
      return status;
    }
  }
  const auto change = actuator_->apply(target, value, Actor::node_operator, reason, id);
  const std::scoped_lock lock(mutex_);
  auto* const item = find_locked(id);
  if (item == nullptr) return unknown(id);
  if (!change) {
    move_logged_locked(*item, State::failed, Actor::tuner, change.status().message());
    return change.status();
  }
  item->change = change->id;
  move_logged_locked(*item, State::applied, Actor::tuner,
                     fmt::format("{} to {}", format_value(target, change->from),
                                 format_value(target, change->to)));
  return Status::ok();
}

Result<Change> DatabaseTuner::undo_change(std::uint64_t change) {
  if (actuator_ == nullptr) {
    return Status(StatusCode::invalid_argument,
                  "this node is only observed: change its configuration by hand");
  }
  auto undone = actuator_->undo(change);
  if (!undone) return undone;
  const std::scoped_lock lock(mutex_);
  const auto item = std::ranges::find(items_, change, &Recommendation::change);
  if (item != items_.end() && may_become(item->state, State::rolled_back)) {
    move_logged_locked(*item, State::rolled_back, Actor::node_operator,
                       fmt::format("undone: {} again", format_value(undone->target, undone->to)));
  }
  return undone;
}

Status DatabaseTuner::undo(std::uint64_t id) {
  const auto item = find(id);
  if (!item) return unknown(id);
  if (!may_become(item->state, State::rolled_back)) {
    return {StatusCode::invalid_argument,
            fmt::format("recommendation {} is {}: there is nothing to undo", id,
                        to_string(item->state))};
  }
  const auto undone = undo_change(item->change);
  return undone ? Status::ok() : undone.status();
}

}  // namespace nodetune
