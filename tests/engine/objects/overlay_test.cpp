// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/objects/overlay.h"

#include <QtTest>

#include "engine/base/format.h"
#include "tests/engine/fake_store.h"
#include "tests/engine/random_operations.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

constexpr auto kFamily = Family::accounts;

WriteOperation put(const std::string& key, const std::string& value) {
  return WriteOperation::put(kFamily, key, value);
}
WriteOperation erase(const std::string& key) {
  return WriteOperation::erase(kFamily, key);
}
WriteOperation erase_range(const std::string& begin, const std::string& end) {
  return WriteOperation::delete_range(kFamily, begin, end);
}
WriteOperation add(const std::string& key, std::uint64_t amount) {
  return WriteOperation::merge_add(kFamily, key, amount);
}

std::string show(const std::optional<std::string>& value) {
  return value ? escape_name(*value) : "absent";
}

// What a read sees: the overlay's answer over a database that holds the groups up to `held`.
std::optional<std::string> seen(const Overlay& overlay, const Contents& database,
                                std::uint64_t held, Family family, const std::string& key) {
  const auto answer = overlay.find(family, key);
  if (answer.kind == PendingAnswer::Kind::value) {
    return answer.value ? std::optional(std::string(*answer.value)) : std::nullopt;
  }
  const auto& map = database[index_of(family)];
  const auto found = map.find(key);
  const auto base = found == map.end() ? std::nullopt : std::optional(found->second);
  return resolve_addends(base, answer.addends, held);
}

std::string seen_without_database(const Overlay& overlay, const std::string& key) {
  const auto answer = overlay.find(kFamily, key);
  switch (answer.kind) {
    case PendingAnswer::Kind::nothing:
      return "nothing";
    case PendingAnswer::Kind::value:
      return answer.value ? std::string(*answer.value) : "absent";
    case PendingAnswer::Kind::addends:
      return "addends";
  }
  return "";
}

}  // namespace

class OverlayTest : public QObject {
  Q_OBJECT
 private slots:
  void the_newest_operation_decides() {
    Overlay overlay;
    overlay.add(1, {{put("a", "1"), put("a", "2"), put("b", "1")}});
    overlay.add(2, {{erase("b")}});
    QCOMPARE(seen_without_database(overlay, "a"), std::string("2"));
    QCOMPARE(seen_without_database(overlay, "b"), std::string("absent"));
    QCOMPARE(seen_without_database(overlay, "c"), std::string("nothing"));
    QVERIFY(overlay.find(Family::storage, "a").kind == PendingAnswer::Kind::nothing);
  }

  void a_deleted_range_hides_what_is_older_and_not_what_is_newer() {
    Overlay overlay;
    overlay.add(1, {{put("a", "1"), erase_range("a", "c"), put("b", "2")}});
    QCOMPARE(seen_without_database(overlay, "a"), std::string("absent"));
    QCOMPARE(seen_without_database(overlay, "aa"), std::string("absent"));
    QCOMPARE(seen_without_database(overlay, "b"), std::string("2"));
    QCOMPARE(seen_without_database(overlay, "c"), std::string("nothing"));
  }

  void merges_add_to_what_is_pending_below_them() {
    Overlay overlay;
    overlay.add(1, {{put("a", encode_counter(5)), add("a", 2)}});
    overlay.add(2, {{add("a", 3), put("b", encode_counter(9)), erase("b"), add("b", 1)}});
    overlay.add(3, {{erase_range("c", "d"), add("c", 4), add("x", 1)}});
    QCOMPARE(seen_without_database(overlay, "a"), encode_counter(10));
    QCOMPARE(seen_without_database(overlay, "b"), encode_counter(1));
    QCOMPARE(seen_without_database(overlay, "c"), encode_counter(4));
    QCOMPARE(seen_without_database(overlay, "x"), std::string("addends"));
  }

  void addends_that_the_database_holds_are_not_added_again() {
    const std::vector<PendingAnswer::Addend> addends = {{3, 100}, {2, 10}, {1, 1}};
    QCOMPARE(resolve_addends(encode_counter(1'000), addends, 0),
             std::optional(encode_counter(1'111)));
    QCOMPARE(resolve_addends(encode_counter(1'000), addends, 2),
             std::optional(encode_counter(1'100)));
    QCOMPARE(resolve_addends(encode_counter(1'000), addends, 7),
             std::optional(encode_counter(1'000)));
    QCOMPARE(resolve_addends(std::nullopt, addends, 2), std::optional(encode_counter(100)));
    QVERIFY2(!resolve_addends(std::nullopt, addends, 3), "deleted by what came with the addends");
    QCOMPARE(resolve_addends("no counter", addends, 2), std::optional(encode_counter(100)));
  }

  void dropping_a_group_leaves_later_groups_on_the_same_keys() {
    Overlay overlay;
    overlay.add(1, {{put("a", "1"), put("b", "1"), erase_range("x", "z")}});
    overlay.add(2, {{put("a", "2")}});
    overlay.drop_through(1);
    QCOMPARE(seen_without_database(overlay, "a"), std::string("2"));
    QCOMPARE(seen_without_database(overlay, "b"), std::string("nothing"));
    QCOMPARE(seen_without_database(overlay, "y"), std::string("nothing"));
    overlay.drop_through(2);
    QCOMPARE(overlay.keys(), std::size_t{0});
    QCOMPARE(overlay.groups(), std::size_t{0});
  }

  void changes_give_each_key_once_as_the_last_group_left_it() {
    Overlay overlay;
    overlay.add(1, {{put("a", "1"), put("b", "1"), add("c", 1)}});
    overlay.add(2, {{put("a", "2"), erase_range("b", "c")}});
    overlay.add(3, {{put("a", "3")}});
    const auto changes = overlay.changes_through(2);
    QCOMPARE(changes.ranges.size(), std::size_t{1});
    QCOMPARE(changes.keys.size(), std::size_t{3});
    for (const auto& change : changes.keys) {
      if (*change.key == "a") QCOMPARE(*change.value, std::string("2"));
      if (*change.key == "b") QVERIFY(change.known && change.value == nullptr);
      if (*change.key == "c") QVERIFY(!change.known);
    }
  }

  // Against a database that is written at random moments, and a cache fed with the changes.
  void reads_always_see_every_group() {
    const auto first_seed = std::random_device{}();
    qInfo("seeds from %u", first_seed);
    for (std::uint64_t seed = first_seed; seed < first_seed + 200ULL; ++seed) {
      RandomOperations random(seed);
      Overlay overlay;
      Contents all;       // every group submitted
      Contents database;  // groups up to `held`
      Contents cache;     // some of the database
      std::deque<WriteGroup> pending;
      std::uint64_t submitted = 0;
      std::uint64_t held = 0;
      for (int step = 0; step < 40; ++step) {
        if (random.number(3) != 0) {
          WriteGroup group{random.some(random.number(8))};
          for (const auto& operation : group.operations) apply_operation(all, operation);
          overlay.add(++submitted, group);
          pending.push_back(std::move(group));
        } else if (!pending.empty()) {
          for (int count = 1 + random.number(static_cast<int>(pending.size())); count > 0;
               --count) {
            for (const auto& operation : pending.front().operations)
              apply_operation(database, operation);
            pending.pop_front();
            ++held;
          }
          // Both before and after the drop, as a read may come between.
          check_reads(overlay, database, held, all, seed);
          update(cache, overlay.changes_through(held));
          check_cache(cache, database, seed);
          overlay.drop_through(held);
          for (const auto& map : database) {
            const auto family = static_cast<std::size_t>(&map - database.data());
            if (random.number(2) == 0) cache[family] = map;
          }
        }
        check_reads(overlay, database, held, all, seed);
        if (QTest::currentTestFailed()) return;
      }
    }
  }

 private:
  static void check_reads(const Overlay& overlay, const Contents& database, std::uint64_t held,
                          const Contents& all, std::uint64_t seed) {
    for (const auto family : kFamilies) {
      for (const std::string& key : RandomOperations::keys()) {
        const auto& map = all[index_of(family)];
        const auto found = map.find(key);
        const auto expected = found == map.end() ? std::nullopt : std::optional(found->second);
        const auto got = seen(overlay, database, held, family, key);
        QVERIFY2(got == expected,
                 fmt::format("seed {}: {} of {} is {}, not {}", seed, escape_name(key),
                             to_string(family), show(got), show(expected))
                     .c_str());
      }
    }
  }

  static void update(Contents& cache, const CommittedChanges& changes) {
    for (const auto& range : changes.ranges) {
      apply_operation(cache, WriteOperation::delete_range(range.family, range.begin, range.end));
    }
    for (const auto& change : changes.keys) {
      auto& map = cache[index_of(change.family)];
      if (change.known && change.value) {
        map[*change.key] = *change.value;
      } else {
        map.erase(*change.key);
      }
    }
  }

  static void check_cache(const Contents& cache, const Contents& database, std::uint64_t seed) {
    for (std::size_t family = 0; family < kFamilyCount; ++family) {
      for (const auto& [key, value] : cache[family]) {
        const auto found = database[family].find(key);
        QVERIFY2(found != database[family].end() && found->second == value,
                 fmt::format("seed {}: stale {} in the cache", seed, escape_name(key)).c_str());
      }
    }
  }
};

QTEST_APPLESS_MAIN(OverlayTest)
#include "overlay_test.moc"
