// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/base/format.h"

#include <QtTest>

using namespace nodetune;

class FormatTest : public QObject {
  Q_OBJECT
 private slots:
  void bytes_have_binary_units() {
    QCOMPARE(format_bytes(812), std::string("812 B"));
    QCOMPARE(format_bytes(64.0 * kMiB), std::string("64 MiB"));
    QCOMPARE(format_bytes(1.5 * kGiB), std::string("1.50 GiB"));
  }
  void a_missing_figure_is_a_dash() {
    QCOMPARE(format_bytes(std::nan("")), std::string("–"));
    QCOMPARE(format_seconds(std::nan("")), std::string("–"));
    QCOMPARE(format_ratio(std::nan("")), std::string("–"));
  }
  void seconds_choose_their_unit() {
    QCOMPARE(format_seconds(85e-6), std::string("85 µs"));
    QCOMPARE(format_seconds(250), std::string("4 min 10 s"));
  }
  void parse_bytes_reads_what_people_write() {
    QCOMPARE(parse_bytes("64MiB").value(), 64 * kMiB);
    QCOMPARE(parse_bytes("64M").value(), 64 * kMiB);
    QCOMPARE(parse_bytes("2GB").value(), 2 * kGiB);
    QCOMPARE(parse_bytes("67108864").value(), 64 * kMiB);
    for (const char* bad : {"", "x", "-1", "64X", "nan", "1e300", "64MiBs"}) {
      QVERIFY2(!parse_bytes(bad), bad);
    }
  }
  void parse_seconds_reads_spans() {
    QCOMPARE(parse_seconds("15m").value(), 900.0);
    QCOMPARE(parse_seconds("90").value(), 90.0);
    QVERIFY(!parse_seconds("90 parsecs"));
  }
  void hostile_names_are_escaped() {
    QCOMPARE(escape_name(std::string_view("\x01\tab", 4)), std::string("\\x01\\x09ab"));
  }
};

QTEST_APPLESS_MAIN(FormatTest)
#include "format_test.moc"
