// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/chain/types.h"

namespace nodetune {

// Real files are below 0.2 MiB, a full block of 60M gas below 2 MiB. What is read takes up to some
// twenty times this in memory.
inline constexpr std::size_t kMaxAccessListBytes = std::size_t{16} << 20;

template <typename T>
struct TxChange {
  std::uint32_t tx_index = 0;  // EIP-7928: 0 is before the first transaction
  T value{};
};

struct SlotWrite {
  Word256 slot;
  std::vector<TxChange<Word256>> changes;  // never empty; tx_index ascends

  const Word256& final_value() const { return changes.back().value; }
  bool zeroed() const { return final_value().is_zero(); }  // the slot is deleted by the block
};

struct AccountAccess {
  Address address{};
  std::vector<SlotWrite> slot_writes;       // slots ascend
  std::vector<Word256> slot_reads;          // only read; slots ascend
  std::vector<TxChange<Word256>> balances;  // wei; tx_index ascends, here and below
  std::vector<TxChange<std::uint64_t>> nonces;
  std::vector<TxChange<std::string>> codes;

  bool changed() const;                        // anything but reads
  std::vector<Word256> touched_slots() const;  // read or written, each once, ascending
};

// What one block read and wrote: EIP-7928, with reads. Each account stands once; addresses ascend.
struct BlockAccessList {
  std::uint64_t number = 0;
  std::vector<AccountAccess> accounts;
};

struct AccessListFile {
  std::uint64_t number = 0;  // the block's
  std::filesystem::path path;
};

// The files NUMBER_with_reads.rlp of a folder, by number, or one such file. Other names in the
// folder are ignored. Never empty: a folder without any is `not_found`.
Result<std::vector<AccessListFile>> list_access_list_files(const std::filesystem::path& path);

// At most kMaxAccessListBytes. An error names the file, and the byte where its content is wrong.
Result<BlockAccessList> read_access_list(const AccessListFile& file);

// The same from memory. Strict: canonical RLP, and the orders stated above, as EIP-7928 demands
// them. Slots and values may have leading zeroes: published lists write them as 32 bytes.
Result<BlockAccessList> parse_access_list(std::uint64_t number, std::string_view rlp);

}  // namespace nodetune
