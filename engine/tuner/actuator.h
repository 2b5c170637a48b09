// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/store/knobs.h"
#include "engine/tuner/audit_log.h"
#include "engine/tuner/knob_table.h"
#include "engine/tuner/target.h"

namespace nodetune {

class Database;

// What the actuator turns knobs with; Database has these very functions.
class KnobControl {
 public:
  virtual ~KnobControl() = default;
  virtual Result<KnobValues> knobs() = 0;  // as in force, read back
  virtual Status set_knob(Knob knob, std::int64_t value) = 0;
  virtual Status save_knobs(const KnobValues& values) = 0;  // for the next open
};

class DatabaseKnobControl final : public KnobControl {
 public:
  explicit DatabaseKnobControl(Database& database) : database_(database) {}
  Result<KnobValues> knobs() override;
  Status set_knob(Knob knob, std::int64_t value) override;
  Status save_knobs(const KnobValues& values) override;

 private:
  Database& database_;
};

// The same for what is no knob: object caches and the batch threshold. Validation and persistence
// are the implementation's: set() refuses with the reason.
class TargetControl {
 public:
  virtual ~TargetControl() = default;
  virtual Result<std::int64_t> value(const Target& target) = 0;
  virtual Status set(const Target& target, std::int64_t value) = 0;  // and persists
};

// A change that was made.
struct Change {
  std::uint64_t id = 0;  // for undo(); the audit log's
  Target target;
  std::int64_t from = 0;
  std::int64_t to = 0;
};

// Makes changes: validate, intent, set, read back, persist, end of the intent.
//
// Invariant: after a crash at any step and recover(), a value is the old one or the new one
// everywhere: in force, persisted and in the audit log. A failure restores the old value and says
// so; nothing is changed that could not be logged before.
// Thread: any, one change at a time; of a Database the commander's alone.
class Actuator {
 public:
  // `others` may be null: then only knobs can be changed.
  Actuator(KnobControl& knobs, AuditLog& audit, const KnobContext& context = {},
           TargetControl* others = nullptr);

  Result<Change> apply(const Target& target, std::int64_t value, Actor who, std::string_view reason,
                       std::uint64_t recommendation = 0);
  // Puts the old value back, as a new change. Refused when the value has changed since.
  Result<Change> undo(std::uint64_t change, Actor who = Actor::node_operator);
  // At open, before anything else: rolls unfinished intents back; returns what it rolled back.
  Result<std::vector<Change>> recover();

  // Would apply() take it?
  Status check(const Target& target, std::int64_t value);
  Result<std::int64_t> current(const Target& target);
  void set_context(const KnobContext& context);

 private:
  Result<Change> apply_locked(const Target& target, std::int64_t value, Actor who,
                              std::string_view reason, std::uint64_t recommendation);
  Result<std::int64_t> read(const Target& target);
  Status check_locked(const Target& target, std::int64_t value);
  Status set_and_save(const Target& target, std::int64_t value);
  Status give_up(const Change& change, const Status& why);
  Result<std::optional<Change>> roll_back(const AuditEntry& intent);

  KnobControl& knobs_;
  AuditLog& audit_;
  TargetControl* const others_;
  std::mutex mutex_;
  KnobContext context_;  // guarded by mutex_
};

}  // namespace nodetune
