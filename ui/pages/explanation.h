// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

class QString;
class QWidget;

namespace nodetune {

// What stands in a page's place when there is nothing to show: why, and where to look instead.
QWidget* explanation(const QString& title, const QString& text, QWidget* parent);

}  // namespace nodetune
