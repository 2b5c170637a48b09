// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "engine/metrics/catalogue.h"
#include "engine/observe/metrics_profile.h"

namespace nodetune {

// What a node's own metrics say of RocksDB, in the catalogue's terms. What is not there is missing.
struct ScrapedFigures {
  std::map<Metric, double> values;
  // Of counters, a second, since the answer before; none where one went back: a restart.
  std::map<Metric, double> rates;
  // Told without a column family, of a property that RocksDB has for each: they are `default`'s
  // alone, and so the whole of a database that has no other.
  std::map<Metric, double> of_default_family;
  std::map<std::string, std::map<Metric, double>> families;  // by raw name
};

struct ScrapedMetrics {
  std::size_t series = 0;
  std::size_t rocksdb_series = 0;
  ScrapedFigures all;  // of the whole process
  // Where the client tells its databases apart, by the name that it gives them (database_key).
  std::map<std::string, ScrapedFigures> databases;

  void derive_rates(const ScrapedMetrics& before, double seconds);
};

// Reads an answer. `profile` may be null: then whatever is named as RocksDB names its tickers and
// properties is understood. Errors: it is no text of metrics.
Result<ScrapedMetrics> read_scraped(std::string_view text, const MetricsProfile* profile);

// The figures of the database in `directory`; null: it cannot be told from the process's others.
const ScrapedFigures* figures_of(const ScrapedMetrics& metrics, const MetricsProfile* profile,
                                 std::string_view directory);

}  // namespace nodetune
