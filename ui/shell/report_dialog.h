// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QDate>
#include <QDialog>

#include "ui/bridge/report_export.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QWidget;

namespace nodetune {

// "nodetune-besu-2026-11-22.html"; without a node's name "nodetune-report-2026-11-22.html".
QString report_file_name(const QString& node_path, QDate date, ExportFormat format);

// Asks what a report shall hold and where it goes, shows how far it is, and why it failed. It
// writes nothing itself and touches no file system.
//
// Thread: GUI. Not modal: the charts go on being used.
class ReportDialog : public QDialog {
  Q_OBJECT
 public:
  struct Start {
    QString folder;     // proposed
    QString node_path;  // its last part names the file
    QDate date;
    Duration shown{};         // what the charts show, to now
    bool shown_past = false;  // they are paused: newer figures are in the report too
  };

  explicit ReportDialog(const Start& start, QWidget* parent = nullptr);

  // What was chosen; a Status that says what is wrong instead.
  Result<ExportRequest> request() const;

  void show_running();
  void show_progress(int permille);  // negative: unknown
  void show_idle(const QString& problem);
  bool running() const { return running_; }

  void reject() override;  // while a report is written: asks for its cancellation

 signals:
  void export_requested(const nodetune::ExportRequest& request);
  void cancel_requested();

 private:
  ExportFormat format() const;
  void build_controls();
  void build_layout();
  void choose_file();
  void format_chosen();
  void file_edited();
  void anonymise_chosen();
  void suggest_name();
  void update_state();
  void confirm();

  const Start start_;
  bool running_ = false;
  bool name_is_own_ = false;       // edited: no longer proposed
  bool anonymise_is_own_ = false;  // chosen: no longer the format's default

  QWidget* form_;
  QLineEdit* file_;
  QPushButton* browse_;
  QComboBox* format_;
  QComboBox* span_;
  QCheckBox* anonymise_;
  QLabel* anonymise_hint_;
  QLabel* problem_;
  QProgressBar* progress_;
  QPushButton* export_;
  QPushButton* cancel_;
};

}  // namespace nodetune
