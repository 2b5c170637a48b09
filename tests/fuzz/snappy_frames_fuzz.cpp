// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Any bytes as a snappy stream: never more content than was allowed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "engine/chain/snappy_frames.h"

using namespace nodetune;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kBytesMax = 1 << 20;
  const std::string_view stream(reinterpret_cast<const char*>(data), size);
  const auto content = read_snappy_frames(stream, kBytesMax);
  if (content && content->size() > kBytesMax) std::abort();
  return 0;
}
