// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <QWidget>

class QHBoxLayout;
class QLabel;
class QVBoxLayout;

namespace nodetune {

// A titled panel with a rounded frame: what every chart, table and group of figures stands in.
//
// Thread: GUI. It follows the palette by itself.
class Card : public QWidget {
  Q_OBJECT
 public:
  explicit Card(const QString& title = {}, QWidget* parent = nullptr);

  // `note` stands dimmed behind the title: a unit, a source, an age. The accessible name is the
  // title.
  void set_title(const QString& title, const QString& note = {});
  QString title() const { return title_; }

  // Right of the title: small buttons, a state.
  QHBoxLayout* header() { return header_; }
  // Below it: the content.
  QVBoxLayout* body() { return body_; }
  const QVBoxLayout* body() const { return body_; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void changeEvent(QEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

  // Called after the palette, the style or the font changed.
  virtual void appearance_changed() {}

 private:
  void update_labels();

  QString title_;
  QLabel* title_label_;
  QLabel* note_label_;
  QHBoxLayout* header_;
  QVBoxLayout* body_;
};

}  // namespace nodetune
