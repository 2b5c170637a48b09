// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <optional>
#include <vector>

#include "engine/base/missing.h"
#include "ui/chart/card.h"

class QLabel;

namespace nodetune {

// A cache that holds `bytes` misses `miss_ratio` (0 to 1) of its lookups.
struct SizePoint {
  double bytes = 0;
  double miss_ratio = 1;
  bool operator==(const SizePoint&) const = default;
};

// What a curve panel shows of one cache.
struct SizeCurve {
  std::vector<SizePoint> points;     // ascending by bytes; straight between two, flat past the last
  double present_bytes = kMissing;   // the capacity: a line
  double measured_ratio = kMissing;  // misses ÷ lookups of the shown time: a dot on that line
  int colour_index = 0;
  QString verdict;  // below the plot, in words
  bool operator==(const SizeCurve& other) const;
};

// Misses against a cache's size, over a logarithmic axis, with the present size marked and the
// values under the pointer.
// Thread: GUI.
class CurvePanel : public Card {
  Q_OBJECT
 public:
  explicit CurvePanel(const QString& title, QWidget* parent = nullptr);

  // Cheap when nothing changed. No points: `verdict` should say why.
  void set_curve(const SizeCurve& curve);
  const SizeCurve& curve() const { return curve_; }

  // Interpolated; missing where there is no curve.
  double ratio_at(double bytes) const;
  // Where a size stands on the axis, 0 (left) to 1; outside of it clamped.
  double position(double bytes) const;

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  QRectF plot() const;
  double bytes_at(double share) const;
  QFont label_font() const;
  void choose_axis();
  void paint_axes(QPainter* painter, const QRectF& plot) const;
  void paint_curve(QPainter* painter, const QRectF& plot) const;
  void paint_present(QPainter* painter, const QRectF& plot) const;
  void paint_pointer(QPainter* painter, const QRectF& plot) const;

  SizeCurve curve_;
  QLabel* verdict_;
  QWidget* canvas_;  // keeps the plot's place in the layout
  double low_bytes_ = 1;
  double high_bytes_ = 1024;
  std::optional<double> pointer_;  // 0 to 1
};

}  // namespace nodetune
