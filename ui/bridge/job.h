// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QObject>
#include <QString>
#include <atomic>
#include <functional>
#include <memory>

class QThread;

namespace nodetune {

// What a job's work may look at and report to. Thread: any.
struct JobControl {
  std::atomic<bool> cancelled{false};
  std::atomic<int> permille{-1};  // how much is done; negative: unknown
};

// Work that would make the window wait: opening, closing, reporting.
//
// Invariant: finished() is emitted once, in the GUI thread, after the work has returned; not when
// the job was destroyed before. Thread: made and destroyed in the GUI thread. Lifetime: the
// destructor asks the work to cancel and waits for it.
class Job : public QObject {
  Q_OBJECT
 public:
  using Work = std::function<void(JobControl&)>;

  Job(const QString& title, Work work, QObject* parent = nullptr);
  ~Job() override;

  const QString& title() const { return title_; }
  int permille() const { return control_->permille.load(std::memory_order_relaxed); }
  void cancel() { control_->cancelled.store(true, std::memory_order_relaxed); }
  bool cancelled() const { return control_->cancelled.load(std::memory_order_relaxed); }

 signals:
  void finished();

 private:
  QString title_;
  std::shared_ptr<JobControl> control_;
  std::unique_ptr<QThread> thread_;
};

}  // namespace nodetune
