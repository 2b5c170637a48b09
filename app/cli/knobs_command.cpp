// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include <iostream>
#include <limits>
#include <memory>
#include <utility>

#include "app/cli/support.h"
#include "engine/base/format.h"

namespace nodetune::cli {
namespace {

struct KnobsArguments {
  std::string directory;
  std::vector<std::string> assignments;
  bool json = false;
};

Result<SetKnob> parse_assignment(const std::string& text) {
  const auto equals = text.find('=');
  const auto name = text.substr(0, equals);
  const auto knob = knob_from(name);
  if (equals == std::string::npos || !knob) {
    std::string names;
    for (const auto each : kKnobs)
      names += fmt::format("{}{}", names.empty() ? "" : ", ", to_string(each));
    return Status(
        StatusCode::invalid_argument,
        fmt::format("'{}' is not KNOB=VALUE; the knobs are {}", escape_name(text), names));
  }
  const auto value = parse_knob(*knob, text.substr(equals + 1));
  if (!value) return value.status();
  return SetKnob{*knob, *value};
}

Status apply(Node& node, const SetKnob& change) {
  const auto ticket = node.submit(change);
  if (!ticket) return ticket.status();
  std::vector<CommandOutcome> outcomes;
  wait_while_running(std::numeric_limits<double>::infinity(), [&] {
    outcomes = node.outcomes(*ticket - 1);
    return !outcomes.empty();
  });
  if (outcomes.empty()) return {StatusCode::cancelled, "interrupted"};
  if (outcomes.front().status) std::cerr << outcomes.front().text << '\n';
  return outcomes.front().status;
}

void print(const Node& node, bool json) {
  if (json) {
    std::cout << knobs_json(node.knobs()).dump(2) << '\n';
    return;
  }
  std::cout << fmt::format("{:<36}{:<22}{:<14}{:<26}{}\n", "knob", "current", "default", "range",
                           "takes effect, or why it cannot be set");
  // What another program gives a database by default is not known.
  const bool ours = node.description().way == OpenWay::managed;
  for (const auto& state : node.knobs()) {
    const auto& row = knob_info(state.knob);
    const auto range = fmt::format("{} to {}", format_knob(state.knob, row.minimum),
                                   format_knob(state.knob, row.maximum));
    std::cout << fmt::format(
        "{:<36}{:<22}{:<14}{:<26}{}\n", to_string(state.knob), state.current_text,
        ours ? format_knob(state.knob, row.default_value) : "not known", range,
        state.settable ? std::string(to_string(row.takes_effect)) : state.why_not);
  }
}

int run(const KnobsArguments& options) {
  catch_signals();
  std::vector<SetKnob> changes;
  for (const auto& text : options.assignments) {
    const auto change = parse_assignment(text);
    if (!change) return fail(change.status());
    changes.push_back(*change);
  }
  auto opened = open_node(options.directory);
  if (!opened) return fail(opened.status());
  auto& node = **opened;
  for (const auto& change : changes) {
    if (auto status = apply(node, change); !status) return fail(status);
  }
  print(node, options.json);
  auto closed = node.close();
  return closed ? kSuccess : fail(closed);
}

}  // namespace

void add_knobs(CLI::App& app, Action& action) {
  auto options = std::make_shared<KnobsArguments>();
  auto* const command = app.add_subcommand("knobs", "Show the eight knobs, or set some");
  command->add_option("DIR", options->directory, "A database directory")->required();
  command->add_option("KNOB=VALUE", options->assignments, "Such as write_buffer_size=128MiB");
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace nodetune::cli
