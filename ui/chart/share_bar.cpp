// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/chart/share_bar.h"

#include <QPainter>
#include <QPainterPath>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/chart/axis_scale.h"
#include "ui/chart/legend.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr int kBarHeight = 20;
constexpr double kRadius = 4;

double counted(double value) {
  return std::isfinite(value) && value > 0 ? value : 0;
}

}  // namespace

class ShareBar::Bar : public QWidget {
 public:
  explicit Bar(ShareBar* owner) : QWidget(owner), owner_(owner) { setFixedHeight(kBarHeight); }

 protected:
  void paintEvent(QPaintEvent* /*event*/) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath outline;
    outline.addRoundedRect(rect(), kRadius, kRadius);
    painter.setClipPath(outline);
    painter.fillRect(rect(), grid_colour(palette()));
    const bool dark = is_dark(palette());
    const auto extents = owner_->extents();
    for (std::size_t i = 0; i < extents.size(); ++i) {
      const QRectF box(extents[i].left * width(), 0, extents[i].width * width(), height());
      if (box.width() <= 0) continue;
      // A line of the card's colour tells neighbours apart without their colours.
      const double seam = box.width() > 4 ? 1 : 0;
      const QColor colour = series_colour(owner_->segments_[i].colour_index, dark);
      painter.fillRect(box.adjusted(0, 0, -seam, 0), colour);
      if (seam > 0) {
        painter.fillRect(QRectF(box.right() - seam, 0, seam, height()), card_colour(palette()));
      }
      const QString& name = owner_->segments_[i].name;
      if (fontMetrics().horizontalAdvance(name) + kGrid > box.width()) continue;
      const bool white = contrast(colour, Qt::white) > contrast(colour, Qt::black);
      painter.setPen(white ? Qt::white : Qt::black);
      painter.drawText(box, Qt::AlignCenter, name);
    }
  }

 private:
  ShareBar* owner_;
};

ShareBar::ShareBar(const QString& title, ChartUnit unit, QWidget* parent)
    : Card(title, parent), unit_(unit), bar_(new Bar(this)), legend_(new Legend(this)) {
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
  body()->addWidget(bar_);
  body()->addSpacing(kGrid / 2);
  body()->addWidget(legend_);
}

double ShareBar::sum() const {
  double total = 0;
  for (const ShareSegment& segment : segments_) total += counted(segment.value);
  return total;
}

std::vector<ShareBar::Extent> ShareBar::extents() const {
  const double whole = std::max(counted(whole_), sum());
  std::vector<Extent> out;
  double left = 0;
  for (const ShareSegment& segment : segments_) {
    const double width = whole > 0 ? counted(segment.value) / whole : 0;
    out.push_back({left, width});
    left += width;
  }
  return out;
}

void ShareBar::set_segments(const std::vector<ShareSegment>& segments, double whole) {
  segments_ = segments;
  whole_ = whole;
  const double total = std::max(counted(whole_), sum());
  std::vector<LegendEntry> entries;
  QStringList spoken;
  for (const ShareSegment& segment : segments_) {
    QString text = value_label(unit_, segment.value);
    if (std::isfinite(segment.value) && total > 0) {
      text += tr(" (%1)").arg(value_label(ChartUnit::ratio, segment.value / total));
    }
    spoken << segment.name + QStringLiteral(" ") + text;
    entries.push_back({segment.name, text, segment.colour_index});
  }
  legend_->set_entries(entries);
  setAccessibleDescription(spoken.join(QStringLiteral(". ")));
  set_title(title(), counted(whole_) > 0
                         ? tr("%1 of %2").arg(value_label(unit_, sum()), value_label(unit_, whole_))
                         : value_label(unit_, sum()));
  bar_->update();
}

void ShareBar::appearance_changed() {
  if (bar_ != nullptr) bar_->update();
}

}  // namespace nodetune
