// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>
#include <string>

#include "engine/tuner/actuator.h"

namespace nodetune::test {

// A process that dies: nothing of the code under test runs after it.
struct Death {};

// A database as the actuator sees it: knobs in force (gone with the process) and persisted ones.
class FakeKnobs final : public KnobControl {
 public:
  enum class Step { knobs, set_before, set_after, save_before, save_after };

  Result<KnobValues> knobs() override {
    step(Step::knobs);
    if (fail_reads) return Status(StatusCode::io_error, "cannot be read");
    return in_force;
  }
  Status set_knob(Knob knob, std::int64_t value) override {
    step(Step::set_before);
    ++sets;
    if (fail_sets > 0) {
      --fail_sets;
      return {StatusCode::failed, "the database refused"};
    }
    in_force[knob] = takes_other_value ? value + 1 : value;
    takes_other_value = false;
    step(Step::set_after);
    return Status::ok();
  }
  Status save_knobs(const KnobValues& values) override {
    step(Step::save_before);
    if (fail_saves > 0) {
      --fail_saves;
      return {StatusCode::no_space, "no room for NODETUNE.json"};
    }
    persisted = values;
    step(Step::save_after);
    return Status::ok();
  }

  void reopen() { in_force = persisted; }

  KnobValues in_force = KnobValues::defaults();
  KnobValues persisted = KnobValues::defaults();
  int sets = 0;
  int fail_sets = 0;  // so many of the next calls fail
  int fail_saves = 0;
  bool fail_reads = false;
  bool takes_other_value = false;  // once
  std::optional<int> die_at;       // the so-manyth step from now

 private:
  void step(Step) {
    if (die_at && (*die_at)-- == 0) {
      die_at.reset();
      throw Death();
    }
  }
};

class FakeTargets final : public TargetControl {
 public:
  Result<std::int64_t> value(const Target&) override { return now; }
  Status set(const Target&, std::int64_t value) override {
    if (value > 1'000) return {StatusCode::invalid_argument, "at most 1000"};
    now = value;
    return Status::ok();
  }
  std::int64_t now = 100;
};

}  // namespace nodetune::test
