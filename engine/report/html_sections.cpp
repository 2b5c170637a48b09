// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/html_sections.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/base/format.h"
#include "engine/report/findings.h"
#include "engine/report/html_parts.h"
#include "engine/report/report_jobs.h"
#include "engine/report/report_kinds.h"
#include "engine/report/report_memory.h"
#include "engine/report/report_text.h"

namespace nodetune {
namespace {

using enum HtmlTable::Align;

constexpr std::size_t kFamiliesListed = 40;  // in one line; Polkadot has some twenty

std::string tile(std::string_view name, const std::string& figure, std::string_view about) {
  return "<div class=\"tile\"><div class=\"name\">" + xml_escape(name) +
         "</div><div class=\"figure\">" + xml_escape(figure) + "</div><div class=\"about\">" +
         xml_escape(about) + "</div></div>\n";
}

std::string facts_table(const std::vector<Fact>& facts) {
  HtmlTable table({{"Fact", left}, {"Value", left}, {"Found in", left}});
  for (const auto& fact : facts) {
    const auto as_of = fact.as_of ? ", as of " + format_time_utc(*fact.as_of) : std::string();
    table.text(fact.name).text(fact.value).text(fact.origin + as_of);
  }
  return table.str();
}

std::string list_of(const std::vector<std::string>& names) {
  std::string line;
  for (std::size_t i = 0; i < names.size() && i < kFamiliesListed; ++i) {
    line += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > kFamiliesListed) {
    line += fmt::format(", and {} more", names.size() - kFamiliesListed);
  }
  return line;
}

std::string ratio_text(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? std::string(kNoFigure)
                    : format_ratio(static_cast<double>(part) / static_cast<double>(whole));
}

// Mean and percentiles of each histogram over the whole report.
std::string histogram_table(const Report& report, std::initializer_list<Metric> metrics) {
  HtmlTable table({{"Distribution", left},
                   {"Samples", right},
                   {"Mean", right},
                   {"Median", right},
                   {"95th percentile", right},
                   {"99th percentile", right},
                   {"Source", left}});
  for (const auto metric : metrics) {
    const auto* series = find_series(report, metric);
    if (series == nullptr || series->distribution.empty()) continue;
    const auto& counts = series->distribution;
    const auto& about = info(metric);
    const double scale = histogram_scale(metric);
    table.text(about.title).text(whole_text(counts.count));
    table.text(figure_text(counts.mean() * scale, about.unit));
    for (const double fraction : {0.5, 0.95, 0.99}) {
      table.text(figure_text(counts.percentile(fraction) * scale, about.unit));
    }
    table.markup(html_badge(to_string(source_of(report, metric))));
  }
  return table.empty() ? std::string() : table.str();
}

// Counters gained and gauges of a list of metrics.
std::string figures_table(const Report& report, std::initializer_list<Metric> metrics) {
  HtmlTable table({{"Figure", left},
                   {"Now, or since open", right},
                   {"In this report", right},
                   {"Mean", right},
                   {"Highest", right},
                   {"Source", left}});
  for (const auto metric : metrics) {
    const auto& about = info(metric);
    const bool rate = about.kind == MetricKind::counter;
    const auto total = total_of(report, metric);
    const double last = report.last.value(metric);
    if (!total && !std::isfinite(last)) continue;
    table.text(about.title)
        .text(figure_text(last, about.unit))
        .text(rate && total ? figure_text(total->gained, about.unit) : "")
        .text(total ? figure_text(total->mean, about.unit, rate) : "")
        .text(total ? figure_text(total->max, about.unit, rate) : "")
        .markup(html_badge(to_string(source_of(report, metric))));
  }
  return table.empty() ? std::string() : table.str();
}

std::string levels_table(const Report& report) {
  HtmlTable table({{"Family", left},
                   {"Level", right},
                   {"Files", right},
                   {"Size", right},
                   {"Score", right},
                   {"Write amplification", right},
                   {"Compactions read", right},
                   {"Compactions wrote", right}});
  for (const auto& level : report.last.levels) {
    if (level.files == 0 && level.bytes == 0 && !(level.write_bytes > 0)) continue;
    table.text(level.family)
        .text(fmt::format("{}", level.level))
        .text(whole_text(static_cast<std::uint64_t>(std::max<std::int64_t>(level.files, 0))))
        .text(format_bytes(static_cast<double>(level.bytes)))
        .text(plain_text(level.score, 2))
        .text(plain_text(level.write_amplification, 1))
        .text(format_bytes(level.read_bytes))
        .text(format_bytes(level.write_bytes));
    if (level.score > 1) table.row("over");
  }
  if (table.empty()) return html_note("No level holds a file, or levels are not known.");
  return html_note(
             "Shaded: above its target (score over 1), compactions are due there. Empty "
             "levels are left out. Write amplification and bytes since open.") +
         table.str();
}

std::string families_table(const Report& report) {
  HtmlTable table({{"Family", left},
                   {"Files", right},
                   {"Size", right},
                   {"Keys, estimated", right},
                   {"Memtables", right},
                   {"Immutable", right},
                   {"Level-0 files", right},
                   {"Compaction debt", right}});
  for (const auto& family : report.last.families) {
    table.text(family.name)
        .text(whole_text(static_cast<std::uint64_t>(std::max<std::int64_t>(family.files, 0))))
        .text(format_bytes(static_cast<double>(family.bytes)))
        .text(format_count(family.estimated_keys))
        .text(format_bytes(family.memtable_bytes))
        .text(plain_text(family.immutable_memtables, 0))
        .text(plain_text(family.l0_files, 0))
        .text(format_bytes(family.pending_compaction_bytes));
  }
  return table.empty() ? html_note("Nothing is known of the families.") : table.str();
}

std::string stalls_table(const Report& report) {
  HtmlTable table({{"Cause", left},
                   {"Writers", left},
                   {"Entered in this report", right},
                   {"Since open", right},
                   {"Stalled time (derived)", right}});
  for (const auto& row : stall_rows(report)) {
    table.text(display_name(row.cause))
        .text(row.stopped ? "stopped" : "slowed down")
        .text(plain_text(row.entered, 0))
        .text(plain_text(row.since_open, 0))
        .text(format_seconds(row.seconds));
    if (row.entered > 0) table.row("over");
  }
  if (table.empty()) return html_note("Nothing is known of stalls.");
  return table.str() + html_note(
                           "RocksDB counts stalled time without its cause: each interval's "
                           "time is given to the conditions entered in it, else to those "
                           "entered last.");
}

std::string stall_log(const Report& report) {
  const auto& log = report.stall_log;
  if (log.lines.empty()) return {};
  std::string text;
  for (const auto& line : log.lines) text += xml_escape(line) + "\n";
  return html_details(fmt::format("{} lines of LOG around the worst stall ({})", log.lines.size(),
                                  log.zone_known ? "in the node's local time" : "zone unknown"),
                      "<pre>" + text + "</pre>\n");
}

}  // namespace

std::string html_charts(const Charts& charts, ChartSection section) {
  std::string out;
  for (const auto& one : charts) {
    if (one.section != section) continue;
    out += "<figure><figcaption>" + xml_escape(one.title);
    if (!one.source.empty()) out += " " + html_badge(one.source);
    if (!one.note.empty()) out += "<span class=\"note\">" + xml_escape(one.note) + "</span>";
    out += "</figcaption>\n";
    out += one.chart.series.empty() ? "<div class=\"nodata\">" + xml_escape(one.missing) + "</div>"
                                    : render_chart_svg(one.chart);
    out += "</figure>\n";
  }
  return out.empty() ? out : "<div class=\"charts\">\n" + out + "</div>\n";
}

std::string html_tiles(const Report& report) {
  const auto& last = report.last;
  std::string out = "<div class=\"tiles\">\n";
  const auto stalled = total_of(report, Metric::db_stall_seconds_total);
  const bool shared = stalled && stalled->seconds > 0;
  out += tile("Writes stalled", stalled ? format_seconds(stalled->gained) : std::string(kNoFigure),
              shared ? format_ratio(stalled->gained / stalled->seconds) + " of the watched time"
                     : "not known");
  out += tile("Compaction debt", format_bytes(last.value(Metric::db_pending_compaction_bytes)),
              "RocksDB's estimate, now");
  out += tile("Free space", format_bytes(last.value(Metric::disk_free_bytes)),
              format_ratio(last.value(Metric::disk_free_ratio)) + " of the file system");
  out += tile("Memory", format_ratio(last.value(Metric::system_memory_ratio)),
              "of " + format_bytes(last.value(Metric::system_memory_limit_bytes)));
  std::uint64_t hits = 0;
  std::uint64_t lookups = 0;
  for (const auto& cache : report.caches) {
    hits += cache.counters.hits;
    lookups += cache.counters.lookups();
  }
  if (!report.caches.empty()) {
    out += tile("Object caches hit", ratio_text(hits, lookups),
                "of " + format_count(static_cast<double>(lookups)) + " lookups since open");
  }
  if (const auto* commits = find_series(report, Metric::batch_duration_seconds)) {
    out += tile("Commit, 99th percentile",
                format_seconds(commits->distribution.percentile(0.99) *
                               histogram_scale(Metric::batch_duration_seconds)),
                format_count(static_cast<double>(commits->distribution.count)) + " commits");
  }
  out += tile("Database", format_bytes(last.value(Metric::db_sst_bytes)),
              plain_text(last.value(Metric::db_sst_files), 0) + " SST files");
  return out + "</div>\n";
}

std::string html_node(const Report& report) {
  const auto& node = report.node;
  HtmlTable table({{"What", left}, {"Value", left}});
  const auto add = [&table](std::string_view name, std::string_view value) {
    table.text(name).text(value);
  };
  table.text("Path").markup("<span class=\"path\">" + xml_escape(node.path) + "</span>");
  add("Opened as", std::string(to_string(node.way)) +
                       (node.reason.empty() ? std::string() : ": " + node.reason));
  add("Client", node.client.empty() ? "not recognised" : node.client);
  add("RocksDB", node.rocksdb_version.empty() ? "version not known" : node.rocksdb_version);
  add("SST format", node.format_version ? fmt::format("{}", *node.format_version) : "");
  add("Column families",
      node.column_families.empty()
          ? std::string("not known")
          : fmt::format("{}: {}", node.column_families.size(), list_of(node.column_families)));
  if (!node.databases.empty()) add("Databases inside", list_of(node.databases));
  add("Lock", node.locked_by ? "held by " + node.locked_by->describe() : "held by nobody");
  if (!node.zone.empty()) add("Times in LOG", node.zone);
  if (!node.data_set.empty()) add("Data set", node.data_set);
  add("Time of this report",
      report.series.empty()
          ? "nothing was measured"
          : fmt::format("{} to {} ({})", utc_text(report.begin), utc_text(report.end),
                        format_seconds(to_seconds(report.end - report.begin))));
  std::string body = table.str();
  if (!node.facts.empty()) body += html_heading("What was found") + facts_table(node.facts);
  return html_section("node", "What was opened", body);
}

std::string html_overview(const Report& report, const Charts& charts) {
  std::string body;
  if (report.series.empty()) {
    body += html_note("Nothing was measured: no sample was taken before this report was made.");
  }
  body += html_charts(charts, ChartSection::overview);
  body += html_note(
      "Lines are means, bands reach from the lowest to the highest value. Where "
      "nothing is known the line ends. Dashed verticals are changes of settings. "
      "All times are UTC.");
  return html_section("overview", "Overview", body);
}

std::string html_workload(const Report& report, const Charts& charts) {
  const auto& workload = report.workload;
  if (workload.state == WorkloadState::none) return {};
  HtmlTable table({{"Workload", left}, {"Value", left}});
  table.text("State").text(to_string(workload.state));
  table.text("What").text(workload.text);
  table.text("Blocks submitted").text(whole_text(workload.blocks));
  table.text("Blocks in the database").text(whole_text(workload.committed_blocks));
  table.text("Blocks in all")
      .text(workload.total_blocks ? whole_text(*workload.total_blocks) : "endless, or not known");
  table.text("Rate asked for")
      .text(workload.target_blocks_per_second
                ? plain_text(*workload.target_blocks_per_second, 1) + " blocks/s"
                : "as fast as possible");
  return html_section("workload", "Workload",
                      table.str() + html_charts(charts, ChartSection::workload) +
                          histogram_table(report, {Metric::workload_block_seconds}));
}

// What more memory would buy each, and why it evicts as it does.
std::string caches_outlook(const Report& report) {
  HtmlTable table({{"Cache", left}, {"More memory", left}, {"Policy", left}});
  for (const auto& cache : report.caches) {
    if (!cache.growth && cache.policy_reason.empty()) continue;
    table.text(display_name(cache.kind))
        .text(cache.growth ? cache.growth->text : std::string(kNoFigure))
        .text(cache.policy_reason.empty() ? std::string(display_name(cache.policy))
                                          : cache.policy_reason);
  }
  if (table.empty()) return {};
  return html_heading("What more memory would buy") + table.str() +
         html_note("Derived: from each cache's miss-ratio curve (SHARDS, for LRU).");
}

std::string html_caches(const Report& report, const Charts& charts) {
  if (report.caches.empty() && !report.memory_parts.empty()) {
    return html_section("caches", "Memory", html_memory(report.memory_parts));
  }
  if (report.caches.empty()) {
    return html_section("caches", "Object caches",
                        html_note("Not known: a node's own caches cannot be seen from outside."));
  }
  HtmlTable table({{"Cache", left},
                   {"Lookups", right},
                   {"Hits", right},
                   {"Misses", right},
                   {"Hit ratio", right},
                   {"Evictions", right},
                   {"Entries", right},
                   {"Memory", right},
                   {"Capacity", right},
                   {"Policy", left}});
  CacheCounters all;
  const auto add = [&table](std::string_view name, const CacheCounters& counters,
                            std::string_view policy) {
    table.text(name)
        .text(whole_text(counters.lookups()))
        .text(whole_text(counters.hits))
        .text(whole_text(counters.misses))
        .text(ratio_text(counters.hits, counters.lookups()))
        .text(whole_text(counters.evictions))
        .text(whole_text(counters.entries))
        .text(format_bytes(static_cast<double>(counters.bytes)))
        .text(format_bytes(static_cast<double>(counters.capacity_bytes)))
        .text(policy);
  };
  for (const auto& cache : report.caches) {
    const auto& counters = cache.counters;
    add(display_name(cache.kind), counters, display_name(cache.policy));
    all.hits += counters.hits;
    all.misses += counters.misses;
    all.evictions += counters.evictions;
    all.entries += counters.entries;
    all.bytes += counters.bytes;
    all.capacity_bytes += counters.capacity_bytes;
  }
  add("All", all, "");
  table.row("strong");
  return html_section("caches", "Object caches",
                      html_note("Measured, since the directory was opened. These are NodeTune's "
                                "object caches; RocksDB's block cache is under Database.") +
                          table.str() + caches_outlook(report) +
                          (report.memory ? html_memory(*report.memory) : std::string()) +
                          html_charts(charts, ChartSection::caches));
}

std::string html_batches(const Report& report, const Charts& charts) {
  const auto& batches = report.batches;
  if (!batches.available) {
    return html_section("batches", "Batches",
                        html_note("Not known: a node's own commits cannot be seen from outside."));
  }
  std::string body;
  if (batches.failing) {
    body += "<p class=\"health bad\"><span class=\"symbol\">✕</span><span>" +
            xml_escape("Commits fail: " + batches.failure) + "</span></p>\n";
  }
  body += html_note(fmt::format(
      "A batch is committed at {} operations (allowed: {} to {}), at the end of its group.",
      whole_text(static_cast<std::uint64_t>(batches.auto_commit_threshold)),
      whole_text(static_cast<std::uint64_t>(batches.min_threshold)),
      whole_text(static_cast<std::uint64_t>(batches.max_threshold))));
  for (const auto* text : {&batches.choice, &batches.flow_text, &batches.path_choice}) {
    if (!text->empty()) body += html_note(*text);
  }
  for (const auto& one : batches.durabilities) {
    if (one.in_force) {
      body += html_note(fmt::format("Durability: {}. A commit survives {}. Price: {}.", one.name,
                                    one.survives, one.price));
    }
  }
  body += histogram_table(report, {Metric::batch_duration_seconds, Metric::batch_size});
  body += figures_table(report, {Metric::batch_commits_total, Metric::batch_commit_failures_total,
                                 Metric::batch_bytes_total, Metric::batch_operations_per_second,
                                 Metric::batch_operation_size_bytes});
  return html_section("batches", "Batches", body + html_charts(charts, ChartSection::batches));
}

std::string html_database(const Report& report, const Charts& charts) {
  std::string body = html_heading("Stalls") + stalls_table(report) + stall_log(report);
  body += html_kinds(report);
  body += html_jobs(report);
  body += html_heading("Levels") + levels_table(report);
  body += html_heading("Column families") + families_table(report);
  body += html_heading("Flushes, compactions, reads");
  body += histogram_table(
      report, {Metric::db_write_seconds, Metric::db_get_seconds, Metric::db_multi_get_seconds});
  body += figures_table(
      report,
      {Metric::db_flushes_total, Metric::db_flush_bytes_total, Metric::db_compactions_total,
       Metric::db_compaction_read_bytes_total, Metric::db_compaction_write_bytes_total,
       Metric::db_wal_bytes_total, Metric::db_bytes_written_total, Metric::db_bytes_read_total,
       Metric::db_block_cache_hits_total, Metric::db_block_cache_misses_total,
       Metric::db_block_cache_usage_bytes, Metric::db_block_cache_capacity_bytes,
       Metric::db_bloom_useful_total, Metric::db_memtable_bytes, Metric::db_table_reader_bytes});
  return html_section("database", "Database", body + html_charts(charts, ChartSection::database));
}

std::string html_machine(const Report& report, const Charts& charts) {
  const auto body = report.machine.empty() ? html_note("Nothing could be read of the machine.")
                                           : facts_table(report.machine);
  return html_section("machine", "Machine", body + html_charts(charts, ChartSection::machine));
}

}  // namespace nodetune
