// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/own_use.h"

#include <fcntl.h>
#include <sys/file.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include "tests/engine/files/test_files.h"

using namespace nodetune;
using namespace nodetune::testing;

class OwnUseTest : public QObject {
  Q_OBJECT
 private slots:
  void what_is_open_below_a_directory_is_told_with_what_it_may_do() {
    QTemporaryDir root;
    const auto below = [&] {
      const auto files = look_at_own_files();
      return use_below(files.value(), root.path().toStdString());
    };
    write_file(root.path() + "/db/LOG", "x");
    QVERIFY(QDir(root.path()).mkdir("db2"));
    QCOMPARE(below().files, 0);

    QFile reader(root.path() + "/db/LOG");
    QVERIFY(reader.open(QIODevice::ReadOnly));
    QCOMPARE(below().files, 1);
    QCOMPARE(below().writable_files, 0);
    QCOMPARE(below().locks, 0);
    QCOMPARE(::flock(reader.handle(), LOCK_SH), 0);
    QCOMPARE(below().locks, 1);
    QCOMPARE(::flock(reader.handle(), LOCK_UN), 0);

    QFile writer(root.path() + "/db/LOG");
    QVERIFY(writer.open(QIODevice::ReadWrite));
    QCOMPARE(below().files, 2);
    QCOMPARE(below().writable_files, 1);
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    QCOMPARE(::fcntl(writer.handle(), F_SETLK, &lock), 0);
    QVERIFY(below().locks >= 1);
    // A neighbour whose name begins alike is not below it.
    const auto files = look_at_own_files();
    QCOMPARE(use_below(*files, (root.path() + "/d").toStdString()).files, 0);
    QCOMPARE(use_below(*files, (root.path() + "/db").toStdString()).files, 2);
  }

  void a_link_to_the_directory_leads_to_it() {
    QTemporaryDir root;
    write_file(root.path() + "/real/LOG", "x");
    QVERIFY(QFile::link(root.path() + "/real", root.path() + "/link"));
    QFile reader(root.path() + "/link/LOG");
    QVERIFY(reader.open(QIODevice::ReadOnly));
    QCOMPARE(use_below(look_at_own_files().value(), (root.path() + "/link").toStdString()).files,
             1);
  }

  void without_proc_nothing_is_claimed() { QVERIFY(!look_at_own_files("/nowhere").has_value()); }
};

QTEST_APPLESS_MAIN(OwnUseTest)
#include "own_use_test.moc"
