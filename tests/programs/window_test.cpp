// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The window as a program: every page of a running test bench comes out as a picture.
#include <QImage>
#include <QProcess>
#include <QProcessEnvironment>
#include <QSet>
#include <QTemporaryDir>
#include <QtTest>
#include <csignal>

#include "engine/base/clock.h"
#include "engine/store/database.h"
#include "engine/workload/block_audit.h"

using namespace nodetune;

namespace {

constexpr int kTimeoutMs = 120'000;

// Settings and state of the window go into `home`, not into the user's.
QProcessEnvironment environment_of(const QString& home) {
  auto environment = QProcessEnvironment::systemEnvironment();
  environment.insert("QT_QPA_PLATFORM", "offscreen");
  environment.insert("HOME", home);
  for (const auto* name : {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"}) {
    environment.insert(name, home + "/" + name);
  }
  return environment;
}

int colours_of(const QImage& image) {
  QSet<QRgb> colours;
  for (int y = 0; y < image.height(); y += 3) {
    for (int x = 0; x < image.width(); x += 3) colours.insert(image.pixel(x, y));
  }
  return static_cast<int>(colours.size());
}

}  // namespace

class WindowTest : public QObject {
  Q_OBJECT
 private slots:
  void every_page_can_be_pictured_data() {
    QTest::addColumn<QString>("page");
    QTest::addColumn<QString>("theme");
    const QStringList pages = {"overview", "caches", "batches", "database", "tuning", "events"};
    for (int i = 0; i < pages.size(); ++i) {
      QTest::newRow(qPrintable(pages[i])) << pages[i] << (i % 2 == 0 ? "light" : "dark");
    }
  }
  void every_page_can_be_pictured() {
    QFETCH(QString, page);
    QFETCH(QString, theme);
    QTemporaryDir folder;
    const auto picture = folder.path() + "/page.png";
    QProcess window;
    window.setProcessEnvironment(environment_of(folder.path()));
    window.start(NODETUNE_WINDOW, {folder.path() + "/node", "--synthetic", "--rate", "20",
                                   "--stop-below-free", "0%", "--page", page, "--theme", theme,
                                   "--size", "1100x700", "--after", "2", "--screenshot", picture});
    QVERIFY(window.waitForFinished(kTimeoutMs));
    QVERIFY2(window.exitCode() == 0, window.readAllStandardError().constData());
    const QImage image(picture);
    QCOMPARE(image.size(), QSize(1100, 700));
    QVERIFY2(colours_of(image) > 40, "an empty page");
    const bool dark = image.pixelColor(5, image.height() - 5).lightness() < 128;
    QCOMPARE(dark, theme == "dark");
  }

  void a_terminated_window_has_committed_what_it_accepted() {
    QTemporaryDir folder;
    const auto path = folder.path() + "/node";
    QProcess window;
    window.setProcessEnvironment(environment_of(folder.path()));
    window.start(NODETUNE_WINDOW, {path, "--synthetic", "--rate", "20", "--stop-below-free", "0%"});
    QVERIFY(window.waitForStarted());
    QVERIFY(!window.waitForFinished(4'000));
    window.terminate();
    QVERIFY(window.waitForFinished(kTimeoutMs));
    QCOMPARE(window.exitStatus(), QProcess::NormalExit);
    QCOMPARE(window.exitCode(), 0);
    auto database = Database::open(path.toStdString(), {}, SystemClock::instance());
    QVERIFY2(database, database ? "" : database.status().message().c_str());
    const auto audit = verify_blocks(**database);
    QVERIFY2(audit, audit ? "" : audit.status().message().c_str());
    QVERIFY(audit->blocks > 0);
  }

  void wrong_arguments_are_a_usage_error() {
    QTemporaryDir folder;
    for (const QStringList& arguments :
         {QStringList{"--page", "none"}, QStringList{"--no-such-option"},
          QStringList{"--size", "big"}}) {
      QProcess window;
      window.setProcessEnvironment(environment_of(folder.path()));
      window.start(NODETUNE_WINDOW, arguments);
      QVERIFY(window.waitForFinished(kTimeoutMs));
      QVERIFY2(window.exitCode() == 2, qPrintable(arguments.join(' ')));
      QVERIFY(!window.readAllStandardError().isEmpty());
    }
  }
};

QTEST_GUILESS_MAIN(WindowTest)
#include "window_test.moc"
