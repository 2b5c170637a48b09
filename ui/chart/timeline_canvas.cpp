// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/chart/timeline_canvas.h"

#include <QDateTime>
#include <QMouseEvent>
#include <QPainter>
#include <QTimeZone>
#include <algorithm>
#include <cmath>

#include "ui/chart/axis_scale.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

using namespace timeline;

constexpr int kRowsMax = 4;         // of one lane; what runs beside them is counted
constexpr int kMessageHeight = 96;  // in the place of lanes
constexpr int kStripsGap = 8;       // between strips and lanes
constexpr int kEdge = 8;            // right of the plot
constexpr double kHeightMin = 0.4;  // of a narrow bar that was hardly busy
constexpr int kJobsTold = 3;        // of a bar of several

}  // namespace

TimelineCanvas::TimelineCanvas(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setFocusPolicy(Qt::NoFocus);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  scale_.end_us = -1;
}

void TimelineCanvas::set_data(TimelineData data) {
  std::vector<int> kept(data.lanes.size(), 1);
  for (std::size_t i = 0; i < data.lanes.size(); ++i) {
    for (std::size_t before = 0; before < data_.lanes.size(); ++before) {
      if (data_.lanes[before].name == data.lanes[i].name) kept[i] = rows_kept_[before];
    }
  }
  rows_kept_ = std::move(kept);
  data_ = std::move(data);
  dirty_ = true;
}

void TimelineCanvas::set_span(qint64 span_us) {
  if (span_us == scale_.span_us || span_us <= 0) return;
  scale_.span_us = span_us;
  std::fill(rows_kept_.begin(), rows_kept_.end(), 1);
  dirty_ = true;
  update();
}

void TimelineCanvas::advance(qint64 now_us) {
  if (width() <= 0 || height() <= 0) return;
  const bool moved = scale_.end_us < 0 || scale_.column(now_us) != scale_.column(scale_.end_us);
  if (!moved && !dirty_) return;
  scale_.end_us = now_us;
  lay_out_rows();
  if (pointer_) {
    crosshair_us_ = scale_.time_at(pointer_->x() - plot_.left());
    emit pointed(crosshair_us_);
  }
  update();
}

QString TimelineCanvas::share_name() {
  return tr("Stalled, measured");
}

int TimelineCanvas::strips_height() const {
  if (data_.strips.empty()) return 0;
  return static_cast<int>(data_.strips.size()) * kStripHeight + kShareHeight + kStripsGap;
}

QSize TimelineCanvas::minimumSizeHint() const {
  int height = strips_height();
  for (const int rows : rows_kept_) height += rows * kRowHeight + 2 * kLanePad;
  if (data_.lanes.empty()) height += kMessageHeight;
  return {240, height + QFontMetrics(label_font()).height() + kGutterPad};
}

QSize TimelineCanvas::sizeHint() const {
  return {600, minimumSizeHint().height()};
}

void TimelineCanvas::lay_out_rows() {
  dirty_ = false;
  picture_dirty_ = true;
  const QFontMetrics metrics(label_font());
  int gutter = metrics.horizontalAdvance(share_name());
  for (const auto& lane : data_.lanes) {
    gutter = std::max(gutter, metrics.horizontalAdvance(lane.name));
  }
  for (const auto& strip : data_.strips) {
    gutter = std::max(gutter, metrics.horizontalAdvance(strip.name));
  }
  gutter_ = gutter + kGutterPad;
  scale_.width = std::max(0, width() - gutter_ - kEdge);
  layout_ = lay_out(data_, scale_, kRowsMax);
  const int least = minimumSizeHint().height();
  for (std::size_t i = 0; i < rows_kept_.size(); ++i) {
    rows_kept_[i] = std::max(rows_kept_[i], layout_.rows[i]);
  }
  if (minimumSizeHint().height() != least || height() != minimumSizeHint().height()) {
    updateGeometry();
  }
  lanes_.clear();
  int top = strips_height();
  for (const int rows : rows_kept_) {
    lanes_.push_back({top, rows * kRowHeight + 2 * kLanePad});
    top += lanes_.back().height;
  }
  if (data_.lanes.empty()) top += kMessageHeight;
  plot_ = QRect(gutter_, 0, scale_.width, top);
}

QFont TimelineCanvas::label_font() const {
  QFont font = this->font();
  if (font.pointSizeF() > 0) font.setPointSizeF(std::max(6.0, font.pointSizeF() - 1));
  return font;
}

QRectF TimelineCanvas::box_of(const TimelineBar& bar) const {
  if (bar.lane < 0 || bar.lane >= static_cast<int>(lanes_.size())) return {};
  const auto& lane = lanes_[static_cast<std::size_t>(bar.lane)];
  const double bottom = lane.top + kLanePad + (bar.row + 1) * kRowHeight - 1;
  double height = kRowHeight - 2;
  if (bar.right - bar.left <= kNarrowPx && !bar.runs) {
    height *= kHeightMin + (1 - kHeightMin) * bar.busy;
  }
  return {double(plot_.left() + bar.left), bottom - height, double(bar.right - bar.left), height};
}

void TimelineCanvas::paintEvent(QPaintEvent*) {
  ++stats_.frames;
  if (dirty_ && scale_.end_us >= 0) lay_out_rows();
  const QSize pixels = size() * devicePixelRatioF();
  if (picture_dirty_ || picture_.size() != pixels) {
    if (scale_.end_us >= 0) render();
  }
  QPainter painter(this);
  if (!picture_.isNull() && scale_.end_us >= 0) painter.drawPixmap(0, 0, picture_);
  paint_overlay(&painter);
}

void TimelineCanvas::paint_overlay(QPainter* painter) {
  const OverlayStyle style{palette(), label_font()};
  const QRect lanes = plot_.adjusted(0, strips_height(), 0, 0);
  if (scale_.end_us < 0) return;
  if (!message_.isEmpty()) paint_message(painter, lanes, message_, style);
  if (chosen_) {
    painter->setBrush(Qt::NoBrush);
    for (const auto& bar : layout_.bars) {
      for (auto job = bar.first; job != TimelineLayout::kNone; job = layout_.next[job]) {
        if (data_.jobs[job].id != *chosen_) continue;
        painter->setPen(QPen(palette().color(QPalette::WindowText), 2));
        painter->drawRect(box_of(bar).adjusted(-1, -1, 1, 1));
      }
    }
  }
  if (!badge_.isEmpty()) paint_badge(painter, plot_, badge_, style);
  if (crosshair_us_) paint_tooltip(painter);
}

QString TimelineCanvas::time_text(qint64 time_us) const {
  const auto when = utc_ ? QDateTime::fromMSecsSinceEpoch(time_us / 1000, Qt::UTC)
                         : QDateTime::fromMSecsSinceEpoch(time_us / 1000);
  return when.toString(QStringLiteral("HH:mm:ss")) + (utc_ ? tr(" UTC") : QString());
}

std::vector<TooltipRow> TimelineCanvas::rows_of(const TimelineBar& bar) const {
  std::vector<TooltipRow> rows;
  if (!describe_) return rows;
  int told = 0;
  for (auto job = bar.first; job != TimelineLayout::kNone; job = layout_.next[job]) {
    if (bar.count > 1 && told == kJobsTold) break;
    auto more = describe_(data_.jobs[job].id);
    // Of several, each in one line.
    if (bar.count > 1 && more.size() > 1) more.resize(1);
    rows.insert(rows.end(), more.begin(), more.end());
    ++told;
  }
  if (bar.count > told) rows.push_back({{}, tr("and %1 more").arg(bar.count - told), {}});
  return rows;
}

void TimelineCanvas::paint_tooltip(QPainter* painter) {
  const qint64 time_us = *crosshair_us_;
  const double x = plot_.left() + scale_.x(time_us);
  if (x < plot_.left() || x > plot_.right()) return;
  const QString title =
      time_text(time_us) + QStringLiteral("  ") + ago_label(scale_.end_us - time_us);
  const OverlayStyle style{palette(), label_font()};
  std::vector<TooltipRow> rows;
  if (const auto* bar = pointer_ ? bar_at(*pointer_) : nullptr) {
    rows = rows_of(*bar);
  } else {
    rows.push_back({{}, tr("Jobs that run"), QString::number(running_at(time_us))});
    for (const auto& share : data_.shares) {
      if (share.begin_us > time_us || share.end_us < time_us) continue;
      rows.push_back({{}, tr("Stalled"), value_label(ChartUnit::ratio, share.share)});
      break;
    }
  }
  paint_crosshair(painter, plot_, x, title, rows, style);
}

int TimelineCanvas::running_at(qint64 time_us) const {
  return static_cast<int>(
      std::count_if(data_.jobs.begin(), data_.jobs.end(), [&](const TimelineJob& job) {
        return job.begin_us <= time_us && job.end_us.value_or(scale_.end_us) >= time_us;
      }));
}

const TimelineBar* TimelineCanvas::bar_at(const QPointF& position) const {
  const TimelineBar* nearest = nullptr;
  double distance = 3;  // pixels: thin bars are hard to meet
  for (const auto* bars : {&layout_.bars, &layout_.crowds}) {
    for (const auto& bar : *bars) {
      if (bar.lane < 0 || bar.lane >= static_cast<int>(lanes_.size())) continue;
      const auto& lane = lanes_[static_cast<std::size_t>(bar.lane)];
      const bool crowd = bars == &layout_.crowds;
      const double top =
          crowd ? lane.top + lane.height - kLanePad : lane.top + kLanePad + bar.row * kRowHeight;
      if (position.y() < top || position.y() >= top + (crowd ? kLanePad : kRowHeight)) continue;
      const double x = position.x() - plot_.left();
      const double away = x < bar.left ? bar.left - x : x > bar.right ? x - bar.right : 0;
      if (away >= distance) continue;
      distance = away;
      nearest = &bar;
    }
  }
  return nearest;
}

void TimelineCanvas::set_message(const QString& text) {
  if (text == message_) return;
  message_ = text;
  picture_dirty_ = true;
  update();
}

void TimelineCanvas::set_badge(const QString& text) {
  if (text == badge_) return;
  badge_ = text;
  update();
}

void TimelineCanvas::set_utc(bool utc) {
  utc_ = utc;
  update();
}

void TimelineCanvas::set_ends_in_past(bool past) {
  ends_in_past_ = past;
  picture_dirty_ = true;
  update();
}

void TimelineCanvas::set_crosshair(std::optional<qint64> time_us) {
  pointer_.reset();
  if (time_us == crosshair_us_) return;
  crosshair_us_ = time_us;
  update();
}

void TimelineCanvas::set_chosen(std::optional<quint64> id) {
  if (id == chosen_) return;
  chosen_ = id;
  update();
}

void TimelineCanvas::refresh_appearance() {
  dirty_ = true;
  update();
}

void TimelineCanvas::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  dirty_ = true;
}

void TimelineCanvas::mouseMoveEvent(QMouseEvent* event) {
  const double x = event->position().x() - plot_.left();
  if (plot_.isEmpty() || scale_.end_us < 0 || x < 0 || x > plot_.width()) return leaveEvent(event);
  pointer_ = event->position();
  crosshair_us_ = scale_.time_at(x);
  setCursor(bar_at(*pointer_) != nullptr ? Qt::PointingHandCursor : Qt::ArrowCursor);
  update();
  emit pointed(crosshair_us_);
}

void TimelineCanvas::mousePressEvent(QMouseEvent* event) {
  event->ignore();  // the panel takes the focus
  if (event->button() != Qt::LeftButton) return;
  if (const auto* bar = bar_at(event->position())) emit chosen(data_.jobs[bar->first].id);
}

void TimelineCanvas::leaveEvent(QEvent*) {
  if (!pointer_) return;
  pointer_.reset();
  crosshair_us_.reset();
  update();
  emit pointed(std::nullopt);
}

}  // namespace nodetune
