// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/shell/report_action.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QProcess>
#include <QPushButton>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QXmlStreamReader>
#include <QtTest>
#include <algorithm>
#include <atomic>
#include <thread>

#include "tests/ui/fake_node.h"
#include "ui/bridge/node_session.h"
#include "ui/bridge/report_export.h"
#include "ui/shell/report_dialog.h"
#include "ui/shell/settings.h"

using namespace nodetune;

namespace {

constexpr int kPastSeconds = 900;

// A node that answers only when it is let: a report of it takes as long as the test wants.
class SlowNode final : public Node {
 public:
  SlowNode(FakeNode::Config config, std::atomic<bool>* hold, std::atomic<bool>* closed)
      : node_(std::move(config)), hold_(hold), closed_(closed) {}
  NodeDescription description() const override { return node_.description(); }
  std::shared_ptr<const Snapshot> snapshot() const override { return node_.snapshot(); }
  const History& history() const override { return node_.history(); }
  std::vector<NodeEvent> events(std::uint64_t since, std::size_t limit) const override {
    return node_.events(since, limit);
  }
  // The window's frames do not ask for these, a report does.
  std::vector<KnobState> knobs() const override {
    while (*hold_) std::this_thread::yield();
    closed_early_ = closed_early_ || *closed_;
    return node_.knobs();
  }
  std::vector<Recommendation> recommendations() const override { return node_.recommendations(); }
  std::vector<AuditEntry> audit() const override { return node_.audit(); }
  std::vector<CacheState> caches() const override { return node_.caches(); }
  std::optional<MemoryState> memory() const override { return node_.memory(); }
  WorkloadStatus workload() const override { return node_.workload(); }
  BatchStatus batches() const override { return node_.batches(); }
  Result<Ticket> submit(Command command) override { return node_.submit(std::move(command)); }
  std::vector<CommandOutcome> outcomes(Ticket since) const override {
    return node_.outcomes(since);
  }
  Status close() override {
    *closed_ = true;
    return closed_early_ ? Status(StatusCode::failed, "closed while it was read") : Status::ok();
  }

 private:
  FakeNode node_;
  std::atomic<bool>* hold_;
  std::atomic<bool>* closed_;
  mutable std::atomic<bool> closed_early_{false};
};

// A window's worth of what the action needs: session, settings, where messages go.
struct Desk {
  explicit Desk(const std::string& node_path = "/srv/chain/test-bench")
      : settings(folder.filePath("settings.ini")), action(make_report_action(settings)) {
    QDir(folder.path()).mkdir("out");
    settings.set_report_folder(folder.filePath("out"));
    FakeNode::Config config;
    config.past_seconds = kPastSeconds;
    config.path = node_path;
    NodeSession::Config session_config;
    session_config.now = [config] { return config.start; };
    session = std::make_unique<NodeSession>(session_config);
    session->open("fake", [this, config](JobControl&) -> Result<std::unique_ptr<Node>> {
      return std::unique_ptr<Node>(new SlowNode(config, &hold, &closed));
    });
  }
  ~Desk() { hold = false; }
  bool ready() {
    return QTest::qWaitFor([this] { return session->state() == NodeSession::State::open; });
  }
  ReportDialog* show() {
    action(*session, &window, [this](const Message& message) { messages.push_back(message); });
    return window.findChild<ReportDialog*>();
  }
  QString out(const QString& name) const { return folder.filePath("out/" + name); }
  QStringList written() const {
    return QDir(folder.filePath("out")).entryList(QDir::Files | QDir::Hidden);
  }
  QByteArray text_of(const QString& path) const {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  }

  QTemporaryDir folder;
  std::atomic<bool> hold{false};
  std::atomic<bool> closed{false};
  Settings settings;
  ReportAction action;
  QWidget window;
  std::vector<Message> messages;
  std::unique_ptr<NodeSession> session;
};

QPushButton* button_of(QWidget* dialog, const QString& label) {
  for (auto* button : dialog->findChildren<QPushButton*>()) {
    if (button->text().remove('&') == label) return button;
  }
  return nullptr;
}

QLineEdit* file_of(ReportDialog* dialog) {
  for (auto* edit : dialog->findChildren<QLineEdit*>()) {
    if (edit->accessibleName() == "File of the report") return edit;
  }
  return nullptr;
}

// The outcome of one export without any window.
ExportOutcome export_to(const QString& path, ReportOptions options = {},
                        const FakeNode::Config& node_config = {}, JobControl* control = nullptr) {
  auto config = node_config;
  config.past_seconds = kPastSeconds;
  JobControl own;
  ManualClock clock(config.start);
  ExportRequest request;
  request.path = path;
  request.options = options;
  return export_report(std::make_shared<FakeNode>(config), request, clock,
                       control == nullptr ? own : *control);
}

}  // namespace

class ReportActionTest : public QObject {
  Q_OBJECT
 private slots:
  void every_format_is_written_data() {
    QTest::addColumn<QString>("ending");
    QTest::addColumn<QString>("expected");
    QTest::newRow("html") << ".html"
                          << "Recommendations";
    QTest::newRow("csv") << ".csv"
                         << "db_stall_seconds_total";
    QTest::newRow("json") << ".json"
                          << "\"recommendations\"";
    QTest::newRow("markdown") << ".md"
                              << "NodeTune";
  }
  void every_format_is_written() {
    QFETCH(QString, ending);
    QFETCH(QString, expected);
    Desk desk;
    const QString path = desk.out("report" + ending);
    const auto outcome = export_to(path);
    QVERIFY2(outcome.status.is_ok(), outcome.status.message().c_str());
    QVERIFY2(desk.text_of(path).contains(expected.toUtf8()), qPrintable(path));
    QCOMPARE(desk.written(), QStringList{"report" + ending});
  }
  void the_html_page_is_well_formed() {
    Desk desk;
    QVERIFY(export_to(desk.out("a.html")).status.is_ok());
    QXmlStreamReader reader(desk.text_of(desk.out("a.html")));
    while (!reader.atEnd()) reader.readNext();
    QVERIFY2(!reader.hasError(), qPrintable(reader.errorString()));
  }
  void the_pdf_says_what_the_page_says() {
    Desk desk;
    QVERIFY(export_to(desk.out("a.pdf")).status.is_ok());
    QVERIFY(export_to(desk.out("a.html")).status.is_ok());
    const auto pdf = desk.text_of(desk.out("a.pdf"));
    QVERIFY(pdf.startsWith("%PDF-"));
    QVERIFY2(pdf.count("/Type /Page\n") > 1, qPrintable(QString::number(pdf.size())));
    QVERIFY2(!pdf.contains("/Subtype /Image"), "a chart was drawn as pixels");
    const QString tool = QStandardPaths::findExecutable("pdftotext");
    if (tool.isEmpty()) QSKIP("pdftotext is not installed: the text was not compared");
    QProcess extract;
    extract.start(tool, {"-raw", desk.out("a.pdf"), "-"});
    QVERIFY(extract.waitForFinished());
    // Compatible forms: ligatures as letters. Without blanks, as lines end elsewhere on paper.
    const auto bare = [](const QString& text) {
      static const QRegularExpression blank("[\\s\\x{200B}]+");
      return text.normalized(QString::NormalizationForm_KC).remove(blank);
    };
    const QString text = bare(QString::fromUtf8(extract.readAllStandardOutput()));
    QVERIFY(text.contains(bare("Page 2 of")));
    QVERIFY(text.contains(bare("Recommendations, and what became of them")));
    // Every word of the page but those of drawings, which are made anew, and what is folded away.
    QXmlStreamReader reader(desk.text_of(desk.out("a.html")));
    int compared = 0;
    while (!reader.atEnd()) {
      reader.readNext();
      const auto name = reader.name();
      if (reader.isStartElement() &&
          (name == QLatin1String("head") || name == QLatin1String("nav") ||
           name == QLatin1String("svg") || name == QLatin1String("details"))) {
        reader.skipCurrentElement();
      }
      if (!reader.isCharacters()) continue;
      for (const auto& word : reader.text().toString().simplified().split(' ')) {
        QVERIFY2(text.contains(bare(word)), qPrintable(word));
        ++compared;
      }
    }
    QVERIFY(compared > 500);
  }
  void names_are_left_out_where_that_was_asked_for() {
    FakeNode::Config node;
    node.path = "/srv/secretplace/db";
    for (const QString ending : {".html", ".csv", ".json", ".md"}) {
      Desk desk;
      ReportOptions options;
      options.anonymise = true;
      QVERIFY(export_to(desk.out("a" + ending), options, node).status.is_ok());
      QVERIFY2(!desk.text_of(desk.out("a" + ending)).contains("secretplace"), qPrintable(ending));
    }
  }
  void a_missing_folder_is_told_with_what_to_do() {
    Desk desk;
    const auto outcome = export_to(desk.out("nowhere/a.html"));
    QCOMPARE(outcome.status.code(), StatusCode::not_found);
    QVERIFY(QString::fromStdString(outcome.status.message()).contains("another folder"));
  }
  void an_unknown_ending_is_refused() {
    Desk desk;
    QCOMPARE(export_to(desk.out("a.docx")).status.code(), StatusCode::invalid_argument);
    QVERIFY(desk.written().isEmpty());
  }
  void nothing_is_written_into_the_nodes_own_directory() {
    Desk desk;
    FakeNode::Config node;
    node.path = desk.folder.filePath("out").toStdString();
    const auto outcome = export_to(desk.out("a.html"), {}, node);
    QCOMPARE(outcome.status.code(), StatusCode::invalid_argument);
    QVERIFY(desk.written().isEmpty());
  }
  void a_full_disk_leaves_nothing() {
    if (!QFile::exists("/dev/full")) QSKIP("no /dev/full");
    Desk desk;
    const QString tmpfs = desk.folder.filePath("small");
    QDir().mkdir(tmpfs);
    if (QProcess::execute("mount", {"-t", "tmpfs", "-o", "size=4k", "none", tmpfs}) != 0) {
      QSKIP("no small disk can be mounted here");
    }
    const auto outcome = export_to(tmpfs + "/a.html");
    const auto left = QDir(tmpfs).entryList(QDir::Files | QDir::Hidden);
    QProcess::execute("umount", {tmpfs});
    QCOMPARE(outcome.status.code(), StatusCode::no_space);
    QVERIFY2(left.isEmpty(), qPrintable(left.join(' ')));
  }
  void an_older_file_is_not_replaced_unasked() {
    Desk desk;
    const QString path = desk.out("a.json");
    QVERIFY(export_to(path).status.is_ok());
    const auto before = desk.text_of(path);
    FakeNode::Config other;
    other.path = "/srv/other";
    const auto outcome = export_to(path, {}, other);
    QVERIFY(outcome.exists && outcome.status.is_ok());
    QCOMPARE(desk.text_of(path), before);
  }
  void a_cancelled_export_leaves_nothing() {
    for (const QString ending : {".html", ".pdf", ".csv"}) {
      Desk desk;
      JobControl control;
      control.cancelled = true;
      const auto outcome = export_to(desk.out("a" + ending), {}, {}, &control);
      QCOMPARE(outcome.status.code(), StatusCode::cancelled);
      QVERIFY(desk.written().isEmpty());
    }
  }

  void the_file_is_named_after_node_and_day() {
    const QDate day(2026, 11, 22);
    QCOMPARE(report_file_name("/srv/geth main/", day, ExportFormat::html),
             QString("nodetune-geth-main-2026-11-22.html"));
    QCOMPARE(report_file_name("/", day, ExportFormat::pdf),
             QString("nodetune-report-2026-11-22.pdf"));
    QCOMPARE(report_file_name("/srv/..hidden", day, ExportFormat::csv),
             QString("nodetune-hidden-2026-11-22.csv"));
  }
  void format_ending_and_names_move_together() {
    ReportDialog::Start start;
    start.folder = "/home/operator";
    start.node_path = "/srv/besu";
    start.date = QDate(2026, 11, 22);
    start.shown = std::chrono::minutes(5);
    ReportDialog dialog(start);
    auto* file = file_of(&dialog);
    auto* format = dialog.findChildren<QComboBox*>().front();
    auto* names = dialog.findChild<QCheckBox*>();
    QCOMPARE(file->text(), QString("/home/operator/nodetune-besu-2026-11-22.html"));
    QVERIFY(!names->isChecked());
    format->setCurrentIndex(format->findData(int(ExportFormat::markdown)));
    QVERIFY(names->isChecked());
    QCOMPARE(file->text(), QString("/home/operator/nodetune-report-2026-11-22.md"));
    names->click();
    QCOMPARE(file->text(), QString("/home/operator/nodetune-besu-2026-11-22.md"));
    file->selectAll();
    QTest::keyClicks(file, "mine.pdf");
    QCOMPARE(format->currentData().toInt(), int(ExportFormat::pdf));
    QCOMPARE(dialog.request()->path, QString("/home/operator/mine.pdf"));
    format->setCurrentIndex(format->findData(int(ExportFormat::csv)));
    QCOMPARE(file->text(), QString("mine.csv"));
    file->selectAll();
    QTest::keyClicks(file, "mine");
    QCOMPARE(dialog.request()->path, QString("/home/operator/mine.csv"));
    file->clear();
    QVERIFY(!dialog.request().is_ok());
  }
  void the_span_is_handed_over() {
    ReportDialog::Start start;
    start.folder = "/tmp";
    start.shown = std::chrono::minutes(5);
    ReportDialog dialog(start);
    auto* span = dialog.findChildren<QComboBox*>().back();
    QVERIFY(!dialog.request()->options.last);
    const std::vector<Duration> expected = {std::chrono::hours(1), std::chrono::minutes(15),
                                            std::chrono::minutes(5)};
    for (int i = 0; i < 3; ++i) {
      span->setCurrentIndex(i + 1);
      QCOMPARE(dialog.request()->options.last->count(), expected[std::size_t(i)].count());
    }
  }

  void the_window_turns_while_a_report_is_made() {
    Desk desk;
    QVERIFY(desk.ready());
    desk.hold = true;
    auto* dialog = desk.show();
    int ticks = 0;
    QTimer timer;
    connect(&timer, &QTimer::timeout, this, [&] { ++ticks; });
    timer.start(1);
    button_of(dialog, "Export")->click();
    QVERIFY(dialog->running());
    QVERIFY(desk.messages.empty());
    QTRY_VERIFY(ticks > 20);  // the node has not answered yet
    QVERIFY(dialog->running());
    desk.hold = false;
    QTRY_COMPARE(desk.messages.size(), std::size_t{1});
    QCOMPARE(desk.messages[0].title, QString("The report was written"));
    QCOMPARE(desk.messages[0].choices.size(), std::size_t{2});
    QCOMPARE(desk.written(), QStringList{"nodetune-test-bench-2023-11-14.html"});
  }
  void cancel_leaves_nothing_and_the_dialog_can_be_used_again() {
    Desk desk;
    QVERIFY(desk.ready());
    desk.hold = true;
    auto* dialog = desk.show();
    button_of(dialog, "Export")->click();
    QTest::keyClick(dialog, Qt::Key_Escape);
    QVERIFY(dialog->isVisible());
    desk.hold = false;
    QTRY_VERIFY(!dialog->running());
    QVERIFY(desk.written().isEmpty());
    QVERIFY(desk.messages.empty());
    button_of(dialog, "Export")->click();
    QTRY_COMPARE(desk.messages.size(), std::size_t{1});
    QCOMPARE(desk.written().size(), 1);
  }
  void replacing_a_file_is_asked() {
    Desk desk;
    QVERIFY(desk.ready());
    const QString name = "nodetune-test-bench-2023-11-14.html";
    QFile old(desk.out(name));
    QVERIFY(old.open(QIODevice::WriteOnly) && old.write("old") == 3);
    old.close();
    auto* dialog = desk.show();
    button_of(dialog, "Export")->click();
    QTRY_VERIFY(dialog->findChild<QMessageBox*>() != nullptr);
    QCOMPARE(desk.text_of(desk.out(name)), QByteArray("old"));
    button_of(dialog->findChild<QMessageBox*>(), "Replace")->click();
    QTRY_COMPARE(desk.messages.size(), std::size_t{1});
    QVERIFY(desk.text_of(desk.out(name)).size() > 1'000);
  }
  void what_failed_can_be_mended_in_the_dialog() {
    Desk desk;
    QVERIFY(desk.ready());
    auto* dialog = desk.show();
    file_of(dialog)->setText(desk.out("missing/a.html"));
    button_of(dialog, "Export")->click();
    QTRY_VERIFY(!dialog->running());
    const auto labels = dialog->findChildren<QLabel*>();
    QVERIFY(std::any_of(labels.begin(), labels.end(), [](QLabel* label) {
      return label->isVisible() && label->text().contains("does not exist");
    }));
    file_of(dialog)->setText(desk.out("a.html"));
    button_of(dialog, "Export")->click();
    QTRY_COMPARE(desk.messages.size(), std::size_t{1});
    QCOMPARE(desk.settings.report_folder(), desk.out(""));
  }
  void there_is_one_dialog_at_a_time() {
    Desk desk;
    QVERIFY(desk.ready());
    (void)desk.show();
    (void)desk.show();
    QCOMPARE(desk.window.findChildren<ReportDialog*>().size(), 1);
  }
  void the_node_is_closed_only_after_its_figures_were_copied() {
    Desk desk;
    QVERIFY(desk.ready());
    desk.hold = true;
    auto* dialog = desk.show();
    button_of(dialog, "Export")->click();
    QSignalSpy closed(desk.session.get(), &NodeSession::closed);
    desk.session->close();
    QTest::qWait(30);
    QVERIFY(!desk.closed);
    desk.hold = false;
    QTRY_COMPARE(closed.count(), 1);
    QVERIFY(closed.front().front().value<Status>().is_ok());
    QTRY_COMPARE(desk.messages.size(), std::size_t{1});
    QCOMPARE(desk.written().size(), 1);
  }
  void the_dialog_goes_with_the_node() {
    Desk desk;
    QVERIFY(desk.ready());
    const QPointer<ReportDialog> dialog = desk.show();
    desk.session->close();
    QTRY_VERIFY(dialog.isNull());
  }
};

QTEST_MAIN(ReportActionTest)
#include "report_action_test.moc"
