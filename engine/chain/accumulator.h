// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <span>

#include "engine/chain/types.h"

namespace nodetune {

inline constexpr std::size_t kEra1BlocksMax = 8'192;

// What an era1 file's accumulator knows of a block.
struct HeaderRecord {
  Hash256 block_hash{};
  Word256 total_difficulty;
};

// SSZ's hash tree root (SHA-256) of a list of at most kEra1BlocksMax records: the root over all
// blocks of an epoch. Pure: any thread.
// Source: the Portal network's history specification, "epoch accumulator".
Hash256 accumulator_root(std::span<const HeaderRecord> records);

}  // namespace nodetune
