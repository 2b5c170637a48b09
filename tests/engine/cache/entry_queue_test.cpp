// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/entry_queue.h"

#include <QtTest>
#include <algorithm>
#include <deque>
#include <random>
#include <vector>

using namespace nodetune;

class EntryQueueTest : public QObject {
  Q_OBJECT
 private slots:
  // Two queues that share their memory, and entries that leave from anywhere.
  void keeps_the_order_whatever_leaves_from_the_middle() {
    const std::uint64_t seed = std::random_device{}();
    qInfo() << "seed" << seed;
    std::mt19937_64 random(seed);
    std::vector<CacheEntry> entries(400);
    std::vector<CacheEntry*> outside;
    for (CacheEntry& entry : entries) outside.push_back(&entry);
    EntryBlocks blocks;
    std::array<EntryQueue, 2> queues;
    std::array<std::deque<CacheEntry*>, 2> expected;
    for (int step = 0; step < 60'000; ++step) {
      const std::size_t q = random() % 2;
      const std::uint64_t what = random() % 1'000;
      if (what < 450 + (step / 5'000 % 2 == 0 ? 200 : 0) && !outside.empty()) {
        CacheEntry* const entry = outside.back();
        outside.pop_back();
        QVERIFY(queues[q].push_newest(blocks, *entry));
        expected[q].push_back(entry);
      } else if (what < 900 && !expected[q].empty()) {
        const std::size_t at = random() % 3 == 0 ? 0 : random() % expected[q].size();
        CacheEntry* const entry = expected[q][at];
        expected[q].erase(expected[q].begin() + static_cast<std::ptrdiff_t>(at));
        if (at == 0) {
          QCOMPARE(queues[q].pop_oldest(blocks), entry);
        } else {
          blocks.remove(*entry);
        }
        outside.push_back(entry);
      } else if (what < 905) {
        queues[q].take_as_oldest(blocks, queues[1 - q]);
        expected[q].insert(expected[q].begin(), expected[1 - q].begin(), expected[1 - q].end());
        expected[1 - q].clear();
      }
      QCOMPARE(queues[q].oldest(blocks), expected[q].empty() ? nullptr : expected[q].front());
    }
    for (std::size_t q = 0; q < 2; ++q) {
      for (CacheEntry* const entry : expected[q]) {
        QCOMPARE(queues[q].pop_oldest(blocks), entry);
      }
      QVERIFY(queues[q].oldest(blocks) == nullptr);
    }
  }

  // What a cache does that is filled and erased again and again, but for a few
  // keys.
  void memory_of_empty_blocks_is_used_again() {
    std::vector<CacheEntry> entries(1'000);
    EntryBlocks blocks;
    EntryQueue queue;
    CacheEntry first;
    QVERIFY(queue.push_newest(blocks, first));
    for (int round = 0; round < 100; ++round) {
      for (CacheEntry& entry : entries) QVERIFY(queue.push_newest(blocks, entry));
      for (CacheEntry& entry : entries) blocks.remove(entry);
    }
    QVERIFY(!blocks.wasteful(entries.size(), 1));
    QVERIFY(blocks.wasteful(1, 1));
    QCOMPARE(queue.pop_oldest(blocks), &first);
    QVERIFY(queue.pop_oldest(blocks) == nullptr);
  }
};

QTEST_APPLESS_MAIN(EntryQueueTest)
#include "entry_queue_test.moc"
