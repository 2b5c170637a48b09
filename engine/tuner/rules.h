// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/format.h"
#include "engine/metrics/history.h"
#include "engine/metrics/snapshot.h"
#include "engine/store/knobs.h"
#include "engine/tuner/knob_table.h"
#include "engine/tuner/recommendation.h"

namespace nodetune {

// What the rules look at: one tuning interval. A figure that nobody could read is absent, and a
// rule that needs it stays silent.
struct TunerFigures {
  double window_seconds = kMissing;
  std::optional<double> stalled_seconds;  // in the window
  std::optional<double> memory_ratio;     // at its end; of the control group's limit or the machine
  std::optional<double> l0_files;         // at its end, in the worst family
  std::string l0_family;                  // which one; may be empty
  std::optional<double> disk_remaining_ratio;   // at its end
  std::optional<double> block_cache_hit_ratio;  // in the window; absent without lookups
  std::optional<double> block_cache_lookups;    // in the window
  std::optional<double> cpu_ratio;              // mean of the window, where History knows it
};

// The window between two snapshots. A counter that went back (a reopen) gives no figure. `history`
// (may be null) turns the CPU gauge, which covers one sample, into the window's mean.
TunerFigures figures_from(const Snapshot& older, const Snapshot& newer,
                          const History* history = nullptr);

// Thresholds, factors, floors and ceilings. Source: seed 8.3, where nothing else is said.
struct RuleConfig {
  // Write buffer
  double stalled_seconds_max = 5;  // in one tuning interval
  double write_buffer_grow_factor = 1.5;
  double memory_ratio_high = 0.9;
  double write_buffer_shrink_factor = 0.8;
  // When stalls ask for more and memory for less: a small step down. Running out of memory ends
  // the node, a stall only slows it. Ours; the specification does both, one after the other.
  double write_buffer_contradiction_factor = 0.9;
  std::int64_t write_buffer_floor_bytes = 8 * kMiB;      // ours: smaller only makes tiny L0 files
  std::int64_t write_buffer_ceiling_bytes = 512 * kMiB;  // ours: times number times families

  // Compaction
  double l0_files_per_trigger_max = 2;
  double l0_trigger_factor = 0.75;
  std::int64_t l0_trigger_floor = 2;  // ours: at 1 every flush starts a compaction
  std::int64_t background_jobs_step = 2;
  std::int64_t max_background_jobs = 16;  // MAX_BACKGROUND_JOBS; the value is ours
  double disk_remaining_critical = 0.1;
  double target_file_size_factor = 0.5;
  std::int64_t target_file_size_floor_bytes = 8 * kMiB;  // ours: smaller costs file handles

  // RocksDB block cache
  double hit_ratio_low = 0.8;
  double memory_ratio_for_growth = 0.7;
  double block_cache_grow_factor = 1.2;
  double hit_ratio_high = 0.95;
  double memory_ratio_for_more = 0.5;
  double block_cache_more_factor = 1.5;
  std::int64_t max_recommended_cache_bytes = 4 * kGiB;  // MAX_RECOMMENDED_CACHE_SIZE; value ours
  double block_cache_lookups_min = 100;  // ours: a ratio of a handful of lookups says nothing

  // Compression
  double cpu_ratio_high = 0.9;
  double disk_remaining_plenty = 0.3;
  double disk_remaining_low = 0.15;

  int families = static_cast<int>(kFamilyCount);  // whose memtables a cost counts
};

// What the rules know of the eight knobs. Of a foreign database some may not be known, or not be
// the same in all its families: rules that need such a one are left out.
struct KnownKnobs {
  KnownKnobs(const KnobValues& all)
      : values(all) {  // implicit: of a managed database all are known
    proposable.set();
    judged.set();
  }
  // None yet: each counts with the least that it may be.
  static KnownKnobs none();
  void set(Knob knob, std::int64_t value);         // one value in all families
  void set_judged(Knob knob, std::int64_t value);  // several: this one is for looking, not changing

  bool is_one(Knob knob) const { return proposable[index_of(knob)]; }
  bool is_judged(Knob knob) const { return judged[index_of(knob)]; }

  KnobValues values;
  std::bitset<kKnobCount> proposable;
  std::bitset<kKnobCount> judged;  // the proposable ones among them
};

// A pure function: nothing when its figures are absent, not beyond the threshold, or when floor and
// ceiling leave nothing to change.
struct Rule {
  std::string_view name;  // "write_buffer_stalls"
  Knob knob;
  std::string_view title;  // "Write buffer up on stalls"
  std::optional<Proposal> (*propose)(const TunerFigures&, const KnobValues&, const RuleConfig&);
  std::optional<Knob> looks_at = std::nullopt;  // another knob whose value it needs

  bool may_look(const KnownKnobs& knobs) const {
    return knobs.is_one(knob) && (!looks_at || knobs.is_judged(*looks_at));
  }
};

// Every rule of the specification, in its order.
std::span<const Rule> rules();

// All rules on one window: at most one proposal a knob. Rules that contradict each other become one
// proposal that says so; what validate() would refuse is left out.
std::vector<Proposal> evaluate(const TunerFigures& figures, const KnownKnobs& knobs,
                               const RuleConfig& config, const KnobContext& context = {});

}  // namespace nodetune
