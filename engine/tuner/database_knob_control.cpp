// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/store/database.h"
#include "engine/tuner/actuator.h"

namespace nodetune {

Result<KnobValues> DatabaseKnobControl::knobs() {
  return database_.knobs();
}

Status DatabaseKnobControl::set_knob(Knob knob, std::int64_t value) {
  return database_.set_knob(knob, value);
}

Status DatabaseKnobControl::save_knobs(const KnobValues& values) {
  return database_.save_knobs(values);
}

}  // namespace nodetune
