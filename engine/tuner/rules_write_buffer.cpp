// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include "engine/tuner/rule_list.h"

namespace nodetune::rule {

MaybeProposal write_buffer_stalls(const TunerFigures& figures, const KnobValues& values,
                                  const RuleConfig& config) {
  constexpr auto kKnob = Knob::write_buffer_size;
  if (!figures.stalled_seconds || !(*figures.stalled_seconds > config.stalled_seconds_max)) {
    return std::nullopt;
  }
  const auto current = values[kKnob];
  const auto proposed =
      raised(kKnob, current, scaled(kKnob, current, config.write_buffer_grow_factor),
             config.write_buffer_ceiling_bytes);
  if (!proposed) return std::nullopt;
  auto proposal = make(kWriteBufferStalls, kKnob, values, *proposed);
  proposal.evidence.push_back(above(Metric::db_stall_seconds_total, *figures.stalled_seconds,
                                    config.stalled_seconds_max, figures.window_seconds));
  proposal.expected = "fewer flushes and fewer level-0 files: bursts of writes stall less";
  proposal.risk = fmt::format("more memory: {}; a longer replay of the log after a crash",
                              cost_text(kKnob, *proposed, values, {.families = config.families}));
  proposal.reversibility = "at once: the next memtables have the old size again";
  return proposal;
}

MaybeProposal write_buffer_memory(const TunerFigures& figures, const KnobValues& values,
                                  const RuleConfig& config) {
  constexpr auto kKnob = Knob::write_buffer_size;
  if (!figures.memory_ratio || !(*figures.memory_ratio > config.memory_ratio_high)) {
    return std::nullopt;
  }
  const auto current = values[kKnob];
  const auto proposed =
      lowered(kKnob, current, scaled(kKnob, current, config.write_buffer_shrink_factor),
              config.write_buffer_floor_bytes);
  if (!proposed) return std::nullopt;
  auto proposal = make(kWriteBufferMemory, kKnob, values, *proposed);
  proposal.evidence.push_back(
      above(Metric::system_memory_ratio, *figures.memory_ratio, config.memory_ratio_high));
  proposal.expected =
      fmt::format("less memory: {}; the system is less likely to end the process",
                  cost_text(kKnob, *proposed, values, {.families = config.families}));
  proposal.risk = "more flushes and level-0 files, so more compaction and maybe stalls";
  proposal.reversibility = "at once: the next memtables have the old size again";
  return proposal;
}

}  // namespace nodetune::rule
