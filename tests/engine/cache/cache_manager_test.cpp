// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/cache_manager.h"

#include <QtTest>
#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>

#include "engine/cache/typed_access.h"

using namespace nodetune;

namespace {

constexpr ObjectKind kKind = ObjectKind::account;

CachedValue text(std::string_view bytes) {
  return CachedValue(bytes);
}
std::string shown(const Result<CachedValue>& result) {
  if (!result) return "failed: " + result.status().message();
  return *result ? std::string(**result) : "absent";
}

CacheManager::Loader loader_of(std::string value) {
  return
      [value = std::move(value)](std::string_view) -> Result<CachedValue> { return text(value); };
}
Result<CachedValue> must_not_load(std::string_view) {
  return Status(StatusCode::failed, "loaded although it was cached");
}

// A load that a test holds up: started() once it runs, finish() to let it return.
class HeldLoad {
 public:
  explicit HeldLoad(Result<CachedValue> result) : result_(std::move(result)) {}

  CacheManager::Loader loader() {
    return [this](std::string_view) -> Result<CachedValue> {
      started_.set_value();
      finish_.get_future().wait();
      return result_;
    };
  }
  void wait_for_start() { started_.get_future().wait(); }
  void finish() { finish_.set_value(); }

 private:
  Result<CachedValue> result_;
  std::promise<void> started_;
  std::promise<void> finish_;
};

template <typename Call>
auto in_thread(Call call) {
  return std::async(std::launch::async, std::move(call));
}

// Until `caches` has counted so many misses: those who wait for a load counted theirs before.
void wait_for_misses(const CacheManager& caches, std::uint64_t misses) {
  while (caches.counters(kKind).misses < misses) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

}  // namespace

class CacheManagerTest : public QObject {
  Q_OBJECT
 private slots:
  void a_miss_loads_and_the_next_read_hits() {
    CacheManager caches({});
    for (const ObjectKind kind : kObjectKinds) {
      QCOMPARE(shown(caches.get_or_load(kind, "k", loader_of("v"))), std::string("v"));
      QCOMPARE(shown(caches.get_or_load(kind, "k", must_not_load)), std::string("v"));
      QCOMPARE(caches.counters(kind).hits, std::uint64_t{1});
      QCOMPARE(caches.counters(kind).misses, std::uint64_t{1});
    }
    QVERIFY(caches.memory_usage_bytes() >= 7 * 64);
  }

  void absence_is_remembered() {
    CacheManager caches({});
    const auto absent = [](std::string_view) -> Result<CachedValue> { return CachedValue(); };
    QCOMPARE(shown(caches.get_or_load(kKind, "k", absent)), std::string("absent"));
    QCOMPARE(shown(caches.get_or_load(kKind, "k", must_not_load)), std::string("absent"));
  }

  void a_concurrent_miss_loads_once() {
    CacheManager caches({});
    HeldLoad held(text("v"));
    auto leader = in_thread([&] { return caches.get_or_load(kKind, "k", held.loader()); });
    held.wait_for_start();
    std::vector<std::future<Result<CachedValue>>> followers;
    for (int i = 0; i < 6; ++i) {
      followers.push_back(in_thread([&] { return caches.get_or_load(kKind, "k", must_not_load); }));
    }
    wait_for_misses(caches, 7);
    held.finish();
    QCOMPARE(shown(leader.get()), std::string("v"));
    for (auto& follower : followers) QCOMPARE(shown(follower.get()), std::string("v"));
    QCOMPARE(caches.counters(kKind).misses, std::uint64_t{7});
    QCOMPARE(caches.counters(kKind).insertions, std::uint64_t{1});
  }

  void a_failed_load_reaches_all_who_wait_and_is_not_cached() {
    CacheManager caches({});
    HeldLoad held(Status(StatusCode::io_error, "disk gone"));
    auto leader = in_thread([&] { return caches.get_or_load(kKind, "k", held.loader()); });
    held.wait_for_start();
    auto follower = in_thread([&] { return caches.get_or_load(kKind, "k", must_not_load); });
    wait_for_misses(caches, 2);
    held.finish();
    QCOMPARE(shown(leader.get()), std::string("failed: disk gone"));
    const auto failed = follower.get();
    QCOMPARE(shown(failed), std::string("failed: disk gone"));
    QVERIFY(failed.status().code() == StatusCode::io_error);
    QCOMPARE(shown(caches.get_or_load(kKind, "k", loader_of("v"))), std::string("v"));
  }

  void a_throwing_load_is_a_failed_load() {
    CacheManager caches({});
    const auto throws = [](std::string_view) -> Result<CachedValue> {
      throw std::runtime_error("boom");
    };
    QCOMPARE(shown(caches.get_or_load(kKind, "k", throws)),
             std::string("failed: loading account objects failed: boom"));
    const auto throws_int = [](std::string_view) -> Result<CachedValue> { throw 1; };
    QVERIFY(!caches.get_or_load(kKind, "k", throws_int));
    const std::vector<std::string_view> keys = {"k", "l"};
    const auto batch_throws =
        [](std::span<const std::string_view>) -> Result<std::vector<CachedValue>> {
      throw std::bad_alloc();
    };
    QVERIFY(!caches.multi_get_or_load(kKind, keys, batch_throws));
    QVERIFY(!caches.prefetch(kKind, keys, batch_throws));
    QCOMPARE(shown(caches.get_or_load(kKind, "k", loader_of("v"))), std::string("v"));
  }

  void a_write_overtakes_a_load_data() {
    QTest::addColumn<int>("how");
    QTest::newRow("put") << 0;
    QTest::newRow("delete") << 1;
    QTest::newRow("merge") << 2;
    QTest::newRow("delete range") << 3;
  }
  // The load has read the old value; the write commits; then the load returns.
  void a_write_overtakes_a_load() {
    QFETCH(int, how);
    CacheManager caches({});
    HeldLoad old_load(text("old"));
    auto early = in_thread([&] { return caches.get_or_load(kKind, "k", old_load.loader()); });
    old_load.wait_for_start();
    auto follower = in_thread([&] { return caches.get_or_load(kKind, "k", must_not_load); });
    wait_for_misses(caches, 2);

    if (how == 0) caches.on_written(kKind, "k", text("new"));
    if (how == 1) caches.on_written(kKind, "k", nullptr);
    if (how == 2) caches.on_changed(kKind, "k");
    if (how == 3) caches.on_range_deleted(kKind, "a", "z");

    // Who comes after the write does not wait for the old load.
    const std::string after = how == 0 ? "new" : "reloaded";
    QCOMPARE(shown(caches.get_or_load(kKind, "k", loader_of("reloaded"))), after);
    old_load.finish();
    QCOMPARE(shown(early.get()), std::string("old"));
    QCOMPARE(shown(follower.get()), std::string("old"));
    QCOMPARE(shown(caches.get_or_load(kKind, "k", must_not_load)), after);
  }

  void two_loads_of_one_key_land_in_either_order() {
    for (const bool old_first : {true, false}) {
      CacheManager caches({});
      HeldLoad old_load(text("old")), new_load(text("new"));
      auto early = in_thread([&] { return caches.get_or_load(kKind, "k", old_load.loader()); });
      old_load.wait_for_start();
      caches.on_changed(kKind, "k");
      auto late = in_thread([&] { return caches.get_or_load(kKind, "k", new_load.loader()); });
      new_load.wait_for_start();
      (old_first ? old_load : new_load).finish();
      QCOMPARE(shown((old_first ? early : late).get()), std::string(old_first ? "old" : "new"));
      (old_first ? new_load : old_load).finish();
      QCOMPARE(shown((old_first ? late : early).get()), std::string(old_first ? "new" : "old"));
      QCOMPARE(shown(caches.get_or_load(kKind, "k", must_not_load)), std::string("new"));
    }
  }

  void writes_leave_other_keys_loads_alone() {
    CacheManager caches({});
    HeldLoad held(text("v"));
    auto reader = in_thread([&] { return caches.get_or_load(kKind, "k", held.loader()); });
    held.wait_for_start();
    caches.on_written(kKind, "j", text("w"));
    caches.on_range_deleted(kKind, "a", "k");  // up to k, without it
    caches.on_written(ObjectKind::storage, "k", text("w"));
    held.finish();
    reader.wait();
    QCOMPARE(shown(caches.get_or_load(kKind, "k", must_not_load)), std::string("v"));
  }

  void written_values_are_cached_and_deleted_keys_become_absent() {
    CacheManager caches({});
    caches.on_written(kKind, "k", text("v"));
    QCOMPARE(shown(caches.get_or_load(kKind, "k", must_not_load)), std::string("v"));
    caches.on_written(kKind, "k", nullptr);
    QCOMPARE(shown(caches.get_or_load(kKind, "k", must_not_load)), std::string("absent"));
    caches.on_written(kKind, "never read", nullptr);
    QCOMPARE(caches.counters(kKind).entries, std::uint64_t{1});
    caches.on_range_deleted(kKind, "k", "l");
    QCOMPARE(caches.counters(kKind).entries, std::uint64_t{0});
  }

  void a_multi_get_loads_what_is_missing_in_one_call() {
    CacheManager caches({});
    caches.on_written(kKind, "b", text("B"));
    std::vector<std::vector<std::string>> calls;
    const auto load =
        [&](std::span<const std::string_view> keys) -> Result<std::vector<CachedValue>> {
      calls.emplace_back(keys.begin(), keys.end());
      std::vector<CachedValue> values;
      for (const std::string_view key : keys) values.push_back(text("loaded " + std::string(key)));
      return values;
    };
    const std::vector<std::string_view> keys = {"c", "b", "a", "c"};
    const auto values = caches.multi_get_or_load(kKind, keys, load);
    QVERIFY(values.is_ok());
    QCOMPARE(std::string(*(*values)[0]), std::string("loaded c"));
    QCOMPARE(std::string(*(*values)[1]), std::string("B"));
    QCOMPARE(std::string(*(*values)[2]), std::string("loaded a"));
    QCOMPARE(std::string(*(*values)[3]), std::string("loaded c"));
    QCOMPARE(calls.size(), std::size_t{1});
    QVERIFY((calls[0] == std::vector<std::string>{"c", "a"}));
    QCOMPARE(caches.counters(kKind).lookups(), std::uint64_t{4});
    QVERIFY(caches.multi_get_or_load(kKind, keys, load).is_ok());
    QVERIFY(caches.multi_get_or_load(kKind, {}, load).is_ok());
    QCOMPARE(calls.size(), std::size_t{1});
  }

  void a_loader_with_too_few_values_has_failed() {
    CacheManager caches({});
    const std::vector<std::string_view> keys = {"a", "b"};
    const auto one = [](std::span<const std::string_view>) -> Result<std::vector<CachedValue>> {
      return std::vector<CachedValue>(1);
    };
    QVERIFY(!caches.multi_get_or_load(kKind, keys, one));
    QCOMPARE(caches.counters(kKind).entries, std::uint64_t{0});
  }

  // Each leads a key that the other follows: both loads run before either waits.
  void overlapping_multi_gets_do_not_deadlock() {
    CacheManager caches({});
    std::atomic<int> loading = 0;
    const auto load =
        [&](std::span<const std::string_view> keys) -> Result<std::vector<CachedValue>> {
      ++loading;
      while (loading < 2) std::this_thread::yield();
      return std::vector<CachedValue>(keys.size(), text("v"));
    };
    const std::vector<std::string_view> ab = {"a", "b", "c"}, bc = {"c", "d", "b"};
    auto first = in_thread([&] { return caches.multi_get_or_load(kKind, ab, load); });
    while (loading < 1) std::this_thread::yield();
    auto second = in_thread([&] { return caches.multi_get_or_load(kKind, bc, load); });
    QVERIFY(first.get().is_ok());
    QVERIFY(second.get().is_ok());
    QCOMPARE(caches.counters(kKind).insertions, std::uint64_t{4});

    for (int round = 0; round < 300; ++round) {
      caches.on_range_deleted(kKind, "", "\xff");
      std::vector<std::thread> threads;
      for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&caches, t] {
          std::vector<std::string_view> keys = {"a", "b", "c", "d", "e", "f"};
          std::rotate(keys.begin(), keys.begin() + t, keys.end());
          const auto all =
              [](std::span<const std::string_view> asked) -> Result<std::vector<CachedValue>> {
            return std::vector<CachedValue>(asked.size());
          };
          (void)caches.multi_get_or_load(kKind, keys, all);
        });
      }
      for (std::thread& thread : threads) thread.join();
    }
  }

  void prefetch_is_one_read_and_counts_nothing() {
    CacheManager caches({});
    caches.on_written(kKind, "b", text("B"));
    int calls = 0;
    std::size_t asked = 0;
    const auto load =
        [&](std::span<const std::string_view> keys) -> Result<std::vector<CachedValue>> {
      ++calls;
      asked += keys.size();
      return std::vector<CachedValue>(keys.size(), text("v"));
    };
    const std::vector<std::string_view> keys = {"a", "b", "c", "a"};
    QVERIFY(caches.prefetch(kKind, keys, load).is_ok());
    QVERIFY(caches.prefetch(kKind, keys, load).is_ok());
    QCOMPARE(calls, 1);
    QCOMPARE(asked, std::size_t{2});
    QCOMPARE(caches.counters(kKind).lookups(), std::uint64_t{0});
    QCOMPARE(shown(caches.get_or_load(kKind, "c", must_not_load)), std::string("v"));
  }

  void a_prefetch_is_overtaken_by_a_write_too() {
    CacheManager caches({});
    const std::vector<std::string_view> keys = {"a", "b"};
    const auto load =
        [&](std::span<const std::string_view> asked) -> Result<std::vector<CachedValue>> {
      caches.on_written(kKind, "a", text("new"));
      return std::vector<CachedValue>(asked.size(), text("old"));
    };
    QVERIFY(caches.prefetch(kKind, keys, load).is_ok());
    QCOMPARE(shown(caches.get_or_load(kKind, "a", must_not_load)), std::string("new"));
    QCOMPARE(shown(caches.get_or_load(kKind, "b", must_not_load)), std::string("old"));
  }

  void resizing_is_live() {
    CacheManager caches({});
    for (int i = 0; i < 1'000; ++i) {
      caches.on_written(kKind, std::to_string(i), text(std::string(500, 'v')));
    }
    caches.resize(kKind, 100'000);
    QCOMPARE(caches.counters(kKind).capacity_bytes, std::uint64_t{100'000});
    QVERIFY(caches.counters(kKind).bytes <= 100'000);
    QVERIFY(caches.counters(kKind).evictions > 0);
  }

  void optimising_judges_what_happened_since() {
    CacheManager caches({});
    const auto before = caches.counters();
    QVERIFY(caches.optimize_cache_sizes(before, 0.97, {}).empty());  // nothing was asked yet
    for (int i = 0; i < 2'000; ++i) {
      QVERIFY(caches.get_or_load(kKind, std::to_string(i), loader_of("v")).is_ok());
    }
    const auto resizes = caches.optimize_cache_sizes(before, 0.97, {});
    QCOMPARE(resizes.size(), std::size_t{1});
    QVERIFY(resizes[0].kind == kKind);
    QVERIFY(caches.optimize_cache_sizes(caches.counters(), 0.97, {}).empty());
  }

  void typed_keys_reach_their_own_cache() {
    static_assert(!std::is_convertible_v<HeaderKey, AccountKey>);
    static_assert(!std::is_constructible_v<AccountKey, HeaderKey>);
    CacheManager caches({});
    const Hash256 hash{1}, slot{2};
    const auto read = [&caches](const auto& key) {
      using K = std::decay_t<decltype(key)>;
      const auto load = [](const K&) -> Result<CachedValue> {
        return text(std::string(to_string(K::kind)));
      };
      return shown(get_or_load(caches, key, load)) == to_string(K::kind) &&
             caches.counters(K::kind).entries >= 1;
    };
    QVERIFY(read(make_block_key(1, hash)));
    QVERIFY(read(make_header_key(1, hash)));
    QVERIFY(read(make_receipt_key(1, hash)));
    QVERIFY(read(make_account_key(hash)));
    QVERIFY(read(make_storage_key(hash, slot)));
    QVERIFY(read(make_transaction_key(hash)));
    QVERIFY(read(make_account_node_key(hash, 3)));
    QVERIFY(read(make_storage_node_key(hash, slot, 3)));
    const std::vector<AccountKey> keys = {make_account_key(hash), make_account_key(slot)};
    const auto load =
        [](std::span<const std::string_view> asked) -> Result<std::vector<CachedValue>> {
      return std::vector<CachedValue>(asked.size());
    };
    QVERIFY(prefetch(caches, std::span<const AccountKey>(keys), load).is_ok());
    const auto values = multi_get_or_load(caches, std::span<const AccountKey>(keys), load);
    QCOMPARE(shown((*values)[0]), std::string("account"));
    QCOMPARE(shown((*values)[1]), std::string("absent"));
  }
};

QTEST_APPLESS_MAIN(CacheManagerTest)
#include "cache_manager_test.moc"
