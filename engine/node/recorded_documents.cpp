// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/recorded_documents.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/base/json_number.h"
#include "engine/node/kind_figures.h"
#include "engine/node/recorded_json.h"

namespace nodetune {
namespace {

using nlohmann::json;

std::string dumped(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

json parsed(std::string_view text) {
  auto value = json::parse(text, nullptr, /*allow_exceptions=*/false);
  return value.is_object() ? value : json::object();
}

// Out of the range of 64 bits is no integer.
std::optional<std::int64_t> whole(const json& object, const char* name) {
  const auto& value = json_member(object, name);
  if (!value.is_number_integer()) return std::nullopt;
  return value.get<std::int64_t>();
}

std::vector<std::string> texts(const json& object, const char* name) {
  std::vector<std::string> list;
  const auto& value = json_member(object, name);
  if (!value.is_array()) return list;
  for (const auto& each : value) {
    if (each.is_string()) list.push_back(each.get<std::string>());
  }
  return list;
}

template <typename Take>
void each_object(const json& object, const char* name, Take&& take) {
  const auto& list = json_member(object, name);
  if (!list.is_array()) return;
  for (const auto& each : list) {
    if (each.is_object()) take(each);
  }
}

template <typename Value>
Value value_named(std::string_view name, std::initializer_list<Value> all, Value otherwise) {
  for (const auto value : all) {
    if (to_string(value) == name) return value;
  }
  return otherwise;
}

void put_option_story(const NodeDescription& node, json& value) {
  value["defaults_of"] = node.defaults_of;
  value["restart_price"] = node.restart_price;
  auto& changes = value["option_changes"] = json::array();
  for (const auto& change : node.option_changes) {
    changes.push_back({{"section", change.section},
                       {"name", change.name},
                       {"before", change.before},
                       {"after", change.after},
                       {"origin", change.origin}});
    if (change.time) changes.back()["time"] = change.time->time_since_epoch().count();
  }
  auto& client = value["client_options"] = json::array();
  for (const auto& option : node.client_options) {
    client.push_back({{"subject", option.subject},
                      {"current", option.current},
                      {"how", option.how},
                      {"caveat", option.caveat}});
    if (option.knob) client.back()["knob"] = to_string(*option.knob);
  }
}

void take_option_story(const json& value, NodeDescription& node) {
  node.defaults_of = json_text(value, "defaults_of");
  node.restart_price = json_text(value, "restart_price");
  each_object(value, "option_changes", [&](const json& row) {
    const auto time = whole(row, "time");
    node.option_changes.push_back({time ? std::optional(TimePoint(Duration(*time))) : std::nullopt,
                                   json_text(row, "section"), json_text(row, "name"),
                                   json_text(row, "before"), json_text(row, "after"),
                                   json_text(row, "origin")});
  });
  each_object(value, "client_options", [&](const json& row) {
    node.client_options.push_back({json_text(row, "subject"), json_text(row, "current"),
                                   json_text(row, "how"), json_text(row, "caveat"),
                                   knob_from(json_text(row, "knob"))});
  });
}

}  // namespace

std::string description_json(const NodeDescription& node) {
  json value = {{"path", node.path},
                {"reason", node.reason},
                {"kind", node.kind},
                {"client", node.client},
                {"rocksdb_version", node.rocksdb_version},
                {"column_families", node.column_families},
                {"databases", node.databases},
                {"zone", node.zone},
                {"data_set", node.data_set}};
  if (node.format_version) value["format_version"] = *node.format_version;
  auto& facts = value["facts"] = json::array();
  for (const auto& fact : node.facts) {
    facts.push_back({{"name", fact.name}, {"value", fact.value}, {"origin", fact.origin}});
  }
  auto& options = value["options"] = json::array();
  for (const auto& row : node.options) {
    options.push_back({{"section", row.section}, {"name", row.name}, {"value", row.value}});
    if (row.default_value) options.back()["default"] = *row.default_value;
  }
  put_option_story(node, value);
  return dumped(value);
}

NodeDescription description_from_json(std::string_view given) {
  const auto value = parsed(given);
  NodeDescription node;
  node.path = json_text(value, "path");
  node.reason = json_text(value, "reason");
  node.kind = json_text(value, "kind");
  node.client = json_text(value, "client");
  node.rocksdb_version = json_text(value, "rocksdb_version");
  node.column_families = texts(value, "column_families");
  node.databases = texts(value, "databases");
  node.zone = json_text(value, "zone");
  node.data_set = json_text(value, "data_set");
  if (const auto version = whole(value, "format_version")) {
    node.format_version = static_cast<int>(*version);
  }
  each_object(value, "facts", [&](const json& fact) {
    node.facts.push_back(
        {json_text(fact, "name"), json_text(fact, "value"), json_text(fact, "origin")});
  });
  each_object(value, "options", [&](const json& row) {
    node.options.push_back(
        {json_text(row, "section"), json_text(row, "name"), json_text(row, "value")});
    const auto& usual = json_member(row, "default");
    if (usual.is_string()) node.options.back().default_value = usual.get<std::string>();
  });
  take_option_story(value, node);
  return node;
}

std::string knob_states_json(const std::vector<KnobState>& knobs) {
  json list = json::array();
  for (const auto& state : knobs) {
    json row = {{"knob", to_string(state.knob)},
                {"text", state.current_text},
                {"origin", state.origin},
                {"why_not", state.why_not}};
    if (state.current) row["current"] = *state.current;
    list.push_back(std::move(row));
  }
  return dumped({{"knobs", std::move(list)}});
}

std::vector<KnobState> knob_states_from_json(std::string_view given) {
  std::vector<KnobState> knobs;
  for (const auto knob : kKnobs) {
    KnobState state;
    state.knob = knob;
    state.current_text = "not recorded";
    state.why_not = "a recording cannot be changed";
    knobs.push_back(std::move(state));
  }
  each_object(parsed(given), "knobs", [&](const json& row) {
    const auto knob = knob_from(json_text(row, "knob"));
    if (!knob) return;
    auto& state = knobs[index_of(*knob)];
    state.current = whole(row, "current");
    state.current_text = json_text(row, "text");
    state.origin = json_text(row, "origin");
    if (const auto why = json_text(row, "why_not"); !why.empty()) {
      state.why_not = "a recording cannot be changed: it " + why;
    }
  });
  return knobs;
}

std::string state_json(const Snapshot& snapshot) {
  json value = {{"time", snapshot.taken_at.time_since_epoch().count()}};
  auto& figures = value["figures"] = json::object();
  for (const auto& metric : catalogue()) {
    const double each = snapshot.value(metric.id);
    if (std::isfinite(each)) figures[figure_name(metric)] = each;
  }
  auto& levels = value["levels"] = json::array();
  for (const auto& level : snapshot.levels) {
    levels.push_back({{"family", level.family},
                      {"level", level.level},
                      {"files", level.files},
                      {"bytes", level.bytes},
                      {"score", json_number(level.score)},
                      {"write_amplification", json_number(level.write_amplification)},
                      {"read_bytes", json_number(level.read_bytes)},
                      {"write_bytes", json_number(level.write_bytes)},
                      {"target_bytes", json_number(level.target_bytes)},
                      {"debt_bytes", json_number(level.debt_bytes)}});
  }
  auto& families = value["families"] = json::array();
  for (const auto& family : snapshot.families) {
    families.push_back({{"name", family.name},
                        {"files", family.files},
                        {"bytes", family.bytes},
                        {"estimated_keys", json_number(family.estimated_keys)},
                        {"memtable_bytes", json_number(family.memtable_bytes)},
                        {"immutable_memtables", json_number(family.immutable_memtables)},
                        {"l0_files", json_number(family.l0_files)},
                        {"pending_compaction_bytes", json_number(family.pending_compaction_bytes)},
                        {"index_bytes", json_number(family.index_bytes)},
                        {"filter_bytes", json_number(family.filter_bytes)},
                        {"role", family.role}});
  }
  auto& kinds = value["kinds"] = json::array();
  for (const auto& kind : snapshot.kinds) {
    kinds.push_back({{"kind", kind_id(kind)},
                     {"files", kind.files},
                     {"bytes", kind.bytes},
                     {"estimated_keys", json_number(kind.estimated_keys)}});
  }
  auto& stalls = value["stalls"] = json::array();
  for (const auto& stall : snapshot.stalls) {
    stalls.push_back(
        {{"cause", to_string(stall.cause)}, {"stopped", stall.stopped}, {"count", stall.count}});
  }
  return dumped(value);
}

Snapshot state_from_json(std::string_view given) {
  const auto value = parsed(given);
  Snapshot snapshot;
  snapshot.taken_at = TimePoint(Duration(whole(value, "time").value_or(0)));
  const auto& figures = json_member(value, "figures");
  for (const auto& metric : catalogue()) {
    snapshot.set(metric.id, json_real(figures, figure_name(metric).c_str()));
  }
  each_object(value, "levels", [&](const json& row) {
    LevelFigures level;
    level.family = json_text(row, "family");
    level.level = static_cast<int>(whole(row, "level").value_or(0));
    level.files = whole(row, "files").value_or(0);
    level.bytes = whole(row, "bytes").value_or(0);
    level.score = json_real(row, "score");
    level.write_amplification = json_real(row, "write_amplification");
    level.read_bytes = json_real(row, "read_bytes");
    level.write_bytes = json_real(row, "write_bytes");
    level.target_bytes = json_real(row, "target_bytes");
    level.debt_bytes = json_real(row, "debt_bytes");
    snapshot.levels.push_back(std::move(level));
  });
  each_object(value, "families", [&](const json& row) {
    FamilyFigures family;
    family.name = json_text(row, "name");
    family.files = whole(row, "files").value_or(0);
    family.bytes = whole(row, "bytes").value_or(0);
    family.estimated_keys = json_real(row, "estimated_keys");
    family.memtable_bytes = json_real(row, "memtable_bytes");
    family.immutable_memtables = json_real(row, "immutable_memtables");
    family.l0_files = json_real(row, "l0_files");
    family.pending_compaction_bytes = json_real(row, "pending_compaction_bytes");
    family.index_bytes = json_real(row, "index_bytes");
    family.filter_bytes = json_real(row, "filter_bytes");
    family.role = json_text(row, "role");
    snapshot.families.push_back(std::move(family));
  });
  each_object(value, "kinds", [&](const json& row) {
    auto kind = kind_from(json_text(row, "kind"));
    const auto same = [&](const KindFigures& each) {
      return stored_metric(each) == stored_metric(*kind);
    };
    if (!kind || std::any_of(snapshot.kinds.begin(), snapshot.kinds.end(), same)) return;
    kind->files = whole(row, "files").value_or(0);
    kind->bytes = whole(row, "bytes").value_or(0);
    kind->estimated_keys = json_real(row, "estimated_keys");
    snapshot.kinds.push_back(*kind);
  });
  each_object(value, "stalls", [&](const json& row) {
    const auto cause = json_text(row, "cause");
    const auto& stopped = json_member(row, "stopped");
    for (const auto known : kStallCauses) {
      if (to_string(known) != cause || !stopped.is_boolean()) continue;
      snapshot.stalls.push_back({known, stopped.get<bool>(),
                                 static_cast<std::uint64_t>(whole(row, "count").value_or(0))});
    }
  });
  return snapshot;
}

RecordedEvent to_recorded(const NodeEvent& event) {
  RecordedEvent recorded;
  recorded.time = event.time;
  recorded.severity = to_string(event.severity);
  recorded.category = to_string(event.category);
  recorded.source = to_string(event.source);
  recorded.family = event.family;
  recorded.text = event.text;
  return recorded;
}

NodeEvent from_recorded(const RecordedEvent& recorded) {
  NodeEvent event;
  event.time = recorded.time;
  event.severity =
      value_named(recorded.severity, {Severity::warning, Severity::error}, Severity::info);
  using enum EventCategory;
  event.category = value_named(
      recorded.category,
      {flush, compaction, stall, error, recovery, knob, recommendation, cache, batch, workload},
      node);
  event.source = value_named(recorded.source, {Source::derived, Source::logged, Source::scraped},
                             Source::measured);
  event.family = recorded.family;
  event.text = recorded.text;
  return event;
}

}  // namespace nodetune
