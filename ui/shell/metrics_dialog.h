// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QDialog>
#include <memory>

#include "engine/node/node.h"
#include "engine/observe/metrics_fetch.h"

class QLabel;
class QLineEdit;
class QPushButton;

namespace nodetune {

class Job;

// Asks where an observed node serves metrics of its own; shows what is known of them, and tries an
// address. Thread: GUI; the trial runs in a worker.
class MetricsDialog : public QDialog {
  Q_OBJECT
 public:
  // `address`: given before; empty: it is looked for.
  MetricsDialog(const NodeDescription& node, const QString& address, QWidget* parent = nullptr);
  ~MetricsDialog() override;

 signals:
  // Checked and completed; empty: it shall be looked for.
  void address_chosen(const QString& address);

 private:
  Result<std::string> address() const;  // empty: none was given
  void update_state();
  void test();
  void confirm();

  const std::string client_;
  QLineEdit* address_;
  QLabel* answer_;
  QPushButton* test_;
  std::shared_ptr<MetricsFetch> fetch_;  // of the trial that runs
  std::unique_ptr<Job> trial_;
};

}  // namespace nodetune
