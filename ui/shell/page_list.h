// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
#include <QStringList>
#include <functional>
#include <vector>

#include "ui/pages/page.h"

namespace nodetune {

// A page that the window has: adding one means adding a row in page_list.cpp.
struct PageEntry {
  QString name;   // --page NAME, and the icon: resources/icons/NAME.svg
  QString title;  // in sidebar and View menu; the n-th has the shortcut Ctrl+n
  std::function<Page*(NodeSession&, Theme&, QWidget* parent)> make;
};

// The pages of a node that was opened in this way: Caches of a managed one, in its place Memory of
// one whose caches cannot be known.
const std::vector<PageEntry>& page_list(OpenWay way);

// All names that --page takes, whatever will be opened.
QStringList page_names();

// Where a place is found for this way: "caches" leads to "memory" where there are none, and back.
QString page_in(const QString& place, OpenWay way);

}  // namespace nodetune
