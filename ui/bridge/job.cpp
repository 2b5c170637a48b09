// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/bridge/job.h"

#include <QThread>
#include <utility>

namespace nodetune {

Job::Job(const QString& title, Work work, QObject* parent)
    : QObject(parent), title_(title), control_(std::make_shared<JobControl>()) {
  thread_.reset(QThread::create([control = control_, run = std::move(work)] { run(*control); }));
  connect(thread_.get(), &QThread::finished, this, &Job::finished);
  thread_->start();
}

Job::~Job() {
  cancel();
  thread_->wait();
}

}  // namespace nodetune
