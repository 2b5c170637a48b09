// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Any bytes as a block access list: what is accepted is in order, and no larger than promised.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "engine/chain/access_list.h"

using namespace nodetune;

namespace {

constexpr std::size_t kMemoryFactor = 40;  // vectors hold up to twice what is in them

void require(bool holds) {
  if (!holds) std::abort();
}

template <typename T>
std::size_t bytes_of(const std::vector<T>& list) {
  return list.capacity() * sizeof(T);
}

std::size_t check_account(const AccountAccess& account) {
  std::size_t bytes = bytes_of(account.slot_writes) + bytes_of(account.slot_reads) +
                      bytes_of(account.balances) + bytes_of(account.nonces) +
                      bytes_of(account.codes);
  for (const auto& write : account.slot_writes) {
    require(!write.changes.empty());
    require(write.zeroed() == write.final_value().is_zero());
    bytes += bytes_of(write.changes);
  }
  for (const auto& code : account.codes) bytes += code.value.capacity();
  const auto slots = account.touched_slots();
  require(slots.size() <= account.slot_writes.size() + account.slot_reads.size());
  require(std::adjacent_find(slots.begin(), slots.end(),
                             [](const auto& a, const auto& b) { return a >= b; }) == slots.end());
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view rlp(reinterpret_cast<const char*>(data), size);
  const auto list = parse_access_list(7, rlp);
  if (!list) return 0;
  std::size_t bytes = bytes_of(list->accounts);
  const AccountAccess* before = nullptr;
  for (const auto& account : list->accounts) {
    require(before == nullptr || before->address < account.address);
    before = &account;
    bytes += check_account(account);
  }
  require(bytes <= size * kMemoryFactor);
  return 0;
}
