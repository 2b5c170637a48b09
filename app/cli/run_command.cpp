// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <iostream>
#include <limits>
#include <memory>
#include <optional>

#include "app/cli/batch_options.h"
#include "app/cli/support.h"
#include "app/cli/workload_options.h"
#include "engine/base/format.h"
#include "engine/report/report.h"

namespace nodetune::cli {
namespace {

struct RunArguments {
  std::string directory;
  WorkloadOptions workload;
  std::string seconds;
  std::string report;
  bool json = false;
  bool progress = false;
  BatchOptions batches;
  std::string cache_budget;
  std::string arbiter;
  bool arbiter_acts = false;
};

// Nothing where none of its options was given: as the directory was left.
std::optional<ArbiterSettings> arbiter_of(const RunArguments& options) {
  if (options.cache_budget.empty() && options.arbiter.empty() && !options.arbiter_acts) {
    return std::nullopt;
  }
  ArbiterSettings settings;
  settings.mode = arbiter_mode_from(options.arbiter).value_or(ArbiterMode::curves);
  if (!options.cache_budget.empty()) {
    settings.budget_bytes = static_cast<std::uint64_t>(size_of(options.cache_budget));
  }
  settings.acts = options.arbiter_acts;
  return settings;
}

nlohmann::json to_json(const HintCounters& hints) {
  return {{"hinted", hints.hinted},
          {"first_touches", hints.first_touches},
          {"served_from_memory", hints.served_from_memory},
          {"first_touch_ratio", figure(hints.first_touch_ratio())}};
}

// Null without hints.
nlohmann::json hints_json(const std::optional<HintFigures>& hints) {
  if (!hints) return nullptr;
  auto json = to_json(hints->all());
  json["blocks"] = hints->blocks;
  for (const auto kind : kObjectKinds) {
    const auto& counters = hints->kinds[index_of(kind)];
    if (counters.hinted > 0) json["kinds"][std::string(to_string(kind))] = to_json(counters);
  }
  return json;
}

// What an import has brought in by this run.
void add_import(nlohmann::json& document, const WorkloadStatus& workload) {
  const auto number = [](const std::optional<std::uint64_t>& block) -> nlohmann::json {
    if (!block) return nullptr;
    return *block;
  };
  document["bytes"] = workload.import->bytes;
  document["first"] = number(workload.import->first);
  document["last"] = number(workload.import->last);
  document["seconds"] = workload.seconds;
  document["blocks_per_second"] =
      figure(workload.seconds > 0 ? static_cast<double>(workload.import->blocks) / workload.seconds
                                  : kMissing);
}

nlohmann::json run_batches_json(const Node& node) {
  auto json = batches_json(*node.snapshot());
  const auto batches = node.batches();
  json["size_mode"] = to_string(batches.mode);
  json["commit_seconds_max"] = batches.commit_seconds_max;
  json["choice"] = batches.choice;
  json["flow"] = batches.flow_text;
  for (const auto& one : batches.durabilities) {
    if (one.in_force) json["durability"] = to_string(one.durability);
    json["durability_prices"][std::string(to_string(one.durability))] = one.price;
  }
  json["path_choice"] = batches.path_choice;
  return json;
}

void print_json(const Node& node) {
  const auto snapshot = node.snapshot();
  const auto workload = node.workload();
  nlohmann::json caches = nlohmann::json::array();
  for (const auto& cache : node.caches()) caches.push_back(nlohmann::json::parse(to_json(cache)));
  nlohmann::json document = {
      {"path", node.description().path},
      {"data_set", node.description().data_set},
      {"state", to_string(workload.state)},
      {"why", workload.text},
      {"blocks", workload.blocks},
      {"block_seconds", histogram_json(*snapshot, Metric::workload_block_seconds)},
      {"caches", caches},
      {"hints", hints_json(workload.hints)},
      {"batches", run_batches_json(node)},
      {"database", database_json(*snapshot)},
      {"knobs", knobs_json(node.knobs())},
  };
  if (workload.import) add_import(document, workload);
  std::cout << document.dump(2) << '\n';
}

void print_text(const Node& node) {
  const auto workload = node.workload();
  std::cout << node.description().data_set << '\n'
            << fmt::format("{} blocks, {}: {}\n\n", workload.blocks, to_string(workload.state),
                           workload.text)
            << fmt::format("{:<14}{:>12}{:>12}{:>9}{:>12}{:>12}{:>12}\n", "cache", "hits", "misses",
                           "hit", "evictions", "bytes", "capacity");
  for (const auto& cache : node.caches()) {
    const auto& counters = cache.counters;
    const auto lookups = counters.lookups();
    const double ratio =
        lookups == 0 ? kMissing : static_cast<double>(counters.hits) / static_cast<double>(lookups);
    std::cout << fmt::format("{:<14}{:>12}{:>12}{:>9}{:>12}{:>12}{:>12}\n", to_string(cache.kind),
                             counters.hits, counters.misses, format_ratio(ratio),
                             counters.evictions, format_bytes(static_cast<double>(counters.bytes)),
                             format_bytes(static_cast<double>(counters.capacity_bytes)));
  }
  const auto batches = node.batches();
  std::cout << '\n' << batches.choice << '\n';
  for (const auto& one : batches.durabilities) {
    if (one.in_force) std::cout << fmt::format("{}: {}\n", one.name, one.price);
  }
  std::cout << '\n' << assess_health(*node.snapshot(), node.history()).sentence << '\n';
}

bool ended(const Node& node) {
  switch (node.workload().state) {
    case WorkloadState::finished:
    case WorkloadState::stopped:
    case WorkloadState::failed:
    case WorkloadState::none:
      return true;
    case WorkloadState::idle:
    case WorkloadState::preparing:
    case WorkloadState::running:
    case WorkloadState::paused:
      return false;
  }
  return true;
}

// One line each time more blocks are in the database: what was printed survives a crash.
class Progress {
 public:
  explicit Progress(const Node& node) : node_(node) {}
  void tick() {
    const auto committed = node_.workload().committed_blocks;
    if (committed == last_) return;
    last_ = committed;
    nlohmann::json line = {{"committed_blocks", committed}};
    if (const auto import = node_.workload().import) {
      line["done_ratio"] = import->done_ratio;
      line["blocks_per_second"] = figure(import->blocks_per_second);
      line["bytes_per_second"] = figure(import->bytes_per_second);
      line["seconds_left"] = figure(import->seconds_left);
    }
    std::cout << line.dump() << std::endl;
  }

 private:
  const Node& node_;
  std::uint64_t last_ = 0;
};

// "block 46,399, 37 %, 18.2 k blocks/s, 12 MiB/s, 2 min 20 s left".
std::string import_line(const ImportFigures& import) {
  auto line = fmt::format("block {}, {}", *import.last, format_ratio(import.done_ratio));
  if (std::isfinite(import.blocks_per_second)) {
    line += fmt::format(", {} blocks/s, {}/s", format_count(import.blocks_per_second),
                        format_bytes(import.bytes_per_second));
  }
  if (std::isfinite(import.seconds_left)) {
    line += fmt::format(", {} left", format_seconds(import.seconds_left));
  }
  return line;
}

// For people who wait: how far an import is, to standard error.
class ImportLines {
 public:
  explicit ImportLines(const Node& node) : node_(node) {}
  void tick() {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < kPeriod) return;
    const auto import = node_.workload().import;
    if (!import || !import->last) return;
    last_ = now;
    std::cerr << import_line(*import) << std::endl;
  }

 private:
  static constexpr auto kPeriod = std::chrono::seconds(2);
  const Node& node_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

// Whoever waits for an import must see that it is not whole.
Status unfinished(const WorkloadStatus& workload) {
  if (!workload.import || workload.state != WorkloadState::stopped || !interrupted()) {
    return Status::ok();
  }
  return {StatusCode::cancelled,
          fmt::format("the import was stopped {}; run the same command again, and it goes on there",
                      workload.import->last ? fmt::format("behind block {}", *workload.import->last)
                                            : std::string("before its first block"))};
}

int run(const RunArguments& options) {
  catch_signals();
  OpenOptions open;
  open.create_if_missing = true;
  open.workload = options.workload.spec();
  open.start_workload = true;
  open.batch_settings = options.batches.settings();
  open.batches.path = options.batches.write_path();
  open.arbiter = arbiter_of(options);
  if (options.progress) open.sample_period = std::chrono::milliseconds(20);
  auto opened = open_node(options.directory, open);
  if (!opened) return fail(opened.status());
  auto& node = **opened;
  if (node.description().way != OpenWay::managed) {
    return fail({StatusCode::invalid_argument,
                 fmt::format("{} is not NodeTune's own directory: a workload would change it; "
                             "choose an empty directory",
                             options.directory)});
  }
  Progress progress(node);
  ImportLines import_lines(node);
  const double seconds = options.seconds.empty() ? std::numeric_limits<double>::infinity()
                                                 : seconds_of(options.seconds);
  wait_while_running(
      seconds, [&] { return ended(node); },
      [&] {
        if (options.progress) progress.tick();
        if (!options.progress && !options.json) import_lines.tick();
      });
  auto closed = node.close();
  if (options.progress) progress.tick();
  if (options.json) {
    print_json(node);
  } else if (!options.progress) {
    print_text(node);
  }
  if (!options.report.empty()) {
    ReportOptions report_options;
    if (const auto format = report_format_of(options.report)) {
      report_options.points_max = points_max_for(*format);
    }
    const auto report = make_report(node, report_options, SystemClock::instance());
    if (auto status = write_report(report, options.report, report_options); !status) {
      return fail(status);
    }
  }
  const auto workload = node.workload();
  if (workload.state == WorkloadState::failed) return fail({StatusCode::failed, workload.text});
  if (auto status = unfinished(workload); closed && !status) return fail(status);
  return closed ? kSuccess : fail(closed);
}

}  // namespace

void add_run(CLI::App& app, Action& action) {
  auto options = std::make_shared<RunArguments>();
  auto* const command = app.add_subcommand(
      "run", "Drive a test bench: run a workload through the engine in NodeTune's own directory");
  command->add_option("DIR", options->directory, "An empty or managed directory")->required();
  options->workload.add_to(*command);
  command
      ->add_option("--for", options->seconds, "How long, such as 60s; until it ends if not given")
      ->check(check_seconds);
  command->add_option("--report", options->report, "Write a report: .html, .csv, .json or .md");
  options->batches.add_to(*command);
  command
      ->add_option("--cache-budget", options->cache_budget,
                   "Memory for all caches, the RocksDB block cache and the memtables")
      ->check(check_size);
  command
      ->add_option("--arbiter", options->arbiter,
                   "What shares it: the specification's rules, miss-ratio curves, or nothing")
      ->check(CLI::IsMember({"specification", "curves", "off"}));
  command->add_flag("--arbiter-acts", options->arbiter_acts,
                    "Let it make its moves itself; else they are recommendations");
  auto* const json =
      command->add_flag("--json", options->json, "Print one JSON document at the end");
  command
      ->add_flag("--progress", options->progress,
                 "Print a JSON line whenever more blocks are committed")
      ->excludes(json);
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace nodetune::cli
