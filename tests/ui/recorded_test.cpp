// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The window on a recording: its end is where charts end, and nothing in it can be decided.
#include <QTemporaryDir>
#include <QtTest>

#include "engine/node/open_node.h"
#include "tests/engine/files/test_files.h"
#include "ui/bridge/history_series.h"
#include "ui/bridge/node_session.h"
#include "ui/shell/node_header.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

// Three hours of a node whose clock nobody knows.
std::string three_hours() {
  std::string log;
  for (int minute = 0; minute <= 180; ++minute) {
    log += QString("2024/11/10-%1:%2:00.000000 7f01 RocksDB version: 8.3.2\n")
               .arg(10 + minute / 60, 2, 10, QChar('0'))
               .arg(minute % 60, 2, 10, QChar('0'))
               .toStdString();
  }
  return log;
}

}  // namespace

class RecordedTest : public QObject {
  Q_OBJECT

 private slots:
  void the_time_axis_is_the_recordings() {
    QTemporaryDir folder;
    const auto path = folder.filePath("LOG").toStdString();
    write_file(folder.filePath("LOG"), three_hours());
    NodeSession session;
    QSignalSpy opened(&session, &NodeSession::opened);
    session.open("LOG", [path](JobControl&) { return open_node(path); });
    QVERIFY(opened.wait(20'000));
    const auto recorded = session.description().recorded;
    QVERIFY(recorded);
    QCOMPARE(session.shown_now(), recorded->last);
    QCOMPARE(session.span_us(), qint64{6 * 3'600'000'000});  // the least that holds three hours
    QVERIFY2(session.utc(), "an unknown zone's times are shown as they stand");
    QCOMPARE(way_text(session.description()), QString("Recorded"));
    session.set_paused(true);
    QCOMPARE(session.shown_now(), recorded->last);
    session.set_paused(false);
    // One line from the beginning to the end, whatever the recording's step.
    const auto points =
        read_series(*session.history(), SeriesSource::of(Metric::db_stalls_l0_stop_total),
                    session.shown_begin().time_since_epoch().count(),
                    recorded->last.time_since_epoch().count(), 400, recorded->step.count());
    QVERIFY(points.size() > 100);
    for (std::size_t i = 1; i < points.size(); ++i) QVERIFY(!points[i].gap_before);
  }
};

QTEST_MAIN(RecordedTest)
#include "recorded_test.moc"
