// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// A disk that fills up: a clear message, no crash, nothing lost that was acknowledged, and the work
// goes on once there is space.
#include <sched.h>
#include <sys/mount.h>

#include <QTemporaryDir>
#include <QtTest>
#include <memory>

#include "engine/base/clock.h"
#include "engine/node/open_node.h"
#include "engine/store/database.h"
#include "engine/workload/block_audit.h"
#include "tests/programs/cli.h"

using namespace nodetune;

namespace {

constexpr int kPatienceMs = 60'000;

// The blocks in the directory; a failure, with the story, when they are not whole.
std::optional<BlockAudit> audit_of(const QString& path, QByteArray* why) {
  auto database = Database::open(path.toStdString(), {}, SystemClock::instance());
  if (!database) {
    *why = QByteArray::fromStdString(database.status().message());
    return std::nullopt;
  }
  auto audit = verify_blocks(**database);
  if (audit) return *audit;
  *why = QByteArray::fromStdString(audit.status().message());
  return std::nullopt;
}

}  // namespace

class FullDiskTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() {
    if (!cli::is_root()) QSKIP("SKIPPED: only root can mount a small tmpfs");
    // What is mounted from here on is seen by this process and its children, and goes with them.
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      QSKIP("SKIPPED: no mounts are allowed here");
    }
  }

  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    node_ = folder_->path() + "/node";
  }
  void cleanup() { ::umount2(QFile::encodeName(folder_->path()).constData(), MNT_DETACH); }

  void a_run_that_fills_the_disk_loses_nothing_and_goes_on_data() {
    QTest::addColumn<int>("mebibytes");
    QTest::addColumn<QString>("option");
    // Where the disk ends decides what fails first: the log, a flush, the MANIFEST.
    QTest::newRow("23 MiB") << 23 << "--synthetic";
    QTest::newRow("57 MiB") << 57 << "--synthetic";
    QTest::newRow("40 MiB without WAL") << 40 << "--no-wal";
  }
  void a_run_that_fills_the_disk_loses_nothing_and_goes_on() {
    QFETCH(int, mebibytes);
    QFETCH(QString, option);
    QVERIFY(mount_disk(mebibytes));
    const QStringList fill = {"run", node_, "--stop-below-free", "0%", "--progress", option};
    const auto full = cli::run(fill);
    QVERIFY2(!full.crashed && full.exit_code == 1, full.story());
    QVERIFY2(full.errors.startsWith("nodetune-cli: ") && full.errors.count('\n') == 1,
             full.story());
    QVERIFY2(full.errors.contains("No space left") && full.errors.contains("free some"),
             full.story());
    const auto acknowledged = cli::committed_blocks(full.out);
    if (option != "--no-wal") QVERIFY2(acknowledged > 0, full.story());

    const auto again = cli::run(fill);  // still full
    QVERIFY2(!again.crashed && again.exit_code == 1 && again.errors.count('\n') == 1,
             again.story());
    QVERIFY2(again.errors.contains("No space left"), again.story());

    QVERIFY(resize_disk(512));
    QByteArray why;
    const auto audit = audit_of(node_, &why);
    QVERIFY2(audit, why);
    if (option != "--no-wal") {
      QVERIFY2(audit->blocks >= acknowledged, "acknowledged blocks are missing");
    }
    const auto target = QString::number(audit->blocks + 5);
    const auto onward = cli::run({"run", node_, "--synthetic", "--blocks", target});
    QVERIFY2(onward.exit_code == 0 && onward.errors.isEmpty(), onward.story());
    const auto after = audit_of(node_, &why);
    QVERIFY2(after, why);
    QCOMPARE(after->blocks, audit->blocks + 5);
  }

  void a_run_stops_in_time_by_itself() {
    QVERIFY(mount_disk(128));
    const auto stopped = cli::run({"run", node_, "--synthetic", "--json"});
    QVERIFY2(stopped.exit_code == 0 && stopped.errors.isEmpty(), stopped.story());
    QCOMPARE(stopped.json().value("state").toString(), "stopped");
    QVERIFY2(stopped.json().value("why").toString().contains("low disk space"), stopped.story());
    QVERIFY(stopped.json().value("blocks").toInt() > 0);
    QByteArray why;
    const auto audit = audit_of(node_, &why);
    QVERIFY2(audit, why);
    QCOMPARE(audit->blocks, static_cast<quint64>(stopped.json().value("blocks").toInteger()));
  }

  void a_knob_on_a_full_disk_is_set_wholly_or_not_at_all() {
    QVERIFY(mount_disk(32));
    QVERIFY(cli::make_managed(node_, 2).exit_code == 0);
    const auto before = cli::run({"knobs", node_, "--json"}).json();
    fill_up();
    const auto refused = cli::run({"knobs", node_, "max_background_jobs=5"});
    QVERIFY2(refused.fails_with_one_sentence(), refused.story());
    QVERIFY2(refused.errors.contains("No space left"), refused.story());
    QVERIFY(resize_disk(128));
    const auto after = cli::run({"knobs", node_, "--json"});
    QVERIFY2(after.exit_code == 0, after.story());
    QCOMPARE(after.json(), before);
  }

  void a_kept_batch_is_committed_once_there_is_space_data() {
    QTest::addColumn<int>("mebibytes");
    for (const int size : {32, 48}) QTest::addRow("%d MiB", size) << size;
  }
  void a_kept_batch_is_committed_once_there_is_space() {
    QFETCH(int, mebibytes);
    QVERIFY(mount_disk(mebibytes));
    OpenOptions options;
    options.create_if_missing = true;
    options.workload.emplace();
    options.workload->stop_below_free_ratio = 0;
    options.start_workload = true;
    options.sample_period = std::chrono::milliseconds(20);
    auto opened = open_node(node_.toStdString(), options);
    QVERIFY2(opened, opened.status().message().c_str());
    auto& node = **opened;
    QTRY_VERIFY_WITH_TIMEOUT(node.batches().failing, kPatienceMs);
    QVERIFY(QByteArray::fromStdString(node.batches().failure).contains("No space left"));
    QTRY_VERIFY_WITH_TIMEOUT(node.workload().state == WorkloadState::failed, kPatienceMs);

    QVERIFY(resize_disk(512));
    const auto retried = outcome_of(node, RetryCommit{});
    QVERIFY2(retried, retried.message().c_str());
    QTRY_VERIFY(!node.batches().failing);
    const auto before_more = node.workload().blocks;  // one click: the workload goes on too
    QTRY_VERIFY_WITH_TIMEOUT(node.workload().blocks > before_more + 5, kPatienceMs);
    const auto closed = node.close();
    QVERIFY2(closed, closed.message().c_str());
    const auto submitted = node.workload().blocks;
    opened->reset();
    QByteArray why;
    const auto audit = audit_of(node_, &why);
    QVERIFY2(audit, why);
    QCOMPARE(audit->blocks, submitted);
  }

 private:
  bool mount_disk(int mebibytes) {
    const auto size = QByteArray("size=") + QByteArray::number(mebibytes) + 'm';
    return ::mount("tmpfs", QFile::encodeName(folder_->path()).constData(), "tmpfs", 0,
                   size.constData()) == 0;
  }
  bool resize_disk(int mebibytes) {
    const auto size = QByteArray("size=") + QByteArray::number(mebibytes) + 'm';
    return ::mount("tmpfs", QFile::encodeName(folder_->path()).constData(), "tmpfs", MS_REMOUNT,
                   size.constData()) == 0;
  }
  // To the last byte.
  void fill_up() const {
    QFile ballast(folder_->path() + "/ballast");
    QVERIFY(ballast.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
    QByteArray chunk(1 << 20, 'x');
    while (!chunk.isEmpty()) {
      if (ballast.write(chunk) < chunk.size()) chunk.resize(chunk.size() / 2);
    }
  }
  static Status outcome_of(Node& node, const Command& command) {
    const auto ticket = node.submit(command);
    if (!ticket) return ticket.status();
    QElapsedTimer timer;
    timer.start();
    while (timer.elapsed() < kPatienceMs) {
      const auto outcomes = node.outcomes(*ticket - 1);
      if (!outcomes.empty()) return outcomes.front().status;
      QTest::qWait(10);
    }
    return {StatusCode::failed, "no outcome came"};
  }

  std::unique_ptr<QTemporaryDir> folder_;
  QString node_;
};

QTEST_GUILESS_MAIN(FullDiskTest)
#include "full_disk_test.moc"
