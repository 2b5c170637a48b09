// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The window on a recording: its end is where charts end, and nothing in it can be decided.
#include <QAbstractButton>
#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QStatusBar>
#include <QTemporaryDir>
#include <QtTest>

#include "engine/node/open_node.h"
#include "engine/node/recorded_source.h"
#include "tests/engine/files/test_files.h"
#include "tests/engine/report/report_node.h"
#include "ui/bridge/history_series.h"
#include "ui/bridge/node_session.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/main_window.h"
#include "ui/shell/node_header.h"
#include "ui/shell/node_view.h"
#include "ui/shell/ssh_dialog.h"

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

// A node on another machine, an hour ahead of this one's clock.
std::unique_ptr<ReportNode> remote_node() {
  auto node = ReportNode::empty();
  node->text.path = "ssh://besu@server/data/besu";
  node->text.way = OpenWay::recorded;
  node->text.kind = kRemoteKind;
  node->text.reason = "recorded over ssh from besu@server";
  node->text.client = "Besu";
  node->text.recorded = RecordedSpan();
  node->text.recorded->still_grows = true;
  node->text.facts = {{std::string(kConnectionFact), std::string(kConnected), "ssh"}};
  return node;
}

// A sample comes.
void arrive(ReportNode& node, TimePoint time) {
  node.last = std::make_shared<Snapshot>();
  node.last->sequence = 1 + static_cast<std::uint64_t>(time.time_since_epoch().count());
  node.last->taken_at = time;
  node.last->interval_seconds = 1;
  node.last->set(Metric::db_l0_files, 3);
  node.past.add(*node.last);
  node.text.recorded->last = time;
}

void change_connection(ReportNode& node, const std::string& text) {
  node.text.facts.front().value = text;
  NodeEvent event;
  event.sequence = node.seen.size() + 1;
  event.time = node.last->taken_at;
  event.text = text;
  node.seen.push_back(event);
}

QString texts_of(const QWidget& widget) {
  QStringList texts;
  for (const auto* label : widget.findChildren<QLabel*>()) {
    const auto* elided = qobject_cast<const ElidedLabel*>(label);
    texts << (elided != nullptr ? elided->whole_text() : label->text());
  }
  return texts.join("\n");
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

  void a_remote_node_says_from_where_it_comes_and_whether_it_is_connected() {
    QTemporaryDir folder;
    Settings settings(folder.filePath("settings.ini"));
    Theme theme(qApp);
    ReportNode* node = nullptr;
    TimePoint here(std::chrono::seconds(1'700'000'000));
    const auto there = here + std::chrono::hours(1);
    MainWindow::Config config;
    config.session.now = [&here] { return here; };
    config.opener = [&](const OpenRequest&, JobControl&) -> Result<std::unique_ptr<Node>> {
      auto made = remote_node();
      node = made.get();
      arrive(*node, there);
      return std::unique_ptr<Node>(std::move(made));
    };
    MainWindow window(config, settings, theme);
    window.show();
    const auto span_us = window.session().span_us();
    const QString url = "ssh://besu@server/data/besu";
    window.open({url, {}});
    QTRY_VERIFY(window.node_view() != nullptr);
    auto& session = window.session();
    auto* header = window.findChild<NodeHeader*>();
    const auto status = [&window] { return texts_of(*window.statusBar()); };
    const auto says = [](const QString& text, const QString& part) {
      if (!text.contains(part)) qInfo("%s", qPrintable(text));
      return text.contains(part);
    };
    session.run_frame();
    QVERIFY(says(texts_of(*header), "Recorded over ssh from besu@server"));
    QVERIFY(says(texts_of(*header), "Connected · Besu"));
    QVERIFY(says(window.windowTitle(), url));
    QCOMPARE(settings.recent(), QStringList{url});
    QCOMPARE(session.span_us(), span_us);
    QCOMPARE(session.newest_shown(), there);
    QVERIFY(says(status(), "updated 0.0 s ago"));
    here += std::chrono::seconds(7);
    session.run_frame();
    QVERIFY(says(status(), "nothing came for 7"));
    change_connection(*node, "Connection lost: no answer; trying again in 1 s");
    session.run_frame();
    QVERIFY(says(texts_of(*header), "Connection lost: no answer; trying again in 1 s · Besu"));
    QVERIFY(window.messages().has_message());
    QVERIFY(says(window.messages().message().text, "trying again in 1 s"));
    change_connection(*node, "Connection lost: no answer; trying again in 2 s");
    session.run_frame();
    QVERIFY(says(window.messages().message().text, "trying again in 2 s"));
    arrive(*node, there + std::chrono::seconds(9));
    change_connection(*node, std::string(kConnected));
    session.run_frame();
    QVERIFY(says(texts_of(*header), "Connected · Besu"));
    QVERIFY(says(status(), "updated 0.0 s ago"));
    QVERIFY(!window.messages().has_message());
    QCOMPARE(session.newest_shown(), there + std::chrono::seconds(9));
    // The same URL is open already; another one that only looks like its path is not.
    window.open({url, {}});
    QVERIFY(says(window.messages().message().title, "open already"));
    QSignalSpy closed(&session, &NodeSession::closed);
    window.open({"ssh://besu@server/data/./besu", {}});
    QVERIFY(closed.wait(20'000));
  }

  void the_dialog_shows_what_will_run() {
    SshDialog dialog("ssh://besu@server:2222/data/my%20node");
    const auto line = [&dialog](const char* name) {
      return dialog.findChild<QLineEdit*>(QString::fromLatin1(name));
    };
    QCOMPARE(line("account")->text(), QString("besu@server"));
    QCOMPARE(line("port")->text(), QString("2222"));
    QCOMPARE(line("directory")->text(), QString("/data/my node"));
    const auto* command = dialog.findChild<QLabel*>("command");
    QVERIFY2(command->text().startsWith("ssh ") && command->text().contains("-p 2222"),
             qPrintable(command->text()));
    QVERIFY2(command->text().endsWith(
                 R"(-- besu@server 'nodetune-cli record '\''/data/my node'\'' --out -')"),
             qPrintable(command->text()));
    QSignalSpy chosen(&dialog, &SshDialog::address_chosen);
    auto* open = dialog.findChild<QDialogButtonBox*>()->buttons().last();
    for (auto* button : dialog.findChild<QDialogButtonBox*>()->buttons()) {
      if (button->text().contains("Open")) open = button;
    }
    for (const auto* wrong : {"", "-oProxyCommand=id", "a b", "b:pw@s"}) {
      line("account")->setText(wrong);
      QVERIFY2(!open->isEnabled() && command->text().isEmpty(), wrong);
    }
    line("account")->setText(" server ");
    line("port")->clear();
    line("directory")->setText("~/besu");
    QVERIFY(open->isEnabled());
    open->click();
    QCOMPARE(chosen.front().front().toString(), QString("ssh://server/~/besu"));
    SshDialog empty("/data/besu");
    QVERIFY(empty.findChild<QLineEdit*>("account")->text().isEmpty());
  }
};

QTEST_MAIN(RecordedTest)
#include "recorded_test.moc"
