// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "app/cli/commands.h"
#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/node/choose_database.h"
#include "engine/node/node.h"
#include "engine/node/open_node.h"

namespace nodetune::cli {

// Control characters, which a path may hold, as \x0a: for a terminal.
std::string on_one_line(std::string_view text);

// The message to standard error, on one line; returns kFailure.
int fail(const Status& status);

// From now on SIGINT and SIGTERM only set a flag, so that the node can be closed properly.
void catch_signals();
bool interrupted();

// Waits until `done()`, `seconds` have passed, or a signal has come; calls `tick` about ten times
// a second.
void wait_while_running(double seconds, const std::function<bool()>& done,
                        const std::function<void()>& tick = {});

// Nothing more will come: a recording that nobody writes any more.
bool is_past(const Node& node);

// What people write for sizes, spans and shares, as CLI11 validators and readers.
std::string check_size(const std::string& text);  // CLI11 validators: empty when fine
std::string check_seconds(const std::string& text);
std::string check_percent(const std::string& text);
std::int64_t size_of(const std::string& text);  // of a checked text
double seconds_of(const std::string& text);
double ratio_of_percent(const std::string& text);

// --database NAME, for choose_database().
void add_database_option(CLI::App& command, std::string& name);

// --metrics URL, of a node that is observed.
void add_metrics_option(CLI::App& command, std::string& url);

// A figure, or null where it is missing: JSON has no NaN.
nlohmann::json figure(double value);
nlohmann::json batches_json(const Snapshot& snapshot);
nlohmann::json database_json(const Snapshot& snapshot);
nlohmann::json knobs_json(const std::vector<KnobState>& knobs);
nlohmann::json histogram_json(const Snapshot& snapshot, Metric metric);

}  // namespace nodetune::cli
