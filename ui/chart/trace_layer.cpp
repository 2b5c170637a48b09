// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/chart/trace_layer.h"

#include <QPainter>
#include <QPen>
#include <QPointF>
#include <algorithm>
#include <cmath>

namespace nodetune {
namespace {

constexpr int kFillAlpha = 30;    // of 255, below an area's line
constexpr int kBandAlpha = 96;    // of 255, between least and greatest value
constexpr double kSubpixel = 64;  // the raster engine's own precision

// Rounding to the raster's grid makes the same point the same pixel wherever the ring is cut.
double on_grid(double value) {
  return std::round(value * kSubpixel) / kSubpixel;
}

// The vertices of a run without gaps, painted as one polyline.
class Run {
 public:
  Run(QPainter* painter, const Trace& trace, qint64 origin, int height, double pen_px)
      : painter_(painter), trace_(trace), origin_(origin), height_(height), pen_px_(pen_px) {}

  void add(const Column& column) {
    if (column.gap_before) flush();
    const auto left = static_cast<double>(column.index - origin_);
    if (column.min < column.max) band(static_cast<int>(left), column);
    vertex(left + (column.count == 1 ? column.offset : 0.5), column.mean());
  }

  void flush() {
    if (points_.size() == 1) {
      // A lone sample between gaps still shows.
      const QPointF point = points_.front();
      points_ = {point - QPointF(pen_px_, 0), point + QPointF(pen_px_, 0)};
    }
    if (points_.size() > 1) {
      if (trace_.style == SeriesStyle::area) fill();
      painter_->setRenderHint(QPainter::Antialiasing, true);
      painter_->drawPolyline(points_.data(), static_cast<int>(points_.size()));
    }
    points_.clear();
  }

 private:
  double y_of(double value) const {
    // Far outside is as good as just outside, and keeps the stroker's arithmetic sane.
    const double share = std::clamp(value / trace_.top, -0.2, 1.2);
    return height_ - 0.5 - share * (height_ - 1);
  }

  void vertex(double x, double value) {
    const QPointF point(on_grid(x), on_grid(y_of(value)));
    if (trace_.style == SeriesStyle::step && !points_.empty()) {
      points_.emplace_back(point.x(), points_.back().y());
    }
    points_.push_back(point);
  }

  // From the least to the greatest value of the column: a spike shows whatever the span is, and
  // the series behind still shines through.
  void band(int left, const Column& column) {
    QColor colour = trace_.colour;
    colour.setAlpha(kBandAlpha);
    const int top = static_cast<int>(std::floor(y_of(column.max)));
    const int bottom = static_cast<int>(std::ceil(y_of(column.min)));
    painter_->fillRect(QRect(left, top, 1, std::max(1, bottom - top)), colour);
  }

  void fill() {
    std::vector<QPointF> outline = points_;
    outline.emplace_back(points_.back().x(), height_);
    outline.emplace_back(points_.front().x(), height_);
    QColor colour = trace_.colour;
    colour.setAlpha(kFillAlpha);
    painter_->save();
    painter_->setRenderHint(QPainter::Antialiasing, false);
    painter_->setPen(Qt::NoPen);
    painter_->setBrush(colour);
    painter_->drawPolygon(outline.data(), static_cast<int>(outline.size()));
    painter_->restore();
  }

  QPainter* painter_;
  const Trace& trace_;
  qint64 origin_;
  int height_;
  double pen_px_;
  std::vector<QPointF> points_;
};

}  // namespace

void paint_trace(QPainter* painter, const Trace& trace, qint64 first, qint64 last, qint64 origin,
                 int height, double pen_px) {
  const ColumnRing& columns = *trace.columns;
  // Two columns with data beyond each end: one for the segment that crosses the border, one for
  // the joint where it begins.
  qint64 begin = first;
  qint64 end = last;
  for (int i = 0; i < 2; ++i) {
    if (const Column* column = columns.before(begin)) begin = column->index;
    if (const Column* column = columns.after(end)) end = column->index;
  }
  QPen pen(trace.colour, pen_px, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin);
  pen.setCosmetic(true);
  painter->setPen(pen);
  Run run(painter, trace, origin, height, pen_px);
  for (qint64 index = begin; index <= end; ++index) {
    if (const Column* column = columns.at(index)) run.add(*column);
  }
  run.flush();
}

void TraceLayer::resize(int width, int height, double pen_px) {
  image_ = QImage(std::max(1, width), std::max(1, height), QImage::Format_ARGB32_Premultiplied);
  image_.fill(Qt::transparent);
  pen_px_ = pen_px;
  newest_ = -1;
}

int TraceLayer::advance(qint64 newest, qint64 dirty_from, const std::vector<Trace>& traces) {
  const qint64 oldest = newest - image_.width() + 1;
  qint64 first = newest_ < 0 ? oldest : std::min(dirty_from, newest_ + 1);
  first = std::max(first, oldest);
  newest_ = newest;
  if (first > newest) return 0;
  // The ring's seam may lie inside the range: then it is two strips of the image.
  const qint64 seam = newest - newest % image_.width();
  if (first < seam) {
    paint_columns(first, seam - 1, traces);
    paint_columns(seam, newest, traces);
  } else {
    paint_columns(first, newest, traces);
  }
  return static_cast<int>(newest - first + 1);
}

void TraceLayer::paint_columns(qint64 first, qint64 last, const std::vector<Trace>& traces) {
  const auto x = static_cast<int>(first % image_.width());
  const QRect strip(x, 0, static_cast<int>(last - first + 1), image_.height());
  QPainter painter(&image_);
  painter.setClipRect(strip);
  painter.setCompositionMode(QPainter::CompositionMode_Source);
  painter.fillRect(strip, Qt::transparent);
  painter.setCompositionMode(QPainter::CompositionMode_SourceOver);
  for (const Trace& trace : traces) {
    paint_trace(&painter, trace, first, last, first - x, image_.height(), pen_px_);
  }
}

void TraceLayer::draw(QPainter* painter, const QRectF& target) const {
  if (newest_ < 0 || image_.isNull()) return;
  const auto after_newest = static_cast<int>((newest_ + 1) % image_.width());
  const int older = image_.width() - after_newest;  // columns from there to the image's end
  const double scale = target.width() / image_.width();
  painter->drawImage(QRectF(target.left(), target.top(), older * scale, target.height()), image_,
                     QRectF(after_newest, 0, older, image_.height()));
  if (after_newest > 0) {
    painter->drawImage(
        QRectF(target.left() + older * scale, target.top(), after_newest * scale, target.height()),
        image_, QRectF(0, 0, after_newest, image_.height()));
  }
}

}  // namespace nodetune
