// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/json_number.h"
#include "engine/report/findings.h"
#include "engine/report/report_jobs.h"
#include "engine/report/report_kinds.h"
#include "engine/report/report_memory.h"
#include "engine/report/report_options.h"
#include "engine/report/report_text.h"
#include "engine/report/writers.h"

namespace nodetune {
namespace {

using nlohmann::json;

constexpr int kDocumentVersion = 1;  // raised when a key changes its meaning
constexpr int kNoIndent = -1;        // a day's points are some megabytes as it is

json text(const std::string& value) {
  return value.empty() ? json(nullptr) : json(clean_text(value));
}
json time(TimePoint value) {
  return to_epoch_seconds(value);
}
template <typename T>
json optional(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

json facts_json(const std::vector<Fact>& facts) {
  auto rows = json::array();
  for (const auto& fact : facts) {
    rows.push_back({{"name", clean_text(fact.name)},
                    {"value", clean_text(fact.value)},
                    {"origin", text(fact.origin)}});
    if (fact.as_of) rows.back()["as_of"] = to_epoch_seconds(*fact.as_of);
  }
  return rows;
}

json node_json(const NodeDescription& node) {
  auto families = json::array();
  for (const auto& name : node.column_families) families.push_back(clean_text(name));
  auto databases = json::array();
  for (const auto& path : node.databases) databases.push_back(clean_text(path));
  return {{"path", clean_text(node.path)},
          {"kind", text(node.kind)},
          {"way", to_string(node.way)},
          {"reason", text(node.reason)},
          {"client", text(node.client)},
          {"rocksdb_version", text(node.rocksdb_version)},
          {"format_version", optional(node.format_version)},
          {"column_families", std::move(families)},
          {"locked_by", node.locked_by ? json(node.locked_by->pid) : json(nullptr)},
          {"locked_by_name", node.locked_by ? text(node.locked_by->name) : json(nullptr)},
          {"databases", std::move(databases)},
          {"zone", text(node.zone)},
          {"data_set", text(node.data_set)},
          {"facts", facts_json(node.facts)},
          {"options", option_rows_json(node)},
          {"defaults_of", text(node.defaults_of)},
          {"option_changes", option_changes_json(node)},
          {"client_options", client_options_json(node)}};
}

json series_json(const Report& report, const ReportSeries& series) {
  const auto& about = info(series.metric);
  json document = {
      {"metric", about.name},          {"label", text(about.label)},
      {"title", about.title},          {"unit", to_string(about.unit)},
      {"kind", to_string(about.kind)}, {"source", to_string(source_of(report, series.metric))}};
  auto points = json::array();
  for (const auto& point : series.points) {
    points.push_back({{"begin", time(point.begin)},
                      {"end", time(point.end)},
                      {"min", json_number(point.min)},
                      {"max", json_number(point.max)},
                      {"mean", json_number(point.mean(about.kind))},
                      {"sum", json_number(point.sum)},
                      {"seconds", json_number(point.seconds)},
                      {"count", point.count}});
  }
  for (const auto& point : series.percentiles) {
    points.push_back({{"end", time(point.end)},
                      {"mean", json_number(point.mean)},
                      {"p50", json_number(point.p50)},
                      {"p95", json_number(point.p95)},
                      {"p99", json_number(point.p99)},
                      {"count", point.count}});
  }
  document["points"] = std::move(points);
  if (about.kind == MetricKind::histogram) {
    const auto& whole = series.distribution;
    const double scale = histogram_scale(series.metric);
    document["total"] = {{"count", whole.count},
                         {"mean", json_number(whole.mean() * scale)},
                         {"p50", json_number(whole.percentile(0.50) * scale)},
                         {"p95", json_number(whole.percentile(0.95) * scale)},
                         {"p99", json_number(whole.percentile(0.99) * scale)}};
  }
  return document;
}

// The newest value of every metric that has one: counters since open, gauges now.
json figures_json(const Report& report) {
  auto rows = json::array();
  for (const auto& about : catalogue()) {
    if (about.kind == MetricKind::histogram) continue;
    const double value = report.last.value(about.id);
    if (!std::isfinite(value)) continue;
    rows.push_back({{"metric", about.name},
                    {"label", text(about.label)},
                    {"value", value},
                    {"unit", to_string(about.unit)},
                    {"kind", to_string(about.kind)},
                    {"source", to_string(source_of(report, about.id))}});
  }
  return rows;
}

json database_json(const Snapshot& last) {
  auto levels = json::array();
  for (const auto& level : last.levels) {
    levels.push_back({{"family", clean_text(level.family)},
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
  auto families = json::array();
  for (const auto& family : last.families) {
    families.push_back({{"name", clean_text(family.name)},
                        {"files", family.files},
                        {"bytes", family.bytes},
                        {"estimated_keys", json_number(family.estimated_keys)},
                        {"memtable_bytes", json_number(family.memtable_bytes)},
                        {"immutable_memtables", json_number(family.immutable_memtables)},
                        {"l0_files", json_number(family.l0_files)},
                        {"pending_compaction_bytes", json_number(family.pending_compaction_bytes)},
                        {"index_bytes", json_number(family.index_bytes)},
                        {"filter_bytes", json_number(family.filter_bytes)},
                        {"role", clean_text(family.role)}});
  }
  auto stalls = json::array();
  for (const auto& stall : last.stalls) {
    stalls.push_back({{"cause", to_string(stall.cause)},
                      {"action", stall.stopped ? "stop" : "slowdown"},
                      {"count", stall.count}});
  }
  return {{"levels", std::move(levels)},
          {"families", std::move(families)},
          {"stalls", std::move(stalls)}};
}

json knobs_json(const Report& report) {
  auto rows = json::array();
  for (const auto& state : report.knobs) {
    const auto& about = knob_info(state.knob);
    rows.push_back({{"knob", to_string(state.knob)},
                    {"current", optional(state.current)},
                    {"current_text", text(state.current_text)},
                    {"default", optional(usual_value(report, state.knob))},
                    {"minimum", about.minimum},
                    {"maximum", about.maximum},
                    {"proposed", optional(state.proposed)},
                    {"unit", text(std::string(about.unit))},
                    {"takes_effect", to_string(about.takes_effect)},
                    {"settable", state.settable},
                    {"origin", text(state.origin)}});
  }
  return rows;
}

// Both already have a form that others read; a damaged one is left out, not the report.
template <typename T, typename ToText>
json parsed_list(const std::vector<T>& items, ToText to_text) {
  auto rows = json::array();
  for (const auto& item : items) {
    auto row = json::parse(clean_text(to_text(item)), nullptr, /*allow_exceptions=*/false);
    if (!row.is_discarded()) rows.push_back(std::move(row));
  }
  return rows;
}

json events_json(const std::vector<NodeEvent>& events) {
  auto rows = json::array();
  for (const auto& event : events) {
    rows.push_back({{"sequence", event.sequence},
                    {"time", time(event.time)},
                    {"severity", to_string(event.severity)},
                    {"category", to_string(event.category)},
                    {"source", to_string(event.source)},
                    {"family", text(event.family)},
                    {"text", clean_text(event.text)}});
  }
  return rows;
}

json texts_json(const std::vector<std::string>& texts) {
  auto rows = json::array();
  for (const auto& one : texts) rows.push_back(clean_text(one));
  return rows;
}

json workload_json(const WorkloadStatus& workload) {
  return {{"state", to_string(workload.state)},
          {"text", text(workload.text)},
          {"blocks", workload.blocks},
          {"committed_blocks", workload.committed_blocks},
          {"total_blocks", optional(workload.total_blocks)},
          {"target_blocks_per_second", optional(workload.target_blocks_per_second)}};
}

json batches_json(const BatchStatus& batches) {
  if (!batches.available) return nullptr;
  auto durabilities = json::array();
  for (const auto& one : batches.durabilities) {
    durabilities.push_back({{"durability", to_string(one.durability)},
                            {"in_force", one.in_force},
                            {"price", text(one.price)}});
  }
  auto paths = json::array();
  for (const auto& one : batches.paths) {
    paths.push_back({{"path", to_string(one.path)},
                     {"commits", one.commits},
                     {"operations", one.operations},
                     {"seconds", one.seconds},
                     {"when", text(one.when)}});
  }
  return {{"auto_commit_threshold", batches.auto_commit_threshold},
          {"min_threshold", batches.min_threshold},
          {"max_threshold", batches.max_threshold},
          {"failing", batches.failing},
          {"failure", text(batches.failure)},
          {"size_mode", to_string(batches.mode)},
          {"commit_seconds_max", batches.commit_seconds_max},
          {"choice", text(batches.choice)},
          {"flow", text(batches.flow_text)},
          {"durabilities", durabilities},
          {"paths", paths},
          {"path_choice", text(batches.path_choice)}};
}

}  // namespace

std::string render_json(const Report& report) {
  auto series = json::array();
  for (const auto& one : report.series) series.push_back(series_json(report, one));
  const json document = {
      {"report_version", kDocumentVersion},
      {"program", "NodeTune"},
      {"program_version", report.program_version},
      {"made", time(report.made)},
      {"begin", time(report.begin)},
      {"end", time(report.end)},
      {"anonymised", report.anonymised},
      {"node", node_json(report.node)},
      {"health",
       {{"level", to_string(report.health.level)},
        {"cause", to_string(report.health.cause)},
        {"sentence", text(report.health.sentence)}}},
      {"workload", workload_json(report.workload)},
      {"figures", figures_json(report)},
      {"caches", parsed_list(report.caches, [](const auto& item) { return to_json(item); })},
      {"memory", report.memory ? memory_json(*report.memory) : json(nullptr)},
      {"memory_parts",
       report.memory_parts.empty() ? json(nullptr) : memory_json(report.memory_parts)},
      {"batches", batches_json(report.batches)},
      {"database", database_json(report.last)},
      {"stored", kinds_json(report)},
      {"knobs", knobs_json(report)},
      {"recommendations",
       parsed_list(report.recommendations, [](const auto& item) { return to_json(item); })},
      {"audit", parsed_list(report.audit, [](const auto& item) { return to_json_line(item); })},
      {"events", events_json(report.events)},
      {"jobs", jobs_json(report)},
      {"stall_log",
       {{"files", report.stall_log.files},
        {"lines", texts_json(report.stall_log.lines)},
        {"lines_dropped", report.stall_log.lines_dropped},
        {"zone_known", report.stall_log.zone_known}}},
      {"machine", facts_json(report.machine)},
      {"series", std::move(series)},
  };
  return document.dump(kNoIndent, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace nodetune
