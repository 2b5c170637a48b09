// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/chain/keccak.h"

#include <cryptopp/keccak.h>

namespace nodetune {

Hash256 keccak256(std::string_view bytes) {
  CryptoPP::Keccak_256 keccak;
  keccak.Update(reinterpret_cast<const CryptoPP::byte*>(bytes.data()), bytes.size());
  Hash256 hash;
  keccak.TruncatedFinal(hash.data(), hash.size());
  return hash;
}

}  // namespace nodetune
