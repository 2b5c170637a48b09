// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// What the operator was told to set, and what becomes of it.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/base/format.h"
#include "engine/node/observed_tuner.h"
#include "engine/tuner/target.h"

namespace nodetune {
namespace {

using State = RecommendationState;
using Stage = FollowUp::Stage;

constexpr std::string_view kFollowUpsName = "FOLLOWUPS.json";
// Between two ways of setting the same thing, as profiles write them.
constexpr std::string_view kOtherWay = ", or ";

NodeEvent recommendation_event(TimePoint time, Severity severity, std::string text) {
  NodeEvent one;
  one.time = time;
  one.category = EventCategory::recommendation;
  one.severity = severity;
  one.text = std::move(text);
  return one;
}

std::string stage_title(Stage stage) {
  std::string text(to_string(stage));
  std::ranges::replace(text, '_', ' ');
  return text;
}

}  // namespace

std::string apply_text(const RecognisedClient& client, const Recommendation& item) {
  if (item.proposal.target.kind != Target::Kind::knob) return {};
  const auto knob = item.proposal.target.knob;
  const auto line = knob_setting(client.profile, knob, item.value());
  if (!line.empty()) return fmt::format("In {} set: {}; then restart it", client.name, line);
  if (client.profile != nullptr) {
    return fmt::format("{} has no setting for it: only a build of one's own changes it",
                       client.name);
  }
  return fmt::format("Set {} = {} in the program that writes this database", to_string(knob),
                     knob_text(knob, item.value()));
}

std::string setting_line(const RecognisedClient& client, const Recommendation& item) {
  if (item.proposal.target.kind != Target::Kind::knob) return {};
  const auto knob = item.proposal.target.knob;
  if (client.profile == nullptr) {
    return fmt::format("{}={}", to_string(knob), knob_text(knob, item.value()));
  }
  auto line = knob_setting(client.profile, knob, item.value());
  if (const auto other = line.find(kOtherWay); other != std::string::npos) line.resize(other);
  return line;
}

std::string unknown_knobs(const std::vector<KnobState>& states, const KnownKnobs& knobs) {
  std::string text;
  for (const auto& state : states) {
    const bool missed = std::ranges::any_of(rules(), [&](const Rule& rule) {
      return (rule.knob == state.knob && !knobs.is_one(state.knob)) ||
             (rule.looks_at == state.knob && !knobs.is_judged(state.knob));
    });
    if (!missed) continue;
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", to_string(state.knob),
                        state.current_text);
  }
  return text;
}

// What was open before this program was restarted is a recommendation again.
Status ObservedTuner::restore(const std::string& folder) {
  store_ = std::make_unique<FollowUpStore>(fmt::format("{}/{}", folder, kFollowUpsName));
  auto found = store_->read(clock_.now());
  if (!found) return found.status();
  if (!found->trouble.empty()) {
    news_.push_back(recommendation_event(clock_.now(), Severity::error, found->trouble));
  }
  changes_ = std::move(found->follow_ups.changes);
  auto items = std::move(found->follow_ups.approved);
  for (const auto& change : changes_) items.push_back(change.item);
  tuner_->restore(std::move(items));
  return Status::ok();
}

Status ObservedTuner::save() {
  FollowUps kept{changes_, tuner_->recommendations()};
  std::erase_if(kept.approved, [](const Recommendation& item) { return !waits_for_copy(item); });
  return store_->write(kept);
}

Status ObservedTuner::make_room() {
  while (changes_.size() >= follow_up_config_.kept_max) {
    const auto oldest = std::ranges::find_if(changes_, &FollowedChange::is_closed);
    if (oldest == changes_.end()) {
      return {StatusCode::busy,
              fmt::format("{} changes wait for a restart: restart the node, or give some up",
                          changes_.size())};
    }
    changes_.erase(oldest);
  }
  return Status::ok();
}

// Logged, told to the tuner, and what became of it there kept here.
NodeEvent ObservedTuner::take(const FollowUpMove& move, Actor who, FollowedChange& change) {
  const auto& target = change.item.proposal.target;
  const bool first = move.follow_up.stage == Stage::copied;
  auto severity = move.severity;
  auto text = fmt::format("{}: {}: {}", title(target), stage_title(move.follow_up.stage),
                          move.follow_up.text);
  const auto note = [&](const Status& status) {
    if (status) return;
    severity = Severity::error;
    text += fmt::format(" ({})", status.message());
  };
  note(audit_
           ->append(
               {.kind = AuditKind::state,
                .who = who,
                .recommendation = move.id,
                .what = to_string(target),
                .from = std::string(first ? to_string(change.item.state) : to_string(move.from)),
                .to = std::string(to_string(move.follow_up.stage)),
                .outcome = {},
                .reason = move.follow_up.text})
           .status());
  note(tuner_->set_follow_up(move.id, move.follow_up));
  if (move.state) note(tuner_->note_state(move.id, *move.state, who, move.follow_up.text));
  if (auto item = tuner_->find(move.id)) change.item = *std::move(item);
  complete(change.item);
  return recommendation_event(clock_.now(), severity, std::move(text));
}

Result<std::string> ObservedTuner::follow_up(const FollowRecommendation& command,
                                             const NodeNow& now, const History& history) {
  auto item = tuner_->find(command.id);
  if (!item) {
    return Status(StatusCode::not_found, fmt::format("there is no recommendation {}", command.id));
  }
  if (setting_line(client_, *item).empty()) {
    return Status(StatusCode::invalid_argument, apply_text(client_, *item));
  }
  if (item->follow_up && item->follow_up->stage == Stage::awaiting_restart) {
    return fmt::format("{}: it is followed already", title(item->proposal.target));
  }
  if (item->state == State::proposed) {
    if (auto status = tuner_->decide(command.id, {}); !status) return status;
    item = tuner_->find(command.id);
  }
  if (!item || (item->state != State::approved && item->state != State::overridden)) {
    return Status(StatusCode::invalid_argument,
                  fmt::format("recommendation {} is {}: there is nothing to follow up", command.id,
                              item ? to_string(item->state) : "gone"));
  }
  std::erase_if(changes_,
                [&](const FollowedChange& change) { return change.item.id == command.id; });
  if (auto status = make_room(); !status) return status;
  complete(*item);
  item->follow_up.reset();
  auto& change = changes_.emplace_back(begin_follow_up(*item, now, history, follow_up_config_));
  const FollowUpMove copied{.id = command.id, .follow_up = *change.item.follow_up};
  news_.push_back(take(copied, Actor::node_operator, change));
  if (const auto waits = follow(change, now, history, follow_up_config_)) {
    news_.push_back(take(*waits, Actor::tuner, change));
  }
  if (auto status = save(); !status) return status;
  return fmt::format("{}: copied; {}", title(change.item.proposal.target),
                     change.item.follow_up->text);
}

// A later change of the same knob, copied meanwhile, is no failure of the earlier one.
void ObservedTuner::name_successor(FollowedChange& change, FollowUpMove& move) const {
  if (move.state != State::rolled_back) return;
  const auto later = std::ranges::find_if(changes_, [&](const FollowedChange& other) {
    return other.copied > change.copied && !other.is_closed() &&
           other.item.proposal.target == change.item.proposal.target;
  });
  if (later == changes_.end()) return;
  move.severity = Severity::info;
  move.follow_up.hints.clear();
  move.follow_up.text =
      fmt::format("replaced by the later change to {} before it could be compared",
                  format_value(later->item.proposal.target, later->item.value()));
  change.item.follow_up = move.follow_up;
}

Status ObservedTuner::give_up(const Recommendation& item) {
  if (!may_become(item.state, State::expired)) {
    return {StatusCode::invalid_argument,
            fmt::format("{} is in force: set it back in the node's configuration",
                        title(item.proposal.target))};
  }
  if (auto status = tuner_->note_state(item.id, State::expired, Actor::node_operator, "given up");
      !status) {
    return status;
  }
  for (auto& change : changes_) {
    if (change.item.id == item.id) change.item = tuner_->find(item.id).value_or(change.item);
  }
  return save();
}

std::vector<NodeEvent> ObservedTuner::look(const NodeNow& now, const History& history) {
  bool moved = false;
  for (auto& change : changes_) {
    if (change.is_closed()) continue;
    const auto text = change.item.follow_up->text;
    if (auto move = follow(change, now, history, follow_up_config_)) {
      name_successor(change, *move);
      news_.push_back(take(*move, Actor::tuner, change));
      moved = true;
    } else if (change.item.follow_up->text != text) {
      // Gone from the tuner's list, which is bounded: it is told no more.
      if (auto status = tuner_->set_follow_up(change.item.id, *change.item.follow_up); !status) {
        continue;
      }
    }
  }
  if (moved) {
    if (auto status = save(); !status) {
      news_.push_back(recommendation_event(
          now.time, Severity::error,
          fmt::format("What is followed up cannot be kept: {}", status.message())));
    }
  }
  return std::exchange(news_, {});
}

}  // namespace nodetune
