// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/chain/object_kind.h"

namespace nodetune {
namespace {

struct Names {
  std::string_view name;
  std::string_view display;
  std::string_view metric;
};

constexpr std::array<Names, kObjectKindCount> kNames = {{
    {"block", "Blocks", "block"},
    {"header", "Headers", "header"},
    {"state_node", "State nodes", "statenode"},
    {"account", "Accounts", "account"},
    {"storage", "Storage", "storage"},
    {"transaction", "Transactions", "transaction"},
    {"receipt", "Receipts", "receipt"},
}};

}  // namespace

std::string_view to_string(ObjectKind kind) {
  return kNames[index_of(kind)].name;
}
std::string_view display_name(ObjectKind kind) {
  return kNames[index_of(kind)].display;
}
std::string_view metric_name(ObjectKind kind) {
  return kNames[index_of(kind)].metric;
}

std::optional<ObjectKind> object_kind_from(std::string_view name) {
  for (const auto kind : kObjectKinds) {
    if (to_string(kind) == name) return kind;
  }
  return std::nullopt;
}

}  // namespace nodetune
