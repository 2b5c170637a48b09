// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/recorded_documents.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/node/kind_figures.h"

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

const json& member(const json& object, const char* name) {
  static const json kNothing;
  const auto found = object.find(name);
  return object.is_object() && found != object.end() ? *found : kNothing;
}

std::string text(const json& object, const char* name) {
  const auto& value = member(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

double real(const json& object, const char* name) {
  const auto& value = member(object, name);
  return value.is_number() ? value.get<double>() : kMissing;
}

// Out of the range of 64 bits is no integer.
std::optional<std::int64_t> whole(const json& object, const char* name) {
  const auto& value = member(object, name);
  if (!value.is_number_integer()) return std::nullopt;
  return value.get<std::int64_t>();
}

std::vector<std::string> texts(const json& object, const char* name) {
  std::vector<std::string> list;
  const auto& value = member(object, name);
  if (!value.is_array()) return list;
  for (const auto& each : value) {
    if (each.is_string()) list.push_back(each.get<std::string>());
  }
  return list;
}

template <typename Take>
void each_object(const json& object, const char* name, Take&& take) {
  const auto& list = member(object, name);
  if (!list.is_array()) return;
  for (const auto& each : list) {
    if (each.is_object()) take(each);
  }
}

json figure(double value) {
  return std::isfinite(value) ? json(value) : json(nullptr);
}

template <typename Value>
Value named(std::string_view name, std::initializer_list<Value> all, Value otherwise) {
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
  node.defaults_of = text(value, "defaults_of");
  node.restart_price = text(value, "restart_price");
  each_object(value, "option_changes", [&](const json& row) {
    const auto time = whole(row, "time");
    node.option_changes.push_back({time ? std::optional(TimePoint(Duration(*time))) : std::nullopt,
                                   text(row, "section"), text(row, "name"), text(row, "before"),
                                   text(row, "after"), text(row, "origin")});
  });
  each_object(value, "client_options", [&](const json& row) {
    node.client_options.push_back({text(row, "subject"), text(row, "current"), text(row, "how"),
                                   text(row, "caveat"), knob_from(text(row, "knob"))});
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
  node.path = text(value, "path");
  node.reason = text(value, "reason");
  node.kind = text(value, "kind");
  node.client = text(value, "client");
  node.rocksdb_version = text(value, "rocksdb_version");
  node.column_families = texts(value, "column_families");
  node.databases = texts(value, "databases");
  node.zone = text(value, "zone");
  node.data_set = text(value, "data_set");
  if (const auto version = whole(value, "format_version")) {
    node.format_version = static_cast<int>(*version);
  }
  each_object(value, "facts", [&](const json& fact) {
    node.facts.push_back({text(fact, "name"), text(fact, "value"), text(fact, "origin")});
  });
  each_object(value, "options", [&](const json& row) {
    node.options.push_back({text(row, "section"), text(row, "name"), text(row, "value")});
    const auto& usual = member(row, "default");
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
    const auto knob = knob_from(text(row, "knob"));
    if (!knob) return;
    auto& state = knobs[index_of(*knob)];
    state.current = whole(row, "current");
    state.current_text = text(row, "text");
    state.origin = text(row, "origin");
    if (const auto why = text(row, "why_not"); !why.empty()) {
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
                      {"score", figure(level.score)},
                      {"write_amplification", figure(level.write_amplification)},
                      {"read_bytes", figure(level.read_bytes)},
                      {"write_bytes", figure(level.write_bytes)},
                      {"target_bytes", figure(level.target_bytes)},
                      {"debt_bytes", figure(level.debt_bytes)}});
  }
  auto& families = value["families"] = json::array();
  for (const auto& family : snapshot.families) {
    families.push_back({{"name", family.name},
                        {"files", family.files},
                        {"bytes", family.bytes},
                        {"estimated_keys", figure(family.estimated_keys)},
                        {"memtable_bytes", figure(family.memtable_bytes)},
                        {"immutable_memtables", figure(family.immutable_memtables)},
                        {"l0_files", figure(family.l0_files)},
                        {"pending_compaction_bytes", figure(family.pending_compaction_bytes)},
                        {"index_bytes", figure(family.index_bytes)},
                        {"filter_bytes", figure(family.filter_bytes)},
                        {"role", family.role}});
  }
  auto& kinds = value["kinds"] = json::array();
  for (const auto& kind : snapshot.kinds) {
    kinds.push_back({{"kind", kind_id(kind)},
                     {"files", kind.files},
                     {"bytes", kind.bytes},
                     {"estimated_keys", figure(kind.estimated_keys)}});
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
  const auto& figures = member(value, "figures");
  for (const auto& metric : catalogue()) {
    snapshot.set(metric.id, real(figures, figure_name(metric).c_str()));
  }
  each_object(value, "levels", [&](const json& row) {
    LevelFigures level;
    level.family = text(row, "family");
    level.level = static_cast<int>(whole(row, "level").value_or(0));
    level.files = whole(row, "files").value_or(0);
    level.bytes = whole(row, "bytes").value_or(0);
    level.score = real(row, "score");
    level.write_amplification = real(row, "write_amplification");
    level.read_bytes = real(row, "read_bytes");
    level.write_bytes = real(row, "write_bytes");
    level.target_bytes = real(row, "target_bytes");
    level.debt_bytes = real(row, "debt_bytes");
    snapshot.levels.push_back(std::move(level));
  });
  each_object(value, "families", [&](const json& row) {
    FamilyFigures family;
    family.name = text(row, "name");
    family.files = whole(row, "files").value_or(0);
    family.bytes = whole(row, "bytes").value_or(0);
    family.estimated_keys = real(row, "estimated_keys");
    family.memtable_bytes = real(row, "memtable_bytes");
    family.immutable_memtables = real(row, "immutable_memtables");
    family.l0_files = real(row, "l0_files");
    family.pending_compaction_bytes = real(row, "pending_compaction_bytes");
    family.index_bytes = real(row, "index_bytes");
    family.filter_bytes = real(row, "filter_bytes");
    family.role = text(row, "role");
    snapshot.families.push_back(std::move(family));
  });
  each_object(value, "kinds", [&](const json& row) {
    auto kind = kind_from(text(row, "kind"));
    const auto same = [&](const KindFigures& each) {
      return stored_metric(each) == stored_metric(*kind);
    };
    if (!kind || std::any_of(snapshot.kinds.begin(), snapshot.kinds.end(), same)) return;
    kind->files = whole(row, "files").value_or(0);
    kind->bytes = whole(row, "bytes").value_or(0);
    kind->estimated_keys = real(row, "estimated_keys");
    snapshot.kinds.push_back(*kind);
  });
  each_object(value, "stalls", [&](const json& row) {
    const auto cause = text(row, "cause");
    const auto& stopped = member(row, "stopped");
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
  event.severity = named(recorded.severity, {Severity::warning, Severity::error}, Severity::info);
  using enum EventCategory;
  event.category = named(
      recorded.category,
      {flush, compaction, stall, error, recovery, knob, recommendation, cache, batch, workload},
      node);
  event.source =
      named(recorded.source, {Source::derived, Source::logged, Source::scraped}, Source::measured);
  event.family = recorded.family;
  event.text = recorded.text;
  return event;
}

}  // namespace nodetune
