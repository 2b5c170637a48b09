// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Any bytes as RLP: what is read, written again, is the same bytes, since one encoding alone is
// accepted.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "engine/chain/rlp.h"

using namespace nodetune;

namespace {

bool copy(RlpReader& reader, RlpWriter& writer) {
  while (!reader.at_end()) {
    auto ahead = reader;
    const auto item = ahead.next();
    if (!item) return false;
    if (item->offset != reader.offset()) std::abort();
    if (!item->is_list) {
      auto number = reader;
      if (const auto value = number.next_uint()) {
        writer.add_uint(*value);
      } else {
        writer.add_string(item->payload);
      }
      reader = ahead;
      continue;
    }
    auto list = reader.next_list();
    if (!list) return false;
    writer.begin_list();
    const bool whole = copy(*list, writer);
    writer.end_list();
    if (!whole) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  RlpReader reader(input);
  RlpWriter writer;
  if (copy(reader, writer) && writer.take() != input) std::abort();
  return 0;
}
