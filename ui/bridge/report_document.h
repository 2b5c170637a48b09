// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QPagedPaintDevice>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/report/report_charts.h"

class QTextDocument;

namespace nodetune {

// The HTML page of a report, laid out for paper: it says the same, in the same sections. Charts are
// drawn again from `charts`, narrower, so that their text can be read; what the page folds away is
// named but left out.
//
// The document is laid out for pages of the device's paint area; no heading stands alone at the
// foot of one. Thread: any, without the GUI's. Lifetime: `device` must outlive the document.
// Errors: `html` is not well-formed XML.
Result<std::unique_ptr<QTextDocument>> paper_document(const std::string& html,
                                                      const std::vector<ReportChart>& charts,
                                                      const QPagedPaintDevice& device);

}  // namespace nodetune
