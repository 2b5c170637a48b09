// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

// When memory that lock-free readers may still look at can be freed.
//
// A reader pins the epoch while it follows pointers that it did not count a reference of. A writer
// takes an object out of every place where readers could find it, calls retire_epoch() and may free
// the object once oldest_pinned() has passed what that returned.
// One epoch serves the whole process: a pin is short (no lock, no wait within it), and what is
// retired while a pinning thread sleeps waits until it wakes up.
// Thread: any. Source: Fraser, "Practical lock-freedom", 2004.
namespace nodetune::epoch {

struct alignas(128) ThreadSlot {
  std::atomic<std::uint64_t> pinned{0};  // 0: not pinned
  std::size_t number = 0;                // unique among living threads, small
  bool taken = true;                     // guarded by the registry's mutex
  ThreadSlot* next = nullptr;            // never changes once registered
};

// The calling thread's slot, taken at its first call and given back when it ends.
ThreadSlot& register_thread();
inline constinit thread_local ThreadSlot* own_slot = nullptr;
inline ThreadSlot& this_thread() {
  ThreadSlot* const slot = own_slot;
  return slot != nullptr ? *slot : register_thread();
}

alignas(128) inline constinit std::atomic<std::uint64_t> current{1};

// Whether the kernel can make every running thread of the process pass a memory barrier (Linux'
// membarrier): then a pin needs none of its own, and lookups that follow each other overlap.
// ThreadSanitizer does not understand it.
#ifdef __SANITIZE_THREAD__
inline constexpr bool kernel_barriers = false;
#else
extern const bool kernel_barriers;
#endif

// Must not be nested.
class Pin {
 public:
  explicit Pin(ThreadSlot& slot) : slot_(slot) {
    if (kernel_barriers) {
      // Acquire: a reader of a later epoch sees all that was taken out before. The compiler keeps
      // the order; the barrier in oldest_pinned() makes the processor keep it: either it comes
      // after this store, which the scan then sees, or before all that is read under the pin.
      slot_.pinned.store(current.load(std::memory_order_acquire), std::memory_order_relaxed);
      std::atomic_signal_fence(std::memory_order_seq_cst);
      return;
    }
    // Sequentially consistent: either the scan in oldest_pinned() sees this pin, or the second look
    // sees that the epoch has moved on, and with it everything that was taken out before.
    std::uint64_t seen = current.load(std::memory_order_relaxed);
    while (true) {
      slot_.pinned.exchange(seen, std::memory_order_seq_cst);
      const std::uint64_t now = current.load(std::memory_order_seq_cst);
      if (now == seen) return;
      seen = now;
    }
  }
  // Release: what was read under the pin is read before it ends.
  ~Pin() { slot_.pinned.store(0, std::memory_order_release); }
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;

 private:
  ThreadSlot& slot_;
};

// Ends the current epoch and returns its number: what was taken out before the call can be seen by
// readers of this epoch and older ones only.
inline std::uint64_t retire_epoch() {
  return current.fetch_add(1, std::memory_order_seq_cst);
}

// No reader is pinned to an older epoch than this; all ones when nobody is pinned. Takes some
// microseconds: once for many objects.
std::uint64_t oldest_pinned();

}  // namespace nodetune::epoch
