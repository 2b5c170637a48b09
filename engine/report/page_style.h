// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>

namespace nodetune {

// The HTML page's style sheet: light, dark as the reader's desktop prefers, and print.
//
// The charts carry their light colours as attributes, so that they are right without it.
std::string page_style();

}  // namespace nodetune
