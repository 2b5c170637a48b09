// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace nodetune::cli {

// Exit codes of both programs.
inline constexpr int kSuccess = 0;
inline constexpr int kFailure = 1;
inline constexpr int kUsage = 2;

// What the chosen subcommand will do; returns the exit code.
using Action = std::function<int()>;

// Each adds its subcommand, and sets `action` when it is chosen.
void add_open(CLI::App& app, Action& action);
void add_run(CLI::App& app, Action& action);
void add_watch(CLI::App& app, Action& action);
void add_knobs(CLI::App& app, Action& action);
void add_recommend(CLI::App& app, Action& action);
void add_record(CLI::App& app, Action& action);
void add_report(CLI::App& app, Action& action);
void add_log(CLI::App& app, Action& action);
void add_mrc(CLI::App& app, Action& action);
void add_cache_sim(CLI::App& app, Action& action);

}  // namespace nodetune::cli
