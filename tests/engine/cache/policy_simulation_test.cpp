// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/policy_simulation.h"

#include <QtTest>
#include <algorithm>
#include <list>
#include <map>
#include <memory>
#include <random>

using namespace nodetune;

namespace {

// The policies as their papers tell them, with lists that are searched from end to end. Newest
// entries stand in front; sizes are sums of charges.
struct Item {
  std::uint64_t key = 0;
  std::uint64_t charge = 0;
  int frequency = 0;
};

struct List : std::list<Item> {
  iterator at(std::uint64_t key) {
    return std::find_if(begin(), end(), [key](const Item& item) { return item.key == key; });
  }
  std::uint64_t size_of() const {
    std::uint64_t sum = 0;
    for (const Item& item : *this) sum += item.charge;
    return sum;
  }
  bool remove_key(std::uint64_t key) {
    const auto found = at(key);
    if (found == end()) return false;
    erase(found);
    return true;
  }
  Item take_last() {
    const Item item = back();
    pop_back();
    return item;
  }
};

class Reference {
 public:
  explicit Reference(std::uint64_t capacity) : capacity_(capacity) {}
  virtual ~Reference() = default;
  bool access(std::uint64_t key, std::uint64_t charge) {
    const bool hit = contains(key);
    if (charge > capacity_) {
      if (hit) drop(key), ++evictions;
    } else if (hit) {
      touch(key, charge);
    } else {
      miss(key, charge);
    }
    return hit;
  }
  void resize(std::uint64_t capacity) {
    capacity_ = capacity;
    shrink();
  }
  virtual bool contains(std::uint64_t key) = 0;
  virtual std::uint64_t charge() const = 0;
  virtual std::size_t entries() const = 0;
  std::uint64_t evictions = 0;

 protected:
  virtual void touch(std::uint64_t key, std::uint64_t charge) = 0;
  virtual void miss(std::uint64_t key, std::uint64_t charge) = 0;
  virtual void shrink() = 0;
  virtual void drop(std::uint64_t key) = 0;
  std::uint64_t capacity_;
};

class ReferenceLru final : public Reference {
 public:
  using Reference::Reference;
  bool contains(std::uint64_t key) override { return all_.at(key) != all_.end(); }
  std::uint64_t charge() const override { return all_.size_of(); }
  std::size_t entries() const override { return all_.size(); }

 private:
  void touch(std::uint64_t key, std::uint64_t charge) override {
    all_.remove_key(key);
    all_.push_front({key, charge});
    shrink();
  }
  void miss(std::uint64_t key, std::uint64_t charge) override {
    all_.push_front({key, charge});
    shrink();
  }
  void shrink() override {
    for (; all_.size_of() > capacity_; ++evictions) all_.pop_back();
  }
  void drop(std::uint64_t key) override { all_.remove_key(key); }
  List all_;
};

class ReferenceS3Fifo final : public Reference {
 public:
  using Reference::Reference;
  bool contains(std::uint64_t key) override {
    return small_.at(key) != small_.end() || main_.at(key) != main_.end();
  }
  std::uint64_t charge() const override { return small_.size_of() + main_.size_of(); }
  std::size_t entries() const override { return small_.size() + main_.size(); }

 private:
  std::uint64_t small_capacity() const { return std::max<std::uint64_t>(1, capacity_ / 10); }
  void touch(std::uint64_t key, std::uint64_t charge) override {
    auto found = small_.at(key);
    if (found == small_.end()) found = main_.at(key);
    found->frequency = std::min(found->frequency + 1, 3);
    found->charge = charge;
    shrink();
  }
  void miss(std::uint64_t key, std::uint64_t charge) override {
    const bool known = ghost_.remove_key(key);
    room_for(charge);
    (known ? main_ : small_).push_front({key, charge});
  }
  void shrink() override { room_for(0); }
  void drop(std::uint64_t key) override {
    if (!small_.remove_key(key)) main_.remove_key(key);
  }
  void room_for(std::uint64_t extra) {
    while (charge() + extra > capacity_) {
      const bool from_small = small_.size_of() >= small_capacity() && !small_.empty();
      if (from_small || main_.empty()) {
        Item item = small_.take_last();
        const bool wanted = item.frequency > 1;
        item.frequency = 0;
        (wanted ? main_ : ghost_).push_front(item);
        if (!wanted) ++evictions;
      } else {
        Item item = main_.take_last();
        if (item.frequency-- > 0) {
          main_.push_front(item);
        } else {
          ++evictions;
        }
      }
    }
    const auto ghosts = capacity_ - std::min(capacity_, small_capacity());
    while (ghost_.size_of() > ghosts) ghost_.pop_back();
  }
  List small_, main_, ghost_;
};

class ReferenceArc final : public Reference {
 public:
  using Reference::Reference;
  bool contains(std::uint64_t key) override {
    return t1_.at(key) != t1_.end() || t2_.at(key) != t2_.end();
  }
  std::uint64_t charge() const override { return t1_.size_of() + t2_.size_of(); }
  std::size_t entries() const override { return t1_.size() + t2_.size(); }

 private:
  void touch(std::uint64_t key, std::uint64_t charge) override {
    drop(key);
    t2_.push_front({key, charge});
    shrink();
  }
  void miss(std::uint64_t key, std::uint64_t charge) override {
    const auto b1 = static_cast<double>(b1_.size_of());
    const auto b2 = static_cast<double>(b2_.size_of());
    const auto unit = static_cast<double>(charge);
    if (b1_.at(key) != b1_.end()) {
      p_ = std::min(static_cast<double>(capacity_), p_ + unit * (b1 >= b2 ? 1 : b2 / b1));
      b1_.remove_key(key);
      while (this->charge() + charge > capacity_) replace(false);
      t2_.push_front({key, charge});
      room_for(0);
    } else if (b2_.at(key) != b2_.end()) {
      p_ = std::max(0.0, p_ - unit * (b2 >= b1 ? 1 : b1 / b2));
      b2_.remove_key(key);
      while (this->charge() + charge > capacity_) replace(true);
      t2_.push_front({key, charge});
      room_for(0);
    } else {
      while (t1_.size_of() + b1_.size_of() + charge > capacity_) {
        if (t1_.size_of() < capacity_ && !b1_.empty()) {
          b1_.pop_back();
        } else {
          t1_.pop_back();
          ++evictions;
        }
      }
      room_for(charge);
      t1_.push_front({key, charge});
    }
  }
  void shrink() override {
    p_ = std::min(p_, static_cast<double>(capacity_));
    room_for(0);
  }
  void drop(std::uint64_t key) override {
    if (!t1_.remove_key(key)) t2_.remove_key(key);
  }
  void room_for(std::uint64_t extra) {
    while (charge() + extra > capacity_) replace(false);
    while (!b1_.empty() && t1_.size_of() + b1_.size_of() + extra > capacity_) b1_.pop_back();
    while (!b2_.empty() && charge() + b1_.size_of() + b2_.size_of() + extra > 2 * capacity_) {
      b2_.pop_back();
    }
  }
  void replace(bool in_b2) {
    const auto t1 = static_cast<double>(t1_.size_of());
    ++evictions;
    if (t2_.empty() || (!t1_.empty() && (t1 > p_ || (in_b2 && t1 == p_)))) {
      b1_.push_front(t1_.take_last());
    } else {
      b2_.push_front(t2_.take_last());
    }
  }
  List t1_, t2_, b1_, b2_;
  double p_ = 0;
};

std::unique_ptr<Reference> make_reference(PolicyKind policy, std::uint64_t capacity) {
  switch (policy) {
    case PolicyKind::lru:
      return std::make_unique<ReferenceLru>(capacity);
    case PolicyKind::s3fifo:
      return std::make_unique<ReferenceS3Fifo>(capacity);
    case PolicyKind::arc:
      return std::make_unique<ReferenceArc>(capacity);
  }
  return nullptr;
}

// Empty, or what went apart.
QByteArray compare(PolicySimulation& simulation, Reference& reference, std::uint64_t keys) {
  if (simulation.entries() != reference.entries()) return "entries";
  if (simulation.charge() != reference.charge()) return "charge";
  if (simulation.evictions() != reference.evictions) return "evictions";
  if (simulation.charge() > simulation.capacity()) return "over its capacity";
  std::uint64_t residents = 0;
  for (const auto& one : simulation.residents()) residents += one.charge;
  if (residents != simulation.charge()) return "charge is not the sum of the residents'";
  for (std::uint64_t key = 0; key < keys; ++key) {
    if (simulation.contains(key) != reference.contains(key)) {
      return "key " + QByteArray::number(qulonglong{key});
    }
  }
  return {};
}

// One random life of a cache: skewed keys, loops, new sizes. Empty, or what went apart.
QByteArray live(PolicyKind policy, std::mt19937_64& random, bool by_bytes) {
  const auto below = [&random](std::uint64_t limit) { return random() % limit; };
  const std::uint64_t unit = by_bytes ? 100 : 1;
  const std::uint64_t keys = 8 + below(56);
  auto capacity = below(24) * unit + below(unit);
  const auto simulation = make_policy_simulation(policy, capacity);
  const auto reference = make_reference(policy, capacity);
  const std::uint64_t steps = 50 + below(250);
  for (std::uint64_t step = 0; step < steps; ++step) {
    if (below(60) == 0) {
      capacity = below(24) * unit + below(unit);
      simulation->resize(capacity);
      reference->resize(capacity);
    }
    const auto key = below(4) == 0 ? step % keys : std::min(below(keys), below(keys));
    const auto charge = by_bytes ? 1 + below(below(20) == 0 ? 1'500 : 200) : 1;
    if (simulation->access(key, charge) != reference->access(key, charge)) {
      return "hit or miss at step " + QByteArray::number(qulonglong{step});
    }
    if (step % 16 == 0 || step + 1 == steps) {
      const auto apart = compare(*simulation, *reference, keys);
      if (!apart.isEmpty()) return apart + " at step " + QByteArray::number(qulonglong{step});
    }
  }
  return {};
}

}  // namespace

class PolicySimulationTest : public QObject {
  Q_OBJECT
 private slots:
  void names_are_told_and_read() {
    for (const PolicyKind policy : kPolicyKinds) {
      QVERIFY(parse_policy_kind(name(policy)) == policy);
      QVERIFY(!display_name(policy).empty());
      QVERIFY(make_policy_simulation(policy, 1)->kind() == policy);
    }
    QVERIFY(!parse_policy_kind("LRU"));
    QVERIFY(!parse_policy_kind(""));
  }

  void random_lives_follow_the_reference_data() {
    QTest::addColumn<int>("policy");
    QTest::addColumn<bool>("by_bytes");
    for (const PolicyKind policy : kPolicyKinds) {
      const auto text = QByteArray::fromStdString(std::string(name(policy)));
      QTest::newRow(text + " by entries") << static_cast<int>(policy) << false;
      QTest::newRow(text + " by bytes") << static_cast<int>(policy) << true;
    }
  }
  void random_lives_follow_the_reference() {
    QFETCH(int, policy);
    QFETCH(bool, by_bytes);
    const auto seed = std::random_device{}();
    qInfo() << "seed" << seed;
    std::mt19937_64 random(seed);
    for (int life = 0; life < 1'500; ++life) {
      const auto apart = live(static_cast<PolicyKind>(policy), random, by_bytes);
      QVERIFY2(apart.isEmpty(), "life " + QByteArray::number(life) + ": " + apart);
    }
  }

  void lru_keeps_what_was_used_last() {
    const auto lru = make_policy_simulation(PolicyKind::lru, 2);
    QVERIFY(!lru->access(1));
    QVERIFY(!lru->access(2));
    QVERIFY(lru->access(1));
    QVERIFY(!lru->access(3));
    QVERIFY(lru->contains(1));
    QVERIFY(!lru->contains(2));
    QCOMPARE(lru->evictions(), std::uint64_t{1});
  }

  void s3fifo_and_arc_keep_what_is_used_again_through_a_scan() {
    for (const PolicyKind policy : {PolicyKind::s3fifo, PolicyKind::arc}) {
      const auto cache = make_policy_simulation(policy, 100);
      for (int round = 0; round < 4; ++round) {
        for (std::uint64_t key = 0; key < 50; ++key) cache->access(key);
      }
      for (std::uint64_t key = 1'000; key < 3'000; ++key) cache->access(key);
      int kept = 0;
      for (std::uint64_t key = 0; key < 50; ++key) kept += cache->contains(key) ? 1 : 0;
      QCOMPARE(kept, 50);
    }
  }

  void a_switch_takes_the_residents_along_in_order_of_use() {
    for (const PolicyKind from : kPolicyKinds) {
      const auto before = make_policy_simulation(from, 64);
      for (std::uint64_t key = 0; key < 64; ++key) before->access(key);
      for (std::uint64_t key = 0; key < 8; ++key) before->access(key);
      const auto residents = before->residents();
      QCOMPARE(residents.size(), before->entries());
      QVERIFY(std::is_sorted(residents.begin(), residents.end(),
                             [](const auto& a, const auto& b) { return a.age > b.age; }));
      for (const PolicyKind to : kPolicyKinds) {
        const auto after = make_policy_simulation(to, 64);
        after->adopt(residents);
        QCOMPARE(after->entries(), before->entries());
        QCOMPARE(after->evictions(), std::uint64_t{0});
        for (const auto& one : residents) QVERIFY(after->contains(one.key));
        // The order survives: as an LRU of half the size it keeps the half used last.
        const auto half = make_policy_simulation(PolicyKind::lru, residents.size() / 2);
        half->adopt(after->residents());
        for (std::uint64_t key = 0; key < 8; ++key) QVERIFY(half->contains(key));
      }
    }
  }

  void nothing_fits_into_no_capacity() {
    for (const PolicyKind policy : kPolicyKinds) {
      const auto cache = make_policy_simulation(policy, 0);
      QVERIFY(!cache->access(7));
      QVERIFY(!cache->access(7));
      QCOMPARE(cache->entries(), std::size_t{0});
      cache->resize(10);
      QVERIFY(!cache->access(7, 11));
      QCOMPARE(cache->entries(), std::size_t{0});
      QVERIFY(!cache->access(7, 0));  // charged 1
      QCOMPARE(cache->charge(), std::uint64_t{1});
      QVERIFY(cache->access(7, 1ull << 40));  // too large now: dropped
      QCOMPARE(cache->charge(), std::uint64_t{0});
    }
  }

  void memory_is_bounded_by_the_capacity() {
    for (const PolicyKind policy : kPolicyKinds) {
      const auto cache = make_policy_simulation(policy, 1'000);
      for (std::uint64_t key = 0; key < 100'000; ++key) cache->access(key * key);
      // Entries and ghosts, 2,000 at most; arrays grow by doubling.
      QVERIFY2(cache->memory_bytes() < 4'096 * (32 + 4),
               QByteArray::number(qulonglong{cache->memory_bytes()}));
    }
  }
};

QTEST_APPLESS_MAIN(PolicySimulationTest)
#include "policy_simulation_test.moc"
