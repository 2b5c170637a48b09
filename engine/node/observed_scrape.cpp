// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/observed_scrape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/base/format.h"
#include "engine/node/observed_views.h"

namespace nodetune {
namespace {

// Which the LOG tells as they happen.
constexpr std::array kCountedInLog = {Metric::db_flush_bytes_total,
                                      Metric::db_compaction_read_bytes_total,
                                      Metric::db_compaction_write_bytes_total};

constexpr std::string_view kAnswered = "GET, every 5 s";
constexpr std::string_view kOfClient = "what is known of this client";

bool is_counted_in_log(Metric metric) {
  return std::find(kCountedInLog.begin(), kCountedInLog.end(), metric) != kCountedInLog.end();
}

// Its statistics go into the past, where they belong. Where the node writes none, nothing does.
bool tells_of_stalls(const Observation& seen, const ObservedLog& log) {
  if (log.problem) return false;
  const auto period = seen.options
                          ? find_option(seen.options->file.db_options, "stats_dump_period_sec")
                          : std::nullopt;
  return period ? *period != "0" : !log.complete || log.last_dump.has_value();
}

// The live files' own properties know better than RocksDB's estimate.
bool is_known_better(Metric metric, const Snapshot& snapshot) {
  return metric == Metric::db_estimated_keys && !std::isnan(snapshot.value(metric));
}

void take(Metric metric, double value, Snapshot& snapshot) {
  snapshot.set(metric, value);
  snapshot.sources[metric] = Source::scraped;
}

void set(FamilyFigures& family, Metric metric, double value) {
  if (metric == Metric::db_memtable_bytes) family.memtable_bytes = value;
  if (metric == Metric::db_immutable_memtables) family.immutable_memtables = value;
  if (metric == Metric::db_pending_compaction_bytes) family.pending_compaction_bytes = value;
}

bool tells_of_cache(const ScrapeReport& report) {
  return report.metrics && report.metrics->all.values.contains(Metric::db_block_cache_hits_total) &&
         report.metrics->all.values.contains(Metric::db_block_cache_misses_total);
}

}  // namespace

ScrapedPart::ScrapedPart(const MetricsScraper* scraper, std::string_view directory)
    : report_(scraper != nullptr ? scraper->fresh() : nullptr) {
  if (!report_) return;
  figures_ = directory.empty() ? &report_->metrics->all
                               : figures_of(*report_->metrics, report_->profile, directory);
}

void ScrapedPart::fill(const Observation& seen, const ObservedLog& log, Snapshot& snapshot) const {
  if (figures_ == nullptr) return;
  const auto take_all = [&](const std::map<Metric, double>& values) {
    for (const auto& [metric, value] : values) {
      const bool told = is_counted_in_log(metric) ? !log.problem
                        : metric == Metric::db_stall_seconds_total
                            ? tells_of_stalls(seen, log)
                            : is_known_better(metric, snapshot);
      if (!told) take(metric, value, snapshot);
    }
  };
  if (snapshot.families.size() == 1) take_all(figures_->of_default_family);
  take_all(figures_->values);
  fill_families(seen.client.profile, snapshot);
}

void ScrapedPart::fill_whole(Snapshot& snapshot) const {
  if (figures_ == nullptr) return;
  for (const auto& [metric, value] : figures_->values) {
    const bool told = is_counted_in_log(metric) || metric == Metric::db_stall_seconds_total ||
                      is_known_better(metric, snapshot);
    if (!told) take(metric, value, snapshot);
  }
}

void ScrapedPart::fill_families(const ClientProfile* client, Snapshot& snapshot) const {
  for (const auto& [name, values] : figures_->families) {
    const auto title = family_title(client, name);
    for (auto& family : snapshot.families) {
      if (family.name != title) continue;
      for (const auto& [metric, value] : values) set(family, metric, value);
    }
  }
}

void ScrapedPart::fill_rates(const Snapshot& before, Snapshot& snapshot) const {
  for (const auto& metric : catalogue()) {
    if (metric.kind != MetricKind::counter) continue;
    const bool scraped = snapshot.source(metric.id) == Source::scraped;
    const bool was_scraped = before.source(metric.id) == Source::scraped;
    auto& rate = snapshot.rates[index_of(metric.id)];
    if (scraped != was_scraped) rate = kMissing;
    if (!scraped || figures_ == nullptr) continue;
    const auto found = figures_->rates.find(metric.id);
    rate = found == figures_->rates.end() ? kMissing : found->second;
  }
}

MetricsHope metrics_hope(const std::vector<Fact>& facts) {
  auto hope = MetricsHope::none;
  for (const auto& fact : facts) {
    if (!fact.name.starts_with(kMetricsFact)) continue;
    const bool settled = fact.origin.starts_with(kAnswered) || fact.origin == kOfClient;
    hope = settled ? MetricsHope::none : MetricsHope::may_tell;
  }
  return hope;
}

void tell_scraper(MetricsScraper& scraper, const NodeDescription& node) {
  const bool known = node.locked_by && node.locked_by->pid > 0;
  scraper.set_node(node.client,
                   known ? std::optional<std::int64_t>(node.locked_by->pid) : std::nullopt);
}

std::string metrics_text(const ScrapeReport& report) {
  if (report.metrics) {
    return fmt::format("{} series, {} of RocksDB, {}", report.metrics->series,
                       report.metrics->rocksdb_series, format_seconds(report.seconds));
  }
  auto text = report.problem;
  if (report.given || report.profile == nullptr || report.profile->enable.empty()) return text;
  return fmt::format("{}. To be served they need, in {}: {}", text, report.profile->client,
                     report.profile->enable);
}

std::string metrics_lack(const ScrapeReport& report) {
  if (!report.metrics || tells_of_cache(report)) return {};
  const auto* const profile = report.profile;
  if (profile != nullptr && !profile->lacks.empty()) return std::string(profile->lacks);
  if (profile != nullptr && !profile->statistics.empty()) {
    return fmt::format("Nothing of the block cache's hits; {} tells them with {}", profile->client,
                       profile->statistics);
  }
  return report.metrics->rocksdb_series == 0 ? "Nothing of RocksDB"
                                             : "Nothing of the block cache's hits";
}

void add_metrics_facts(const MetricsScraper* scraper, std::string_view directory,
                       std::vector<Fact>& facts) {
  const auto report = scraper != nullptr ? scraper->newest() : nullptr;
  if (!report) return;
  std::string name(kMetricsFact);
  if (!report->metrics) {
    auto text = metrics_text(*report);
    const bool serves_none = !report->given && report->profile != nullptr &&
                             report->profile->port == 0 && report->profile->port_flags.empty();
    if (serves_none) {
      facts.push_back({std::move(name), std::move(text), std::string(kOfClient)});
      return;
    }
    if (!report->given) text = fmt::format("not asked: {}. Another address: --metrics URL", text);
    facts.push_back({std::move(name), std::move(text), report->given ? "GET, every 5 s" : "/proc",
                     report->taken_at});
    return;
  }
  auto origin = std::string(kAnswered);
  if (!report->given) origin += ", where the node itself listens";
  facts.push_back({name, fmt::format("{}, {}", report->address, metrics_text(*report)),
                   std::move(origin), report->taken_at});
  const bool of_others =
      !directory.empty() && figures_of(*report->metrics, report->profile, directory) == nullptr;
  auto lack = of_others ? std::string(
                              "They do not tell this database from the node's others: open "
                              "the directory that holds all of them")
                        : metrics_lack(*report);
  const bool never = !of_others && report->profile != nullptr && !report->profile->lacks.empty();
  if (!lack.empty()) {
    facts.push_back(
        {name + ", missing", std::move(lack), never ? std::string(kOfClient) : report->address});
  }
}

}  // namespace nodetune
