// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/chart/timeline_panel.h"

#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/shell/theme.h"

namespace nodetune {
namespace {

QString swatch(const QColor& colour, const QString& glyph) {
  return QStringLiteral("<span style=\"color:%1\">%2</span> ").arg(colour.name(), glyph);
}

}  // namespace

TimelinePanel::TimelinePanel(const QString& title, QWidget* parent)
    : TimeCard(title, parent), canvas_(new TimelineCanvas(this)), key_(new QLabel(this)) {
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  key_->setTextFormat(Qt::RichText);
  key_->setWordWrap(true);
  body()->addWidget(canvas_);
  body()->addWidget(key_);
  connect(canvas_, &TimelineCanvas::pointed, this, &TimelinePanel::crosshair_moved);
  connect(canvas_, &TimelineCanvas::chosen, this, &TimelinePanel::job_chosen);
  update_key();
}

void TimelinePanel::set_data(TimelineData shown) {
  canvas_->set_data(std::move(shown));
  fresh_ = true;
}

void TimelinePanel::set_describe(TimelineCanvas::Describe describe) {
  canvas_->set_describe(std::move(describe));
}

void TimelinePanel::set_summary(const QString& text) {
  if (text != accessibleDescription()) setAccessibleDescription(text);
}

void TimelinePanel::set_message(const QString& text) {
  canvas_->set_message(text);
}

void TimelinePanel::set_chosen(std::optional<quint64> id) {
  canvas_->set_chosen(id);
}

void TimelinePanel::set_span(qint64 span_us) {
  canvas_->set_span(span_us);
  fresh_ = true;
}

void TimelinePanel::refresh(qint64 now_us) {
  if (!isVisible() || window()->isMinimized() || visibleRegion().isEmpty()) return;
  if (paused_ && !fresh_ && canvas_->now_us() >= 0) return;
  fresh_ = false;
  canvas_->advance(now_us);
}

void TimelinePanel::set_paused(bool paused) {
  if (paused == paused_) return;
  paused_ = paused;
  canvas_->set_badge(paused ? tr("Paused") : QString());
}

void TimelinePanel::set_utc(bool utc) {
  canvas_->set_utc(utc);
}

void TimelinePanel::set_ends_in_past(bool past) {
  ends_in_past_ = past;
  canvas_->set_ends_in_past(past);
  update_key();
}

void TimelinePanel::set_crosshair(std::optional<qint64> time_us) {
  if (time_us != canvas_->crosshair()) canvas_->set_crosshair(time_us);
}

void TimelinePanel::appearance_changed() {
  if (canvas_ == nullptr) return;
  canvas_->refresh_appearance();
  update_key();
}

// Which of it is told, and which is measured.
void TimelinePanel::update_key() {
  const bool dark = is_dark(palette());
  QFont small = font();
  if (small.pointSizeF() > 0) small.setPointSizeF(std::max(6.0, small.pointSizeF() - 1));
  key_->setFont(small);
  QPalette dim = palette();
  dim.setColor(QPalette::WindowText, dim_text_colour(palette()));
  key_->setPalette(dim);
  const QString slowed = swatch(tone_colour(Tone::warn, dark), QStringLiteral("▄"));
  const QString stopped = swatch(tone_colour(Tone::bad, dark), QStringLiteral("█"));
  const QString measured =
      swatch(mix(card_colour(palette()), tone_colour(Tone::bad, dark), 0.75), QStringLiteral("▂"));
  QString text = tr("%1slowed &nbsp;%2stopped: a message told of its begin, none tells its end "
                    "&nbsp; %3measured: share of the time that writers waited &nbsp; "
                    "low thin bars: busy for a part of it")
                     .arg(slowed, stopped, measured);
  if (!ends_in_past_) text += tr(" &nbsp; soft edge: runs now");
  key_->setText(text);
}

}  // namespace nodetune
