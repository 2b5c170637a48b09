// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <vector>

#include "ui/chart/card.h"
#include "ui/chart/chart_types.h"
#include "ui/shell/theme.h"

namespace nodetune {

struct BarRow {
  QString name;
  double value = kMissing;     // missing: "–" and no bar
  double capacity = kMissing;  // missing: the bar is relative to the longest
  int colour_index = 0;
  Tone tone = Tone::neutral;  // its symbol stands behind the figures
  bool operator==(const BarRow& other) const;
};

// Horizontal bars: what is used of what there is. "Accounts ▇▇▇▇▁▁ 812 MiB of 1 GiB, 79.3 %".
// Thread: GUI.
class BarPanel : public Card {
  Q_OBJECT
 public:
  explicit BarPanel(const QString& title, ChartUnit unit, QWidget* parent = nullptr);

  // Cheap when nothing changed. The accessible description says the same in words.
  void set_rows(const std::vector<BarRow>& rows);
  const std::vector<BarRow>& rows() const { return rows_; }
  // "812 MiB of 1 GiB, 79.3 %"; without the percentage where that is too long.
  enum class Length { whole, brief };
  QString row_text(const BarRow& row, Length length = Length::whole) const;

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  QRect content() const;

  ChartUnit unit_;
  std::vector<BarRow> rows_;
};

}  // namespace nodetune
