// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/eviction.h"

#include <algorithm>
#include <array>

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

void give_up_list(EntryList& list, std::vector<CacheEntry*>& all) {
  while (CacheEntry* const entry = list.oldest()) {
    entry->unlink();
    all.push_back(entry);
  }
}

// Entries by the clock's tick of their last use: an LRU order as fine as the ticks.
//
// A list a tick; what was used since is moved from the oldest list to where it belongs when it is
// met there. More ticks than lists: the two oldest become one.
class GenerationList {
 public:
  void push(CacheEntry& entry, std::uint32_t stamp, std::uint32_t now) {
    if (Use::newer(oldest_, stamp)) stamp = oldest_;
    if (Use::newer(stamp, now)) stamp = now;
    list(stamp).push_newest(&entry);
  }
  void tick(std::uint32_t now) {
    while (((now - oldest_) & kClockMask) >= kLists) {
      list(oldest_ + 1).take_as_oldest(list(oldest_));
      oldest_ = (oldest_ + 1) & kClockMask;
    }
  }
  // The one that was used least recently; still inside. Null: empty.
  CacheEntry* coldest(std::uint32_t now) {
    while (true) {
      CacheEntry* const entry = list(oldest_).oldest();
      if (entry == nullptr) {
        if (oldest_ == now) return nullptr;
        oldest_ = (oldest_ + 1) & kClockMask;
        continue;
      }
      const std::uint32_t stamp = Use::stamp(entry->use.load(std::memory_order_relaxed));
      if (oldest_ == now || !Use::newer(stamp, oldest_)) return entry;
      entry->unlink();
      push(*entry, stamp, now);
    }
  }
  const CacheEntry* next() const { return lists_[oldest_ % kLists].fetch_oldest(); }
  void give_up(std::vector<CacheEntry*>& all) {
    for (EntryList& one : lists_) give_up_list(one, all);
  }
  void start(std::uint32_t now) { oldest_ = (now - kLists + 1) & kClockMask; }

 private:
  // Twice the ticks of a turnover: erasing makes room without a turn.
  static constexpr std::uint32_t kLists = 256;
  static constexpr std::uint32_t kClockMask = (1u << 30) - 1;

  EntryList& list(std::uint32_t stamp) { return lists_[stamp % kLists]; }

  std::array<EntryList, kLists> lists_;
  std::uint32_t oldest_ = 0;  // entries lie in the lists of oldest_ to now
};

class LruEviction final : public Eviction {
 public:
  explicit LruEviction(UseClock& clock) : clock_(clock) { entries_.start(now()); }

  PolicyKind kind() const override { return PolicyKind::lru; }
  void set_capacity(std::uint64_t) override {}
  void announce(std::uint64_t, std::uint64_t) override {}
  void add(CacheEntry& entry) override { entries_.push(entry, now(), now()); }
  void add_again(CacheEntry& entry, std::uint8_t) override { add(entry); }
  void remove(CacheEntry& entry) override { entry.unlink(); }
  CacheEntry* evict() override {
    CacheEntry* const entry = entries_.coldest(now());
    if (entry != nullptr) entry->unlink();
    return entry;
  }
  const CacheEntry* next() const override { return entries_.next(); }
  void give_up(std::vector<CacheEntry*>& all) override { entries_.give_up(all); }
  void adopt(CacheEntry& entry) override {
    entries_.push(entry, Use::stamp(entry.use.load(std::memory_order_relaxed)), now());
  }
  void tick() override { entries_.tick(now()); }

 private:
  std::uint32_t now() const { return clock_.now.load(std::memory_order_relaxed); }

  UseClock& clock_;
  GenerationList entries_;
};

// Source: Yang et al., "FIFO queues are all you need for cache eviction", SOSP'23; by charges.
class S3FifoEviction final : public Eviction {
 public:
  PolicyKind kind() const override { return PolicyKind::s3fifo; }

  void set_capacity(std::uint64_t bytes) override {
    constexpr std::uint64_t kSmallShare = 10;  // the paper: a tenth
    small_capacity_ = std::max<std::uint64_t>(bytes / kSmallShare, 1);
    ghost_capacity_ = bytes - std::min(small_capacity_, bytes);
    ghosts_.trim_to(ghost_capacity_);
  }
  void announce(std::uint64_t hash, std::uint64_t) override {
    next_queue_ = ghosts_.take(hash) ? kMain : kSmall;
  }
  void add(CacheEntry& entry) override { link(entry, next_queue_); }
  void add_again(CacheEntry& entry, std::uint8_t queue) override { link(entry, queue); }
  void remove(CacheEntry& entry) override {
    entry.unlink();
    Queue& queue = queues_[entry.queue];
    queue.bytes -= entry.charge();
    --queue.entries;
  }

  CacheEntry* evict() override {
    // Readers may mark main's entries as fast as the hand unmarks them: so many steps, no more.
    std::size_t steps = 4 * queues_[kMain].entries;
    while (true) {
      const bool small_is_full = queues_[kSmall].bytes >= small_capacity_;
      if (queues_[kMain].entries == 0 || (small_is_full && queues_[kSmall].entries > 0)) {
        CacheEntry* const entry = queues_[kSmall].list.oldest();
        if (entry == nullptr) return nullptr;
        remove(*entry);
        if (frequency_of(*entry) < kFrequencyForMain) {
          ghosts_.push(entry->hash, entry->charge_units);
          ghosts_.trim_to(ghost_capacity_);
          return entry;
        }
        set_frequency(*entry, 0);
        link(*entry, kMain);
        continue;
      }
      CacheEntry* const entry = queues_[kMain].list.oldest();
      remove(*entry);
      const std::uint32_t frequency = frequency_of(*entry);
      if (frequency == 0 || steps == 0) return entry;
      --steps;
      set_frequency(*entry, frequency - 1);
      link(*entry, kMain);
    }
  }

  const CacheEntry* next() const override {
    const bool small = queues_[kSmall].bytes >= small_capacity_;
    return queues_[small ? kSmall : kMain].list.fetch_oldest();
  }
  void give_up(std::vector<CacheEntry*>& all) override {
    for (Queue& queue : queues_) give_up_list(queue.list, all);
  }
  void adopt(CacheEntry& entry) override {
    set_frequency(entry, 0);
    link(entry, kMain);
  }

 private:
  enum : std::uint8_t { kSmall, kMain };
  static constexpr std::uint32_t kFrequencyForMain = 2;  // the paper: used more than once in small
  struct Queue {
    EntryList list;
    std::uint64_t bytes = 0;
    std::size_t entries = 0;
  };

  void link(CacheEntry& entry, std::uint8_t queue) {
    entry.queue = queue;
    queues_[queue].list.push_newest(&entry);
    queues_[queue].bytes += entry.charge();
    ++queues_[queue].entries;
  }

  std::array<Queue, 2> queues_;
  GhostQueue ghosts_;
  std::uint64_t small_capacity_ = 1;
  std::uint64_t ghost_capacity_ = 0;
  std::uint8_t next_queue_ = kSmall;
};

// Source: Megiddo and Modha, "ARC: a self-tuning, low overhead replacement cache", FAST'03; by
// charges. What was used while in T1 moves to T2 when T1's hand meets it (as in CAR, FAST'04); its
// bytes count as T2's from the use on.
class ArcEviction final : public Eviction {
 public:
  explicit ArcEviction(UseClock& clock) : clock_(clock) { often_.start(now()); }

  PolicyKind kind() const override { return PolicyKind::arc; }
  void set_capacity(std::uint64_t bytes) override {
    capacity_ = bytes;
    recent_target_ = std::min(recent_target_, static_cast<double>(capacity_));
    trim_ghosts(0);
  }

  // Cases II and III: the ghosts say which part should be larger. Case IV: the key is new.
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

  void add(CacheEntry& entry) override {
    if (came_from_ == Ghost::none) {
      link_recent(entry);
    } else {
      set_frequency(entry, 1);
      link_often(entry, now());
    }
    announced_ = 0;
    came_from_ = Ghost::none;
    trim_ghosts(0);
  }
  void add_again(CacheEntry& entry, std::uint8_t) override {
    set_frequency(entry, 1);
    link_often(entry, now());
  }
  void remove(CacheEntry& entry) override {
    if (entry.queue == kRecent) {
      take_recent(entry);
    } else {
      entry.unlink();
      often_bytes_ -= entry.charge();
    }
  }

  // REPLACE of the paper, and case IV's deletion from a T1 that fills the cache.
  CacheEntry* evict() override {
    while (true) {
      const std::uint64_t recent = recent_bytes();
      const bool full_of_new = came_from_ == Ghost::none && announced_ > 0 &&
                               recent + recent_ghosts_.charge() + announced_ > capacity_;
      const auto target = recent_target_;
      const auto size = static_cast<double>(recent);
      const bool from_recent =
          full_of_new || size > target || (came_from_ == Ghost::often && size >= target);
      CacheEntry* entry = from_recent ? nullptr : often_.coldest(now());
      if (entry != nullptr) {
        remove(*entry);
        often_ghosts_.push(entry->hash, entry->charge_units);
        return entry;
      }
      entry = recent_.oldest();
      if (entry == nullptr) {
        entry = often_.coldest(now());
        if (entry != nullptr) remove(*entry);
        return entry;
      }
      if (!take_recent(*entry)) {
        if (!full_of_new) recent_ghosts_.push(entry->hash, entry->charge_units);
        return entry;
      }
      link_often(*entry, Use::stamp(entry->use.load(std::memory_order_relaxed)));
    }
  }

  const CacheEntry* next() const override {
    const bool recent = static_cast<double>(recent_bytes()) > recent_target_;
    return recent ? recent_.fetch_oldest() : often_.next();
  }
  void give_up(std::vector<CacheEntry*>& all) override {
    give_up_list(recent_, all);
    often_.give_up(all);
  }
  void adopt(CacheEntry& entry) override {
    if (frequency_of(entry) == 0) {
      link_recent(entry);
    } else {
      link_often(entry, Use::stamp(entry.use.load(std::memory_order_relaxed)));
    }
  }
  void tick() override { often_.tick(now()); }

 private:
  enum : std::uint8_t { kRecent, kOften };
  enum class Ghost : std::uint8_t { none, recent, often };

  std::uint32_t now() const { return clock_.now.load(std::memory_order_relaxed); }
  // T1 without what was used there. An entry used while this looks counts a little early or late.
  std::uint64_t recent_bytes() const {
    const auto used = clock_.first_used_bytes.load(std::memory_order_relaxed);
    const auto all = static_cast<std::int64_t>(recent_bytes_);
    return static_cast<std::uint64_t>(std::clamp<std::int64_t>(all - used, 0, all));
  }
  void link_recent(CacheEntry& entry) {
    entry.queue = kRecent;
    recent_.push_newest(&entry);
    recent_bytes_ += entry.charge();
  }
  void link_often(CacheEntry& entry, std::uint32_t stamp) {
    entry.queue = kOften;
    often_.push(entry, stamp, now());
    often_bytes_ += entry.charge();
  }
  // Out of T1; true if it was used there. From here on no reader counts it as used first.
  bool take_recent(CacheEntry& entry) {
    entry.unlink();
    recent_bytes_ -= entry.charge();
    const std::uint32_t was = entry.use.fetch_or(1, std::memory_order_relaxed);
    if (Use::frequency(was) == 0) return false;
    clock_.first_used_bytes.fetch_sub(static_cast<std::int64_t>(entry.charge()),
                                      std::memory_order_relaxed);
    return true;
  }
  // T1 and its ghosts take no more than the capacity, all four no more than twice that.
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
  EntryList recent_;      // T1
  GenerationList often_;  // T2
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
