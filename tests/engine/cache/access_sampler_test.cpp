// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/access_sampler.h"

#include <QtTest>
#include <cmath>
#include <random>
#include <thread>

using namespace nodetune;

namespace {

// What a cache does that holds everything it was given.
class FullCache {
 public:
  explicit FullCache(AccessSampler& sampler) : sampler_(sampler) {}
  void access(std::uint64_t hash, bool hit) {
    ++lookups;
    if (!sampler_.samples(hash)) return;
    ++told;
    sampler_.on_lookup(hash, hit, hit ? 100 : 0);
    if (!hit) sampler_.on_insert(hash, 100);
  }
  std::uint64_t lookups = 0;
  std::uint64_t told = 0;

 private:
  AccessSampler& sampler_;
};

}  // namespace

class AccessSamplerTest : public QObject {
  Q_OBJECT

 private slots:
  void both_see_what_they_would_alone();
  void the_cache_is_told_the_larger_threshold();
  void charges_come_with_hits_and_with_insertions();
  void threads_may_share_it();
};

void AccessSamplerTest::both_see_what_they_would_alone() {
  constexpr std::size_t kCapacity = 20'000;
  AccessSampler sampler({.curve = {.samples_max = 512}, .chooser = {}});
  sampler.set_capacity(kCapacity);
  MissRatioCurve curve({.samples_max = 512});
  PolicyChooser chooser;
  chooser.set_capacity(kCapacity);
  FullCache cache(sampler);
  std::mt19937_64 random(1);
  std::vector<std::uint64_t> keys(60'000);
  for (auto& key : keys) key = random();
  std::vector<bool> inside(keys.size());
  for (int i = 0; i < 300'000; ++i) {
    const auto key = random() % (i % 2 == 0 ? keys.size() : keys.size() / 50);
    const auto hash = keys[key];
    const bool hit = inside[key];
    inside[key] = true;
    cache.access(hash, hit);
    if (curve.samples(hash)) {
      curve.touch(hash);
      curve.put(hash, 100);
    }
    if (!chooser.samples(hash)) continue;
    chooser.touch(hash, hit);
    if (!hit) chooser.insert(hash);
  }
  sampler.add_lookups(cache.lookups);
  curve.add_lookups(cache.lookups);
  QVERIFY(cache.told < cache.lookups / 2);
  QCOMPARE(sampler.curve().sampling_rate, curve.snapshot().sampling_rate);
  for (double size = 0; size < 60'000; size += 500) {
    QCOMPARE(sampler.curve().miss_ratio_at_entries(size),
             curve.snapshot().miss_ratio_at_entries(size));
    QCOMPARE(sampler.curve().miss_ratio_at_bytes(100 * size),
             curve.snapshot().miss_ratio_at_bytes(100 * size));
  }
  for (const auto policy : kPolicyKinds) {
    QVERIFY(!std::isnan(sampler.miss_ratio(policy)));
    QCOMPARE(sampler.miss_ratio(policy), chooser.miss_ratio(policy));
  }
  QVERIFY(sampler.choice().policy == chooser.choice());
  QCOMPARE(sampler.choice().reason, chooser.reason());
  QVERIFY(sampler.memory_bytes() > curve.memory_bytes() + chooser.memory_bytes());
}

void AccessSamplerTest::the_cache_is_told_the_larger_threshold() {
  AccessSampler sampler({.curve = {.samples_max = 64}, .chooser = {}});
  std::mt19937_64 random(2);
  const auto run = [&] {
    for (int i = 0; i < 20'000; ++i) {
      const auto hash = random();
      if (sampler.samples(hash)) sampler.on_lookup(hash, false, 0);
    }
  };
  QVERIFY(sampler.samples(~std::uint64_t{0}));  // few keys: the curve watches all
  run();
  const auto rate = sampler.curve().sampling_rate;
  QVERIFY(rate < 0.01);
  QVERIFY(!sampler.samples(std::uint64_t{1} << 60));  // a sixteenth: no chooser is at work
  sampler.set_capacity(10);
  run();
  QVERIFY(sampler.samples(~std::uint64_t{0}));  // a small cache is simulated whole
  sampler.set_capacity(1'000'000);
  QVERIFY(!sampler.samples(std::uint64_t{1} << 60));
  QVERIFY(sampler.samples(std::uint64_t{1} << 54));
}

void AccessSamplerTest::charges_come_with_hits_and_with_insertions() {
  AccessSampler sampler;
  for (std::uint64_t hash = 0; hash < 100; ++hash) {
    sampler.on_lookup(hash, false, 0);
    sampler.on_insert(hash, 50);
  }
  for (std::uint64_t hash = 0; hash < 100; ++hash) sampler.on_lookup(hash, true, 50);
  QCOMPARE(sampler.curve().miss_ratio_at_bytes(4'999), 1.0);
  QCOMPARE(sampler.curve().miss_ratio_at_bytes(5'000), 0.5);
}

void AccessSamplerTest::threads_may_share_it() {
  AccessSampler sampler({.curve = {.samples_max = 128}, .chooser = {}});
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&sampler, t] {
      std::mt19937_64 random(t);
      FullCache cache(sampler);
      for (int i = 0; i < 10'000; ++i) {
        cache.access((random() % 5'000) * 0x9E3779B97F4A7C15, random() % 2 == 0);
        if (i % 1'000 != 0) continue;
        sampler.set_capacity(100 + random() % 100'000);
        sampler.add_lookups(1'000);
        sampler.decay(0.5);
        if (sampler.choice().reason.empty()) sampler.set_largest_bytes(1'000'000);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  QVERIFY(sampler.curve().samples <= 128);
  QVERIFY(sampler.curve().lookups > 0);
}

QTEST_APPLESS_MAIN(AccessSamplerTest)
#include "access_sampler_test.moc"
