// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/batch/batch_config.h"
#include "engine/cache/arbiter_mode.h"
#include "engine/chain/object_kind.h"
#include "engine/store/durability.h"
#include "engine/store/knobs.h"

namespace nodetune {

struct SetKnob {
  Knob knob = Knob::write_buffer_size;
  std::int64_t value = 0;
};
struct UndoChange {
  std::uint64_t change_id = 0;  // of the audit log
};
struct DecideRecommendation {
  enum class Decision : std::uint8_t { approve, override_value, reject };
  std::uint64_t id = 0;
  Decision decision = Decision::approve;
  std::int64_t value = 0;  // of an override
};
// The operator has copied what an approved recommendation of a foreign node asks for: from now on
// the program watches for the restart that brings it into force.
struct FollowRecommendation {
  std::uint64_t id = 0;
};
struct ResizeCache {
  ObjectKind kind = ObjectKind::block;
  std::int64_t capacity_bytes = 0;
};
struct SetBatchThreshold {
  int operations = 0;
};
// Who decides the batch size, and the limit that the adaptive mode keeps.
struct SetBatchSizeMode {
  BatchSizeMode mode = BatchSizeMode::adaptive;
  double commit_seconds_max = 0.05;
};
struct SetDurability {
  Durability durability = Durability::log;
};
// The specification's rules, now: optimize_cache_sizes becomes recommendations, optimize_batch_size
// changes the threshold (not an adaptive one).
struct OptimizeCaches {};
struct OptimizeBatchSize {};
// How memory is shared among the caches, from now on and after a reopen.
struct SetArbiter {
  ArbiterMode mode = ArbiterMode::specification;
  std::uint64_t budget_bytes = 0;  // caches, block cache, memtables; 0: what they have now
  bool acts = false;               // makes its moves itself, else recommends them
};
struct ControlWorkload {
  enum class Action : std::uint8_t { start, pause, resume, stop };
  Action action = Action::start;
};
struct RetryCommit {};  // after the cause of a failed commit is gone
struct TuneNow {};      // does not wait for the interval

using Command =
    std::variant<SetKnob, UndoChange, DecideRecommendation, ResizeCache, SetBatchThreshold,
                 OptimizeCaches, OptimizeBatchSize, ControlWorkload, RetryCommit, TuneNow,
                 SetArbiter, SetBatchSizeMode, SetDurability, FollowRecommendation>;

using Ticket = std::uint64_t;

// What became of a command.
struct CommandOutcome {
  Ticket ticket = 0;
  TimePoint time{};
  Status status;
  std::string text;  // "write_buffer_size: 64 MiB -> 96 MiB, in force"
};

}  // namespace nodetune
