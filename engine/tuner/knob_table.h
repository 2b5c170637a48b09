// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "engine/metrics/snapshot.h"
#include "engine/store/family.h"
#include "engine/store/knobs.h"

namespace nodetune {

enum class TakesEffect : std::uint8_t { at_once, new_files, after_reopen };
std::string_view to_string(TakesEffect takes_effect);  // "at once", "new files only" …

// What an operator has to know about one knob.
//
// Invariant: [minimum, maximum] lies inside the store's safety limits (store/knob_safety).
struct KnobInfo {
  Knob knob;
  std::string_view title;  // "Write buffer size"
  std::string_view unit;   // "bytes", "memtables", "files", "jobs", "bits per key"; may be empty
  std::int64_t default_value;
  std::int64_t minimum;  // what a person may set
  std::int64_t maximum;
  double step_factor_max;  // the tuner's largest factor in one change, up or down
  TakesEffect takes_effect;
  std::string_view effect_note;  // "the active memtable included"
  std::string_view why_limited;  // what RocksDB or the machine does outside the range
  std::string_view cost;         // "size × number × families of memory"
  std::string_view help;         // what it does, when to raise and when to lower it
  std::string_view source;       // where range and behaviour were learned
};

// One row a knob, in kKnobs' order.
std::span<const KnobInfo> knob_table();
const KnobInfo& knob_info(Knob knob);

// What the machine allows; missing figures are not checked.
struct KnobContext {
  double memory_limit_bytes = kMissing;  // of the control group, else of the machine
  int families = static_cast<int>(kFamilyCount);
  double memory_share_max = 0.9;  // of the limit, for memtables and block cache together
};

// write_buffer_size × max_write_buffer_number × families: what memtables may take at most.
double memtable_bytes_max(const KnobValues& values, int families);
// "64 MiB × 3 × 8 families = 1.5 GiB": what the value costs beside the other knobs' values.
std::string cost_text(Knob knob, std::int64_t value, const KnobValues& current,
                      const KnobContext& context);

// May `knob` become `value` while the others stay as they are? Not ok: what is wrong, the allowed
// range, why, and what to do. A change that lowers memory is allowed even where the sum stays too
// high.
Status validate(Knob knob, std::int64_t value, const KnobValues& current,
                const KnobContext& context = {});

}  // namespace nodetune
