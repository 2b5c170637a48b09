// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/missing.h"
#include "engine/node/memory_part.h"

namespace nodetune {

// Of a node's MemoryParts the first of a kind is the whole of it, those that follow are what it is
// made of; index_blocks and filter_blocks are those beside the block cache alone.
namespace memory_part {
inline constexpr std::string_view kAnonymous = "Of it anonymous";
inline constexpr std::string_view kFileBacked = "Of it backed by files";
inline constexpr std::string_view kSwapped = "Swapped out";
inline constexpr std::string_view kRest = "Rest of the process";
inline constexpr std::string_view kKilled = "Killed for want of memory";
inline constexpr std::string_view kAtLeast = "at least";  // a note begins so: more is not known
}  // namespace memory_part

// What the parts of a foreign node's memory come to. A figure that is not known is missing.
struct MemoryPicture {
  enum class Verdict : std::uint8_t {
    unknown,  // too little is known to say
    fits,
    tight,  // it fits with little left, or may not fit
    over,   // what is allowed exceeds what there is: the node can be killed
  };

  double resident_bytes = kMissing;
  double anonymous_bytes = kMissing;
  double swap_bytes = kMissing;
  double rest_bytes = kMissing;  // of the process, beside RocksDB
  double limit_bytes = kMissing;
  std::string limit_name;            // "The machine's memory"
  double headroom_bytes = kMissing;  // the limit without what is used now
  double allowed_bytes = kMissing;   // block cache, memtables and tables at most
  bool allowed_is_least = false;     // a part of it is not known
  double tables_bytes = kMissing;    // index and filter blocks beside the cache, at most
  bool tables_in_cache = false;      // all of them
  Verdict verdict = Verdict::unknown;
  std::string sentence;
  std::string tables_sentence;  // where index and filter blocks lie; empty: nothing to say

  // What the process's memory is known to be made of.
  struct Share {
    std::string name;
    double bytes = kMissing;
  };
  std::vector<Share> shares;
};

MemoryPicture picture_memory(const std::vector<MemoryPart>& parts);

std::string_view to_string(MemoryPicture::Verdict verdict);

}  // namespace nodetune
