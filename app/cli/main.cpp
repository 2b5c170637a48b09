// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// nodetune-cli: the engine without a window. Needs no Qt.
#include <exception>
#include <iostream>

#include "app/cli/commands.h"
#include "engine/base/logging.h"

namespace {

// A full disk behind standard output must not look like success.
int unless_output_failed(int exit_code) {
  std::cout.flush();
  if (std::cout || exit_code != nodetune::cli::kSuccess) return exit_code;
  std::cerr << "nodetune-cli: standard output could not be written: the output is not complete\n";
  return nodetune::cli::kFailure;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace nodetune;
  CLI::App app("Storage monitor and tuner for blockchain nodes, without a window", "nodetune-cli");
  app.set_version_flag("--version", "nodetune-cli " NODETUNE_VERSION);
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);
  bool verbose = false;
  app.add_flag("--verbose", verbose, "Log what the engine does to standard error");

  cli::Action action;
  cli::add_open(app, action);
  cli::add_run(app, action);
  cli::add_watch(app, action);
  cli::add_knobs(app, action);
  cli::add_recommend(app, action);
  cli::add_record(app, action);
  cli::add_report(app, action);
  cli::add_log(app, action);
  cli::add_mrc(app, action);
  cli::add_cache_sim(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return unless_output_failed(app.exit(error) == 0 ? cli::kSuccess : cli::kUsage);
  }
  set_log_verbose(verbose);
  try {
    return unless_output_failed(action());
  } catch (const std::exception& error) {  // memory, a closed pipe: nothing else throws this far
    std::cerr << "nodetune-cli: " << error.what() << '\n';
    return cli::kFailure;
  }
}
