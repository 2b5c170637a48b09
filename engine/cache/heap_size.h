// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>

#include "engine/cache/cached_value.h"

namespace nodetune {

// What malloc really takes for a request of `bytes`, its own header included.
//
// Source: glibc malloc on 64 bits: chunks of at least 32 bytes in steps of 16 with an 8-byte
// header; from 128 KiB on counted in whole pages, as if mapped.
inline constexpr std::size_t kHeapHeader = 8;
constexpr std::size_t heap_bytes(std::size_t bytes) {
  constexpr std::size_t kHeader = kHeapHeader, kStep = 16, kSmallest = 32, kMapped = 128 * 1024,
                        kPage = 4096;
  if (bytes >= kMapped) return (bytes + 2 * kHeader + kPage - 1) / kPage * kPage;
  const std::size_t chunk = (bytes + kHeader + kStep - 1) / kStep * kStep;
  return chunk < kSmallest ? kSmallest : chunk;
}

// What a value's shared bytes take; charged in full although others may hold them too. Zero for a
// value that lies in its handle.
inline std::size_t value_heap_bytes(const CachedValue& value) {
  const ValueBlock* const block = value.shared();
  return block == nullptr ? 0 : heap_bytes(sizeof(ValueBlock) + block->view().size());
}

}  // namespace nodetune
