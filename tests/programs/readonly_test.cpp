// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Looking at another program's directory changes not a byte in it, and does not even try.
#include <QDirIterator>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest>

#include "tests/programs/cli.h"

namespace {

const QString kBesu = QString(NODETUNE_TEST_DATA) + "/rocksdb-dirs/besu-ehr-single";

// A system call that could change the directory, or lock a file in it.
bool is_forbidden(const QByteArray& line) {
  for (const auto* call : {"rename", "unlink", "link", "mkdir", "rmdir", "truncate", "chmod",
                           "chown", "utime", "setxattr", "fallocate", "flock", "mknod"}) {
    const auto name = line.mid(line.indexOf(' ') + 1).trimmed();
    if (name.left(name.indexOf('(')).contains(call) && !name.startsWith("readlink")) return true;
  }
  for (const auto* flag : {"O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "F_SETLK", "F_OFD_SETLK"}) {
    if (line.contains(flag)) return true;
  }
  return false;
}

}  // namespace

class ReadonlyTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() {
    if (!QDir(kBesu).exists()) QSKIP("besu-ehr-single is not present");
    node_ = folder_.path() + "/besu";
    state_ = folder_.path() + "/state";
    QVERIFY(cli::copy_directory(kBesu, node_));
    qputenv("XDG_STATE_HOME", QFile::encodeName(state_));
    looks_ = {{"open", node_},
              {"open", node_, "--json"},
              {"knobs", node_},
              {"watch", node_, "--seconds", "2"},
              {"recommend", node_, "--for", "1"},
              {"report", node_, "--for", "1", "--out", folder_.path() + "/report.html"}};
  }

  void looking_changes_not_a_byte() {
    const auto before = cli::fingerprint(node_);
    QVERIFY(before.size() > 5);
    for (const auto& arguments : looks_) {
      const auto look = cli::run(arguments);
      QVERIFY2(look.exit_code == 0 && !look.crashed, look.story());
      const auto changed = cli::difference(before, cli::fingerprint(node_));
      QVERIFY2(changed.isEmpty(), arguments.first().toUtf8() + '\n' + changed);
    }
  }

  void it_is_known_as_besu_with_fifteen_column_families() {
    const auto opened = cli::run({"open", node_, "--json"}).json();
    QCOMPARE(opened.value("client").toString(), "Besu");
    QCOMPARE(opened.value("column_families").toArray().size(), 15);
    QCOMPARE(opened.value("way").toString(), "observed");
    QVERIFY(opened.value("locked_by").isNull());
  }

  void a_change_is_refused() {
    const auto before = cli::fingerprint(node_);
    for (const auto& arguments : {QStringList{"knobs", node_, "max_background_jobs=3"},
                                  QStringList{"run", node_, "--synthetic", "--blocks", "1"},
                                  QStringList{"run", node_ + "/database", "--blocks", "1"}}) {
      const auto refused = cli::run(arguments);
      QVERIFY2(refused.fails_with_one_sentence(), refused.story());
    }
    const auto changed = cli::difference(before, cli::fingerprint(node_));
    QVERIFY2(changed.isEmpty(), changed);
  }

  void a_directory_that_nobody_may_write_is_shown_as_well() {
    const auto frozen = folder_.path() + "/frozen";
    QVERIFY(cli::copy_directory(kBesu, frozen));
    const auto readable = QFile::ReadOwner | QFile::ReadUser;
    QDirIterator entry(frozen, QDir::Files, QDirIterator::Subdirectories);
    while (entry.hasNext()) QVERIFY(QFile::setPermissions(entry.next(), readable));
    const auto shown = cli::run({"knobs", frozen});
    QVERIFY2(shown.exit_code == 0, shown.story());
  }

  void no_system_call_even_tries() {
    const auto trace = folder_.path() + "/trace";
    const auto probe = cli::run_program("strace", {"-o", trace, "true"});
    if (probe.exit_code != 0) QSKIP("strace is not installed, or may not trace here");
    for (const auto& arguments : looks_) {
      const auto traced =
          cli::run_program("strace", QStringList{"-f", "-y", "-s", "4096", "-e", "trace=file,desc",
                                                 "-o", trace, NODETUNE_CLI} +
                                         arguments);
      QVERIFY2(traced.exit_code == 0, traced.story());
      QFile file(trace);
      QVERIFY(file.open(QIODevice::ReadOnly));
      int seen = 0;
      while (!file.atEnd()) {
        const auto line = file.readLine();
        if (!line.contains(QFile::encodeName(node_)) || line.contains("execve(")) continue;
        ++seen;
        QVERIFY2(!is_forbidden(line), line);
        // -y shows which file a descriptor is; what is written elsewhere may name the directory.
        const auto call = line.left(line.indexOf('"'));
        const bool into_it = call.contains(QFile::encodeName(node_)) && call.contains("write");
        QVERIFY2(!into_it, line.left(300));
      }
      QVERIFY2(seen > 10, "the trace does not show the directory: this test would show nothing");
    }
  }

 private:
  QTemporaryDir folder_;
  QString node_;
  QString state_;
  QList<QStringList> looks_;
};

QTEST_GUILESS_MAIN(ReadonlyTest)
#include "readonly_test.moc"
