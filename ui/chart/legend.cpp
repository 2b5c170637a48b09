// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/chart/legend.h"

#include <QEvent>
#include <QFontMetrics>
#include <QPainter>
#include <QResizeEvent>
#include <algorithm>

#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr int kSwatchWidth = 12;
constexpr int kSwatchHeight = 4;
constexpr int kLeastWidth = 160;  // narrower than this nobody reads a legend

QFont value_font(const QFont& base) {
  QFont font = base;
  font.setWeight(QFont::DemiBold);
  return font;
}

}  // namespace

Legend::Legend(QWidget* parent) : QWidget(parent) {
  QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
}

void Legend::set_entries(const std::vector<LegendEntry>& entries) {
  if (entries == entries_) return;
  const auto same = [](const LegendEntry& a, const LegendEntry& b) { return a.name == b.name; };
  const bool same_series = entries.size() == entries_.size() &&
                           std::equal(entries.begin(), entries.end(), entries_.begin(), same);
  entries_ = entries;
  if (!same_series) value_widths_.assign(entries_.size(), 0);
  measure();
  update();
}

void Legend::measure() {
  const QFontMetrics metrics(value_font(font()));
  bool grown = false;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const int width = metrics.horizontalAdvance(entries_[i].value);
    if (width <= value_widths_[i]) continue;
    value_widths_[i] = width;
    grown = true;
  }
  if (grown) updateGeometry();
}

std::vector<Legend::Box> Legend::arrange(int width) const {
  const QFontMetrics metrics(font());
  const int line = metrics.height() + 2;
  std::vector<Box> boxes;
  int x = 0;
  int y = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const int name = metrics.horizontalAdvance(entries_[i].name);
    const int value_left = kSwatchWidth + 6 + name + 6;
    const int whole = std::min(width, value_left + value_widths_[i]);
    if (x > 0 && x + whole > width) {
      x = 0;
      y += line;
    }
    boxes.push_back({QRect(x, y, whole, line), value_left});
    x += whole + kGrid * 3 / 2;
  }
  return boxes;
}

int Legend::heightForWidth(int width) const {
  if (entries_.empty()) return 0;
  return arrange(std::max(1, width)).back().rect.bottom() + 1;
}

QSize Legend::sizeHint() const {
  const int wide = 320;
  return {wide, heightForWidth(std::max(width(), wide))};
}

QSize Legend::minimumSizeHint() const {
  return {0, entries_.empty() ? 0 : heightForWidth(std::max(width(), kLeastWidth))};
}

void Legend::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  if (event->size().width() != event->oldSize().width()) updateGeometry();
}

void Legend::paintEvent(QPaintEvent* event) {
  Q_UNUSED(event)
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const bool dark = is_dark(palette());
  const std::vector<Box> boxes = arrange(width());
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const QRect& rect = boxes[i].rect;
    const QRectF swatch(rect.left(), rect.center().y() - kSwatchHeight / 2.0 + 1, kSwatchWidth,
                        kSwatchHeight);
    painter.setPen(Qt::NoPen);
    painter.setBrush(series_colour(entries_[i].colour_index, dark));
    painter.drawRoundedRect(swatch, 2, 2);
    painter.setPen(dim_text_colour(palette()));
    painter.setFont(font());
    painter.drawText(rect.adjusted(kSwatchWidth + 6, 0, 0, 0), Qt::AlignVCenter, entries_[i].name);
    painter.setPen(palette().color(QPalette::WindowText));
    painter.setFont(value_font(font()));
    painter.drawText(rect.adjusted(boxes[i].value_left, 0, kGrid, 0), Qt::AlignVCenter,
                     entries_[i].value);
  }
}

void Legend::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::FontChange) {
    value_widths_.assign(entries_.size(), 0);
    measure();
  }
  update();
}

}  // namespace nodetune
