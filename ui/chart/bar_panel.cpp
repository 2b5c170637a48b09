// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/chart/bar_panel.h"

#include <QFontMetrics>
#include <QPainter>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/chart/axis_scale.h"

namespace nodetune {
namespace {

constexpr int kBarHeight = 10;
constexpr int kLeastBarWidth = 48;

bool same(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

double longest(const std::vector<BarRow>& rows) {
  double most = 0;
  for (const BarRow& row : rows) {
    if (std::isfinite(row.value)) most = std::max(most, row.value);
  }
  return most;
}

}  // namespace

bool BarRow::operator==(const BarRow& other) const {
  return name == other.name && same(value, other.value) && same(capacity, other.capacity) &&
         colour_index == other.colour_index && tone == other.tone;
}

BarPanel::BarPanel(const QString& title, ChartUnit unit, QWidget* parent)
    : Card(title, parent), unit_(unit) {
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Minimum);
  body()->addStretch(1);
}

QString BarPanel::row_text(const BarRow& row, Length length) const {
  QString text = value_label(unit_, row.value);
  if (std::isfinite(row.value) && row.capacity > 0) {
    text = tr("%1 of %2").arg(text, value_label(unit_, row.capacity));
    if (length == Length::whole) {
      text = tr("%1, %2").arg(text, value_label(ChartUnit::ratio, row.value / row.capacity));
    }
  }
  const QString symbol = tone_symbol(row.tone);
  return symbol.isEmpty() ? text : text + QStringLiteral("  ") + symbol;
}

void BarPanel::set_rows(const std::vector<BarRow>& rows) {
  if (rows == rows_) return;
  const bool resized = rows.size() != rows_.size();
  rows_ = rows;
  QStringList spoken;
  for (const BarRow& row : rows_) spoken << row.name + QStringLiteral(" ") + row_text(row);
  setAccessibleDescription(spoken.join(QStringLiteral(". ")));
  if (resized) updateGeometry();
  update();
}

QRect BarPanel::content() const {
  const QMargins margins = layout()->contentsMargins();
  const int header = body()->geometry().top();
  return QRect(margins.left(), header, width() - margins.left() - margins.right(),
               height() - header - margins.bottom());
}

QSize BarPanel::sizeHint() const {
  const int line = QFontMetrics(font()).height() + kGrid;
  return {360, 6 * kGrid + line * std::max(1, static_cast<int>(rows_.size()))};
}

QSize BarPanel::minimumSizeHint() const {
  const int line = QFontMetrics(font()).height() + 2;
  return {240, 6 * kGrid + line * static_cast<int>(rows_.size())};
}

void BarPanel::paintEvent(QPaintEvent* event) {
  Card::paintEvent(event);
  if (rows_.empty()) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRect area = content();
  const QFontMetrics metrics(font());
  int names = 0;
  int texts = 0;
  int brief_texts = 0;
  for (const BarRow& row : rows_) {
    names = std::max(names, metrics.horizontalAdvance(row.name));
    texts = std::max(texts, metrics.horizontalAdvance(row_text(row)));
    brief_texts = std::max(brief_texts, metrics.horizontalAdvance(row_text(row, Length::brief)));
  }
  // Where it gets narrow the percentage gives way first, then the name, then the bar.
  const bool roomy = area.width() >= names + texts + 2 * kLeastBarWidth + 3 * kGrid;
  const Length length = roomy ? Length::whole : Length::brief;
  texts = std::min(roomy ? texts : brief_texts, area.width() - 2 * kGrid);
  names = std::clamp(area.width() - texts - kLeastBarWidth - 3 * kGrid, 0, names);
  const int bar_left = area.left() + names + (names > 0 ? kGrid : 0);
  const int bar_width = area.right() - texts - 2 * kGrid - bar_left;
  const double pitch =
      std::min<double>(static_cast<double>(area.height()) / static_cast<double>(rows_.size()),
                       metrics.height() + 2.0 * kGrid);
  const double most = longest(rows_);
  const bool dark = is_dark(palette());
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const BarRow& row = rows_[i];
    const QRectF line(area.left(), area.top() + pitch * static_cast<double>(i), area.width(),
                      pitch);
    painter.setPen(dim_text_colour(palette()));
    painter.drawText(QRectF(line.left(), line.top(), names, pitch), Qt::AlignVCenter,
                     metrics.elidedText(row.name, Qt::ElideRight, names));
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, row_text(row, length));
    if (bar_width < kLeastBarWidth / 2) continue;
    const QRectF track(bar_left, line.center().y() - kBarHeight / 2.0, bar_width, kBarHeight);
    painter.setPen(Qt::NoPen);
    painter.setBrush(grid_colour(palette()));
    painter.drawRoundedRect(track, kBarHeight / 2.0, kBarHeight / 2.0);
    const double whole = row.capacity > 0 ? row.capacity : most;
    if (!(row.value > 0) || !(whole > 0)) continue;
    const double share = std::min(1.0, row.value / whole);
    const QRectF bar(track.left(), track.top(), std::max<double>(2, bar_width * share), kBarHeight);
    painter.setBrush(row.tone == Tone::bad ? tone_colour(Tone::bad, dark)
                                           : series_colour(row.colour_index, dark));
    painter.drawRoundedRect(bar, std::min(bar.width(), double{kBarHeight}) / 2, kBarHeight / 2.0);
  }
}

}  // namespace nodetune
