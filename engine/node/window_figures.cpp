// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/window_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/base/format.h"

namespace nodetune {
namespace {

constexpr double kSecondsMin = 60;        // less than that says nothing of a node
constexpr double kChangeMin = 0.1;        // of the value before: smaller is noise
constexpr double kLoadChangeLarge = 0.5;  // then the load alone may explain the difference
constexpr std::size_t kColumns = 60;      // History merges its steps into so many

enum class Better : std::uint8_t { lower, higher, neither };

struct Row {
  WindowFigure figure;
  std::string_view name;
  std::string_view title;
  Unit unit;
  std::string_view per;  // behind the value
  Better better;
  double least;  // a difference below this is none
};

constexpr std::array<Row, kWindowFigureCount> kRows = {{
    {WindowFigure::stalled_share, "stalled_share", "Stalled", Unit::ratio, "", Better::lower,
     0.005},
    {WindowFigure::block_cache_hit_ratio, "block_cache_hit_ratio", "RocksDB block cache hit ratio",
     Unit::ratio, "", Better::higher, 0.01},
    {WindowFigure::level0_files, "level0_files", "Level-0 files of the worst family", Unit::files,
     "", Better::lower, 0.5},
    {WindowFigure::write_amplification, "write_amplification", "Bytes written for one flushed",
     Unit::count, "", Better::lower, 0.2},
    {WindowFigure::memory_ratio, "memory_ratio", "Memory in use", Unit::ratio, "", Better::lower,
     0.01},
    {WindowFigure::cpu_ratio, "cpu_ratio", "CPU in use", Unit::ratio, "", Better::lower, 0.02},
    {WindowFigure::disk_free_ratio, "disk_free_ratio", "Disk free", Unit::ratio, "", Better::higher,
     0.005},
    {WindowFigure::flushed_bytes_per_second, "flushed_bytes_per_second", "Load: flushed",
     Unit::bytes, "/s", Better::neither, 0},
}};

const Row& row_of(WindowFigure figure) {
  return kRows[static_cast<std::size_t>(figure)];
}

struct Sum {
  double sum = 0;
  double count = 0;
  double seconds = 0;
  double covered_seconds = 0;
};

Sum sum_of(const History& history, Metric metric, TimePoint begin, TimePoint end) {
  Sum all;
  const double column = to_seconds(end - begin) / static_cast<double>(kColumns);
  for (const auto& point : history.range(metric, begin, end, kColumns)) {
    all.sum += point.sum;
    all.count += point.count;
    all.seconds += point.seconds;
    // The first sample of all has no beginning.
    all.covered_seconds += std::min(point.seconds, column);
  }
  return all;
}

// A coarse step may reach beyond the window: never more than it is long.
double covered(const Sum& sum, TimePoint begin, TimePoint end) {
  return std::min(sum.seconds, to_seconds(end - begin));
}

WindowValue rate(const Sum& sum, TimePoint begin, TimePoint end) {
  if (sum.seconds < kSecondsMin) return {};
  return {sum.sum / sum.seconds, covered(sum, begin, end)};
}

WindowValue mean(const Sum& sum, TimePoint begin, TimePoint end) {
  if (sum.covered_seconds < kSecondsMin || sum.count <= 0) return {};
  return {sum.sum / sum.count, std::min(sum.covered_seconds, to_seconds(end - begin))};
}

std::string value_text(const Row& row, const WindowValue& value) {
  if (!std::isfinite(value.value)) return "not known";
  const bool amount = row.unit == Unit::files || row.unit == Unit::count;
  const auto text =
      amount ? fmt::format("{:.1f}", value.value) : format_figure(value.value, row.unit);
  return fmt::format("{}{} {} {}", text, row.per,
                     row.figure == WindowFigure::stalled_share ? "of" : "in",
                     span_text(value.seconds));
}

Verdict verdict_of(const Row& row, double before, double after) {
  if (!std::isfinite(before) || !std::isfinite(after)) return Verdict::unknown;
  const double change = after - before;
  if (std::fabs(change) <= std::max(row.least, kChangeMin * std::fabs(before))) {
    return Verdict::alike;
  }
  const bool good = row.better == Better::lower ? change < 0 : change > 0;
  return good ? Verdict::better : Verdict::worse;
}

void merge(Verdict& all, Verdict one) {
  if (one == Verdict::unknown || all == Verdict::worse) return;
  if (one == Verdict::alike && all == Verdict::better) return;
  all = one;
}

std::optional<WindowFigure> figure_of(const Evidence& evidence) {
  // The block cache's hit ratio is derived, and the only evidence of no metric that is a ratio.
  if (!evidence.metric) {
    return evidence.unit == Unit::ratio ? std::optional(WindowFigure::block_cache_hit_ratio)
                                        : std::nullopt;
  }
  static constexpr std::pair<Metric, WindowFigure> kKnown[] = {
      {Metric::db_stall_seconds_total, WindowFigure::stalled_share},
      {Metric::system_memory_ratio, WindowFigure::memory_ratio},
      {Metric::db_l0_files, WindowFigure::level0_files},
      {Metric::disk_free_ratio, WindowFigure::disk_free_ratio},
      {Metric::system_cpu_ratio, WindowFigure::cpu_ratio},
  };
  for (const auto& [metric, figure] : kKnown) {
    if (metric == *evidence.metric) return figure;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(WindowFigure figure) {
  return row_of(figure).name;
}

std::string span_text(double seconds) {
  constexpr double kMinute = 60;
  constexpr double kMinutesMax = 120;
  if (!(seconds >= 2 * kMinute)) return format_seconds(seconds);
  const double minutes = std::round(seconds / kMinute);
  return minutes < kMinutesMax ? fmt::format("{:.0f} min", minutes)
                               : format_seconds(minutes * kMinute);
}

WindowFigures figures_of(const History& history, TimePoint begin, TimePoint end) {
  WindowFigures window{begin, end, {}};
  if (end <= begin) return window;
  const auto sum = [&](Metric metric) { return sum_of(history, metric, begin, end); };
  const auto gauge = [&](WindowFigure figure, Metric metric) {
    window[figure] = mean(sum(metric), begin, end);
  };
  window[WindowFigure::stalled_share] = rate(sum(Metric::db_stall_seconds_total), begin, end);
  gauge(WindowFigure::level0_files, Metric::db_l0_files);
  gauge(WindowFigure::memory_ratio, Metric::system_memory_ratio);
  gauge(WindowFigure::cpu_ratio, Metric::system_cpu_ratio);
  gauge(WindowFigure::disk_free_ratio, Metric::disk_free_ratio);
  const auto flushed = sum(Metric::db_flush_bytes_total);
  window[WindowFigure::flushed_bytes_per_second] = rate(flushed, begin, end);
  const auto compacted = sum(Metric::db_compaction_write_bytes_total);
  if (flushed.sum > 0 && compacted.seconds >= kSecondsMin) {
    window[WindowFigure::write_amplification] = {(flushed.sum + compacted.sum) / flushed.sum,
                                                 covered(compacted, begin, end)};
  }
  const auto hits = sum(Metric::db_block_cache_hits_total);
  const auto lookups = hits.sum + sum(Metric::db_block_cache_misses_total).sum;
  if (lookups > 0 && hits.seconds >= kSecondsMin) {
    window[WindowFigure::block_cache_hit_ratio] = {hits.sum / lookups, covered(hits, begin, end)};
  }
  return window;
}

std::vector<WindowFigure> judged_by(const Proposal& proposal) {
  std::vector<WindowFigure> figures;
  for (const auto& evidence : proposal.evidence) {
    const auto figure = figure_of(evidence);
    if (figure && std::ranges::find(figures, *figure) == figures.end()) figures.push_back(*figure);
  }
  return figures;
}

WindowComparison compare(const WindowFigures& before, const WindowFigures& after,
                         const std::vector<WindowFigure>& judged) {
  WindowComparison all;
  const auto say = [&](const Row& row) {
    all.sentences.push_back(fmt::format("{}: {} before, {} after", row.title,
                                        value_text(row, before[row.figure]),
                                        value_text(row, after[row.figure])));
  };
  for (const auto figure : judged) {
    const auto& row = row_of(figure);
    say(row);
    merge(all.verdict, verdict_of(row, before[figure].value, after[figure].value));
  }
  for (const auto& row : kRows) {
    const bool told = std::ranges::find(judged, row.figure) != judged.end();
    const bool known =
        std::isfinite(before[row.figure].value) && std::isfinite(after[row.figure].value);
    const bool load = row.figure == WindowFigure::flushed_bytes_per_second;
    if (!told && (known || load)) say(row);
  }
  const double load_before = before[WindowFigure::flushed_bytes_per_second].value;
  const double load_after = after[WindowFigure::flushed_bytes_per_second].value;
  const bool other_load = std::fabs(load_after - load_before) > kLoadChangeLarge * load_before;
  all.sentences.push_back(std::string("Two times are compared, which proves nothing: the load ") +
                          (other_load ? "was not the same" : "may differ"));
  return all;
}

}  // namespace nodetune
