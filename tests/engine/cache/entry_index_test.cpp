// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/entry_index.h"

#include <QtTest>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

using namespace nodetune;

namespace {

const CachedValue& some_value() {
  static const CachedValue value(std::string_view("value"));
  return value;
}

struct Made {
  explicit Made(std::string_view key, std::uint64_t hash) {
    memory = std::make_unique<std::uint64_t[]>(
        CacheEntry::allocation_bytes(key, some_value()) / sizeof(std::uint64_t) + 1);
    entry = ::new (memory.get()) CacheEntry;
    entry->hash = hash;
    entry->write(key, some_value());
  }
  std::unique_ptr<std::uint64_t[]> memory;
  CacheEntry* entry;
};

}  // namespace

class EntryIndexTest : public QObject {
  Q_OBJECT
 private slots:
  // `hash_bits`: with few of them groups overflow, and most entries that are
  // compared are others.
  void agrees_with_a_map_data() {
    QTest::addColumn<int>("hash_bits");
    for (const int bits : {64, 6, 2}) QTest::addRow("%d bits", bits) << bits;
  }
  void agrees_with_a_map() {
    QFETCH(int, hash_bits);
    const std::uint64_t seed = std::random_device{}();
    qInfo() << "seed" << seed;
    std::mt19937_64 random(seed);
    std::vector<std::uint64_t> hashes;
    for (int i = 0; i < 600; ++i) hashes.push_back(random());
    const auto hash_of = [&](int i) {
      const auto number = static_cast<std::size_t>(i);
      // The same few hashes again and again.
      return hashes[hash_bits == 64 ? number : number % (std::size_t{1} << hash_bits)];
    };
    EntryIndex index;
    std::map<int, Made> inside;
    for (int step = 0; step < 20'000; ++step) {
      const int i = static_cast<int>(random() % hashes.size());
      const std::string key = std::to_string(i);
      const auto known = inside.find(i);
      const EntryIndex::Slot slot = index.slot_of(hash_of(i), key);
      QCOMPARE(slot == EntryIndex::kNoSlot, known == inside.end());
      QCOMPARE(index.find(hash_of(i), key),
               known == inside.end() ? nullptr : std::as_const(known->second.entry));
      const bool fill = step / 4'000 % 2 == 0;
      if (known == inside.end()) {
        if (!fill && random() % 4 != 0) continue;
        Made& made = inside.try_emplace(i, key, hash_of(i)).first->second;
        QVERIFY(index.add(*made.entry));
        QCOMPARE(index.entry_in(index.slot_of(*made.entry)), made.entry);
      } else if (!fill || random() % 4 == 0) {
        index.remove(slot, hash_of(i));
        inside.erase(known);
      } else {
        Made other(key, hash_of(i));
        index.replace(slot, *other.entry);
        known->second = std::move(other);
      }
      (void)index.fit(inside.size());
    }
    std::size_t visited = 0;
    index.for_each([&](CacheEntry& entry) {
      ++visited;
      index.remove(index.slot_of(entry), entry.hash);
    });
    QCOMPARE(visited, inside.size());
    for (const auto& [i, made] : inside) QVERIFY(!index.find(hash_of(i), std::to_string(i)));
  }
};

QTEST_APPLESS_MAIN(EntryIndexTest)
#include "entry_index_test.moc"
