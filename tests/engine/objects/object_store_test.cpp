// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/objects/object_store.h"

#include <fmt/format.h>

#include <QtTest>
#include <future>
#include <thread>

#include "tests/engine/fake_store.h"

using namespace nodetune;
using namespace nodetune::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto kKind = ObjectKind::account;
constexpr auto kFamily = Family::accounts;

// Nothing is committed unless a test flushes.
BatchConfig quiet() {
  BatchConfig config;
  config.auto_commit_threshold = 100'000;
  config.max_batch_age = 1h;
  return config;
}

WriteGroup one(WriteOperation operation) {
  WriteGroup group;
  group.operations.push_back(std::move(operation));
  return group;
}

WriteOperation put(const std::string& key, const std::string& value) {
  return WriteOperation::put(kFamily, key, value);
}

template <typename T>
std::future<T> in_background(std::function<T()> call) {
  return std::async(std::launch::async, std::move(call));
}

}  // namespace

class ObjectStoreTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    objects_.reset();
    store_ = std::make_unique<FakeStore>();
    clock_ = std::make_unique<ManualClock>();
    objects_ = std::make_unique<ObjectStore>(*store_, CacheConfig(), quiet(), *clock_);
    QVERIFY(objects_->start());
  }
  void cleanup() {
    store_->before_read.open();
    store_->after_read.open();
    store_->before_write.open();
    store_->after_write.open();
    objects_.reset();
  }

  void a_read_after_a_pending_write_sees_it() {
    submit(put("a", "1"));
    QCOMPARE(read("a"), std::string("1"));
    QCOMPARE(store_->write_calls.load(), 0);
    QVERIFY(objects_->flush());
    QCOMPARE(read("a"), std::string("1"));
    QVERIFY2(store_->get_calls == 1, "written through: only the commit sequence was read");
  }

  void read_after_pending_delete_is_absent() {
    store_->set(kFamily, "a", "old");
    QCOMPARE(read("a"), std::string("old"));
    submit(WriteOperation::erase(kFamily, "a"));
    QCOMPARE(read("a"), std::string("absent"));
    QVERIFY(objects_->flush());
    QCOMPARE(read("a"), std::string("absent"));
  }

  void read_after_pending_deleted_range_is_absent() {
    for (const char* key : {"a", "b", "c"}) store_->set(kFamily, key, "old");
    QCOMPARE(read("b"), std::string("old"));
    submit(WriteOperation::delete_range(kFamily, "a", "c"));
    QCOMPARE(read("a"), std::string("absent"));
    QCOMPARE(read("b"), std::string("absent"));
    QCOMPARE(read("c"), std::string("old"));
    QVERIFY(objects_->flush());
    QCOMPARE(read("a"), std::string("absent"));
    QCOMPARE(read("b"), std::string("absent"));
    QCOMPARE(read("c"), std::string("old"));
  }

  void a_scan_sees_what_is_stored_and_what_is_pending() {
    for (const char* key : {"a", "b", "c", "d", "e", "f"}) store_->set(kFamily, key, "old");
    store_->set(kFamily, "n", encode_counter(10));
    submit(put("bb", "gone"));
    submit(WriteOperation::delete_range(kFamily, "b", "d"));
    submit(put("c", "new"));
    submit(put("cc", "new"));
    submit(WriteOperation::erase(kFamily, "e"));
    submit(WriteOperation::merge_add(kFamily, "n", 5));
    const std::string expected = "a=old c=new cc=new d=old f=old n=" + encode_counter(15) + " ";
    QCOMPARE(scan("a", "o"), expected);
    QCOMPARE(scan("b", "d"), std::string("c=new cc=new "));
    QCOMPARE(scan("d", "b"), std::string());
    QVERIFY(objects_->flush());
    QCOMPARE(scan("a", "o"), expected);
    QCOMPARE(objects_->caches().counters(kKind).lookups(), 0U);
  }

  void a_merged_object_is_read_with_its_base() {
    store_->set(kFamily, "n", encode_counter(10));
    QCOMPARE(read("n"), encode_counter(10));
    submit(WriteOperation::merge_add(kFamily, "n", 5));
    QCOMPARE(read("n"), encode_counter(15));
    QVERIFY(objects_->flush());
    QVERIFY2(read("n") == encode_counter(15), "the cache must forget the base");
    submit(WriteOperation::merge_add(kFamily, "n", 1));
    QCOMPARE(read("n"), encode_counter(16));
  }

  void counters_and_own_values_include_what_is_pending() {
    QCOMPARE(objects_->counter("n").value(), 0U);
    submit(WriteOperation::merge_add(Family::own, "n", 5));
    QCOMPARE(objects_->counter("n").value(), 5U);
    QVERIFY(objects_->flush());
    submit(WriteOperation::merge_add(Family::own, "n", 2));
    QCOMPARE(objects_->counter("n").value(), 7U);
    submit(WriteOperation::put(Family::own, "seed", "42"));
    QCOMPARE(objects_->own_value("seed").value(), std::optional<std::string>("42"));
    submit(WriteOperation::erase(Family::own, "seed"));
    QCOMPARE(objects_->own_value("seed").value(), std::optional<std::string>());
    QCOMPARE(objects_->own_value(kCommitSequenceKey).value(), std::optional(encode_counter(1)));
  }

  void multi_get_reads_all_that_is_missing_at_once() {
    for (const char* key : {"cached", "x", "y", "ranged"}) store_->set(kFamily, key, key);
    QCOMPARE(read("cached"), std::string("cached"));
    submit(put("pending", "pending"));
    submit(WriteOperation::delete_range(kFamily, "ranged", "rangee"));
    const int reads_before = store_->keys_read;
    const std::vector<std::string_view> keys = {"y",      "pending", "cached", "none",
                                                "ranged", "x",       "y"};
    const auto values = objects_->multi_get(kKind, keys).value();
    QCOMPARE(std::string(*values[0]), std::string("y"));
    QCOMPARE(std::string(*values[1]), std::string("pending"));
    QCOMPARE(std::string(*values[2]), std::string("cached"));
    QVERIFY(values[3] == nullptr);
    QVERIFY(values[4] == nullptr);
    QCOMPARE(std::string(*values[5]), std::string("x"));
    QCOMPARE(std::string(*values[6]), std::string("y"));
    QCOMPARE(store_->multi_get_calls.load(), 1);
    QCOMPARE(store_->keys_read - reads_before, 3);
  }

  void hits_and_misses_are_all_lookups() {
    submit(put("pending", "1"));
    submit(WriteOperation::merge_add(kFamily, "n", 1));
    QCOMPARE(read("pending"), std::string("1"));
    QCOMPARE(read("n"), encode_counter(1));
    QCOMPARE(read("none"), std::string("absent"));
    QCOMPARE(read("none"), std::string("absent"));
    const std::vector<std::string_view> keys = {"pending", "none", "other"};
    QVERIFY(objects_->multi_get(kKind, keys));
    const auto counters = objects_->caches().counters(kKind);
    QCOMPARE(counters.hits, 5U);
    QCOMPARE(counters.misses, 2U);
  }

  void prefetch_loads_what_is_neither_pending_nor_cached() {
    for (const char* key : {"a", "b"}) store_->set(kFamily, key, "db");
    submit(put("a", "pending"));
    const std::vector<std::string_view> keys = {"a", "b"};
    const int reads_before = store_->keys_read;
    QVERIFY(objects_->prefetch(kKind, keys));
    QVERIFY(objects_->prefetch(kKind, keys));
    QCOMPARE(store_->keys_read - reads_before, 1);
    QCOMPARE(objects_->caches().counters(kKind).lookups(), 0U);
    QCOMPARE(read("a"), std::string("pending"));
    QCOMPARE(read("b"), std::string("db"));
    QCOMPARE(store_->keys_read - reads_before, 1);
  }

  void a_failed_read_is_passed_on_and_not_remembered() {
    store_->set(kFamily, "a", "1");
    store_->failing_reads = 1;
    QCOMPARE(objects_->get(kKind, "a").status().code(), StatusCode::io_error);
    QCOMPARE(read("a"), std::string("1"));
  }

  // A load that began before a write and ends after its commit.
  void a_load_that_a_write_overtook_is_not_cached_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<bool>("many");
    for (const auto type : kOperationTypes) {
      for (const bool many : {false, true}) {
        const auto name = std::string(to_string(type)) + (many ? ", multi_get" : ", get");
        QTest::newRow(name.c_str()) << static_cast<int>(type) << many;
      }
    }
  }
  void a_load_that_a_write_overtook_is_not_cached() {
    QFETCH(const int, type);
    QFETCH(const bool, many);
    store_->set(kFamily, "a", encode_counter(1));
    WriteOperation operation{static_cast<OperationType>(type), kFamily, "a", {}};
    std::string expected = "absent";
    if (operation.type == OperationType::put) expected = operation.value = encode_counter(7);
    if (operation.type == OperationType::delete_range) operation.value = "b";
    if (operation.type == OperationType::merge) {
      operation.value = encode_counter(7);
      expected = encode_counter(8);
    }

    store_->after_read.close();
    const auto reading = [&]() -> std::string { return many ? read_many("a") : read("a"); };
    auto stale = in_background<std::string>(reading);
    store_->after_read.wait_for_arrival();  // it has read 1
    submit(operation);
    QVERIFY(objects_->flush());
    // A second reader must not join the first one's load.
    auto fresh = in_background<std::string>(reading);
    if (operation.type == OperationType::put) {
      QCOMPARE(fresh.get(), expected);  // written through: needs no load
    } else {
      store_->after_read.wait_for_arrival(2);
    }
    store_->after_read.open();
    if (fresh.valid()) QCOMPARE(fresh.get(), expected);
    stale.get();
    QCOMPARE(read("a"), expected);
  }

  void a_commit_between_overlay_and_database_adds_nothing_twice() {
    submit(WriteOperation::merge_add(kFamily, "n", 5));
    submit(WriteOperation::merge_add(Family::own, "n", 5));
    store_->before_read.close();
    auto object = in_background<std::string>([&] { return read("n"); });
    auto counter = in_background<std::uint64_t>([&] { return objects_->counter("n").value(); });
    store_->before_read.wait_for_arrival(2);  // both have looked at the overlay
    QVERIFY(objects_->flush());
    store_->before_read.open();
    QCOMPARE(object.get(), encode_counter(5));
    QCOMPARE(counter.get(), 5U);
  }

  void a_commit_that_is_applied_and_not_yet_known_adds_nothing_twice() {
    submit(WriteOperation::merge_add(kFamily, "n", 5));
    submit(put("a", "1"));
    store_->after_write.close();
    auto flushing = std::async(std::launch::async, [&] { return objects_->flush(); });
    store_->after_write.wait_for_arrival();
    submit(WriteOperation::merge_add(kFamily, "n", 2));
    QCOMPARE(read("n"), encode_counter(7));
    QCOMPARE(read("a"), std::string("1"));
    store_->after_write.open();
    QVERIFY(flushing.get());
    QCOMPARE(read("n"), encode_counter(7));
  }

  void a_failed_commit_stays_readable_and_is_retried_data() {
    QTest::addColumn<bool>("landed");
    QTest::newRow("the write did not land") << false;
    QTest::newRow("the write landed") << true;
  }
  void a_failed_commit_stays_readable_and_is_retried() {
    QFETCH(const bool, landed);
    store_->set(kFamily, "gone", "old");
    QCOMPARE(read("gone"), std::string("old"));
    store_->fail_writes(
        1, landed ? FakeStore::Failure::after_applying : FakeStore::Failure::before_applying);
    submit(put("a", "1"));
    submit(WriteOperation::erase(kFamily, "gone"));
    submit(WriteOperation::merge_add(Family::own, "n", 5));
    QVERIFY(!objects_->flush());
    for (int attempt = 0; attempt < 2; ++attempt) {
      QCOMPARE(read("a"), std::string("1"));
      QCOMPARE(read("gone"), std::string("absent"));
      QCOMPARE(objects_->counter("n").value(), 5U);
      QVERIFY(objects_->batches().retry());
    }
    QCOMPARE(decode_counter(store_->contents()[index_of(Family::own)]["n"]), 5U);
    QCOMPARE(store_->write_calls.load(), landed ? 1 : 2);
    QVERIFY(objects_->flush());
  }

  void a_commit_leaves_later_groups_pending() {
    store_->before_write.close();
    submit(put("a", "1"));
    auto flushing = std::async(std::launch::async, [&] { return objects_->flush(); });
    store_->before_write.wait_for_arrival();
    submit(put("a", "2"));
    submit(put("b", "2"));
    store_->before_write.open();
    QVERIFY(flushing.get());
    QCOMPARE(read("a"), std::string("2"));
    QCOMPARE(read("b"), std::string("2"));
    QCOMPARE(store_->contents()[index_of(kFamily)]["a"], std::string("1"));
    QVERIFY(objects_->flush());
    QCOMPARE(read("a"), std::string("2"));
  }

  void everything_is_there_after_a_restart() {
    submit(put("a", "1"));
    submit(WriteOperation::merge_add(Family::own, "n", 5));
    QVERIFY(objects_->stop());
    objects_ = std::make_unique<ObjectStore>(*store_, CacheConfig(), quiet(), *clock_);
    QVERIFY(objects_->start());
    submit(WriteOperation::merge_add(Family::own, "n", 1));
    QCOMPARE(read("a"), std::string("1"));
    QCOMPARE(objects_->counter("n").value(), 6U);
  }

 private:
  void submit(WriteOperation operation) {
    const auto number = objects_->submit(one(std::move(operation)));
    if (!number) qFatal("%s", number.status().message().c_str());
  }
  std::string scan(std::string_view begin, std::string_view end) {
    const auto found = objects_->scan(kKind, begin, end);
    if (!found) return found.status().message();
    std::string text;
    for (const auto& [key, value] : *found) {
      text += key + "=" + std::string(*value) + " ";
    }
    return text;
  }
  std::string read(std::string_view key) {
    const auto value = objects_->get(kKind, key);
    if (!value) return "failed: " + value.status().message();
    return *value ? std::string(**value) : "absent";
  }
  std::string read_many(std::string_view key) {
    const std::vector<std::string_view> keys = {key, key};
    const auto values = objects_->multi_get(kKind, keys);
    if (!values) return "failed: " + values.status().message();
    return (*values)[1] ? std::string(*(*values)[1]) : "absent";
  }

  std::unique_ptr<FakeStore> store_;
  std::unique_ptr<ManualClock> clock_;
  std::unique_ptr<ObjectStore> objects_;
};

QTEST_APPLESS_MAIN(ObjectStoreTest)
#include "object_store_test.moc"
