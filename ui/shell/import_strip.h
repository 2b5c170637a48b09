// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QWidget>

#include "ui/bridge/node_session.h"

class QProgressBar;

namespace nodetune {

class ElidedLabel;

// How far an import is, how fast it goes, how long it still takes; hidden for other workloads.
// Thread: GUI.
class ImportStrip : public QWidget {
  Q_OBJECT
 public:
  explicit ImportStrip(QWidget* parent = nullptr);

  void show_status(const WorkloadStatus& status);

 private:
  QProgressBar* bar_;
  ElidedLabel* text_;
};

// "block 46,399 · 37.2 % · 18.2 k blocks/s · 12 MiB/s · 2 min 20 s left"; once it does not run,
// why.
QString import_text(const WorkloadStatus& status);

}  // namespace nodetune
