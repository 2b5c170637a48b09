// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/tuner/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/tuner/rule_list.h"

namespace nodetune {
namespace {

constexpr std::array kRules = {
    Rule{rule::kWriteBufferStalls, Knob::write_buffer_size, "Write buffer up on stalls",
         rule::write_buffer_stalls, Knob::max_write_buffer_number},
    Rule{rule::kWriteBufferMemory, Knob::write_buffer_size, "Write buffer down on memory pressure",
         rule::write_buffer_memory, Knob::max_write_buffer_number},
    Rule{rule::kL0Trigger, Knob::level0_file_num_compaction_trigger,
         "Compaction trigger down on level-0 files", rule::l0_trigger},
    Rule{rule::kL0BackgroundJobs, Knob::max_background_jobs, "Background jobs up on level-0 files",
         rule::l0_background_jobs, Knob::level0_file_num_compaction_trigger},
    Rule{rule::kDiskTargetFileSize, Knob::target_file_size_base,
         "Target file size down on a full disk", rule::disk_target_file_size},
    Rule{rule::kBlockCacheLowHits, Knob::block_cache_size, "Block cache up on a low hit ratio",
         rule::block_cache_low_hits},
    Rule{rule::kBlockCacheHighHits, Knob::block_cache_size,
         "Small block cache up on a high hit ratio", rule::block_cache_high_hits},
    Rule{rule::kCompressionCpu, Knob::compression, "Lighter compression on a busy CPU",
         rule::compression_cpu},
    Rule{rule::kCompressionDisk, Knob::compression, "Denser compression on a full disk",
         rule::compression_disk},
};

bool is_up(const Proposal& proposal) {
  return proposal.proposed > proposal.current;
}

const Proposal* find(const std::vector<Proposal>& proposals, std::string_view rule_name) {
  const auto found = std::ranges::find(proposals, rule_name, &Proposal::rule);
  return found == proposals.end() ? nullptr : &*found;
}

void remove(std::vector<Proposal>& proposals, std::string_view rule_name) {
  std::erase_if(proposals, [&](const Proposal& proposal) { return proposal.rule == rule_name; });
}

// `kept` also tells what `other` saw.
void add_evidence(Proposal& kept, const Proposal& other) {
  for (const auto& evidence : other.evidence) {
    const bool known = std::ranges::any_of(kept.evidence, [&](const Evidence& mine) {
      return mine.text == evidence.text && mine.comparison == evidence.comparison;
    });
    if (!known) kept.evidence.push_back(evidence);
  }
}

// Stalls ask for a larger write buffer, memory for a smaller one: a small step down.
void settle_write_buffer(std::vector<Proposal>& proposals, const RuleConfig& config) {
  const auto* const up = find(proposals, rule::kWriteBufferStalls);
  const auto* const down = find(proposals, rule::kWriteBufferMemory);
  if (up == nullptr || down == nullptr) return;
  auto merged = *down;
  merged.proposed =
      std::max(down->proposed, rule::scaled(Knob::write_buffer_size, merged.current,
                                            config.write_buffer_contradiction_factor));
  if (merged.proposed >= merged.current) merged.proposed = down->proposed;
  add_evidence(merged, *up);
  merged.contradiction = Contradiction{
      .first_rule = up->rule,
      .second_rule = down->rule,
      .text = fmt::format(
          "stalls ask for a larger write buffer ({}), memory for a smaller one ({}). Running out "
          "of memory ends the node, a stall only slows it: a small step down is proposed. More "
          "memory, or a smaller cache, would serve both",
          format_knob(Knob::write_buffer_size, up->proposed),
          format_knob(Knob::write_buffer_size, down->proposed))};
  merged.risk = "stalls may last longer; " + merged.risk;
  remove(proposals, rule::kWriteBufferStalls);
  remove(proposals, rule::kWriteBufferMemory);
  proposals.insert(proposals.begin(), std::move(merged));
}

// A cache that wants to grow while memory is short: only with thresholds that overlap. The growth
// is left out and said.
void settle_block_cache(std::vector<Proposal>& proposals) {
  const auto* const down = find(proposals, rule::kWriteBufferMemory);
  if (down == nullptr) return;
  for (const auto name : {rule::kBlockCacheLowHits, rule::kBlockCacheHighHits}) {
    const auto* const grow = find(proposals, name);
    if (grow == nullptr) continue;
    const auto dropped = *grow;
    remove(proposals, name);
    const auto kept = std::ranges::find(proposals, rule::kWriteBufferMemory, &Proposal::rule);
    add_evidence(*kept, dropped);
    const auto text = fmt::format(
        "the block cache would grow to {} while memory asks for less: it is left as it is",
        format_knob(Knob::block_cache_size, dropped.proposed));
    if (kept->contradiction) {
      kept->contradiction->text += "; " + text;
    } else {
      kept->contradiction =
          Contradiction{.first_rule = dropped.rule, .second_rule = kept->rule, .text = text};
    }
  }
}

// At the floor there is nothing left to give back; memory is short all the same, so nothing that
// takes more of it is proposed.
void settle_memory(std::vector<Proposal>& proposals, const TunerFigures& figures,
                   const RuleConfig& config) {
  if (!figures.memory_ratio || !(*figures.memory_ratio > config.memory_ratio_high)) return;
  std::erase_if(proposals, [](const Proposal& proposal) {
    const bool takes_memory = proposal.target.is_knob(Knob::write_buffer_size) ||
                              proposal.target.is_knob(Knob::block_cache_size);
    return takes_memory && is_up(proposal);
  });
}

// Two rules, one direction: the smaller step, with the evidence of both.
void settle_same_direction(std::vector<Proposal>& proposals) {
  std::vector<Proposal> settled;
  for (auto& proposal : proposals) {
    const auto same = std::ranges::find(settled, proposal.target, &Proposal::target);
    if (same == settled.end()) {
      settled.push_back(std::move(proposal));
      continue;
    }
    if (is_up(proposal) ? proposal.proposed < same->proposed : proposal.proposed > same->proposed) {
      std::swap(*same, proposal);
    }
    add_evidence(*same, proposal);
  }
  proposals = std::move(settled);
}

}  // namespace

KnownKnobs KnownKnobs::none() {
  KnobValues least;
  for (const auto knob : kKnobs) least[knob] = knob_info(knob).minimum;
  KnownKnobs knobs(least);
  knobs.proposable.reset();
  knobs.judged.reset();
  return knobs;
}

void KnownKnobs::set(Knob knob, std::int64_t value) {
  set_judged(knob, value);
  proposable.set(index_of(knob));
}

void KnownKnobs::set_judged(Knob knob, std::int64_t value) {
  values[knob] = value;
  judged.set(index_of(knob));
}

std::span<const Rule> rules() {
  return kRules;
}

std::vector<Proposal> evaluate(const TunerFigures& figures, const KnownKnobs& knobs,
                               const RuleConfig& rule_config, const KnobContext& context) {
  const auto& values = knobs.values;
  auto config = rule_config;
  config.families = context.families;
  std::vector<Proposal> proposals;
  for (const auto& each : kRules) {
    if (!each.may_look(knobs)) continue;
    if (auto proposal = each.propose(figures, values, config)) {
      proposals.push_back(std::move(*proposal));
    }
  }
  settle_write_buffer(proposals, config);
  settle_block_cache(proposals);
  settle_memory(proposals, figures, config);
  settle_same_direction(proposals);
  std::erase_if(proposals, [&](const Proposal& proposal) {
    return !validate(proposal.target.knob, proposal.proposed, values, context).is_ok();
  });
  return proposals;
}

}  // namespace nodetune
