// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/tuner/rules.h"

// The rules of seed 8.3, one function each, and what they share. For rules*.cpp alone.
namespace nodetune::rule {

inline constexpr std::string_view kWriteBufferStalls = "write_buffer_stalls";
inline constexpr std::string_view kWriteBufferMemory = "write_buffer_memory";
inline constexpr std::string_view kL0Trigger = "l0_compaction_trigger";
inline constexpr std::string_view kL0BackgroundJobs = "l0_background_jobs";
inline constexpr std::string_view kDiskTargetFileSize = "disk_target_file_size";
inline constexpr std::string_view kBlockCacheLowHits = "block_cache_low_hits";
inline constexpr std::string_view kBlockCacheHighHits = "block_cache_high_hits";
inline constexpr std::string_view kCompressionCpu = "compression_cpu";
inline constexpr std::string_view kCompressionDisk = "compression_disk";

using MaybeProposal = std::optional<Proposal>;

MaybeProposal write_buffer_stalls(const TunerFigures&, const KnobValues&, const RuleConfig&);
MaybeProposal write_buffer_memory(const TunerFigures&, const KnobValues&, const RuleConfig&);
MaybeProposal l0_trigger(const TunerFigures&, const KnobValues&, const RuleConfig&);
MaybeProposal l0_background_jobs(const TunerFigures&, const KnobValues&, const RuleConfig&);
MaybeProposal disk_target_file_size(const TunerFigures&, const KnobValues&, const RuleConfig&);
MaybeProposal block_cache_low_hits(const TunerFigures&, const KnobValues&, const RuleConfig&);
MaybeProposal block_cache_high_hits(const TunerFigures&, const KnobValues&, const RuleConfig&);
MaybeProposal compression_cpu(const TunerFigures&, const KnobValues&, const RuleConfig&);
MaybeProposal compression_disk(const TunerFigures&, const KnobValues&, const RuleConfig&);

// value × factor, rounded down as the specification does, within the knob's step limit.
std::int64_t scaled(Knob knob, std::int64_t value, double factor);

// Raised, but not above `ceiling` nor the knob's range; nothing when that leaves no rise. A value
// that stands above the ceiling already is left alone, never lowered.
std::optional<std::int64_t> raised(Knob knob, std::int64_t current, std::int64_t wanted,
                                   std::int64_t ceiling);
// The same downwards.
std::optional<std::int64_t> lowered(Knob knob, std::int64_t current, std::int64_t wanted,
                                    std::int64_t floor);

Evidence above(Metric metric, double value, double threshold, double window_seconds = kMissing);
Evidence below(Metric metric, double value, double threshold, double window_seconds = kMissing);

// Of the RocksDB block cache; a derived figure, so of no metric.
Evidence hit_ratio_evidence(Comparison comparison, double value, double threshold,
                            double window_seconds);

// What the evidence's figure is in another window.
std::optional<double> figure_of(const Evidence& evidence, const TunerFigures& figures);

Proposal make(std::string_view rule, Knob knob, const KnobValues& values, std::int64_t proposed);

}  // namespace nodetune::rule
