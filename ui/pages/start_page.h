// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QStringList>
#include <QWidget>

class QLabel;
class QListWidget;
class QPushButton;

namespace nodetune {

class Card;
class ElidedLabel;

// What the window shows while nothing is open: what can be opened, and what is being opened.
// Thread: GUI.
class StartPage : public QWidget {
  Q_OBJECT
 public:
  explicit StartPage(QWidget* parent = nullptr);

  void set_recent(const QStringList& paths);
  void show_progress(const QString& title, const QString& text, bool cancellable);
  void show_idle();

 signals:
  void open_requested();
  void recording_requested();
  void ssh_requested();
  void bench_requested();
  void path_chosen(const QString& path);
  void cancel_requested();

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void choose_recent();
  void apply_palette();

  QWidget* offers_;
  QPushButton* open_;
  QPushButton* recording_;
  QPushButton* bench_;
  QListWidget* recent_;
  Card* recent_card_;
  QLabel* drop_;
  Card* progress_;
  ElidedLabel* progress_text_;
  QPushButton* cancel_;
};

}  // namespace nodetune
