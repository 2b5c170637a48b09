// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string_view>

#include "engine/chain/types.h"

namespace nodetune {

// Keccak-256 with the original padding, as Ethereum uses it (not SHA3-256). Any thread.
Hash256 keccak256(std::string_view bytes);

inline Hash256 keccak256(const Address& address) {
  return keccak256(as_view(address));
}
inline Hash256 keccak256(const Word256& slot) {
  return keccak256(as_view(slot));
}

}  // namespace nodetune
