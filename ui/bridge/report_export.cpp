// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/bridge/report_export.h"

#include <QFile>
#include <QObject>
#include <exception>
#include <filesystem>
#include <utility>

#include "engine/report/output_file.h"
#include "ui/bridge/pdf_report.h"
#include "ui/bridge/text.h"

namespace nodetune {
namespace {

constexpr int kCollected = 150;  // permille of the work, as it feels
constexpr int kRendered = 950;
constexpr int kDone = 1'000;

Status failed(StatusCode code, const QString& text) {
  return {code, text.toStdString()};
}

bool cancelled(const JobControl& control) {
  return control.cancelled.load(std::memory_order_relaxed);
}

Status cancellation() {
  return failed(StatusCode::cancelled, QObject::tr("Cancelled: nothing was written."));
}

// Looking at a node never writes into its directory, not even when it is asked to.
bool is_inside(const std::filesystem::path& file, const std::filesystem::path& directory) {
  std::error_code error;
  const auto parent = std::filesystem::weakly_canonical(file.parent_path(), error);
  if (error) return false;
  const auto base = std::filesystem::weakly_canonical(directory, error);
  if (error || base.empty()) return false;
  return std::mismatch(base.begin(), base.end(), parent.begin(), parent.end()).first == base.end();
}

Status check_place(const ExportRequest& request, const std::string& node_path, bool* exists) {
  const std::filesystem::path path(QFile::encodeName(request.path).toStdString());
  if (is_inside(path, node_path)) {
    return failed(StatusCode::invalid_argument,
                  QObject::tr("%1 lies in the directory that is looked at, and nothing is ever "
                              "written there. Choose another folder.")
                      .arg(request.path));
  }
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return failed(StatusCode::invalid_argument,
                  QObject::tr("%1 is a folder. Add a file name.").arg(request.path));
  }
  if (!std::filesystem::is_directory(path.parent_path(), error)) {
    return failed(StatusCode::not_found,
                  QObject::tr("The folder of %1 does not exist, or this user may not look into "
                              "it. Choose another folder.")
                      .arg(request.path));
  }
  *exists = std::filesystem::exists(path, error);
  return Status::ok();
}

Result<std::string> render_as(const Report& report, ExportFormat format,
                              const ReportOptions& options, JobControl& control) {
  switch (format) {
    case ExportFormat::html:
      return render(report, ReportFormat::html, options);
    case ExportFormat::pdf:
      return render_pdf(report, options, control);
    case ExportFormat::csv:
      return render(report, ReportFormat::csv, options);
    case ExportFormat::json:
      return render(report, ReportFormat::json, options);
    case ExportFormat::markdown:
      return render(report, ReportFormat::markdown, options);
  }
  return Status(StatusCode::invalid_argument, "unknown report format");
}

// The engine's texts of failed system calls are about a node's files, not about ours.
Status explained(const Status& status, const QString& path) {
  if (status.code() == StatusCode::permission_denied) {
    return failed(
        status.code(),
        QObject::tr("%1 may not be written by this user. Choose another folder.").arg(path));
  }
  return status;
}

Status write_export(std::shared_ptr<const Node> node, const ExportRequest& request,
                    ExportFormat format, Clock& clock, JobControl& control) {
  const auto step = [&control](int permille) {
    control.permille.store(permille, std::memory_order_relaxed);
  };
  auto options = request.options;
  if (format == ExportFormat::csv) options.points_max = points_max_for(ReportFormat::csv);
  const auto report = make_report(*node, options, clock);
  node.reset();
  step(kCollected);
  if (cancelled(control)) return cancellation();
  const auto contents = render_as(report, format, options, control);
  if (!contents) return contents.status();
  step(kRendered);
  if (cancelled(control)) return cancellation();
  const auto path = QFile::encodeName(request.path).toStdString();
  const auto status = write_file_at_once(path, *contents);
  step(kDone);
  return explained(status, request.path);
}

}  // namespace

QString ending_of(ExportFormat format) {
  switch (format) {
    case ExportFormat::html:
      return QStringLiteral(".html");
    case ExportFormat::pdf:
      return QStringLiteral(".pdf");
    case ExportFormat::csv:
      return QStringLiteral(".csv");
    case ExportFormat::json:
      return QStringLiteral(".json");
    case ExportFormat::markdown:
      return QStringLiteral(".md");
  }
  return {};
}

std::optional<ExportFormat> export_format_of(const QString& path) {
  if (path.endsWith(QLatin1String(".pdf"), Qt::CaseInsensitive)) return ExportFormat::pdf;
  const auto format = report_format_of(path.toStdString());
  if (!format) return std::nullopt;
  switch (*format) {
    case ReportFormat::html:
      return ExportFormat::html;
    case ReportFormat::csv:
      return ExportFormat::csv;
    case ReportFormat::json:
      return ExportFormat::json;
    case ReportFormat::markdown:
      return ExportFormat::markdown;
  }
  return std::nullopt;
}

ExportOutcome export_report(std::shared_ptr<const Node> node, const ExportRequest& request,
                            Clock& clock, JobControl& control) {
  ExportOutcome outcome;
  try {
    const auto format = export_format_of(request.path);
    if (!format) {
      outcome.status = failed(StatusCode::invalid_argument,
                              QObject::tr("%1: no report format has this ending. Use .html, .pdf, "
                                          ".csv, .json or .md.")
                                  .arg(request.path));
      return outcome;
    }
    bool exists = false;
    outcome.status = check_place(request, node->description().path, &exists);
    if (!outcome.status) return outcome;
    outcome.exists = exists && !request.replace;
    if (outcome.exists) return outcome;
    outcome.status = write_export(std::move(node), request, *format, clock, control);
  } catch (const std::exception& error) {
    outcome.status =
        failed(StatusCode::failed, QObject::tr("%1: the report could not be made: %2")
                                       .arg(request.path, QString::fromLocal8Bit(error.what())));
  }
  return outcome;
}

}  // namespace nodetune
