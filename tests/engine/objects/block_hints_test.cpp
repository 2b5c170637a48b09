// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include <QtTest>
#include <cmath>
#include <future>
#include <random>
#include <thread>

#include "engine/objects/object_store.h"
#include "tests/engine/fake_store.h"

using namespace nodetune;
using namespace nodetune::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto kKind = ObjectKind::storage;
constexpr auto kFamily = Family::storage;
constexpr int kKeys = 1'000;

std::string key_of(int i) {
  return fmt::format("slot-{:04}-with-a-key-of-usual-length", i);
}
std::string value_of(int i) {
  return fmt::format("value {}", i);
}

// Nothing is committed unless a test flushes.
BatchConfig quiet() {
  BatchConfig config;
  config.auto_commit_threshold = 100'000;
  config.max_batch_age = 1h;
  return config;
}

CacheConfig caches_of(std::size_t bytes) {
  CacheConfig config;
  config.capacity_bytes.fill(bytes);
  return config;
}

BlockAccess access_to(int first, int end) {
  BlockAccess access;
  for (int i = first; i < end; ++i) access.of(kKind).push_back(key_of(i));
  return access;
}

WriteGroup one(WriteOperation operation) {
  WriteGroup group;
  group.operations.push_back(std::move(operation));
  return group;
}

}  // namespace

class BlockHintsTest : public QObject {
  Q_OBJECT
 private slots:
  void init() { open(CacheConfig()); }
  void cleanup() {
    store_->after_read.open();
    objects_.reset();
  }

  void what_a_block_was_promised_is_read_once_in_one_batch() {
    auto access = access_to(0, kKeys);
    access.of(kKind).push_back(key_of(0));  // once more
    access.of(ObjectKind::account).push_back("an account");
    const int before = store_->multi_get_calls;
    QVERIFY(objects_->begin_block(access));
    QCOMPARE(store_->multi_get_calls - before, 2);
    forget_reads();
    QVERIFY(all_right(0, kKeys));
    QCOMPARE(read(key_of(5)), value_of(5));
    QCOMPARE(objects_->get(ObjectKind::account, "an account").value(), CachedValue());
    QCOMPARE(store_->keys_read.load(), 0);
    const auto hints = objects_->hints();
    QCOMPARE(hints.blocks, 1u);
    QCOMPARE(hints.kinds[index_of(kKind)].hinted, std::uint64_t{kKeys});
    QCOMPARE(hints.all().hinted, std::uint64_t{kKeys + 1});
    QCOMPARE(hints.all().first_touches, std::uint64_t{kKeys + 1});
    QCOMPARE(hints.all().first_touch_ratio(), 1.0);
  }

  void caches_smaller_than_the_block_do_not_matter_data() {
    QTest::addColumn<int>("cache_bytes");
    QTest::newRow("none") << 0;
    QTest::newRow("a tenth of the block") << 16 * 1024;
  }
  void caches_smaller_than_the_block_do_not_matter() {
    QFETCH(const int, cache_bytes);
    open(caches_of(static_cast<std::size_t>(cache_bytes)));
    QVERIFY(all_right(0, 50));  // some are in the cache, and thrown out while the block runs
    QVERIFY(objects_->begin_block(access_to(0, kKeys)));
    forget_reads();
    for (int round = 0; round < 3; ++round) QVERIFY(all_right(0, kKeys));
    QCOMPARE(store_->keys_read.load(), 0);
    QCOMPARE(objects_->hints().all().first_touch_ratio(), 1.0);
    const auto counters = objects_->caches().counters(kKind);
    QVERIFY(counters.bytes <= static_cast<std::uint64_t>(cache_bytes));
    QCOMPARE(counters.lookups(), std::uint64_t{50 + 3 * kKeys});
  }

  void caches_count_the_same_with_hints_as_without() {
    std::array<CacheCounters, 2> counters;
    for (const bool hinted : {false, true}) {
      open(caches_of(64 * 1024));
      for (const int first : {0, 300, 100, 0}) {
        if (hinted) QVERIFY(objects_->begin_block(access_to(first, first + 400)));
        QVERIFY(all_right(first, first + 400));
      }
      counters[hinted ? 1 : 0] = objects_->caches().counters(kKind);
    }
    QVERIFY(counters[0].hits > 0 && counters[0].misses > 400);
    QCOMPARE(counters[1].hits, counters[0].hits);
    QCOMPARE(counters[1].misses, counters[0].misses);
    QCOMPARE(counters[1].evictions, counters[0].evictions);
  }

  void reads_that_were_not_promised_are_no_first_touches() {
    QVERIFY(objects_->begin_block(access_to(0, 10)));
    QVERIFY(all_right(5, 20));
    QVERIFY(all_right(5, 20));
    QCOMPARE(objects_->hints().all().hinted, 10u);
    QCOMPARE(objects_->hints().all().first_touches, 5u);
    QCOMPARE(objects_->hints().all().served_from_memory, 5u);
  }

  void without_a_touch_there_is_no_ratio() {
    QVERIFY(std::isnan(objects_->hints().all().first_touch_ratio()));
    QVERIFY(objects_->begin_block(access_to(0, 10)));
    QVERIFY(std::isnan(objects_->hints().all().first_touch_ratio()));
  }

  void writes_overtake_what_is_held() {
    open(caches_of(0));
    QVERIFY(objects_->begin_block(access_to(0, 10)));
    submit(WriteOperation::put(kFamily, key_of(0), "new"));
    submit(WriteOperation::erase(kFamily, key_of(1)));
    submit(WriteOperation::delete_range(kFamily, key_of(2), key_of(4)));
    submit(WriteOperation::put(kFamily, key_of(3), "after the range"));
    submit(WriteOperation::put(kFamily, key_of(4), encode_counter(40)));
    submit(WriteOperation::merge_add(kFamily, key_of(4), 2));
    for (int round = 0; round < 2; ++round) {
      QCOMPARE(read(key_of(0)), std::string("new"));
      QCOMPARE(read(key_of(1)), std::string("absent"));
      QCOMPARE(read(key_of(2)), std::string("absent"));
      QCOMPARE(read(key_of(3)), std::string("after the range"));
      QCOMPARE(read(key_of(4)), encode_counter(42));
      QCOMPARE(read(key_of(5)), value_of(5));
      QVERIFY(objects_->flush());  // then it is not the pending writes that answer
    }
    submit(WriteOperation::merge_add(kFamily, key_of(4), 2));
    QVERIFY(objects_->flush());
    QVERIFY2(read(key_of(4)) == encode_counter(44), "a merged value is not known: it is read");
  }

  void what_is_pending_when_the_block_begins_is_held() {
    open(caches_of(0));
    submit(WriteOperation::put(kFamily, key_of(0), "new"));
    submit(WriteOperation::erase(kFamily, key_of(1)));
    QVERIFY(objects_->begin_block(access_to(0, 3)));
    QVERIFY(objects_->flush());
    forget_reads();
    QCOMPARE(read(key_of(0)), std::string("new"));
    QCOMPARE(read(key_of(1)), std::string("absent"));
    QCOMPARE(read(key_of(2)), value_of(2));
    QCOMPARE(store_->keys_read.load(), 0);
  }

  void a_commit_is_faster_than_the_fetch() {
    open(caches_of(0));
    store_->after_read.close();  // old values are taken, not yet returned
    auto fetched = std::async(std::launch::async,
                              [this] { return objects_->announce_block(access_to(0, 3)); });
    store_->after_read.wait_for_arrival();
    submit(WriteOperation::put(kFamily, key_of(0), "new"));
    submit(WriteOperation::delete_range(kFamily, key_of(1), key_of(2)));
    QVERIFY(objects_->flush());
    store_->after_read.open();
    auto hold = fetched.get();
    QVERIFY(hold);
    objects_->begin_block(*hold);
    forget_reads();
    QCOMPARE(read(key_of(0)), std::string("new"));
    QCOMPARE(read(key_of(1)), std::string("absent"));
    QCOMPARE(read(key_of(2)), value_of(2));
    QCOMPARE(store_->keys_read.load(), 0);
  }

  void a_block_is_announced_while_another_runs() {
    open(caches_of(0));
    QVERIFY(objects_->begin_block(access_to(0, 10)));
    auto next = objects_->announce_block(access_to(10, 20));
    QVERIFY(next);
    submit(WriteOperation::put(kFamily, key_of(10), "new"));  // by the block that runs
    QVERIFY(objects_->flush());
    forget_reads();
    QVERIFY(all_right(0, 10));
    objects_->begin_block(*std::move(next));
    QCOMPARE(read(key_of(10)), std::string("new"));
    QVERIFY(all_right(11, 20));
    QCOMPARE(store_->keys_read.load(), 0);
    QVERIFY(all_right(0, 10));
    QVERIFY2(store_->keys_read == 10, "the block before is over");
    QCOMPARE(objects_->hints().blocks, 2u);
    QCOMPARE(objects_->hints().all().hinted, 20u);
  }

  void a_block_that_ended_is_not_held() {
    open(caches_of(0));
    QVERIFY(objects_->begin_block(access_to(0, 10)));
    QVERIFY(objects_->hints().held_bytes > 0);
    objects_->end_block();
    QCOMPARE(objects_->hints().held_bytes, 0u);
    forget_reads();
    QVERIFY(all_right(0, 10));
    QCOMPARE(store_->keys_read.load(), 10);
  }

  void what_has_no_room_is_counted_as_not_served() {
    HintConfig hints;
    hints.held_bytes_max = 20'000;
    open(caches_of(0), hints);
    QVERIFY(objects_->begin_block(access_to(0, kKeys)));
    QVERIFY(all_right(0, kKeys));
    const auto figures = objects_->hints();
    QVERIFY(figures.held_bytes <= hints.held_bytes_max);
    QVERIFY(figures.held_bytes > hints.held_bytes_max / 2);
    const auto all = figures.all();
    QCOMPARE(all.first_touches, std::uint64_t{kKeys});
    QVERIFY2(all.first_touch_ratio() > 0.02 && all.first_touch_ratio() < 0.2,
             qPrintable(QString::number(all.first_touch_ratio())));
  }

  void long_values_keep_to_the_limit() {
    const std::string large(10'000, 'x');
    for (int i = 0; i < 10; ++i) store_->set(kFamily, key_of(i), large);
    HintConfig hints;
    hints.held_bytes_max = 25'000;
    open(caches_of(0), hints, false);
    QVERIFY(objects_->begin_block(access_to(0, 10)));
    QVERIFY(objects_->hints().held_bytes <= hints.held_bytes_max);
    for (int i = 0; i < 10; ++i) QCOMPARE(read(key_of(i)), large);
    QCOMPARE(objects_->hints().all().served_from_memory, 2u);
    QCOMPARE(objects_->hints().all().first_touches, 10u);
    submit(WriteOperation::put(kFamily, key_of(0), large + large + large));
    QVERIFY(objects_->flush());
    QCOMPARE(read(key_of(0)).size(), 3 * large.size());
    QVERIFY(objects_->hints().held_bytes <= hints.held_bytes_max);
  }

  void only_so_many_blocks_are_announced() {
    std::vector<std::shared_ptr<BlockHold>> holds;
    for (std::size_t i = 0; i < HintConfig().holds_max; ++i) {
      holds.push_back(objects_->announce_block(access_to(0, 1)).value());
    }
    QCOMPARE(objects_->announce_block(access_to(0, 1)).status().code(), StatusCode::busy);
    holds.pop_back();
    QVERIFY(objects_->announce_block(access_to(0, 1)));
  }

  void a_fetch_that_fails_says_so_and_harms_nothing() {
    store_->failing_reads = 1;
    QVERIFY(!objects_->begin_block(access_to(0, 10)));
    QVERIFY(all_right(0, 10));
    QVERIFY(objects_->begin_block(access_to(0, 10)));
    QVERIFY(all_right(0, 10));
  }

  // Versions of a key only grow: no reader may see one older than was known before it asked.
  void nothing_stale_is_read_while_others_commit() {
    const auto seed = std::random_device()();
    qInfo("seed %u", seed);
    constexpr int kVersioned = 40;
    BatchConfig batches;
    batches.auto_commit_threshold = 20;
    batches.max_batch_age = 1ms;
    open(caches_of(8 * 1024), {}, true, batches);
    std::array<std::atomic<int>, kVersioned> known{};
    QVERIFY(objects_->submit(versions(0, kVersioned, 0)));
    std::atomic<bool> done{false};
    std::atomic<int> stale{0};
    std::atomic<int> failures{0};
    std::vector<std::thread> readers;
    for (unsigned reader = 0; reader < 2; ++reader) {
      readers.emplace_back([&, reader] {
        std::mt19937 random(seed + 1 + reader);
        while (!done) {
          const int first = static_cast<int>(random() % kVersioned);
          const int end = std::min(kVersioned, first + 12);
          auto hold = objects_->announce_block(access_to(first, end));
          if (!hold) ++failures;
          if (hold) objects_->begin_block(*std::move(hold));
          for (int i = first; i < end; ++i) {
            const int least = known[static_cast<std::size_t>(i)].load();
            const auto value = objects_->get(kKind, key_of(i));
            if (!value || !*value || std::stoi(std::string(**value)) < least) ++stale;
          }
        }
      });
    }
    // On a busy machine the writer could be done before a reader has begun.
    const bool touched =
        QTest::qWaitFor([this] { return objects_->hints().all().first_touches > 0; });
    std::mt19937 random(seed);
    for (int version = 1; version <= 3'000; ++version) {
      const int first = static_cast<int>(random() % kVersioned);
      const int end = std::min(kVersioned, first + 4);
      QVERIFY(objects_->submit(versions(first, end, version)));
      for (int i = first; i < end; ++i) known[static_cast<std::size_t>(i)] = version;
      if (random() % 16 == 0) std::this_thread::yield();
    }
    done = true;
    for (auto& reader : readers) reader.join();
    QCOMPARE(stale.load(), 0);
    QCOMPARE(failures.load(), 0);
    const auto counters = objects_->caches().counters(kKind);
    QCOMPARE(counters.hits + counters.misses, counters.lookups());
    QVERIFY(touched);
  }

 private:
  void open(const CacheConfig& caches, const HintConfig& hints = {}, bool fill = true,
            const BatchConfig& batches = quiet()) {
    objects_.reset();
    if (fill) {
      store_ = std::make_unique<FakeStore>();
      for (int i = 0; i < kKeys; ++i) store_->set(kFamily, key_of(i), value_of(i));
    }
    objects_ =
        std::make_unique<ObjectStore>(*store_, caches, batches, SystemClock::instance(), hints);
    if (!objects_->start()) qFatal("the object store does not start");
  }
  void forget_reads() { store_->keys_read = 0; }
  void submit(WriteOperation operation) {
    if (!objects_->submit(one(std::move(operation)))) qFatal("submit");
  }
  static WriteGroup versions(int first, int end, int version) {
    WriteGroup group;
    for (int i = first; i < end; ++i) {
      group.operations.push_back(WriteOperation::put(kFamily, key_of(i), std::to_string(version)));
    }
    return group;
  }
  std::string read(const std::string& key) {
    const auto value = objects_->get(kKind, key);
    if (!value) return value.status().message();
    return *value ? std::string(**value) : "absent";
  }
  bool all_right(int first, int end) {
    const auto keys = access_to(first, end).of(kKind);
    const std::vector<std::string_view> views(keys.begin(), keys.end());
    const auto values = objects_->multi_get(kKind, views);
    if (!values) return false;
    for (int i = first; i < end; ++i) {
      const auto& value = (*values)[static_cast<std::size_t>(i - first)];
      if (!value || *value != value_of(i)) return false;
    }
    return true;
  }

  std::unique_ptr<FakeStore> store_;
  std::unique_ptr<ObjectStore> objects_;
};

QTEST_GUILESS_MAIN(BlockHintsTest)
#include "block_hints_test.moc"
