// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QRegularExpression>
#include <QTest>
#include <QXmlStreamReader>
#include <cmath>
#include <limits>

#include "engine/report/report_charts.h"
#include "engine/report/svg_chart.h"
#include "tests/engine/report/report_node.h"

namespace nodetune {
namespace {

const TimePoint kBegin = TimePoint(std::chrono::seconds(1'700'000'000));

SvgChart chart_of(std::vector<SvgPoint> points) {
  SvgChart chart;
  chart.title = "Test";
  chart.unit = Unit::bytes;
  chart.begin = kBegin;
  chart.end = kBegin + std::chrono::seconds(60);
  chart.series.push_back({.name = "One", .points = std::move(points)});
  return chart;
}

SvgPoint point(int second, double value, bool gap = false) {
  return {.time = kBegin + std::chrono::seconds(second),
          .min = value,
          .max = value,
          .mean = value,
          .gap_before = gap};
}

QString well_formed(const std::string& text) {
  QXmlStreamReader reader(QString::fromStdString(text));
  while (!reader.atEnd()) reader.readNext();
  return reader.hasError() ? reader.errorString() : QString();
}

// The `d` of the series' line.
QString line_of(const std::string& svg) {
  const QRegularExpression path("<path d=\"([^\"]*)\" fill=\"none\"");
  return path.match(QString::fromStdString(svg)).captured(1);
}

}  // namespace

class ChartTest : public QObject {
  Q_OBJECT

 private slots:
  void gap_begins_a_new_segment() {
    const auto whole =
        render_chart_svg(chart_of({point(1, 10), point(2, 20), point(3, 10), point(4, 20)}));
    QCOMPARE(line_of(whole).count('M'), 1);
    const auto broken = render_chart_svg(
        chart_of({point(1, 10), point(2, 20), point(30, 10, true), point(31, 20)}));
    QCOMPARE(line_of(broken).count('M'), 2);
  }

  void missing_value_breaks_the_line_and_is_never_drawn() {
    const auto svg = render_chart_svg(
        chart_of({point(1, 10), point(2, 20), point(3, kMissing), point(4, 20), point(5, 10)}));
    QCOMPARE(line_of(svg).count('M'), 2);
    QVERIFY(svg.find("nan") == std::string::npos);
    QVERIFY(svg.find("inf") == std::string::npos);
  }

  void lonely_point_is_a_dot() {
    const auto svg = render_chart_svg(chart_of({point(5, 10)}));
    QVERIFY(svg.find("<circle") != std::string::npos);
    QVERIFY(line_of(svg).isEmpty());
  }

  void band_is_drawn_only_where_values_spread() {
    auto chart = chart_of({point(1, 10), point(2, 20)});
    QVERIFY(render_chart_svg(chart).find("fill-opacity") == std::string::npos);
    chart.series[0].points[1].max = 80;
    QVERIFY(render_chart_svg(chart).find("fill-opacity") != std::string::npos);
  }

  void everything_is_escaped() {
    auto chart = chart_of({point(1, 10), point(2, 20)});
    const std::string hostile = "</title><script>alert('\"&\")</script>\x01\xff";
    chart.title = chart.series[0].name = chart.series[0].detail = hostile;
    chart.markers = {{kBegin + std::chrono::seconds(5), hostile}};
    chart.threshold = SvgThreshold{15, hostile};
    for (const bool standalone : {false, true}) {
      SvgOptions options;
      options.standalone = standalone;
      const auto svg = render_chart_svg(chart, options);
      QCOMPARE(well_formed(svg), QString());
      QVERIFY(svg.find("<script") == std::string::npos);
    }
  }

  void impossible_figures_do_not_harm() {
    const double infinite = std::numeric_limits<double>::infinity();
    for (const double value : {infinite, -infinite, 1e300, -5.0, 0.0, 1e-300}) {
      for (const auto unit : {Unit::bytes, Unit::seconds, Unit::ratio, Unit::count}) {
        auto chart = chart_of({point(1, value), point(2, 1), point(3, value), point(4, 2)});
        chart.unit = unit;
        QCOMPARE(well_formed(render_chart_svg(chart)), QString());
      }
    }
    auto nothing = chart_of({});
    nothing.end = nothing.begin;
    QCOMPARE(well_formed(render_chart_svg(nothing)), QString());
    nothing.series.clear();
    QCOMPARE(well_formed(render_chart_svg(nothing)), QString());
    auto years = chart_of({point(1, 1)});
    years.end = years.begin + std::chrono::hours(24 * 365 * 40);
    QCOMPARE(well_formed(render_chart_svg(years)), QString());
  }

  void marker_outside_the_time_is_not_drawn() {
    auto chart = chart_of({point(1, 10), point(2, 20)});
    chart.markers = {{kBegin - std::chrono::seconds(1), "before"},
                     {kBegin + std::chrono::seconds(30), "inside"}};
    const auto svg = render_chart_svg(chart);
    QVERIFY(svg.find("before") == std::string::npos);
    QVERIFY(svg.find("inside") != std::string::npos);
  }

  void axes_end_at_round_figures() {
    const auto top = [](Unit unit, double at_least) { return round_axis(unit, at_least).top; };
    QCOMPARE(top(Unit::bytes, 5.0 * kMiB), 6.0 * kMiB);
    QCOMPARE(top(Unit::bytes, 4.0 * kMiB), 4.0 * kMiB);
    QCOMPARE(top(Unit::seconds, 0.0021), 0.0025);
    QCOMPARE(top(Unit::seconds, 500), 600.0);
    QCOMPARE(top(Unit::ratio, 0.37), 0.4);
    QCOMPARE(top(Unit::count, 3), 4.0);
    for (double value = 1e-7; value < 1e15; value *= 1.37) {
      for (const auto unit : {Unit::bytes, Unit::seconds, Unit::ratio, Unit::count}) {
        const auto axis = round_axis(unit, value);
        QVERIFY(axis.top >= value * 0.999999);
        QVERIFY(axis.divisions >= 2);
      }
    }
    QCOMPARE(axis_text(Unit::bytes, 1536), std::string("1.5 KiB"));
    QCOMPARE(axis_text(Unit::seconds, 0.025), std::string("25 ms"));
    QCOMPARE(axis_text(Unit::ratio, 0.75), std::string("75 %"));
    QCOMPARE(axis_text(Unit::count, 2'000), std::string("2 k"));
    QCOMPARE(axis_text(Unit::count, kMissing), std::string("–"));
  }

  void overview_has_its_six_charts_even_without_data() {
    const auto node = ReportNode::empty();
    ManualClock clock;
    const auto charts = report_charts(make_report(*node, {}, clock));
    QCOMPARE(charts.size(), std::size_t(6));
    for (const auto& chart : charts) {
      QVERIFY(chart.chart.series.empty());
      QVERIFY(!chart.missing.empty());
    }
  }

  void pause_in_sampling_is_a_gap_and_ratios_are_of_each_column() {
    auto node = ReportNode::managed(30);
    node->pause(40);
    node->run(30);
    ManualClock clock(node->now);
    const auto charts = report_charts(make_report(*node, {}, clock));
    int seen = 0;
    for (const auto& one : charts) {
      if (one.title == "Free space") {
        ++seen;
        int gaps = 0;
        for (const auto& p : one.chart.series.at(0).points) gaps += p.gap_before ? 1 : 0;
        QCOMPARE(gaps, 1);
      }
      if (one.title == "Hit ratio") {
        ++seen;
        QCOMPARE(one.source, std::string("derived"));
        QCOMPARE(one.chart.series.size(), kObjectKindCount);
        for (const auto& p : one.chart.series.at(0).points) {
          QVERIFY2(std::fabs(p.mean - 0.9) < 1e-9, qPrintable(QString::number(p.mean)));
        }
      }
    }
    QCOMPARE(seen, 2);
  }

  void applied_change_is_marked_on_charts() {
    auto node = ReportNode::managed(10);
    node->add_change("");
    node->run(10);
    ManualClock clock(node->now);
    const auto charts = report_charts(make_report(*node, {}, clock));
    QVERIFY(!charts.empty());
    QCOMPARE(charts.front().chart.markers.size(), std::size_t(1));
    QCOMPARE(charts.front().chart.markers.front().text, std::string("write_buffer_size → 96 MiB"));
  }
};

}  // namespace nodetune

QTEST_GUILESS_MAIN(nodetune::ChartTest)
#include "chart_test.moc"
