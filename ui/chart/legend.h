// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QColor>
#include <QString>
#include <QWidget>
#include <vector>

namespace nodetune {

struct LegendEntry {
  QString name;
  QString value;  // empty: none
  int colour_index = 0;
  bool operator==(const LegendEntry&) const = default;
};

// Colour, name and current value of each series, flowing over as many lines as needed.
class Legend : public QWidget {
  Q_OBJECT
 public:
  explicit Legend(QWidget* parent = nullptr);

  // Cheap when nothing changed. The width kept for a value only grows, so that nothing jumps.
  void set_entries(const std::vector<LegendEntry>& entries);

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  struct Box {
    QRect rect;
    int value_left;
  };
  std::vector<Box> arrange(int width) const;
  void measure();

  std::vector<LegendEntry> entries_;
  std::vector<int> value_widths_;
};

}  // namespace nodetune
