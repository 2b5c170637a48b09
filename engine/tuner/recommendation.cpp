// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/tuner/recommendation.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

#include "engine/base/format.h"

namespace nodetune {
namespace {

constexpr std::array<std::pair<RecommendationState, std::string_view>, 10> kStateNames = {{
    {RecommendationState::proposed, "proposed"},
    {RecommendationState::approved, "approved"},
    {RecommendationState::overridden, "overridden"},
    {RecommendationState::rejected, "rejected"},
    {RecommendationState::expired, "expired"},
    {RecommendationState::applying, "applying"},
    {RecommendationState::applied, "applied"},
    {RecommendationState::failed, "failed"},
    {RecommendationState::verified, "verified"},
    {RecommendationState::rolled_back, "rolled_back"},
}};

}  // namespace

std::string format_figure(double value, Unit unit) {
  switch (unit) {
    case Unit::bytes:
      return format_bytes(value);
    case Unit::seconds:
      return format_seconds(value);
    case Unit::ratio:
      return format_ratio(value);
    case Unit::count:
    case Unit::operations:
    case Unit::blocks:
    case Unit::files:
    case Unit::pages:
      return format_count(value);
  }
  return {};
}

std::string sentence(const Evidence& evidence) {
  std::string text =
      fmt::format("{}: {}", evidence.text, format_figure(evidence.value, evidence.unit));
  if (std::isfinite(evidence.window_seconds)) {
    text += fmt::format(" in {}", format_seconds(evidence.window_seconds));
  }
  const auto* const side = evidence.comparison == Comparison::above ? "above" : "below";
  return text + fmt::format(", {} {}", side, format_figure(evidence.threshold, evidence.unit));
}

std::string_view to_string(FollowUp::Stage stage) {
  switch (stage) {
    case FollowUp::Stage::copied:
      return "copied";
    case FollowUp::Stage::awaiting_restart:
      return "awaiting_restart";
    case FollowUp::Stage::in_force:
      return "in_force";
    case FollowUp::Stage::not_in_force:
      return "not_in_force";
    case FollowUp::Stage::verified:
      return "verified";
  }
  return {};
}

std::optional<FollowUp::Stage> follow_up_stage_from(std::string_view name) {
  using Stage = FollowUp::Stage;
  for (const auto stage : {Stage::copied, Stage::awaiting_restart, Stage::in_force,
                           Stage::not_in_force, Stage::verified}) {
    if (to_string(stage) == name) return stage;
  }
  return std::nullopt;
}

std::string_view to_string(RecommendationState state) {
  return kStateNames[static_cast<std::size_t>(state)].second;
}

std::optional<RecommendationState> recommendation_state_from(std::string_view name) {
  for (const auto& [state, its_name] : kStateNames) {
    if (its_name == name) return state;
  }
  return std::nullopt;
}

bool may_become(RecommendationState from, RecommendationState to) {
  using S = RecommendationState;
  switch (from) {
    case S::proposed:
      return to == S::approved || to == S::overridden || to == S::rejected || to == S::expired;
    case S::approved:
    case S::overridden:
      return to == S::applying || to == S::expired;
    case S::applying:
      return to == S::applied || to == S::failed;
    case S::applied:
      return to == S::verified || to == S::rolled_back;
    case S::verified:
      return to == S::rolled_back;
    case S::rejected:
    case S::expired:
    case S::failed:
    case S::rolled_back:
      return false;
  }
  return false;
}

bool is_final(RecommendationState state) {
  using S = RecommendationState;
  return state == S::rejected || state == S::expired || state == S::failed ||
         state == S::verified || state == S::rolled_back;
}

Status Recommendation::transition(RecommendationState to, TimePoint time, Actor who,
                                  std::string note) {
  if (!may_become(state, to)) {
    return {StatusCode::invalid_argument,
            fmt::format("recommendation {} ({}) is {} and cannot become {}", id,
                        nodetune::to_string(proposal.target), nodetune::to_string(state),
                        nodetune::to_string(to))};
  }
  state = to;
  history.push_back({time, to, who, std::move(note)});
  return Status::ok();
}

}  // namespace nodetune
