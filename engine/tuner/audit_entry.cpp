// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "engine/base/epoch.h"
#include "engine/tuner/audit_log.h"

namespace nodetune {
namespace {

using nlohmann::json;

constexpr std::array<std::pair<Actor, std::string_view>, 3> kActorNames = {
    {{Actor::node_operator, "operator"}, {Actor::tuner, "tuner"}, {Actor::recovery, "recovery"}}};

constexpr std::array<std::pair<AuditKind, std::string_view>, 6> kKindNames = {
    {{AuditKind::intent, "intent"},
     {AuditKind::done, "done"},
     {AuditKind::failed, "failed"},
     {AuditKind::rolled_back, "rolled_back"},
     {AuditKind::state, "state"},
     {AuditKind::note, "note"}}};

TimePoint entry_time_from(const json& document) {
  const double seconds = document.at("time").get<double>();
  if (!(std::fabs(seconds) < kEpochSecondsMax)) throw std::runtime_error("impossible time");
  return TimePoint(Duration(std::llround(seconds * 1e6)));
}

AuditEntry entry_from(const json& document) {
  const auto kind = audit_kind_from(document.at("kind").get<std::string>());
  const auto who = actor_from(document.at("who").get<std::string>());
  if (!kind || !who) throw std::runtime_error("unknown kind or actor");
  return {.sequence = document.at("sequence").get<std::uint64_t>(),
          .time = entry_time_from(document),
          .kind = *kind,
          .who = *who,
          .change = document.value("change", std::uint64_t{0}),
          .recommendation = document.value("recommendation", std::uint64_t{0}),
          .what = document.at("what").get<std::string>(),
          .from = document.value("from", std::string()),
          .to = document.value("to", std::string()),
          .outcome = document.value("outcome", std::string()),
          .reason = document.value("reason", std::string())};
}

}  // namespace

std::string_view to_string(Actor actor) {
  return kActorNames[static_cast<std::size_t>(actor)].second;
}

std::optional<Actor> actor_from(std::string_view name) {
  for (const auto& [actor, its_name] : kActorNames) {
    if (its_name == name) return actor;
  }
  return std::nullopt;
}

std::string_view to_string(AuditKind kind) {
  return kKindNames[static_cast<std::size_t>(kind)].second;
}

std::optional<AuditKind> audit_kind_from(std::string_view name) {
  for (const auto& [kind, its_name] : kKindNames) {
    if (its_name == name) return kind;
  }
  return std::nullopt;
}

std::string to_json_line(const AuditEntry& entry) {
  nlohmann::ordered_json document = {{"sequence", entry.sequence},
                                     {"time", to_epoch_seconds(entry.time)},
                                     {"kind", to_string(entry.kind)},
                                     {"who", to_string(entry.who)},
                                     {"what", entry.what}};
  if (entry.change != 0) document["change"] = entry.change;
  if (entry.recommendation != 0) document["recommendation"] = entry.recommendation;
  const std::pair<const char*, const std::string&> texts[] = {
      {"from", entry.from}, {"to", entry.to}, {"outcome", entry.outcome}, {"reason", entry.reason}};
  for (const auto& [key, text] : texts) {
    if (!text.empty()) document[key] = text;
  }
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<AuditEntry> audit_entry_from(std::string_view line) {
  try {
    return entry_from(json::parse(line));
  } catch (const std::exception& error) {
    return Status(StatusCode::corrupt, fmt::format("not an audit entry: {}", error.what()));
  }
}

}  // namespace nodetune
