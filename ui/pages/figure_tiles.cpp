// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/figure_tiles.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>
#include <cmath>

#include "ui/bridge/node_session.h"
#include "ui/bridge/text.h"

namespace nodetune {
namespace {

constexpr double kValueScale = 1.35;  // of the normal font

}  // namespace

QString shown_span_text(const NodeSession& session) {
  for (const auto& span : chart_spans()) {
    if (span.span_us == session.span_us()) return span.label;
  }
  return seconds_text(static_cast<double>(session.span_us()) / 1e6);
}

QString age_text(const NodeSession& session) {
  const auto age = session.snapshot_age_seconds();
  if (!age) return QObject::tr("not read yet");
  if (*age < 1) return QObject::tr("read just now");
  return QObject::tr("read %1 ago").arg(seconds_text(std::floor(*age)));
}

QString shown_window_text(const NodeSession& session) {
  const QString window = session.paused()
                             ? QObject::tr("%1 up to the pause").arg(shown_span_text(session))
                             : QObject::tr("last %1").arg(shown_span_text(session));
  return QObject::tr("%1, %2").arg(window, age_text(session));
}

FigureTiles::FigureTiles(const QString& title, QWidget* parent) : Card(title, parent) {}

void FigureTiles::make_labels(std::size_t count) {
  auto* row = new QHBoxLayout;
  row->setSpacing(2 * kGrid);
  for (std::size_t i = 0; i < count; ++i) {
    Labels labels{new QWidget(this), nullptr, nullptr, nullptr};
    auto* column = new QVBoxLayout(labels.box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    for (QLabel** label : {&labels.name, &labels.value, &labels.note}) {
      *label = new QLabel(labels.box);
      (*label)->setTextFormat(Qt::PlainText);
      column->addWidget(*label);
    }
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * kValueScale);
    large.setWeight(QFont::DemiBold);
    labels.value->setFont(large);
    labels.value->setTextInteractionFlags(Qt::TextSelectableByMouse);
    row->addWidget(labels.box, 1);
    labels_.push_back(labels);
  }
  body()->addLayout(row);
  apply_palette();
}

void FigureTiles::set_tiles(const std::vector<FigureTile>& tiles) {
  if (labels_.empty()) make_labels(tiles.size());
  const bool new_tones = tiles_.size() != tiles.size();
  bool tones_differ = new_tones;
  for (std::size_t i = 0; i < std::min(tiles.size(), labels_.size()); ++i) {
    const auto& tile = tiles[i];
    const auto& labels = labels_[i];
    tones_differ = tones_differ || new_tones || tiles_[i].tone != tile.tone;
    const QString symbol = tone_symbol(tile.tone);
    labels.name->setText(tile.name);
    labels.value->setText(symbol.isEmpty() ? tile.value : symbol + QChar(' ') + tile.value);
    labels.note->setText(tile.note);
    labels.box->setToolTip(tile.tip);
    labels.value->setAccessibleName(
        QStringLiteral("%1: %2 %3").arg(tile.name, tile.value, tile.note));
  }
  tiles_ = tiles;
  if (tones_differ) apply_palette();
}

void FigureTiles::appearance_changed() {
  apply_palette();
}

void FigureTiles::apply_palette() {
  QPalette dim = palette();
  dim.setColor(QPalette::WindowText, dim_text_colour(palette()));
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    labels_[i].name->setPalette(dim);
    labels_[i].note->setPalette(dim);
    const Tone tone = i < tiles_.size() ? tiles_[i].tone : Tone::neutral;
    QPalette value = palette();
    if (tone != Tone::neutral) {
      value.setColor(QPalette::WindowText, tone_colour(tone, is_dark(palette())));
    }
    labels_[i].value->setPalette(value);
  }
}

}  // namespace nodetune
