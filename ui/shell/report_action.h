// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <functional>

#include "ui/shell/message_bar.h"

class QWidget;

namespace nodetune {

class NodeSession;

// Asks for a file, writes the report in a job, and tells what became of it. The window offers
// File > Export report… when it was given one. Called in the GUI thread, while a node is open; it
// must not wait.
using ReportAction = std::function<void(NodeSession& session, QWidget* window,
                                        std::function<void(const Message&)> tell)>;

}  // namespace nodetune
