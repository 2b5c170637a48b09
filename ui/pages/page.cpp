// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/page.h"

#include <QShowEvent>
#include <algorithm>

#include "ui/bridge/remote_text.h"
#include "ui/chart/chart_panel.h"
#include "ui/shell/theme.h"

namespace nodetune {

bool ends_in_past(const NodeDescription& node) {
  return node.recorded.has_value() && !is_connected(node);
}

void let_steer(TimeCard& card, NodeSession& session) {
  QObject::connect(&card, &TimeCard::crosshair_moved, &session, &NodeSession::set_crosshair_us);
  QObject::connect(&card, &TimeCard::pause_requested, &session,
                   [&session] { session.set_paused(!session.paused()); });
  QObject::connect(&card, &TimeCard::reset_requested, &session, [&session] {
    session.set_span_us(chart_spans().front().span_us);
    session.set_paused(false);
  });
}

Page::Page(const QString& name, const QString& title, NodeSession& session, Theme& theme,
           QWidget* parent)
    : QWidget(parent), name_(name), title_(title), session_(session), theme_(theme) {
  setObjectName(name);
  setAccessibleName(title);
  connect(&session, &NodeSession::snapshot_changed, this, [this](const Snapshot& snapshot) {
    if (isVisible()) on_snapshot(snapshot);
  });
  connect(&session, &NodeSession::frame, this, [this](TimePoint now) {
    if (!isVisible() || window()->isMinimized()) return;
    refresh_charts();
    on_frame(now);
  });
  connect(&session, &NodeSession::span_changed, this, [this](qint64 span_us) {
    for (auto* chart : charts_) chart->set_span(span_us);
    if (session_.node() != nullptr && isVisible()) on_snapshot(*session_.snapshot());
  });
  connect(&session, &NodeSession::paused_changed, this, [this](bool paused) {
    for (auto* chart : charts_) chart->set_paused(paused);
  });
  connect(&session, &NodeSession::crosshair_changed, this, [this](std::optional<qint64> time_us) {
    for (auto* chart : charts_) chart->set_crosshair(time_us);
  });
  connect(&session, &NodeSession::utc_changed, this, [this](bool utc) {
    for (auto* chart : charts_) chart->set_utc(utc);
    if (session_.node() != nullptr && isVisible()) on_snapshot(*session_.snapshot());
  });
  connect(&session, &NodeSession::markers_changed, this, [this] { markers_stale_ = true; });
  connect(&session, &NodeSession::description_changed, this, [this] {
    const bool past = ends_in_past(session_.description());
    for (auto* chart : charts_) chart->set_ends_in_past(past);
  });
}

void Page::adopt(ChartPanel* chart, MarkerText text) {
  charts_.push_back(chart);
  if (text == MarkerText::hidden) without_text_.push_back(chart);
  markers_stale_ = true;
  chart->set_span(session_.span_us());
  chart->set_utc(session_.utc());
  chart->set_paused(session_.paused());
  chart->set_ends_in_past(ends_in_past(session_.description()));
  let_steer(*chart, session_);
}

void Page::refresh_charts() {
  if (markers_stale_) {
    markers_stale_ = false;
    auto bare = session_.markers();
    for (auto& marker : bare) marker.text.clear();
    for (auto* chart : charts_) {
      const bool hidden =
          std::find(without_text_.begin(), without_text_.end(), chart) != without_text_.end();
      chart->set_markers(hidden ? bare : session_.markers());
    }
  }
  const qint64 now_us = session_.newest_shown().time_since_epoch().count();
  for (auto* chart : charts_) chart->refresh(now_us);
}

void Page::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  if (session_.node() == nullptr) return;
  on_snapshot(*session_.snapshot());
  refresh_charts();
  on_frame(session_.shown_now());
}

}  // namespace nodetune
