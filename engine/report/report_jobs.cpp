// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/report_jobs.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/format.h"
#include "engine/report/html_parts.h"
#include "engine/report/report_text.h"
#include "engine/report/svg_timeline.h"

namespace nodetune {
namespace {

constexpr std::size_t kLongest = 10;

// One that runs ends, for the report, with the report's time.
TimePoint end_of(const StorageJob& job, TimePoint end) {
  return std::max(job.begin, job.end.value_or(end));
}

double seconds_of(const StorageJob& job, TimePoint end) {
  return to_seconds(end_of(job, end) - job.begin);
}

std::string bytes_text(const std::optional<std::int64_t>& bytes) {
  return bytes ? format_bytes(static_cast<double>(*bytes)) : std::string(kNoFigure);
}

std::string what_text(const StorageJob& job) {
  const auto levels = job_levels_text(job);
  return job.kind == StorageJob::Kind::flush ? levels : "Compaction " + levels;
}

template <typename T>
nlohmann::json known(const std::optional<T>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

struct Sum {
  std::size_t flushes = 0;
  std::size_t compactions = 0;
  TimePoint begin{};
  TimePoint end{};
  double busy_seconds = 0;  // at least one ran
};

// `jobs` ascend by begin.
Sum sum_of(const Report& report) {
  Sum sum;
  if (report.jobs.empty()) return sum;
  sum.begin = report.jobs.front().begin;
  auto covered = sum.begin;
  for (const auto& job : report.jobs) {
    ++(job.kind == StorageJob::Kind::flush ? sum.flushes : sum.compactions);
    const auto end = end_of(job, report.end);
    sum.busy_seconds += std::max(0.0, to_seconds(end - std::max(job.begin, covered)));
    covered = std::max(covered, end);
  }
  sum.end = covered;
  return sum;
}

}  // namespace

std::vector<StorageJob> longest_jobs(const Report& report) {
  auto jobs = report.jobs;
  std::stable_sort(jobs.begin(), jobs.end(), [&](const StorageJob& a, const StorageJob& b) {
    return seconds_of(a, report.end) > seconds_of(b, report.end);
  });
  if (jobs.size() > kLongest) jobs.resize(kLongest);
  return jobs;
}

std::string job_sentence(const Report& report) {
  const auto sum = sum_of(report);
  if (report.jobs.empty()) return "No flush or compaction is known of this time.";
  const double seconds = to_seconds(sum.end - sum.begin);
  const auto share =
      seconds > 0 ? format_ratio(sum.busy_seconds / seconds) : std::string(kNoFigure);
  return fmt::format(
      "{} flushes and {} compactions, {} to {}; at least one of them ran {} of that time "
      "(derived).",
      whole_text(sum.flushes), whole_text(sum.compactions), utc_text(sum.begin), utc_text(sum.end),
      share);
}

std::array<std::string, kJobColumns.size()> job_cells(const StorageJob& job, TimePoint end) {
  const auto took = format_seconds(seconds_of(job, end));
  return {utc_text(job.begin), job.end ? took : "runs for " + took, what_text(job),
          job.family,          bytes_text(job.input_bytes),         bytes_text(job.output_bytes),
          job.reason};
}

std::string html_jobs(const Report& report) {
  if (report.jobs.empty()) return {};
  using enum HtmlTable::Align;
  std::vector<HtmlTable::Column> columns;
  for (const std::string name : kJobColumns) {
    const bool figure = name == "Took" || name == "In" || name == "Out";
    columns.push_back({name, figure ? right : left});
  }
  HtmlTable table(std::move(columns));
  for (const auto& job : longest_jobs(report)) {
    for (const auto& cell : job_cells(job, report.end)) table.text(cell);
  }
  // Two charts wide: the page's grid would halve it.
  return html_heading("What was flushed and compacted when") + html_note(job_sentence(report)) +
         "<div class=\"charts\" style=\"grid-template-columns:minmax(0,1fr)\"><figure>"
         "<figcaption>Timeline</figcaption>" +
         render_timeline_svg(report.jobs, report.end) + "</figure></div>\n" +
         html_heading("Longest of them") + table.str();
}

nlohmann::json jobs_json(const Report& report) {
  const auto sum = sum_of(report);
  auto longest = nlohmann::json::array();
  for (const auto& job : longest_jobs(report)) {
    longest.push_back(
        {{"kind", job.kind == StorageJob::Kind::flush ? "flush" : "compaction"},
         {"family", clean_text(job.family)},
         {"begin", to_epoch_seconds(job.begin)},
         {"end", job.end ? nlohmann::json(to_epoch_seconds(*job.end)) : nlohmann::json(nullptr)},
         {"input_level", known(job.input_level)},
         {"output_level", known(job.output_level)},
         {"input_bytes", known(job.input_bytes)},
         {"output_bytes", known(job.output_bytes)},
         {"reason", clean_text(job.reason)},
         {"source", to_string(job.source)}});
  }
  return {{"flushes", sum.flushes},
          {"compactions", sum.compactions},
          {"busy_seconds",
           report.jobs.empty() ? nlohmann::json(nullptr) : nlohmann::json(sum.busy_seconds)},
          {"longest", std::move(longest)}};
}

}  // namespace nodetune
