// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Any bytes as an RLP block export: read, checked, skipped through.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "engine/chain/rlp_export.h"
#include "tests/memory_input.h"

using namespace nodetune;

namespace {

std::uint64_t count_blocks(const std::string& content, bool seekable, std::uint64_t skip_below,
                           std::uint64_t hint) {
  RlpExport file(ByteWindow(std::make_unique<MemoryInput>(content, seekable, 4'096)));
  std::uint64_t blocks = 0;
  if (!file.skip_below(skip_below, hint, {})) return 0;
  for (;;) {
    auto block = file.next();
    if (!block || !block->has_value()) return blocks;
    if ((*block)->offset > content.size() || (*block)->bytes() > content.size() + 9) std::abort();
    if (const auto checked = check_block(**std::move(block)); checked) ++blocks;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string content(reinterpret_cast<const char*>(data), size);
  // What comes out does not depend on how the bytes come in.
  if (count_blocks(content, true, 0, 0) != count_blocks(content, false, 0, 0)) std::abort();
  // A hint may lead into a block, where what looks like one stands: it is believed, that is all.
  count_blocks(content, true, size % 7, size / 2);
  return 0;
}
