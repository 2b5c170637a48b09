// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// What a TimelineCanvas paints into its pixmap.
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/chart/axis_scale.h"
#include "ui/chart/timeline_canvas.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

using namespace timeline;

constexpr int kFadePx = 14;  // of the soft edge of a job that runs
constexpr int kMarkPx = 2;   // of a message
constexpr double kTimeLabelWidth = 120;
constexpr double kBarRadius = 2;

QColor text_on(const QColor& colour) {
  return contrast(colour, Qt::white) > contrast(colour, Qt::black) ? Qt::white : Qt::black;
}

}  // namespace

void TimelineCanvas::render() {
  picture_dirty_ = false;
  ++stats_.full_repaints;
  const double ratio = devicePixelRatioF();
  picture_ = QPixmap(size() * ratio);
  picture_.setDevicePixelRatio(ratio);
  picture_.fill(card_colour(palette()));
  QPainter painter(&picture_);
  painter.setFont(label_font());
  paint_grid(&painter);
  paint_strips(&painter);
  if (message_.isEmpty()) paint_lanes(&painter);
}

void TimelineCanvas::paint_grid(QPainter* painter) const {
  const QColor grid = grid_colour(palette());
  const QColor dim = dim_text_colour(palette());
  const int line = QFontMetrics(label_font()).height();
  const int bottom = message_.isEmpty() ? plot_.bottom() : plot_.top() + strips_height();
  const double per_us = plot_.width() / static_cast<double>(scale_.span_us);
  for (const TimeTick& tick : time_ticks(scale_.span_us, plot_.width())) {
    const double x = plot_.right() + 1 - static_cast<double>(tick.ago_us) * per_us;
    painter->setPen(QPen(grid, 1));
    painter->drawLine(QPointF(std::floor(x) + 0.5, plot_.top()),
                      QPointF(std::floor(x) + 0.5, bottom));
    Qt::Alignment alignment = Qt::AlignHCenter;
    QRectF box(x - kTimeLabelWidth / 2, plot_.bottom() + 4, kTimeLabelWidth, line);
    if (tick.ago_us == 0) {
      box.moveRight(x);
      alignment = Qt::AlignRight;
    } else if (tick.ago_us == scale_.span_us) {
      box.moveLeft(x);
      alignment = Qt::AlignLeft;
    }
    painter->setPen(dim);
    painter->drawText(box, alignment | Qt::AlignVCenter,
                      tick.ago_us == 0 && ends_in_past_ ? tr("end") : tick.label);
  }
  painter->setPen(QPen(grid, 1));
  painter->drawLine(plot_.bottomLeft() + QPoint(0, 1), plot_.bottomRight() + QPoint(0, 1));
}

void TimelineCanvas::paint_strips(QPainter* painter) const {
  if (data_.strips.empty()) return;
  const bool dark = is_dark(palette());
  const QColor card = card_colour(palette());
  const QColor ground = mix(card, grid_colour(palette()), 0.6);
  const QColor dim = dim_text_colour(palette());
  const auto name = [&](const QString& text, int top, int height) {
    painter->setPen(dim);
    painter->drawText(QRect(0, top, gutter_ - kGutterPad, height),
                      Qt::AlignRight | Qt::AlignVCenter, text);
  };
  const auto columns = [&](qint64 begin_us, qint64 end_us, int least) {
    const int left = std::max(0, scale_.x(begin_us));
    const int right = std::min(std::max(scale_.x(end_us) + 1, left + least), scale_.width);
    return std::pair(plot_.left() + left, std::max(0, right - left));
  };
  int top = 0;
  for (const auto& strip : data_.strips) {
    const QRect row(plot_.left(), top + 1, plot_.width(), kStripHeight - 2);
    painter->fillRect(row, ground);
    name(strip.name, top, kStripHeight);
    for (const bool strong : {false, true}) {  // what stopped lies above what slowed
      const QColor colour = tone_colour(strong ? Tone::bad : Tone::warn, dark);
      for (const auto& mark : strip.marks) {
        if (mark.strong != strong) continue;
        const auto [left, width] = columns(mark.begin_us, mark.end_us, kMarkPx);
        // Height tells them apart without their colours.
        const int height = strong ? row.height() : row.height() / 2 + 1;
        painter->fillRect(QRect(left, row.bottom() + 1 - height, width, height), colour);
      }
    }
    top += kStripHeight;
  }
  const QRect row(plot_.left(), top + 1, plot_.width(), kShareHeight - 2);
  painter->fillRect(row, ground);
  name(share_name(), top, kShareHeight);
  const QColor share_colour = mix(card, tone_colour(Tone::bad, dark), 0.75);
  for (const auto& share : data_.shares) {
    if (!(share.share > 0)) continue;
    const auto [left, width] = columns(share.begin_us, share.end_us, 1);
    const double height = std::max(1.0, std::min(1.0, share.share) * row.height());
    painter->fillRect(QRectF(left, row.bottom() + 1 - height, width, height), share_colour);
  }
  if (data_.shares.empty()) {
    painter->setPen(dim);
    painter->drawText(row.adjusted(6, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                      tr("not known in this window"));
  }
}

void TimelineCanvas::paint_lanes(QPainter* painter) const {
  const QColor grid = grid_colour(palette());
  const QColor ink = palette().color(QPalette::WindowText);
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    painter->setPen(QPen(grid, 1));
    painter->drawLine(QPointF(0, lanes_[i].top + 0.5), QPointF(plot_.right(), lanes_[i].top + 0.5));
    painter->setPen(ink);
    painter->drawText(QRect(0, lanes_[i].top + kLanePad, gutter_ - kGutterPad, kRowHeight),
                      Qt::AlignRight | Qt::AlignVCenter, data_.lanes[i].name);
  }
  for (const auto& bar : layout_.bars) paint_bar(painter, bar);
  // What found no row: a line below the lane, and how many.
  for (const auto& crowd : layout_.crowds) {
    const auto& lane = lanes_[static_cast<std::size_t>(crowd.lane)];
    const int bottom = lane.top + lane.height - 1;
    const QRect line(plot_.left() + crowd.left, bottom - 2, crowd.right - crowd.left, 2);
    painter->fillRect(line, ink);
    const QString text = tr("+%1").arg(crowd.count);
    const int wide = QFontMetrics(label_font()).horizontalAdvance(text) + 6;
    const QRect box(std::min(line.left(), plot_.right() - wide), bottom - kRowHeight, wide,
                    kRowHeight - 3);
    painter->fillRect(box, card_colour(palette()));
    painter->setPen(ink);
    painter->drawText(box, Qt::AlignCenter, text);
  }
}

void TimelineCanvas::paint_bar(QPainter* painter, const TimelineBar& bar) const {
  const auto& lane = data_.lanes[static_cast<std::size_t>(bar.lane)];
  const QColor colour = series_colour(lane.colour_index, is_dark(palette()));
  const QRectF box = box_of(bar);
  const bool wide = box.width() > 2 * kNarrowPx;
  // A seam of the card's colour tells neighbours apart.
  const QRectF filled = box.adjusted(0, 0, wide ? -1 : 0, 0);
  QBrush brush(colour);
  if (bar.runs) {
    QLinearGradient fade(std::max(box.left(), box.right() - kFadePx), 0, box.right(), 0);
    fade.setColorAt(0, colour);
    fade.setColorAt(1, mix(card_colour(palette()), colour, 0.25));
    brush = fade;
  }
  painter->setPen(Qt::NoPen);
  painter->setBrush(brush);
  if (wide) {
    painter->setRenderHint(QPainter::Antialiasing, true);
    painter->drawRoundedRect(filled, kBarRadius, kBarRadius);
    painter->setRenderHint(QPainter::Antialiasing, false);
    paint_bar_label(painter, bar, box);
  } else {
    painter->fillRect(filled, brush);
  }
}

// "1.2 GiB, 14 s", as much of it as there is room for.
void TimelineCanvas::paint_bar_label(QPainter* painter, const TimelineBar& bar,
                                     const QRectF& box) const {
  QStringList texts;
  if (bar.count > 1) {
    texts = {tr("%1 jobs").arg(bar.count)};
  } else {
    const auto& job = data_.jobs[bar.first];
    const QString took =
        value_label(ChartUnit::seconds,
                    static_cast<double>(job.end_us.value_or(scale_.end_us) - job.begin_us) / 1e6);
    const QString amount = value_label(ChartUnit::bytes, job.bytes);
    const bool known = std::isfinite(job.bytes);
    if (!job.end_us) {
      texts = {known ? tr("%1, runs for %2").arg(amount, took) : tr("runs for %1").arg(took), took};
    } else if (known) {
      texts = {tr("%1, %2").arg(amount, took), amount};
    } else {
      texts = {took};
    }
  }
  const QFontMetricsF metrics(label_font());
  const auto& lane = data_.lanes[static_cast<std::size_t>(bar.lane)];
  for (const QString& text : texts) {
    if (metrics.horizontalAdvance(text) + 8 > box.width() - (bar.runs ? kFadePx : 0)) continue;
    painter->setPen(text_on(series_colour(lane.colour_index, is_dark(palette()))));
    painter->drawText(box.adjusted(4, 0, -4, 0), Qt::AlignLeft | Qt::AlignVCenter, text);
    return;
  }
}

}  // namespace nodetune
