// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/metrics/catalogue.h"
#include "engine/metrics/snapshot.h"
#include "engine/tuner/audit_log.h"
#include "engine/tuner/target.h"

namespace nodetune {

enum class Comparison : std::uint8_t { above, below };

// Why: a figure that crossed a threshold.
struct Evidence {
  std::string text;              // "Stalled seconds"; what was looked at, for people
  std::optional<Metric> metric;  // where it is one of the catalogue's
  double window_seconds = kMissing;
  Comparison comparison = Comparison::above;
  double threshold = kMissing;
  double value = kMissing;
  Unit unit = Unit::count;
};
// "Stalled seconds: 8.2 s in 60 s, above 5 s".
std::string sentence(const Evidence& evidence);
// A figure of a unit, for people: "8.2 s", "81 %".
std::string format_figure(double value, Unit unit);

// Two rules that want opposite things in one round.
struct Contradiction {
  std::string first_rule;
  std::string second_rule;
  std::string text;  // what they disagree about, and why the proposal is what it is
};

// What a rule wants.
struct Proposal {
  std::string rule;  // "write_buffer_stalls"
  Target target;
  std::int64_t current = 0;
  std::int64_t proposed = 0;
  std::vector<Evidence> evidence;
  std::string expected;       // what should get better
  std::string risk;           // what may get worse
  std::string reversibility;  // how to go back, and what does not go back
  std::optional<Contradiction> contradiction;
};

enum class RecommendationState : std::uint8_t {
  proposed,
  approved,
  overridden,
  rejected,
  expired,
  applying,
  applied,
  failed,
  verified,
  rolled_back,
};
std::string_view to_string(RecommendationState state);  // "rolled_back"
std::optional<RecommendationState> recommendation_state_from(std::string_view name);
// proposed → approved | overridden | rejected | expired; approved | overridden → applying | expired
// (expired: never applied); applying → applied | failed; applied → verified | rolled_back;
// verified → rolled_back.
bool may_become(RecommendationState from, RecommendationState to);
bool is_final(RecommendationState state);  // nothing, or only an undo, comes after it

struct StateChange {
  TimePoint time{};
  RecommendationState state = RecommendationState::proposed;
  Actor who = Actor::tuner;
  std::string note;
};

// Of a foreign node, whose operator applies what was approved: how far that has come.
struct FollowUp {
  enum class Stage : std::uint8_t { copied, awaiting_restart, in_force, not_in_force, verified };
  struct Step {
    Stage stage = Stage::copied;
    TimePoint time{};
  };
  Stage stage = Stage::copied;
  TimePoint since{};
  std::string text;                     // "the node was opened at … with 64 MiB: not in force"
  std::vector<Step> steps;              // reached so far, in their order
  std::vector<std::string> hints;       // where to look when it is not in force
  std::vector<std::string> comparison;  // before and after the restart, one figure each
};
std::string_view to_string(FollowUp::Stage stage);  // "awaiting_restart"
std::optional<FollowUp::Stage> follow_up_stage_from(std::string_view name);

// A proposal and what became of it. A plain value: the window gets copies.
struct Recommendation {
  std::uint64_t id = 0;
  TimePoint created{};
  TimePoint refreshed{};  // when its evidence was last seen
  int rounds_seen = 1;    // tuning rounds in which the evidence was there
  int rounds_missed = 0;  // rounds without it, since the last one with it
  Proposal proposal;
  RecommendationState state = RecommendationState::proposed;
  std::optional<std::int64_t> overridden;  // the operator's value
  std::uint64_t change = 0;                // the audit log's id once applied
  std::string apply;  // of an observed node: what to do in that client, in a sentence
  std::string line;   // the exact flag or line of it, to be copied; empty: there is none
  std::vector<std::string> notes;     // what it takes of memory, and how much there is
  std::string database;               // printable; empty: the directory holds but one
  std::optional<FollowUp> follow_up;  // of an observed node, once copied
  std::vector<StateChange> history;   // first: proposed

  // What is applied on approval: the operator's value, else the proposed one.
  std::int64_t value() const { return overridden.value_or(proposal.proposed); }
  TimePoint since() const { return history.empty() ? created : history.back().time; }
  // Moves on and notes it in the history; refused when may_become() says no.
  Status transition(RecommendationState to, TimePoint time, Actor who, std::string note);
};

// One JSON object, with knob, current, proposed, evidence, expected, risk and apply as the command
// line promises; and back.
std::string to_json(const Recommendation& recommendation);
Result<Recommendation> recommendation_from_json(std::string_view json);

}  // namespace nodetune
