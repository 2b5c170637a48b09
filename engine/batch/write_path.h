// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace nodetune {

// How a commit's operations reach the database. The result is the same on each.
enum class WritePath : std::uint8_t {
  as_given,  // one write batch, in the order in which they were submitted
  sorted,    // folded to one operation a key, sorted by family and key, then one write batch
  ingested,  // folded and sorted, then one table file a family, added whole
};

inline constexpr std::size_t kWritePathCount = 3;
inline constexpr std::array kWritePaths = {WritePath::as_given, WritePath::sorted,
                                           WritePath::ingested};
constexpr std::size_t index_of(WritePath path) {
  return static_cast<std::size_t>(path);
}

// "as_given", "sorted", "ingested": as in settings and metrics.
std::string_view to_string(WritePath path);
std::optional<WritePath> write_path_of(std::string_view name);

}  // namespace nodetune
