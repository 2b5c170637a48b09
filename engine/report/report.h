// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/files/log_excerpt.h"
#include "engine/metrics/histogram.h"
#include "engine/node/health.h"
#include "engine/node/node.h"

namespace nodetune {

enum class ReportFormat : std::uint8_t { html, csv, json, markdown };
// By the file's ending: .html, .csv, .json, .md.
Result<ReportFormat> report_format_of(const std::string& path);

struct ReportOptions {
  std::optional<Duration> last;  // how much of the history; nothing: all of it
  // Paths, host and family names that are not a client's own are left out. Nothing: only in
  // Markdown, which is for an issue tracker.
  std::optional<bool> anonymise;
  std::size_t points_max = 600;                  // columns a series; see points_max_for()
  std::size_t events_max = 10'000;               // the newest; the HTML page shows fewer
  std::size_t markdown_characters_max = 60'000;  // GitHub refuses 65,536
};

// As many columns as a chart can show; for CSV every step that the history holds of that time.
std::size_t points_max_for(ReportFormat format);

// One metric over the report's time.
struct ReportSeries {
  Metric metric = Metric::batch_size;
  std::vector<HistoryPoint> points;                   // counters and gauges
  std::vector<History::PercentilePoint> percentiles;  // histograms
  HistogramCounts distribution;  // histograms, of the whole time; as recorded (histogram_scale)
};

// Everything a report says, before anybody decided how it looks.
struct Report {
  TimePoint made{};
  TimePoint begin{};
  TimePoint end{};
  std::string program_version;
  NodeDescription node;
  Health health;
  Snapshot last;
  std::vector<ReportSeries> series;  // those that have data
  std::vector<KnobState> knobs;
  std::vector<CacheState> caches;
  std::optional<MemoryState> memory;     // how it is shared; nothing: not known from outside
  std::vector<MemoryPart> memory_parts;  // of a foreign node: where it goes
  std::vector<Recommendation> recommendations;
  std::vector<AuditEntry> audit;
  std::vector<NodeEvent> events;
  std::vector<StorageJob> jobs;  // ascending by begin
  LogExcerpt stall_log;          // around the worst stall; empty: no stall, or no LOG
  std::vector<Fact> machine;     // processor, memory, disk, kernel
  WorkloadStatus workload;
  BatchStatus batches;
  bool anonymised = false;  // names were taken out of everything above
};

// Null: no data in the report's time.
const ReportSeries* find_series(const Report& report, Metric metric);
// Where a figure of this report comes from: what a managed node measures, an observed one's LOG
// says.
Source source_of(const Report& report, Metric metric);

// Thread: any but the GUI's, as it copies the whole history and reads the LOG.
Report make_report(const Node& node, const ReportOptions& options, Clock& clock);
// Anonymises where the format asks for it. The HTML page is one file without scripts or outside
// resources, and well-formed XML.
std::string render(const Report& report, ReportFormat format, const ReportOptions& options);
// Writes beside the target and renames: a full disk leaves no half report. Errors: an ending that
// is no format, a missing directory, no permission, a full disk; an older file then stays.
Status write_report(const Report& report, const std::string& path, const ReportOptions& options);

}  // namespace nodetune
