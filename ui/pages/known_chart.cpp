// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/known_chart.h"

#include <algorithm>
#include <cmath>

#include "engine/node/observed_scrape.h"
#include "ui/bridge/node_session.h"
#include "ui/chart/chart_panel.h"

namespace nodetune {
namespace {

// A histogram without a value in the window is idle, not unknown.
bool is_known(const SeriesSource& source, const NodeSession& session) {
  const auto& snapshot = *session.snapshot();
  if (info(source.metrics.front()).kind == MetricKind::histogram &&
      snapshot.totals.contains(source.metrics.front())) {
    return true;
  }
  // So is a ratio of what did not happen.
  if (!source.denominators.empty() && std::isfinite(snapshot.value(source.denominators.front()))) {
    return true;
  }
  return std::isfinite(
      figure_over(*session.history(), source, session.shown_begin(), session.shown_now()));
}

}  // namespace

QString stalled_note(const NodeSession& session) {
  return session.node() == nullptr || session.node()->databases().empty()
             ? QObject::tr("in each second")
             : QObject::tr("in each second, worst database");
}

QString why_unknown(const QString& reason, const NodeSession& session) {
  return session.description().recorded ? QObject::tr("Not known: it was not recorded.") : reason;
}

QString metrics_reason(const NodeSession& session) {
  const auto& node = session.description();
  if (node.way != OpenWay::observed) return {};
  switch (metrics_hope(node.facts)) {
    case MetricsHope::none:
      return {};
    case MetricsHope::may_tell:
      return QObject::tr(" The node's own metrics may tell: File ▸ Metrics address… says how.");
  }
  return {};
}

void update_availability(const std::vector<KnownChart>& charts, const NodeSession& session) {
  if (session.history() == nullptr || session.snapshot()->sequence < kSettledSnapshots) return;
  for (const auto& chart : charts) {
    const bool known =
        std::any_of(chart.sources.begin(), chart.sources.end(),
                    [&](const SeriesSource& source) { return is_known(source, session); });
    QString reason = known ? QString() : why_unknown(chart.unavailable, session);
    if (!known && chart.metrics_tell) reason += metrics_reason(session);
    chart.panel->set_unavailable(reason);
  }
}

}  // namespace nodetune
