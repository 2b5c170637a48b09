// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/scraped_metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "engine/observe/prometheus_text.h"
#include "engine/observe/scraped_names.h"

namespace nodetune {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kDatabasesMax = 256;
constexpr std::size_t kFamiliesMax = 1'024;
constexpr double kSecondsInMicrosecond = 1e-6;

constexpr std::array kFamilyLabels = {"cf"sv,     "cf_name"sv, "col"sv,  "column_family"sv,
                                      "column"sv, "family"sv,  "table"sv};
constexpr std::array kDatabaseLabels = {"db"sv, "db_name"sv, "database"sv};
// Of a series that holds many figures: the label that says which.
constexpr std::array kFigureLabels = {"property_name"sv, "property"sv, "ticker_name"sv, "ticker"sv,
                                      "metric"sv,        "stat"sv,     "name"sv};
// Some of Sui's names are misspelt.
constexpr std::array kRocksDbPrefixes = {"rocksdb_"sv, "rocskdb_"sv};

struct FigureMetric {
  ScrapedFigure figure;
  Metric metric;
};
constexpr std::array kFigureMetrics = {
    FigureMetric{ScrapedFigure::bytes_written, Metric::db_bytes_written_total},
    FigureMetric{ScrapedFigure::bytes_read, Metric::db_bytes_read_total},
    FigureMetric{ScrapedFigure::wal_bytes, Metric::db_wal_bytes_total},
    FigureMetric{ScrapedFigure::flush_bytes, Metric::db_flush_bytes_total},
    FigureMetric{ScrapedFigure::compaction_read_bytes, Metric::db_compaction_read_bytes_total},
    FigureMetric{ScrapedFigure::compaction_write_bytes, Metric::db_compaction_write_bytes_total},
    FigureMetric{ScrapedFigure::bloom_useful, Metric::db_bloom_useful_total},
    FigureMetric{ScrapedFigure::bloom_full_positive, Metric::db_bloom_full_positive_total},
    FigureMetric{ScrapedFigure::bloom_true_positive, Metric::db_bloom_true_positive_total},
    FigureMetric{ScrapedFigure::cache_usage, Metric::db_block_cache_usage_bytes},
    FigureMetric{ScrapedFigure::cache_capacity, Metric::db_block_cache_capacity_bytes},
    FigureMetric{ScrapedFigure::all_memtables, Metric::db_memtable_bytes},
    FigureMetric{ScrapedFigure::memtables, Metric::db_memtable_bytes},  // takes its place if known
    FigureMetric{ScrapedFigure::immutable_memtables, Metric::db_immutable_memtables},
    FigureMetric{ScrapedFigure::table_readers, Metric::db_table_reader_bytes},
    FigureMetric{ScrapedFigure::pending_compaction, Metric::db_pending_compaction_bytes},
    FigureMetric{ScrapedFigure::estimated_keys, Metric::db_estimated_keys},
    FigureMetric{ScrapedFigure::running_compactions, Metric::db_running_compactions},
    FigureMetric{ScrapedFigure::running_flushes, Metric::db_running_flushes},
    FigureMetric{ScrapedFigure::write_stopped, Metric::db_write_stopped},
};

// Small letters, digits and underscores.
std::string plain(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool keeps = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    result += upper ? static_cast<char>(c - 'A' + 'a') : keeps ? c : '_';
  }
  return result;
}

// "StateDb", "state_db" and "state" are one.
std::string plain_database(std::string_view name) {
  auto text = plain(name);
  std::erase(text, '_');
  if (text.size() > 2 && text.ends_with("db")) text.resize(text.size() - 2);
  return text;
}

std::string_view without(std::string_view name, std::string_view ending) {
  if (name.ends_with(ending)) name.remove_suffix(ending.size());
  return name;
}

// What stands behind the last "rocksdb_"; nothing where there is none.
std::optional<std::string_view> behind_rocksdb(std::string_view name) {
  for (const auto prefix : kRocksDbPrefixes) {
    if (const auto at = name.rfind(prefix); at != std::string_view::npos) {
      return name.substr(at + prefix.size());
    }
  }
  return std::nullopt;
}

const ScrapedName* rocksdb_name(std::string_view name) {
  name = without(name, "_total");
  const auto* const found = find_rocksdb_name(name);
  return found != nullptr ? found : find_rocksdb_name(without(name, "_bytes"));
}

template <typename Names>
const std::string* label_of(const MetricTextSample& sample, const Names& names) {
  for (const auto name : names) {
    for (const auto& label : sample.labels) {
      if (label.name == name) return &label.value;
    }
  }
  return nullptr;
}

struct Understood {
  bool of_rocksdb = false;  // even where it is no figure that is shown
  std::optional<ScrapedFigure> figure;
  ScrapedScope scope = ScrapedScope::database;
  std::string family;
  std::string database;
};

// "rocksdb.block-cache-usage:headers" in a label, where a series holds many figures.
void understand_label(const MetricTextSample& sample, Understood& result) {
  const auto* const label = label_of(sample, kFigureLabels);
  if (label == nullptr) return;
  const auto colon = label->find(':');
  const auto text = plain(std::string_view(*label).substr(0, colon));
  const auto behind = behind_rocksdb(text);
  if (!behind && !result.of_rocksdb) return;
  result.of_rocksdb = true;
  if (const auto* const known = rocksdb_name(behind.value_or(text))) {
    result.figure = known->figure;
    result.scope = known->scope;
    if (colon != std::string::npos) result.family = label->substr(colon + 1);
  }
}

Understood understand(const MetricTextSample& sample, const MetricsProfile* profile) {
  Understood result;
  auto name = plain(sample.name);
  constexpr std::string_view kNear = "NEAR";
  const bool near = profile != nullptr && profile->client == kNear;
  if (near) {  // two databases, the cold one by the series' ending
    const bool cold = name.ends_with("_cold");
    result.database = cold ? "cold" : "hot";
    name = without(name, "_cold");
  } else if (const auto* const database = label_of(sample, kDatabaseLabels)) {
    result.database = plain_database(*database);
  }
  if (const auto* const family = label_of(sample, kFamilyLabels)) result.family = *family;
  const auto* const own =
      profile != nullptr ? find_client_series(profile->client, without(name, "_total")) : nullptr;
  if (own != nullptr) {
    result.of_rocksdb = true;
    result.figure = own->figure;
    result.scope = own->scope;
    return result;
  }
  const auto behind = behind_rocksdb(name);
  result.of_rocksdb = behind.has_value();
  const bool spread = sample.type == MetricTextType::histogram ||
                      sample.type == MetricTextType::summary;  // no ticker, whatever its name
  const auto* const known = behind && !spread ? rocksdb_name(*behind) : nullptr;
  if (known != nullptr) {
    result.figure = known->figure;
    result.scope = known->scope;
  } else {
    understand_label(sample, result);
  }
  return result;
}

// All series of one figure.
struct Found {
  ScrapedScope scope = ScrapedScope::database;
  double sum = 0;
  double largest = 0;
  std::size_t count = 0;
  std::size_t with_family = 0;

  void add(const Understood& what, double value) {
    scope = what.scope;
    sum += value;
    largest = std::max(largest, value);
    ++count;
    if (!what.family.empty()) ++with_family;
  }
};

struct FoundFigures {
  std::array<Found, kScrapedFigureCount> figures;
  std::map<std::string, std::array<Found, kScrapedFigureCount>> families;

  void add(const Understood& what, double value) {
    const auto index = static_cast<std::size_t>(*what.figure);
    figures[index].add(what, value);
    if (what.scope != ScrapedScope::family || what.family.empty()) return;
    if (families.size() >= kFamiliesMax && !families.contains(what.family)) return;
    families[what.family][index].add(what, value);
  }
};

std::optional<double> whole(const Found& found, const MetricsProfile* profile) {
  if (found.count == 0) return std::nullopt;
  switch (found.scope) {
    case ScrapedScope::database:
      return found.sum;
    case ScrapedScope::cache:
      // Which of several are one and the same cannot be known.
      if (found.count == 1) return found.sum;
      return profile != nullptr && profile->caches_add_up ? std::optional(found.sum) : std::nullopt;
    case ScrapedScope::family:
      return found.with_family > 0 ? std::optional(found.sum) : std::nullopt;
    case ScrapedScope::repeated:
      if (found.count == 1) return found.sum;
      return profile != nullptr && profile->several_databases ? std::nullopt
                                                              : std::optional(found.largest);
  }
  return std::nullopt;
}

// The total where it is told, else the three parts together: Besu tells no total of the misses.
std::optional<double> total_or_parts(const FoundFigures& found, const MetricsProfile* profile,
                                     ScrapedFigure total,
                                     const std::array<ScrapedFigure, 3>& parts) {
  const auto value_of = [&](ScrapedFigure figure) {
    return whole(found.figures[static_cast<std::size_t>(figure)], profile);
  };
  if (const auto value = value_of(total)) return value;
  double sum = 0;
  for (const auto part : parts) {
    const auto value = value_of(part);
    if (!value) return std::nullopt;
    sum += *value;
  }
  return sum;
}

ScrapedFigures finish(const FoundFigures& found, const MetricsProfile* profile) {
  ScrapedFigures result;
  const auto set = [&result](Metric metric, std::optional<double> value) {
    if (value && std::isfinite(*value)) result.values[metric] = *value;  // a sum may not be
  };
  using Figure = ScrapedFigure;
  set(Metric::db_block_cache_hits_total,
      total_or_parts(
          found, profile, Figure::cache_hits,
          {Figure::cache_data_hits, Figure::cache_index_hits, Figure::cache_filter_hits}));
  set(Metric::db_block_cache_misses_total,
      total_or_parts(
          found, profile, Figure::cache_misses,
          {Figure::cache_data_misses, Figure::cache_index_misses, Figure::cache_filter_misses}));
  if (const auto stalled =
          whole(found.figures[static_cast<std::size_t>(Figure::stall_microseconds)], profile)) {
    set(Metric::db_stall_seconds_total, *stalled * kSecondsInMicrosecond);
  }
  for (const auto& [figure, metric] : kFigureMetrics) {
    const auto& one = found.figures[static_cast<std::size_t>(figure)];
    set(metric, whole(one, profile));
    const bool of_default = one.scope == ScrapedScope::family && one.with_family == 0;
    if (of_default && one.count > 0) result.of_default_family[metric] = one.sum;
    for (const auto& [name, figures] : found.families) {
      const auto& of_family = figures[static_cast<std::size_t>(figure)];
      if (of_family.count > 0) result.families[name][metric] = of_family.sum;
    }
  }
  return result;
}

void derive(ScrapedFigures& now, const ScrapedFigures& before, double seconds) {
  for (const auto& [metric, value] : now.values) {
    if (info(metric).kind != MetricKind::counter) continue;
    const auto old = before.values.find(metric);
    if (old == before.values.end()) continue;
    if (value < old->second) {  // one that went back says that all began anew
      now.rates.clear();
      return;
    }
    now.rates[metric] = (value - old->second) / seconds;
  }
}

}  // namespace

void ScrapedMetrics::derive_rates(const ScrapedMetrics& before, double seconds) {
  if (!(seconds > 0)) return;
  derive(all, before.all, seconds);
  for (auto& [name, figures] : databases) {
    const auto old = before.databases.find(name);
    if (old != before.databases.end()) derive(figures, old->second, seconds);
  }
}

Result<ScrapedMetrics> read_scraped(std::string_view text, const MetricsProfile* profile) {
  ScrapedMetrics result;
  FoundFigures all;
  std::map<std::string, FoundFigures> databases;
  const auto summary = read_metric_text(text, [&](const MetricTextSample& sample) {
    const auto what = understand(sample, profile);
    if (what.of_rocksdb) ++result.rocksdb_series;
    // A figure that could not be read is told as -1 or NaN.
    if (!what.figure || !std::isfinite(sample.value) || sample.value < 0) return;
    all.add(what, sample.value);
    if (what.database.empty()) return;
    if (databases.size() >= kDatabasesMax && !databases.contains(what.database)) return;
    databases[what.database].add(what, sample.value);
  });
  if (summary.samples == 0) {
    return Status(StatusCode::failed, summary.bad_lines > 0
                                          ? "it answers, but with something else than metrics"
                                          : "it answers, but without any metrics");
  }
  result.series = summary.samples;
  result.all = finish(all, profile);
  for (const auto& [name, found] : databases) result.databases[name] = finish(found, profile);
  return result;
}

const ScrapedFigures* figures_of(const ScrapedMetrics& metrics, const MetricsProfile* profile,
                                 std::string_view directory) {
  const bool near = profile != nullptr && profile->client == "NEAR";
  const bool several = profile != nullptr ? profile->several_databases : false;
  if (!near && !several) return &metrics.all;
  std::vector<std::string> parts;  // the last two: Nethermind's state lies in "state/0"
  while (parts.size() < 2 && !directory.empty()) {
    const auto slash = directory.rfind('/');
    const auto part = directory.substr(slash == std::string_view::npos ? 0 : slash + 1);
    if (!part.empty()) parts.push_back(plain_database(part));
    if (slash == std::string_view::npos) break;
    directory = directory.substr(0, slash);
  }
  if (near) {
    const bool cold = !parts.empty() && parts.front().find("cold") != std::string::npos;
    const auto found = metrics.databases.find(cold ? "cold" : "hot");
    return found == metrics.databases.end() ? nullptr : &found->second;
  }
  for (const auto& part : parts) {
    const auto found = metrics.databases.find(part);
    if (found != metrics.databases.end()) return &found->second;
  }
  return nullptr;
}

}  // namespace nodetune
