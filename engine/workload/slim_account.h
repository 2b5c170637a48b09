// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace nodetune {

// An account as geth's snapshot stores it: RLP of nonce, balance, storage root and code hash; both
// hashes are empty where the account has neither.
struct SlimAccount {
  std::uint64_t nonce = 0;
  std::string balance;  // wei, big-endian without leading zeroes
  std::string storage_root;
  std::string code_hash;

  std::string encode() const;
  static Result<SlimAccount> decode(std::string_view rlp);
};

}  // namespace nodetune
