// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/chain/object_kind.h"

namespace nodetune {

// The column families of a managed database: one an object kind, and NodeTune's own.
enum class Family : std::uint8_t {
  blocks,
  headers,
  state_nodes,
  accounts,
  storage,
  transactions,
  receipts,
  own,  // commit sequence, counters, what the workload remembers
};

inline constexpr std::size_t kFamilyCount = 8;
inline constexpr std::array kFamilies = {
    Family::blocks,  Family::headers,      Family::state_nodes, Family::accounts,
    Family::storage, Family::transactions, Family::receipts,    Family::own,
};

constexpr std::size_t index_of(Family family) {
  return static_cast<std::size_t>(family);
}
constexpr Family family_of(ObjectKind kind) {
  return static_cast<Family>(kind);
}

// The name in the database: "blocks", "headers", … "nodetune".
std::string_view to_string(Family family);

}  // namespace nodetune
