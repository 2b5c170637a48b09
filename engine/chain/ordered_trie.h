// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <span>
#include <string_view>

#include "engine/chain/types.h"

namespace nodetune {

// The root of the Merkle Patricia trie that maps the RLP of 0, 1, 2, … to `values` (none empty):
// what a header says of its transactions, receipts and withdrawals. Pure: any thread.
// Source: the Ethereum yellow paper, appendix D.
Hash256 ordered_trie_root(std::span<const std::string_view> values);

}  // namespace nodetune
