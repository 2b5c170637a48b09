// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QObject>
#include <memory>

class QSocketNotifier;

namespace nodetune {

// Turns SIGINT and SIGTERM into asked_to_quit(), in the GUI thread. The second one ends the
// program at once. Thread: GUI. Lifetime: one at a time.
class QuitSignals : public QObject {
  Q_OBJECT
 public:
  explicit QuitSignals(QObject* parent = nullptr);
  ~QuitSignals() override;

 signals:
  void asked_to_quit();

 private:
  std::unique_ptr<QSocketNotifier> notifier_;
};

}  // namespace nodetune
