// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/entry_heap.h"

#include <sanitizer/asan_interface.h>

#include <cassert>
#include <new>
#include <utility>

#include "engine/cache/entry_index.h"
#include "engine/cache/fetch.h"

namespace nodetune {
namespace {

// An idle cell keeps a chain and says that it is idle (charge_units 0): ASan
// forbids all else.
constexpr std::size_t kIdleBytes = 16;
static_assert(offsetof(CacheEntry, use) + 2 * sizeof(std::uint32_t) == kIdleBytes);

CacheEntry* next_of(const CacheEntry* idle) {
  return reinterpret_cast<CacheEntry*>(idle->hash);
}

void forbid(CacheEntry* cell, std::size_t bytes) {
  ASAN_POISON_MEMORY_REGION(reinterpret_cast<char*>(cell) + kIdleBytes, bytes - kIdleBytes);
}
void allow(CacheEntry* cell, std::size_t bytes) {
  ASAN_UNPOISON_MEMORY_REGION(cell, bytes);
}

void fetch_cell(const void* cell, std::size_t bytes) {
  const char* const first = static_cast<const char*>(cell);
  for (std::size_t at = 0; at < bytes; at += EntryIndex::kCacheLine) fetch_for_writing(first + at);
}

}  // namespace

EntryHeap::~EntryHeap() {
  for (Class& each : classes_) {
    while (each.with_room != nullptr) {
      Span& span = *each.with_room;
      assert(span.live == 0);
      unlink(span, each);
      release(span);
    }
  }
}

EntryHeap::Span& EntryHeap::span_of(CacheEntry* entry) {
  const auto inside = reinterpret_cast<std::uintptr_t>(entry) % CacheArena::kSpanBytes;
  return *std::launder(reinterpret_cast<Span*>(reinterpret_cast<char*>(entry) - inside));
}

CacheEntry* EntryHeap::take(std::size_t bytes) {
  const std::size_t cell_bytes = (bytes + kStep - 1) / kStep * kStep;
  if (!spans_wanted_ || cell_bytes > kLargestCell) {
    void* const memory = ::operator new(bytes, std::nothrow);
    if (memory == nullptr) return nullptr;
    auto* const entry = ::new (memory) CacheEntry;
    entry->in_span = false;
    return entry;
  }
  Class& own = classes_[cell_bytes / kStep];
  Span* const span = own.with_room != nullptr ? own.with_room : add_span(own, cell_bytes);
  if (span == nullptr) return nullptr;
  void* memory = span->idle;
  if (memory != nullptr) {
    span->idle = next_of(span->idle);
    if (span->idle != nullptr) fetch_cell(span->idle, cell_bytes);  // what the next will write
  } else {
    memory = span->begin() + span->fresh;
    span->fresh += static_cast<std::uint32_t>(cell_bytes);
  }
  allow(static_cast<CacheEntry*>(memory), cell_bytes);
  ++span->live;
  ++own.live;
  if (!span->has_room()) unlink(*span, own);
  auto* const entry = ::new (memory) CacheEntry;
  entry->in_span = true;
  return entry;
}

void EntryHeap::give_back(CacheEntry* entry) {
  const bool in_span = entry->in_span;
  entry->~CacheEntry();
  if (!in_span) {
    ::operator delete(entry);
    return;
  }
  Span& span = span_of(entry);
  const std::size_t size_class = span.cell_bytes / kStep;
  Class& own = classes_[size_class];
  if (!span.has_room() && !span.drained) link(span, own);
  entry->hash = reinterpret_cast<std::uintptr_t>(std::exchange(span.idle, entry));
  entry->charge_units = 0;
  forbid(entry, span.cell_bytes);
  if (!span.drained) --own.live;
  leave(span);  // it may be gone now
  look_whether_sparse(size_class);
}

// The last span of a size stays: its next entry would take one again.
void EntryHeap::leave(Span& span) {
  if (--span.live > 0) return;
  if (!span.drained) {
    Class& own = classes_[span.cell_bytes / kStep];
    const std::size_t cells = cells_in_span(span.cell_bytes);
    if (own.cells == cells) return;
    unlink(span, own);
    own.cells -= cells;
  }
  release(span);
}

void EntryHeap::release(Span& span) {
  ASAN_UNPOISON_MEMORY_REGION(&span, CacheArena::kSpanBytes);
  CacheArena::instance().give_back(&span);
}

EntryHeap::Span* EntryHeap::add_span(Class& of, std::size_t cell_bytes) {
  void* const memory = CacheArena::instance().take();
  if (memory == nullptr) return nullptr;
  auto* const span = ::new (memory) Span;
  span->cell_bytes = static_cast<std::uint32_t>(cell_bytes);
  of.cells += cells_in_span(cell_bytes);
  link(*span, of);
  return span;
}

// Of the first few with room.
EntryHeap::Span* EntryHeap::take_emptiest() {
  std::size_t size_class = 0;
  while (size_class < kClasses && !sparse_[size_class]) ++size_class;
  if (size_class == kClasses) return nullptr;
  look_whether_sparse(size_class);
  if (!sparse_[size_class]) return nullptr;
  Class& own = classes_[size_class];
  Span* emptiest = own.with_room;
  std::size_t looked = 0;
  for (Span* at = emptiest; at != nullptr && looked < kLooked; at = at->next, ++looked) {
    if (at->live < emptiest->live) emptiest = at;
  }
  emptiest->drained = true;
  unlink(*emptiest, own);
  own.cells -= cells_in_span(emptiest->cell_bytes);
  own.live -= emptiest->live;
  look_whether_sparse(size_class);
  return emptiest;
}

void EntryHeap::link(Span& span, Class& of) {
  span.previous = nullptr;
  span.next = of.with_room;
  if (of.with_room != nullptr) of.with_room->previous = &span;
  of.with_room = &span;
}

void EntryHeap::unlink(Span& span, Class& of) {
  (span.previous != nullptr ? span.previous->next : of.with_room) = span.next;
  if (span.next != nullptr) span.next->previous = span.previous;
}

}  // namespace nodetune
