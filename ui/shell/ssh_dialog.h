// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QDialog>

#include "engine/base/status.h"

class QLabel;
class QLineEdit;
class QPushButton;

namespace nodetune {

// Asks for a node on another machine, and shows the command that will run. Thread: GUI.
class SshDialog : public QDialog {
  Q_OBJECT
 public:
  // `url`: what was opened before; anything but an ssh:// URL leaves the fields empty.
  explicit SshDialog(const QString& url, QWidget* parent = nullptr);

  // What was written; a Status that says what is wrong instead.
  Result<QString> url() const;

 signals:
  void address_chosen(const QString& url);

 private:
  void update_state();
  void confirm();

  QLineEdit* account_;
  QLineEdit* port_;
  QLineEdit* directory_;
  QLabel* command_;
  QLabel* problem_;
  QPushButton* open_;
};

}  // namespace nodetune
