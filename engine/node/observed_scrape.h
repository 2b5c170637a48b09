// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/metrics/snapshot.h"
#include "engine/node/node.h"
#include "engine/observe/client_profile.h"
#include "engine/observe/metrics_scraper.h"

namespace nodetune {

struct Observation;
struct ObservedLog;

// The fact that says where the node's own metrics come from, or why there are none.
inline constexpr std::string_view kMetricsFact = "Node's own metrics";

// The newest figures of a node's own metrics, as far as they are those of one database, or of all
// that its process holds.
class ScrapedPart {
 public:
  // `scraper` may be null. `directory`: of the database; empty: all of them together.
  ScrapedPart(const MetricsScraper* scraper, std::string_view directory);

  // What the process tells now goes before what its LOG told some minutes ago. But counters that
  // are read out of the LOG as they happen stay: from another source they would jump.
  void fill(const Observation& seen, const ObservedLog& log, Snapshot& snapshot) const;
  // The same of all together, after their sums.
  void fill_whole(Snapshot& snapshot) const;
  // After derive_from(): the node is asked less often than snapshots are taken, so rates are those
  // between two answers. A counter whose source has changed has none.
  void fill_rates(const Snapshot& before, Snapshot& snapshot) const;

 private:
  void fill_families(const ClientProfile* client, Snapshot& snapshot) const;

  std::shared_ptr<const ScrapeReport> report_;  // null: nothing is known now
  const ScrapedFigures* figures_ = nullptr;     // in it
};

// `directory` as for ScrapedPart.
void add_metrics_facts(const MetricsScraper* scraper, std::string_view directory,
                       std::vector<Fact>& facts);

// Of the facts above, what stands for a figure that is missing.
enum class MetricsHope : std::uint8_t {
  none,     // nobody was asked, or this client tells nothing of the kind
  may_tell  // an address, or a setting of the client, is what it lacks
};
MetricsHope metrics_hope(const std::vector<Fact>& facts);

// Whom it has to ask: the process that holds what `node` describes.
void tell_scraper(MetricsScraper& scraper, const NodeDescription& node);

// "412 series, 37 of RocksDB, 2.1 ms"; of a failure, why, and what to do.
std::string metrics_text(const ScrapeReport& report);
// "Not in them: the block cache's hits. …"; empty: they are there.
std::string metrics_lack(const ScrapeReport& report);

}  // namespace nodetune
