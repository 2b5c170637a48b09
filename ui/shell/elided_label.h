// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QLabel>

namespace nodetune {

// One line of text that is cut when there is no room: a path in its middle, else at its end. The
// whole text is its tool tip and accessible name. Thread: GUI.
class ElidedLabel : public QLabel {
  Q_OBJECT
 public:
  explicit ElidedLabel(Qt::TextElideMode mode, QWidget* parent = nullptr);

  void set_whole_text(const QString& text);
  const QString& whole_text() const { return whole_; }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void elide();

  Qt::TextElideMode mode_;
  QString whole_;
};

}  // namespace nodetune
