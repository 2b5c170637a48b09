// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace nodetune {

// Where a client serves metrics of its own, and what an operator sets so that they tell of RocksDB.
//
// Source: each client's own source and documentation, as of August 2026. A row, not code.
struct MetricsProfile {
  std::string_view client;  // as ClientProfile names it
  std::uint16_t port = 0;   // where it serves them if nothing else is said; 0: nowhere
  // Command line arguments that name another: a port, or an address with one.
  std::span<const std::string_view> port_flags = {};
  std::string_view enable = {};  // what makes it serve them at all; empty: it does by itself
  // What makes them tell of the block cache's hits, where they do not by themselves; or else why
  // there is nothing to be had of them.
  std::string_view statistics = {};
  std::string_view lacks = {};
  bool several_databases = false;  // in one process: a sum over all is of none of them
  bool caches_add_up = false;      // block caches are told one by one, not the shared one each time
};

// Null: nothing is known of this client's.
const MetricsProfile* metrics_profile(std::string_view client);

}  // namespace nodetune
