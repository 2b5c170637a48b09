// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/store/write_operation.h"

namespace nodetune {

// Operations that are committed together or not at all: a block.
struct WriteGroup {
  std::vector<WriteOperation> operations;
};

// In Family::own: how many groups this database has ever committed, as encode_counter() writes it.
// Nobody but the BatchProcessor may write it.
inline constexpr std::string_view kCommitSequenceKey = "commit_sequence";

struct GroupSize {
  std::array<std::uint64_t, kOperationTypeCount> by_type{};
  std::uint64_t operations = 0;
  std::uint64_t bytes = 0;     // keys and values
  std::uint32_t families = 0;  // those touched: bit index_of(family)
};
GroupSize measure(const WriteGroup& group);

// Refuses what a database would choke on: a range that ends before it begins (RocksDB fails after
// half of the write), an addend that is not eight bytes, a change to the commit sequence.
Status validate(const WriteGroup& group);

}  // namespace nodetune
