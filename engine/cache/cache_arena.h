// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <mutex>

namespace nodetune {

// Where all caches get the memory from that lookups read at random: spans of
// 16 KiB, one or several side by side, cut out of chunks of 2 MiB that ask the
// kernel for one huge page each.
//
// On small pages a lookup in a cache of 30 MiB or more waits for the page
// tables as long as for the entry (tests/bench, multi_find). A chunk goes back
// to the kernel when its last span has come back; one empty chunk is kept.
// Thread: any. Lifetime: the process'.
class CacheArena {
 public:
  static constexpr std::size_t kSpanBytes = 16 * 1024;
  static constexpr std::size_t kChunkBytes = 2u << 20;

  static constexpr std::size_t kLargestRun = kChunkBytes / kSpanBytes - 1;

  static CacheArena& instance();
  CacheArena(const CacheArena&) = delete;
  CacheArena& operator=(const CacheArena&) = delete;

  // So many spans, up to kLargestRun, at a multiple of a span's size; null
  // without memory.
  void* take(std::size_t spans = 1);
  void give_back(void* first, std::size_t spans = 1);
  // What was asked of the kernel and has not been given back.
  std::size_t held_bytes() const;
  // Of that, what was taken and has not come back.
  std::size_t out_bytes() const;

 private:
  struct Chunk;

  CacheArena() = default;
  Chunk* add_chunk();
  void link(Chunk& chunk);
  void unlink(Chunk& chunk);

  mutable std::mutex mutex_;  // guards all below
  Chunk* with_room_ = nullptr;
  Chunk* empty_ = nullptr;  // the one that is kept; not among those with room
  std::size_t chunks_ = 0;
  std::size_t spans_out_ = 0;
};

}  // namespace nodetune
