// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/recency_stack.h"

#include <QtTest>
#include <algorithm>
#include <map>
#include <random>

using namespace nodetune;

class RecencyStackTest : public QObject {
  Q_OBJECT

 private slots:
  void agrees_with_a_list_data();
  void agrees_with_a_list();
};

void RecencyStackTest::agrees_with_a_list_data() {
  QTest::addColumn<int>("members");
  for (const int members : {1, 2, 31, 512, 700, 3'000}) {
    QTest::newRow(qPrintable(QString::number(members))) << members;
  }
}

void RecencyStackTest::agrees_with_a_list() {
  QFETCH(int, members);
  const auto seed = std::random_device()();
  qInfo() << "seed" << seed;
  std::mt19937 random(seed);
  RecencyStack stack(static_cast<std::size_t>(members));
  const auto memory = stack.memory_bytes();
  struct Member {
    std::uint32_t slot = 0;
    std::uint32_t bytes = 0;
  };
  std::map<RecencyStack::Member, Member> inside;
  std::vector<RecencyStack::Member> order;  // the one used last first

  const auto push = [&](RecencyStack::Member member, std::uint32_t bytes) {
    if (stack.full()) {
      stack.compact(
          [&](RecencyStack::Member moved, std::uint32_t slot) { inside[moved].slot = slot; });
    }
    inside[member] = {stack.push(member, bytes), bytes};
    order.insert(order.begin(), member);
  };
  const auto remove = [&](RecencyStack::Member member) {
    QCOMPARE(stack.remove(inside[member].slot), inside[member].bytes);
    order.erase(std::find(order.begin(), order.end(), member));
  };

  for (int i = 0; i < 20'000; ++i) {
    const auto member =
        static_cast<RecencyStack::Member>(random() % static_cast<unsigned>(members));
    const auto bytes = random() % 3 == 0 ? 0 : static_cast<std::uint32_t>(random());
    const auto found = inside.find(member);
    if (found == inside.end()) {
      push(member, bytes);
    } else if (random() % 8 == 0) {
      remove(member);
      inside.erase(member);
    } else if (random() % 8 == 0) {
      stack.set_bytes(found->second.slot, bytes);
      found->second.bytes = bytes;
    } else {
      const auto kept = found->second.bytes;
      remove(member);
      push(member, kept);
    }
    QCOMPARE(std::size_t{stack.total().entries}, order.size());
    if (order.empty()) continue;
    QCOMPARE(stack.oldest(), order.back());
    const auto asked = random() % order.size();
    std::uint64_t above = 0;
    for (std::size_t j = 0; j < asked; ++j) above += inside[order[j]].bytes;
    const auto depth = stack.above(inside[order[asked]].slot);
    QCOMPARE(std::size_t{depth.entries}, std::size_t{asked});
    QCOMPARE(depth.bytes, above);
    if (i % 100 != 0) continue;
    std::vector<std::uint32_t> seen;
    std::vector<std::uint32_t> expected;
    std::uint64_t sum = 0;
    stack.from_top([&](std::uint32_t charge) { seen.push_back(charge); });
    for (const auto each : order) expected.push_back(inside[each].bytes);
    for (const auto charge : expected) sum += charge;
    QVERIFY(seen == expected);
    QCOMPARE(stack.total().bytes, sum);
  }
  QCOMPARE(stack.memory_bytes(), memory);
}

QTEST_APPLESS_MAIN(RecencyStackTest)
#include "recency_stack_test.moc"
