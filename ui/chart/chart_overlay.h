// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QColor>
#include <QFont>
#include <QPalette>
#include <QRectF>
#include <QString>
#include <vector>

class QPainter;

// What lies over a chart's traces: painted each time anew, so it must stay small.

namespace nodetune {

struct OverlayStyle {
  QPalette palette;
  QFont font;  // of axis labels and notes
};

struct MarkerLine {
  double x = 0;
  QString text;
};
// A line for each. Those that stand so close that their lines would hide the trace become one bar
// at the plot's top that says how many they are. Texts are shortened to the room they have, and
// left out where there is none.
// `markers` ascend by x.
void paint_markers(QPainter* painter, const QRectF& plot, const std::vector<MarkerLine>& markers,
                   const OverlayStyle& style);

void paint_threshold(QPainter* painter, const QRectF& plot, double y, const QString& text,
                     const OverlayStyle& style);

struct TooltipRow {
  QColor colour;  // invalid: a line of text alone
  QString name;
  QString value;
};
// The crosshair at `x` and the box of values beside it; the rows are left out where the plot is
// too low for them.
void paint_crosshair(QPainter* painter, const QRectF& plot, double x, const QString& title,
                     std::vector<TooltipRow> rows, const OverlayStyle& style);

// Why there is nothing to see, in the middle.
void paint_message(QPainter* painter, const QRectF& plot, const QString& text,
                   const OverlayStyle& style);

// A small word in the plot's corner: "Paused".
void paint_badge(QPainter* painter, const QRectF& plot, const QString& text,
                 const OverlayStyle& style);

}  // namespace nodetune
