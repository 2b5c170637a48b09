// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <array>
#include <memory>
#include <optional>

#include "engine/report/report.h"
#include "ui/bridge/job.h"

namespace nodetune {

// What the window can write: the engine's formats, and PDF, which needs Qt.
enum class ExportFormat : std::uint8_t { html, pdf, csv, json, markdown };
inline constexpr std::array kExportFormats = {ExportFormat::html, ExportFormat::pdf,
                                              ExportFormat::csv, ExportFormat::json,
                                              ExportFormat::markdown};
QString ending_of(ExportFormat format);  // ".html"
// By the file's ending; nothing: no format has it.
std::optional<ExportFormat> export_format_of(const QString& path);

struct ExportRequest {
  QString path;  // absolute; its ending says the format
  ReportOptions options;
  bool replace = false;  // an older file may be overwritten
};

struct ExportOutcome {
  Status status;
  bool exists = false;  // nothing was done, as there is a file and `replace` was not set
};

// Makes the report and writes the whole file or none. It lets go of the node as soon as its figures
// are copied. Looks at the cancellation between its steps.
//
// Thread: a worker's. Errors: a path inside the node's own directory, no format, a missing folder,
// no permission, a full disk, cancelled; each says what to do.
ExportOutcome export_report(std::shared_ptr<const Node> node, const ExportRequest& request,
                            Clock& clock, JobControl& control);

}  // namespace nodetune
