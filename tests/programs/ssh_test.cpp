// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// nodetune-cli with ssh://… in place of a directory. ssh is a script that looks at what it was
// given and runs the program here, or fails as ssh does.
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest>

#include "tests/programs/cli.h"

namespace {

const QString kData = QStringLiteral(NODETUNE_TEST_DATA);

}  // namespace

class SshTest : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    const auto real = kData + "/rocksdb-dirs/besu-ehr-single/database";
    if (!QDir(real).exists()) QSKIP("the real directories are not present");
    folder_ = std::make_unique<QTemporaryDir>();
    node_ = folder_->filePath("it's a node");
    QVERIFY(cli::copy_directory(real, node_));
    url_ = "ssh://besu@server.example:2222" + node_;
    // As sshd does: the words become one command, which the other side's shell runs.
    put("#!/bin/sh\n"
        "echo \"$@\" >> '" +
        folder_->filePath("asked") +
        "'\n"
        "while [ \"$1\" != -- ]; do\n"
        "  case $1 in -T|-x|-a) ;; -o|-p) shift ;; *) exit 200 ;; esac\n"
        "  shift\n"
        "done\n"
        "[ \"$2\" = besu@server.example ] || exit 201\n"
        "[ $# = 3 ] || exit 202\n"
        "echo 'Welcome to server.example'\n"
        "PATH=" +
        QFileInfo(NODETUNE_CLI).path() +
        ":$PATH\n"
        "exec sh -c \"$3\"\n");
    qputenv("NODETUNE_SSH", QFile::encodeName(folder_->filePath("ssh")));
    qputenv("XDG_STATE_HOME", QFile::encodeName(folder_->filePath("state")));
    qunsetenv("SSH_ASKPASS");
  }
  void cleanupTestCase() { qunsetenv("NODETUNE_SSH"); }

  void a_node_far_away_is_watched_as_one_here() {
    const auto before = cli::fingerprint(node_);
    const auto watched = cli::run({"watch", url_, "--json", "--seconds", "2"});
    QVERIFY2(watched.exit_code == 0, watched.story());
    const auto first = QJsonDocument::fromJson(watched.out.split('\n').front()).object();
    QVERIFY2(first["figures"].toObject()["db_sst_files"].toDouble() > 0, watched.story());
    const auto report = folder_->filePath("report.json");
    const auto reported = cli::run({"report", url_, "--for", "1s", "--out", report});
    QVERIFY2(reported.exit_code == 0, reported.story());
    QFile written(report);
    QVERIFY(written.open(QIODevice::ReadOnly));
    QVERIFY(written.readAll().contains("Besu"));
    QCOMPARE(cli::difference(before, cli::fingerprint(node_)), QByteArray());
    QFile asked(folder_->filePath("asked"));
    QVERIFY(asked.open(QIODevice::ReadOnly));
    const auto words = asked.readLine();
    QVERIFY2(words.contains("BatchMode=yes") && words.contains("-p 2222"), words);
  }

  void what_is_recorded_there_is_kept_here() {
    const auto file = folder_->filePath("node.ntr");
    for (int round = 0; round < 2; ++round) {
      const auto made = cli::run({"record", url_, "--out", file, "--for", "2s"});
      QVERIFY2(made.exit_code == 0, made.story());
      QVERIFY2(made.errors.startsWith("Recorded "), made.story());
    }
    const auto opened = cli::run({"open", file, "--json"});
    QCOMPARE(opened.json()["kind"].toString(), QString("recording"));
    QVERIFY2(opened.json()["reason"].toString().contains("it\\x27s a node") ||
                 opened.json()["reason"].toString().contains("it's a node"),
             opened.story());
    // And as a stream, which opens too.
    const auto streamed = cli::run({"record", url_, "--out", "-", "--for", "2s"});
    QVERIFY2(streamed.exit_code == 0 && streamed.out.startsWith("{\"recording\":"),
             streamed.story());
    const auto saved = folder_->filePath("node.jsonl");
    QFile stream(saved);
    QVERIFY(stream.open(QIODevice::WriteOnly));
    stream.write(streamed.out);
    stream.close();
    QCOMPARE(cli::run({"open", saved, "--json"}).json()["way"].toString(), QString("recorded"));
    const auto watched = cli::run({"watch", saved, "--json", "--seconds", "2"});
    QVERIFY2(watched.exit_code == 0 && watched.out.contains("db_sst_files"), watched.story());
  }

  void what_goes_wrong_is_said_with_what_to_do_data() {
    QTest::addColumn<QString>("script");
    QTest::addColumn<QString>("said");
    QTest::newRow("key")
        << "echo 'besu@server.example: Permission denied (publickey).' >&2; exit 255"
        << "ssh-add";
    QTest::newRow("host key") << "echo 'Host key verification failed.' >&2; exit 255"
                              << "ssh -p 2222 besu@server.example";
    QTest::newRow("host")
        << "echo 'ssh: Could not resolve hostname server.example: Name or service not known' >&2; "
           "exit 255"
        << "is not known";
    QTest::newRow("program") << "exec sh -c 'no-such-program-anywhere'"
                             << "install nodetune";
    QTest::newRow("older") << "echo 'The following argument was not expected' >&2; exit 2"
                           << "update it there";
    QTest::newRow("no database") << "exec " NODETUNE_CLI " record /proc/self --out -"
                                 << "on besu@server.example:";
    QTest::newRow("noise") << "head -c 200000 /dev/urandom; sleep 5"
                           << "cannot be read: line";
    QTest::newRow("newer") << "echo '{\"recording\":{\"version\":9,\"id\":\"a\"}}'; sleep 5"
                           << "newer NodeTune";
  }
  void what_goes_wrong_is_said_with_what_to_do() {
    QFETCH(QString, script);
    QFETCH(QString, said);
    put("#!/bin/sh\n" + script + "\n");
    const auto refused = cli::run({"watch", url_, "--seconds", "1"});
    QVERIFY2(refused.fails_with_one_sentence(), refused.story());
    QVERIFY2(refused.errors.contains(said.toUtf8()), refused.story());
    const auto record =
        cli::run({"record", url_, "--out", folder_->filePath("r.ntr"), "--for", "1s"});
    QVERIFY2(record.fails_with_one_sentence(), record.story());
    QVERIFY2(!QFile::exists(folder_->filePath("r.ntr")), "a file of nothing");
  }

  void without_ssh_it_says_so() {
    qputenv("NODETUNE_SSH", "/no/such/ssh");
    const auto refused = cli::run({"watch", url_, "--seconds", "1"});
    QVERIFY2(refused.fails_with_one_sentence() && refused.errors.contains("is not installed"),
             refused.story());
  }

  void no_permission_leads_to_a_url_that_works() {
    if (!cli::is_root()) QSKIP("SKIPPED: only root can be another user");
    if (cli::run_program("setpriv", {"--version"}).exit_code != 0) {
      QSKIP("SKIPPED: setpriv is not installed");
    }
    QVERIFY(QFile(node_).setPermissions(QFile::ReadOwner | QFile::ExeOwner | QFile::WriteOwner));
    QVERIFY(QFile(folder_->path())
                .setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner |
                                QFile::ExeOther));
    put("#!/bin/sh\nexec setpriv --reuid 65534 --clear-groups " NODETUNE_CLI " record \"" + node_ +
        "\" --out -\n");
    const auto refused = cli::run({"watch", url_, "--seconds", "1"});
    QVERIFY2(refused.fails_with_one_sentence(), refused.story());
    QVERIFY2(refused.errors.contains("open ssh://root@server.example:2222/"), refused.story());
    QVERIFY2(refused.errors.contains("'sudo -n -u root nodetune-cli record "), refused.story());
  }

  void what_makes_no_sense_far_away_is_refused() {
    const auto opened = cli::run({"open", url_});
    QVERIFY2(opened.fails_with_one_sentence() && opened.errors.contains("nodetune-cli watch"),
             opened.story());
    const auto run = cli::run({"run", url_, "--synthetic", "--blocks", "1"});
    QVERIFY2(run.fails_with_one_sentence(), run.story());
    QVERIFY(!QFile::exists("ssh:"));
    for (const auto* url : {"ssh://-oProxyCommand=id/d", "ssh://b:pw@s/d", "ssh://s"}) {
      const auto refused = cli::run({"watch", url, "--seconds", "1"});
      QVERIFY2(refused.fails_with_one_sentence(), refused.story());
    }
    QVERIFY(!QFile::exists(folder_->filePath("asked")));
  }

 private:
  void put(const QString& script) const {
    QFile file(folder_->filePath("ssh"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(script.toUtf8());
    file.close();
    QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
  }

  std::unique_ptr<QTemporaryDir> folder_;
  QString node_;
  QString url_;
};

QTEST_APPLESS_MAIN(SshTest)
#include "ssh_test.moc"
