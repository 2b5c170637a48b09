// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// nodetune-cli record: what it writes, where it refuses to, and how it ends.
#include <sched.h>
#include <sys/mount.h>

#include <QDirIterator>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest>
#include <csignal>

#include "tests/programs/cli.h"

namespace {

const QString kData = QStringLiteral(NODETUNE_TEST_DATA);

QMap<QString, QByteArray> contents_of(const QString& folder) {
  QMap<QString, QByteArray> all;
  QDirIterator walk(folder, QDir::Files, QDirIterator::Subdirectories);
  while (walk.hasNext()) {
    QFile file(walk.next());
    if (file.open(QIODevice::ReadOnly)) all[file.fileName()] = file.readAll();
  }
  return all;
}

}  // namespace

class RecordTest : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    const auto real = kData + "/rocksdb-dirs/besu-ehr-single/database";
    if (!QDir(real).exists()) QSKIP("the real directories are not present");
    folder_ = std::make_unique<QTemporaryDir>();
    node_ = folder_->filePath("node");
    file_ = folder_->filePath("node.ntr");
    QDir().mkpath(node_);
    for (const auto& name : QDir(real).entryList(QDir::Files)) {
      QVERIFY(QFile::copy(real + "/" + name, node_ + "/" + name));
    }
    qputenv("XDG_STATE_HOME", folder_->filePath("state").toUtf8());
  }

  void a_recording_is_made_goes_on_and_opens() {
    const auto before = contents_of(node_);
    qint64 size = 0;
    for (int round = 0; round < 2; ++round) {
      const auto made = cli::run({"record", node_, "--out", file_, "--for", "3s"});
      QVERIFY2(made.exit_code == 0, made.story());
      QVERIFY2(made.out.isEmpty(), made.story());
      QVERIFY2(made.errors.startsWith("Recorded "), made.story());
      QVERIFY(QFileInfo(file_).size() >= size);
      size = QFileInfo(file_).size();
    }
    QCOMPARE(contents_of(node_), before);
    const auto opened = cli::run({"open", file_, "--json"});
    QCOMPARE(opened.json()["way"].toString(), QString("recorded"));
    QCOMPARE(opened.json()["kind"].toString(), QString("recording"));
    const auto report = folder_->filePath("report.json");
    const auto reported = cli::run({"report", file_, "--for", "0s", "--out", report});
    QVERIFY2(reported.exit_code == 0, reported.story());
    QFile written(report);
    QVERIFY(written.open(QIODevice::ReadOnly));
    const auto text = written.readAll();
    QVERIFY2(text.contains("Besu") && text.contains("db_sst_files"), text.left(500));
  }

  void the_past_is_not_waited_for() {
    const auto log = kData + "/rocksdb-logs/besu/caliper-node-2/LOG";
    if (!QFile::exists(log)) QSKIP("the validators' LOGs are not present");
    const auto watched = cli::run({"watch", log});  // without an end of its own
    QVERIFY2(watched.exit_code == 0, watched.story());
    QVERIFY2(watched.errors.contains("a recording, which ended at 2024-11-10"), watched.story());
    QVERIFY2(watched.out.startsWith("2024-11-10"), watched.story());
    const auto asked = cli::run({"recommend", log, "--for", "1h", "--json"});
    QVERIFY2(asked.exit_code == 0, asked.story());
    const auto set = cli::run({"knobs", log, "max_background_jobs=8"});
    QVERIFY2(set.fails_with_one_sentence() && set.errors.contains("recording"), set.story());
  }

  void it_streams_one_document_a_line() {
    const auto made = cli::run({"record", node_, "--out", "-", "--for", "3s"});
    QVERIFY2(made.exit_code == 0, made.story());
    QMap<QString, int> kinds;
    const auto lines = made.out.split('\n');
    for (const auto& line : lines) {
      if (line.isEmpty()) continue;
      const auto object = QJsonDocument::fromJson(line).object();
      QVERIFY2(object.size() == 1, line.left(200));
      ++kinds[object.keys().front()];
    }
    QVERIFY2(lines.front().startsWith("{\"recording\":"), lines.front().left(200));
    QCOMPARE(kinds["recording"], 1);
    QCOMPARE(kinds["description"] > 0, true);
    QCOMPARE(kinds["state"] > 0, true);
    QVERIFY(kinds["sample"] >= 2);
  }

  void signals_end_it_cleanly_data() {
    QTest::addColumn<int>("signal");
    QTest::newRow("SIGINT") << SIGINT;
    QTest::newRow("SIGTERM") << SIGTERM;
  }
  void signals_end_it_cleanly() {
    QFETCH(int, signal);
    QProcess process;
    process.start(NODETUNE_CLI, {"record", node_, "--out", file_});
    QVERIFY(process.waitForStarted());
    QTRY_VERIFY_WITH_TIMEOUT(QFileInfo(file_).size() > 0, cli::kPatienceMs);
    QVERIFY(QFile::exists(file_ + ".lock"));
    const auto second = cli::run({"record", node_, "--out", file_, "--for", "1s"});
    QVERIFY2(second.fails_with_one_sentence(), second.story());
    QVERIFY2(second.errors.contains("one writer"), second.story());
    ::kill(static_cast<pid_t>(process.processId()), signal);
    const auto ended = cli::finish(process);
    QVERIFY2(!ended.crashed && ended.exit_code == 0, ended.story());
    QVERIFY(!QFile::exists(file_ + ".lock"));
    QVERIFY(cli::run({"open", file_}).exit_code == 0);
  }

  void it_never_writes_into_the_nodes_directory() {
    const auto before = contents_of(node_);
    QVERIFY(QFile::link(node_, folder_->filePath("link")));
    for (const auto& out : {node_ + "/r.ntr", node_ + "/../node/r.ntr", node_,
                            folder_->filePath("link") + "/r.ntr"}) {
      const auto refused = cli::run({"record", node_, "--out", out, "--for", "1s"});
      QVERIFY2(refused.fails_with_one_sentence(), refused.story());
      QVERIFY2(refused.errors.contains("nothing is written"), refused.story());
    }
    QCOMPARE(contents_of(node_), before);
  }

  void what_is_there_already_is_never_overwritten() {
    QFile other(file_);
    QVERIFY(other.open(QIODevice::WriteOnly));
    other.write("my diary");
    other.close();
    const auto refused = cli::run({"record", node_, "--out", file_, "--for", "1s"});
    QVERIFY2(refused.fails_with_one_sentence(), refused.story());
    QVERIFY(other.open(QIODevice::ReadOnly));
    QCOMPARE(other.readAll(), QByteArray("my diary"));
    const auto nowhere =
        cli::run({"record", node_, "--out", folder_->filePath("no/such/r.ntr"), "--for", "1s"});
    QVERIFY2(nowhere.fails_with_one_sentence(), nowhere.story());
    const auto small = cli::run({"record", node_, "--out", file_, "--limit", "10KiB"});
    QCOMPARE(small.exit_code, 2);
  }

  void another_nodes_recording_is_refused() {
    QVERIFY(cli::run({"record", node_, "--out", file_, "--for", "1s"}).exit_code == 0);
    QFile identity(node_ + "/IDENTITY");
    QVERIFY(identity.setPermissions(QFile::ReadOwner | QFile::WriteOwner));
    QVERIFY(identity.open(QIODevice::WriteOnly));
    identity.write("another-database");
    identity.close();
    const auto refused = cli::run({"record", node_, "--out", file_, "--for", "1s"});
    QVERIFY2(refused.fails_with_one_sentence(), refused.story());
    QVERIFY2(refused.errors.contains("choose another file"), refused.story());
  }

  void a_full_disk_is_named() {
    if (!cli::is_root()) QSKIP("SKIPPED: only root can mount a small tmpfs");
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      QSKIP("SKIPPED: no mounts are allowed here");
    }
    const auto disk = folder_->filePath("disk");
    QDir().mkpath(disk);
    const auto place = QFile::encodeName(disk);
    QCOMPARE(::mount("tmpfs", place.constData(), "tmpfs", 0, "size=24k"), 0);
    const auto full = cli::run({"record", node_, "--out", disk + "/r.ntr", "--for", "10s"});
    QVERIFY2(full.fails_with_one_sentence(), full.story());
    QVERIFY2(full.errors.contains("disk is full"), full.story());
    QCOMPARE(::mount(nullptr, place.constData(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
    const auto locked = cli::run({"record", node_, "--out", disk + "/s.ntr", "--for", "1s"});
    QVERIFY2(locked.fails_with_one_sentence(), locked.story());
    ::umount2(place.constData(), MNT_DETACH);
  }

 private:
  std::unique_ptr<QTemporaryDir> folder_;
  QString node_;
  QString file_;
};

QTEST_APPLESS_MAIN(RecordTest)
#include "record_test.moc"
