// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <vector>

#include "ui/chart/card.h"
#include "ui/chart/chart_types.h"

namespace nodetune {

class Legend;

struct ShareSegment {
  QString name;
  double value = 0;  // not finite or negative: counted as nothing and shown as "–"
  int colour_index = 0;
};

// One stacked bar: who has how much of a whole, such as each cache's part of the memory.
// Thread: GUI.
class ShareBar : public Card {
  Q_OBJECT
 public:
  explicit ShareBar(const QString& title, ChartUnit unit, QWidget* parent = nullptr);

  // `whole` missing: the sum is the whole. Otherwise the rest is drawn as free; a sum above it
  // fills the bar.
  void set_segments(const std::vector<ShareSegment>& segments, double whole = kMissing);

  // Where segment `i` lies in the bar, 0 to 1: left edge and width.
  struct Extent {
    double left = 0;
    double width = 0;
  };
  std::vector<Extent> extents() const;

 protected:
  void appearance_changed() override;

 private:
  class Bar;
  double sum() const;

  ChartUnit unit_;
  std::vector<ShareSegment> segments_;
  double whole_ = kMissing;
  Bar* bar_;
  Legend* legend_;
};

}  // namespace nodetune
