// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/files/directory_kind.h"
#include "engine/files/directory_listing.h"
#include "engine/files/log_place.h"
#include "engine/files/manifest.h"
#include "engine/files/options_file.h"
#include "engine/metrics/problem.h"
#include "engine/observe/client_profile.h"
#include "engine/observe/log_head.h"
#include "engine/observe/lost_files.h"
#include "engine/observe/orphans.h"
#include "engine/observe/table_figures.h"
#include "engine/store/lock_holder.h"

namespace nodetune {

// An OPTIONS file, and the eight knobs in it.
struct ObservedOptions {
  std::string name;  // "OPTIONS-000060"
  OptionsFile file;
  std::vector<ObservedKnobs> knobs;  // one a column family
};

// What the ends of SST files are, compared with what the MANIFEST expects.
struct TableCheck {
  std::int64_t files = 0;             // that the MANIFEST names
  std::int64_t checked = 0;           // of them; a sample where there are many
  std::optional<int> format_version;  // the newest seen
  std::vector<Problem> damaged;       // one a file
};

// What a RocksDB directory is known to hold, but for its LOG. Parts that have not changed are
// shared with the observation before; a part that cannot be read is null, and `problems` say why.
struct Observation {
  std::string path;
  DirectoryKind kind = DirectoryKind::rocksdb;      // or managed
  std::shared_ptr<const DirectoryListing> listing;  // never null
  std::shared_ptr<const ObservedOptions> options;
  std::shared_ptr<const Manifest> manifest;
  std::optional<TimePoint> manifest_changed;  // when its file was last written to
  TableCheck tables;
  std::shared_ptr<const TableFigures> table_figures;  // what the files say; null without MANIFEST
  std::optional<Orphans> orphans;                     // nothing: not known yet
  std::optional<LockHolder> holder;
  LogPlace log_place;
  LogHead log_head;
  RecognisedClient client;
  std::vector<Problem> problems;

  std::string rocksdb_version() const;  // of the writer; empty: unknown
  // Raw names: of the MANIFEST, else of OPTIONS.
  std::vector<std::string> families() const;
  // The same without a `default` that this client leaves unused, for people.
  std::vector<std::string> family_titles() const;
  bool shows_family(const ManifestColumnFamily& family) const;
};

struct ObserverLimits {
  std::size_t tables_first_max = 256;  // ends of SST files that the first look reads
  std::size_t tables_each_max = 32;    // and every later one, of new files and of the rest
  std::size_t damaged_max = 20;        // sentences kept
  double busy_share_max = 0.05;        // of the time; a big directory is read less often
  Duration idle_min = std::chrono::milliseconds(900);       // between two looks at the same thing
  Duration holder_idle = std::chrono::milliseconds(4'900);  // at a lock that nobody holds
  // What nobody waits for (SST files that no look has read yet, orphans, lost files) comes
  // seldom.
  double seldom_share_max = 0.005;  // of the time
  Duration seldom_idle = std::chrono::seconds(10);
};

// Looks at a directory again and again, as cheaply as it can: what has not changed is not read
// again, and what takes long is read less often.
//
// Writes nothing, takes no lock, holds no file open. Thread: one at a time.
class DirectoryObserver {
 public:
  DirectoryObserver(std::string path, Clock& clock, const ObserverLimits& limits = {});

  // The first error is returned (no permission, gone); later ones become problems.
  Result<std::shared_ptr<const Observation>> refresh();

 private:
  // When a costly look is due again: after `cost` it rests so long that the share is kept.
  struct Pace {
    SteadyTime next{};
    bool is_due(SteadyTime now) const { return now >= next; }
  };
  struct Rest {
    double busy_share_max;
    Duration idle_min;
  };
  struct Checked {
    std::string damage;  // one sentence; empty: it is whole
    bool missing = false;
    std::optional<TableRow> row;  // what it says of itself
  };
  template <typename Work>
  void paced(Pace& pace, const Rest& rest, Work&& work);

  // `known`: from an earlier look, which is what stays on the screen.
  Problem why_unknown(std::string_view what, bool known, const Status& status) const;
  void find_holder(Observation& now);
  Status list(Observation& now);
  void read_options(Observation& now);
  void read_tree(Observation& now);
  void check_tables(Observation& now);
  void check_table(const ManifestFile& file, const Observation& now);
  void sum_up_checks(Observation& now);
  void read_on(Observation& now);
  void recognise(Observation& now);
  void collect_problems(Observation& now) const;

  const std::string path_;
  Clock& clock_;
  const ObserverLimits limits_;
  ManifestFollower manifest_;
  std::shared_ptr<const Observation> last_;
  const Rest often_{limits_.busy_share_max, limits_.idle_min};
  const Rest seldom_{limits_.seldom_share_max, limits_.seldom_idle};
  Pace holder_pace_;
  Pace listing_pace_;
  Pace manifest_pace_;
  Pace tables_pace_;
  Pace strays_pace_;
  TimePoint manifest_modified_{};
  std::int64_t manifest_bytes_ = -1;
  std::string manifest_name_;
  std::optional<Problem> options_problem_;
  std::optional<Problem> manifest_problem_;
  std::optional<Problem> listing_problem_;
  std::map<std::uint64_t, Checked> checked_;  // by SST number
  std::size_t rounds_ = 0;                    // of looks at tables
  TableNames names_;
  TableCheck tables_;
  OrphanWatch orphans_;
  LostFileWatch lost_watch_;
  std::vector<std::string> lost_files_;  // names
};

// "sudo -u besu nodetune-cli open /data/besu": what works where this user may not read. Empty when
// nobody else owns it.
std::string owner_command(const std::string& path);

}  // namespace nodetune
