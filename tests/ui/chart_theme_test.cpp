// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QApplication>
#include <QStyle>
#include <QtTest>

#include "ui/shell/theme.h"

using namespace nodetune;

class ChartThemeTest : public QObject {
  Q_OBJECT
 private slots:
  void palettes_know_what_they_are() {
    QVERIFY(!is_dark(light_palette()));
    QVERIFY(is_dark(dark_palette()));
  }

  void every_colour_stands_out_on_its_card() {
    for (const bool dark : {false, true}) {
      const QPalette palette = dark ? dark_palette() : light_palette();
      const QColor card = card_colour(palette);
      for (int i = -2; i < kSeriesColours; ++i) {
        const double ratio = contrast(series_colour(i, dark), card);
        QVERIFY2(ratio >= 3, qPrintable(QString("%1 %2: %3").arg(dark).arg(i).arg(ratio)));
      }
      for (const Tone tone : {Tone::neutral, Tone::good, Tone::warn, Tone::bad}) {
        QVERIFY(contrast(tone_colour(tone, dark), card) >= 3);
      }
      QVERIFY(contrast(palette.color(QPalette::WindowText), card) >= 7);
      QVERIFY(contrast(dim_text_colour(palette), card) >= 4.5);
      QVERIFY(contrast(palette.color(QPalette::HighlightedText),
                       palette.color(QPalette::Highlight)) >= 3.8);
    }
  }

  void series_colours_differ_and_wrap_around() {
    for (const bool dark : {false, true}) {
      for (int i = 0; i < kSeriesColours; ++i) {
        QCOMPARE(series_colour(i + kSeriesColours, dark), series_colour(i, dark));
        for (int j = 0; j < i; ++j) QVERIFY(series_colour(i, dark) != series_colour(j, dark));
      }
    }
  }

  void a_tone_is_told_without_its_colour() {
    QVERIFY(tone_symbol(Tone::good) != tone_symbol(Tone::warn));
    QVERIFY(tone_symbol(Tone::warn) != tone_symbol(Tone::bad));
    QVERIFY(!tone_symbol(Tone::bad).isEmpty());
  }

  void an_explicit_choice_overrides_the_desktop() {
    Theme theme(qApp);
    theme.set_mode(ThemeMode::dark);
    QVERIFY(theme.dark());
    QVERIFY(is_dark(QApplication::palette()));
    QCOMPARE(QApplication::style()->objectName().toLower(), QString("fusion"));
    theme.set_mode(ThemeMode::light);
    QVERIFY(!theme.dark());
    QVERIFY(!is_dark(QApplication::palette()));
  }

  void following_goes_back_to_what_the_desktop_had() {
    Theme theme(qApp);
    const bool desktop = theme.dark();
    theme.set_mode(desktop ? ThemeMode::light : ThemeMode::dark);
    theme.set_mode(ThemeMode::follow_desktop);
    QCOMPARE(theme.dark(), desktop);
    QCOMPARE(is_dark(QApplication::palette()), desktop);
  }

  void a_card_rises_above_the_window_in_dark_schemes() {
    QPalette sunken = dark_palette();
    sunken.setColor(QPalette::Base, QColor(0x101010));
    QVERIFY(card_colour(sunken).lightness() > sunken.color(QPalette::Window).lightness());
  }
};

QTEST_MAIN(ChartThemeTest)
#include "chart_theme_test.moc"
