// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/cache_arena.h"

#include <sys/mman.h>

#include <bitset>
#include <cassert>
#include <cstdint>
#include <new>
#include <utility>

namespace nodetune {
namespace {

constexpr std::size_t kSpans = CacheArena::kChunkBytes / CacheArena::kSpanBytes;

char* map_chunk() {
  constexpr std::size_t kChunk = CacheArena::kChunkBytes;
  void* const mapped =
      ::mmap(nullptr, 2 * kChunk, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  // Only a page at a multiple of its size can be a huge one.
  char* const begin = static_cast<char*>(mapped);
  const std::size_t before = (kChunk - reinterpret_cast<std::uintptr_t>(begin) % kChunk) % kChunk;
  if (before > 0) (void)::munmap(begin, before);
  (void)::munmap(begin + before + kChunk, kChunk - before);
  (void)::madvise(begin + before, kChunk, MADV_HUGEPAGE);  // a hint: it may be refused
  return begin + before;
}

}  // namespace

// Lies in the first span of its own memory, which is given to nobody.
struct CacheArena::Chunk {
  Chunk* next = nullptr;  // of those with room
  Chunk* previous = nullptr;
  std::bitset<kSpans> taken{1};

  char* begin() { return reinterpret_cast<char*>(this); }
  bool is_full() const { return taken.all(); }
  bool is_empty() const { return taken.count() == 1; }
  // The first of so many free spans side by side; 0: there are not.
  std::size_t find(std::size_t spans) const {
    std::size_t free = 0;
    for (std::size_t at = 1; at < kSpans; ++at) {
      free = taken[at] ? 0 : free + 1;
      if (free == spans) return at + 1 - spans;
    }
    return 0;
  }
  void mark(std::size_t first, std::size_t spans, bool as) {
    for (std::size_t i = 0; i < spans; ++i) taken[first + i] = as;
  }
};

CacheArena& CacheArena::instance() {
  static CacheArena* const made = new CacheArena;  // outlives every cache
  return *made;
}

void* CacheArena::take(std::size_t spans) {
  assert(spans > 0 && spans <= kLargestRun);
  const std::lock_guard lock(mutex_);
  Chunk* chunk = with_room_;
  std::size_t first = 0;
  while (chunk != nullptr && (first = chunk->find(spans)) == 0) chunk = chunk->next;
  if (chunk == nullptr) {
    chunk = empty_ != nullptr ? std::exchange(empty_, nullptr) : add_chunk();
    if (chunk == nullptr) return nullptr;
    link(*chunk);
    first = 1;
  }
  chunk->mark(first, spans, true);
  spans_out_ += spans;
  if (chunk->is_full()) unlink(*chunk);
  return chunk->begin() + first * kSpanBytes;
}

void CacheArena::give_back(void* first, std::size_t spans) {
  const std::lock_guard lock(mutex_);
  const std::uintptr_t inside = reinterpret_cast<std::uintptr_t>(first) % kChunkBytes;
  Chunk& chunk = *std::launder(reinterpret_cast<Chunk*>(static_cast<char*>(first) - inside));
  if (chunk.is_full()) link(chunk);
  chunk.mark(inside / kSpanBytes, spans, false);
  spans_out_ -= spans;
  if (!chunk.is_empty()) return;
  unlink(chunk);
  if (empty_ == nullptr) {
    empty_ = &chunk;
    return;
  }
  --chunks_;
  (void)::munmap(chunk.begin(), kChunkBytes);
}

std::size_t CacheArena::held_bytes() const {
  const std::lock_guard lock(mutex_);
  return chunks_ * kChunkBytes;
}

std::size_t CacheArena::out_bytes() const {
  const std::lock_guard lock(mutex_);
  return spans_out_ * kSpanBytes;
}

CacheArena::Chunk* CacheArena::add_chunk() {
  char* const memory = map_chunk();
  if (memory == nullptr) return nullptr;
  ++chunks_;
  return ::new (memory) Chunk;
}

void CacheArena::link(Chunk& chunk) {
  chunk.previous = nullptr;
  chunk.next = with_room_;
  if (with_room_ != nullptr) with_room_->previous = &chunk;
  with_room_ = &chunk;
}

void CacheArena::unlink(Chunk& chunk) {
  (chunk.previous != nullptr ? chunk.previous->next : with_room_) = chunk.next;
  if (chunk.next != nullptr) chunk.next->previous = chunk.previous;
}

}  // namespace nodetune
