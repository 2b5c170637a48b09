// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/operation_order.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <tuple>

namespace nodetune {
namespace {

// Small enough to be moved about by the sort; the strings are moved once, afterwards.
struct Place {
  std::uint32_t family;
  std::uint32_t era;     // of its family: a deleted range is an era of its own
  std::uint64_t prefix;  // the key's first eight bytes: decides most comparisons without the key
  std::size_t index;
};

std::uint64_t prefix_of(std::string_view key) {
  std::uint64_t prefix = 0;
  for (std::size_t at = 0; at < sizeof prefix; ++at) {
    prefix = prefix << 8 | (at < key.size() ? static_cast<unsigned char>(key[at]) : 0U);
  }
  return prefix;
}

}  // namespace

void order_operations(std::vector<WriteOperation>& operations) {
  std::vector<Place> places;
  places.reserve(operations.size());
  std::array<std::uint32_t, kFamilyCount> era{};
  for (std::size_t index = 0; index < operations.size(); ++index) {
    const auto& operation = operations[index];
    auto& now = era[index_of(operation.family)];
    const bool range = operation.type == OperationType::delete_range;
    if (range) ++now;
    places.push_back({static_cast<std::uint32_t>(index_of(operation.family)), now,
                      prefix_of(operation.key), index});
    if (range) ++now;
  }

  std::sort(places.begin(), places.end(), [&operations](const Place& a, const Place& b) {
    const auto coarse_a = std::tie(a.family, a.era, a.prefix);
    const auto coarse_b = std::tie(b.family, b.era, b.prefix);
    if (coarse_a != coarse_b) return coarse_a < coarse_b;
    const int keys = operations[a.index].key.compare(operations[b.index].key);
    return keys != 0 ? keys < 0 : a.index < b.index;
  });

  std::vector<WriteOperation> ordered;
  ordered.reserve(operations.size());  // the last thing that can throw
  for (const auto& place : places) ordered.push_back(std::move(operations[place.index]));
  operations = std::move(ordered);
}

}  // namespace nodetune
