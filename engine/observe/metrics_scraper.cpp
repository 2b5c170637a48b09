// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/metrics_scraper.h"

#include <fmt/format.h>

#include <utility>

#include "engine/observe/metrics_finder.h"

namespace nodetune {
namespace {

constexpr int kPeriodsFresh = 3;

}  // namespace

ScrapeReport ask_metrics(MetricsFetch& fetch, const std::string& url, const MetricsProfile* profile,
                         Clock& clock) {
  ScrapeReport report;
  report.address = shown_url(url);
  report.profile = profile;
  const auto answer = fetch.get(url);
  report.taken_at = clock.now();
  report.came_at = clock.steady_now();
  if (!answer) {
    report.problem = answer.status().message();
    return report;
  }
  report.seconds = answer->seconds;
  auto metrics = read_scraped(answer->body, profile);
  if (metrics) {
    report.metrics = *std::move(metrics);
  } else {
    report.problem = fmt::format("{}: {}", report.address, metrics.status().message());
  }
  return report;
}

MetricsScraper::MetricsScraper(Config config, Clock& clock)
    : config_(std::move(config)),
      clock_(clock),
      fetch_(config_.fetch),
      worker_("metrics", clock, config_.period, [this] { look(); }) {}

MetricsScraper::~MetricsScraper() {
  stop();
}

void MetricsScraper::stop() {
  fetch_.cancel();
  worker_.stop();
}

void MetricsScraper::set_node(std::string_view client, std::optional<std::int64_t> process) {
  {
    const std::lock_guard lock(mutex_);
    Holder holder{std::string(client), process};
    if (started_ && holder == holder_) return;
    holder_ = std::move(holder);
  }
  if (config_.url.empty() && !process && !started_) return;  // nobody to ask
  if (!std::exchange(started_, true)) worker_.start();
  worker_.wake();
}

std::shared_ptr<const ScrapeReport> MetricsScraper::fresh() const {
  auto report = newest();
  if (!report || !report->metrics) return nullptr;
  const auto age = clock_.steady_now() - report->came_at;
  return age <= kPeriodsFresh * config_.period ? report : nullptr;
}

// Sockets are looked through seldom: a node has thousands of open files.
std::string MetricsScraper::address_of(const Holder& holder, const MetricsProfile* profile,
                                       std::string& why_not) {
  if (!config_.url.empty()) return config_.url;
  const auto now = clock_.steady_now();
  const bool other = holder != std::exchange(searched_for_, holder);
  if (other) found_.clear();
  if (found_.empty() && (other || now >= next_search_)) {
    next_search_ = now + config_.search_period;
    if (!holder.process) {
      why_not_ = "nobody holds the database";
    } else if (profile == nullptr) {
      why_not_ = "where this program serves them, if it does, is not known";
    } else {
      auto found = find_metrics(*profile, *holder.process, config_.proc);
      found_ = std::move(found.url);
      why_not_ = std::move(found.why_not);
    }
  }
  why_not = why_not_;
  return found_;
}

void MetricsScraper::look() {
  Holder holder;
  {
    const std::lock_guard lock(mutex_);
    holder = holder_;
  }
  const auto* const profile = metrics_profile(holder.client);
  auto report = std::make_shared<ScrapeReport>();
  std::string why_not;
  const auto url = address_of(holder, profile, why_not);
  if (url.empty()) {
    report->profile = profile;
    report->problem = std::move(why_not);
    report->taken_at = clock_.now();
    report->came_at = clock_.steady_now();
  } else {
    *report = ask_metrics(fetch_, url, profile, clock_);
  }
  if (fetch_.is_cancelled()) return;
  report->given = !config_.url.empty();
  if (report->metrics) {
    if (before_) {
      report->metrics->derive_rates(*before_->metrics,
                                    to_seconds(report->came_at - before_->came_at));
    }
    before_ = report;
  } else {
    found_.clear();  // the node may serve elsewhere after a restart
  }
  newest_.publish(std::move(report));
}

}  // namespace nodetune
