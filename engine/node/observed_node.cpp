// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/observed_node.h"

#include <fmt/format.h>

#include <utility>

#include "engine/base/periodic_worker.h"
#include "engine/node/observed_database.h"
#include "engine/node/observed_group.h"
#include "engine/node/observed_scrape.h"
#include "engine/node/read_budget.h"
#include "engine/observe/inspect.h"
#include "engine/observe/quiet_thread.h"

namespace nodetune {
namespace {

// One database and its observer's thread.
class LoneDatabase final : public ObservedDatabase {
 public:
  LoneDatabase(Config config, std::shared_ptr<MachineWatch> machine,
               std::shared_ptr<MetricsScraper> scraper, Clock& clock)
      : ObservedDatabase(
            std::move(config), machine, [this] { worker_.wake(); }, clock),
        machine_(std::move(machine)),
        scraper_(std::move(scraper)),
        budget_(clock),
        worker_("observer", clock, kObserverPeriod, [this] { observe(); }) {}
  ~LoneDatabase() override { stop(); }

  // The first look, on the caller's thread.
  Status begin() {
    if (auto status = start(); !status) return status;
    tell_scraper(*scraper_, view()->description);
    worker_.start();
    return Status::ok();
  }

  Status close() override {
    stop();
    return Status::ok();
  }

 private:
  void stop() {
    worker_.stop();
    scraper_->stop();
  }

  void observe() {
    if (!std::exchange(yields_, true)) yield_disk_to_others();
    machine_->begin_round();
    look(budget_.take(is_held()));
    tell_scraper(*scraper_, view()->description);
  }

  std::shared_ptr<MachineWatch> machine_;
  std::shared_ptr<MetricsScraper> scraper_;
  ReadBudget budget_;
  bool yields_ = false;
  PeriodicWorker worker_;
};

}  // namespace

Result<std::unique_ptr<Node>> open_observed(const std::string& path, std::string reason,
                                            Clock& clock, const TunerConfig& tuner,
                                            const std::string& metrics_url) {
  MetricsScraper::Config metrics;
  if (!metrics_url.empty()) {
    auto url = nodetune::metrics_url(metrics_url);
    if (!url) return url.status();
    metrics.url = *std::move(url);
  }
  auto found = inspect(path);
  if (!found) return found.status();
  if (found->way == "none") {
    const bool nothing = found->kind == "none";
    return Status(nothing ? StatusCode::not_a_database : StatusCode::other_engine,
                  fmt::format("{}: {}", found->path, found->reason));
  }
  auto scraper = std::make_shared<MetricsScraper>(std::move(metrics), clock);
  if (found->kind == "none") {
    return open_observed_group(*found, std::move(reason), clock, tuner, std::move(scraper));
  }
  ObservedDatabase::Config config;
  config.path = found->path;
  config.reason = std::move(reason);
  config.databases = found->databases;
  config.tuner = tuner;
  config.scraper = scraper;
  auto node = std::make_unique<LoneDatabase>(
      std::move(config), std::make_shared<MachineWatch>(clock), std::move(scraper), clock);
  if (auto status = node->begin(); !status) return status;
  return std::unique_ptr<Node>(std::move(node));
}

}  // namespace nodetune
