// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/recorded_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/base/format.h"
#include "engine/node/observed_tuner.h"
#include "engine/tuner/knob_table.h"
#include "engine/tuner/rules.h"

namespace nodetune {
namespace {

using State = RecommendationState;

// A LOG does not name a filter's bits, and no rule asks for them.
bool is_needed(Knob knob) {
  return std::ranges::any_of(rules(), [&](const Rule& rule) { return rule.knob == knob; });
}

bool goes_up(const Proposal& proposal) {
  return proposal.proposed > proposal.current;
}

std::string reasons(const Proposal& proposal) {
  std::string text;
  for (const auto& evidence : proposal.evidence) {
    text += fmt::format("{}{}", text.empty() ? "" : "; ", sentence(evidence));
  }
  return text;
}

}  // namespace

RecordedRules::RecordedRules(RecognisedClient client, const TunerConfig& config)
    : client_(std::move(client)), config_(config) {
  // Thresholds belong to the rules' own interval; a shorter one is for who would have to wait.
  config_.interval = TunerConfig{}.interval;
}

void RecordedRules::set_knobs(const std::vector<KnobState>& knobs, std::size_t families) {
  config_.context.families = std::max(1, static_cast<int>(families));
  KnobValues values;
  std::string unknown;
  for (const auto& state : knobs) {
    values[state.knob] = state.current.value_or(knob_info(state.knob).default_value);
    if (state.current || !is_needed(state.knob)) continue;
    unknown += fmt::format("{}{} ({})", unknown.empty() ? "" : ", ", to_string(state.knob),
                           state.current_text);
  }
  values_ = unknown.empty() ? std::optional(values) : std::nullopt;
  obstacle_ = unknown.empty() ? std::string()
                              : fmt::format(
                                    "the rules cannot look, as these are not known as one "
                                    "value: {}",
                                    unknown);
}

void RecordedRules::observe(const std::shared_ptr<const Snapshot>& sample, const History& history) {
  const bool follows = std::isfinite(sample->interval_seconds);
  if (!window_begin_ || !follows) {
    window_begin_ = sample;
    return;
  }
  if (sample->taken_at - window_begin_->taken_at < config_.interval) return;
  ++rounds_;
  if (values_) run(*window_begin_, *sample, history);
  window_begin_ = sample;
}

std::string RecordedRules::obstacle() const {
  if (!obstacle_.empty() || rounds_ > 0) return obstacle_;
  return fmt::format("the rules cannot look: nothing was recorded for {} in one piece",
                     format_seconds(to_seconds(config_.interval)));
}

void RecordedRules::run(const Snapshot& older, const Snapshot& newer, const History& history) {
  config_.context.memory_limit_bytes = newer.value(Metric::system_memory_limit_bytes);
  for (auto& item : items_) ++item.rounds_missed;
  const auto figures = figures_from(older, newer, &history);
  for (auto& proposal : evaluate(figures, *values_, config_.rules, config_.context)) {
    merge(std::move(proposal), newer.taken_at);
  }
  for (auto& item : items_) {
    if (item.state != State::proposed || item.rounds_missed < config_.expire_after_rounds) continue;
    (void)item.transition(State::expired, newer.taken_at, Actor::tuner,
                          fmt::format("its evidence was gone for {} rounds", item.rounds_missed));
  }
}

void RecordedRules::merge(Proposal proposal, TimePoint time) {
  const auto open = std::ranges::find_if(items_, [&](const Recommendation& item) {
    return item.state == State::proposed && item.proposal.target == proposal.target;
  });
  if (open != items_.end() && goes_up(open->proposal) == goes_up(proposal)) {
    open->proposal = std::move(proposal);
    open->refreshed = time;
    ++open->rounds_seen;
    open->rounds_missed = 0;
    open->apply = apply_text(client_, *open);
    open->line = setting_line(client_, *open);
    return;
  }
  if (open != items_.end()) {
    (void)open->transition(State::expired, time, Actor::tuner,
                           "the figures asked for the opposite then");
  }
  Recommendation item;
  item.id = next_id_++;
  item.created = item.refreshed = time;
  item.history.push_back({time, State::proposed, Actor::tuner, reasons(proposal)});
  item.proposal = std::move(proposal);
  item.apply = apply_text(client_, item);
  item.line = setting_line(client_, item);
  items_.push_back(std::move(item));
  if (items_.size() > config_.recommendations_max) items_.erase(items_.begin());
}

}  // namespace nodetune
