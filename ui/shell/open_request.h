// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <functional>

#include "engine/node/open_node.h"
#include "ui/bridge/job.h"

namespace nodetune {

// What the window was asked to open, and how.
struct OpenRequest {
  QString path;
  OpenOptions options;
};

// Opens it; runs in a worker and may take as long as it wants. The program gives open_node(),
// tests give a node of their own.
using NodeOpener =
    std::function<Result<std::unique_ptr<Node>>(const OpenRequest&, JobControl& control)>;

}  // namespace nodetune
