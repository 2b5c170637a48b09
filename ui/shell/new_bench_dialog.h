// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QDialog>

#include "ui/shell/open_request.h"

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace nodetune {

// Asks where a test bench shall be and what drives it. Thread: GUI.
class NewBenchDialog : public QDialog {
  Q_OBJECT
 public:
  explicit NewBenchDialog(QWidget* parent = nullptr);

  // What was chosen; a Status that says what is wrong instead.
  Result<OpenRequest> request() const;

 signals:
  void bench_chosen(const nodetune::OpenRequest& request);

 private:
  void choose_folder();
  void choose_lists();
  void update_state();
  void confirm();

  QLineEdit* folder_;
  QComboBox* workload_;
  QLineEdit* lists_;
  QPushButton* browse_lists_;
  QDoubleSpinBox* rate_;
  QDoubleSpinBox* prefill_gib_;
  QSpinBox* free_percent_;
  QCheckBox* hints_;
  QLabel* problem_;
  QPushButton* create_;
};

}  // namespace nodetune
