// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/epoch.h"

#include <limits>
#include <mutex>

namespace nodetune::epoch {
namespace {

// Slots are never freed, only reused: the scan needs no lock against threads that end.
struct Registry {
  std::mutex mutex;
  std::atomic<ThreadSlot*> first{nullptr};
  std::size_t count = 0;  // guarded by mutex
};

Registry& registry() {
  static Registry* const made = new Registry;  // outlives every thread
  return *made;
}

struct Holder {
  ThreadSlot* slot = nullptr;
  ~Holder() {
    if (slot == nullptr) return;
    own_slot = nullptr;
    const std::lock_guard lock(registry().mutex);
    slot->taken = false;
  }
};

}  // namespace

ThreadSlot& register_thread() {
  thread_local Holder holder;
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  ThreadSlot* own = all.first.load(std::memory_order_relaxed);
  while (own != nullptr && own->taken) own = own->next;
  if (own == nullptr) {
    own = new ThreadSlot;
    own->number = all.count++;
    own->next = all.first.load(std::memory_order_relaxed);
    // Sequentially consistent: a scan that misses the slot comes before all of its pins.
    all.first.store(own, std::memory_order_seq_cst);
  }
  own->taken = true;
  holder.slot = own;
  own_slot = own;
  return *own;
}

std::uint64_t oldest_pinned() {
  const Registry& all = registry();
  std::uint64_t oldest = std::numeric_limits<std::uint64_t>::max();
  for (const ThreadSlot* slot = all.first.load(std::memory_order_seq_cst); slot != nullptr;
       slot = slot->next) {
    const std::uint64_t pinned = slot->pinned.load(std::memory_order_seq_cst);
    if (pinned != 0 && pinned < oldest) oldest = pinned;
  }
  return oldest;
}

}  // namespace nodetune::epoch
