// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include "engine/tuner/rule_list.h"

namespace nodetune::rule {
namespace {

bool compaction_is_behind(const TunerFigures& figures, const KnobValues& values,
                          const RuleConfig& config) {
  const auto trigger = static_cast<double>(values[Knob::level0_file_num_compaction_trigger]);
  return figures.l0_files && *figures.l0_files > trigger * config.l0_files_per_trigger_max;
}

Evidence l0_evidence(const TunerFigures& figures, const KnobValues& values,
                     const RuleConfig& config) {
  const auto trigger = static_cast<double>(values[Knob::level0_file_num_compaction_trigger]);
  auto evidence =
      above(Metric::db_l0_files, *figures.l0_files, trigger * config.l0_files_per_trigger_max);
  if (!figures.l0_family.empty()) {
    evidence.text = fmt::format("Level-0 files of {}", figures.l0_family);
  }
  return evidence;
}

}  // namespace

MaybeProposal l0_trigger(const TunerFigures& figures, const KnobValues& values,
                         const RuleConfig& config) {
  constexpr auto kKnob = Knob::level0_file_num_compaction_trigger;
  if (!compaction_is_behind(figures, values, config)) return std::nullopt;
  const auto current = values[kKnob];
  const auto proposed = lowered(kKnob, current, scaled(kKnob, current, config.l0_trigger_factor),
                                config.l0_trigger_floor);
  if (!proposed) return std::nullopt;
  auto proposal = make(kL0Trigger, kKnob, values, *proposed);
  proposal.evidence.push_back(l0_evidence(figures, values, config));
  proposal.expected = "compactions start earlier: fewer level-0 files to read, later stalls";
  proposal.risk = "more write amplification: level 1 is rewritten more often";
  proposal.reversibility = "at once; files that were compacted stay so";
  return proposal;
}

MaybeProposal l0_background_jobs(const TunerFigures& figures, const KnobValues& values,
                                 const RuleConfig& config) {
  constexpr auto kKnob = Knob::max_background_jobs;
  if (!compaction_is_behind(figures, values, config)) return std::nullopt;
  const auto current = values[kKnob];
  const auto proposed =
      raised(kKnob, current, current + config.background_jobs_step, config.max_background_jobs);
  if (!proposed) return std::nullopt;
  auto proposal = make(kL0BackgroundJobs, kKnob, values, *proposed);
  proposal.evidence.push_back(l0_evidence(figures, values, config));
  proposal.expected = "more compactions at once: level 0 drains sooner";
  proposal.risk = "compactions compete with reads for CPU and disk";
  if (figures.cpu_ratio && *figures.cpu_ratio > config.cpu_ratio_high) {
    proposal.risk += fmt::format(", and the CPU is at {:.0f} % already", *figures.cpu_ratio * 100);
  }
  proposal.reversibility = "scheduling at once; the threads stay until the process ends";
  return proposal;
}

MaybeProposal disk_target_file_size(const TunerFigures& figures, const KnobValues& values,
                                    const RuleConfig& config) {
  constexpr auto kKnob = Knob::target_file_size_base;
  if (!figures.disk_remaining_ratio ||
      !(*figures.disk_remaining_ratio < config.disk_remaining_critical)) {
    return std::nullopt;
  }
  const auto current = values[kKnob];
  const auto proposed =
      lowered(kKnob, current, scaled(kKnob, current, config.target_file_size_factor),
              config.target_file_size_floor_bytes);
  if (!proposed) return std::nullopt;
  auto proposal = make(kDiskTargetFileSize, kKnob, values, *proposed);
  proposal.evidence.push_back(below(Metric::disk_free_ratio, *figures.disk_remaining_ratio,
                                    config.disk_remaining_critical));
  proposal.expected =
      "smaller compactions: they need less free space while they run and give space back sooner";
  proposal.risk = "more files, so more file handles; it frees no space by itself";
  proposal.reversibility = "at once for new files; the small ones stay until they are compacted";
  return proposal;
}

}  // namespace nodetune::rule
