// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include <QtTest>
#include <atomic>
#include <memory>
#include <random>
#include <thread>

#include "engine/objects/object_store.h"
#include "tests/engine/fake_store.h"

using namespace nodetune;
using namespace nodetune::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto kKind = ObjectKind::receipt;
constexpr int kWriters = 2;
constexpr int kReaders = 2;
constexpr int kKeysPerWriter = 6;
constexpr int kGroups = 1'200;
constexpr std::size_t kMaxVersions = kGroups * 8;
constexpr std::int64_t kAbsent = -1;

// Everything that one key has ever been, by version: written before it is submitted.
//
// Only the key's writer adds versions; `begun` and `known` are published with release, so that a
// reader that saw a version number may read what stands there.
struct KeyHistory {
  std::string key;
  std::vector<std::atomic<std::int64_t>> value =
      std::vector<std::atomic<std::int64_t>>(kMaxVersions);
  std::atomic<std::size_t> begun{0};  // the newest that may be visible
  std::atomic<std::size_t> known{0};  // the newest whose submit() has returned

  std::int64_t newest() const { return value[begun.load()]; }
  void add(std::int64_t next) {
    const auto version = begun.load() + 1;
    value[version] = next;
    begun.store(version, std::memory_order_release);
  }
};

using Keys = std::vector<std::unique_ptr<KeyHistory>>;

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(engine_); }

 private:
  std::mt19937_64 engine_;
};

// One group on the writer's own keys. A version of a key is what a whole group leaves of it:
// nothing between is ever visible.
WriteGroup next_group(std::span<const std::unique_ptr<KeyHistory>> keys, std::int64_t& serial,
                      Random& random) {
  const auto family = family_of(kKind);
  std::vector<std::int64_t> now;
  for (const auto& key : keys) now.push_back(key->newest());
  std::vector<bool> touched(keys.size(), false);
  WriteGroup group;
  for (int count = 1 + random.below(4); count > 0; --count) {
    const auto at = static_cast<std::size_t>(random.below(static_cast<int>(keys.size())));
    const auto& key = keys[at]->key;
    touched[at] = true;
    switch (random.below(6)) {
      case 0:
        group.operations.push_back(WriteOperation::erase(family, key));
        now[at] = kAbsent;
        break;
      case 1:
        group.operations.push_back(
            WriteOperation::delete_range(family, key, keys.back()->key + "~"));
        for (std::size_t i = at; i < keys.size(); ++i) {
          now[i] = kAbsent;
          touched[i] = true;
        }
        break;
      case 2:
      case 3:
        // Large steps, so that an addend counted twice or lost meets no other version.
        group.operations.push_back(WriteOperation::merge_add(family, key, 1'000'003));
        now[at] = std::max<std::int64_t>(now[at], 0) + 1'000'003;
        break;
      default:
        group.operations.push_back(
            WriteOperation::put(family, key, encode_counter(static_cast<std::uint64_t>(++serial))));
        now[at] = serial;
    }
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (touched[i]) keys[i]->add(now[i]);
  }
  return group;
}

void write_all(ObjectStore& objects, std::span<const std::unique_ptr<KeyHistory>> keys,
               std::uint64_t seed) {
  Random random(seed);
  std::int64_t serial = 0;
  for (int i = 0; i < kGroups; ++i) {
    const auto group = next_group(keys, serial, random);
    while (!objects.submit(group)) std::this_thread::yield();  // refused while commits fail
    for (const auto& key : keys) key->known.store(key->begun.load(), std::memory_order_release);
    if (random.below(20) == 0) std::this_thread::sleep_for(100us);
  }
}

// The oldest version between the two that has this value; nothing: the read was incoherent.
std::optional<std::size_t> match(const KeyHistory& key, std::size_t from, std::size_t to,
                                 std::int64_t value) {
  for (auto version = from; version <= to; ++version) {
    if (key.value[version].load() == value) return version;
  }
  return std::nullopt;
}

class Reader {
 public:
  Reader(ObjectStore& objects, const Keys& keys, std::uint64_t seed)
      : objects_(objects), keys_(keys), seen_(keys.size(), 0), random_(seed) {}

  // Empty, or what went wrong.
  std::string read_some() {
    std::vector<std::size_t> which;
    for (int count = 1 + random_.below(4); count > 0; --count) {
      which.push_back(static_cast<std::size_t>(random_.below(static_cast<int>(keys_.size()))));
    }
    std::vector<std::size_t> from;
    std::vector<std::string_view> names;
    for (const auto at : which) {
      // What this reader saw once must not grow older again.
      from.push_back(std::max(keys_[at]->known.load(std::memory_order_acquire), seen_[at]));
      names.push_back(keys_[at]->key);
    }
    if (random_.below(8) == 0 && !objects_.prefetch(kKind, names)) return "prefetch failed";
    std::vector<CachedValue> values;
    if (which.size() == 1) {
      const auto value = objects_.get(kKind, names[0]);
      if (!value) return value.status().message();
      values.push_back(*value);
    } else {
      auto all = objects_.multi_get(kKind, names);
      if (!all) return all.status().message();
      values = *std::move(all);
    }
    ++reads;
    for (std::size_t i = 0; i < which.size(); ++i) {
      const auto& key = *keys_[which[i]];
      const auto to = key.begun.load(std::memory_order_acquire);
      const auto value =
          values[i] ? static_cast<std::int64_t>(decode_counter(*values[i])) : kAbsent;
      const auto version = match(key, from[i], to, value);
      if (!version) {
        return fmt::format("key {} reads {}, which no version from {} to {} was", key.key, value,
                           from[i], to);
      }
      if (which.size() == 1) seen_[which[i]] = *version;
    }
    return {};
  }

  int reads = 0;

 private:
  ObjectStore& objects_;
  const Keys& keys_;
  std::vector<std::size_t> seen_;  // the oldest version that the last read can have been
  Random random_;
};

}  // namespace

class CoherenceTest : public QObject {
  Q_OBJECT
 private slots:
  void readers_never_see_older_than_they_know_data() {
    QTest::addColumn<bool>("failures");
    QTest::newRow("on a sound store") << false;
    QTest::newRow("on a failing store") << true;
  }

  void readers_never_see_older_than_they_know() {
    QFETCH(const bool, failures);
    const std::uint64_t seed = std::random_device{}();
    qInfo("seed %llu", static_cast<unsigned long long>(seed));
    Keys keys;
    for (int i = 0; i < kWriters * kKeysPerWriter; ++i) {
      keys.push_back(std::make_unique<KeyHistory>());
      keys.back()->key = fmt::format("{}-{}", i / kKeysPerWriter, i % kKeysPerWriter);
      keys.back()->value[0] = kAbsent;
    }
    FakeStore store;
    store.read_delay_us = 20;
    BatchConfig batches;
    batches.min_batch_size = 1;
    batches.auto_commit_threshold = 12;
    batches.max_pending_bytes = 2'000;
    ObjectStore objects(store, CacheConfig(), batches, SystemClock::instance());
    QVERIFY(objects.start());

    std::atomic<bool> over{false};
    std::vector<std::string> wrong(kReaders);
    std::atomic<int> reads{0};
    std::vector<std::jthread> background;
    for (int i = 0; i < kReaders; ++i) {
      background.emplace_back([&, i] {
        Reader reader(objects, keys, seed + 100 + static_cast<unsigned>(i));
        auto& outcome = wrong[static_cast<std::size_t>(i)];
        while (!over && outcome.empty()) outcome = reader.read_some();
        reads += reader.reads;
      });
    }
    background.emplace_back([&] { disturb(objects, store, failures, over, seed); });
    {
      std::vector<std::jthread> writers;
      for (int i = 0; i < kWriters; ++i) {
        writers.emplace_back([&, i] {
          const auto own =
              std::span(keys).subspan(static_cast<std::size_t>(i) * kKeysPerWriter, kKeysPerWriter);
          write_all(objects, own, seed + static_cast<unsigned>(i));
        });
      }
    }
    over = true;
    background.clear();
    for (const auto& outcome : wrong) QVERIFY2(outcome.empty(), outcome.c_str());
    QVERIFY(reads > 100);
    store.fail_writes(0, FakeStore::Failure::before_applying);
    QVERIFY(objects.stop());
    check_end(objects, store, keys);
    QCOMPARE(objects.batches().figures().commit_failures > 0, failures);
  }

 private:
  // Evicts, and breaks and mends the store.
  static void disturb(ObjectStore& objects, FakeStore& store, bool failures,
                      const std::atomic<bool>& over, std::uint64_t seed) {
    Random random(seed + 200);
    while (!over) {
      objects.caches().resize(kKind, random.below(2) == 0 ? 300 : 1 << 20);
      if (failures) {
        store.fail_writes(1, random.below(2) == 0 ? FakeStore::Failure::before_applying
                                                  : FakeStore::Failure::after_applying);
      }
      std::this_thread::sleep_for(300us);
      if (!objects.batches().retry()) continue;
    }
    store.fail_writes(0, FakeStore::Failure::before_applying);
    while (!objects.batches().retry()) std::this_thread::yield();
  }

  static void check_end(ObjectStore& objects, const FakeStore& store, const Keys& keys) {
    const auto contents = store.contents();
    const auto& held = contents[index_of(family_of(kKind))];
    for (const auto& key : keys) {
      const auto value = objects.get(kKind, key->key).value();
      const auto read = value ? static_cast<std::int64_t>(decode_counter(*value)) : kAbsent;
      QCOMPARE(read, key->newest());
      const auto found = held.find(key->key);
      const auto stored =
          found == held.end() ? kAbsent : static_cast<std::int64_t>(decode_counter(found->second));
      QCOMPARE(stored, key->newest());
    }
  }
};

QTEST_APPLESS_MAIN(CoherenceTest)
#include "coherence_test.moc"
