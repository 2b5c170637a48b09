// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/recording/recording_format.h"
#include "engine/recording/sqlite_file.h"

namespace nodetune {

// Whose recording it is: a file goes on with the same node, and with no other.
struct RecordedIdentity {
  std::string id;    // RocksDB's own of the database, else its path
  std::string path;  // where it was; for people
};

// Writes a recording: one writer a file, everything of one commit() or nothing of it.
//
// The file stays below the limit: when it comes near, the oldest samples are merged, from one a
// second to one in ten, a minute, ten minutes (counters keep their gains, gauges their means); only
// then the oldest of all go. Killed at any moment it leaves what was committed.
// Thread: one at a time.
class RecordingWriter {
 public:
  struct Limits {
    std::int64_t bytes_max = 256 << 20;  // of the file: a week at one sample a second
    double thin_above = 0.9;             // of bytes_max
    double events_share = 0.2;           // of bytes_max
    std::int64_t event_bytes = 200;      // an event takes about so much
    double jobs_share = 0.2;             // of bytes_max
    std::int64_t job_bytes = 150;        // a job takes about so much, with its index
  };
  static constexpr std::int64_t kBytesMin = 1 << 20;

  // Creates `path`, or goes on with it. Errors: another node's, no recording, written by a newer
  // NodeTune, being written by somebody, damaged, no permission, full disk.
  static Result<std::unique_ptr<RecordingWriter>> open(const std::string& path,
                                                       const RecordedIdentity& identity,
                                                       const Limits& limits);
  static Result<std::unique_ptr<RecordingWriter>> open(const std::string& path,
                                                       const RecordedIdentity& identity) {
    return open(path, identity, Limits{});
  }
  ~RecordingWriter();

  // The time of the newest sample; the epoch when there is none.
  TimePoint last_time() const { return last_time_; }
  TimePoint last_event_time() const { return last_event_time_; }

  // Held in memory until commit().
  void add(RecordedSample sample) { samples_.push_back(std::move(sample)); }
  void add(RecordedEvent event) { events_.push_back(std::move(event)); }
  void add(RecordedJob job) { jobs_.push_back(std::move(job)); }  // one that is known is not kept
  void put(std::string_view document, std::string json);
  // Makes it durable, and room where it is needed.
  Status commit();

  Result<std::int64_t> bytes();  // of the file, free pages not counted

 private:
  explicit RecordingWriter(const Limits& limits) : limits_(limits) {}
  Status lock(const std::string& path);
  Status prepare(const RecordedIdentity& identity);
  Status create(const RecordedIdentity& identity);
  Status learn_metrics();
  Status write_held();
  Status write_sample(int level, const RecordedSample& sample);
  Status write_jobs();
  Result<std::int64_t> number_of(Metric metric);
  Status make_room();
  Status thin(int level);
  Result<bool> drop_surplus();
  Status drop(std::string_view table, std::string_view where, std::int64_t rows);

  const Limits limits_;
  std::string lock_path_;
  int lock_ = -1;
  std::unique_ptr<SqliteFile> file_;
  std::map<Metric, std::int64_t> metrics_;
  std::vector<RecordedSample> samples_;
  std::vector<RecordedEvent> events_;
  std::vector<RecordedJob> jobs_;
  std::map<std::string, std::string, std::less<>> documents_;
  std::map<std::string, std::string, std::less<>> stored_;  // documents as they are in the file
  TimePoint last_time_{};
  TimePoint last_event_time_{};
};

// Whether some program is writing `path` now.
bool is_being_recorded(const std::string& path);

// "figures" of a sample, with the numbers of `metrics`; and back.
std::string encode_figures(const RecordedSample& sample,
                           const std::map<Metric, std::int64_t>& metrics);
// Numbers that are not known (a newer NodeTune's) are left out; bytes that make no sense, too.
void decode_figures(std::string_view bytes, const std::map<std::int64_t, Metric>& metrics,
                    RecordedSample& sample);

// One sample of several that follow each other: what counters gained is kept, gauges become means.
RecordedSample merged(const std::vector<RecordedSample>& samples);

}  // namespace nodetune
