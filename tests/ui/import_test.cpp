// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// File > Import… on a real engine: from the dialog to the last block, and what goes wrong on the
// way.
#include <QAction>
#include <QApplication>
#include <QDir>
#include <QLineEdit>
#include <QListWidget>
#include <QTemporaryDir>
#include <QtTest>
#include <fstream>

#include "engine/node/open_node.h"
#include "tests/chain_maker.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/import_dialog.h"
#include "ui/shell/import_strip.h"
#include "ui/shell/main_window.h"
#include "ui/shell/node_view.h"

using namespace nodetune;

namespace {

constexpr int kPatienceMs = 60'000;
constexpr int kBlocks = 2'000;

// The window as the program makes it, with settings of its own.
struct Desk {
  Desk() : settings(folder.filePath("settings.ini")), theme(qApp) {
    MainWindow::Config config;
    config.opener = [](const OpenRequest& request, JobControl&) {
      return open_node(request.path.toStdString(), request.options);
    };
    config.session.frame_ms = 20;
    window = std::make_unique<MainWindow>(config, settings, theme);
    window->show();
  }

  WorkloadStatus workload() { return window->session().workload(); }
  bool shows(const QString& part) {
    const auto* text = window->findChild<ElidedLabel*>("import");
    return text != nullptr && text->whole_text().contains(part);
  }

  QTemporaryDir folder;
  Settings settings;
  Theme theme;
  std::unique_ptr<MainWindow> window;
};

OpenRequest import_into(const QString& bench, const QStringList& files, double rate = 0) {
  ImportDialog dialog(bench);
  dialog.add_paths(files);
  auto request = dialog.request();
  if (!request) qFatal("%s", request.status().message().c_str());
  if (rate > 0) request->options.workload->blocks_per_second = rate;
  return *request;
}

}  // namespace

class ImportTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    made_ = make_blocks(kBlocks);
  }

  void the_dialog_says_what_is_missing() {
    ImportDialog dialog({});
    const auto problem = [&] {
      return QString::fromStdString(dialog.request().status().message());
    };
    QVERIFY(problem().contains("Add a file"));
    dialog.add_paths({folder_->filePath("nowhere")});
    QVERIFY(problem().contains("does not exist"));
    dialog.findChild<QListWidget*>("files")->clear();
    const auto file = write("chain", make_export(made_));
    dialog.add_paths({file, file});
    QVERIFY2(dialog.request(), qPrintable(problem()));
    dialog.findChild<QLineEdit*>("folder")->setText(file);
    QVERIFY(problem().contains("is a file"));
    dialog.findChild<QLineEdit*>("folder")->setText(folder_->filePath("bench"));
    dialog.findChild<QLineEdit*>("from")->setText("ten");
    QVERIFY(problem().contains("no block number"));
    dialog.findChild<QLineEdit*>("from")->setText("10");
    dialog.findChild<QLineEdit*>("to")->setText("9");
    QVERIFY(problem().contains("no block from 10 to 9"));
    dialog.findChild<QLineEdit*>("to")->setText("20");
    const auto request = dialog.request();
    QVERIFY(request);
    QVERIFY(request->options.create_if_missing && request->options.start_workload);
    const auto& import = std::get<ImportConfig>(request->options.workload->what);
    QCOMPARE(import.paths.size(), std::size_t{1});
    QCOMPARE(import.from.value(), 10u);
    QCOMPARE(import.to.value(), 20u);
  }

  void the_menu_proposes_the_bench_that_is_open() {
    Desk desk;
    const auto folder_offered = [&] {
      desk.window->findChild<QAction*>("import_blocks")->trigger();
      auto* const dialog = desk.window->findChild<ImportDialog*>();
      const auto text = dialog->findChild<QLineEdit*>("folder")->text();
      delete dialog;
      return text;
    };
    QVERIFY(folder_offered().endsWith("/nodetune/import"));
    const auto bench = folder_->filePath("bench");
    desk.window->open(import_into(bench, {write("chain", make_export(made_))}));
    QTRY_COMPARE_WITH_TIMEOUT(desk.workload().state, WorkloadState::finished, kPatienceMs);
    QCOMPARE(folder_offered(), bench);
  }

  void an_import_is_paused_stopped_and_goes_on_to_its_end() {
    Desk desk;
    const auto bench = folder_->filePath("bench");
    desk.window->resize(1100, 700);
    desk.window->open(import_into(bench, {write("chain", make_export(made_))}, 200));
    QTRY_VERIFY_WITH_TIMEOUT(desk.workload().blocks > 120, kPatienceMs);
    for (const auto* part : {"block ", "blocks/s", "left"}) {
      QTRY_VERIFY_WITH_TIMEOUT(desk.shows(part), kPatienceMs);
    }
    picture(desk, "import-running");
    desk.theme.set_mode(ThemeMode::dark);
    picture(desk, "import-running-dark");
    auto& session = desk.window->session();
    (void)session.submit(ControlWorkload{ControlWorkload::Action::pause});
    QTRY_VERIFY_WITH_TIMEOUT(desk.shows("paused"), kPatienceMs);
    (void)session.submit(ControlWorkload{ControlWorkload::Action::stop});
    QTRY_VERIFY_WITH_TIMEOUT(desk.shows("stopped; Start goes on"), kPatienceMs);
    const auto before = desk.workload().blocks;
    QVERIFY(before < made_.size());

    // The same files into the same bench, which is open: at once, and behind its last block.
    desk.window->open(import_into(bench, {folder_->filePath("chain")}));
    QTRY_VERIFY_WITH_TIMEOUT(desk.workload().state == WorkloadState::finished &&
                                 desk.shows("blocks 0 to 1999 are stored"),
                             kPatienceMs);
    QCOMPARE(desk.workload().blocks, made_.size() - before);
    QCOMPARE(desk.workload().import->done_ratio, 1.0);
    QVERIFY(!desk.window->messages().has_message());
  }

  void what_holds_no_blocks_is_not_opened_and_leaves_nothing_behind() {
    Desk desk;
    const auto bench = folder_->filePath("bench");
    desk.window->open(import_into(bench, {write("notes", "no blocks in here, only words\n")}));
    QTRY_VERIFY_WITH_TIMEOUT(desk.window->messages().has_message(), kPatienceMs);
    QVERIFY(desk.window->messages().message().text.contains("neither an RLP block export"));
    QVERIFY(!QFile::exists(bench));
  }

  void a_bad_block_is_named_in_the_window() {
    Desk desk;
    auto file = make_export(made_);
    file.resize(file.size() - 10);
    desk.window->open(import_into(folder_->filePath("bench"), {write("cut", file)}));
    QTRY_VERIFY_WITH_TIMEOUT(desk.window->messages().has_message(), kPatienceMs);
    const auto text = desk.window->messages().message().text;
    QVERIFY2(text.contains("block 1999 at byte") && text.contains("is cut off"), qPrintable(text));
    QVERIFY(desk.shows("block 1999 at byte"));
  }

  void the_strip_shows_what_is_known_and_no_more() {
    WorkloadStatus status;
    QVERIFY(import_text(status).isEmpty());
    status.import.emplace();
    status.state = WorkloadState::running;
    QVERIFY(!import_text(status).contains("block"));
    status.import->last = 46'399;
    status.import->done_ratio = 0.372;
    status.import->blocks_per_second = 18'200;
    status.import->bytes_per_second = 12 * 1'048'576.0;
    status.import->seconds_left = 140;
    const auto text = import_text(status);
    for (const auto* part : {"37.2 %", "18.2 k blocks/s", "12 MiB/s", "2 min 20 s left"}) {
      QVERIFY2(text.contains(part), qPrintable(text));
    }
  }

 private:
  QString write(const char* name, const std::string& content) {
    const auto path = folder_->filePath(name);
    std::ofstream(path.toStdString(), std::ios::binary) << content;
    return path;
  }
  // Saved where NODETUNE_PICTURES says, to be looked at.
  static void picture(Desk& desk, const QString& name) {
    const QString folder = qEnvironmentVariable("NODETUNE_PICTURES");
    if (folder.isEmpty()) return;
    QTest::qWait(200);
    QVERIFY(desk.window->grab().save(QDir(folder).filePath(name + ".png")));
  }

  std::unique_ptr<QTemporaryDir> folder_;
  std::vector<FileBlock> made_;
};

QTEST_MAIN(ImportTest)
#include "import_test.moc"
