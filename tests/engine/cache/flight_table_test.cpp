// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/flight_table.h"

#include <QtTest>

#include "engine/cache/concurrent_cache.h"

using namespace nodetune;
using Claims = FlightTable::Claims;
using Outcome = FlightTable::Claims::Outcome;

namespace {

CachedValue text(std::string_view bytes) {
  return CachedValue(bytes);
}

struct World {
  ConcurrentCache cache{{.capacity_bytes = 1u << 20}};
  FlightTable flights{cache};
};

}  // namespace

// One thread plays all callers, so that every order is exact.
class FlightTableTest : public QObject {
  Q_OBJECT
 private slots:
  void two_callers_that_follow_each_other_both_finish() {
    World world;
    Claims first(world.flights), second(world.flights);
    QVERIFY(first.claim("a") == Outcome::leader);
    QVERIFY(second.claim("b") == Outcome::leader);
    QVERIFY(first.claim("b") == Outcome::follower);
    QVERIFY(second.claim("a") == Outcome::follower);
    first.complete(0, text("A"));
    second.complete(0, text("B"));
    QCOMPARE(**first.wait(1), std::string("B"));
    QCOMPARE(**second.wait(1), std::string("A"));
  }

  void a_load_that_landed_since_the_miss_is_not_repeated() {
    World world;
    QVERIFY(!world.cache.find("a").has_value());  // the late caller misses here
    {
      Claims early(world.flights);
      QVERIFY(early.claim("a") == Outcome::leader);
      early.complete(0, text("A"));
    }
    Claims late(world.flights);
    QVERIFY(late.claim("a") == Outcome::cached);
    QCOMPARE(**late.wait(0), std::string("A"));
  }

  void a_claim_given_up_releases_who_waits() {
    World world;
    Claims follower(world.flights);
    {
      Claims leader(world.flights);
      QVERIFY(leader.claim("a") == Outcome::leader);
      QVERIFY(follower.claim("a") == Outcome::follower);
    }
    QVERIFY(follower.wait(0).status().code() == StatusCode::cancelled);
    Claims next(world.flights);
    QVERIFY(next.claim("a") == Outcome::leader);
  }

  // A delete does not bring a key in; the load that it overtook must not either.
  void a_detached_load_never_enters_the_cache() {
    World world;
    Claims leader(world.flights), follower(world.flights), next(world.flights);
    QVERIFY(leader.claim("a") == Outcome::leader);
    QVERIFY(follower.claim("a") == Outcome::follower);
    world.flights.write("a", nullptr);
    QVERIFY(next.claim("a") == Outcome::leader);
    leader.complete(0, text("old"));
    QVERIFY(!world.cache.contains("a"));
    QCOMPARE(**follower.wait(0), std::string("old"));
    next.complete(0, text("new"));
    QCOMPARE(**world.cache.peek("a"), std::string("new"));
  }

  void a_range_detaches_its_keys_and_no_others() {
    World world;
    Claims leader(world.flights);
    for (const char* key : {"a", "b", "c"}) QVERIFY(leader.claim(key) == Outcome::leader);
    world.flights.forget_range("b", "c");
    world.flights.forget_range("c", "a");  // no range
    for (std::size_t i = 0; i < 3; ++i) leader.complete(i, text("v"));
    QVERIFY(world.cache.contains("a"));
    QVERIFY(!world.cache.contains("b"));
    QVERIFY(world.cache.contains("c"));
  }

  void a_value_too_big_to_cache_still_reaches_who_waits() {
    World world;
    Claims leader(world.flights), follower(world.flights);
    QVERIFY(leader.claim("a") == Outcome::leader);
    QVERIFY(follower.claim("a") == Outcome::follower);
    leader.complete(0, text(std::string(2u << 20, 'v')));
    QCOMPARE(follower.wait(0)->view().size(), std::size_t{2u << 20});
    QVERIFY(!world.cache.contains("a"));
  }
};

QTEST_APPLESS_MAIN(FlightTableTest)
#include "flight_table_test.moc"
