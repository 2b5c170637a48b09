// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include <iostream>
#include <limits>
#include <memory>

#include "app/cli/support.h"
#include "engine/base/format.h"
#include "engine/node/health.h"

namespace nodetune::cli {
namespace {

struct Options {
  std::string directory;
  std::string database;
  std::string metrics;
  std::string seconds;
  bool json = false;
};

void print_json(const Node& node, const Snapshot& snapshot) {
  const auto health = assess_health(snapshot, node.history());
  nlohmann::json line = {{"time", to_epoch_seconds(snapshot.taken_at)},
                         {"health", to_string(health.level)},
                         {"sentence", health.sentence}};
  auto& figures = line["figures"];
  for (const auto& metric : catalogue()) {
    if (metric.kind == MetricKind::histogram) continue;
    const bool counter = metric.kind == MetricKind::counter;
    const double value = counter ? snapshot.rate(metric.id) : snapshot.value(metric.id);
    if (value != value) continue;  // missing is left out
    auto name = metric.name + (metric.label.empty() ? "" : "{" + metric.label + "}");
    figures[counter ? name + "_per_second" : name] = value;
  }
  for (const auto& database : node.databases()) {
    const auto one = assess_health(*database.node->snapshot(), database.node->history());
    line["databases"][database.name] = {{"health", to_string(one.level)},
                                        {"sentence", one.sentence}};
  }
  std::cout << line.dump() << std::endl;
}

std::string share(double ratio) {
  return format_ratio(ratio);
}

void print_text(const Node& node, const Snapshot& snapshot) {
  const auto per_second = [&](Metric metric) { return format_bytes(snapshot.rate(metric)) + "/s"; };
  std::cout << fmt::format(
                   "{}  stalled {}  written {}  compacted {}  debt {}  L0 {}  memory {}  disk free "
                   "{}  cpu {}",
                   format_time_utc(snapshot.taken_at),
                   share(snapshot.rate(Metric::db_stall_seconds_total)),
                   per_second(Metric::db_bytes_written_total),
                   per_second(Metric::db_compaction_write_bytes_total),
                   format_bytes(snapshot.value(Metric::db_pending_compaction_bytes)),
                   format_count(snapshot.value(Metric::db_l0_files)),
                   share(snapshot.value(Metric::system_memory_ratio)),
                   share(snapshot.value(Metric::disk_free_ratio)),
                   share(snapshot.value(Metric::system_cpu_ratio)))
            << "\n  " << assess_health(snapshot, node.history()).sentence << '\n';
  for (const auto& database : node.databases()) {
    const auto one = assess_health(*database.node->snapshot(), database.node->history());
    const bool its_own = one.cause == HealthCause::compaction || one.cause == HealthCause::load;
    if (its_own) std::cout << "  " << database.name << ": " << one.sentence << '\n';
  }
  std::cout << std::flush;
}

int run(const Options& options) {
  catch_signals();
  OpenOptions open;
  open.metrics_url = options.metrics;
  auto opened = open_node(options.directory, open);
  if (!opened) return fail(opened.status());
  const auto chosen = choose_database(**opened, options.database);
  if (!chosen) return fail(chosen.status());
  auto& node = **chosen;
  std::uint64_t shown = 0;
  const double seconds = options.seconds.empty() ? std::numeric_limits<double>::infinity()
                                                 : seconds_of(options.seconds);
  const bool past = is_past(node);
  if (past) {
    std::cerr << fmt::format(
        "nodetune-cli: a recording, which ended at {}: this is its last state\n",
        format_time_utc(node.description().recorded->last));
  }
  wait_while_running(
      seconds, [&] { return !std::cout || (past && shown > 0); },
      [&] {
        const auto snapshot = node.snapshot();
        if (snapshot->sequence == shown) return;
        shown = snapshot->sequence;
        options.json ? print_json(node, *snapshot) : print_text(node, *snapshot);
      });
  std::cout.clear();  // a reader that has seen enough is no failure
  auto closed = (*opened)->close();
  return closed ? kSuccess : fail(closed);
}

}  // namespace

void add_watch(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  auto* const command = app.add_subcommand("watch", "Print live figures, once a second");
  command->add_option("DIR", options->directory, "A database directory")->required();
  add_database_option(*command, options->database);
  add_metrics_option(*command, options->metrics);
  command->add_option("--seconds", options->seconds, "How long; until interrupted if not given")
      ->check(check_seconds);
  command->add_flag("--json", options->json, "One JSON document a line");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace nodetune::cli
