// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/chart/chart_canvas.h"

#include <QDateTime>
#include <QGraphicsLayout>
#include <QMouseEvent>
#include <QPainter>
#include <QTimeZone>
#include <QWheelEvent>
#include <QtCharts/QChart>
#include <QtCharts/QLineSeries>
#include <QtCharts/QValueAxis>
#include <cmath>

#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr int kAxisLabelWidth = 56;  // the least: plots of one column of panels line up
constexpr int kEdge = 8;
constexpr double kTimeLabelWidth = 120;
constexpr int kDivisionPx = 26;       // gridlines no denser than this
constexpr int kMarkersTold = 3;       // under one crosshair
constexpr double kMarkerReachPx = 4;  // a crosshair this near shows the marker's text

}  // namespace

ChartCanvas::ChartCanvas(QWidget* parent)
    : QChartView(new QChart, parent), time_axis_(new QValueAxis), value_axis_(new QValueAxis) {
  setFrameShape(QFrame::NoFrame);
  setInteractive(false);
  setFocusPolicy(Qt::NoFocus);
  setMouseTracking(true);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  // The layers are composed in paintEvent; the scene must not ask for painting by itself.
  setViewportUpdateMode(QGraphicsView::NoViewportUpdate);
  QChart* grid = chart();
  grid->setAnimationOptions(QChart::NoAnimation);
  grid->setBackgroundVisible(false);
  grid->setDropShadowEnabled(false);
  grid->legend()->hide();
  grid->setMargins({});
  grid->layout()->setContentsMargins(0, 0, 0, 0);
  grid->addAxis(time_axis_, Qt::AlignBottom);
  grid->addAxis(value_axis_, Qt::AlignLeft);
  // An axis has no geometry until a series hangs on it.
  auto* anchor = new QLineSeries;
  grid->addSeries(anchor);
  for (QValueAxis* axis : {time_axis_, value_axis_}) {
    anchor->attachAxis(axis);
    axis->setLabelsVisible(false);
    axis->setLineVisible(false);
  }
  refresh_appearance();
}

ChartCanvas::~ChartCanvas() = default;

void ChartCanvas::refresh_appearance() {
  const QPen pen(grid_colour(palette()), 1);
  time_axis_->setGridLinePen(pen);
  value_axis_->setGridLinePen(pen);
  layout_dirty_ = true;  // the font may be another one
  viewport()->update();
}

void ChartCanvas::reset() {
  layout_dirty_ = true;
  viewport()->update();
}

void ChartCanvas::set_span(qint64 span_us) {
  if (span_us == span_us_ || span_us <= 0) return;
  span_us_ = span_us;
  reset();
}

void ChartCanvas::advance(qint64 now_us) {
  now_us_ = now_us;
  if (viewport()->width() <= 0 || viewport()->height() <= 0) return;
  if (layout_dirty_) lay_out();
  if (plot_.isEmpty()) return;
  const qint64 newest_before = model_.newest_column();
  const bool was_empty = model_.empty();
  const TraceModel::Change change = model_.fetch(now_us);
  const bool scrolled = model_.newest_column() != newest_before;
  // A clock set back leaves pixels of the future in the ring.
  if (change.rescaled || model_.newest_column() < newest_before) layer_.clear();
  if (change.rescaled) {
    place_axes();
    background_dirty_ = true;
  }
  const qint64 dirty = change.dirty_from >= 0 ? change.dirty_from : model_.newest_column() + 1;
  const int painted = layer_.advance(model_.newest_column(), dirty, traces());
  stats_.columns_painted += painted;
  if (painted == layer_.width()) ++stats_.full_repaints;
  if (scrolled && pointer_x_) {
    crosshair_us_ = model_.time_at(*pointer_x_ * layer_.width() / plot_.width());
    emit pointed(crosshair_us_);
  }
  if (painted > 0 || scrolled || was_empty != model_.empty()) viewport()->update();
}

void ChartCanvas::lay_out() {
  layout_dirty_ = false;
  background_dirty_ = true;
  const QFontMetrics metrics(label_font());
  int label_width = kAxisLabelWidth;
  label_width = std::max(label_width, metrics.horizontalAdvance(QStringLiteral("500 KiB")) + 12);
  const int right = model_.has_right_axis() ? label_width : kEdge;
  const int half_line = metrics.height() / 2 + 1;
  const QRect whole = viewport()->rect();
  plot_ = whole.adjusted(label_width, half_line, -right, -metrics.height() - 6);
  if (plot_.width() < 8 || plot_.height() < 8) {
    plot_ = {};
    return;
  }
  chart()->setPlotArea(plot_);
  const double ratio = devicePixelRatioF();
  layer_.resize(static_cast<int>(std::lround(plot_.width() * ratio)),
                static_cast<int>(std::lround(plot_.height() * ratio)), ratio);
  model_.set_geometry(span_us_, layer_.width());
  place_axes();
}

void ChartCanvas::place_axes() {
  const auto ticks = time_ticks(span_us_, plot_.width());
  // Ticks are evenly spaced, so that the chart needs only their number.
  time_axis_->setTickCount(std::max<int>(2, static_cast<int>(ticks.size())));
  time_axis_->setRange(-static_cast<double>(span_us_) / 1e6, 0);
  value_axis_->setTickCount(divisions(ChartAxis::left) + 1);
  value_axis_->setRange(0, 1);
}

int ChartCanvas::divisions(ChartAxis axis) const {
  const YScale& scale = model_.scale(axis);
  return axis_divisions(scale.unit(), scale.top(), std::max(1, plot_.height() / kDivisionPx));
}

std::vector<Trace> ChartCanvas::traces() const {
  const bool dark = is_dark(palette());
  std::vector<Trace> traces;
  traces.reserve(model_.specs().size());
  for (int i = 0; i < static_cast<int>(model_.specs().size()); ++i) {
    const SeriesSpec& spec = model_.specs()[static_cast<std::size_t>(i)];
    traces.push_back({&model_.ring(i), spec.style, series_colour(spec.colour_index, dark),
                      model_.scale_of(i).top()});
  }
  return traces;
}

void ChartCanvas::set_markers(std::vector<ChartMarker> markers) {
  markers_ = std::move(markers);
  viewport()->update();
}

void ChartCanvas::set_threshold(std::optional<ChartThreshold> threshold) {
  threshold_ = std::move(threshold);
  for (const ChartAxis axis : {ChartAxis::left, ChartAxis::right}) {
    const bool here = threshold_ && threshold_->axis == axis && threshold_->keep_in_view;
    model_.set_floor(axis, here ? std::optional(threshold_->value) : std::nullopt);
  }
  viewport()->update();
}

void ChartCanvas::set_message(const QString& text) {
  if (text == message_) return;
  message_ = text;
  background_dirty_ = true;
  viewport()->update();
}

void ChartCanvas::set_badge(const QString& text) {
  if (text == badge_) return;
  badge_ = text;
  viewport()->update();
}

void ChartCanvas::set_utc(bool utc) {
  utc_ = utc;
  viewport()->update();
}

void ChartCanvas::set_ends_in_past(bool past) {
  ends_in_past_ = past;
  viewport()->update();
}

void ChartCanvas::set_crosshair(std::optional<qint64> time_us) {
  pointer_x_.reset();
  if (time_us == crosshair_us_) return;
  crosshair_us_ = time_us;
  viewport()->update();
}

double ChartCanvas::x_of(qint64 time_us) const {
  return plot_.left() + model_.position(time_us) * plot_.width() / layer_.width();
}

QFont ChartCanvas::label_font() const {
  QFont font = this->font();
  if (font.pointSizeF() > 0) font.setPointSizeF(std::max(6.0, font.pointSizeF() - 1));
  return font;
}

OverlayStyle ChartCanvas::overlay_style() const {
  return {palette(), label_font()};
}

void ChartCanvas::paintEvent(QPaintEvent* event) {
  Q_UNUSED(event)
  // Resized while paused or between two frames: the same moment at the new size.
  if (layout_dirty_) {
    if (now_us_ >= 0) {
      advance(now_us_);
    } else {
      lay_out();
    }
  }
  ++stats_.frames;
  QPainter painter(viewport());
  if (vector_output_) {
    paint_background(&painter);
  } else {
    if (background_dirty_) {
      background_dirty_ = false;
      ++stats_.backgrounds;
      const double ratio = devicePixelRatioF();
      background_ = QPixmap(viewport()->size() * ratio);
      background_.setDevicePixelRatio(ratio);
      background_.fill(card_colour(palette()));
      QPainter background(&background_);
      paint_background(&background);
    }
    painter.drawPixmap(0, 0, background_);
  }
  if (plot_.isEmpty()) return;
  if (vector_output_) {
    paint_traces_as_lines(&painter);
  } else if (message_.isEmpty()) {
    layer_.draw(&painter, plot_);
  }
  paint_overlay(&painter);
}

void ChartCanvas::paint_background(QPainter* painter) {
  if (plot_.isEmpty()) return;
  if (!message_.isEmpty()) return;
  // A changed axis or plot area only posts a layout request; the picture is wanted now.
  chart()->layout()->invalidate();
  chart()->layout()->activate();
  const QRect area = plot_.adjusted(-1, -1, 1, 1);
  scene()->render(painter, area, area);
  paint_labels(painter);
}

void ChartCanvas::paint_labels(QPainter* painter) {
  painter->setFont(label_font());
  painter->setPen(dim_text_colour(palette()));
  const int line = QFontMetrics(label_font()).height();
  for (const ChartAxis axis : {ChartAxis::left, ChartAxis::right}) {
    if (axis == ChartAxis::right && !model_.has_right_axis()) continue;
    const YScale& scale = model_.scale(axis);
    const int parts = divisions(axis);
    for (int i = 0; i <= parts; ++i) {
      const double share = static_cast<double>(i) / parts;
      const double y = plot_.top() + plot_.height() * (1 - share) - line / 2.0;
      const QString text = axis_label(scale.unit(), scale.top() * share);
      if (axis == ChartAxis::left) {
        painter->drawText(QRectF(0, y, plot_.left() - 6, line), Qt::AlignRight | Qt::AlignVCenter,
                          text);
      } else {
        painter->drawText(QRectF(plot_.right() + 7, y, width() - plot_.right() - 7, line),
                          Qt::AlignLeft | Qt::AlignVCenter, text);
      }
    }
  }
  const double per_us = plot_.width() / static_cast<double>(span_us_);
  for (const TimeTick& tick : time_ticks(span_us_, plot_.width())) {
    const double x = plot_.left() + plot_.width() - static_cast<double>(tick.ago_us) * per_us;
    // The outermost labels end with the plot, so that they meet no other.
    Qt::Alignment alignment = Qt::AlignHCenter;
    QRectF box(x - kTimeLabelWidth / 2, plot_.bottom() + 4, kTimeLabelWidth, line);
    if (tick.ago_us == 0) {
      box.moveRight(x);
      alignment = Qt::AlignRight;
    } else if (tick.ago_us == span_us_) {
      box.moveLeft(x);
      alignment = Qt::AlignLeft;
    }
    painter->drawText(box, alignment | Qt::AlignVCenter,
                      tick.ago_us == 0 && ends_in_past_ ? tr("end") : tick.label);
  }
}

void ChartCanvas::paint_traces_as_lines(QPainter* painter) {
  if (!message_.isEmpty() || now_us_ < 0) return;
  painter->save();
  painter->setClipRect(plot_);
  painter->translate(plot_.topLeft());
  painter->scale(static_cast<double>(plot_.width()) / layer_.width(),
                 static_cast<double>(plot_.height()) / layer_.height());
  const qint64 newest = model_.newest_column();
  const qint64 oldest = newest - layer_.width() + 1;
  for (const Trace& trace : traces()) {
    paint_trace(painter, trace, oldest, newest, oldest, layer_.height(), 1);
  }
  painter->restore();
}

void ChartCanvas::paint_overlay(QPainter* painter) {
  const OverlayStyle style = overlay_style();
  if (!message_.isEmpty() || model_.empty()) {
    const QString nothing = model_.ever_filled() ? tr("No data in this span") : tr("No data yet");
    paint_message(painter, plot_, message_.isEmpty() ? nothing : message_, style);
    return;
  }
  if (threshold_) {
    const double share = threshold_->value / model_.scale(threshold_->axis).top();
    paint_threshold(painter, plot_, plot_.top() + plot_.height() * (1 - share), threshold_->text,
                    style);
  }
  std::vector<MarkerLine> lines;
  for (const ChartMarker& marker : markers_) {
    const double x = x_of(marker.time_us);
    if (x >= plot_.left() && x <= plot_.right()) lines.push_back({x, marker.text});
  }
  if (!lines.empty()) paint_markers(painter, plot_, lines, style);
  if (!badge_.isEmpty() && !vector_output_) paint_badge(painter, plot_, badge_, style);
  if (crosshair_us_ && !vector_output_) paint_tooltip(painter);
}

void ChartCanvas::paint_tooltip(QPainter* painter) {
  const qint64 time_us = *crosshair_us_;
  const auto when = utc_ ? QDateTime::fromMSecsSinceEpoch(time_us / 1000, Qt::UTC)
                         : QDateTime::fromMSecsSinceEpoch(time_us / 1000);
  const QString title = when.toString(QStringLiteral("HH:mm:ss")) +
                        (utc_ ? tr(" UTC") : QString()) + QStringLiteral("  ") +
                        ago_label(now_us_ - time_us);
  const bool dark = is_dark(palette());
  std::vector<TooltipRow> rows;
  for (int i = 0; i < static_cast<int>(model_.specs().size()); ++i) {
    const SeriesSpec& spec = model_.specs()[static_cast<std::size_t>(i)];
    const ChartUnit unit = model_.scale_of(i).unit();
    const auto reading = model_.value_at(i, time_us);
    QString text = value_label(unit, reading ? reading->mean : kMissing);
    if (reading && reading->min < reading->max) {
      text +=
          tr("  (%1 to %2)").arg(value_label(unit, reading->min), value_label(unit, reading->max));
    }
    rows.push_back({series_colour(spec.colour_index, dark), spec.name, text});
  }
  const double x = x_of(time_us);
  int near = 0;
  for (const ChartMarker& marker : markers_) {
    if (std::fabs(x_of(marker.time_us) - x) > kMarkerReachPx) continue;
    if (++near <= kMarkersTold) rows.push_back({{}, marker.text, {}});
  }
  if (near > kMarkersTold)
    rows.push_back({{}, tr("and %n more", nullptr, near - kMarkersTold), {}});
  paint_crosshair(painter, plot_, x, title, rows, overlay_style());
}

void ChartCanvas::resizeEvent(QResizeEvent* event) {
  QChartView::resizeEvent(event);
  layout_dirty_ = true;
}

void ChartCanvas::mouseMoveEvent(QMouseEvent* event) {
  const double x = event->position().x() - plot_.left();
  if (plot_.isEmpty() || now_us_ < 0 || x < 0 || x > plot_.width()) {
    leave();
    return;
  }
  pointer_x_ = x;
  crosshair_us_ = model_.time_at(x * layer_.width() / plot_.width());
  viewport()->update();
  emit pointed(crosshair_us_);
}

// Clicks and the wheel belong to the page around: focus, context menu, scrolling.
void ChartCanvas::mousePressEvent(QMouseEvent* event) {
  event->ignore();
}
void ChartCanvas::mouseReleaseEvent(QMouseEvent* event) {
  event->ignore();
}
void ChartCanvas::wheelEvent(QWheelEvent* event) {
  event->ignore();
}

bool ChartCanvas::viewportEvent(QEvent* event) {
  if (event->type() == QEvent::Leave) leave();
  return QChartView::viewportEvent(event);
}

void ChartCanvas::leave() {
  if (!pointer_x_) return;
  pointer_x_.reset();
  crosshair_us_.reset();
  viewport()->update();
  emit pointed(std::nullopt);
}

}  // namespace nodetune
