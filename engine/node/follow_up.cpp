// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/follow_up.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/base/format.h"

namespace nodetune {
namespace {

using Stage = FollowUp::Stage;
using State = RecommendationState;

const KnobState* knob_state_of(const FollowedChange& change, const NodeNow& now) {
  const auto& target = change.item.proposal.target;
  const auto found = std::ranges::find_if(
      now.knobs, [&](const KnobState& state) { return target.is_knob(state.knob); });
  return found == now.knobs.end() ? nullptr : &*found;
}

std::string text_of(const FollowedChange& change, std::int64_t value) {
  return format_value(change.item.proposal.target, value);
}

std::string opened_text(const NodeNow& now) {
  return now.open.time ? fmt::format("opened at {}", format_time_utc(*now.open.time))
                       : std::string("opened anew");
}

std::string waiting_text(const NodeNow& now) {
  return now.runs ? "the node that runs was started before it: it takes effect with a restart"
                  : "the node is stopped: it takes effect when it is started";
}

void step(FollowUp& follow_up, Stage stage, TimePoint time) {
  follow_up.stage = stage;
  follow_up.since = time;
  follow_up.steps.push_back({stage, time});
}

// A later round of the same steps begins behind "copied".
void step_again(FollowUp& follow_up, Stage stage, TimePoint time) {
  std::erase_if(follow_up.steps, [stage](const FollowUp::Step& each) {
    return each.stage == stage || each.stage == Stage::verified;
  });
  step(follow_up, stage, time);
}

std::vector<std::string> hints_of(const FollowedChange& change, const KnobState& state,
                                  const NodeNow& now) {
  std::vector<std::string> hints;
  if (!state.current) {
    hints.emplace_back(
        "Only some of the column families have it: this client may set the others elsewhere");
  } else if (*state.current == change.item.proposal.current) {
    hints.emplace_back("The file that was edited may not be the one that the node reads");
    hints.emplace_back(
        "A flag, a profile or an environment variable may win over it: look at the node's "
        "command line");
    hints.emplace_back(
        "An environment variable must reach the node's service or container, not only a shell");
  } else {
    hints.emplace_back(
        "Neither the old value nor the wanted one: the client may round or limit it, or another "
        "setting was changed");
  }
  if (now.databases > 1) {
    hints.push_back(fmt::format(
        "The node has {} databases: the setting may be of another one than this", now.databases));
  }
  if (!now.caveat.empty()) hints.push_back(now.caveat);
  return hints;
}

FollowUpMove move_to(FollowedChange& change, Stage from) {
  change.later_open_seen.reset();
  return {change.item.id, from, *change.item.follow_up, std::nullopt, Severity::info};
}

std::string in_force_text(const FollowedChange& change, const KnobState& state, const NodeNow& now,
                          bool opened, const FollowUpConfig& config) {
  return fmt::format("{} with {} ({}). Compared with before once it has run for {}",
                     opened ? "the node was " + opened_text(now) : "in force without a restart",
                     text_of(change, change.item.value()), state.origin,
                     span_text(to_seconds(config.warm_up + config.after_min)));
}

FollowUpMove in_force(FollowedChange& change, const KnobState& state, const NodeNow& now,
                      const FollowUpConfig& config) {
  auto& follow_up = *change.item.follow_up;
  const auto from = follow_up.stage;
  const bool opened = is_later_open(change.open, change.copied, now.open);
  // Without a time in the LOG: when it was seen.
  change.opened = opened && now.open.time ? now.open.time : now.time;
  change.open = now.open;
  std::erase_if(follow_up.steps,
                [](const FollowUp::Step& each) { return each.stage == Stage::not_in_force; });
  step_again(follow_up, Stage::in_force, *change.opened);
  follow_up.hints.clear();
  follow_up.text = in_force_text(change, state, now, opened, config);
  auto move = move_to(change, from);
  move.state = State::applied;
  return move;
}

FollowUpMove not_in_force(FollowedChange& change, const KnobState& state, const NodeNow& now) {
  auto& follow_up = *change.item.follow_up;
  const auto from = follow_up.stage;
  const auto wanted = text_of(change, change.item.value());
  follow_up.text = from == Stage::in_force
                       ? fmt::format("no longer in force: the node was {} with {} instead of {}",
                                     opened_text(now), state.current_text, wanted)
                       : fmt::format("the node was {} with {}, not with {} ({})", opened_text(now),
                                     state.current_text, wanted, state.origin);
  follow_up.hints = hints_of(change, state, now);
  change.open = now.open;
  step_again(follow_up, Stage::not_in_force, now.open.time.value_or(now.time));
  auto move = move_to(change, from);
  move.severity = Severity::warning;
  if (from == Stage::in_force) move.state = State::rolled_back;
  return move;
}

// What is in OPTIONS and in the LOG after a later open; nothing while that may still be coming.
std::optional<FollowUpMove> judge_open(FollowedChange& change, const NodeNow& now,
                                       const FollowUpConfig& config) {
  const auto* const state = knob_state_of(change, now);
  if (state == nullptr || !now.log_is_read) return std::nullopt;
  if (!std::exchange(change.open_known, true)) {
    const bool before = !now.open.time || *now.open.time <= change.copied;
    if (before) change.open = now.open;
  }
  auto& follow_up = *change.item.follow_up;
  const bool was_in_force = follow_up.stage == Stage::in_force;
  const bool wanted = state->current && *state->current == change.item.value();
  if (wanted && !was_in_force) return in_force(change, *state, now, config);
  if (!is_later_open(change.open, change.copied, now.open)) {
    change.later_open_seen.reset();
    change.open.options = now.open.options;  // a running node may write them anew
    if (follow_up.stage == Stage::awaiting_restart) follow_up.text = waiting_text(now);
    return std::nullopt;
  }
  if (wanted) {  // one more restart: what is compared begins anew
    change.opened = now.open.time.value_or(now.time);
    change.open = now.open;
    follow_up.text = in_force_text(change, *state, now, /*opened=*/true, config);
    return std::nullopt;
  }
  if (!change.later_open_seen) change.later_open_seen = now.time;
  const bool fresh = now.open.options != change.open.options;
  if (!fresh && now.time - *change.later_open_seen < config.options_grace) return std::nullopt;
  if (state->current_text.starts_with("not ")) {  // "not stored in OPTIONS, not in the LOG"
    follow_up.text = fmt::format("the node was {}; whether it is in force cannot be told: {} is {}",
                                 opened_text(now), to_string(state->knob), state->current_text);
    return std::nullopt;
  }
  return not_in_force(change, *state, now);
}

// As long as the time before, by the figures that decide.
double seconds_wanted(const FollowedChange& change, const std::vector<WindowFigure>& judged,
                      const FollowUpConfig& config) {
  double before = 0;
  for (const auto figure : judged) before = std::max(before, change.before[figure].seconds);
  return std::clamp(before, to_seconds(config.after_min), to_seconds(config.before));
}

std::string verdict_text(const FollowedChange& change, Verdict verdict) {
  const auto& proposal = change.item.proposal;
  switch (verdict) {
    case Verdict::better:
      return "in force, and better than before";
    case Verdict::worse:
      return fmt::format("in force, but worse than before; to go back set {} to {} again",
                         to_string(proposal.target), text_of(change, proposal.current));
    case Verdict::alike:
      return "in force; no clear difference from before";
    case Verdict::unknown:
      return "in force; what it changed is not known: the figures are missing before or after";
  }
  return {};
}

std::optional<FollowUpMove> compare_windows(FollowedChange& change, const NodeNow& now,
                                            const History& history, const FollowUpConfig& config) {
  if (!change.opened || (change.compare_next && now.time < *change.compare_next)) {
    return std::nullopt;
  }
  change.compare_next = now.time + config.compare_period;
  const auto begin = *change.opened + config.warm_up;
  const auto judged = judged_by(change.item.proposal);
  const double wanted = seconds_wanted(change, judged, config);
  if (to_seconds(now.time - begin) < wanted) return std::nullopt;
  const auto after = figures_of(history, std::max(begin, now.time - config.before), now.time);
  // Statistics come late, and this program may not have looked all the time.
  constexpr double kCoveredMin = 0.5;
  const bool covered = std::ranges::all_of(judged, [&](WindowFigure figure) {
    return !std::isfinite(change.before[figure].value) ||
           after[figure].seconds >= kCoveredMin * wanted;
  });
  if (!covered && now.time - begin < config.wait_max) return std::nullopt;
  auto& follow_up = *change.item.follow_up;
  const auto from = follow_up.stage;
  auto compared = compare(change.before, after, judged);
  follow_up.text = verdict_text(change, compared.verdict);
  follow_up.comparison = std::move(compared.sentences);
  step(follow_up, Stage::verified, now.time);
  auto move = move_to(change, from);
  move.state = State::verified;
  if (compared.verdict == Verdict::worse) move.severity = Severity::warning;
  return move;
}

}  // namespace

bool is_later_open(const OpenMark& before, TimePoint before_time, const OpenMark& now) {
  if (!before.session.empty() && !now.session.empty()) return before.session != now.session;
  if (before.time && now.time) return *now.time > *before.time;
  if (!before.time && now.time) return *now.time > before_time;
  return now.pid > 0 && now.pid != before.pid;
}

NodeNow node_now(const Observation& seen, const ObservedLog& log, std::vector<KnobState> knobs,
                 std::size_t databases, TimePoint time) {
  NodeNow now;
  now.time = time;
  now.log_is_read = log.complete;
  now.runs = seen.holder.has_value();
  now.databases = databases;
  now.knobs = std::move(knobs);
  now.open.session = log.story.session_id;
  now.open.options = seen.options ? seen.options->name : std::string();
  now.open.pid = seen.holder ? seen.holder->pid : 0;
  if (log.story.utc_offset && !log.story.opens.empty()) {
    now.open.time = log.story.opens.back().time;
  } else if (log.last_open) {  // out of an event, whose time is UTC
    now.open.time = log.last_open->time;
  }
  if (seen.client.profile != nullptr) now.caveat = seen.client.profile->settings_note;
  return now;
}

FollowedChange begin_follow_up(const Recommendation& item, const NodeNow& now,
                               const History& history, const FollowUpConfig& config) {
  FollowedChange change;
  change.item = item;
  change.copied = now.time;
  change.open = now.open;
  change.open_known = now.log_is_read;
  change.before = figures_of(history, now.time - config.before, now.time);
  FollowUp follow_up;
  step(follow_up, Stage::copied, now.time);
  follow_up.text = fmt::format("copied: {}", item.line);
  change.item.follow_up = std::move(follow_up);
  return change;
}

std::optional<FollowUpMove> follow(FollowedChange& change, const NodeNow& now,
                                   const History& history, const FollowUpConfig& config) {
  if (!change.item.follow_up || change.is_closed()) return std::nullopt;
  auto& follow_up = *change.item.follow_up;
  switch (follow_up.stage) {
    case Stage::copied: {
      step(follow_up, Stage::awaiting_restart, now.time);
      follow_up.text = waiting_text(now);
      return move_to(change, Stage::copied);
    }
    case Stage::awaiting_restart:
    case Stage::not_in_force:
      return judge_open(change, now, config);
    case Stage::in_force:
      if (auto move = judge_open(change, now, config)) return move;
      return compare_windows(change, now, history, config);
    case Stage::verified:
      break;
  }
  return std::nullopt;
}

}  // namespace nodetune
