// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QColor>
#include <QIcon>
#include <QString>

namespace nodetune {

// The program's own line icons, in the colour asked for: resources/icons/NAME.svg.
// Ask again when the palette changes. Thread: GUI.
QIcon icon(const QString& name, const QColor& colour);
// The program's icon, as the desktop knows it.
QIcon application_icon();

}  // namespace nodetune
