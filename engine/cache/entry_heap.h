// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>

#include "engine/cache/cache_arena.h"
#include "engine/cache/cache_entry.h"
#include "engine/cache/heap_size.h"

namespace nodetune {

// The memory of a partition's entries: cells of one size side by side in spans
// of the arena. Entries above kLargestCell, and all where spans are not
// wanted, lie on malloc's heap instead.
//
// Invariant: an entry takes at most heap_bytes() of what it asked for. Where
// more than a fifth of a size's cells lie idle, and two spans full, is_sparse()
// says so, and whoever moves the entries of the span that drain() names brings
// that down. Thread: under the partition's lock.
class EntryHeap {
 public:
  static constexpr std::size_t kLargestCell = 512;

  EntryHeap() = default;
  ~EntryHeap();  // all entries have come back
  EntryHeap(const EntryHeap&) = delete;
  EntryHeap& operator=(const EntryHeap&) = delete;

  // For entries taken from now on.
  void use_spans(bool wanted) { spans_wanted_ = wanted; }

  // For an entry of so many bytes; only in_span is set. Null without memory.
  CacheEntry* take(std::size_t bytes);
  void give_back(CacheEntry* entry);

  bool is_sparse() const { return sparse_.any(); }
  // Calls `move(CacheEntry&)` for all entries in the emptiest span of the size
  // that has too many: each should be given back soon, `move` may do it. No new
  // ones come there.
  template <typename Move>
  void drain(Move&& move);

 private:
  static constexpr std::size_t kStep = 16;
  static constexpr std::size_t kClasses = kLargestCell / kStep + 1;
  static constexpr std::size_t kLooked = 16;  // spans, for the emptiest

  // Lies at the start of its own memory.
  struct alignas(64) Span {
    Span* next = nullptr;  // of those of a size with room
    Span* previous = nullptr;
    CacheEntry* idle = nullptr;          // cells given back, chained by `hash`
    std::uint32_t fresh = sizeof(Span);  // cells from here on were never used
    std::uint32_t live = 0;
    std::uint32_t cell_bytes = 0;
    bool drained = false;

    char* begin() { return reinterpret_cast<char*>(this); }
    bool has_room() const {
      return idle != nullptr || fresh + cell_bytes <= CacheArena::kSpanBytes;
    }
  };
  static_assert(sizeof(Span) == 64);

  struct Class {
    Span* with_room = nullptr;
    std::size_t cells = 0;  // of spans that are not drained
    std::size_t live = 0;   // of them in use
  };

  static Span& span_of(CacheEntry* entry);
  void look_whether_sparse(std::size_t size_class) {
    const Class& own = classes_[size_class];
    const std::size_t spare = 2 * cells_in_span(size_class * kStep);
    sparse_[size_class] = own.cells - own.live > own.live / 4 + spare;
  }
  static std::size_t cells_in_span(std::size_t cell_bytes) {
    return (CacheArena::kSpanBytes - sizeof(Span)) / cell_bytes;
  }
  Span* add_span(Class& of, std::size_t cell_bytes);
  Span* take_emptiest();  // null: none is sparse any more
  void leave(Span& span);
  static void release(Span& span);
  static void link(Span& span, Class& of);
  static void unlink(Span& span, Class& of);

  std::array<Class, kClasses> classes_;  // by cell_bytes / kStep
  std::bitset<kClasses> sparse_;
  bool spans_wanted_ = false;
};

template <typename Move>
void EntryHeap::drain(Move&& move) {
  Span* const span = take_emptiest();
  if (span == nullptr) return;
  ++span->live;  // stays while we look
  for (std::size_t at = sizeof(Span); at < span->fresh; at += span->cell_bytes) {
    auto* const entry = reinterpret_cast<CacheEntry*>(span->begin() + at);
    if (entry->charge_units != 0) move(*entry);
  }
  leave(*span);
}

}  // namespace nodetune
