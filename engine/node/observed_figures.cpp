// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The catalogue's metrics, as far as they can be known from outside; the rest stays missing.
#include <algorithm>

#include "engine/base/format.h"
#include "engine/metrics/stall_conditions.h"
#include "engine/node/observed_tables.h"
#include "engine/node/observed_views.h"

namespace nodetune {
namespace {

const LevelStats* dumped_level(const LogSummary& log, const std::string& family, int level) {
  const auto dump = log.family_dumps.find(family);
  if (dump == log.family_dumps.end()) return nullptr;
  for (const auto& row : dump->second.levels) {
    if (row.level == level) return &row;
  }
  return nullptr;
}

// The tree is of this moment; score and amplification are of the node's last statistics.
void fill_tree(const Observation& seen, const LogSummary& log, Snapshot& snapshot) {
  if (!seen.manifest) return;
  double worst_l0 = 0;
  for (const auto& [id, family] : seen.manifest->column_families) {
    if (!seen.shows_family(family)) continue;
    FamilyFigures figures;
    figures.name = family_title(seen.client.profile, family.name);
    figures.l0_files = 0;
    for (const auto& total : family.levels()) {
      figures.files += total.files;
      figures.bytes += total.bytes;
      if (total.level == 0) figures.l0_files = static_cast<double>(total.files);
      LevelFigures level;
      level.family = figures.name;
      level.level = total.level;
      level.files = total.files;
      level.bytes = total.bytes;
      if (const auto* row = dumped_level(log, family.name, total.level)) {
        level.score = row->score.value_or(kMissing);
        level.write_amplification = row->write_amplification.value_or(kMissing);
        level.read_bytes = row->read_bytes.value_or(kMissing);
        level.write_bytes = row->written_bytes.value_or(kMissing);
      }
      snapshot.levels.push_back(std::move(level));
    }
    const auto dump = log.family_dumps.find(family.name);
    if (dump != log.family_dumps.end()) {
      figures.pending_compaction_bytes = dump->second.pending_compaction_bytes.value_or(kMissing);
    }
    worst_l0 = std::max(worst_l0, figures.l0_files);
    snapshot.families.push_back(std::move(figures));
  }
  const auto live = seen.manifest->total();
  snapshot.set(Metric::db_sst_files, static_cast<double>(live.files));
  snapshot.set(Metric::db_sst_bytes, static_cast<double>(live.bytes));
  snapshot.set(Metric::db_l0_files, worst_l0);
}

// Counters out of a LOG that is only partly read would jump once the rest is: not before.
void fill_log(const ObservedLog& log, Snapshot& snapshot) {
  const auto& story = log.story;
  if (!log.complete || story.records == 0) return;
  snapshot.set(Metric::db_flushes_total, static_cast<double>(story.flush_totals.count));
  snapshot.set(Metric::db_flush_bytes_total, static_cast<double>(story.flush_totals.output_bytes));
  snapshot.set(Metric::db_compactions_total, static_cast<double>(story.compaction_totals.count));
  snapshot.set(Metric::db_compaction_read_bytes_total,
               static_cast<double>(story.compaction_totals.input_bytes));
  snapshot.set(Metric::db_compaction_write_bytes_total,
               static_cast<double>(story.compaction_totals.output_bytes));
  if (story.cumulative_stall_seconds) {
    snapshot.set(Metric::db_stall_seconds_total, *story.cumulative_stall_seconds);
  }
  for (const auto& condition : kStallConditions) {
    const auto action = condition.stopped ? StallAction::stop : StallAction::delay;
    std::int64_t count = 0;
    for (const auto& [key, times] : story.stall_counts) {
      if (std::get<1>(key) == condition.cause && std::get<2>(key) == action) count += times;
    }
    snapshot.set(condition.entered, static_cast<double>(count));
  }
  snapshot.stalls = counted_stalls(log);
}

// As the node last wrote it down, while it runs and that was not long ago.
void fill_debt(const Observation& seen, const ObservedLog& log, Snapshot& snapshot) {
  if (!seen.holder || !log.last_dump || !log.story.utc_offset) return;
  const double age = to_seconds(snapshot.taken_at - log.last_dump->time);
  const double interval = log.last_dump->interval_seconds.value_or(0);
  if (age > kDumpAgeMax * interval) return;
  double debt = log.story.family_dumps.empty() ? kMissing : 0;
  for (const auto& [name, dump] : log.story.family_dumps) {
    debt += dump.pending_compaction_bytes.value_or(kMissing);  // versions before 8 leave it out
  }
  snapshot.set(Metric::db_pending_compaction_bytes, debt);
}

}  // namespace

void fill_observed(const Observation& seen, const ObservedLog& log, Snapshot& snapshot) {
  fill_tree(seen, log.story, snapshot);
  if (!seen.manifest) {  // what lies there, live or not, is still true
    const auto& tables = seen.listing->total(DatabaseFileType::sst);
    snapshot.set(Metric::db_sst_files, static_cast<double>(tables.files));
    snapshot.set(Metric::db_sst_bytes, static_cast<double>(tables.bytes));
  }
  fill_log(log, snapshot);
  if (log.last_dump && log.story.utc_offset) {
    const double age = to_seconds(snapshot.taken_at - log.last_dump->time);
    snapshot.set(Metric::db_statistics_age_seconds, std::max(0.0, age));
  }
  fill_debt(seen, log, snapshot);
  fill_tables(seen, snapshot);
  fill_block_cache(memory_of(seen, log, snapshot, seen.holder.has_value()), snapshot);
}

}  // namespace nodetune
