// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>

#include "engine/cache/cache.h"

namespace nodetune {

// What malloc really takes for a request of `bytes`, its own header included.
//
// Source: glibc malloc on 64 bits: chunks of at least 32 bytes in steps of 16 with an 8-byte
// header; from 128 KiB on counted in whole pages, as if mapped.
constexpr std::size_t heap_bytes(std::size_t bytes) {
  constexpr std::size_t kHeader = 8, kStep = 16, kSmallest = 32, kMapped = 128 * 1024, kPage = 4096;
  if (bytes >= kMapped) return (bytes + 2 * kHeader + kPage - 1) / kPage * kPage;
  const std::size_t chunk = (bytes + kHeader + kStep - 1) / kStep * kStep;
  return chunk < kSmallest ? kSmallest : chunk;
}

// What a value made with make_shared takes; charged in full although others may hold it too. Zero
// for a null value.
inline std::size_t value_heap_bytes(const CachedValue& value) {
  if (!value) return 0;
  constexpr std::size_t kControlBlock = 16;  // libstdc++: virtual table, two counts
  static const std::size_t inline_capacity = std::string().capacity();
  const std::size_t text =
      value->capacity() > inline_capacity ? heap_bytes(value->capacity() + 1) : 0;
  return heap_bytes(kControlBlock + sizeof(std::string)) + text;
}

}  // namespace nodetune
