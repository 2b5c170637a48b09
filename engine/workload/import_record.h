// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "engine/workload/import_source.h"

namespace nodetune {

// In Family::own: where the import stands. Written in the group of each block, so that it is there
// exactly when the block is.
inline constexpr std::string_view kImportKey = "workload/import";

struct ImportRecord {
  std::uint64_t blocks = 0;  // imported into this directory, ever: first_number to last.number
  std::uint64_t transactions = 0;
  std::uint64_t first_number = 0;
  ImportPoint last;

  std::string encode() const;  // RLP
  static Result<ImportRecord> decode(std::string_view bytes);
};

}  // namespace nodetune
