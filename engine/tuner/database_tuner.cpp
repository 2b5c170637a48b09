// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/tuner/database_tuner.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/logging.h"
#include "engine/tuner/rule_list.h"

namespace nodetune {
namespace {

using State = RecommendationState;

bool same_direction(const Proposal& one, const Proposal& other) {
  return (one.proposed > one.current) == (other.proposed > other.current);
}

bool awaits_application(State state) {
  return state == State::approved || state == State::overridden || state == State::applying;
}

std::string steps(const Proposal& proposal) {
  return fmt::format("{} to {}", format_value(proposal.target, proposal.current),
                     format_value(proposal.target, proposal.proposed));
}

std::string reasons(const Proposal& proposal) {
  std::string text = proposal.rule;
  for (const auto& evidence : proposal.evidence) text += "; " + sentence(evidence);
  if (proposal.contradiction) text += "; " + proposal.contradiction->text;
  return text;
}

// What became of the evidence: the figures before and now.
std::string effect(const Proposal& proposal, const TunerFigures& figures) {
  std::string text = "in force";
  for (const auto& evidence : proposal.evidence) {
    const auto now = rule::figure_of(evidence, figures);
    if (!now) continue;
    text += fmt::format("; {}: {} before, {} now", evidence.text,
                        format_figure(evidence.value, evidence.unit),
                        format_figure(*now, evidence.unit));
  }
  return text;
}

std::optional<std::int64_t> value_of(const Target& target, const KnownKnobs& knobs,
                                     const std::vector<std::pair<Target, std::int64_t>>& others) {
  if (target.kind == Target::Kind::knob) {
    return knobs.is_one(target.knob) ? std::optional(knobs.values[target.knob]) : std::nullopt;
  }
  for (const auto& [other, value] : others) {
    if (other == target) return value;
  }
  return std::nullopt;
}

// Keeps the first error.
void note(Status& first, Status next) {
  if (first) first = std::move(next);
}

}  // namespace

DatabaseTuner::DatabaseTuner(const TunerConfig& config, Clock& clock, AuditLog& audit,
                             Actuator* actuator)
    : clock_(clock), audit_(audit), actuator_(actuator), config_(config) {
  // Numbers go on where the log's end, so that one number means one recommendation.
  for (const auto& entry : audit_.entries()) {
    next_id_ = std::max(next_id_, entry.recommendation + 1);
  }
}

Recommendation* DatabaseTuner::find_locked(std::uint64_t id) {
  const auto found = std::ranges::find(items_, id, &Recommendation::id);
  return found == items_.end() ? nullptr : &*found;
}

// Logged first: what cannot be logged does not happen.
Status DatabaseTuner::move_locked(Recommendation& item, State to, Actor who,
                                  std::string note_text) {
  if (!may_become(item.state, to)) return item.transition(to, clock_.now(), who, {});
  const auto logged = audit_.append({.kind = AuditKind::state,
                                     .who = who,
                                     .change = item.change,
                                     .recommendation = item.id,
                                     .what = to_string(item.proposal.target),
                                     .from = std::string(to_string(item.state)),
                                     .to = std::string(to_string(to)),
                                     .outcome = {},
                                     .reason = note_text});
  if (!logged) return logged.status();
  return item.transition(to, clock_.now(), who, std::move(note_text));
}

// For what has happened already, whether it can be logged or not.
void DatabaseTuner::move_logged_locked(Recommendation& item, State to, Actor who,
                                       std::string note_text) {
  const auto status = move_locked(item, to, who, note_text);
  if (status) return;
  log().warn("recommendation {}: {}", item.id, status.message());
  if (const auto moved = item.transition(to, clock_.now(), who, std::move(note_text)); !moved) {
    log().error("{}", moved.message());
  }
}

Status DatabaseTuner::add_locked(Proposal proposal) {
  Recommendation item;
  item.id = next_id_;
  item.created = item.refreshed = clock_.now();
  item.history.push_back({item.created, State::proposed, Actor::tuner, reasons(proposal)});
  const auto logged = audit_.append({.kind = AuditKind::state,
                                     .who = Actor::tuner,
                                     .recommendation = item.id,
                                     .what = to_string(proposal.target),
                                     .from = {},
                                     .to = std::string(to_string(State::proposed)),
                                     .outcome = steps(proposal),
                                     .reason = reasons(proposal)});
  item.proposal = std::move(proposal);
  ++next_id_;
  items_.push_back(std::move(item));
  forget_oldest_locked();
  return logged ? Status::ok() : logged.status();
}

Status DatabaseTuner::merge_locked(std::vector<Proposal> proposals) {
  const auto now = clock_.now();
  std::erase_if(quiet_, [&](const Quiet& quiet) { return quiet.until <= now; });
  Status result;
  for (auto& proposal : proposals) {
    const bool up = proposal.proposed > proposal.current;
    if (std::ranges::any_of(quiet_, [&](const Quiet& quiet) {
          return quiet.target == proposal.target && quiet.up == up;
        })) {
      continue;
    }
    const auto open = std::ranges::find_if(items_, [&](const Recommendation& item) {
      return item.proposal.target == proposal.target &&
             (item.state == State::proposed || awaits_application(item.state));
    });
    if (open == items_.end()) {
      note(result, add_locked(std::move(proposal)));
    } else if (open->state == State::proposed && same_direction(open->proposal, proposal)) {
      open->proposal = std::move(proposal);
      open->refreshed = now;
      ++open->rounds_seen;
      open->rounds_missed = 0;
    } else if (open->state == State::proposed) {
      note(result, move_locked(*open, State::expired, Actor::tuner,
                               "the figures ask for the opposite now"));
      note(result, add_locked(std::move(proposal)));
    }
  }
  return result;
}

Status DatabaseTuner::verify_locked(const TunerFigures& figures, TimePoint begin,
                                    const KnownKnobs& knobs, const OtherValues& others) {
  Status result;
  for (auto& item : items_) {
    if (item.follow_up) continue;
    const auto now = value_of(item.proposal.target, knobs, others);
    if (!now) continue;
    // Nobody here can apply it; somebody did.
    if (actuator_ == nullptr && *now == item.value() &&
        (item.state == State::approved || item.state == State::overridden)) {
      note(result, move_locked(item, State::applying, Actor::tuner, "seen in force"));
      note(result, move_locked(item, State::applied, Actor::tuner, "seen in force"));
    }
    if (item.state != State::applied) continue;
    if (*now != item.value()) {
      note(result, move_locked(item, State::rolled_back, Actor::tuner,
                               fmt::format("no longer in force: it is {} now",
                                           format_value(item.proposal.target, *now))));
    } else if (item.since() <= begin) {
      note(result,
           move_locked(item, State::verified, Actor::tuner, effect(item.proposal, figures)));
    }
  }
  return result;
}

Status DatabaseTuner::expire_locked(const KnownKnobs& knobs) {
  Status result;
  for (auto& item : items_) {
    if (item.state != State::proposed) continue;
    const auto& target = item.proposal.target;
    const bool known = target.kind == Target::Kind::knob && knobs.is_one(target.knob);
    if (known && knobs.values[target.knob] != item.proposal.current) {
      note(result, move_locked(item, State::expired, Actor::tuner,
                               fmt::format("the knob was changed meanwhile: it is {} now",
                                           format_value(target, knobs.values[target.knob]))));
    } else if (item.rounds_missed >= config_.expire_after_rounds) {
      note(result,
           move_locked(item, State::expired, Actor::tuner,
                       fmt::format("its evidence is gone since {} rounds", item.rounds_missed)));
    }
  }
  return result;
}

void DatabaseTuner::forget_oldest_locked() {
  while (items_.size() > config_.recommendations_max) {
    const auto oldest = std::ranges::find_if(
        items_, [](const Recommendation& item) { return is_final(item.state); });
    if (oldest == items_.end()) return;  // open ones: at most one a target
    items_.erase(oldest);
  }
}

void DatabaseTuner::note_moves_locked(const KnownKnobs& knobs, TimePoint seen_at) {
  for (const auto knob : kKnobs) {
    if (!last_knobs_ || !last_knobs_->is_judged(knob) || !knobs.is_judged(knob)) continue;
    if (knobs.values[knob] != last_knobs_->values[knob]) moved_[index_of(knob)] = seen_at;
  }
  last_knobs_ = knobs;
}

// The actuator is asked without the lock.
DatabaseTuner::OtherValues DatabaseTuner::read_others() const {
  OtherValues others;
  if (actuator_ == nullptr) return others;
  for (const auto& item : recommendations()) {
    if (item.state != State::applied || item.proposal.target.kind == Target::Kind::knob) continue;
    if (const auto now = actuator_->current(item.proposal.target)) {
      others.emplace_back(item.proposal.target, *now);
    }
  }
  return others;
}

Result<bool> DatabaseTuner::observe(std::shared_ptr<const Snapshot> newest, const KnownKnobs& knobs,
                                    const History* history) {
  return end_window(std::move(newest), config().interval, knobs, history);
}

Result<bool> DatabaseTuner::tune_now(std::shared_ptr<const Snapshot> newest,
                                     const KnownKnobs& knobs, const History* history) {
  return end_window(std::move(newest), Duration(1), knobs, history);
}

Result<bool> DatabaseTuner::end_window(std::shared_ptr<const Snapshot> newest, Duration at_least,
                                       const KnownKnobs& knobs, const History* history) {
  std::shared_ptr<const Snapshot> begin;
  {
    const std::scoped_lock lock(mutex_);
    if (newest == nullptr) return false;
    // A time that goes back (a set clock) begins anew.
    const bool first = window_begin_ == nullptr || newest->taken_at < window_begin_->taken_at;
    if (!first && newest->taken_at - window_begin_->taken_at < at_least) return false;
    begin = first ? nullptr : window_begin_;
    window_begin_ = newest;
  }
  if (begin == nullptr) return false;
  if (auto status = run_once(*begin, *newest, knobs, history); !status) return status;
  return true;
}

Status DatabaseTuner::run_once(const Snapshot& older, const Snapshot& newer,
                               const KnownKnobs& knobs, const History* history) {
  const auto figures = figures_from(older, newer, history);
  const auto others = read_others();
  const std::scoped_lock lock(mutex_);
  auto proposals = evaluate(figures, knobs, config_.rules, config_.context);
  note_moves_locked(knobs, newer.taken_at);
  // A knob that moved within the window: the figures are half of the old value, half of the new.
  std::erase_if(proposals, [&](const Proposal& proposal) {
    return moved_[index_of(proposal.target.knob)] > older.taken_at;
  });
  ++rounds_;
  for (auto& item : items_) {
    if (item.state == State::proposed) ++item.rounds_missed;  // merging sets it back
  }
  Status result = verify_locked(figures, older.taken_at, knobs, others);
  note(result, merge_locked(std::move(proposals)));
  note(result, expire_locked(knobs));
  return result;
}

Status DatabaseTuner::propose(std::vector<Proposal> proposals) {
  const std::scoped_lock lock(mutex_);
  return merge_locked(std::move(proposals));
}

std::vector<Recommendation> DatabaseTuner::recommendations() const {
  const std::scoped_lock lock(mutex_);
  return items_;
}

std::optional<Recommendation> DatabaseTuner::find(std::uint64_t id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = std::ranges::find(items_, id, &Recommendation::id);
  return found == items_.end() ? std::nullopt : std::optional(*found);
}

std::uint64_t DatabaseTuner::rounds() const {
  const std::scoped_lock lock(mutex_);
  return rounds_;
}

std::optional<TimePoint> DatabaseTuner::next_round() const {
  const std::scoped_lock lock(mutex_);
  if (window_begin_ == nullptr) return std::nullopt;
  return window_begin_->taken_at + config_.interval;
}

TunerConfig DatabaseTuner::config() const {
  const std::scoped_lock lock(mutex_);
  return config_;
}

void DatabaseTuner::set_config(const TunerConfig& config) {
  const std::scoped_lock lock(mutex_);
  config_ = config;
}

}  // namespace nodetune
