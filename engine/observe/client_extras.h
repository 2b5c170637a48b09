// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <span>
#include <string_view>

namespace nodetune {

// Something beyond the eight knobs that an operator of a client can set, or looks for and cannot.
//
// Source: each client's own source, as of August 2026. A row, not code, as the profiles are.
struct ClientExtra {
  std::string_view client;   // as its profile is named
  std::string_view subject;  // "Open files"
  std::string_view option;   // of OPTIONS, that it changes; empty: none
  std::string_view how;      // the exact line, "…" for the value; empty: it is hard-coded
  std::string_view caveat = {};
  bool shows_more = false;  // it makes the node tell more of itself
};

std::span<const ClientExtra> client_extras();

}  // namespace nodetune
