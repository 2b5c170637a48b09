// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/newest_list.h"

#include <QtTest>
#include <algorithm>
#include <deque>
#include <random>
#include <string>

using namespace nodetune;

class NewestListTest : public QObject {
  Q_OBJECT
 private slots:
  void it_holds_what_a_queue_with_a_limit_holds() {
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    for (const std::size_t limit : {0u, 1u, 2u, 7u}) {
      NewestList<std::string> list;
      std::deque<std::string> model;
      for (int round = 0; round < 500; ++round) {
        if (random() % 40 == 0) {
          list.clear();
          model.clear();
        }
        const auto entry = std::to_string(round) + std::string(random() % 40, 'x');
        list.add(entry, limit);
        model.push_back(entry);
        if (model.size() > limit) model.pop_front();
        QCOMPARE(list.size(), model.size());
        QCOMPARE(list.empty(), model.empty());
        QVERIFY(std::equal(list.begin(), list.end(), model.begin(), model.end()));
        if (model.empty()) continue;
        const auto index = random() % model.size();
        QCOMPARE(list[index], model[index]);
        QCOMPARE(list.back(), model.back());
      }
    }
  }

  void a_new_entry_takes_the_memory_of_the_oldest() {
    NewestList<std::string> list;
    for (int i = 0; i < 3; ++i) list.add(std::string(100, 'a'), 3);
    const auto* const oldest = list[0].data();
    list.add(std::string(50, 'b'), 3);
    QVERIFY(list.back().data() == oldest);
  }

  void a_list_that_was_moved_from_is_empty_and_usable() {
    NewestList<int> list;
    for (int i = 0; i < 5; ++i) list.add(i, 3);
    auto taken = std::move(list);
    QVERIFY(list.empty());
    list.add(7, 3);
    QVERIFY(list.size() == 1 && list[0] == 7 && taken.size() == 3 && taken[0] == 2);
    taken = std::move(list);
    QVERIFY(list.empty() && taken.size() == 1 && taken.back() == 7);
  }

  void entries_may_be_changed_in_place() {
    NewestList<int> list;
    for (int i = 0; i < 5; ++i) list.add(i, 3);
    for (auto& each : list) each *= 10;
    QCOMPARE(list[0], 20);
    QCOMPARE(list.back(), 40);
    const auto copy = list;
    list.clear();
    QVERIFY(list.empty() && copy.size() == 3);
  }
};

QTEST_APPLESS_MAIN(NewestListTest)
#include "newest_list_test.moc"
