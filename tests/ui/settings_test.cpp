// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/shell/settings.h"

#include <QTemporaryDir>
#include <QtTest>

#include "ui/bridge/node_session.h"

using namespace nodetune;

class SettingsTest : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir folder_;
  QString file(const char* name) { return folder_.filePath(QString::fromLatin1(name)); }

 private slots:
  void what_was_set_is_there_after_a_restart() {
    {
      Settings settings(file("a.ini"));
      settings.set_theme_mode(ThemeMode::dark);
      settings.set_utc(true);
      settings.set_page("caches");
      settings.set_span_us(chart_spans()[2].span_us);
      settings.add_recent("/srv/node");
      settings.set_metrics_address("/srv/node/", "http://127.0.0.1:9545/metrics");
    }
    Settings settings(file("a.ini"));
    QCOMPARE(settings.theme_mode(), ThemeMode::dark);
    QVERIFY(settings.utc());
    QCOMPARE(settings.page(), QString("caches"));
    QCOMPARE(settings.span_us(), chart_spans()[2].span_us);
    QCOMPARE(settings.recent(), QStringList{"/srv/node"});
    QCOMPARE(settings.metrics_address("/srv/node"), QString("http://127.0.0.1:9545/metrics"));
    settings.set_metrics_address("/srv/node", {});
    QCOMPARE(settings.metrics_address("/srv/node"), QString());
  }
  void the_newest_directory_comes_first_and_once() {
    Settings settings(file("b.ini"));
    settings.add_recent("/a");
    settings.add_recent("/b/");
    settings.add_recent("/a");
    QCOMPARE(settings.recent(), (QStringList{"/a", "/b"}));
    for (int i = 0; i < 30; ++i) settings.add_recent(QString("/d%1").arg(i));
    QCOMPARE(settings.recent().size(), Settings::kRecentMax);
    QCOMPARE(settings.recent().front(), QString("/d29"));
  }
  void nonsense_is_read_as_the_default() {
    {
      QSettings raw(file("c.ini"), QSettings::IniFormat);
      raw.setValue("v1/window/span_us", "-5");
      raw.setValue("v1/window/theme", "pink");
      raw.setValue("v1/window/geometry", "nonsense");
    }
    Settings settings(file("c.ini"));
    QCOMPARE(settings.span_us(), chart_spans().front().span_us);
    QCOMPARE(settings.theme_mode(), ThemeMode::follow_desktop);
  }
  void what_a_newer_version_wrote_is_left_alone() {
    {
      QSettings raw(file("d.ini"), QSettings::IniFormat);
      raw.setValue("v2/window/theme", "dark");
    }
    {
      Settings settings(file("d.ini"));
      QCOMPARE(settings.theme_mode(), ThemeMode::follow_desktop);
      settings.set_theme_mode(ThemeMode::light);
    }
    QSettings raw(file("d.ini"), QSettings::IniFormat);
    QCOMPARE(raw.value("v2/window/theme").toString(), QString("dark"));
  }
};

QTEST_APPLESS_MAIN(SettingsTest)
#include "settings_test.moc"
