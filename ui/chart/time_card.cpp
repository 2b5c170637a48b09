// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/chart/time_card.h"

#include <QKeyEvent>
#include <algorithm>

namespace nodetune {
namespace {

constexpr double kKeyStep = 1.0 / 60;  // of the window
constexpr double kKeyLongStep = 1.0 / 6;

}  // namespace

TimeCard::TimeCard(const QString& title, QWidget* parent) : Card(title, parent) {
  setFocusPolicy(Qt::StrongFocus);
}

void TimeCard::move_crosshair(double share_of_span) {
  const qint64 edge_us = right_edge_us();
  if (edge_us < 0) return;
  const auto step_us = static_cast<qint64>(share_of_span * static_cast<double>(span_us()));
  const qint64 from_us = crosshair().value_or(edge_us);
  const qint64 time_us = std::clamp(from_us + step_us, edge_us - span_us(), edge_us);
  set_crosshair(time_us);
  emit crosshair_moved(time_us);
}

void TimeCard::drop_crosshair() {
  set_crosshair({});
  emit crosshair_moved(std::nullopt);
}

void TimeCard::keyPressEvent(QKeyEvent* event) {
  const double step = event->modifiers() & Qt::ShiftModifier ? kKeyLongStep : kKeyStep;
  const int key = event->key();
  if (key == Qt::Key_Left) {
    move_crosshair(-step);
  } else if (key == Qt::Key_Right) {
    move_crosshair(step);
  } else if (key == Qt::Key_Escape && crosshair()) {
    drop_crosshair();
  } else if (key == Qt::Key_Space) {
    emit pause_requested();
  } else if (key == Qt::Key_Home || key == Qt::Key_0) {
    drop_crosshair();
    emit reset_requested();
  } else {
    Card::keyPressEvent(event);
  }
}

void TimeCard::mousePressEvent(QMouseEvent* event) {
  setFocus(Qt::MouseFocusReason);
  Card::mousePressEvent(event);
}

}  // namespace nodetune
