// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/batch/batch_config.h"
#include "engine/batch/batch_figures.h"
#include "engine/batch/batch_size_controller.h"
#include "engine/batch/write_path.h"
#include "engine/node/stall_watch.h"
#include "engine/store/durability.h"

namespace nodetune {

// How writes get on, worst last.
enum class BatchFlow : std::uint8_t {
  idle,     // nothing waits
  flowing,  // commits keep up
  held_up,  // callers wait for room, or RocksDB slows writes down
  stopped,  // RocksDB lets no write through
  failing,  // the last commit failed
};

// One way to write, as it has been used.
struct PathState {
  WritePath path = WritePath::sorted;
  std::string name = {};  // "Sorted write batch"
  std::uint64_t commits = 0;
  std::uint64_t operations = 0;
  double seconds = 0;     // of all of them
  std::string when = {};  // "from 1,450 operations": when it is chosen; empty: not said
};

// One durability, and what it costs here.
struct DurabilityState {
  Durability durability = Durability::log;
  bool in_force = false;
  std::string name = {};      // "Write-ahead log and fsync"
  std::string survives = {};  // "a power failure"
  std::string price = {};     // "fsync costs 4.1 ms a commit here …", "not measured yet"
};

// The committer, for the Batches page.
struct BatchStatus {
  bool available = false;
  int auto_commit_threshold = 0;
  int min_threshold = 0;
  int max_threshold = 0;
  bool failing = false;
  std::string failure = {};  // why, and which groups
  std::string remedy = {};   // of a failure: what to do before the retry

  BatchSizeMode mode = BatchSizeMode::adaptive;
  double commit_seconds_max = 0;  // of the adaptive mode
  std::string choice = {};        // why commits hold what they hold, in words with figures
  std::vector<DurabilityState> durabilities = {};
  std::vector<PathState> paths = {};
  std::string path_choice = {};  // how the path is chosen; empty: not said

  BatchFlow flow = BatchFlow::idle;
  std::string flow_text = {};  // "RocksDB has stopped writes (level-0 files) …"
  std::uint64_t pending_operations = 0;
  std::uint64_t pending_bytes = 0;
  std::uint64_t max_pending_bytes = 0;
  std::uint64_t waiting_callers = 0;
  double longest_wait_seconds = 0;
};

// Pure functions: from what is measured to what is said.
struct BatchFlowState {
  BatchFlow flow = BatchFlow::idle;
  std::string text;
};
BatchFlowState describe_flow(const BatchFigures& figures, const WriteStall& stall);
// What to do about a failed commit before it is tried again.
std::string failure_remedy(StatusCode code);
std::vector<DurabilityState> describe_durabilities(const BatchFigures& figures);
std::vector<PathState> describe_paths(const BatchFigures& figures);
std::string describe_path_choice(const BatchFigures& figures);
// Why commits hold what they hold, in the mode in force.
std::string describe_choice(const BatchFigures& figures, const BatchSizeController::Choice& choice);

std::string_view display_name(Durability durability);
std::string_view display_name(BatchSizeMode mode);
std::string_view display_name(WritePath path);

}  // namespace nodetune
