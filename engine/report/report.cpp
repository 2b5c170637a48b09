// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/report.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/node/job_ring.h"
#include "engine/report/anonymise.h"
#include "engine/report/findings.h"
#include "engine/report/machine_facts.h"
#include "engine/report/output_file.h"
#include "engine/report/writers.h"

namespace nodetune {
namespace {

constexpr std::size_t kChartPoints = 600;
constexpr std::size_t kAllPoints = 1'000'000;         // more than a history holds of one metric
constexpr Duration kHoleMin = std::chrono::hours(1);  // shorter ones fit into a chart

bool has_data(const ReportSeries& series) {
  return !series.points.empty() || !series.percentiles.empty();
}

// Scalars of [begin, end). Where most of that time is empty (an old LOG, and figures of now), each
// side of the hole gets columns of its own, else everything would fall into one or two.
std::vector<HistoryPoint> collect_points(const History& history, Metric metric, TimePoint begin,
                                         TimePoint end, std::size_t points_max) {
  auto points = history.range(metric, begin, end, points_max);
  if (points.empty()) return points;
  const auto first = points.front().begin;
  const auto last = points.back().end;
  std::size_t hole = 0;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const auto width = points[i].begin - points[i - 1].end;
    if (width > (end - begin) / 2 && width > kHoleMin) hole = i;
  }
  if (hole > 0) {
    const auto before = points[hole - 1].end;
    const auto after = points[hole].begin;
    points = history.range(metric, first, before, points_max / 2);
    const auto newer = history.range(metric, after, last, points_max - points_max / 2);
    points.insert(points.end(), newer.begin(), newer.end());
  } else if (last - first < (end - begin) / 2 && end - begin > kHoleMin) {
    points = history.range(metric, first, last, points_max);
  }
  return points;
}

std::vector<ReportSeries> collect_series(const History& history, TimePoint begin, TimePoint end,
                                         std::size_t points_max) {
  std::vector<ReportSeries> all;
  for (const auto& metric : catalogue()) {
    ReportSeries series;
    series.metric = metric.id;
    if (metric.kind == MetricKind::histogram) {
      series.percentiles = history.percentiles(metric.id, begin, end, points_max);
      series.distribution = history.distribution(metric.id, begin, end);
    } else {
      series.points = collect_points(history, metric.id, begin, end, points_max);
    }
    if (has_data(series)) all.push_back(std::move(series));
  }
  return all;
}

// When the first sample was taken; `otherwise` when there is none.
TimePoint first_sample(const std::vector<ReportSeries>& all, TimePoint otherwise) {
  auto earliest = TimePoint::max();
  for (const auto& series : all) {
    if (!series.points.empty()) earliest = std::min(earliest, series.points.front().begin);
  }
  return earliest == TimePoint::max() ? otherwise : earliest;
}

void collect_history(const History& history, const ReportOptions& options, Report& report) {
  const auto last = history.last();
  if (last == TimePoint{}) {
    report.begin = report.end = report.made;
    return;
  }
  report.end = last + std::chrono::seconds(1);  // the finest step, which began at `last`
  report.begin = history.first();
  if (options.last) report.begin = std::max(report.begin, report.end - *options.last);
  const auto points_max = std::max<std::size_t>(options.points_max, 2);
  report.series = collect_series(history, report.begin, report.end, points_max);
  // History::first() is that of its coarsest step: up to ten minutes before the first sample, for
  // which columns would be too wide.
  const auto first = first_sample(report.series, report.begin);
  if (first > report.begin) {
    report.begin = first;
    report.series = collect_series(history, report.begin, report.end, points_max);
  }
}

// Of several databases the one that stalled most around that time.
std::string path_of_stall(const Node& node, TimePoint worst) {
  std::string path = node.description().path;
  double most = 0;
  for (const auto& database : node.databases()) {
    double seconds = 0;
    for (const auto& point :
         database.node->history().range(Metric::db_stall_seconds_total, worst - kAroundStall,
                                        worst + kAroundStall, kChartPoints)) {
      seconds += point.sum;
    }
    if (most > 0 && seconds <= most) continue;
    most = seconds;
    path = database.node->description().path;
  }
  return path;
}

LogExcerpt log_around_worst_stall(const Report& report, const Node& node) {
  const auto worst = worst_stall(report);
  if (!worst) return {};
  return read_log_excerpt(path_of_stall(node, *worst), *worst, kAroundStall);
}

}  // namespace

std::size_t points_max_for(ReportFormat format) {
  return format == ReportFormat::csv ? kAllPoints : kChartPoints;
}

Result<ReportFormat> report_format_of(const std::string& path) {
  static constexpr std::array<std::pair<std::string_view, ReportFormat>, 6> kEndings = {{
      {".html", ReportFormat::html},
      {".htm", ReportFormat::html},
      {".csv", ReportFormat::csv},
      {".json", ReportFormat::json},
      {".md", ReportFormat::markdown},
      {".markdown", ReportFormat::markdown},
  }};
  std::string lower = path;
  for (auto& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  for (const auto& [ending, format] : kEndings) {
    if (lower.ends_with(ending)) return format;
  }
  if (lower.ends_with(".pdf")) {
    return Status(StatusCode::invalid_argument,
                  path + ": PDF is made in the window; here use .html, .csv, .json or .md");
  }
  return Status(StatusCode::invalid_argument,
                path + ": no report format has this ending; use .html, .csv, .json or .md");
}

const ReportSeries* find_series(const Report& report, Metric metric) {
  const auto found =
      std::lower_bound(report.series.begin(), report.series.end(), metric,
                       [](const ReportSeries& series, Metric id) { return series.metric < id; });
  return found != report.series.end() && found->metric == metric ? &*found : nullptr;
}

Source source_of(const Report& report, Metric metric) {
  const auto& about = info(metric);
  if (report.last.source(metric) == Source::scraped) return Source::scraped;
  // An observed node's files are counted; all else that is known of its database is in its LOG.
  const bool counted = metric == Metric::db_sst_files || metric == Metric::db_sst_bytes ||
                       metric == Metric::db_l0_files;
  const bool from_log = report.node.way != OpenWay::managed && about.name.starts_with("db_") &&
                        about.source == Source::measured && !counted;
  return from_log ? Source::logged : about.source;
}

Report make_report(const Node& node, const ReportOptions& options, Clock& clock) {
  Report report;
  report.made = clock.now();
  report.program_version = NODETUNE_VERSION;
  report.node = node.description();
  report.last = *node.snapshot();
  report.health = assess_health(report.last, node.history());
  collect_history(node.history(), options, report);
  report.knobs = node.knobs();
  report.caches = node.caches();
  report.memory = node.memory();
  report.memory_parts = node.memory_parts();
  report.recommendations = node.recommendations();
  report.audit = node.audit();
  report.events = node.events(0, options.events_max);
  report.jobs = node.jobs(options.last ? report.begin : TimePoint{},
                          std::max(report.end, report.made), kJobsKept);
  report.workload = node.workload();
  report.batches = node.batches();
  report.stall_log = log_around_worst_stall(report, node);
  // The machine that made a recording is not this one.
  if (!report.node.recorded) report.machine = machine_facts(report.node.path);
  return report;
}

std::string render(const Report& report, ReportFormat format, const ReportOptions& options) {
  const bool hide = options.anonymise.value_or(format == ReportFormat::markdown);
  if (hide && !report.anonymised) {
    return render(anonymised(report, this_machine()), format, options);
  }
  switch (format) {
    case ReportFormat::html:
      return render_html(report);
    case ReportFormat::csv:
      return render_csv(report);
    case ReportFormat::json:
      return render_json(report);
    case ReportFormat::markdown:
      return render_markdown(report, options.markdown_characters_max);
  }
  return {};
}

Status write_report(const Report& report, const std::string& path, const ReportOptions& options) {
  const auto format = report_format_of(path);
  if (!format) return format.status();
  try {
    return write_file_at_once(path, render(report, *format, options));
  } catch (const std::exception& error) {
    return {StatusCode::failed, path + ": the report could not be made: " + error.what()};
  }
}

}  // namespace nodetune
