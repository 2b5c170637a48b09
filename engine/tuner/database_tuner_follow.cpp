// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/tuner/database_tuner.h"

// What somebody else decides about recommendations: of a foreign node, whose operator applies them.
namespace nodetune {
namespace {

using State = RecommendationState;

Status no_recommendation(std::uint64_t id) {
  return {StatusCode::not_found, fmt::format("there is no recommendation {}", id)};
}

}  // namespace

void DatabaseTuner::restore(std::vector<Recommendation> items) {
  const std::scoped_lock lock(mutex_);
  for (auto& item : items) {
    if (find_locked(item.id) != nullptr) continue;
    next_id_ = std::max(next_id_, item.id + 1);
    items_.push_back(std::move(item));
  }
  std::ranges::stable_sort(items_, {}, &Recommendation::created);
}

Status DatabaseTuner::set_follow_up(std::uint64_t id, FollowUp follow_up) {
  const std::scoped_lock lock(mutex_);
  auto* const item = find_locked(id);
  if (item == nullptr) return no_recommendation(id);
  item->follow_up = std::move(follow_up);
  return Status::ok();
}

Status DatabaseTuner::note_state(std::uint64_t id, State to, Actor who, std::string note) {
  const std::scoped_lock lock(mutex_);
  auto* const item = find_locked(id);
  if (item == nullptr) return no_recommendation(id);
  if (to == State::applied && may_become(item->state, State::applying)) {
    if (auto status = move_locked(*item, State::applying, who, note); !status) return status;
  }
  return move_locked(*item, to, who, std::move(note));
}

}  // namespace nodetune
