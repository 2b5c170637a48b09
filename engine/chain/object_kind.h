// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace nodetune {

// What a node stores: each kind has its own column family and its own object cache.
enum class ObjectKind : std::uint8_t {
  block,
  header,
  state_node,
  account,
  storage,
  transaction,
  receipt,
};

inline constexpr std::array kObjectKinds = {
    ObjectKind::block,   ObjectKind::header,      ObjectKind::state_node, ObjectKind::account,
    ObjectKind::storage, ObjectKind::transaction, ObjectKind::receipt,
};
inline constexpr std::size_t kObjectKindCount = kObjectKinds.size();

constexpr std::size_t index_of(ObjectKind kind) {
  return static_cast<std::size_t>(kind);
}

std::string_view to_string(ObjectKind kind);     // "state_node": JSON, command line
std::string_view display_name(ObjectKind kind);  // "State nodes": for people
std::string_view metric_name(ObjectKind kind);   // "statenode": the specification's metric names
std::optional<ObjectKind> object_kind_from(std::string_view name);  // of to_string

}  // namespace nodetune
