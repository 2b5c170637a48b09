// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <termios.h>

#include <optional>
#include <string>
#include <vector>

namespace nodetune::cli {

struct TerminalSize {
  int columns = 80;
  int rows = 24;
};

// A terminal that is drawn on as a whole, on its alternate screen; what stood there before comes
// back with the destructor. Keys come one by one, unechoed; Ctrl+C stays a signal.
//
// Thread: one at a time.
class TerminalScreen {
 public:
  // Standard output is a terminal that understands where to draw.
  static bool is_possible();
  static bool has_colour();   // unless NO_COLOR says otherwise
  static bool has_unicode();  // by the locale's name

  TerminalScreen();
  ~TerminalScreen();
  TerminalScreen(const TerminalScreen&) = delete;
  TerminalScreen& operator=(const TerminalScreen&) = delete;

  TerminalSize size() const;
  // Not more lines than rows. False: nobody sees it any more.
  bool show(const std::vector<std::string>& lines);
  std::optional<char> key();  // does not wait

 private:
  std::optional<termios> before_;
};

}  // namespace nodetune::cli
