// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/base/periodic_worker.h"
#include "engine/base/published.h"
#include "engine/observe/metrics_fetch.h"
#include "engine/observe/metrics_profile.h"
#include "engine/observe/scraped_metrics.h"

namespace nodetune {

// What became of the newest look at a node's own metrics.
struct ScrapeReport {
  std::string address;                      // for people; empty: none is known
  bool given = false;                       // by an operator, else found
  const MetricsProfile* profile = nullptr;  // of the node's client; null: not known
  std::string problem;                      // why there are no figures; empty: there are
  std::optional<ScrapedMetrics> metrics;
  double seconds = 0;    // that the answer took
  TimePoint taken_at{};  // when it came
  SteadyTime came_at{};
};

// One question, answered at once. `url`: as metrics_url() made it.
ScrapeReport ask_metrics(MetricsFetch& fetch, const std::string& url, const MetricsProfile* profile,
                         Clock& clock);

// Asks a node for its own metrics every few seconds, at a given address or where find_metrics()
// finds one. On a thread of its own, from the moment on that there is somebody to ask: an endpoint
// that hangs holds nobody up.
//
// Thread: set_node() and stop() from one; newest() from any. Lifetime: the destructor stops within
// moments, whatever the endpoint does.
class MetricsScraper {
 public:
  struct Config {
    std::string url;  // as metrics_url() made it; empty: to be found
    Duration period = std::chrono::seconds(5);
    Duration search_period = std::chrono::minutes(1);  // where nothing was found
    MetricsFetch::Limits fetch;
    std::string proc = "/proc";
  };

  MetricsScraper(Config config, Clock& clock);
  ~MetricsScraper();
  MetricsScraper(const MetricsScraper&) = delete;
  MetricsScraper& operator=(const MetricsScraper&) = delete;

  // Who holds the database, and what client it is ("Besu"; empty: unknown). Cheap when unchanged.
  void set_node(std::string_view client, std::optional<std::int64_t> process);
  void stop();

  // Null: nobody was asked yet.
  std::shared_ptr<const ScrapeReport> newest() const { return newest_.get(); }
  // Its figures, unless they have grown old.
  std::shared_ptr<const ScrapeReport> fresh() const;

 private:
  struct Holder {
    std::string client;
    std::optional<std::int64_t> process;
    bool operator==(const Holder&) const = default;
  };

  void look();
  std::string address_of(const Holder& holder, const MetricsProfile* profile, std::string& why_not);

  const Config config_;
  Clock& clock_;
  mutable std::mutex mutex_;
  Holder holder_;         // guarded by mutex_
  bool started_ = false;  // the caller of set_node's alone

  // The worker's alone.
  MetricsFetch fetch_;
  Holder searched_for_;
  std::string found_;    // address; empty: not found
  std::string why_not_;  // it was not
  SteadyTime next_search_{};
  std::shared_ptr<const ScrapeReport> before_;  // the last with figures

  Published<ScrapeReport> newest_{nullptr};
  PeriodicWorker worker_;  // last: it uses what stands above
};

}  // namespace nodetune
