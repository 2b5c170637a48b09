// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QWidget>

#include "ui/bridge/node_session.h"

class QComboBox;
class QLabel;
class QPushButton;
class QToolButton;

namespace nodetune {

class ElidedLabel;
class ImportStrip;

// What is open, how and why, what drives it, and what all charts share: pause and span.
// Thread: GUI. Lifetime: within that of the open node.
class NodeHeader : public QWidget {
  Q_OBJECT
 public:
  explicit NodeHeader(NodeSession& session, QWidget* parent = nullptr);

 protected:
  void changeEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  void update_description();
  void update_workload();
  void fill_databases();
  void apply_palette();
  void colour_story();
  void control(ControlWorkload::Action action);

  NodeSession& session_;
  ElidedLabel* path_;
  QLabel* way_;
  ElidedLabel* story_;
  ElidedLabel* data_set_;
  ImportStrip* import_;
  QLabel* workload_;
  QToolButton* start_;
  QToolButton* pause_;
  QToolButton* stop_;
  QPushButton* hold_;
  QComboBox* database_;  // hidden where there is but one
  QComboBox* span_;
};

// What the workload can be told in that state.
bool may_start(WorkloadState state);
bool may_stop(WorkloadState state);
// "Managed – test bench", "Observed", "Recorded over ssh from besu@server".
QString way_text(const NodeDescription& description);
// Why this test bench says little about the disk: its data fit into memory. Else empty.
QString from_memory_text(const NodeDescription& description, const Snapshot& snapshot);
// "running, block 1,204 of 5,000, 2 a second".
QString workload_text(const WorkloadStatus& status);

}  // namespace nodetune
