// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/kind_figures.h"

#include <algorithm>

#include "engine/observe/client_profile.h"
#include "engine/observe/growth.h"

namespace nodetune {
namespace {

constexpr std::string_view kOtherId = "other";
constexpr std::string_view kUnknownId = "unknown";
constexpr double kSecondsOfDay = 86'400;
constexpr std::size_t kGrowthPoints = 256;  // the window's ends are as exact as their columns

}  // namespace

std::string_view stored_note(const NodeDescription& node) {
  for (const auto& fact : node.facts) {
    if (fact.name == kStoredNoteFact) return fact.value;
  }
  return {};
}

std::string_view kind_name(const KindFigures& kind) {
  if (kind.kind) return display_name(*kind.kind);
  return kind.told_apart ? "Other" : "Not told apart";
}

std::string_view kind_id(const KindFigures& kind) {
  if (kind.kind) return to_string(*kind.kind);
  return kind.told_apart ? kOtherId : kUnknownId;
}

std::optional<KindFigures> kind_from(std::string_view id) {
  KindFigures kind;
  kind.kind = object_kind_from(id);
  kind.told_apart = id != kUnknownId;
  if (!kind.kind && id != kOtherId && id != kUnknownId) return std::nullopt;
  return kind;
}

Metric stored_metric(const KindFigures& kind) {
  if (kind.kind) return stored_metric(*kind.kind);
  return kind.told_apart ? Metric::db_stored_other_bytes : Metric::db_stored_unknown_bytes;
}

void set_stored_metrics(Snapshot& snapshot) {
  snapshot.set(Metric::db_stored_other_bytes, 0);
  snapshot.set(Metric::db_stored_unknown_bytes, 0);
  for (const auto& kind : snapshot.kinds) {
    snapshot.set(stored_metric(kind), static_cast<double>(kind.bytes));
  }
}

void fill_own_kinds(Snapshot& snapshot) {
  for (const auto& family : snapshot.families) {
    if (family.files == 0) continue;
    const auto holds = family_content(&own_profile(), family.name, {}).holds;
    snapshot.kinds.push_back(
        {holds.kind, holds.told_apart, family.files, family.bytes, family.estimated_keys});
  }
  if (!snapshot.families.empty()) set_stored_metrics(snapshot);
}

bool growth_is_told(const NodeDescription& node) {
  return node.way != OpenWay::observed || node.locked_by.has_value();
}

KindGrowth kind_growth(const std::vector<HistoryPoint>& points) {
  GrowthWatch watch;
  for (const auto& point : points) {
    watch.add(point.begin + (point.end - point.begin) / 2, point.mean(MetricKind::gauge));
  }
  const auto growth = watch.growth();
  if (!growth) return {};
  return {growth->bytes_per_second * kSecondsOfDay, growth->window_seconds};
}

KindGrowth kind_growth(const History& history, const KindFigures& kind) {
  const auto metric = stored_metric(kind);
  const auto end = history.last() + std::chrono::seconds(1);
  auto points = history.range(metric, history.first(), end, kGrowthPoints);
  // The LOG may reach back further than this metric does: then columns are too wide.
  if (!points.empty()) points = history.range(metric, points.front().begin, end, kGrowthPoints);
  return kind_growth(points);
}

}  // namespace nodetune
