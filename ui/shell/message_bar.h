// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <QWidget>
#include <functional>
#include <vector>

#include "ui/shell/theme.h"

class QHBoxLayout;
class QLabel;
class QToolButton;

namespace nodetune {

// What happened and what to do about it, with the buttons that do it.
struct Message {
  Tone tone = Tone::neutral;
  QString title;  // "This directory cannot be opened"
  QString text;   // the engine's message: what, where, what to do
  struct Choice {
    QString label;
    std::function<void()> run;
  };
  std::vector<Choice> choices;
};

// Messages stand in the window, above what it shows, until they are closed: an error never covers
// the work and never waits for an answer. Thread: GUI.
class MessageBar : public QWidget {
  Q_OBJECT
 public:
  explicit MessageBar(QWidget* parent = nullptr);

  void show_message(const Message& message);
  void clear();
  bool has_message() const { return !message_.title.isEmpty(); }
  const Message& message() const { return message_; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void changeEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void apply_palette();

  Message message_;
  QLabel* symbol_;
  QLabel* title_;
  QLabel* text_;
  QHBoxLayout* choices_;
  QToolButton* close_;
};

}  // namespace nodetune
