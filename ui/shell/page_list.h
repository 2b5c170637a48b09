// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QString>
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

const std::vector<PageEntry>& page_list();

}  // namespace nodetune
