// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Any bytes as a node's metrics: no more samples than lines, no figure that nobody told.
#include "engine/observe/prometheus_text.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "engine/observe/scraped_metrics.h"

using namespace nodetune;

namespace {

void check(const ScrapedFigures& figures) {
  for (const auto& [metric, value] : figures.values) {
    if (!(value >= 0)) std::abort();
  }
}

void check_scraped(std::string_view text, const MetricsProfile* profile, std::size_t samples) {
  auto read = read_scraped(text, profile);
  if (!read) {
    if (samples > 0) std::abort();
    return;
  }
  if (read->series != samples || read->rocksdb_series > read->series) std::abort();
  check(read->all);
  for (const auto& [name, figures] : read->databases) check(figures);
  const auto before = *read;
  read->derive_rates(before, 5);
  for (const auto& [metric, rate] : read->all.rates) {
    if (std::isfinite(read->all.values.at(metric)) && rate != 0) std::abort();
  }
  figures_of(*read, profile, "/data/nethermind_db/mainnet/state/0");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  std::size_t visited = 0;
  const auto summary = read_metric_text(text, [&](const MetricTextSample& sample) {
    ++visited;
    std::size_t bytes = sample.name.size();
    for (const auto& label : sample.labels) bytes += label.name.size() + label.value.size();
    if (sample.name.empty() || bytes > size) std::abort();
  });
  if (visited != summary.samples || summary.samples + summary.bad_lines > lines) std::abort();
  check_scraped(text, nullptr, summary.samples);
  for (const auto client : {"Besu", "Nethermind", "NEAR", "Aptos", "Sui"}) {
    check_scraped(text, metrics_profile(client), summary.samples);
  }
  return 0;
}
