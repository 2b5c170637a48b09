// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/write_path.h"

namespace nodetune {

std::string_view to_string(WritePath path) {
  static constexpr std::array<std::string_view, kWritePathCount> kNames = {"as_given", "sorted",
                                                                           "ingested"};
  return kNames[index_of(path)];
}

}  // namespace nodetune
