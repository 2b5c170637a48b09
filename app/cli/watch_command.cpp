// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <limits>
#include <memory>
#include <vector>

#include "app/cli/support.h"
#include "app/cli/terminal.h"
#include "engine/base/format.h"
#include "engine/node/health.h"
#include "engine/report/live_screen.h"

namespace nodetune::cli {
namespace {

struct WatchArguments {
  std::string directory;
  std::string database;
  std::string metrics;
  std::string seconds;
  bool json = false;
  bool lines = false;
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

// The whole screen, once a second and after each key.
class LiveView {
 public:
  // `all`: the node that was opened; `shown`: it, or the one of its databases that was asked for.
  LiveView(Node& all, Node& shown) : all_(all), shown_(&shown) {}

  // False: q was pressed, or nobody sees it any more.
  bool tick() {
    bool drawn_anew = false;
    while (const auto key = screen_.key()) {
      if (*key == 'q') return false;
      press(*key);
      drawn_anew = true;
    }
    const auto now = std::chrono::steady_clock::now();
    if (!drawn_anew && (paused_ || now - drawn_at_ < kPeriod)) return true;
    drawn_at_ = now;
    return draw();
  }

 private:
  static constexpr auto kPeriod = std::chrono::seconds(1);
  static constexpr std::array<Duration, 4> kSpans = {std::chrono::minutes(5),
                                                     std::chrono::minutes(15),
                                                     std::chrono::hours(1), std::chrono::hours(6)};

  void press(char key) {
    if (key == ' ') paused_ = !paused_;
    if (key == 's') span_ = (span_ + 1) % kSpans.size();
    if (key == 'd') next_database();
  }

  void next_database() {
    std::vector<Node*> choice = {&all_};
    for (const auto& database : all_.databases()) choice.push_back(database.node);
    const auto at = std::find(choice.begin(), choice.end(), shown_);
    shown_ = at == choice.end() || at + 1 == choice.end() ? choice.front() : *(at + 1);
  }

  bool draw() {
    const auto size = screen_.size();
    LiveScreenStyle style;
    style.columns = size.columns;
    style.rows = size.rows;
    style.colour = TerminalScreen::has_colour();
    style.unicode = TerminalScreen::has_unicode();
    style.paused = paused_;
    style.span = kSpans[span_];
    style.keys = "q quit   space pause   s time span";
    if (!all_.databases().empty()) style.keys += "   d next database";
    const auto recorded = shown_->description().recorded;
    const auto now = recorded ? recorded->last : SystemClock::instance().now();
    return screen_.show(live_screen(*shown_, style, now));
  }

  Node& all_;
  Node* shown_;
  TerminalScreen screen_;
  std::size_t span_ = 0;
  bool paused_ = false;
  std::chrono::steady_clock::time_point drawn_at_{};
};

void watch_screen(Node& all, Node& shown, double seconds) {
  LiveView view(all, shown);
  bool goes_on = true;
  wait_while_running(
      seconds, [&] { return !goes_on; }, [&] { goes_on = view.tick(); });
}

void watch_lines(const Node& node, bool json, double seconds) {
  std::uint64_t shown = 0;
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
        json ? print_json(node, *snapshot) : print_text(node, *snapshot);
      });
  std::cout.clear();  // a reader that has seen enough is no failure
}

int run(const WatchArguments& options) {
  catch_signals();
  OpenOptions open;
  open.metrics_url = options.metrics;
  auto opened = open_node(options.directory, open);
  if (!opened) return fail(opened.status());
  const auto chosen = choose_database(**opened, options.database);
  if (!chosen) return fail(chosen.status());
  const double seconds = options.seconds.empty() ? std::numeric_limits<double>::infinity()
                                                 : seconds_of(options.seconds);
  if (options.json || options.lines || !TerminalScreen::is_possible()) {
    watch_lines(**chosen, options.json, seconds);
  } else {
    watch_screen(**opened, **chosen, seconds);
  }
  auto closed = (*opened)->close();
  return closed ? kSuccess : fail(closed);
}

}  // namespace

void add_watch(CLI::App& app, Action& action) {
  auto options = std::make_shared<WatchArguments>();
  auto* const command = app.add_subcommand(
      "watch", "Live figures: on a terminal as a whole screen, else as lines once a second");
  command->add_option("DIR", options->directory, "A database directory")->required();
  add_database_option(*command, options->database);
  add_metrics_option(*command, options->metrics);
  command->add_option("--seconds", options->seconds, "How long; until interrupted if not given")
      ->check(check_seconds);
  command->add_flag("--json", options->json, "One JSON document a line");
  command->add_flag("--lines", options->lines, "Lines, on a terminal too");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace nodetune::cli
