// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/chart/histogram_panel.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/chart/axis_scale.h"
#include "ui/chart/chart_overlay.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr double kLabelSpacingPx = 56;
constexpr double kLeastSpan = 10;     // the axis covers at least this factor
constexpr double kLeastLower = 1e-9;  // where the first bucket begins at zero

}  // namespace

HistogramPanel::HistogramPanel(const QString& title, ChartUnit unit, QWidget* parent)
    : Card(title, parent), unit_(unit) {
  body()->addStretch(1);
}

void HistogramPanel::set_buckets(const std::vector<HistogramBucket>& buckets,
                                 const std::vector<HistogramMark>& marks) {
  const auto filled = [](const HistogramBucket& bucket) {
    return std::isfinite(bucket.count) && bucket.count > 0 && std::isfinite(bucket.upper) &&
           bucket.upper > bucket.lower && bucket.upper > 0;
  };
  buckets_.clear();
  std::copy_if(buckets.begin(), buckets.end(), std::back_inserter(buckets_), filled);
  marks_ = marks;
  total_ = 0;
  for (const HistogramBucket& bucket : buckets_) total_ += bucket.count;
  if (!buckets_.empty()) {
    const HistogramBucket& first = buckets_.front();
    low_ = first.lower > 0 ? first.lower : std::max(kLeastLower, first.upper / 2);
    high_ = std::max(buckets_.back().upper, low_ * kLeastSpan);
  }
  QStringList spoken;
  for (const HistogramMark& mark : marks_) {
    spoken << mark.text + QStringLiteral(" ") + value_label(unit_, mark.value);
  }
  setAccessibleDescription(buckets_.empty() ? tr("No data yet")
                                            : spoken.join(QStringLiteral(", ")));
  update();
}

void HistogramPanel::set_unavailable(const QString& reason) {
  reason_ = reason;
  if (!reason.isEmpty()) setAccessibleDescription(reason);
  update();
}

double HistogramPanel::position(double value) const {
  if (!(value > low_)) return 0;
  return std::min(1.0, std::log(value / low_) / std::log(high_ / low_));
}

QFont HistogramPanel::label_font() const {
  QFont font = this->font();
  if (font.pointSizeF() > 0) font.setPointSizeF(std::max(6.0, font.pointSizeF() - 1));
  return font;
}

QSize HistogramPanel::sizeHint() const {
  return {360, 200};
}
QSize HistogramPanel::minimumSizeHint() const {
  return {220, 120};
}

void HistogramPanel::paintEvent(QPaintEvent* event) {
  Card::paintEvent(event);
  const QMargins margins = layout()->contentsMargins();
  const QFontMetricsF metrics(label_font());
  const double top = body()->geometry().top() + metrics.height() + 2;
  const QRectF plot(margins.left(), top, width() - margins.left() - margins.right(),
                    height() - margins.bottom() - metrics.height() - 6 - top);
  if (plot.width() < 8 || plot.height() < 8) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  if (!reason_.isEmpty() || buckets_.empty()) {
    paint_message(&painter, plot, reason_.isEmpty() ? tr("No data yet") : reason_,
                  {palette(), label_font()});
    return;
  }
  painter.setFont(label_font());
  paint_axis(&painter, plot);
  paint_bars(&painter, plot);
  paint_marks(&painter, plot);
}

void HistogramPanel::paint_axis(QPainter* painter, const QRectF& plot) const {
  const QFontMetricsF metrics(label_font());
  painter->setRenderHint(QPainter::Antialiasing, false);
  const bool binary = unit_ == ChartUnit::bytes || unit_ == ChartUnit::bytes_per_second;
  double free_from = plot.left() - kLabelSpacingPx;
  double tick = round_top(unit_, low_);
  for (int i = 0; i < 400 && tick <= high_ * (1 + 1e-9); ++i) {
    const double x = std::round(plot.left() + position(tick) * plot.width());
    if (x - free_from >= kLabelSpacingPx) {
      painter->setPen(grid_colour(palette()));
      painter->drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
      const QString text = axis_label(unit_, tick);
      const double text_width = metrics.horizontalAdvance(text);
      const double left =
          std::max(plot.left(), std::min(x - text_width / 2, plot.right() - text_width));
      painter->setPen(dim_text_colour(palette()));
      painter->drawText(QRectF(left, plot.bottom() + 4, text_width + 1, metrics.height()),
                        Qt::AlignCenter, text);
      free_from = x;
    }
    tick = binary ? tick * 2 : round_top(unit_, tick * 1.5);
  }
  painter->setPen(card_border_colour(palette()));
  painter->drawLine(plot.bottomLeft(), plot.bottomRight());
}

void HistogramPanel::paint_bars(QPainter* painter, const QRectF& plot) const {
  double most = 0;
  for (const HistogramBucket& bucket : buckets_) most = std::max(most, bucket.count);
  painter->setRenderHint(QPainter::Antialiasing, true);
  painter->setPen(Qt::NoPen);
  painter->setBrush(series_colour(0, is_dark(palette())));
  for (const HistogramBucket& bucket : buckets_) {
    const double left = plot.left() + position(bucket.lower) * plot.width();
    const double right = plot.left() + position(bucket.upper) * plot.width();
    // A single outlier stays visible beside millions.
    const double height = std::max(1.5, bucket.count / most * plot.height());
    const double seam = right - left > 4 ? 1 : 0;
    painter->drawRect(
        QRectF(left, plot.bottom() - height, std::max(1.0, right - left - seam), height));
  }
}

void HistogramPanel::paint_marks(QPainter* painter, const QRectF& plot) const {
  const QFontMetricsF metrics(label_font());
  double free_from = plot.left();
  for (const HistogramMark& mark : marks_) {
    if (!std::isfinite(mark.value)) continue;
    const double x = std::round(plot.left() + position(mark.value) * plot.width());
    painter->setRenderHint(QPainter::Antialiasing, false);
    painter->setPen(QPen(tone_colour(Tone::warn, is_dark(palette())), 1));
    painter->drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
    const QString text = mark.text + QStringLiteral(" ") + value_label(unit_, mark.value);
    const double text_width = metrics.horizontalAdvance(text) + 2;
    const double left =
        std::clamp(x - text_width / 2, free_from, std::max(free_from, plot.right() - text_width));
    if (left + text_width > plot.right() + 1) continue;
    painter->setPen(palette().color(QPalette::WindowText));
    painter->drawText(QRectF(left, plot.top() - metrics.height() - 2, text_width, metrics.height()),
                      Qt::AlignCenter, text);
    free_from = left + text_width + kGrid;
  }
}

}  // namespace nodetune
