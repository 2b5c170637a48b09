// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Any bytes as an era1 archive: read, checked, skipped through.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "engine/chain/era1.h"
#include "tests/memory_input.h"

using namespace nodetune;

namespace {

// How far it is read, then skipped to and read again.
std::uint64_t count_blocks(const std::string& content, bool seekable, std::uint64_t skip_below) {
  Era1File file(ByteWindow(std::make_unique<MemoryInput>(content, seekable, 4'096)));
  std::uint64_t blocks = 0;
  if (skip_below > 0 && !file.skip_below(skip_below, 0, {})) return 0;
  for (;;) {
    auto block = file.next();
    if (!block || !block->has_value()) return blocks;
    if ((*block)->offset > content.size()) std::abort();
    if (const auto checked = check_block(**std::move(block)); checked) ++blocks;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string content(reinterpret_cast<const char*>(data), size);
  if (count_blocks(content, true, 0) != count_blocks(content, false, 0)) std::abort();
  count_blocks(content, true, 1 + size % 7);
  return 0;
}
