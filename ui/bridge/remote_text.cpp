// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/bridge/remote_text.h"

#include <QObject>
#include <cmath>

#include "engine/node/recorded_source.h"
#include "ui/bridge/text.h"

namespace nodetune {
namespace {

constexpr double kStaleSeconds = 5;       // a sample comes each second
constexpr double kStaleFileSeconds = 15;  // into a file they come five seconds at a time

bool grows(const NodeDescription& description) {
  return description.recorded && description.recorded->still_grows;
}

}  // namespace

bool is_remote(const NodeDescription& description) {
  return description.way == OpenWay::recorded && description.kind == kRemoteKind;
}

QString connection_text(const NodeDescription& description) {
  if (!is_remote(description)) return {};
  for (const auto& fact : description.facts) {
    if (fact.name == kConnectionFact) return to_qt(fact.value);
  }
  return {};
}

bool is_connected(const NodeDescription& description) {
  return connection_text(description) == to_qt(kConnected);
}

QString freshness_text(const NodeDescription& description, std::optional<double> age_seconds,
                       bool utc) {
  if (description.recorded && !grows(description)) {
    return QObject::tr("recorded until %1").arg(date_text(description.recorded->last, utc));
  }
  if (!age_seconds) return {};
  if (is_stale(description, age_seconds)) {
    return QObject::tr("⚠ nothing came for %1").arg(seconds_text(std::floor(*age_seconds)));
  }
  return QObject::tr("updated %1 s ago").arg(*age_seconds, 0, 'f', 1);
}

bool is_stale(const NodeDescription& description, std::optional<double> age_seconds) {
  if (!grows(description) || !age_seconds) return false;
  return *age_seconds > (is_remote(description) ? kStaleSeconds : kStaleFileSeconds);
}

}  // namespace nodetune
