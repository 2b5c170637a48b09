// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QColor>
#include <QImage>
#include <QtGlobal>
#include <vector>

#include "ui/chart/column_ring.h"

class QPainter;

namespace nodetune {

// How one series is painted.
struct Trace {
  const ColumnRing* columns = nullptr;
  SeriesStyle style = SeriesStyle::line;
  QColor colour;
  double top = 1;  // the value at the upper edge
};

// Paints columns [first, last] of one series into a strip of `height` device pixels where column
// `origin` begins at x = 0. What is painted in one column does not depend on which range was
// asked for, so that a picture may be made in pieces.
void paint_trace(QPainter* painter, const Trace& trace, qint64 first, qint64 last, qint64 origin,
                 int height, double pen_px);

// The picture of all traces of a chart: an image used as a ring of columns, where scrolling costs
// nothing and a frame paints only what is new.
//
// Thread: GUI. Units: device pixels.
class TraceLayer {
 public:
  // Forgets the picture.
  void resize(int width, int height, double pen_px);
  void clear() { newest_ = -1; }

  // Makes `newest` the rightmost column; columns from `dirty_from` on are painted again, or all
  // when the layer was cleared. Returns how many columns were painted.
  int advance(qint64 newest, qint64 dirty_from, const std::vector<Trace>& traces);

  // Draws the picture into `target` (logical pixels of the painter).
  void draw(QPainter* painter, const QRectF& target) const;

  int width() const { return image_.width(); }
  int height() const { return image_.height(); }

 private:
  void paint_columns(qint64 first, qint64 last, const std::vector<Trace>& traces);

  QImage image_;
  double pen_px_ = 1;
  qint64 newest_ = -1;
};

}  // namespace nodetune
