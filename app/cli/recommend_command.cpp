// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "app/cli/support.h"
#include "engine/base/format.h"

namespace nodetune::cli {
namespace {

struct RecommendArguments {
  std::string directory;
  std::string database;
  std::string metrics;
  std::string seconds = "10s";
  bool json = false;
};

// Why the rules could not look, where that is so.
std::string obstacle(const Node& node) {
  constexpr std::size_t kLookedAt = 1'000;
  std::string text;
  for (const auto& event : node.events(0, kLookedAt)) {
    const bool speaks = event.category == EventCategory::recommendation;
    if (speaks && event.severity != Severity::info) text = event.text;
  }
  return text;
}

void print_follow_up(const FollowUp& follow_up) {
  std::cout << fmt::format("  followed  {} since {}: {}\n", to_string(follow_up.stage),
                           format_time_utc(follow_up.since), follow_up.text);
  for (const auto& hint : follow_up.hints) std::cout << "  look at   " << hint << '\n';
  for (const auto& each : follow_up.comparison) std::cout << "  compared  " << each << '\n';
}

// What a restart costs is told once, where something waits for it.
void print_restart(const Node& node, const std::vector<Recommendation>& items) {
  const auto waiting = std::ranges::count_if(items, [](const Recommendation& item) {
    return item.follow_up && item.follow_up->stage == FollowUp::Stage::awaiting_restart &&
           !is_final(item.state);
  });
  if (waiting == 0) return;
  std::cout << fmt::format("{} change{} for one restart: {}\n", waiting,
                           waiting == 1 ? " waits" : "s wait", node.description().restart_price);
}

void print_text(const Node& node, const std::vector<Recommendation>& items) {
  if (items.empty()) {
    const auto why = obstacle(node);
    std::cout << (why.empty() ? "No recommendation: no rule saw a figure beyond its threshold."
                              : "No recommendation: " + why)
              << '\n';
    return;
  }
  for (const auto& item : items) {
    const auto& proposal = item.proposal;
    if (!item.database.empty()) std::cout << item.database << ": ";
    std::cout << fmt::format("{}: {} -> {}  ({})\n", title(proposal.target),
                             format_value(proposal.target, proposal.current),
                             format_value(proposal.target, item.value()), to_string(item.state));
    for (const auto& evidence : proposal.evidence) {
      std::cout << "  because   " << sentence(evidence) << '\n';
    }
    if (proposal.contradiction) std::cout << "  but       " << proposal.contradiction->text << '\n';
    std::cout << "  expected  " << proposal.expected << "\n  risk      " << proposal.risk
              << "\n  back      " << proposal.reversibility << '\n';
    for (const auto& note : item.notes) std::cout << "  memory    " << note << '\n';
    if (!item.apply.empty()) std::cout << "  apply     " << item.apply << '\n';
    if (item.follow_up) print_follow_up(*item.follow_up);
  }
}

// What is followed up since earlier stands there from the beginning.
bool has_proposal(const std::vector<Recommendation>& items) {
  return std::ranges::any_of(items, [](const Recommendation& item) {
    return item.state == RecommendationState::proposed;
  });
}

int run(const RecommendArguments& options) {
  catch_signals();
  OpenOptions open;
  open.metrics_url = options.metrics;
  const double seconds = seconds_of(options.seconds);
  // One round at the end of the watching, whatever the usual interval.
  if (seconds > 0) open.tuner.interval = from_seconds(seconds);
  auto opened = open_node(options.directory, open);
  if (!opened) return fail(opened.status());
  const auto chosen = choose_database(**opened, options.database);
  if (!chosen) return fail(chosen.status());
  auto& node = **chosen;
  constexpr double kLastRound = 3;                 // the sampler's and the tuner's own seconds
  const bool several = !node.databases().empty();  // each may have something to say
  wait_while_running(seconds + kLastRound, [&] {
    return is_past(node) || (!several && has_proposal(node.recommendations()));
  });
  const auto items = node.recommendations();
  auto closed = (*opened)->close();
  if (options.json) {
    auto list = nlohmann::json::array();
    for (const auto& item : items) list.push_back(nlohmann::json::parse(to_json(item)));
    std::cout << list.dump(2) << '\n';
  } else {
    print_text(node, items);
    print_restart(node, items);
  }
  return closed ? kSuccess : fail(closed);
}

}  // namespace

void add_recommend(CLI::App& app, Action& action) {
  auto options = std::make_shared<RecommendArguments>();
  auto* const command = app.add_subcommand(
      "recommend", "Watch for a while, then print recommendations with evidence");
  command->add_option("DIR", options->directory, "A database directory")->required();
  add_database_option(*command, options->database);
  add_metrics_option(*command, options->metrics);
  command->add_option("--for", options->seconds, "How long to watch first")
      ->check(check_seconds)
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace nodetune::cli
