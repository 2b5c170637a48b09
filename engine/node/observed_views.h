// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/files/log_summary.h"
#include "engine/metrics/snapshot.h"
#include "engine/node/node.h"
#include "engine/node/observed_memory.h"
#include "engine/observe/drive_look.h"
#include "engine/observe/observation.h"
#include "engine/observe/other_users.h"
#include "engine/tuner/rules.h"

namespace nodetune {

inline constexpr double kDumpAgeMax = 1.5;  // of its interval: then the next one is overdue

// The story that the LOGs tell, as far as they have been read.
struct ObservedLog {
  const LogSummary& story;         // counts and totals; its lists are not looked at
  bool complete = false;           // all files were read: totals may be shown
  std::int64_t bytes = 0;          // of all files
  std::optional<Problem> problem;  // why there is none; nothing: there is
  std::optional<LoggedRecovery> last_open;
  std::optional<LoggedDump> last_dump;
  // Why the LOG itself is not read, where older ones are.
  std::optional<Problem> newest_problem = std::nullopt;
};

// What a front end sees of a database but for its figures.
struct ObservedView {
  NodeDescription description;
  std::vector<KnobState> knobs;
  DatabaseMemory memory;
  std::vector<MemoryPart> memory_parts;
};

// From what was read to what a front end sees. Pure functions.
// How often writers were slowed and stopped since the node's last start, by cause: RocksDB's own
// counters out of its last statistics. Empty: it has written none since, or none with counters.
std::vector<StallCount> counted_stalls(const ObservedLog& log);
// Likewise by its write buffer manager, of which no other line tells; nothing: not known.
std::optional<std::int64_t> stops_by_buffer_manager(const ObservedLog& log);
std::vector<Problem> problems_of(const Observation& seen, const ObservedLog& log);
NodeDescription describe(const Observation& seen, const ObservedLog& log);
std::vector<KnobState> knob_states(const Observation& seen, const ObservedLog& log);
// The eight knobs as far as they are known. Of one that is not the same in all families the rules
// judge the value of the family that matters: the largest memtables, the fullest level 0.
KnownKnobs known_knobs(const std::vector<KnobState>& states, const Observation& seen);
// The lists of `fresh` in the order of their times, each as one event.
std::vector<NodeEvent> logged_events(const LogSummary& fresh, const ClientProfile* client);
// `snapshot.taken_at` is set already.
void fill_observed(const Observation& seen, const ObservedLog& log, Snapshot& snapshot);

// What the options and the LOG say of memory.
void add_memory_facts(const Observation& seen, const ObservedLog& log, std::vector<Fact>& facts);
// From the system's and the process's figures.
void add_machine_facts(const Snapshot& snapshot, const std::optional<LockHolder>& holder,
                       std::vector<Fact>& facts);
// What the drives say of themselves, and who else has files of the directory open.
void add_drive_facts(const std::vector<DriveLook>& drives, std::vector<Fact>& facts);
void add_user_facts(const FileUsers& found, const std::optional<LockHolder>& holder,
                    std::vector<Fact>& facts);
// How long the disk lasts. `growth_window_seconds`: over which growth was measured.
void add_growth_facts(const Snapshot& snapshot, double growth_window_seconds,
                      std::vector<Fact>& facts);

}  // namespace nodetune
