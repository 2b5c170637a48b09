// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QDialog>

#include "ui/shell/open_request.h"

class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;

namespace nodetune {

// Asks which files of blocks shall be imported, and into which test bench, a new or an old one.
// What the files hold is found out when the import begins, off the GUI thread. Thread: GUI.
class ImportDialog : public QDialog {
  Q_OBJECT
 public:
  // `folder`: of the test bench that is open; empty: a new one is proposed.
  explicit ImportDialog(const QString& folder, QWidget* parent = nullptr);

  void add_paths(const QStringList& paths);
  // What was chosen; a Status that says what is wrong instead.
  Result<OpenRequest> request() const;

 signals:
  void import_chosen(const nodetune::OpenRequest& request);

 private:
  void choose_files();
  void choose_folder_of_files();
  void choose_bench();
  void remove_selected();
  void update_state();
  void confirm();

  QListWidget* files_;
  QPushButton* remove_;
  QLineEdit* folder_;
  QLineEdit* from_;
  QLineEdit* to_;
  QLabel* problem_;
  QPushButton* start_;
};

}  // namespace nodetune
