// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <vector>

#include "ui/chart/card.h"
#include "ui/chart/chart_types.h"

namespace nodetune {

struct HistogramBucket {
  double lower = 0;
  double upper = 0;
  double count = 0;
  bool operator==(const HistogramBucket&) const = default;
};

struct HistogramMark {
  QString text;      // "p99"
  double value = 0;  // not finite: not drawn
};

// How often a figure had which size: bars over a logarithmic axis, percentiles as lines.
// Thread: GUI.
class HistogramPanel : public Card {
  Q_OBJECT
 public:
  explicit HistogramPanel(const QString& title, ChartUnit unit, QWidget* parent = nullptr);

  // Buckets in ascending order; their bounds are in `unit`. Empty ones at both ends are not shown.
  void set_buckets(const std::vector<HistogramBucket>& buckets,
                   const std::vector<HistogramMark>& marks);
  void set_unavailable(const QString& reason);

  // Where a value stands on the axis, 0 (left) to 1; outside of it clamped.
  double position(double value) const;

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  void paint_bars(QPainter* painter, const QRectF& plot) const;
  void paint_axis(QPainter* painter, const QRectF& plot) const;
  void paint_marks(QPainter* painter, const QRectF& plot) const;
  QFont label_font() const;

  ChartUnit unit_;
  std::vector<HistogramBucket> buckets_;  // the shown ones
  std::vector<HistogramMark> marks_;
  QString reason_;
  double low_ = 1;  // the axis' ends, > 0
  double high_ = 10;
  double total_ = 0;
};

}  // namespace nodetune
