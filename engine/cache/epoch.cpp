// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/epoch.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

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

#ifndef __SANITIZE_THREAD__
// Refused by old kernels and by some sandboxes: pins then carry a barrier of their own.
const bool kernel_barriers =
    ::syscall(__NR_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
#endif

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
  if (kernel_barriers) ::syscall(__NR_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
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
