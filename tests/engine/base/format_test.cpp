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
  void what_rounds_to_a_thousand_is_one_of_the_next_unit() {
    QCOMPARE(format_seconds(999.8e-6), std::string("1.00 ms"));
    QCOMPARE(format_seconds(0.99996), std::string("1.00 s"));
    QCOMPARE(format_seconds(999.2e-6), std::string("999 µs"));
    QCOMPARE(format_count(999'800), std::string("1.00 M"));
    QCOMPARE(format_bytes(1023.8 * kKiB), std::string("1.00 MiB"));
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
