// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/chart/curve_panel.h"

#include <QFontMetricsF>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/chart/axis_scale.h"
#include "ui/chart/chart_overlay.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr double kSizeLabelSpacingPx = 64;
constexpr double kLeastSizeSpan = 64;     // the axis covers at least this factor
constexpr double kMostSizeSpan = 65'536;  // what lies below tells nothing
constexpr double kRoomAbovePresent = 4;   // sizes beyond the present one that are always in view
constexpr double kMarginalRatio = 0.002;  // the curve is flat from where no more than this is left
constexpr double kDotPx = 4;
constexpr int kPlotHeight = 13 * kGrid;

bool same(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

// The size past which more memory changes nothing that could be seen.
double flat_from(const std::vector<SizePoint>& points) {
  const double least = points.back().miss_ratio;
  for (const SizePoint& point : points) {
    if (point.miss_ratio <= least + kMarginalRatio) return point.bytes;
  }
  return points.back().bytes;
}

}  // namespace

bool SizeCurve::operator==(const SizeCurve& other) const {
  return points == other.points && same(present_bytes, other.present_bytes) &&
         same(measured_ratio, other.measured_ratio) && colour_index == other.colour_index &&
         verdict == other.verdict;
}

CurvePanel::CurvePanel(const QString& title, QWidget* parent)
    : Card(title, parent), verdict_(new QLabel(this)), canvas_(new QWidget(this)) {
  canvas_->setAttribute(Qt::WA_TransparentForMouseEvents);
  canvas_->setMinimumHeight(kPlotHeight);
  verdict_->setWordWrap(true);
  verdict_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  body()->addWidget(canvas_, 1);
  body()->addWidget(verdict_);
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);  // its neighbours' width is its own
}

void CurvePanel::set_curve(const SizeCurve& curve) {
  if (curve_ == curve) return;
  curve_ = curve;
  verdict_->setText(curve.verdict);
  verdict_->setVisible(!curve.verdict.isEmpty());
  choose_axis();
  QString spoken = curve.verdict;
  if (std::isfinite(ratio_at(curve.present_bytes))) {
    spoken = tr("At its present size of %1 it misses %2 by the curve. %3")
                 .arg(value_label(ChartUnit::bytes, curve.present_bytes),
                      value_label(ChartUnit::ratio, ratio_at(curve.present_bytes)), curve.verdict);
  }
  setAccessibleDescription(spoken);
  update();
}

void CurvePanel::choose_axis() {
  if (curve_.points.empty()) return;
  const auto first = std::find_if(curve_.points.begin(), curve_.points.end(),
                                  [](const SizePoint& point) { return point.bytes > 0; });
  double high = std::max(1.0, flat_from(curve_.points));
  if (curve_.present_bytes > 0) high = std::max(high, curve_.present_bytes * kRoomAbovePresent);
  double low = first == curve_.points.end() ? 1 : first->bytes / 2;
  if (curve_.present_bytes > 0) low = std::min(low, curve_.present_bytes / 2);
  high_bytes_ = round_top(ChartUnit::bytes, high);
  low_bytes_ = std::clamp(low, high_bytes_ / kMostSizeSpan, high_bytes_ / kLeastSizeSpan);
}

double CurvePanel::ratio_at(double bytes) const {
  const auto& points = curve_.points;
  if (points.empty() || !std::isfinite(bytes)) return kMissing;
  const auto right =
      std::lower_bound(points.begin(), points.end(), bytes,
                       [](const SizePoint& point, double wanted) { return point.bytes < wanted; });
  if (right == points.end()) return points.back().miss_ratio;
  if (right == points.begin()) return right->miss_ratio;
  const auto left = std::prev(right);
  const double width = right->bytes - left->bytes;
  const double share = width > 0 ? (bytes - left->bytes) / width : 1;
  return left->miss_ratio + share * (right->miss_ratio - left->miss_ratio);
}

double CurvePanel::position(double bytes) const {
  if (!(bytes > low_bytes_)) return 0;
  return std::min(1.0, std::log(bytes / low_bytes_) / std::log(high_bytes_ / low_bytes_));
}

double CurvePanel::bytes_at(double share) const {
  return low_bytes_ * std::pow(high_bytes_ / low_bytes_, std::clamp(share, 0.0, 1.0));
}

QFont CurvePanel::label_font() const {
  QFont font = this->font();
  if (font.pointSizeF() > 0) font.setPointSizeF(std::max(6.0, font.pointSizeF() - 1));
  return font;
}

QSize CurvePanel::sizeHint() const {
  return Card::sizeHint().expandedTo({320, 220});
}
QSize CurvePanel::minimumSizeHint() const {
  return Card::minimumSizeHint().expandedTo({240, 200});
}

// Inside the canvas, with room for the labels left and below.
QRectF CurvePanel::plot() const {
  const QFontMetricsF metrics(label_font());
  const QRectF area(canvas_->geometry());
  const double left = metrics.horizontalAdvance(axis_label(ChartUnit::ratio, 1)) + 6;
  return area.adjusted(left, metrics.height() / 2, -2, -metrics.height() - 4);
}

void CurvePanel::paintEvent(QPaintEvent* event) {
  Card::paintEvent(event);
  const QRectF area = plot();
  if (area.width() < 16 || area.height() < 16) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(label_font());
  if (curve_.points.empty()) {
    paint_message(&painter, area, tr("No curve yet"), {palette(), label_font()});
    return;
  }
  paint_axes(&painter, area);
  paint_curve(&painter, area);
  paint_present(&painter, area);
  if (pointer_) paint_pointer(&painter, area);
}

void CurvePanel::paint_axes(QPainter* painter, const QRectF& plot) const {
  const QFontMetricsF metrics(label_font());
  painter->setRenderHint(QPainter::Antialiasing, false);
  for (const double ratio : {0.0, 0.5, 1.0}) {
    const double y = std::round(plot.bottom() - ratio * plot.height());
    painter->setPen(ratio == 0 ? card_border_colour(palette()) : grid_colour(palette()));
    painter->drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
    painter->setPen(dim_text_colour(palette()));
    const QString text = axis_label(ChartUnit::ratio, ratio);
    painter->drawText(QRectF(0, y - metrics.height() / 2, plot.left() - 4, metrics.height()),
                      Qt::AlignRight | Qt::AlignVCenter, text);
  }
  double free_from = plot.left() - kSizeLabelSpacingPx;
  for (double tick = round_top(ChartUnit::bytes, low_bytes_); tick <= high_bytes_ * (1 + 1e-9);
       tick *= 2) {
    const double x = std::round(plot.left() + position(tick) * plot.width());
    if (x - free_from < kSizeLabelSpacingPx) continue;
    painter->setPen(grid_colour(palette()));
    painter->drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
    const QString text = axis_label(ChartUnit::bytes, tick);
    const double wide = metrics.horizontalAdvance(text) + 1;
    const double left = std::clamp(x - wide / 2, plot.left(), plot.right() - wide);
    painter->setPen(dim_text_colour(palette()));
    painter->drawText(QRectF(left, plot.bottom() + 4, wide, metrics.height()), Qt::AlignCenter,
                      text);
    free_from = x;
  }
}

void CurvePanel::paint_curve(QPainter* painter, const QRectF& plot) const {
  const auto y_of = [&](double ratio) { return plot.bottom() - ratio * plot.height(); };
  QPainterPath path;
  path.moveTo(plot.left(), y_of(ratio_at(low_bytes_)));
  for (const SizePoint& point : curve_.points) {
    if (point.bytes <= low_bytes_ || point.bytes >= high_bytes_) continue;
    path.lineTo(plot.left() + position(point.bytes) * plot.width(), y_of(point.miss_ratio));
  }
  path.lineTo(plot.right(), y_of(ratio_at(high_bytes_)));
  painter->setRenderHint(QPainter::Antialiasing, true);
  const QColor colour = series_colour(curve_.colour_index, is_dark(palette()));
  painter->setPen(QPen(colour, 1.6));
  painter->setBrush(Qt::NoBrush);
  painter->drawPath(path);
}

void CurvePanel::paint_present(QPainter* painter, const QRectF& plot) const {
  if (!(curve_.present_bytes > 0)) return;
  const QFontMetricsF metrics(label_font());
  const double x = std::round(plot.left() + position(curve_.present_bytes) * plot.width());
  const QColor ink = palette().color(QPalette::WindowText);
  painter->setRenderHint(QPainter::Antialiasing, false);
  painter->setPen(QPen(ink, 1, Qt::DashLine));
  painter->drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
  painter->setRenderHint(QPainter::Antialiasing, true);
  if (std::isfinite(curve_.measured_ratio)) {
    const double y = plot.bottom() - std::clamp(curve_.measured_ratio, 0.0, 1.0) * plot.height();
    painter->setPen(QPen(card_colour(palette()), 1));
    painter->setBrush(ink);
    painter->drawEllipse(QPointF(x, y), kDotPx, kDotPx);
  }
  if (pointer_) return;  // its box may need the room
  const QString text = tr("now %1").arg(value_label(ChartUnit::bytes, curve_.present_bytes));
  const double wide = metrics.horizontalAdvance(text) + 4;
  const bool to_right = x + 4 + wide <= plot.right();
  const QRectF box(to_right ? x + 4 : x - 4 - wide, plot.top(), wide, metrics.height());
  painter->setPen(Qt::NoPen);
  painter->setBrush(card_colour(palette()));
  painter->drawRect(box);
  painter->setPen(ink);
  painter->drawText(box, Qt::AlignCenter, text);
}

void CurvePanel::paint_pointer(QPainter* painter, const QRectF& plot) const {
  const double bytes = bytes_at(*pointer_);
  const QColor colour = series_colour(curve_.colour_index, is_dark(palette()));
  std::vector<TooltipRow> rows = {
      {colour, tr("Misses"), value_label(ChartUnit::ratio, ratio_at(bytes))}};
  if (std::isfinite(curve_.measured_ratio)) {
    rows.push_back({palette().color(QPalette::WindowText), tr("Measured now"),
                    value_label(ChartUnit::ratio, curve_.measured_ratio)});
  }
  paint_crosshair(painter, plot, plot.left() + *pointer_ * plot.width(),
                  value_label(ChartUnit::bytes, bytes), rows, {palette(), label_font()});
}

void CurvePanel::mouseMoveEvent(QMouseEvent* event) {
  const QRectF area = plot();
  pointer_.reset();
  if (!curve_.points.empty() && area.contains(event->position())) {
    pointer_ = (event->position().x() - area.left()) / std::max(1.0, area.width());
  }
  update();
}

void CurvePanel::leaveEvent(QEvent* event) {
  Card::leaveEvent(event);
  pointer_.reset();
  update();
}

}  // namespace nodetune
