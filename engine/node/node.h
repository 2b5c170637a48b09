// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/metrics/history.h"
#include "engine/metrics/snapshot.h"
#include "engine/node/batch_state.h"
#include "engine/node/cache_state.h"
#include "engine/node/command.h"
#include "engine/node/memory_part.h"
#include "engine/node/memory_state.h"
#include "engine/node/node_event.h"
#include "engine/node/storage_job.h"
#include "engine/objects/block_hold.h"
#include "engine/store/knobs.h"
#include "engine/store/lock_holder.h"
#include "engine/tuner/audit_log.h"
#include "engine/tuner/knob_table.h"
#include "engine/tuner/recommendation.h"
#include "engine/workload/import_progress.h"

namespace nodetune {

enum class OpenWay : std::uint8_t { managed, observed, recorded };
std::string_view to_string(OpenWay way);  // "managed"

// One thing that is known of the node, with where it was found.
struct Fact {
  std::string name;                               // "RocksDB version"
  std::string value;                              // "7.8.3"
  std::string origin;                             // "LOG", "OPTIONS-000123", "/proc/4711"
  std::optional<TimePoint> as_of = std::nullopt;  // when it was so; nothing: at the last look
};

// One option in force, as OPTIONS names it.
struct OptionRow {
  std::string section;  // "DBOptions", "CFOptions \"default\""
  std::string name;
  std::string value;
  // Of the version that wrote it; nothing: not known.
  std::optional<std::string> default_value = std::nullopt;
};

// An option that was not the same at one open as at the open before.
struct OptionChange {
  std::optional<TimePoint> time;  // of the later open; nothing: not known
  std::string section;
  std::string name;
  std::string before;  // empty: it was not there
  std::string after;
  std::string origin;  // "LOG", "OPTIONS-000123"
};

// Something that an operator of this client can set, or wants to and cannot.
struct ClientOption {
  std::string subject;       // "RocksDB block cache", "Open files"
  std::string current;       // in force; empty: not known
  std::string how;           // flag, configuration line or environment variable; empty: hard-coded
  std::string caveat;        // what else is worth knowing; may be empty
  std::optional<Knob> knob;  // where it is one of the eight
};

// What a recording covers: its end is what "now" is for whoever looks at it.
struct RecordedSpan {
  TimePoint first{};
  TimePoint last{};
  Duration step{};           // between two of its samples
  bool zone_known = true;    // else times are the node's local ones, shown as they stand
  bool still_grows = false;  // somebody is writing it
};

struct NodeDescription {
  std::string path;
  OpenWay way = OpenWay::observed;
  std::string reason;                        // why it was opened in this way: one sentence
  std::string kind;                          // "managed", "rocksdb"
  std::string client;                        // "Besu", "NodeTune test bench"; empty: unknown
  std::string rocksdb_version;               // that wrote it; empty: unknown
  std::optional<int> format_version;         // of its SST files
  std::vector<std::string> column_families;  // printable
  std::optional<LockHolder> locked_by;
  std::vector<std::string> databases;  // where the directory holds several: their paths
  std::string zone;      // of times out of LOG: "UTC+05:30", "zone unknown"; empty: not from a LOG
  std::string data_set;  // what the workload is, what of it is real; empty: no workload
  std::optional<RecordedSpan> recorded;  // of a recording alone
  std::vector<Fact> facts;
  std::vector<OptionRow> options;
  std::string defaults_of;                   // whose defaults the options are compared with
  std::vector<OptionChange> option_changes;  // the newest first
  std::vector<ClientOption> client_options;  // what can be set first
  std::string restart_price;                 // what a restart costs: "last open took 41 s, …"
};

// One row of the Tuning page.
struct KnobState {
  Knob knob = Knob::write_buffer_size;
  std::optional<std::int64_t> current;   // nothing: not known, or not the same in all families
  std::string current_text;              // "64 MiB", "16 MiB to 64 MiB", "not stored in OPTIONS"
  std::string origin;                    // "read back from RocksDB", "OPTIONS-000123"
  std::optional<std::int64_t> proposed;  // by a recommendation that waits
  bool settable = false;
  std::string why_not;  // "belongs to the running node"
};

enum class WorkloadState : std::uint8_t {
  none,
  idle,
  preparing,
  running,
  paused,
  finished,
  stopped,
  failed
};
std::string_view to_string(WorkloadState state);

struct WorkloadStatus {
  WorkloadState state = WorkloadState::none;
  std::string text;                    // what it is doing, or why it stopped
  bool asked_to_stop = false;          // stopped: by somebody, not of its own accord
  std::uint64_t blocks = 0;            // submitted since open
  std::uint64_t committed_blocks = 0;  // in the database, since it was made
  std::optional<std::uint64_t> total_blocks;
  std::optional<double> target_blocks_per_second;
  std::optional<HintFigures> hints;     // nothing: blocks run without
  double seconds = 0;                   // spent on blocks since open
  std::optional<ImportFigures> import;  // nothing: it is no import
};

class Node;

// One database of a directory that holds several.
struct NodeDatabase {
  std::string name;      // printable; unique within the directory: "state", "db/full"
  Node* node = nullptr;  // lives as long as the node that told of it; never close it
};

inline constexpr std::size_t kAuditMax = 1'000;  // entries in one answer

// What a front end sees of a node, however it was opened.
//
// Invariant: nothing here waits on the engine: getters copy what was last published, submit()
// queues. What a way of opening cannot know is empty or missing, never invented.
// Thread: any, concurrently. Lifetime: the destructor stops everything; call close() first to
// learn whether all was saved.
class Node {
 public:
  virtual ~Node() = default;

  // Empty where there is but one; else this node is all of them together.
  virtual std::vector<NodeDatabase> databases() const { return {}; }

  virtual NodeDescription description() const = 0;
  virtual std::shared_ptr<const Snapshot> snapshot() const = 0;  // never null
  virtual const History& history() const = 0;
  virtual std::vector<NodeEvent> events(std::uint64_t since_sequence, std::size_t limit) const = 0;
  virtual std::vector<KnobState> knobs() const = 0;
  virtual std::vector<Recommendation> recommendations() const = 0;
  virtual std::vector<AuditEntry> audit() const = 0;   // the newest, ascending
  virtual std::vector<CacheState> caches() const = 0;  // empty: not known from outside
  virtual std::optional<MemoryState> memory() const = 0;
  // Of a foreign node: where its memory goes. Empty: a managed one, or nothing is known.
  virtual std::vector<MemoryPart> memory_parts() const { return {}; }
  // Flushes and compactions that ran between the two times, ascending by begin, the newest `limit`.
  virtual std::vector<StorageJob> jobs(TimePoint begin, TimePoint end, std::size_t limit) const {
    (void)begin, (void)end, (void)limit;
    return {};
  }
  virtual WorkloadStatus workload() const = 0;
  virtual BatchStatus batches() const = 0;

  // The outcome comes back through outcomes(). Busy when the queue is full; failed when this way
  // of opening cannot do it (the message says why).
  virtual Result<Ticket> submit(Command command) = 0;
  virtual std::vector<CommandOutcome> outcomes(Ticket since) const = 0;

  // Stops drivers, drains the committer, stops the rest, closes. Not ok: what could not be saved.
  virtual Status close() = 0;
};

}  // namespace nodetune
