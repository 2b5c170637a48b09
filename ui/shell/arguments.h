// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QSize>
#include <QString>
#include <QStringList>
#include <optional>

#include "engine/base/status.h"
#include "ui/shell/open_request.h"
#include "ui/shell/theme.h"

namespace nodetune {

// What the command line asks of the window.
struct Arguments {
  bool help = false;
  bool version = false;
  std::optional<OpenRequest> open;
  QString page;
  std::optional<ThemeMode> theme;
  std::optional<QSize> size;
  QString screenshot;  // a file; empty: none
  double after_seconds = 3;
};

// Not ok: one sentence for standard error.
Result<Arguments> parse_arguments(const QStringList& arguments);
QString help_text();

}  // namespace nodetune
