// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "app/cli/support.h"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <charconv>
#include <cmath>
#include <csignal>
#include <iostream>
#include <thread>

#include "engine/base/format.h"
#include "engine/observe/metrics_fetch.h"

namespace nodetune::cli {
namespace {

std::atomic<bool> signalled{false};
static_assert(std::atomic<bool>::is_always_lock_free);

}  // namespace

std::string on_one_line(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      shown += fmt::format("\\x{:02x}", byte);
    } else {
      shown.push_back(c);
    }
  }
  return shown;
}

int fail(const Status& status) {
  std::cerr << "nodetune-cli: " << on_one_line(status.message()) << '\n';
  return kFailure;
}

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = [](int) { signalled.store(true, std::memory_order_relaxed); };
  sigemptyset(&action.sa_mask);
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // a second one ends the program at once
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool interrupted() {
  return signalled.load(std::memory_order_relaxed);
}

void wait_while_running(double seconds, const std::function<bool()>& done,
                        const std::function<void()>& tick) {
  const auto begin = std::chrono::steady_clock::now();
  while (!interrupted() && !done()) {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
    if (passed.count() >= seconds) return;
    if (tick) tick();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

bool is_past(const Node& node) {
  const auto recorded = node.description().recorded;
  return recorded && !recorded->still_grows;
}

std::string check_size(const std::string& text) {
  const auto bytes = parse_bytes(text);
  return bytes ? std::string() : bytes.status().message();
}

std::string check_seconds(const std::string& text) {
  const auto seconds = parse_seconds(text);
  return seconds ? std::string() : seconds.status().message();
}

std::string check_percent(const std::string& text) {
  const double ratio = ratio_of_percent(text);
  if (ratio >= 0 && ratio < 1) return {};
  return "'" + escape_name(text) + "' is not a share; write it like 10%";
}

std::int64_t size_of(const std::string& text) {
  return parse_bytes(text).value();
}
double seconds_of(const std::string& text) {
  return parse_seconds(text).value();
}

double ratio_of_percent(const std::string& text) {
  double number = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  const std::string_view rest(end, static_cast<std::size_t>(last - end));
  if (error != std::errc() || (rest != "" && rest != "%" && rest != " %")) return -1;
  return number / 100;
}

void add_database_option(CLI::App& command, std::string& name) {
  command.add_option("--database", name,
                     "Of a directory with several, only this one (all together if not given)");
}

void add_metrics_option(CLI::App& command, std::string& url) {
  command
      .add_option("--metrics", url,
                  "Where the node serves metrics of its own (looked for if not given, on this "
                  "machine)")
      ->check([](const std::string& text) {
        const auto checked = metrics_url(text);
        return checked ? std::string() : checked.status().message();
      });
}

nlohmann::json figure(double value) {
  return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr);
}

namespace {

nlohmann::json whole(double value) {
  return std::isfinite(value) ? nlohmann::json(std::llround(value)) : nlohmann::json(nullptr);
}

// Counts and bytes are integers in what we print; seconds and ratios are not.
nlohmann::json metric_json(const Snapshot& snapshot, const MetricInfo& metric) {
  const double value = snapshot.value(metric.id);
  const bool fraction = metric.unit == Unit::seconds || metric.unit == Unit::ratio ||
                        metric.source == Source::derived;
  return fraction ? figure(value) : whole(value);
}

}  // namespace

nlohmann::json histogram_json(const Snapshot& snapshot, Metric metric) {
  const auto found = snapshot.totals.find(metric);
  if (found == snapshot.totals.end()) return nullptr;
  const auto& counts = found->second;
  const double scale = histogram_scale(metric);
  return {{"count", counts.count},
          {"mean", figure(counts.mean() * scale)},
          {"p50", figure(counts.percentile(0.50) * scale)},
          {"p95", figure(counts.percentile(0.95) * scale)},
          {"p99", figure(counts.percentile(0.99) * scale)}};
}

nlohmann::json batches_json(const Snapshot& snapshot) {
  nlohmann::json operations;
  std::int64_t total = 0;
  for (const auto type : kOperationTypes) {
    const auto metric = static_cast<Metric>(nodetune::index_of(Metric::batch_operations_put) +
                                            nodetune::index_of(type));
    const double count = snapshot.value(metric);
    operations[std::string(to_string(type))] = whole(count);
    if (std::isfinite(count)) total += std::llround(count);
  }
  nlohmann::json commits_by_path;
  for (const auto path : kWritePaths) {
    const auto metric = static_cast<Metric>(nodetune::index_of(Metric::batch_commits_as_given) +
                                            nodetune::index_of(path));
    commits_by_path[std::string(to_string(path))] = whole(snapshot.value(metric));
  }
  return {{"commits", whole(snapshot.value(Metric::batch_commits_total))},
          {"commit_failures", whole(snapshot.value(Metric::batch_commit_failures_total))},
          {"operations", total},
          {"operations_by_type", operations},
          {"bytes", whole(snapshot.value(Metric::batch_bytes_total))},
          {"pending_operations", whole(snapshot.value(Metric::batch_pending_operations))},
          {"auto_commit_threshold", whole(snapshot.value(Metric::batch_auto_commit_threshold))},
          {"commits_by_path", commits_by_path},
          {"sync_seconds", histogram_json(snapshot, Metric::batch_sync_seconds)},
          {"size_operations", histogram_json(snapshot, Metric::batch_size)},
          {"duration_seconds", histogram_json(snapshot, Metric::batch_duration_seconds)}};
}

nlohmann::json database_json(const Snapshot& snapshot) {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& metric : catalogue()) {
    if (metric.name.rfind("db_", 0) != 0) continue;
    if (metric.kind == MetricKind::histogram) {
      json[metric.name] = histogram_json(snapshot, metric.id);
    } else if (metric.label.empty()) {
      json[metric.name] = metric_json(snapshot, metric);
    }
  }
  json["stalls"] = nlohmann::json::array();
  for (const auto& stall : snapshot.stalls) {
    json["stalls"].push_back({{"cause", to_string(stall.cause)},
                              {"action", stall.stopped ? "stopping" : "stalling"},
                              {"count", stall.count}});
  }
  json["levels"] = nlohmann::json::array();
  for (const auto& level : snapshot.levels) {
    json["levels"].push_back({{"column_family", level.family},
                              {"level", level.level},
                              {"files", level.files},
                              {"bytes", level.bytes},
                              {"score", figure(level.score)},
                              {"write_amplification", figure(level.write_amplification)}});
  }
  return json;
}

nlohmann::json knobs_json(const std::vector<KnobState>& knobs) {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& state : knobs) {
    const std::string name(to_string(state.knob));
    if (!state.current) {
      json[name] = nullptr;
    } else if (state.knob == Knob::compression) {
      json[name] = knob_text(state.knob, *state.current);
    } else {
      json[name] = *state.current;
    }
  }
  return json;
}

}  // namespace nodetune::cli
