// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/epoch.h"
#include "engine/base/json_number.h"
#include "engine/tuner/recommendation.h"

namespace nodetune {
namespace {

using nlohmann::json;

constexpr std::size_t kListMax = 1'000;  // evidence or history entries in one document

double number_from(const json& document, const char* key) {
  const auto found = document.find(key);
  if (found == document.end() || found->is_null()) return kMissing;
  return found->get<double>();
}

TimePoint time_from(const json& document, const char* key) {
  const double seconds = document.at(key).get<double>();
  if (!(std::fabs(seconds) < kEpochSecondsMax)) return TimePoint{};
  return TimePoint(from_seconds(seconds));
}

// Compression by name, everything else as a number.
json value_json(const Target& target, std::int64_t value) {
  if (target.is_knob(Knob::compression)) return value_text(target, value);
  return value;
}

std::int64_t value_from(const Target& target, const json& value) {
  if (value.is_number_integer()) return value.get<std::int64_t>();
  const auto parsed = parse_value(target, value.get<std::string>());
  if (!parsed) throw std::runtime_error(parsed.status().message());
  return *parsed;
}

template <typename T>
T known(std::optional<T> value, const char* what) {
  if (!value) throw std::runtime_error(fmt::format("unknown {}", what));
  return *value;
}

std::optional<Unit> unit_from(std::string_view name) {
  for (const auto unit : {Unit::count, Unit::bytes, Unit::seconds, Unit::ratio, Unit::operations,
                          Unit::blocks, Unit::files, Unit::pages}) {
    if (to_string(unit) == name) return unit;
  }
  return std::nullopt;
}

json to_document(const Evidence& evidence) {
  json document = {{"text", evidence.text},
                   {"sentence", sentence(evidence)},
                   {"metric", nullptr},
                   {"window_seconds", json_number(evidence.window_seconds)},
                   {"comparison", evidence.comparison == Comparison::above ? "above" : "below"},
                   {"threshold", json_number(evidence.threshold)},
                   {"value", json_number(evidence.value)},
                   {"unit", to_string(evidence.unit)}};
  if (evidence.metric) {
    document["metric"] = info(*evidence.metric).name;
    document["label"] = info(*evidence.metric).label;
  }
  return document;
}

Evidence evidence_from(const json& document) {
  Evidence evidence;
  evidence.text = document.at("text").get<std::string>();
  if (const auto metric = document.find("metric"); metric != document.end() && !metric->is_null()) {
    evidence.metric =
        metric_from(metric->get<std::string>(), document.value("label", std::string()));
  }
  evidence.window_seconds = number_from(document, "window_seconds");
  evidence.comparison =
      document.at("comparison") == "above" ? Comparison::above : Comparison::below;
  evidence.threshold = number_from(document, "threshold");
  evidence.value = number_from(document, "value");
  evidence.unit = known(unit_from(document.at("unit").get<std::string>()), "unit");
  return evidence;
}

json to_document(const StateChange& change) {
  return {{"time", to_epoch_seconds(change.time)},
          {"state", to_string(change.state)},
          {"who", to_string(change.who)},
          {"note", change.note}};
}

json to_document(const FollowUp& follow_up) {
  json document = {{"stage", to_string(follow_up.stage)},
                   {"since", to_epoch_seconds(follow_up.since)},
                   {"text", follow_up.text},
                   {"steps", json::array()},
                   {"hints", follow_up.hints},
                   {"comparison", follow_up.comparison}};
  for (const auto& step : follow_up.steps) {
    document["steps"].push_back(
        {{"stage", to_string(step.stage)}, {"time", to_epoch_seconds(step.time)}});
  }
  return document;
}

std::vector<std::string> texts_from(const json& document, const char* key) {
  const auto found = document.find(key);
  if (found == document.end()) return {};
  if (found->size() > kListMax) throw std::runtime_error("too many lines");
  return found->get<std::vector<std::string>>();
}

FollowUp follow_up_from(const json& document) {
  const auto stage = [](const json& each) {
    return known(follow_up_stage_from(each.at("stage").get<std::string>()), "stage");
  };
  FollowUp follow_up;
  follow_up.stage = stage(document);
  follow_up.since = time_from(document, "since");
  follow_up.text = document.at("text").get<std::string>();
  if (document.at("steps").size() > kListMax) throw std::runtime_error("too many steps");
  for (const auto& step : document.at("steps")) {
    follow_up.steps.push_back({stage(step), time_from(step, "time")});
  }
  follow_up.hints = texts_from(document, "hints");
  follow_up.comparison = texts_from(document, "comparison");
  return follow_up;
}

StateChange state_change_from(const json& document) {
  return {
      .time = time_from(document, "time"),
      .state = known(recommendation_state_from(document.at("state").get<std::string>()), "state"),
      .who = known(actor_from(document.at("who").get<std::string>()), "actor"),
      .note = document.at("note").get<std::string>()};
}

Proposal proposal_from(const json& document) {
  Proposal proposal;
  proposal.rule = document.at("rule").get<std::string>();
  proposal.target = known(target_from(document.at("target").get<std::string>()), "target");
  proposal.current = value_from(proposal.target, document.at("current"));
  proposal.proposed = value_from(proposal.target, document.at("proposed"));
  if (document.at("evidence").size() > kListMax) throw std::runtime_error("too much evidence");
  for (const auto& evidence : document.at("evidence")) {
    proposal.evidence.push_back(evidence_from(evidence));
  }
  proposal.expected = document.at("expected").get<std::string>();
  proposal.risk = document.at("risk").get<std::string>();
  proposal.reversibility = document.at("reversibility").get<std::string>();
  if (const auto found = document.find("contradiction");
      found != document.end() && !found->is_null()) {
    proposal.contradiction =
        Contradiction{.first_rule = found->at("first_rule").get<std::string>(),
                      .second_rule = found->at("second_rule").get<std::string>(),
                      .text = found->at("text").get<std::string>()};
  }
  return proposal;
}

Recommendation from_document(const json& document) {
  Recommendation item;
  item.id = document.at("id").get<std::uint64_t>();
  item.created = time_from(document, "created");
  item.refreshed = time_from(document, "refreshed");
  item.rounds_seen = document.at("rounds_seen").get<int>();
  item.rounds_missed = document.at("rounds_missed").get<int>();
  item.proposal = proposal_from(document);
  item.state = known(recommendation_state_from(document.at("state").get<std::string>()), "state");
  if (!document.at("overridden").is_null()) {
    item.overridden = value_from(item.proposal.target, document.at("overridden"));
  }
  item.change = document.at("change").get<std::uint64_t>();
  item.apply = document.at("apply").get<std::string>();
  item.line = document.value("line", std::string());
  item.notes = texts_from(document, "notes");
  item.database = document.value("database", std::string());
  if (const auto found = document.find("follow_up"); found != document.end() && !found->is_null()) {
    item.follow_up = follow_up_from(*found);
  }
  if (document.at("history").size() > kListMax) throw std::runtime_error("too long a history");
  for (const auto& change : document.at("history"))
    item.history.push_back(state_change_from(change));
  return item;
}

}  // namespace

std::string to_json(const Recommendation& item) {
  const auto& proposal = item.proposal;
  const auto& target = proposal.target;
  json document = {
      {"id", item.id},
      {"created", to_epoch_seconds(item.created)},
      {"refreshed", to_epoch_seconds(item.refreshed)},
      {"rounds_seen", item.rounds_seen},
      {"rounds_missed", item.rounds_missed},
      {"rule", proposal.rule},
      {"target", to_string(target)},
      {"knob", to_string(target)},
      {"current", value_json(target, proposal.current)},
      {"proposed", value_json(target, proposal.proposed)},
      {"evidence", json::array()},
      {"expected", proposal.expected},
      {"risk", proposal.risk},
      {"reversibility", proposal.reversibility},
      {"contradiction", nullptr},
      {"state", to_string(item.state)},
      {"overridden", nullptr},
      {"change", item.change},
      {"apply", item.apply},
      {"line", item.line},
      {"notes", item.notes},
      {"follow_up", nullptr},
      {"database", item.database},
      {"history", json::array()},
  };
  for (const auto& evidence : proposal.evidence) {
    document["evidence"].push_back(to_document(evidence));
  }
  if (proposal.contradiction) {
    document["contradiction"] = {{"first_rule", proposal.contradiction->first_rule},
                                 {"second_rule", proposal.contradiction->second_rule},
                                 {"text", proposal.contradiction->text}};
  }
  if (item.follow_up) document["follow_up"] = to_document(*item.follow_up);
  if (item.overridden) document["overridden"] = value_json(target, *item.overridden);
  for (const auto& change : item.history) document["history"].push_back(to_document(change));
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Recommendation> recommendation_from_json(std::string_view text) {
  try {
    return from_document(json::parse(text));
  } catch (const std::exception& error) {
    return Status(
        StatusCode::corrupt,
        fmt::format("not a recommendation: {}; it may be cut or of a later version", error.what()));
  }
}

}  // namespace nodetune
