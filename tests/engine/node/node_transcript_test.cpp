// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/node_transcript.h"

#include <QtTest>

#include "engine/node/observed_history.h"
#include "tests/engine/report/report_node.h"

using namespace nodetune;

namespace {

const TimePoint kNoon(std::chrono::seconds(1'700'000'000));

TimePoint at(int seconds) {
  return kNoon + std::chrono::seconds(seconds);
}

// A second passes at the node.
void pass(ReportNode& node, int second, double l0_files) {
  node.last = std::make_shared<Snapshot>();
  node.last->sequence = static_cast<std::uint64_t>(second);
  node.last->taken_at = at(second);
  node.last->interval_seconds = 1;
  node.last->set(Metric::db_l0_files, l0_files);
  node.past.add(*node.last);
}

double stalled(const std::vector<RecordedSample>& samples) {
  double sum = 0;
  for (const auto& sample : samples) {
    for (const auto& [metric, value] : sample.figures) {
      if (metric == Metric::db_stall_seconds_total) sum += value * sample.seconds;
    }
  }
  return sum;
}

}  // namespace

class NodeTranscriptTest : public QObject {
  Q_OBJECT

 private slots:
  void a_sample_is_told_once() {
    auto node = ReportNode::empty();
    NodeTranscript transcript(*node, {}, {});
    pass(*node, 1, 3);
    auto news = transcript.look();
    QCOMPARE(news.samples.size(), std::size_t{1});
    QCOMPARE(news.samples.front().time, at(1));
    QVERIFY(transcript.look().samples.empty());
    pass(*node, 2, 4);
    QCOMPARE(transcript.look().samples.size(), std::size_t{1});
  }

  void stalls_that_are_told_late_are_told_all_and_once() {
    auto node = ReportNode::empty();
    NodeTranscript transcript(*node, {}, {});
    double seen = 0;
    for (int second = 1; second <= 1'900; ++second) {
      pass(*node, second, 1);
      if (second % 600 == 0) {
        LoggedDump dump;
        dump.time = at(second);
        dump.interval_seconds = 600;
        dump.interval_stall_seconds = 60;
        fill_back_stalls({dump}, node->past);
      }
      seen += stalled(transcript.look().samples);
    }
    QVERIFY2(std::abs(seen - 180) < 1, qPrintable(QString::number(seen)));
  }

  void what_an_earlier_recording_holds_is_not_told_again() {
    auto node = ReportNode::empty();
    for (const auto& [second, source] :
         {std::pair(1, Source::logged), {2, Source::logged}, {1, Source::measured}}) {
      NodeEvent event;
      event.sequence = node->seen.size() + 1;
      event.time = at(second);
      event.source = source;
      node->seen.push_back(event);
    }
    NodeTranscript transcript(*node, at(5), at(1));
    pass(*node, 4, 1);
    auto news = transcript.look();
    QVERIFY(news.samples.empty());
    QCOMPARE(news.events.size(), std::size_t{2});  // what this program noticed is always new
    pass(*node, 6, 1);
    QCOMPARE(transcript.look().samples.size(), std::size_t{1});
  }
};

QTEST_APPLESS_MAIN(NodeTranscriptTest)
#include "node_transcript_test.moc"
