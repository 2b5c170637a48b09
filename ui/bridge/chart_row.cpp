// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/bridge/chart_row.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QSvgRenderer>
#include <QTextDocument>
#include <algorithm>

#include "ui/bridge/paper.h"

namespace nodetune {
namespace {

constexpr double kGapPoints = 14;
constexpr double kBelowPoints = 8;
constexpr double kNoDataPoints = 60;
constexpr double kPaddingPoints = 6;

}  // namespace

ChartRows::ChartRows(const QPagedPaintDevice& device, double width, QObject* parent)
    : QObject(parent), device_(device), width_(width) {}

QTextCharFormat ChartRows::add(std::vector<ChartPicture> charts) {
  QTextCharFormat format;
  format.setObjectType(kObjectType);
  format.setProperty(kRowProperty, static_cast<int>(rows_.size()));
  for (auto& chart : charts) {
    if (!chart.svg.isEmpty()) chart.box = QSvgRenderer(chart.svg).viewBoxF().size();
  }
  rows_.push_back(std::move(charts));
  return format;
}

double ChartRows::dots(double points) const {
  return points * device_.logicalDpiY() / kPointsPerInch;
}

double ChartRows::chart_width() const {
  return (width_ - dots(kGapPoints) * (kChartsInRow - 1)) / kChartsInRow;
}

double ChartRows::caption_height(const ChartPicture& chart) const {
  double height = QFontMetricsF(paper_font(kCaptionPoints, true), &device_).height();
  if (chart.note.isEmpty()) return height;
  const QFontMetricsF small(paper_font(kNotePoints), &device_);
  const QRectF room(0, 0, chart_width(), 1e6);
  return height + small.boundingRect(room, Qt::TextWordWrap, chart.note).height();
}

double ChartRows::picture_height(const ChartPicture& chart) const {
  if (chart.box.isEmpty()) return dots(kNoDataPoints);
  return chart.box.height() * chart_width() / chart.box.width();
}

QSizeF ChartRows::intrinsicSize(QTextDocument*, int, const QTextFormat& format) {
  const auto row = static_cast<std::size_t>(format.intProperty(kRowProperty));
  double height = 0;
  for (const auto& chart : rows_.at(row)) {
    height = std::max(height, caption_height(chart) + picture_height(chart));
  }
  return {width_, height + dots(kBelowPoints)};
}

void ChartRows::drawObject(QPainter* painter, const QRectF& rect, QTextDocument*, int,
                           const QTextFormat& format) {
  const auto row = static_cast<std::size_t>(format.intProperty(kRowProperty));
  double left = rect.left();
  for (const auto& chart : rows_.at(row)) {
    const double caption = caption_height(chart);
    draw_caption(painter, {left, rect.top(), chart_width(), caption}, chart);
    draw_picture(painter, {left, rect.top() + caption, chart_width(), picture_height(chart)},
                 chart);
    left += chart_width() + dots(kGapPoints);
  }
}

void ChartRows::draw_caption(QPainter* painter, const QRectF& rect,
                             const ChartPicture& chart) const {
  const QFont bold = paper_font(kCaptionPoints, true);
  const QFontMetricsF measure(bold, &device_);
  painter->setFont(bold);
  painter->setPen(kPaperInk);
  painter->drawText(QPointF(rect.left(), rect.top() + measure.ascent()), chart.title);
  painter->setFont(paper_font(kNotePoints));
  painter->setPen(kPaperDim);
  const double behind = measure.horizontalAdvance(chart.title) + dots(kPaddingPoints);
  painter->drawText(QPointF(rect.left() + behind, rect.top() + measure.ascent()), chart.source);
  painter->drawText(rect.adjusted(0, measure.height(), 0, 0), Qt::TextWordWrap, chart.note);
}

void ChartRows::draw_picture(QPainter* painter, const QRectF& rect,
                             const ChartPicture& chart) const {
  if (!chart.box.isEmpty()) {
    QSvgRenderer(chart.svg).render(painter, rect);
    return;
  }
  painter->setFont(paper_font(kNotePoints));
  painter->setPen(QPen(kPaperLine, dots(0.7), Qt::DashLine));
  painter->setBrush(Qt::NoBrush);
  painter->drawRect(rect);
  painter->setPen(kPaperDim);
  const double inside = dots(kPaddingPoints);
  painter->drawText(rect.adjusted(inside, inside, -inside, -inside),
                    Qt::TextWordWrap | Qt::AlignCenter, chart.missing);
}

}  // namespace nodetune
