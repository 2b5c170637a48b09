// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <functional>

#include "ui/shell/message_bar.h"

class QWidget;

namespace nodetune {

class NodeSession;
class Settings;

// Asks for a file, writes the report in a job, and tells what became of it. The window offers
// File > Export report… when it was given one. Called in the GUI thread, while a node is open; it
// must not wait.
using ReportAction = std::function<void(NodeSession& session, QWidget* window,
                                        std::function<void(const Message&)> tell)>;

// The window's own: shows a ReportDialog, of which there is one at a time. What fails is told in
// the dialog, so that it can be mended there; what was written is told by `tell`. Closing the node
// meanwhile waits, in its worker, until its figures are copied. `settings` must outlive it.
ReportAction make_report_action(Settings& settings);

}  // namespace nodetune
