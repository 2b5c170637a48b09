// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QScrollArea>

namespace nodetune {

// What a page scrolls when the window is small: frameless, as wide as the page, not in the tab
// order. Thread: GUI.
class PageScroll : public QScrollArea {
  Q_OBJECT
 public:
  // Takes `content`.
  PageScroll(QWidget* content, QWidget* parent);

 protected:
  void showEvent(QShowEvent* event) override;
  bool eventFilter(QObject* object, QEvent* event) override;
};

// A row of panels of one width. Its height does not follow its width, so that legends which flow
// over several lines cannot press the rows of a scrolled page into each other.
class PanelRow : public QWidget {
  Q_OBJECT
 public:
  explicit PanelRow(QWidget* parent);

  void add(QWidget* panel);
  bool hasHeightForWidth() const override { return false; }
};

}  // namespace nodetune
