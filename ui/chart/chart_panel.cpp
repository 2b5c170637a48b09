// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/chart/chart_panel.h"

#include <QPainter>
#include <QVBoxLayout>
#include <cstdlib>

#include "ui/chart/axis_scale.h"
#include "ui/chart/chart_canvas.h"
#include "ui/chart/legend.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr qint64 kLegendEveryUs = 250'000;  // figures that change faster cannot be read
constexpr int kLeastCanvasWidth = 200;
constexpr int kLeastCanvasHeight = 96;

}  // namespace

ChartPanel::ChartPanel(const QString& title, ChartUnit unit, QWidget* parent)
    : TimeCard(title, parent),
      canvas_(new ChartCanvas(this)),
      legend_(new Legend(this)),
      left_unit_(unit),
      right_unit_(unit) {
  set_title(title, unit_name(unit));
  canvas_->model().set_axis(ChartAxis::left, unit, {});
  canvas_->setMinimumSize(kLeastCanvasWidth, kLeastCanvasHeight);
  body()->addWidget(legend_);
  body()->addWidget(canvas_, 1);
  connect(canvas_, &ChartCanvas::pointed, this, [this](std::optional<qint64> time_us) {
    update_legend();
    emit crosshair_moved(time_us);
  });
}

ChartPanel::~ChartPanel() = default;

void ChartPanel::set_series(std::vector<SeriesSpec> specs, SeriesReader reader) {
  canvas_->model().set_series(std::move(specs), std::move(reader));
  reload();
  update_legend();
}

void ChartPanel::set_fixed_top(ChartAxis axis, double top) {
  (axis == ChartAxis::left ? left_top_ : right_top_) = top;
  reload();
}

void ChartPanel::set_right_axis(ChartUnit unit) {
  right_unit_ = unit;
  reload();
}

void ChartPanel::reload() {
  canvas_->model().set_axis(ChartAxis::left, left_unit_, left_top_);
  canvas_->model().set_axis(ChartAxis::right, right_unit_, right_top_);
  canvas_->reset();
  legend_at_us_ = -1;
}

void ChartPanel::set_span(qint64 span_us) {
  canvas_->set_span(span_us);
  legend_at_us_ = -1;
}

qint64 ChartPanel::span_us() const {
  return canvas_->span_us();
}

bool ChartPanel::shown() const {
  return isVisible() && !window()->isMinimized() && !visibleRegion().isEmpty();
}

void ChartPanel::refresh(qint64 now_us) {
  if (paused_ || !shown()) return;
  canvas_->advance(now_us);
  if (legend_at_us_ < 0 || std::llabs(now_us - legend_at_us_) >= kLegendEveryUs) {
    legend_at_us_ = now_us;
    update_legend();
  }
  if (described_at_us_ < 0 || std::llabs(now_us - described_at_us_) >= kSecondUs) {
    described_at_us_ = now_us;
    update_description();
  }
}

void ChartPanel::set_paused(bool paused) {
  if (paused == paused_) return;
  paused_ = paused;
  canvas_->set_badge(paused ? tr("Paused") : QString());
}

void ChartPanel::set_markers(std::vector<ChartMarker> markers) {
  canvas_->set_markers(std::move(markers));
}

void ChartPanel::set_threshold(std::optional<ChartThreshold> threshold) {
  canvas_->set_threshold(std::move(threshold));
}

void ChartPanel::set_unavailable(const QString& reason) {
  canvas_->set_message(reason);
  legend_->setVisible(reason.isEmpty());
  update_description();
}

void ChartPanel::set_utc(bool utc) {
  canvas_->set_utc(utc);
}

void ChartPanel::set_ends_in_past(bool past) {
  canvas_->set_ends_in_past(past);
}

void ChartPanel::set_crosshair(std::optional<qint64> time_us) {
  if (time_us == crosshair()) return;
  canvas_->set_crosshair(time_us);
  update_legend();
}

std::optional<qint64> ChartPanel::crosshair() const {
  return canvas_->crosshair();
}

std::optional<ChartReading> ChartPanel::value_at(int series, qint64 time_us) const {
  if (series < 0 || series >= static_cast<int>(canvas_->model().specs().size())) return {};
  return canvas_->model().value_at(series, time_us);
}

void ChartPanel::update_legend() {
  const TraceModel& model = canvas_->model();
  std::vector<LegendEntry> entries;
  for (int i = 0; i < static_cast<int>(model.specs().size()); ++i) {
    const SeriesSpec& spec = model.specs()[static_cast<std::size_t>(i)];
    // While a crosshair stands, the figures are those of its time.
    const double value = crosshair() ? model.value_at(i, *crosshair()).value_or(ChartReading{}).mean
                                     : model.current(i, canvas_->now_us()).value_or(kMissing);
    const bool right = spec.axis == ChartAxis::right;
    entries.push_back({right ? tr("%1 (right)").arg(spec.name) : spec.name,
                       value_label(model.scale_of(i).unit(), value), spec.colour_index});
  }
  legend_->set_entries(entries);
}

QString ChartPanel::spoken() const {
  const TraceModel& model = canvas_->model();
  if (!canvas_->message().isEmpty()) return canvas_->message();
  QStringList sentences;
  for (int i = 0; i < static_cast<int>(model.specs().size()); ++i) {
    const QString& name = model.specs()[static_cast<std::size_t>(i)].name;
    const auto value = model.current(i, canvas_->now_us());
    if (!value) {
      sentences << tr("%1: no data").arg(name);
      continue;
    }
    const QString text = value_label(model.scale_of(i).unit(), *value);
    switch (model.trend(i)) {
      case Trend::unknown:
        sentences << tr("%1 %2").arg(name, text);
        break;
      case Trend::falling:
        sentences << tr("%1 %2, falling").arg(name, text);
        break;
      case Trend::steady:
        sentences << tr("%1 %2, steady").arg(name, text);
        break;
      case Trend::rising:
        sentences << tr("%1 %2, rising").arg(name, text);
        break;
    }
  }
  return sentences.join(QStringLiteral(". "));
}

void ChartPanel::update_description() {
  const QString text = spoken();
  if (text != accessibleDescription()) setAccessibleDescription(text);
}

qint64 ChartPanel::right_edge_us() const {
  return canvas_->now_us();
}

void ChartPanel::appearance_changed() {
  if (canvas_ != nullptr) canvas_->refresh_appearance();
}

QImage ChartPanel::grab_image() {
  return grab().toImage();
}

void ChartPanel::render_vector(QPainter* painter, const QRectF& target) {
  if (size().isEmpty()) return;
  painter->save();
  painter->translate(target.topLeft());
  const double scale = std::min(target.width() / width(), target.height() / height());
  painter->scale(scale, scale);
  canvas_->set_vector_output(true);
  render(painter, QPoint(), QRegion(), QWidget::DrawChildren);
  canvas_->set_vector_output(false);
  painter->restore();
}

const ChartPaintStats& ChartPanel::paint_stats() const {
  return canvas_->stats();
}

QSize ChartPanel::sizeHint() const {
  return {420, 220};
}

}  // namespace nodetune
