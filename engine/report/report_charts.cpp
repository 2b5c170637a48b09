// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/report_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "engine/report/report_text.h"
#include "engine/tuner/rules.h"

namespace nodetune {
namespace {

constexpr std::size_t kColumnsMax = 280;       // of a chart some 490 units wide
constexpr std::size_t kRatioColumnsMax = 120;  // wider columns: more lookups, calmer ratios
// Two points further apart than this many sampling intervals: nothing is known between them.
constexpr double kGapFactor = 2.5;
constexpr double kGapSecondsMin = 3;  // a sample may come a little late
// A chart whose data take a smaller share of the report's time shows their time alone.
constexpr double kOwnTimeShare = 0.2;
constexpr std::size_t kBandedSeriesMax = 3;  // the bands of more hide each other
constexpr double kHoleShare = 0.5;           // of a chart's time without any point
constexpr std::size_t kDateLength = 10;
constexpr std::size_t kZoneLength = 4;  // " UTC"

// The usual distance of neighbours.
template <typename Points, typename TimeOf>
Duration usual_step(const Points& points, TimeOf time_of) {
  std::vector<Duration> steps;
  for (std::size_t i = 1; i < points.size(); ++i) {
    steps.push_back(time_of(points[i]) - time_of(points[i - 1]));
  }
  if (steps.empty()) return Duration::zero();
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  return *middle;
}

bool is_gap(Duration step, Duration usual) {
  return to_seconds(step) > std::max(kGapFactor * to_seconds(usual), kGapSecondsMin);
}

// How long one sample of these points usually covers: a LOG's may be ten minutes.
Duration usual_interval(const std::vector<HistoryPoint>& points) {
  std::vector<double> seconds;
  for (const auto& point : points) {
    if (point.count > 0) seconds.push_back(point.seconds / point.count);
  }
  if (seconds.empty()) return Duration::zero();
  const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
  std::nth_element(seconds.begin(), middle, seconds.end());
  return from_seconds(*middle);
}

TimePoint middle_of(const HistoryPoint& point) {
  return point.begin + (point.end - point.begin) / 2;
}

// Neighbours are merged until there are at most `most`; never over a gap.
std::vector<HistoryPoint> merged(const std::vector<HistoryPoint>& points, std::size_t most) {
  const std::size_t group = (points.size() + most - 1) / std::max<std::size_t>(most, 1);
  if (group < 2) return points;
  const auto usual = usual_interval(points);
  std::vector<HistoryPoint> out;
  std::size_t in_group = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto& next = points[i];
    if (in_group == 0 || is_gap(next.begin - points[i - 1].end, usual)) {
      out.push_back(next);
      in_group = 1;
    } else {
      auto& into = out.back();
      into.end = next.end;
      into.min = std::fmin(into.min, next.min);
      into.max = std::fmax(into.max, next.max);
      into.sum += next.sum;
      into.seconds += next.seconds;
      into.count += next.count;
      ++in_group;
    }
    if (in_group == group) in_group = 0;
  }
  return out;
}

std::vector<HistoryPoint> points_of(const Report& report, Metric metric) {
  const auto* series = find_series(report, metric);
  return series == nullptr ? std::vector<HistoryPoint>() : series->points;
}

// Adds up what lies in the same time. Columns of one report have the same grid.
std::vector<HistoryPoint> added_up(const Report& report, const std::vector<Metric>& metrics) {
  std::vector<HistoryPoint> total;
  for (const auto metric : metrics) {
    const auto points = points_of(report, metric);
    if (total.empty()) {
      total = points;
      continue;
    }
    auto next = points.begin();
    for (auto& into : total) {
      while (next != points.end() && next->end <= into.begin) ++next;
      if (next != points.end() && next->begin < into.end) into.sum += next->sum;
    }
  }
  return total;
}

std::vector<SvgPoint> plain_points(const std::vector<HistoryPoint>& points, MetricKind kind,
                                   bool band) {
  const auto usual = usual_interval(points);
  std::vector<SvgPoint> out;
  for (std::size_t i = 0; i < points.size(); ++i) {
    SvgPoint point{.time = middle_of(points[i]), .mean = points[i].mean(kind)};
    if (band) {
      point.min = points[i].min;
      point.max = points[i].max;
    }
    point.gap_before = i > 0 && is_gap(points[i].begin - points[i - 1].end, usual);
    out.push_back(point);
  }
  return out;
}

class Builder {
 public:
  explicit Builder(const Report& report) : report_(report) {
    for (const auto& entry : report.audit) {
      if (entry.kind == AuditKind::done) markers_.push_back({entry.time, change_text(entry)});
    }
  }

  std::vector<ReportChart> take() { return std::move(charts_); }

  // Starts a chart; the series that follow are its own.
  Builder& chart(ChartSection section, std::string title, std::string note, Unit unit,
                 bool per_second) {
    finish();
    ReportChart next;
    next.section = section;
    next.title = title;
    next.note = std::move(note);
    next.chart.title = std::move(title);
    next.chart.unit = unit;
    next.chart.per_second = per_second;
    next.chart.begin = report_.begin;
    next.chart.end = report_.end;
    charts_.push_back(std::move(next));
    sources_.clear();
    open_ = true;
    return *this;
  }
  Builder& missing(std::string why) {
    charts_.back().missing = std::move(why);
    return *this;
  }
  Builder& top(double value) {
    charts_.back().chart.fixed_top = value;
    return *this;
  }
  Builder& threshold(double value, std::string text) {
    charts_.back().chart.threshold = SvgThreshold{value, std::move(text)};
    return *this;
  }

  // Counters and gauges; several are added up, and then have no band.
  Builder& line(std::string name, int colour, std::vector<Metric> metrics, bool filled = false) {
    const auto kind = info(metrics.front()).kind;
    const auto points = merged(added_up(report_, metrics), kColumnsMax);
    if (points.empty()) return *this;
    SvgSeries series{.name = std::move(name), .colour = colour, .filled = filled};
    series.points = plain_points(points, kind, metrics.size() == 1);
    series.detail = totals_text(points, kind, metrics.size() == 1);
    note_sources(metrics, false);
    return add(std::move(series), points.front().begin, points.back().end);
  }

  Builder& ratio(std::string name, int colour, std::vector<Metric> numerators,
                 const std::vector<Metric>& denominators) {
    const auto above = merged(added_up(report_, numerators), kRatioColumnsMax);
    const auto below = merged(added_up(report_, denominators), kRatioColumnsMax);
    SvgSeries series{.name = std::move(name), .colour = colour};
    auto points = plain_points(below, MetricKind::counter, false);
    double numerator = 0;
    double denominator = 0;
    auto next = above.begin();
    for (std::size_t i = 0; i < below.size(); ++i) {
      while (next != above.end() && next->end <= below[i].begin) ++next;
      const bool both = next != above.end() && next->begin < below[i].end;
      points[i].mean = both && below[i].sum > 0 ? next->sum / below[i].sum : kMissing;
      if (!both) continue;
      numerator += next->sum;
      denominator += below[i].sum;
    }
    if (!(denominator > 0)) return *this;
    series.points = bridged(points);
    series.detail = figure_text(numerator / denominator, charts_.back().chart.unit);
    note_sources({}, true);
    return add(std::move(series), below.front().begin, below.back().end);
  }

  Builder& percentiles(Metric metric) {
    const auto* found = find_series(report_, metric);
    if (found == nullptr || found->percentiles.empty()) return *this;
    struct Line {
      std::string_view name;
      int colour;
      double fraction;
      double History::PercentilePoint::*value;
    };
    static constexpr std::array<Line, 3> kLines = {
        {{"p99", 1, 0.99, &History::PercentilePoint::p99},
         {"p95", 4, 0.95, &History::PercentilePoint::p95},
         {"p50", 0, 0.50, &History::PercentilePoint::p50}}};
    const auto& all = found->percentiles;
    const auto usual = usual_step(all, [](const auto& point) { return point.end; });
    for (const auto& line : kLines) {
      SvgSeries series{.name = std::string(line.name), .colour = line.colour};
      for (std::size_t i = 0; i < all.size(); ++i) {
        SvgPoint point{.time = all[i].end, .mean = all[i].*line.value};
        point.gap_before = i > 0 && is_gap(all[i].end - all[i - 1].end, usual);
        series.points.push_back(point);
      }
      series.detail =
          figure_text(found->distribution.percentile(line.fraction) * histogram_scale(metric),
                      info(metric).unit);
      note_sources({metric}, false);
      add(std::move(series), all.front().end - usual, all.back().end);
    }
    return *this;
  }

  void finish() {
    if (!open_) return;
    open_ = false;
    auto& last = charts_.back();
    if (last.chart.series.empty()) {
      if (last.section != ChartSection::overview) charts_.pop_back();
      return;
    }
    last.source = sources_;
    if (last.chart.series.size() > kBandedSeriesMax) {
      for (auto& series : last.chart.series) {
        for (auto& point : series.points) point.min = point.max = kMissing;
      }
    }
    last.chart.markers = markers_;
    choose_time(last);
  }

 private:
  // Old LOGs and figures of now may lie years apart: then the chart shows the part that has more
  // points, and says which.
  void choose_time(ReportChart& one) const {
    std::vector<TimePoint> times;
    for (const auto& series : one.chart.series) {
      for (const auto& point : series.points) times.push_back(point.time);
    }
    std::sort(times.begin(), times.end());
    std::size_t hole = 0;  // between times[hole - 1] and times[hole]
    for (std::size_t i = 1; i < times.size(); ++i) {
      if (hole == 0 || times[i] - times[i - 1] > times[hole] - times[hole - 1]) hole = i;
    }
    auto begin = data_begin_;
    auto end = data_end_;
    const auto share = [&](Duration part) { return to_seconds(part) / to_seconds(end - begin); };
    if (hole > 0 && share(times[hole] - times[hole - 1]) > kHoleShare) {
      const bool older = hole > times.size() - hole;
      if (older) end = times[hole - 1];
      if (!older) begin = times[hole];
      const auto margin = std::max<Duration>((end - begin) / 50, std::chrono::seconds(1));
      begin -= margin;
      end += margin;
    }
    if (to_seconds(end - begin) >= kOwnTimeShare * to_seconds(report_.end - report_.begin)) return;
    one.chart.begin = begin;
    one.chart.end = end;
    for (auto& series : one.chart.series) {
      std::erase_if(series.points,
                    [&](const auto& point) { return point.time < begin || point.time > end; });
    }
    const auto since = utc_text(begin);
    auto until = utc_text(end);
    if (until.starts_with(since.substr(0, kDateLength))) until.erase(0, kDateLength + 1);
    one.note += (one.note.empty() ? "" : "; ") + since.substr(0, since.size() - kZoneLength) +
                " to " + until;
  }

  static std::string change_text(const AuditEntry& entry) {
    std::string to = entry.to;
    if (const auto target = target_from(entry.what)) {
      if (const auto value = parse_value(*target, entry.to)) to = format_value(*target, *value);
    }
    return entry.what + " → " + to;
  }

  // A column without a lookup has no ratio, but it is no gap in what is known: the line goes on.
  static std::vector<SvgPoint> bridged(const std::vector<SvgPoint>& points) {
    std::vector<SvgPoint> out;
    bool gap = false;
    for (auto point : points) {
      gap = gap || point.gap_before;
      if (!std::isfinite(point.mean)) continue;
      point.gap_before = gap && !out.empty();
      gap = false;
      out.push_back(point);
    }
    return out;
  }

  std::string totals_text(const std::vector<HistoryPoint>& points, MetricKind kind,
                          bool with_max) const {
    HistoryPoint total;
    for (const auto& point : points) {
      total.sum += point.sum;
      total.seconds += point.seconds;
      total.count += point.count;
      total.max = std::fmax(total.max, point.max);
    }
    const auto& chart = charts_.back().chart;
    auto text = "mean " + figure_text(total.mean(kind), chart.unit, chart.per_second);
    if (with_max) text += ", max " + figure_text(total.max, chart.unit, chart.per_second);
    return text;
  }

  Builder& add(SvgSeries series, TimePoint begin, TimePoint end) {
    auto& chart = charts_.back().chart;
    data_begin_ = chart.series.empty() ? begin : std::min(data_begin_, begin);
    data_end_ = chart.series.empty() ? end : std::max(data_end_, end);
    chart.series.push_back(std::move(series));
    return *this;
  }

  void note_sources(const std::vector<Metric>& metrics, bool computed) {
    const auto note = [this](Source source) {
      const auto name = to_string(source);
      if (sources_.find(name) == std::string::npos) {
        sources_ += (sources_.empty() ? "" : ", ") + std::string(name);
      }
    };
    if (computed) note(Source::derived);
    for (const auto metric : metrics) note(source_of(report_, metric));
  }

  const Report& report_;
  std::vector<SvgMarker> markers_;
  std::vector<ReportChart> charts_;
  std::string sources_;
  TimePoint data_begin_{};
  TimePoint data_end_{};
  bool open_ = false;
};

using enum Metric;

void add_overview(Builder& build) {
  constexpr auto kSection = ChartSection::overview;
  const std::string needs_statistics =
      "Not known: it needs the statistics inside RocksDB, which only a managed node gives, or a "
      "LOG that tells them.";
  const std::string needs_device = "Not known: the kernel has no statistics of this disk.";
  build.chart(kSection, "Stalled seconds", "in each second", Unit::seconds, true)
      .missing(needs_statistics)
      .line("Writers waited", 1, {db_stall_seconds_total}, true);
  build.chart(kSection, "Disk latency", "", Unit::seconds, false)
      .missing(needs_device)
      .line("Read", 0, {disk_read_latency_seconds})
      .line("Write", 1, {disk_write_latency_seconds});
  build.chart(kSection, "Compaction debt", "estimated", Unit::bytes, false)
      .missing(needs_statistics)
      .line("To be rewritten", 4, {db_pending_compaction_bytes}, true);
  build.chart(kSection, "Free space", "", Unit::bytes, false)
      .missing("Not known: the file system's space was not read.")
      .line("Free", 2, {disk_free_bytes}, true);
  build.chart(kSection, "Memory against limit", "", Unit::ratio, false)
      .missing("Not known: neither a control group nor /proc/meminfo says.")
      .top(1)
      .threshold(RuleConfig{}.memory_ratio_high, "high")
      .line("Used", 3, {system_memory_ratio}, true);
  build.chart(kSection, "Bytes written", "", Unit::bytes, true)
      .missing(needs_statistics)
      .line("Disk, by all", 6, {disk_write_bytes_total})
      .line("Flush and compaction", 4, {db_flush_bytes_total, db_compaction_write_bytes_total})
      .line("By callers", 0, {db_bytes_written_total});
}

void add_workload(Builder& build) {
  constexpr auto kSection = ChartSection::workload;
  build.chart(kSection, "Blocks", "", Unit::blocks, true)
      .line("Submitted", 0, {workload_blocks_total})
      .line("Late", 1, {workload_missed_blocks_total});
  build.chart(kSection, "Block time", "to read and submit one", Unit::seconds, false)
      .percentiles(workload_block_seconds);
}

void add_caches(Builder& build) {
  constexpr auto kSection = ChartSection::caches;
  const auto each = [](const auto& draw) {
    for (const auto kind : kObjectKinds) {
      draw(kind, std::string(display_name(kind)), static_cast<int>(index_of(kind)));
    }
  };
  build.chart(kSection, "Hit ratio", "hits ÷ lookups", Unit::ratio, false).top(1);
  each([&](ObjectKind kind, const std::string& name, int colour) {
    const auto hits = cache_metric(CacheMetric::hits, kind);
    build.ratio(name, colour, {hits}, {hits, cache_metric(CacheMetric::misses, kind)});
  });
  build.chart(kSection, "Miss rate", "lookups that went to the database", Unit::count, true);
  each([&](ObjectKind kind, const std::string& name, int colour) {
    build.line(name, colour, {cache_metric(CacheMetric::misses, kind)});
  });
  build.chart(kSection, "Eviction rate", "thrown out for lack of room", Unit::count, true);
  each([&](ObjectKind kind, const std::string& name, int colour) {
    build.line(name, colour, {cache_metric(CacheMetric::evictions, kind)});
  });
  build.chart(kSection, "Memory", "allocations included", Unit::bytes, false)
      .line("Used", 0, {cache_memory_usage_bytes}, true)
      .line("Capacity", 6, {cache_capacity_bytes});
}

void add_batches(Builder& build) {
  constexpr auto kSection = ChartSection::batches;
  build.chart(kSection, "Commit duration", "", Unit::seconds, false)
      .percentiles(batch_duration_seconds);
  build.chart(kSection, "Commit size", "", Unit::operations, false).percentiles(batch_size);
  build.chart(kSection, "Operations by type", "added to batches", Unit::operations, true)
      .line("Put", 0, {batch_operations_put})
      .line("Delete", 1, {batch_operations_delete})
      .line("Delete range", 3, {batch_operations_delete_range})
      .line("Merge", 2, {batch_operations_merge});
  build.chart(kSection, "Waiting for a commit", "", Unit::operations, false)
      .line("Pending", 5, {batch_pending_operations}, true)
      .line("Threshold", 6, {batch_auto_commit_threshold});
}

void add_database(Builder& build) {
  constexpr auto kSection = ChartSection::database;
  build.chart(kSection, "Write latency", "stalls included", Unit::seconds, false)
      .percentiles(db_write_seconds);
  build.chart(kSection, "Get latency", "", Unit::seconds, false).percentiles(db_get_seconds);
  build.chart(kSection, "Batched read latency", "", Unit::seconds, false)
      .percentiles(db_multi_get_seconds);
  build.chart(kSection, "Flush and compaction", "", Unit::bytes, true)
      .line("Flushed", 0, {db_flush_bytes_total})
      .line("Compaction read", 2, {db_compaction_read_bytes_total})
      .line("Compaction written", 1, {db_compaction_write_bytes_total});
  build.chart(kSection, "Running jobs", "", Unit::count, false)
      .line("Flushes", 0, {db_running_flushes})
      .line("Compactions", 1, {db_running_compactions});
  build.chart(kSection, "Level-0 files", "in the worst family", Unit::files, false)
      .line("Files", 1, {db_l0_files}, true);
  build.chart(kSection, "Memtables", "active and immutable", Unit::bytes, false)
      .line("Memory", 3, {db_memtable_bytes}, true);
  build.chart(kSection, "RocksDB block cache", "hits ÷ lookups", Unit::ratio, false)
      .top(1)
      .ratio("Hit ratio", 2, {db_block_cache_hits_total},
             {db_block_cache_hits_total, db_block_cache_misses_total});
  build.chart(kSection, "SST files", "live", Unit::bytes, false)
      .line("Bytes", 0, {db_sst_bytes}, true);
  auto& stored =
      build.chart(kSection, "What is stored", "of live files, told apart", Unit::bytes, false);
  for (const auto kind : kObjectKinds) {
    stored.line(std::string(display_name(kind)), static_cast<int>(nodetune::index_of(kind)),
                {stored_metric(kind)});
  }
}

void add_machine(Builder& build) {
  constexpr auto kSection = ChartSection::machine;
  build.chart(kSection, "Processor", "of the cores this process may use", Unit::ratio, false)
      .top(1)
      .line("Busy", 0, {system_cpu_ratio}, true);
  build.chart(kSection, "Disk busy", "share of the time", Unit::ratio, false)
      .top(1)
      .line("Busy", 1, {disk_utilisation_ratio}, true);
  build.chart(kSection, "Disk traffic", "by everybody", Unit::bytes, true)
      .line("Read", 0, {disk_read_bytes_total})
      .line("Written", 1, {disk_write_bytes_total});
  build
      .chart(kSection, "Resident memory", "of the process that holds the database", Unit::bytes,
             false)
      .line("Resident", 3, {process_resident_bytes}, true);
}

}  // namespace

std::vector<ReportChart> report_charts(const Report& report) {
  Builder build(report);
  add_overview(build);
  add_workload(build);
  add_caches(build);
  add_batches(build);
  add_database(build);
  add_machine(build);
  build.finish();
  return build.take();
}

}  // namespace nodetune
