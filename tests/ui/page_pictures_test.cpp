// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QApplication>
#include <QDir>
#include <QImage>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QtTest>
#include <set>

#include "tests/ui/fake_node.h"
#include "ui/shell/main_window.h"
#include "ui/shell/node_view.h"
#include "ui/shell/page_list.h"
#include "ui/shell/settings.h"
#include "ui/shell/theme.h"

using namespace nodetune;

// Paints every page as an operator sees it, small and large, light and dark, managed and observed.
// With NODETUNE_PICTURES set to a folder the pictures are saved there, to be looked at.
class PagePicturesTest : public QObject {
  Q_OBJECT
 private:
  static void rows() {
    QTest::addColumn<QString>("page");
    QTest::addColumn<bool>("dark");
    QTest::addColumn<QSize>("size");
    QTest::addColumn<bool>("managed");
    for (const bool managed : {true, false}) {
      for (const auto& entry : page_list(managed ? OpenWay::managed : OpenWay::observed)) {
        for (const bool dark : {false, true}) {
          for (const QSize size : {QSize(1100, 700), QSize(1920, 1080)}) {
            if (!managed && (dark || size.width() > 1100)) continue;
            const QString name = QStringLiteral("%1-%2-%3%4")
                                     .arg(entry.name, dark ? "dark" : "light")
                                     .arg(size.width())
                                     .arg(managed ? "" : "-observed");
            QTest::newRow(name.toUtf8()) << entry.name << dark << size << managed;
          }
        }
      }
    }
  }

  static void save(const QImage& picture, const QString& name) {
    const QString folder = qEnvironmentVariable("NODETUNE_PICTURES");
    if (folder.isEmpty()) return;
    QVERIFY(QDir().mkpath(folder));
    QVERIFY(picture.save(QDir(folder).filePath(name + QStringLiteral(".png"))));
  }

  static std::size_t colours(const QImage& picture) {
    std::set<QRgb> seen;
    for (int y = 0; y < picture.height(); y += 3) {
      for (int x = 0; x < picture.width(); x += 3) seen.insert(picture.pixel(x, y));
    }
    return seen.size();
  }

 private slots:
  void every_page_paints_data() { rows(); }
  void every_page_paints() {
    QFETCH(QString, page);
    QFETCH(bool, dark);
    QFETCH(QSize, size);
    QFETCH(bool, managed);
    QTemporaryDir folder;
    Settings settings(folder.filePath("settings.ini"));
    settings.set_theme_mode(dark ? ThemeMode::dark : ThemeMode::light);
    Theme theme(qApp);
    FakeNode::Config config;
    config.way = managed ? OpenWay::managed : OpenWay::observed;
    config.past_seconds = 300;
    config.path = managed ? "/srv/chain/test-bench" : "/var/lib/besu/data/database";
    MainWindow::Config window_config;
    window_config.opener = [config](const OpenRequest&, JobControl&) {
      return Result<std::unique_ptr<Node>>(std::make_unique<FakeNode>(config));
    };
    window_config.session.now = [config] { return config.start; };
    MainWindow window(window_config, settings, theme);
    window.resize(size);
    window.show();
    QVERIFY(window.show_page(page));
    window.open({QString::fromStdString(config.path), {}});
    QTRY_VERIFY(window.node_view() != nullptr);
    window.session().run_frame();
    QTest::qWait(100);  // layouts settle, also on a busy machine
    window.session().run_frame();
    const auto picture = window.grab().toImage();
    QCOMPARE(picture.size(), size);
    QVERIFY2(colours(picture) > 20, "the page is empty");
    save(picture, QTest::currentDataTag());
    auto* tabs = window.node_view()->findChild<QWidget*>(page)->findChild<QTabWidget*>();
    for (int tab = 1; tabs != nullptr && tabs->isVisible() && tab < tabs->count(); ++tab) {
      tabs->setCurrentIndex(tab);
      window.session().run_frame();
      QTest::qWait(100);
      const auto another = window.grab().toImage();
      QVERIFY2(colours(another) > 20, "the tab is empty");
      save(another, QStringLiteral("%1-tab%2").arg(QTest::currentDataTag()).arg(tab + 1));
    }
  }
  void the_start_page_paints_data() {
    QTest::addColumn<bool>("dark");
    QTest::newRow("start-light-1100") << false;
    QTest::newRow("start-dark-1100") << true;
  }
  void the_start_page_paints() {
    QFETCH(bool, dark);
    QTemporaryDir folder;
    Settings settings(folder.filePath("settings.ini"));
    settings.set_theme_mode(dark ? ThemeMode::dark : ThemeMode::light);
    settings.add_recent("/var/lib/besu/data/database");
    settings.add_recent("/srv/chain/test-bench");
    Theme theme(qApp);
    MainWindow::Config config;
    config.opener = [](const OpenRequest& request, JobControl&) -> Result<std::unique_ptr<Node>> {
      return Status(StatusCode::other_engine,
                    request.path.toStdString() +
                        " is a LevelDB database (Geth's). NodeTune reads RocksDB's: choose the "
                        "directory of a client that uses it.");
    };
    MainWindow window(config, settings, theme);
    window.resize(1100, 700);
    window.show();
    window.open({"/var/lib/geth/chaindata", {}});
    QTRY_VERIFY(window.messages().has_message());
    QTest::qWait(20);
    const auto picture = window.grab().toImage();
    QVERIFY(colours(picture) > 20);
    save(picture, QTest::currentDataTag());
  }
};

QTEST_MAIN(PagePicturesTest)
#include "page_pictures_test.moc"
