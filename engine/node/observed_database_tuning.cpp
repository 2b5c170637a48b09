// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The rules on a foreign database, what its operator decides, and what becomes of that.
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "engine/node/memory_headroom.h"
#include "engine/node/observed_database.h"

namespace nodetune {
namespace {

// Empty: every rule can.
std::string obstacle(const std::string& unknown, const KnownKnobs& knobs) {
  if (unknown.empty()) return {};
  const bool some =
      std::ranges::any_of(rules(), [&](const Rule& rule) { return rule.may_look(knobs); });
  return fmt::format("{} cannot look, as these are not known as one value: {}",
                     some ? "some of the rules" : "the rules", unknown);
}

}  // namespace

void ObservedDatabase::run_rules(const Observation& seen, const ObservedLog& log,
                                 const std::shared_ptr<const Snapshot>& newest) {
  const auto view = view_.get();
  if (!tuner_was_asked_) {
    const auto unknown = unknown_knobs(view->knobs, knobs_);
    if (!unknown.empty() && !log.complete) return;  // the rest of the LOG may tell
    open_tuner(seen, obstacle(unknown, knobs_));
  }
  if (!tuner_) return;
  auto judged = std::make_shared<Snapshot>(*newest);
  if (newest->source(Metric::db_stall_seconds_total) != Source::scraped) {
    judged->set(Metric::db_stall_seconds_total, stalls_.total(newest->taken_at));
  }
  judged_ = std::move(judged);
  tuner_->take_memory(
      memory_now(*newest, knobs_, view->knobs[index_of(Knob::block_cache_size)].origin));
  if (const auto ran = tuner_->observe(judged_, knobs_, history_); !ran) {
    add_event(EventCategory::recommendation, Severity::error, ran.status().message());
  }
  now_ = node_now(seen, log, view->knobs, config_.databases.size(), newest->taken_at);
  tell_news();
}

void ObservedDatabase::tell_news() {
  for (auto& event : tuner_->look(now_, history_)) events_.add(std::move(event));
}

void ObservedDatabase::open_tuner(const Observation& seen, const std::string& obstacle_text) {
  tuner_was_asked_ = true;
  auto tuner = ObservedTuner::open(config_.path, seen.client, config_.tuner, clock_);
  if (tuner) {
    tuner_ = *std::move(tuner);
    shown_tuner_.publish(tuner_);
    if (obstacle_text.empty()) return;
    add_event(EventCategory::recommendation, Severity::warning, obstacle_text);
  } else {
    add_event(EventCategory::recommendation, Severity::warning,
              fmt::format("the rules cannot look: {}", tuner.status().message()));
  }
}

std::vector<KnobState> ObservedDatabase::knobs() const {
  auto states = view_.get()->knobs;
  for (const auto& item : recommendations()) {
    if (item.state != RecommendationState::proposed) continue;
    for (auto& state : states) {
      if (item.proposal.target.is_knob(state.knob)) state.proposed = item.proposal.proposed;
    }
  }
  return states;
}

std::vector<Recommendation> ObservedDatabase::recommendations() const {
  const auto tuner = shown_tuner_.get();
  if (!tuner) return {};
  auto items = tuner->recommendations();
  for (auto& item : items) item.database = config_.name;
  return items;
}

std::vector<AuditEntry> ObservedDatabase::audit() const {
  const auto tuner = shown_tuner_.get();
  return tuner ? tuner->audit() : std::vector<AuditEntry>{};
}

Result<Ticket> ObservedDatabase::submit(Command command) {
  const bool possible = std::holds_alternative<DecideRecommendation>(command) ||
                        std::holds_alternative<FollowRecommendation>(command) ||
                        std::holds_alternative<TuneNow>(command);
  if (!possible || !shown_tuner_.get()) {
    return Status(StatusCode::failed,
                  fmt::format("{} is observed: it belongs to its node, and nothing in it can be "
                              "changed from here; change the node's own settings",
                              config_.path));
  }
  Order order{++last_ticket_, std::move(command)};
  const auto ticket = order.ticket;
  if (!orders_.try_push(std::move(order))) {
    return Status(StatusCode::busy, "too many commands wait; try again in a second");
  }
  wake_();
  return ticket;
}

void ObservedDatabase::carry_out(const Order& order) {
  Result<std::string> done = Status(StatusCode::busy, "nothing was seen yet; try again");
  if (const auto* decision = std::get_if<DecideRecommendation>(&order.command)) {
    done = tuner_->decide(*decision);
  } else if (const auto* copied = std::get_if<FollowRecommendation>(&order.command)) {
    done = tuner_->follow_up(*copied, now_, history_);
  } else if (judged_) {
    done = tuner_->tune_now(judged_, knobs_, history_);
  }
  CommandOutcome outcome;
  outcome.ticket = order.ticket;
  outcome.time = clock_.now();
  outcome.status = done.status();
  outcome.text = done ? *done : done.status().message();
  const std::lock_guard lock(outcomes_mutex_);
  outcomes_.push_back(std::move(outcome));
  while (outcomes_.size() > kOutcomesKept) outcomes_.pop_front();
}

std::vector<CommandOutcome> ObservedDatabase::outcomes(Ticket since) const {
  const std::lock_guard lock(outcomes_mutex_);
  std::vector<CommandOutcome> found;
  for (const auto& outcome : outcomes_) {
    if (outcome.ticket > since) found.push_back(outcome);
  }
  return found;
}

}  // namespace nodetune
