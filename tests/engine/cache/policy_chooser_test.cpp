// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/policy_chooser.h"

#include <QtTest>
#include <cmath>
#include <functional>
#include <memory>
#include <random>

#include "engine/cache/adaptive_simulation.h"

using namespace nodetune;

namespace {

constexpr std::size_t kCapacity = 500;

std::uint64_t hash_of(std::uint64_t key) {
  key += 0x9e37'79b9'7f4a'7c15u;
  key = (key ^ (key >> 30)) * 0xbf58'476d'1ce4'e5b9u;
  key = (key ^ (key >> 27)) * 0x94d0'49bb'1331'11ebu;
  return key ^ (key >> 31);
}

// A working set that fits, drowned in keys that never come again.
class Polluted {
 public:
  explicit Polluted(std::uint64_t working_set) : working_set_(working_set) {}
  std::uint64_t operator()() {
    return random_() % 4 == 0 ? random_() % working_set_ : ++fresh_ + (1ull << 32);
  }

 private:
  std::uint64_t working_set_;
  std::uint64_t fresh_ = 0;
  std::mt19937_64 random_{7};
};

// Each key is used twice, `distance` new keys apart, and never again: what matters is to have been
// used lately. LRU keeps it from a capacity of twice the distance on.
class Recent {
 public:
  explicit Recent(std::uint64_t distance) : distance_(distance) {}
  std::uint64_t operator()() {
    ++step_;
    const std::uint64_t at = step_ / 2 + (1ull << 40);
    return step_ % 2 == 0 ? at : at - distance_;
  }

 private:
  std::uint64_t distance_;
  std::uint64_t step_ = 0;
};

void feed(AdaptiveSimulation& cache, std::size_t lookups,
          const std::function<std::uint64_t()>& next) {
  for (std::size_t i = 0; i < lookups; ++i) cache.access(hash_of(next()));
}

QByteArray text(const PolicyChooser& chooser) {
  return QByteArray::fromStdString(chooser.reason());
}

}  // namespace

class PolicyChooserTest : public QObject {
  Q_OBJECT
 private slots:
  void lru_until_enough_is_known() {
    PolicyChooser chooser;
    QVERIFY(!chooser.samples(0));  // no capacity is known yet
    chooser.touch(0, false);
    QVERIFY(std::isnan(chooser.miss_ratio(PolicyKind::lru)));
    QCOMPARE(text(chooser), QByteArray("LRU: nothing looked up yet"));
    PolicyChooser sampling;
    sampling.set_capacity(1u << 20);
    QVERIFY2(text(sampling).endsWith("of the keys are watched, none of them looked up yet"),
             text(sampling).constData());

    AdaptiveSimulation cache(kCapacity);
    Polluted polluted(kCapacity / 2);
    feed(cache, 30, [&] { return polluted(); });
    QCOMPARE(text(cache.chooser()), QByteArray("LRU: still observing, 30 of 750 lookups seen"));
    feed(cache, kCapacity, [&] { return polluted(); });
    QVERIFY(cache.policy() == PolicyKind::lru);
    QVERIFY2(
        text(cache.chooser()).startsWith("LRU: still observing, 530 of 750 lookups seen; misses "),
        text(cache.chooser()));
  }

  void a_scan_polluted_stream_is_taken_from_lru() {
    AdaptiveSimulation cache(kCapacity);
    feed(cache, 40 * kCapacity, Polluted(kCapacity / 2));
    QVERIFY(cache.policy() != PolicyKind::lru);
    const auto& chooser = cache.chooser();
    QVERIFY(chooser.miss_ratio(cache.policy()) + 0.05 < chooser.miss_ratio(PolicyKind::lru));
    QVERIFY2(text(chooser).contains(" where LRU would miss ") &&
                 text(chooser).endsWith("(simulated on all keys, last 2,500 lookups)"),
             text(chooser));
  }

  void a_recency_stream_stays_with_lru() {
    AdaptiveSimulation cache(kCapacity);
    feed(cache, 60 * kCapacity, Recent(kCapacity / 4));
    QVERIFY(cache.policy() == PolicyKind::lru);
    QCOMPARE(cache.chooser().switches(), std::uint64_t{0});
    QVERIFY2(text(cache.chooser()).startsWith("LRU: nothing is clearly better; misses 50"),
             text(cache.chooser()));
  }

  // The moment when LRU wins again costs what the guard allows and what the switch cannot bring
  // back, once.
  void falls_back_after_a_change_of_phase() {
    AdaptiveSimulation cache(kCapacity);
    feed(cache, 40 * kCapacity, Polluted(kCapacity / 2));
    const PolicyKind before = cache.policy();
    QVERIFY(before != PolicyKind::lru);

    const auto lru = make_policy_simulation(PolicyKind::lru, kCapacity);
    Recent recent(kCapacity / 4);
    int lost = 0;
    bool fell_back = false;
    for (std::size_t i = 0; i < 40 * kCapacity; ++i) {
      const auto hash = hash_of(recent());
      lost += (lru->access(hash) ? 1 : 0) - (cache.access(hash) ? 1 : 0);
      if (!fell_back && cache.policy() == PolicyKind::lru) {
        fell_back = true;
        QVERIFY2(text(cache.chooser()).contains("fell behind it and was left"),
                 text(cache.chooser()));
      }
    }
    QVERIFY(fell_back);
    QVERIFY2(lost < static_cast<int>(kCapacity / 2), QByteArray::number(lost));
    QVERIFY(cache.policy() == PolicyKind::lru);
  }

  void the_real_cache_falling_behind_is_enough() {
    PolicyChooser chooser;
    chooser.set_capacity(kCapacity);
    Polluted polluted(kCapacity / 2);
    // Told of a cache that hits whatever its policy would, until it was switched, and then nothing.
    while (chooser.choice() == PolicyKind::lru) chooser.touch(hash_of(polluted()), false);
    std::size_t lookups = 0;
    while (chooser.choice() != PolicyKind::lru && lookups < 20 * kCapacity) {
      chooser.touch(hash_of(polluted()), false);
      ++lookups;
    }
    QVERIFY(chooser.choice() == PolicyKind::lru);
    QCOMPARE(chooser.switches(), std::uint64_t{2});
    QVERIFY2(text(chooser).contains("fell behind it and was left"), text(chooser));
  }

  void a_large_cache_is_simulated_on_a_share_of_its_keys() {
    PolicyChooser chooser;
    const std::size_t limit = PolicyChooserConfig{}.max_simulated_entries;
    chooser.set_capacity(limit);
    QCOMPARE(chooser.sampling_rate(), 1.0);
    chooser.set_capacity(16 * limit);
    QCOMPARE(chooser.sampling_rate(), 1.0 / 16);
    std::mt19937_64 random(5);
    std::size_t sampled = 0;
    for (int i = 0; i < 1'000'000; ++i) {
      const auto hash = hash_of(random() % 1'000'000);
      if (!chooser.samples(hash)) continue;
      ++sampled;
      chooser.touch(hash, false);
    }
    QVERIFY(sampled > 60'000 && sampled < 65'000);
    QVERIFY2(text(chooser).contains("(simulated on 1/16 of the keys, last "), text(chooser));
    // Entries and ghosts of three simulations, in arrays that grow by doubling.
    QVERIFY2(chooser.memory_bytes() < 1'000'000,
             QByteArray::number(qulonglong{chooser.memory_bytes()}));

    // A little growth keeps the sample, much changes it; a shrunk cache is seen in full again.
    chooser.set_capacity(15 * limit);
    QCOMPARE(chooser.sampling_rate(), 1.0 / 16);
    const double misses = chooser.miss_ratio(PolicyKind::arc);
    QVERIFY(misses > 0.5);
    chooser.set_capacity(1'000 * limit);
    QCOMPARE(chooser.sampling_rate(), 1.0 / 1024);
    // What is known stays: the same ratios, of fewer lookups.
    QVERIFY(std::abs(chooser.miss_ratio(PolicyKind::arc) - misses) < 1e-9);
    QVERIFY2(text(chooser).contains("(simulated on 1/1024 of the keys, last "), text(chooser));
    chooser.touch(0, false);
    QVERIFY(!std::isnan(chooser.miss_ratio(PolicyKind::arc)));
    chooser.set_capacity(limit / 8);
    QCOMPARE(chooser.sampling_rate(), 1.0);
    chooser.set_capacity(0);
    QVERIFY(!chooser.samples(0));
    chooser.insert(0);
    chooser.set_capacity(~std::size_t{0});
    QVERIFY(chooser.sampling_rate() > 0);
  }

  // The sampled choice is the full one.
  void a_sample_chooses_as_the_whole_does() {
    PolicyChooserConfig sampled;
    sampled.max_simulated_entries = 1'024;
    for (const bool polluted : {true, false}) {
      AdaptiveSimulation cache(8'192, sampled);
      if (polluted) {
        feed(cache, 30 * 8'192, Polluted(4'096));
      } else {
        feed(cache, 30 * 8'192, Recent(2'048));
      }
      QCOMPARE(cache.policy() != PolicyKind::lru, polluted);
    }
  }

  void what_is_inserted_without_a_lookup_is_known() {
    PolicyChooser chooser;
    chooser.set_capacity(100);
    for (std::uint64_t key = 0; key < 50; ++key) {
      chooser.insert(hash_of(key));
      chooser.insert(hash_of(key));  // replaced
    }
    for (std::uint64_t key = 0; key < 50; ++key) chooser.touch(hash_of(key), true);
    QCOMPARE(chooser.miss_ratio(PolicyKind::lru), 0.0 / 1);
  }

  void a_resize_keeps_the_choice() {
    AdaptiveSimulation cache(kCapacity);
    Polluted polluted(kCapacity / 2);
    const auto next = [&polluted] { return polluted(); };
    feed(cache, 40 * kCapacity, next);
    const PolicyKind before = cache.policy();
    cache.resize(kCapacity + 100);
    QVERIFY(cache.policy() == before);
    feed(cache, 20 * kCapacity, next);
    QVERIFY(cache.policy() != PolicyKind::lru);
    QVERIFY(cache.entries() <= kCapacity + 100);
    cache.resize(10);
    QCOMPARE(cache.entries(), std::size_t{10});
  }
};

QTEST_APPLESS_MAIN(PolicyChooserTest)
#include "policy_chooser_test.moc"
