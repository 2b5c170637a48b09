// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/live_screen.h"

#include <QtTest>
#include <algorithm>
#include <cmath>
#include <random>

#include "engine/report/text_line.h"
#include "tests/engine/report/report_node.h"

using namespace nodetune;
using namespace std::chrono_literals;

namespace {

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const auto& line : lines) all += line + '\n';
  return all;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

class LiveScreenTest : public QObject {
  Q_OBJECT
 private slots:
  void says_who_how_and_since_when() {
    const auto node = ReportNode::managed(60);
    node->text.locked_by = LockHolder{4711, "be\nsu"};
    node->advice.back().state = RecommendationState::proposed;
    const auto text = joined(live_screen(*node, {}, node->now));
    QVERIFY2(has(text, "/srv/chain/bench"), text.c_str());
    QVERIFY2(has(text, "RocksDB 7.8.3"), text.c_str());
    QVERIFY2(has(text, "be\\x0asu (pid 4711)"), text.c_str());
    QVERIFY2(has(text, "the last 5 min\n"), text.c_str());
    QVERIFY2(has(text, "   is behind.\n"), text.c_str());  // on the next line: it is not cut
    QVERIFY2(has(text, "Recommended:"), text.c_str());
  }

  void what_is_not_known_is_no_zero() {
    const auto node = ReportNode::empty();
    LiveScreenStyle style;
    style.rows = 30;
    const auto text = joined(live_screen(*node, style, node->now));
    QVERIFY2(has(text, "Debt              –"), text.c_str());
    QVERIFY2(!has(text, " 0 B"), text.c_str());
    QVERIFY2(has(text, "nothing that is known"), text.c_str());
  }

  void never_larger_than_the_terminal() {
    const auto node = ReportNode::managed(300);
    node->text.path = "/srv/" + std::string(500, 'x') + "\x1b[2J";
    for (int i = 0; i < 200; ++i) {
      node->add_event(i % 2 == 0 ? EventCategory::stall : EventCategory::flush, Severity::warning,
                      "family", std::string(300, 'y'));
    }
    const auto seed = std::random_device{}();
    std::mt19937 random(seed);
    for (int round = 0; round < 200; ++round) {
      LiveScreenStyle style;
      style.columns = std::uniform_int_distribution(1, 240)(random);
      style.rows = std::uniform_int_distribution(1, 80)(random);
      style.unicode = round % 2 == 0;
      const auto lines = live_screen(*node, style, node->now);
      const auto story = QByteArray("seed ") + QByteArray::number(seed) + ", " +
                         QByteArray::number(style.columns) + " x " + QByteArray::number(style.rows);
      QVERIFY2(lines.size() == static_cast<std::size_t>(style.rows), story);
      for (const auto& line : lines) {
        QVERIFY2(columns_of(line) <= static_cast<std::size_t>(style.columns), story);
        const bool plain = std::all_of(line.begin(), line.end(), [&](char c) {
          const auto byte = static_cast<unsigned char>(c);
          return byte >= 0x20 && byte != 0x7f && (style.unicode || byte < 0x80);
        });
        QVERIFY2(plain, story);
      }
    }
  }

  void old_figures_say_so() {
    const auto node = ReportNode::managed(60);
    const auto fresh = live_screen(*node, {}, node->now);
    QVERIFY(!has(fresh.back(), " old"));
    const auto old = live_screen(*node, {}, node->now + 42s);
    QVERIFY2(has(old.back(), "42 s old"), old.back().c_str());
  }

  void stalls_come_before_everyday_work() {
    const auto node = ReportNode::managed(10);
    node->add_event(EventCategory::stall, Severity::warning, "default",
                    "Writes stopped: memtables");
    for (int i = 0; i < 300; ++i) {
      node->add_event(EventCategory::flush, Severity::info, "default", "Flushed");
    }
    LiveScreenStyle style;
    style.rows = 40;
    const auto text = joined(live_screen(*node, style, node->now));
    QVERIFY2(has(text, "Writes stopped: memtables"), text.c_str());
    QVERIFY2(has(text, "default: Flushed"), text.c_str());
  }

  void a_sparkline_keeps_spikes_and_gaps() {
    QCOMPARE(sparkline({0, 1, kMissing, 7}, 0, true), std::string("▁▂ █"));
    QCOMPARE(sparkline({0, 0.5, 1, 2}, 1, false), std::string("_+##"));
    QCOMPARE(sparkline({}, 0, true), std::string());
  }

  void a_line_is_cut_at_a_character() {
    TextLine line("abc…→µ");
    QCOMPARE(line.columns(), std::size_t{6});
    QCOMPARE(line.render(5, false, true), std::string("abc……"));
    QCOMPARE(line.render(6, false, false), std::string("abc->u"));
    QCOMPARE(TextLine("x", TextTone::bad).render(9, true, true), std::string("\x1b[1;31mx\x1b[0m"));
    QCOMPARE(line.render(0, false, true), std::string());
  }
};

QTEST_APPLESS_MAIN(LiveScreenTest)
#include "live_screen_test.moc"
