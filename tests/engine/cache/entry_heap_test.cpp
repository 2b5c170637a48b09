// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/entry_heap.h"

#include <QtTest>
#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "engine/cache/cache_arena.h"
#include "engine/cache/concurrent_cache.h"

using namespace nodetune;

namespace {

constexpr std::size_t kHeader = sizeof(CacheEntry);

// Memory taken, each byte of it marked as whose it is.
struct Taken {
  char* memory;
  std::size_t bytes;
  char mark;
  bool is_whole() const {
    return std::all_of(memory, memory + bytes, [this](char byte) { return byte == mark; });
  }
};

struct Entry {
  CacheEntry* entry;
  std::size_t bytes;
  char mark;
  void fill() const {
    entry->charge_units = 1;
    std::memset(entry->bytes(), mark, bytes - kHeader);
  }
  bool is_whole() const {
    return std::all_of(entry->bytes(), entry->bytes() + bytes - kHeader,
                       [this](char byte) { return byte == mark; });
  }
};

std::uint64_t print_seed() {
  const std::uint64_t seed = std::random_device{}();
  qInfo() << "seed" << seed;
  return seed;
}

}  // namespace

class EntryHeapTest : public QObject {
  Q_OBJECT
 private slots:
  void runs_of_spans_never_overlap() {
    CacheArena& arena = CacheArena::instance();
    const std::size_t before = arena.held_bytes();
    std::mt19937_64 random(print_seed());
    std::vector<Taken> all;
    for (int i = 0; i < 3'000; ++i) {
      if (all.empty() || (random() % 100 < 55 && all.size() < 300)) {
        const std::size_t spans =
            random() % 8 == 0 ? 1 + random() % CacheArena::kLargestRun : 1 + random() % 3;
        auto* const memory = static_cast<char*>(arena.take(spans));
        QVERIFY(memory != nullptr);
        QCOMPARE(reinterpret_cast<std::uintptr_t>(memory) % CacheArena::kSpanBytes,
                 std::uintptr_t{0});
        all.push_back({memory, spans * CacheArena::kSpanBytes, static_cast<char>(i)});
        std::memset(memory, all.back().mark, all.back().bytes);
      } else {
        const std::size_t at = random() % all.size();
        QVERIFY(all[at].is_whole());
        arena.give_back(all[at].memory, all[at].bytes / CacheArena::kSpanBytes);
        all[at] = all.back();
        all.pop_back();
      }
    }
    for (const Taken& one : all) {
      QVERIFY(one.is_whole());
      arena.give_back(one.memory, one.bytes / CacheArena::kSpanBytes);
    }
    QVERIFY(arena.held_bytes() <= std::max(before, CacheArena::kChunkBytes));
  }

  void many_threads_share_the_arena() {
    std::vector<std::thread> threads;
    std::atomic<int> broken = 0;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&broken, t] {
        for (int i = 0; i < 300; ++i) {
          const std::size_t spans = 1 + static_cast<std::size_t>(i) % 5;
          Taken one{static_cast<char*>(CacheArena::instance().take(spans)),
                    spans * CacheArena::kSpanBytes, static_cast<char>(t)};
          std::memset(one.memory, one.mark, one.bytes);
          if (!one.is_whole()) ++broken;
          CacheArena::instance().give_back(one.memory, spans);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    QCOMPARE(broken.load(), 0);
  }

  void entries_never_overlap_and_sparse_spans_empty() {
    CacheArena& arena = CacheArena::instance();
    const std::size_t before = arena.held_bytes();
    std::mt19937_64 random(print_seed());
    {
      EntryHeap heap;
      std::vector<Entry> all;
      const auto take = [&](std::size_t bytes) {
        all.push_back({heap.take(bytes), bytes, static_cast<char>(random())});
        all.back().fill();
      };
      const auto give_back = [&](std::size_t at) {
        const bool whole = all[at].is_whole();
        heap.give_back(all[at].entry);
        all[at] = all.back();
        all.pop_back();
        return whole;
      };
      for (int round = 0; round < 6; ++round) {
        heap.use_spans(round != 3);
        const std::size_t many = random() % 12'000;
        while (all.size() < many) {
          take(kHeader + random() % (random() % 50 == 0 ? 2'000 : 60));
        }
        while (all.size() > many / 20) QVERIFY(give_back(random() % all.size()));
        int drained = 0;
        while (heap.is_sparse()) {
          std::vector<CacheEntry*> leaving;
          heap.drain([&](CacheEntry& entry) { leaving.push_back(&entry); });
          for (CacheEntry* const entry : leaving) {
            const auto at = std::find_if(all.begin(), all.end(),
                                         [&](const Entry& one) { return one.entry == entry; });
            QVERIFY(at != all.end());
            take(at->bytes);
            QVERIFY(give_back(static_cast<std::size_t>(
                std::find_if(all.begin(), all.end(),
                             [&](const Entry& one) { return one.entry == entry; }) -
                all.begin())));
          }
          QVERIFY(++drained < 10'000);
        }
      }
      while (!all.empty()) QVERIFY(give_back(all.size() - 1));
    }
    QVERIFY(arena.held_bytes() <= std::max(before, CacheArena::kChunkBytes));
  }

  void a_large_entry_is_no_cell() {
    EntryHeap heap;
    heap.use_spans(true);
    CacheEntry* const large = heap.take(EntryHeap::kLargestCell + 1);
    CacheEntry* const small = heap.take(EntryHeap::kLargestCell);
    QVERIFY(!large->in_span);
    QVERIFY(small->in_span);
    heap.give_back(large);
    heap.give_back(small);
  }

  // A few entries stay, one or two a span, while all others go and their sizes with them: without
  // moving what stays, most of the memory would lie idle.
  void memory_follows_a_change_of_sizes() {
    const CacheArena& arena = CacheArena::instance();
    const std::size_t before = arena.out_bytes();
    constexpr std::size_t kCapacity = 16u << 20;
    constexpr std::uint64_t kPhase = 120'000, kStays = 64;  // one in so many
    ConcurrentCache cache({.capacity_bytes = kCapacity, .partitions = 1, .ordered = true});
    const auto key_of = [](std::uint64_t i) { return "key " + std::to_string(1'000'000 + i); };
    const auto stays = [](std::uint64_t i) { return i % kStays == 0 && i % kPhase < 60'000; };
    for (std::uint64_t i = 0; i < 5 * kPhase; ++i) {
      const std::string key = key_of(i);
      cache.insert(key, CachedValue(key + std::string(i / kPhase * 16, 'v')));
      if (i % 20'000 != 0) continue;
      for (std::uint64_t old = 0; old < i; ++old) {
        if (stays(old)) (void)cache.find(key_of(old));
      }
      const std::size_t out = arena.out_bytes() - before;
      // A quarter of the cells and two spans of each size may be idle.
      QVERIFY2(out < kCapacity, qPrintable(QString("%1 bytes are out").arg(out)));
    }
    std::size_t inside = 0;
    for (std::uint64_t i = 0; i < 5 * kPhase; ++i) {
      const auto found = cache.peek(key_of(i));
      QVERIFY(found || !stays(i));
      if (!found) continue;
      ++inside;
      QCOMPARE(std::string(found->view()), key_of(i) + std::string(i / kPhase * 16, 'v'));
    }
    QCOMPARE(inside, static_cast<std::size_t>(cache.counters().entries));
    cache.erase_range("", "\xff");
    QCOMPARE(cache.counters().bytes, std::uint64_t{0});
  }
};

QTEST_APPLESS_MAIN(EntryHeapTest)
#include "entry_heap_test.moc"
