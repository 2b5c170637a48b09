// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/objects/arbiter_feed.h"

#include <QtTest>
#include <cmath>

using namespace nodetune;

namespace {

constexpr std::uint64_t kMebibyte = 1u << 20;

// Misses fall evenly until all is inside.
ArbiterReadings::Curve even_curve(std::uint64_t full_bytes) {
  CurveSnapshot curve;
  curve.by_bytes = {{0, 0, 1}, {0, static_cast<double>(full_bytes), 0}};
  curve.lookups = 10'000;
  return std::make_shared<const CurveSnapshot>(std::move(curve));
}

// A node of `blocks` blocks: slots are read much and gain, receipts hardly.
ArbiterReadings after(std::uint64_t blocks) {
  ArbiterReadings now;
  now.blocks = blocks;
  for (auto& cache : now.caches) cache.capacity_bytes = 32 * kMebibyte;
  auto& storage = now.caches[index_of(ObjectKind::storage)];
  storage.hits = 600 * blocks;
  storage.misses = 400 * blocks;
  now.reads[index_of(ObjectKind::storage)] = {400 * blocks, 400e-6 * 20 * double(blocks) / 20};
  now.curves[index_of(ObjectKind::storage)] = even_curve(128 * kMebibyte);
  now.caches[index_of(ObjectKind::receipt)].hits = blocks;
  now.caches[index_of(ObjectKind::receipt)].misses = blocks;
  now.reads[index_of(ObjectKind::receipt)] = {blocks, 1e-5 * double(blocks)};
  now.curves[index_of(ObjectKind::receipt)] = even_curve(4 * kMebibyte);
  now.block_cache = {500 * blocks, 100 * blocks, 100 * blocks, 100 * 30e-6 * double(blocks),
                     64 * kMebibyte};
  now.block_cache_curve = even_curve(256 * kMebibyte);
  now.memtable_bytes = 20e6;
  return now;
}

// Reads come out of nothing; time passes by 8 µs a key.
class SlowStore final : public KeyValueStore {
 public:
  explicit SlowStore(ManualClock& clock) : clock_(clock) {}
  Result<Value> get(Family, std::string_view) override {
    clock_.advance(Duration(8));
    return Value("value");
  }
  Result<std::vector<Value>> multi_get(std::span<const ReadKey> keys) override {
    clock_.advance(Duration(8 * static_cast<int>(keys.size())));
    return std::vector<Value>(keys.size());
  }
  Status scan(Family, std::string_view, std::string_view, const Visit&) override {
    return Status::ok();
  }
  Status write(std::span<const WriteOperation>, Durability) override { return Status::ok(); }
  Status ingest(std::span<const WriteOperation>) override { return Status::ok(); }
  Status sync() override { return Status::ok(); }

 private:
  ManualClock& clock_;
};

}  // namespace

class ArbiterFeedTest : public QObject {
  Q_OBJECT
 private slots:
  void rates_and_costs_are_means_a_block() {
    ArbiterFeed feed;
    ArbiterSettings settings;
    settings.mode = ArbiterMode::curves;
    QVERIFY(!feed.decide(after(10), settings));  // the first look has nothing before it
    QVERIFY(!feed.decide(after(10), settings));  // no block has passed
    QVERIFY(feed.decide(after(20), settings));
    const auto& storage = feed.input().consumers[index_of(ObjectKind::storage)];
    QVERIFY(std::abs(storage.lookups_per_block - 1'000) < 1e-6);
    QVERIFY(std::abs(storage.miss_seconds - 1e-6) < 1e-12);
    const auto& blocks = feed.input().consumers[ArbiterFeed::kBlockCache];
    QVERIFY(std::abs(blocks.lookups_per_block - 500) < 1e-6);
    QVERIFY(std::abs(blocks.miss_seconds - 30e-6) < 1e-12);
    QVERIFY(std::isnan(feed.input().consumers[index_of(ObjectKind::header)].miss_seconds));
    QCOMPARE(feed.input().consumers[index_of(ObjectKind::header)].lookups_per_block, 0.0);
  }

  void memory_flows_and_the_sum_stays() {
    ArbiterFeed feed;
    ArbiterSettings settings;
    settings.mode = ArbiterMode::curves;
    auto now = after(1);
    (void)feed.decide(now, settings);
    std::uint64_t budget = 0;
    for (std::uint64_t block = 2; block < 60; ++block) {
      auto next = after(block);
      for (std::size_t i = 0; i < kObjectKindCount; ++i) {
        next.caches[i].capacity_bytes = now.caches[i].capacity_bytes;
      }
      next.block_cache.capacity_bytes = now.block_cache.capacity_bytes;
      const auto decision = feed.decide(next, settings);
      QVERIFY(decision.has_value());
      if (budget == 0) budget = feed.input().budget_bytes;
      QVERIFY(feed.input().budget_bytes <= budget);
      QCOMPARE(decision->bytes[ArbiterFeed::kMemtables], 32 * kMebibyte);  // 20 MB, rounded up
      for (std::size_t i = 0; i < kObjectKindCount; ++i) {
        next.caches[i].capacity_bytes = decision->bytes[i];
      }
      next.block_cache.capacity_bytes = decision->bytes[ArbiterFeed::kBlockCache];
      now = next;
    }
    // A block lookup costs 30 µs, a slot's 1 µs: what gains nothing goes to them.
    QVERIFY(now.block_cache.capacity_bytes > 200 * kMebibyte);
    QCOMPARE(now.caches[index_of(ObjectKind::header)].capacity_bytes, kMebibyte);
  }

  void memtables_count_as_the_most_they_took() {
    ArbiterFeed feed;
    const ArbiterSettings settings;
    auto now = after(1);
    (void)feed.decide(now, settings);
    now = after(2);
    now.memtable_bytes = 100e6;
    (void)feed.decide(now, settings);
    now = after(3);
    now.memtable_bytes = kMissing;
    (void)feed.decide(now, settings);
    QCOMPARE(feed.input().consumers[ArbiterFeed::kMemtables].present_bytes, 96 * kMebibyte);
  }

  void memtables_above_the_budget_leave_the_caches_their_minimums() {
    ArbiterFeed feed;
    ArbiterSettings settings;
    settings.mode = ArbiterMode::curves;
    settings.budget_bytes = 24 * kMebibyte;
    (void)feed.decide(after(1), settings);
    const auto decision = feed.decide(after(2), settings);
    QVERIFY(decision && decision->budget_too_small);
    QVERIFY(decision->reason.find("memtables") != std::string::npos);
    for (std::size_t i = 0; i < ArbiterFeed::kMemtables; ++i) {
      QCOMPARE(decision->bytes[i], kMebibyte);
    }
  }

  void the_rules_look_every_tenth_block() {
    ArbiterFeed feed;
    const ArbiterSettings settings;  // specification
    (void)feed.decide(after(0), settings);
    int moved = 0;
    for (std::uint64_t block = 1; block <= 20; ++block) {
      auto now = after(block);
      now.memory_ratio = 0.95;
      const auto decision = feed.decide(now, settings);
      QVERIFY(decision && !decision->by_curves);
      if (!decision->moves.empty()) ++moved;
    }
    QCOMPARE(moved, 2);
  }

  void keys_of_one_read_share_its_time() {
    ManualClock clock;
    SlowStore slow(clock);
    TimedReads reads(slow, clock);
    QVERIFY(reads.get(Family::accounts, "key"));
    const std::vector<ReadKey> keys = {
        {Family::accounts, "a"}, {Family::storage, "b"}, {Family::storage, "c"}};
    QVERIFY(reads.multi_get(keys));
    QCOMPARE(reads.reads(Family::accounts).keys, std::uint64_t{2});
    QVERIFY(std::abs(reads.reads(Family::accounts).seconds - 16e-6) < 1e-12);
    QVERIFY(std::abs(reads.reads(Family::storage).seconds - 16e-6) < 1e-12);
    QCOMPARE(reads.reads(Family::headers).keys, std::uint64_t{0});
  }
};

QTEST_APPLESS_MAIN(ArbiterFeedTest)
#include "arbiter_feed_test.moc"
