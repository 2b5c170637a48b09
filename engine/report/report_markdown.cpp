// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Markdown for an issue thread: what a maintainer asks for first, in a limited number of
// characters.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/format.h"
#include "engine/report/findings.h"
#include "engine/report/markdown_parts.h"
#include "engine/report/report_jobs.h"
#include "engine/report/report_kinds.h"
#include "engine/report/report_memory.h"
#include "engine/report/report_options.h"
#include "engine/report/report_text.h"
#include "engine/report/writers.h"

namespace nodetune {
namespace {

constexpr std::size_t kEventCharactersMax = 240;  // of a line
constexpr std::size_t kLogCharactersMax = 500;    // likewise
constexpr std::size_t kSentenceCharactersMax = 2'000;
constexpr std::size_t kFamiliesNamed = 6;
constexpr std::size_t kAuditShown = 60;

MarkdownSection summary(const Report& report) {
  const auto& node = report.node;
  MarkdownSection section{
      .head = "## NodeTune report\n\n", .lines = {}, .tail = {}, .importance = 100};
  const auto sentence = markdown_shortened(report.health.sentence, kSentenceCharactersMax);
  section.head +=
      "**" +
      (sentence.empty() ? "Nothing is known of the node's health." : markdown_escape(sentence)) +
      "**\n\n";
  const auto add = [&section](std::string_view name, std::string_view value) {
    if (!value.empty())
      section.lines.push_back("- " + std::string(name) + ": " + markdown_cell(value));
  };
  add("Client", node.client.empty() ? "not recognised" : node.client);
  add("RocksDB", node.rocksdb_version.empty() ? "version not known" : node.rocksdb_version);
  add("SST format", node.format_version ? fmt::format("{}", *node.format_version) : "not known");
  add("Opened as", std::string(to_string(node.way)) + ": " + node.reason);
  add("Column families", fmt::format("{}", node.column_families.size()));
  add("Data set", node.data_set);
  add("Times in LOG", node.zone);
  add("Time", report.series.empty()
                  ? "nothing was measured"
                  : fmt::format("{} to {} ({})", utc_text(report.begin), utc_text(report.end),
                                format_seconds(to_seconds(report.end - report.begin))));
  add("Made", fmt::format("{} by NodeTune {}", utc_text(report.made), report.program_version));
  return section;
}

MarkdownSection hardware(const Report& report) {
  if (report.machine.empty()) return markdown_nothing("Hardware", "Nothing could be read.", 80);
  MarkdownSection section{.head = "### Hardware\n\n", .lines = {}, .tail = {}, .importance = 80};
  for (const auto& fact : report.machine) {
    section.lines.push_back("- " + markdown_cell(fact.name) + ": " + markdown_cell(fact.value));
  }
  return section;
}

MarkdownSection figures(const Report& report) {
  static constexpr std::array kShown = {Metric::db_stall_seconds_total,
                                        Metric::db_bytes_written_total,
                                        Metric::db_flush_bytes_total,
                                        Metric::db_compaction_read_bytes_total,
                                        Metric::db_compaction_write_bytes_total,
                                        Metric::db_pending_compaction_bytes,
                                        Metric::db_l0_files,
                                        Metric::db_sst_bytes,
                                        Metric::disk_free_bytes,
                                        Metric::disk_read_latency_seconds,
                                        Metric::disk_write_latency_seconds,
                                        Metric::disk_utilisation_ratio,
                                        Metric::system_memory_ratio,
                                        Metric::system_cpu_ratio};
  MarkdownSection section{
      .head = markdown_table_head(
          "Figures", {"Figure", "In this time", "Mean", "Highest, or 99th percentile", "Source"}),
      .lines = {},
      .tail = {},
      .importance = 75};
  for (const auto metric : kShown) {
    const auto total = total_of(report, metric);
    if (!total) continue;
    const auto& about = info(metric);
    const bool rate = about.kind == MetricKind::counter;
    section.lines.push_back(markdown_row({about.title, figure_text(total->gained, about.unit),
                                          figure_text(total->mean, about.unit, rate),
                                          figure_text(total->max, about.unit, rate),
                                          std::string(to_string(source_of(report, metric)))}));
  }
  for (const auto& series : report.series) {
    const auto& about = info(series.metric);
    if (series.distribution.empty()) continue;
    const double scale = histogram_scale(series.metric);
    section.lines.push_back(
        markdown_row({about.title, whole_text(series.distribution.count) + " samples",
                      figure_text(series.distribution.mean() * scale, about.unit),
                      figure_text(series.distribution.percentile(0.99) * scale, about.unit),
                      std::string(to_string(source_of(report, series.metric)))}));
  }
  if (section.lines.empty()) return markdown_nothing("Figures", "Nothing was measured.", 75);
  return section;
}

MarkdownSection stalls(const Report& report) {
  const auto rows = stall_rows(report);
  if (rows.empty())
    return markdown_nothing("Stalled seconds by cause", "Nothing is known of stalls.", 90);
  const auto whole = total_of(report, Metric::db_stall_seconds_total);
  MarkdownSection section{.head = markdown_table_head("Stalled seconds by cause",
                                                      {"Cause", "Writers", "Entered in this time",
                                                       "Since open", "Stalled (derived)"}),
                          .lines = {},
                          .tail = {},
                          .importance = 90};
  for (const auto& one : rows) {
    section.lines.push_back(markdown_row(
        {std::string(display_name(one.cause)), one.stopped ? "stopped" : "slowed down",
         plain_text(one.entered, 0), plain_text(one.since_open, 0), format_seconds(one.seconds)}));
  }
  section.tail =
      "\nStalled in all: " + (whole ? format_seconds(whole->gained) : std::string("not known")) +
      ".\n";
  return section;
}

MarkdownSection stored(const Report& report) {
  const auto rows = kind_rows(report);
  if (rows.empty()) return markdown_nothing("What is stored", "Not known.", 62);
  MarkdownSection section{
      .head = markdown_table_head("What is stored",
                                  {"Kind", "Size", "Share", "Files", "Keys", "Growth a day"}),
      .lines = {},
      .tail = {},
      .importance = 62};
  for (const auto& one : rows) {
    std::string line = "|";
    for (const auto& text : kind_cells(one)) line += " " + markdown_cell(text) + " |";
    section.lines.push_back(std::move(line));
  }
  for (const auto& sentence : kind_sentences(report)) {
    section.tail += "\n" + markdown_escape(sentence) + "\n";
  }
  return section;
}

MarkdownSection levels(const Report& report) {
  MarkdownSection section{.head = markdown_table_head("Levels", {"Family", "Level", "Files", "Size",
                                                                 "Score", "Write amplification"}),
                          .lines = {},
                          .tail = {},
                          .importance = 60};
  for (const auto& level : report.last.levels) {
    if (level.files == 0 && level.bytes == 0) continue;
    section.lines.push_back(markdown_row(
        {markdown_cell(level.family), fmt::format("{}", level.level),
         fmt::format("{}", level.files), format_bytes(static_cast<double>(level.bytes)),
         plain_text(level.score, 2), plain_text(level.write_amplification, 1)}));
  }
  if (section.lines.empty())
    return markdown_nothing("Levels", "No level holds a file, or not known.", 60);
  return section;
}

MarkdownSection jobs(const Report& report) {
  constexpr int kImportance = 55;
  constexpr std::string_view kTitle = "Longest flushes and compactions";
  if (report.jobs.empty()) return markdown_nothing(kTitle, job_sentence(report), kImportance);
  MarkdownSection section{.head = markdown_table_head(
                              kTitle, {"Began", "Took", "What", "Family", "In", "Out", "Reason"}),
                          .lines = {},
                          .tail = "\n" + markdown_escape(job_sentence(report)) + "\n",
                          .importance = kImportance};
  for (const auto& job : longest_jobs(report)) {
    const auto cells = job_cells(job, report.end);
    section.lines.push_back(
        markdown_row({markdown_cell(cells[0]), markdown_cell(cells[1]), markdown_cell(cells[2]),
                      markdown_cell(cells[3]), markdown_cell(cells[4]), markdown_cell(cells[5]),
                      markdown_cell(cells[6])}));
  }
  return section;
}

MarkdownSection knobs(const Report& report) {
  MarkdownSection section{.head = markdown_table_head(
                              "Knobs", {"Knob", "Current", "Default", "Proposed", "Known from"}),
                          .lines = {},
                          .tail = {},
                          .importance = 85};
  for (const auto& state : report.knobs) {
    const auto current = markdown_cell(state.current_text);
    const auto usual = usual_value(report, state.knob);
    section.lines.push_back(markdown_row(
        {"`" + std::string(to_string(state.knob)) + "`",
         is_changed(report, state) ? "**" + current + "**" : current,
         usual ? format_knob(state.knob, *usual) : std::string(kNoFigure),
         state.proposed ? format_knob(state.knob, *state.proposed) : std::string(kNoFigure),
         markdown_cell(state.origin)}));
  }
  if (section.lines.empty()) return markdown_nothing("Knobs", "Nothing is known of them.", 85);
  return section;
}

MarkdownSection recommendations(const Report& report) {
  if (report.recommendations.empty()) return markdown_nothing("Recommendations", "None.", 70);
  MarkdownSection section{
      .head = "### Recommendations\n\n", .lines = {}, .tail = {}, .importance = 70};
  for (const auto& item : report.recommendations) {
    const auto& proposal = item.proposal;
    std::string line = fmt::format(
        "- **{}{}: {} → {}** ({})",
        item.database.empty() ? std::string() : markdown_cell(item.database) + ": ",
        title(proposal.target), markdown_cell(format_value(proposal.target, proposal.current)),
        markdown_cell(format_value(proposal.target, item.value())),
        markdown_cell(to_string(item.state)));
    for (const auto& evidence : proposal.evidence) line += "; " + markdown_cell(sentence(evidence));
    if (!proposal.expected.empty()) line += ". Expected: " + markdown_cell(proposal.expected);
    if (!proposal.risk.empty()) line += ". Risk: " + markdown_cell(proposal.risk);
    if (!item.apply.empty()) line += ". To apply: " + markdown_cell(item.apply);
    if (item.follow_up) line += ". Followed up: " + markdown_cell(item.follow_up->text);
    section.lines.push_back(std::move(line));
  }
  return section;
}

MarkdownSection options(const Report& report) {
  constexpr std::string_view kTitle = "Options that differ from the defaults";
  if (report.node.options.empty()) {
    return markdown_nothing(kTitle, "No OPTIONS file was read; the knobs above are in force.", 65);
  }
  MarkdownSection section{.head = markdown_table_head(kTitle, {"Option", "Value", "Default", "Of"}),
                          .lines = {},
                          .tail = "\n" + markdown_escape(defaults_sentence(report.node)) + "\n",
                          .importance = 65};
  for (const auto& option : changed_options(report)) {
    std::string of = "whole database";
    if (option.in_all_families && option.families.size() > 1) {
      of = fmt::format("all {} families", option.families.size());
    } else if (!option.families.empty()) {
      of.clear();
      const auto named = std::min(option.families.size(), kFamiliesNamed);
      for (std::size_t i = 0; i < named; ++i) of += (i == 0 ? "" : ", ") + option.families[i];
      if (named < option.families.size()) {
        of += fmt::format(" and {} more", option.families.size() - named);
      }
    }
    section.lines.push_back(markdown_row({markdown_code(option.name), markdown_code(option.value),
                                          markdown_code(option.usual), markdown_cell(of)}));
  }
  if (section.lines.empty()) {
    return markdown_nothing(
        kTitle, report.node.defaults_of.empty() ? defaults_sentence(report.node) : "None.", 65);
  }
  return section;
}

MarkdownSection option_changes(const Report& report) {
  constexpr std::string_view kTitle = "Options changed at restarts";
  if (report.node.option_changes.empty()) {
    const auto none = no_change_sentence(report.node);
    return markdown_nothing(kTitle, none.empty() ? "Not known." : markdown_escape(none), 58);
  }
  MarkdownSection section{
      .head = markdown_table_head(kTitle, {"Time", "Option", "Before", "After", "Of", "Found in"}),
      .lines = {},
      .tail = {},
      .importance = 58};
  for (const auto& change : report.node.option_changes) {
    const auto text = change_cells(change);
    section.lines.push_back(
        markdown_row({markdown_cell(text[0]), markdown_code(text[1]), markdown_cell(text[2]),
                      markdown_cell(text[3]), markdown_cell(text[4]), markdown_cell(text[5])}));
  }
  return section;
}

MarkdownSection client_settings(const Report& report) {
  const std::string title = "What can be set in " + markdown_cell(report.node.client);
  MarkdownSection section{.head = markdown_table_head(title, {"What", "Now", "How", "Note"}),
                          .lines = {},
                          .tail = {},
                          .importance = 40};
  for (const auto& option : report.node.client_options) {
    const auto text = client_option_cells(option);
    section.lines.push_back(markdown_row({markdown_cell(text[0]), markdown_cell(text[1]),
                                          markdown_cell(text[2]), markdown_cell(text[3])}));
  }
  return section;
}

std::string event_line(const NodeEvent& event) {
  return fmt::format("{} {:<7} {:<10} {}{}", utc_text(event.time), to_string(event.severity),
                     to_string(event.category),
                     event.family.empty() ? "" : "[" + event.family + "] ", event.text);
}

// The LOG itself; without one the events that are known.
MarkdownSection around_worst_stall(const Report& report) {
  constexpr std::string_view kTitle = "Around the worst stall";
  const auto worst = worst_stall(report);
  if (!worst) return markdown_nothing(kTitle, "No stall is known.", 50);
  const auto& log = report.stall_log;
  const auto source =
      log.lines.empty() ? std::string("events, as the LOG could not be read")
                        : fmt::format("{}, {}", fmt::join(log.files, ", "),
                                      log.zone_known ? "in the node's local time" : "zone unknown");
  MarkdownSection section{
      .head = fmt::format("### {}\n\nTwo minutes before and after {} ({}):\n\n```text\n", kTitle,
                          utc_text(*worst), markdown_escape(source)),
      .lines = {},
      .tail = "```\n",
      .importance = 50};
  section.dropped = log.lines_dropped;
  for (const auto& line : log.lines)
    section.lines.push_back(markdown_fenced(line, kLogCharactersMax));
  if (!section.lines.empty()) return section;
  for (const auto& event : events_around(report, *worst, kAroundStall)) {
    section.lines.push_back(markdown_fenced(event_line(event), kEventCharactersMax));
  }
  if (section.lines.empty())
    return markdown_nothing(kTitle, "No event is known from around it.", 50);
  return section;
}

MarkdownSection audit(const Report& report) {
  if (report.audit.empty()) return markdown_nothing("Changes", "Nobody has changed anything.", 40);
  MarkdownSection section{.head = markdown_table_head(
                              "Changes", {"When", "Who", "Kind", "What", "From", "To", "Outcome"}),
                          .lines = {},
                          .tail = {},
                          .importance = 40};
  const auto shown = std::min(report.audit.size(), kAuditShown);
  for (std::size_t i = report.audit.size(); i-- > report.audit.size() - shown;) {
    const auto& entry = report.audit[i];
    section.lines.push_back(markdown_row({utc_text(entry.time), markdown_cell(to_string(entry.who)),
                                          markdown_cell(to_string(entry.kind)),
                                          markdown_cell(entry.what), markdown_cell(entry.from),
                                          markdown_cell(entry.to), markdown_cell(entry.outcome)}));
  }
  section.dropped = report.audit.size() - shown;
  return section;
}

MarkdownSection memory(const std::vector<MemoryPart>& parts) {
  MarkdownSection section{
      .head = markdown_table_head("Memory", {"Part", "Now", "At most", "Known of it", "From"}),
      .lines = {},
      .tail = {},
      .importance = 55};
  for (const auto& part : parts) {
    const auto text = memory_part_cells(part);
    section.lines.push_back(
        markdown_row({markdown_cell(text[0]), markdown_cell(text[1]), markdown_cell(text[2]),
                      markdown_cell(text[3]), markdown_cell(text[4])}));
  }
  for (const auto& sentence : memory_sentences(parts)) {
    section.tail += "\n" + markdown_escape(sentence) + "\n";
  }
  return section;
}

MarkdownSection caches(const Report& report) {
  if (report.caches.empty() && !report.memory_parts.empty()) return memory(report.memory_parts);
  if (report.caches.empty())
    return markdown_nothing("Object caches", "Not known from outside.", 55);
  MarkdownSection section{
      .head = markdown_table_head("Object caches",
                                  {"Cache", "Hits", "Misses", "Evictions", "Memory", "Capacity"}),
      .lines = {},
      .tail = {},
      .importance = 55};
  for (const auto& cache : report.caches) {
    const auto& counters = cache.counters;
    section.lines.push_back(
        markdown_row({std::string(display_name(cache.kind)), whole_text(counters.hits),
                      whole_text(counters.misses), whole_text(counters.evictions),
                      format_bytes(static_cast<double>(counters.bytes)),
                      format_bytes(static_cast<double>(counters.capacity_bytes))}));
  }
  if (report.memory) {
    for (const auto& sentence : memory_sentences(*report.memory))
      section.tail += "\n" + sentence + "\n";
  }
  return section;
}

}  // namespace

std::string render_markdown(const Report& report, std::size_t characters_max) {
  std::vector<MarkdownSection> sections;
  sections.push_back(summary(report));
  sections.push_back(hardware(report));
  sections.push_back(figures(report));
  sections.push_back(stalls(report));
  sections.push_back(knobs(report));
  sections.push_back(recommendations(report));
  sections.push_back(options(report));
  sections.push_back(option_changes(report));
  if (!report.node.client_options.empty()) sections.push_back(client_settings(report));
  sections.push_back(stored(report));
  sections.push_back(levels(report));
  sections.push_back(jobs(report));
  sections.push_back(caches(report));
  sections.push_back(around_worst_stall(report));
  sections.push_back(audit(report));
  return fit_markdown(std::move(sections), characters_max);
}

}  // namespace nodetune
