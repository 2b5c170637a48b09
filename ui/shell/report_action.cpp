// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/shell/report_action.h"

#include <QDesktopServices>
#include <QDir>
#include <QMessageBox>
#include <QPointer>
#include <QPushButton>
#include <QStandardPaths>
#include <QTimer>
#include <QUrl>
#include <memory>
#include <utility>

#include "ui/bridge/job.h"
#include "ui/bridge/node_session.h"
#include "ui/bridge/text.h"
#include "ui/shell/report_dialog.h"
#include "ui/shell/settings.h"

namespace nodetune {
namespace {

constexpr int kProgressMs = 100;

using Tell = std::function<void(const Message&)>;

QString folder_of(const QString& path) {
  return path.section(QLatin1Char('/'), 0, -2) + QLatin1Char('/');
}

void open_outside(const QString& path, const Tell& tell) {
  if (QDesktopServices::openUrl(QUrl::fromLocalFile(path))) return;
  tell({Tone::warn,
        QObject::tr("No program opened it"),
        QObject::tr("The desktop has none for %1, or there is no desktop here.").arg(path),
        {}});
}

Message written(const QString& path, const Tell& tell) {
  return {Tone::good,
          QObject::tr("The report was written"),
          path,
          {{QObject::tr("&Open"), [path, tell] { open_outside(path, tell); }},
           {QObject::tr("Open &folder"), [path, tell] { open_outside(folder_of(path), tell); }}}};
}

// One dialog and the job that it started. Thread: GUI. Lifetime: the dialog's.
class ReportExport : public QObject {
 public:
  ReportExport(NodeSession& session, Settings& settings, Tell tell, ReportDialog* dialog)
      : QObject(dialog),
        session_(session),
        settings_(settings),
        tell_(std::move(tell)),
        dialog_(dialog) {
    connect(dialog, &ReportDialog::export_requested, this, &ReportExport::start);
    connect(dialog, &ReportDialog::cancel_requested, this, [this] {
      if (job_) job_->cancel();
    });
    connect(&session, &NodeSession::about_to_close, this, [this] {
      node_gone_ = true;
      if (!job_) dialog_->reject();  // a report that is being written goes on
    });
    connect(&progress_, &QTimer::timeout, this, [this] {
      if (job_) dialog_->show_progress(job_->permille());
    });
    progress_.setInterval(kProgressMs);
  }

 private:
  void start(const ExportRequest& request) {
    auto node = session_.share_node();
    if (!node || job_) return;
    auto outcome = std::make_shared<ExportOutcome>();
    // Moved into the work, and from there into the export, which lets go of the node early.
    job_ = new Job(
        QObject::tr("Report"),
        [outcome, request, node = std::move(node)](JobControl& control) mutable {
          *outcome = export_report(std::move(node), request, SystemClock::instance(), control);
        },
        this);
    connect(job_, &Job::finished, this, [this, outcome, request] {
      std::exchange(job_, nullptr)->deleteLater();
      progress_.stop();
      finish(request, *outcome);
    });
    dialog_->show_running();
    progress_.start();
  }

  void finish(const ExportRequest& request, const ExportOutcome& outcome) {
    if (outcome.exists && !node_gone_) {
      dialog_->show_idle({});
      ask_to_replace(request);
      return;
    }
    if (!outcome.exists && outcome.status) {
      settings_.set_report_folder(folder_of(request.path));
      tell_(written(request.path, tell_));
      dialog_->accept();
      return;
    }
    const QString why = outcome.exists ? QObject::tr("%1 exists already.").arg(request.path)
                                       : to_qt(outcome.status.message());
    dialog_->show_idle(why);
    if (!node_gone_) return;
    tell_({Tone::bad, QObject::tr("No report was written"), why, {}});
    dialog_->reject();
  }

  void ask_to_replace(ExportRequest request) {
    auto* box = new QMessageBox(QMessageBox::Question, QObject::tr("Replace the file?"),
                                QObject::tr("%1 exists already.").arg(request.path),
                                QMessageBox::Cancel, dialog_);
    box->setAttribute(Qt::WA_DeleteOnClose);
    auto* replace = box->addButton(QObject::tr("&Replace"), QMessageBox::DestructiveRole);
    box->setDefaultButton(QMessageBox::Cancel);
    request.replace = true;
    connect(replace, &QPushButton::clicked, this, [this, request] { start(request); });
    box->open();
  }

  NodeSession& session_;
  Settings& settings_;
  const Tell tell_;
  ReportDialog* dialog_;
  Job* job_ = nullptr;      // a child, while it runs
  bool node_gone_ = false;  // another may be open by now: nothing can be tried again
  QTimer progress_;
};

ReportDialog::Start start_of(const NodeSession& session, const Settings& settings) {
  ReportDialog::Start start;
  start.folder = settings.report_folder();
  if (start.folder.isEmpty()) {
    start.folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
  }
  if (start.folder.isEmpty()) start.folder = QDir::homePath();
  start.node_path = to_qt(session.description().path);
  start.date = to_qt(session.now(), session.utc()).date();
  start.shown = session.now() - session.shown_begin();
  start.shown_past = session.paused();
  return start;
}

}  // namespace

ReportAction make_report_action(Settings& settings) {
  auto dialog = std::make_shared<QPointer<ReportDialog>>();
  return [dialog, &settings](NodeSession& session, QWidget* window, Tell tell) {
    if (*dialog) {
      (*dialog)->raise();
      (*dialog)->activateWindow();
      return;
    }
    *dialog = new ReportDialog(start_of(session, settings), window);
    (*dialog)->setAttribute(Qt::WA_DeleteOnClose);
    new ReportExport(session, settings, std::move(tell), *dialog);
    (*dialog)->show();
  };
}

}  // namespace nodetune
