// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/eviction.h"

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "engine/cache/generations.h"
#include "engine/cache/ghost_queue.h"

namespace nodetune {
namespace {

// Sets an entry's frequency; a use that a reader adds meanwhile may be lost.
void set_frequency(CacheEntry& entry, std::uint32_t frequency) {
  const std::uint32_t use = entry.use.load(std::memory_order_relaxed);
  entry.use.store(Use::make(Use::stamp(use), frequency), std::memory_order_relaxed);
}

std::uint32_t frequency_of(const CacheEntry& entry) {
  return Use::frequency(entry.use.load(std::memory_order_relaxed));
}

class LruEviction final : public Eviction {
 public:
  explicit LruEviction(UseClock& clock) : Eviction(Generations::kQueues), clock_(clock) {
    entries_.start(now());
  }

  PolicyKind kind() const override { return PolicyKind::lru; }
  void set_capacity(std::uint64_t) override {}
  void announce(std::uint64_t, std::uint64_t) override {}
  bool add(CacheEntry& entry) override { return entries_.push(entry, now(), now()); }
  bool add_again(CacheEntry& entry, std::uint32_t) override { return add(entry); }
  void remove(CacheEntry& entry) override { blocks_.remove(entry); }
  CacheEntry* evict() override { return entries_.take_coldest(now()); }
  void give_up(std::vector<CacheEntry*>& all) override { entries_.give_up(all); }
  bool adopt(CacheEntry& entry) override {
    return entries_.push(entry, Use::stamp(entry.use.load(std::memory_order_relaxed)), now());
  }
  void tick() override { entries_.tick(now()); }

 private:
  std::uint32_t now() const { return clock_.now.load(std::memory_order_relaxed); }
  void repack(EntryBlocks& to) override { entries_.repack(to); }

  UseClock& clock_;
  Generations entries_{blocks_};
};

// Source: Yang et al., "FIFO queues are all you need for cache eviction",
// SOSP'23; by charges.
class S3FifoEviction final : public Eviction {
 public:
  S3FifoEviction() : Eviction(2) {}

  PolicyKind kind() const override { return PolicyKind::s3fifo; }

  void set_capacity(std::uint64_t bytes) override {
    small_capacity_ = std::max<std::uint64_t>(bytes / kS3FifoSmallShare, 1);
    ghost_capacity_ = bytes - std::min(small_capacity_, bytes);
    ghosts_.trim_to(ghost_capacity_);
  }
  void announce(std::uint64_t hash, std::uint64_t) override {
    next_queue_ = ghosts_.take(hash) ? kMain : kSmall;
  }
  bool add(CacheEntry& entry) override { return link(entry, next_queue_); }
  bool add_again(CacheEntry& entry, std::uint32_t queue) override { return link(entry, queue); }
  void remove(CacheEntry& entry) override {
    blocks_.remove(entry);
    uncount(entry);
  }

  CacheEntry* evict() override {
    // Readers may mark main's entries as fast as the hand unmarks them: so many
    // steps, no more.
    std::size_t steps = 4 * queues_[kMain].entries;
    while (true) {
      const bool small_is_full = queues_[kSmall].bytes >= small_capacity_;
      if (queues_[kMain].entries == 0 || (small_is_full && queues_[kSmall].entries > 0)) {
        CacheEntry* const entry = take_oldest(kSmall);
        if (entry == nullptr) return nullptr;
        if (frequency_of(*entry) >= kFrequencyForMain) {
          set_frequency(*entry, 0);
          if (link(*entry, kMain)) continue;
        }
        ghosts_.push(entry->hash, entry->charge_units);
        ghosts_.trim_to(ghost_capacity_);
        return entry;
      }
      CacheEntry* const entry = take_oldest(kMain);
      const std::uint32_t frequency = frequency_of(*entry);
      if (frequency == 0 || steps == 0) return entry;
      --steps;
      set_frequency(*entry, frequency - 1);
      if (!link(*entry, kMain)) return entry;
    }
  }

  void give_up(std::vector<CacheEntry*>& all) override {
    for (Queue& queue : queues_) queue.order.give_up(blocks_, all);
  }
  bool adopt(CacheEntry& entry) override {
    set_frequency(entry, 0);
    return link(entry, kMain);
  }

 private:
  enum : std::uint32_t { kSmall, kMain };
  static constexpr std::uint32_t kFrequencyForMain = 2;  // the paper: used more than once in small
  struct Queue {
    EntryQueue order;
    std::uint64_t bytes = 0;
    std::size_t entries = 0;
  };

  bool link(CacheEntry& entry, std::uint32_t queue) {
    if (!queues_[queue].order.push_newest(blocks_, entry)) return false;
    entry.queue = queue & 1;
    queues_[queue].bytes += entry.charge();
    ++queues_[queue].entries;
    return true;
  }
  void uncount(const CacheEntry& entry) {
    queues_[entry.queue].bytes -= entry.charge();
    --queues_[entry.queue].entries;
  }
  CacheEntry* take_oldest(std::uint32_t queue) {
    CacheEntry* const entry = queues_[queue].order.pop_oldest(blocks_);
    if (entry != nullptr) uncount(*entry);
    return entry;
  }
  void repack(EntryBlocks& to) override {
    for (Queue& queue : queues_) queue.order.repack(blocks_, to);
  }

  std::array<Queue, 2> queues_;
  GhostQueue ghosts_;
  std::uint64_t small_capacity_ = 1;
  std::uint64_t ghost_capacity_ = 0;
  std::uint32_t next_queue_ = kSmall;
};

// Source: Megiddo and Modha, "ARC: a self-tuning, low overhead replacement
// cache", FAST'03; by charges. What was used while in T1 moves to T2 when T1's
// hand meets it (as in CAR, FAST'04); its bytes count as T2's from the use on.
class ArcEviction final : public Eviction {
 public:
  explicit ArcEviction(UseClock& clock) : Eviction(1 + Generations::kQueues), clock_(clock) {
    often_.start(now());
  }

  PolicyKind kind() const override { return PolicyKind::arc; }
  void set_capacity(std::uint64_t bytes) override {
    capacity_ = bytes;
    recent_target_ = std::min(recent_target_, static_cast<double>(capacity_));
    trim_ghosts(0);
  }

  // Cases II and III: the ghosts say which part should be larger. Case IV: the
  // key is new.
  void announce(std::uint64_t hash, std::uint64_t charge) override {
    announced_ = charge;
    const auto recent_ghosts = static_cast<double>(recent_ghosts_.charge());
    const auto often_ghosts = static_cast<double>(often_ghosts_.charge());
    const auto step = static_cast<double>(charge);
    came_from_ = Ghost::none;
    if (recent_ghosts_.take(hash)) {
      came_from_ = Ghost::recent;
      recent_target_ += step * std::max(often_ghosts / recent_ghosts, 1.0);
    } else if (often_ghosts_.take(hash)) {
      came_from_ = Ghost::often;
      recent_target_ -= step * std::max(recent_ghosts / often_ghosts, 1.0);
    }
    recent_target_ = std::clamp(recent_target_, 0.0, static_cast<double>(capacity_));
    if (came_from_ != Ghost::none) return;
    while (recent_ghosts_.size() > 0 && recent_bytes() < capacity_ &&
           recent_bytes() + recent_ghosts_.charge() + charge > capacity_) {
      recent_ghosts_.pop_oldest();
    }
  }

  bool add(CacheEntry& entry) override {
    const bool is_new = came_from_ == Ghost::none;
    if (!is_new) set_frequency(entry, 1);
    const bool added = is_new ? link_recent(entry) : link_often(entry, now());
    announced_ = 0;
    came_from_ = Ghost::none;
    trim_ghosts(0);
    return added;
  }
  bool add_again(CacheEntry& entry, std::uint32_t) override {
    set_frequency(entry, 1);
    return link_often(entry, now());
  }
  void remove(CacheEntry& entry) override {
    blocks_.remove(entry);
    if (entry.queue == kRecent) {
      (void)uncount_recent(entry);
    } else {
      often_bytes_ -= entry.charge();
    }
  }

  // REPLACE of the paper, and case IV's deletion from a T1 that fills the
  // cache.
  CacheEntry* evict() override {
    while (true) {
      const std::uint64_t recent = recent_bytes();
      const bool full_of_new = came_from_ == Ghost::none && announced_ > 0 &&
                               recent + recent_ghosts_.charge() + announced_ > capacity_;
      const auto target = recent_target_;
      const auto size = static_cast<double>(recent);
      const bool from_recent =
          full_of_new || size > target || (came_from_ == Ghost::often && size >= target);
      if (CacheEntry* const entry = from_recent ? nullptr : take_often()) {
        often_ghosts_.push(entry->hash, entry->charge_units);
        return entry;
      }
      CacheEntry* const entry = recent_.pop_oldest(blocks_);
      if (entry == nullptr) return take_often();
      if (!uncount_recent(*entry)) {
        if (!full_of_new) recent_ghosts_.push(entry->hash, entry->charge_units);
        return entry;
      }
      if (!link_often(*entry, Use::stamp(entry->use.load(std::memory_order_relaxed)))) return entry;
    }
  }

  void give_up(std::vector<CacheEntry*>& all) override {
    recent_.give_up(blocks_, all);
    often_.give_up(all);
  }
  bool adopt(CacheEntry& entry) override {
    if (frequency_of(entry) == 0) return link_recent(entry);
    return link_often(entry, Use::stamp(entry.use.load(std::memory_order_relaxed)));
  }
  void tick() override { often_.tick(now()); }

 private:
  enum : std::uint32_t { kRecent, kOften };
  enum class Ghost : std::uint8_t { none, recent, often };

  std::uint32_t now() const { return clock_.now.load(std::memory_order_relaxed); }
  // T1 without what was used there. An entry used while this looks counts a
  // little early or late.
  std::uint64_t recent_bytes() const {
    const auto used = clock_.first_used_bytes.load(std::memory_order_relaxed);
    const auto all = static_cast<std::int64_t>(recent_bytes_);
    return static_cast<std::uint64_t>(std::clamp<std::int64_t>(all - used, 0, all));
  }
  bool link_recent(CacheEntry& entry) {
    if (!recent_.push_newest(blocks_, entry)) return false;
    entry.queue = kRecent;
    recent_bytes_ += entry.charge();
    return true;
  }
  bool link_often(CacheEntry& entry, std::uint32_t stamp) {
    if (!often_.push(entry, stamp, now())) return false;
    entry.queue = kOften;
    often_bytes_ += entry.charge();
    return true;
  }
  CacheEntry* take_often() {
    CacheEntry* const entry = often_.take_coldest(now());
    if (entry != nullptr) often_bytes_ -= entry->charge();
    return entry;
  }
  // Of an entry that left T1; true if it was used there. From here on no reader
  // counts it as used first.
  bool uncount_recent(CacheEntry& entry) {
    recent_bytes_ -= entry.charge();
    const std::uint32_t was = entry.use.fetch_or(1, std::memory_order_relaxed);
    if (Use::frequency(was) == 0) return false;
    clock_.first_used_bytes.fetch_sub(static_cast<std::int64_t>(entry.charge()),
                                      std::memory_order_relaxed);
    return true;
  }
  // T1 and its ghosts take no more than the capacity, all four no more than
  // twice that.
  void trim_ghosts(std::uint64_t extra) {
    while (recent_ghosts_.size() > 0 &&
           recent_bytes() + recent_ghosts_.charge() + extra > capacity_) {
      recent_ghosts_.pop_oldest();
    }
    while (often_ghosts_.size() > 0 &&
           recent_bytes_ + often_bytes_ + recent_ghosts_.charge() + often_ghosts_.charge() + extra >
               2 * capacity_) {
      often_ghosts_.pop_oldest();
    }
  }

  UseClock& clock_;
  void repack(EntryBlocks& to) override {
    recent_.repack(blocks_, to);
    often_.repack(to);
  }

  EntryQueue recent_;           // T1
  Generations often_{blocks_};  // T2
  std::uint64_t recent_bytes_ = 0;
  std::uint64_t often_bytes_ = 0;
  GhostQueue recent_ghosts_;  // B1
  GhostQueue often_ghosts_;   // B2
  std::uint64_t capacity_ = 0;
  double recent_target_ = 0;  // p: the charge that T1 should hold, 0 to capacity
  std::uint64_t announced_ = 0;
  Ghost came_from_ = Ghost::none;
};

}  // namespace

void Eviction::fit(std::size_t entries) {
  if (!blocks_.wasteful(entries, queues_)) return;
  EntryBlocks packed;
  try {
    packed.reserve(entries / EntryBlocks::kSlots + queues_);
  } catch (const std::bad_alloc&) {
    return;  // as it is
  }
  repack(packed);
  blocks_ = std::move(packed);
}

std::unique_ptr<Eviction> make_eviction(PolicyKind kind, UseClock& clock) {
  switch (kind) {
    case PolicyKind::lru:
      return std::make_unique<LruEviction>(clock);
    case PolicyKind::s3fifo:
      return std::make_unique<S3FifoEviction>();
    case PolicyKind::arc:
      return std::make_unique<ArcEviction>(clock);
  }
  return nullptr;
}

}  // namespace nodetune
