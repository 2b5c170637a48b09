// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/chart/chart_overlay.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>
#include <iterator>

#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr double kPad = 6;
constexpr double kSwatch = 8;
constexpr double kBoxDistance = 10;   // from the crosshair
constexpr double kLeastLabelPx = 40;  // a marker's text shorter than this says nothing
constexpr double kCrowdedPx = 12;     // markers nearer than this to each other are one group
constexpr double kBarPx = 4;          // of a group, at the plot's top
constexpr int kBoxAlpha = 248;        // of 255: the trace behind is guessed, the text is read

QColor with_alpha(QColor colour, int alpha) {
  colour.setAlpha(alpha);
  return colour;
}

void paint_label(QPainter* painter, const QRectF& box, const QString& text, const QColor& colour,
                 const OverlayStyle& style) {
  painter->setPen(Qt::NoPen);
  painter->setBrush(with_alpha(card_colour(style.palette), 200));
  painter->drawRect(box);
  painter->setPen(colour);
  painter->drawText(box, Qt::AlignCenter, text);
}

using Markers = std::vector<MarkerLine>::const_iterator;

// Behind the last marker of the group that begins with `first`.
Markers group_end(Markers first, Markers end) {
  auto next = std::next(first);
  while (next != end && next->x - std::prev(next)->x < kCrowdedPx) ++next;
  return next;
}

// One line with a flag, or the bar of several.
void paint_marker_shape(QPainter* painter, const QRectF& plot, double first, double last,
                        const QColor& colour) {
  painter->setRenderHint(QPainter::Antialiasing, false);
  if (last - first >= kCrowdedPx) {
    painter->fillRect(QRectF(first, plot.top(), last - first + 1, kBarPx), colour);
    return;
  }
  painter->setPen(QPen(colour, 1));
  painter->drawLine(QPointF(first, plot.top()), QPointF(first, plot.bottom()));
  painter->setRenderHint(QPainter::Antialiasing, true);
  painter->setPen(Qt::NoPen);
  painter->setBrush(colour);
  const QPointF flag[3] = {
      {first, plot.top()}, {first + 6, plot.top() + 3}, {first, plot.top() + 6}};
  painter->drawPolygon(flag, 3);
}

}  // namespace

void paint_markers(QPainter* painter, const QRectF& plot, const std::vector<MarkerLine>& markers,
                   const OverlayStyle& style) {
  const QColor text_colour = style.palette.color(QPalette::WindowText);
  const QColor line = mix(card_colour(style.palette), text_colour, 0.5);
  const QFontMetricsF metrics(style.font);
  painter->setFont(style.font);
  double free_from = plot.left();
  for (auto group = markers.begin(); group != markers.end();) {
    const auto end = group_end(group, markers.end());
    const double first = std::round(group->x);
    const double last = std::round(std::prev(end)->x);
    const bool alone = last - first < kCrowdedPx;
    paint_marker_shape(painter, plot, first, last, line);
    const QString text = alone || group->text.isEmpty()
                             ? group->text
                             : QCoreApplication::translate("ChartOverlay", "%n events", nullptr,
                                                           int(std::distance(group, end)));
    group = end;
    const double wanted = metrics.horizontalAdvance(text) + 4;
    const double right = group == markers.end() ? plot.right() : group->x;
    const double room_right = right - last - 8;
    const double room_left = first - 3 - free_from;
    const bool to_right = room_right >= wanted || room_right >= room_left;
    const double width = std::min(wanted, to_right ? room_right : room_left);
    if (width < kLeastLabelPx || first < free_from) continue;
    const double left = to_right ? last + 8 : first - width - 3;
    paint_label(painter, QRectF(left, plot.top(), width, metrics.height()),
                metrics.elidedText(text, Qt::ElideRight, width), dim_text_colour(style.palette),
                style);
    free_from = left + width + 4;
  }
}

void paint_threshold(QPainter* painter, const QRectF& plot, double y, const QString& text,
                     const OverlayStyle& style) {
  if (y < plot.top() || y > plot.bottom()) return;
  const QColor colour = tone_colour(Tone::warn, is_dark(style.palette));
  painter->setRenderHint(QPainter::Antialiasing, false);
  painter->setPen(QPen(colour, 1));
  painter->drawLine(QPointF(plot.left(), std::round(y)), QPointF(plot.right(), std::round(y)));
  if (text.isEmpty()) return;
  const QFontMetricsF metrics(style.font);
  painter->setFont(style.font);
  const double width = metrics.horizontalAdvance(text) + 4;
  const bool above = y - metrics.height() - 1 >= plot.top();
  const double top = above ? y - metrics.height() - 1 : y + 2;
  paint_label(painter, QRectF(plot.left() + 4, top, width, metrics.height()), text,
              mix(colour, style.palette.color(QPalette::WindowText), 0.35), style);
}

void paint_crosshair(QPainter* painter, const QRectF& plot, double x, const QString& title,
                     std::vector<TooltipRow> rows, const OverlayStyle& style) {
  if (x < plot.left() || x > plot.right()) return;
  painter->setRenderHint(QPainter::Antialiasing, false);
  painter->setPen(QPen(style.palette.color(QPalette::Highlight), 1));
  painter->drawLine(QPointF(std::floor(x), plot.top()), QPointF(std::floor(x), plot.bottom()));

  QFont bold = style.font;
  bold.setWeight(QFont::DemiBold);
  const QFontMetricsF plain(style.font);
  const QFontMetricsF strong(bold);
  const double line = plain.height() + 1;
  const auto box_height = [&] {
    return line * static_cast<double>(rows.size() + 1) + 2 * kPad - 2;
  };
  // In a low plot the time alone must do; the legend has the values.
  if (box_height() > plot.height()) rows.clear();
  double names = 0;
  double values = 0;
  double width = plain.horizontalAdvance(title);
  for (const TooltipRow& row : rows) {
    const double indent = row.colour.isValid() ? kSwatch + kPad : 0;
    names = std::max(names, indent + plain.horizontalAdvance(row.name));
    values = std::max(values, strong.horizontalAdvance(row.value));
  }
  width = std::max(width, names + 2 * kPad + values) + 2 * kPad;
  double left = x + kBoxDistance;
  if (left + width > plot.right()) left = x - kBoxDistance - width;
  left = std::max(left, plot.left() - 40);  // a narrow plot: rather over the labels than cut off
  const QRectF box(std::round(left) + 0.5, plot.top() + 4.5, std::round(width),
                   std::round(box_height()));

  painter->setRenderHint(QPainter::Antialiasing, true);
  painter->setPen(QPen(card_border_colour(style.palette), 1));
  painter->setBrush(with_alpha(card_colour(style.palette), kBoxAlpha));
  painter->drawRoundedRect(box, 4, 4);
  QRectF text = box.adjusted(kPad, kPad - 1, -kPad, 0);
  text.setHeight(line);
  painter->setFont(style.font);
  painter->setPen(dim_text_colour(style.palette));
  painter->drawText(text, Qt::AlignLeft | Qt::AlignVCenter, title);
  for (const TooltipRow& row : rows) {
    text.translate(0, line);
    double indent = 0;
    if (row.colour.isValid()) {
      indent = kSwatch + kPad;
      painter->setPen(Qt::NoPen);
      painter->setBrush(row.colour);
      painter->drawRoundedRect(
          QRectF(text.left(), text.center().y() - kSwatch / 2, kSwatch, kSwatch), 2, 2);
    }
    painter->setFont(style.font);
    painter->setPen(dim_text_colour(style.palette));
    painter->drawText(text.adjusted(indent, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, row.name);
    painter->setFont(bold);
    painter->setPen(style.palette.color(QPalette::WindowText));
    painter->drawText(text, Qt::AlignRight | Qt::AlignVCenter, row.value);
  }
}

void paint_message(QPainter* painter, const QRectF& plot, const QString& text,
                   const OverlayStyle& style) {
  painter->setFont(style.font);
  painter->setPen(dim_text_colour(style.palette));
  painter->drawText(plot.adjusted(kGrid, kGrid, -kGrid, -kGrid), Qt::AlignCenter | Qt::TextWordWrap,
                    text);
}

void paint_badge(QPainter* painter, const QRectF& plot, const QString& text,
                 const OverlayStyle& style) {
  const QFontMetricsF metrics(style.font);
  const double width = metrics.horizontalAdvance(text) + 2 * kPad;
  const double height = metrics.height() + 4;
  const QRectF box(plot.right() - width - 4, plot.bottom() - height - 4, width, height);
  painter->setRenderHint(QPainter::Antialiasing, true);
  painter->setPen(Qt::NoPen);
  painter->setBrush(with_alpha(style.palette.color(QPalette::Highlight), 220));
  painter->drawRoundedRect(box, height / 2, height / 2);
  painter->setFont(style.font);
  painter->setPen(style.palette.color(QPalette::HighlightedText));
  painter->drawText(box, Qt::AlignCenter, text);
}

}  // namespace nodetune
