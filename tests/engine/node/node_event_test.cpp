// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/node_event.h"

#include <QtTest>

using namespace nodetune;

class NodeEventTest : public QObject {
  Q_OBJECT
 private slots:
  void the_newest_are_kept_and_the_rest_is_counted() {
    EventRing ring(/*capacity=*/3);
    for (int i = 1; i <= 5; ++i) {
      NodeEvent event;
      event.text = std::to_string(i);
      ring.add(event);
    }
    QCOMPARE(ring.dropped(), std::uint64_t{2});
    const auto all = ring.since(0, 10);
    QCOMPARE(all.size(), std::size_t{3});
    QCOMPARE(all.front().text, std::string("3"));
    QCOMPARE(all.back().sequence, std::uint64_t{5});
    QCOMPARE(ring.since(4, 10).size(), std::size_t{1});
    QCOMPARE(ring.since(0, 1).front().text, std::string("5"));
    QVERIFY(ring.since(5, 10).empty());
  }
};

QTEST_APPLESS_MAIN(NodeEventTest)
#include "node_event_test.moc"
