// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>

#include "engine/report/report.h"
#include "ui/bridge/job.h"

namespace nodetune {

// The report as a PDF file: A4, page numbers, charts as vectors, text that can be searched. It says
// what the HTML page says.
//
// Thread: any but the GUI's; a QGuiApplication must exist, for fonts. Errors: cancelled between two
// pages.
Result<std::string> render_pdf(const Report& report, const ReportOptions& options,
                               JobControl& control);

}  // namespace nodetune
