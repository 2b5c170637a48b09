// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/cache_partition.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "engine/cache/heap_size.h"

namespace nodetune {
namespace {

// A tree node: colour, three links, the pointer to the entry.
constexpr std::size_t kOrderNodeBytes = heap_bytes(5 * sizeof(void*));
// How fine an LRU order is kept: in 1/128 of the capacity.
constexpr std::size_t kTicksPerTurnover = 128;
// In a large cache hits leave stamps of up to 8/128 of a turnover alone: a
// coarser order, less traffic between processors. A small one needs the order
// more.
constexpr std::uint32_t kCoarseGrain = 8;
constexpr std::size_t kEntriesForCoarse = 16'384;
constexpr std::uint32_t kClockMask = (1u << 30) - 1;
constexpr std::size_t kVictims = 16;  // evicted side by side, at most
constexpr std::size_t kEntriesPerVictim = 2048;

using Lock = std::lock_guard<BriefMutex>;

}  // namespace

CachePartition::CachePartition(const Config& config, const LookupCounters& lookups)
    : eviction_(make_eviction(config.policy, clock_)),
      lookups_(lookups),
      partitions_(config.partitions),
      ordered_(config.ordered),
      spans_from_bytes_(config.spans_from_bytes) {
  totals_.capacity_bytes = config.capacity_bytes;
  eviction_->set_capacity(config.capacity_bytes);
  pool_.use_spans(config.capacity_bytes >= spans_from_bytes_);
  clock_.count_first_uses = config.policy == PolicyKind::arc;
}

CachePartition::~CachePartition() {
  index_.for_each([this](CacheEntry& entry) { pool_.destroy(&entry); });
}

std::size_t CachePartition::charge_of(std::string_view key, const CachedValue& value) const {
  const std::size_t bytes = heap_bytes(CacheEntry::allocation_bytes(key, value)) +
                            value_heap_bytes(value) + EntryIndex::kBytesPerEntry +
                            EntryBlocks::kBytesPerEntry + (ordered_ ? kOrderNodeBytes : 0);
  static_assert(
      (EntryIndex::kBytesPerEntry + EntryBlocks::kBytesPerEntry) % CacheEntry::kChargeUnit == 0 &&
      kOrderNodeBytes % CacheEntry::kChargeUnit == 0);
  return bytes;
}

void CachePartition::insert(std::uint64_t hash, std::string_view key, const CachedValue& value,
                            std::size_t charge) {
  EntryPool::Garbage garbage;  // freed after the lock
  const Lock lock(mutex_);
  const Slot slot = index_.slot_of(hash, key);
  CacheEntry* const old = slot != EntryIndex::kNoSlot ? index_.entry_in(slot) : nullptr;
  if (charge > std::min<std::uint64_t>(totals_.capacity_bytes, CacheEntry::kMaxCharge) ||
      key.size() > CacheEntry::kMaxKeyBytes || !worth_its_room(hash, charge, old)) {
    if (old != nullptr) remove(slot, *old, garbage);
    return;
  }
  if (old != nullptr) {
    eviction_->remove(*old);
    uncharge(*old);  // readers still find it until the new one is in its place
  } else {
    eviction_->announce(hash, charge);
  }
  // Before the bytes are added: bytes never pass the capacity, not even within
  // the lock.
  evict_down_to(totals_.capacity_bytes - charge, garbage);
  CacheEntry* const entry = pool_.make(hash, key, value);
  if (entry != nullptr) {
    entry->charge_units = static_cast<std::uint32_t>(charge / CacheEntry::kChargeUnit);
    const std::uint32_t now = clock_.now.load(std::memory_order_relaxed);
    const std::uint32_t use =
        old == nullptr ? Use::make(now, 0)
                       : Use::used_again(old->use.load(std::memory_order_relaxed), now, 1);
    entry->use.store(use, std::memory_order_relaxed);
  }
  if (entry == nullptr || !place(*entry, slot, old)) {
    if (entry != nullptr) pool_.destroy(entry);
    if (old != nullptr) {
      index_.remove(slot, hash);
      pool_.retire(*old, garbage);
    }
    return;
  }
  if (old != nullptr) pool_.retire(*old, garbage);
  fit_memory(garbage);
}

// Whether a value that is much larger than the others may come in.
bool CachePartition::worth_its_room(std::uint64_t hash, std::size_t charge, const CacheEntry* old) {
  const std::size_t replaced = old != nullptr ? old->charge() : 0;
  if (charge <= replaced || totals_.bytes - replaced + charge <= totals_.capacity_bytes)
    return true;
  LargeValueGate::Cache cache{0, totals_.entries * partitions_, totals_.bytes * partitions_};
  if (LargeValueGate::victims(charge - replaced, cache) <= LargeValueGate::kCheapVictims) {
    return true;
  }
  cache.hits = lookups_.sum().hits;
  return gate_.admit(hash, charge - replaced, cache);
}

bool CachePartition::place(CacheEntry& entry, Slot slot, CacheEntry* old) {
  if (!add_to_order(entry)) return false;
  if (!(old != nullptr ? eviction_->add_again(entry, old->queue) : eviction_->add(entry))) {
    if (ordered_) order_.erase(&entry);
    return false;
  }
  if (old != nullptr) {
    index_.replace(slot, entry);
  } else {
    if (!index_.add(entry)) {
      if (ordered_) order_.erase(&entry);
      eviction_->remove(entry);
      return false;
    }
    ++totals_.insertions;
    advance_clock(entry.charge());
  }
  totals_.bytes += entry.charge();
  ++totals_.entries;
  return true;
}

bool CachePartition::add_to_order(CacheEntry& entry) {
  if (!ordered_) return true;
  try {
    order_.insert(&entry);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void CachePartition::erase(std::uint64_t hash, std::string_view key) {
  EntryPool::Garbage garbage;
  const Lock lock(mutex_);
  const Slot slot = index_.slot_of(hash, key);
  if (slot == EntryIndex::kNoSlot) return;
  remove(slot, *index_.entry_in(slot), garbage);
  fit_memory(garbage);
}

void CachePartition::erase_range(std::string_view begin, std::string_view end) {
  EntryPool::Garbage garbage;
  const Lock lock(mutex_);
  if (ordered_) {
    auto at = order_.lower_bound(begin);
    while (at != order_.end() && (*at)->key() < end) {
      CacheEntry& entry = **at++;
      remove(index_.slot_of(entry), entry, garbage);
    }
  } else {
    index_.for_each([&](CacheEntry& entry) {
      const std::string_view key = entry.key();
      if (begin <= key && key < end) remove(index_.slot_of(entry), entry, garbage);
    });
  }
  fit_memory(garbage);
}

void CachePartition::resize(std::size_t capacity_bytes) {
  EntryPool::Garbage garbage;
  const Lock lock(mutex_);
  totals_.capacity_bytes = capacity_bytes;
  evict_down_to(capacity_bytes, garbage);
  eviction_->set_capacity(capacity_bytes);
  pool_.use_spans(capacity_bytes >= spans_from_bytes_);
  fit_memory(garbage);
  pool_.reclaim(garbage);
}

void CachePartition::set_policy(PolicyKind policy) {
  struct Aged {
    std::uint32_t age;
    CacheEntry* entry;
  };
  EntryPool::Garbage garbage;
  const Lock lock(mutex_);
  if (eviction_->kind() == policy) return;
  std::unique_ptr<Eviction> next;
  std::vector<CacheEntry*> all;
  std::vector<Aged> order;
  try {
    next = make_eviction(policy, clock_);
    all.reserve(totals_.entries);
    order.reserve(totals_.entries);
  } catch (const std::bad_alloc&) {
    return;
  }
  eviction_->give_up(all);
  // Readers go on marking: sort by what was read once.
  const std::uint32_t now = clock_.now.load(std::memory_order_relaxed);
  for (CacheEntry* const entry : all) {
    const std::uint32_t stamp = Use::stamp(entry->use.load(std::memory_order_relaxed));
    order.push_back({(now - stamp) & kClockMask, entry});
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const Aged& a, const Aged& b) { return a.age > b.age; });
  clock_.first_used_bytes.store(0, std::memory_order_relaxed);
  next->set_capacity(totals_.capacity_bytes);
  eviction_ = std::move(next);
  for (const auto& [age, entry] : order) {
    if (eviction_->adopt(*entry)) continue;
    index_.remove(index_.slot_of(*entry), entry->hash);
    uncharge(*entry);
    pool_.retire(*entry, garbage);
  }
  clock_.count_first_uses.store(policy == PolicyKind::arc, std::memory_order_relaxed);
}

CachePartition::Totals CachePartition::totals() const {
  const Lock lock(mutex_);
  return totals_;
}

void CachePartition::uncharge(CacheEntry& entry) {
  if (ordered_) order_.erase(&entry);
  totals_.bytes -= entry.charge();
  --totals_.entries;
}

void CachePartition::remove(Slot slot, CacheEntry& entry, EntryPool::Garbage& garbage) {
  index_.remove(slot, entry.hash);
  eviction_->remove(entry);
  uncharge(entry);
  pool_.retire(entry, garbage);
}

// A few at a time: the lines of the index that they lie in are fetched side by
// side.
void CachePartition::evict_down_to(std::size_t bytes, EntryPool::Garbage& garbage) {
  if (totals_.bytes <= bytes) return;
  bytes -= std::min<std::size_t>(bytes, spare_bytes());
  while (totals_.bytes > bytes) {
    std::array<CacheEntry*, kVictims> victims;
    std::size_t count = 0;
    for (; totals_.bytes > bytes && count < kVictims; ++count) {
      CacheEntry* const victim = eviction_->evict();
      assert(victim != nullptr);
      index_.prefetch(victim->hash);
      uncharge(*victim);
      victims[count] = victim;
    }
    totals_.evictions += count;
    for (std::size_t i = 0; i < count; ++i) {
      index_.remove(index_.slot_of(*victims[i]), victims[i]->hash);
      pool_.retire(*victims[i], garbage);
    }
  }
}

// What is evicted at once beyond what must be: a batch, if that is nothing
// beside what is inside.
std::size_t CachePartition::spare_bytes() const {
  if (totals_.entries < 2 * kEntriesPerVictim) return 0;
  const std::size_t victims = std::min(totals_.entries / kEntriesPerVictim, kVictims);
  return (victims - 1) * (totals_.bytes / totals_.entries);
}

void CachePartition::advance_clock(std::size_t inserted_bytes) {
  clock_bytes_ += inserted_bytes;
  if (clock_bytes_ * kTicksPerTurnover < totals_.capacity_bytes) return;
  clock_bytes_ = 0;
  const std::uint32_t now = clock_.now.load(std::memory_order_relaxed);
  clock_.now.store((now + 1) & kClockMask, std::memory_order_relaxed);
  eviction_->tick();
  constexpr std::size_t kBesideEntry =
      EntryIndex::kBytesPerEntry + EntryBlocks::kBytesPerEntry + kHeapHeader;
  const std::size_t mean = totals_.bytes / std::max<std::size_t>(totals_.entries, 1);
  index_.set_usual_bytes(mean - std::min(mean, kBesideEntry));
}

void CachePartition::fit_memory(EntryPool::Garbage& garbage) {
  if (pool_.is_sparse()) move_from_sparse_span(garbage);
  eviction_->fit(totals_.entries);
  EntryIndex::TablePointer old = index_.fit(totals_.entries);
  if (old == nullptr) return;
  pool_.set_entries(totals_.entries);
  clock_.grain.store(totals_.entries < kEntriesForCoarse ? 1 : kCoarseGrain,
                     std::memory_order_relaxed);
  pool_.retire(std::move(old));
  pool_.reclaim(garbage);
}

// Readers find each entry throughout: at its old place or at its new one.
void CachePartition::move_from_sparse_span(EntryPool::Garbage& garbage) {
  pool_.drain([&](CacheEntry& entry) {
    const Slot slot = index_.slot_of(entry);
    if (slot == EntryIndex::kNoSlot) return;  // it has left, and waits for its readers
    CacheEntry* const copy = pool_.make_copy(entry);
    if (copy == nullptr) return;
    // From here on its readers' marks are lost, and none counts as the first.
    constexpr std::uint32_t kUsed = Use::kMaxFrequency;
    copy->use.store(entry.use.fetch_or(kUsed, std::memory_order_relaxed),
                    std::memory_order_relaxed);
    eviction_->moved(*copy);
    if (ordered_) {
      auto place = order_.extract(&entry);
      place.value() = copy;
      order_.insert(std::move(place));
    }
    index_.replace(slot, *copy);
    pool_.retire(entry, garbage);
  });
}

}  // namespace nodetune
