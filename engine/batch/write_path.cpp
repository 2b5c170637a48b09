// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/write_path.h"

namespace nodetune {

std::string_view to_string(WritePath path) {
  static constexpr std::array<std::string_view, kWritePathCount> kNames = {"as_given", "sorted",
                                                                           "ingested"};
  return kNames[index_of(path)];
}

std::optional<WritePath> write_path_of(std::string_view name) {
  for (const auto path : kWritePaths) {
    if (name == to_string(path)) return path;
  }
  return std::nullopt;
}

}  // namespace nodetune
