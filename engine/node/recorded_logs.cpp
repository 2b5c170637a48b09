// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/recorded_logs.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/base/format.h"
#include "engine/files/file_reader.h"
#include "engine/files/log_summariser.h"
#include "engine/node/job_ring.h"
#include "engine/node/node_event.h"
#include "engine/node/observed_jobs.h"
#include "engine/node/observed_options.h"
#include "engine/node/observed_views.h"
#include "engine/node/recorded_rules.h"
#include "engine/node/recorded_timeline.h"

namespace nodetune {
namespace {

// So little that no list of the summariser's overflows between two looks at them.
constexpr std::size_t kChunkBytes = 128 * 1024;

// The files as they are read: one story, with every entry of it in its place.
class LogStory {
 public:
  using GoOn = std::function<bool(std::int64_t)>;
  explicit LogStory(const LogsAlone& logs, GoOn go_on = {})
      : logs_(logs), go_on_(std::move(go_on)) {}

  Status read() {
    std::size_t read = 0;
    for (const auto& file : logs_.files) {
      if (auto status = read_file(file); status) {
        ++read;
      } else if (status.code() == StatusCode::cancelled) {
        return status;
      } else {
        problem_ = status;
        unread_.push_back(status.message());
      }
    }
    if (read == 0) return problem_;
    take_lists();
    if (story().records == 0) {
      return {StatusCode::not_a_database,
              fmt::format("{}: holds no line of a RocksDB LOG", logs_.path)};
    }
    const auto offset = story().utc_offset.value_or(Duration{});
    for (const auto& file : logs_.files) {
      timeline_.add_run(file.first - offset, file.last - offset);
      add_edge(file.first - offset, file, "begins");
      add_edge(file.last - offset, file, "ends");
    }
    return Status::ok();
  }

  const LogSummary& story() const { return summariser_.summary(); }
  const RecordedTimeline& timeline() const { return timeline_; }
  const std::optional<LoggedRecovery>& last_open() const { return last_open_; }
  const std::optional<LoggedDump>& last_dump() const { return last_dump_; }
  const std::vector<std::string>& unread() const { return unread_; }

  // Ascending by their ends.
  std::vector<StorageJob> jobs(const ClientProfile* client) const {
    std::vector<StorageJob> jobs;
    const auto add = [&](const auto& each) {
      if (auto job = job_of(each, client)) jobs.push_back(*std::move(job));
    };
    for (const auto& each : flushes_) add(each);
    for (const auto& each : compactions_) add(each);
    std::stable_sort(jobs.begin(), jobs.end(),
                     [](const StorageJob& a, const StorageJob& b) { return a.end < b.end; });
    const auto surplus = jobs.size() - std::min(jobs.size(), kJobsKept);
    jobs.erase(jobs.begin(), jobs.begin() + static_cast<std::ptrdiff_t>(surplus));
    return jobs;
  }

  std::vector<NodeEvent> take_events(const ClientProfile* client) {
    LogSummary kept;
    kept.flushes = std::move(flushes_);
    kept.compactions = std::move(compactions_);
    kept.stalls = std::move(stalls_);
    kept.problems = std::move(problems_);
    kept.recoveries = std::move(recoveries_);
    auto events = logged_events(kept, client);
    events.insert(events.end(), edges_.begin(), edges_.end());
    std::stable_sort(events.begin(), events.end(),
                     [](const NodeEvent& a, const NodeEvent& b) { return a.time < b.time; });
    const auto surplus = events.size() - std::min(events.size(), kEventsKept);
    events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(surplus));
    return events;
  }

 private:
  Status read_file(const LogsAlone::File& given) {
    const auto file = FileReader::open(given.path);
    if (!file) return file.status();
    std::string buffer;
    std::int64_t offset = 0;
    for (;;) {
      if (auto status = file->read_into(offset, kChunkBytes, buffer); !status) return status;
      if (buffer.empty()) break;
      summariser_.feed(buffer);
      offset += static_cast<std::int64_t>(buffer.size());
      // Until the zone is known entries wait where they are put right.
      if (story().utc_offset) take_lists();
      if (go_on_ && !go_on_(static_cast<std::int64_t>(buffer.size()))) {
        return {StatusCode::cancelled, "reading the LOG was cancelled"};
      }
    }
    summariser_.end_file();
    file->drop_pages(0, offset);
    return Status::ok();
  }

  void take_lists() {
    const auto& fresh = story();
    timeline_.add(fresh);
    if (!fresh.dump_stalls.empty()) last_dump_ = fresh.dump_stalls.back();
    if (!fresh.recoveries.empty()) last_open_ = fresh.recoveries.back();
    keep(flushes_, fresh.flushes);
    keep(compactions_, fresh.compactions);
    keep(stalls_, fresh.stalls);
    keep(problems_, fresh.problems);
    // One that has not ended stays with the summariser, and comes again.
    for (const auto& recovery : fresh.recoveries) {
      const bool again = !recoveries_.empty() && recoveries_.back().time == recovery.time;
      if (again) recoveries_.pop_back();
      recoveries_.push_back(recovery);
      if (recoveries_.size() > kEventsKept) recoveries_.pop_front();
    }
    summariser_.forget_entries();
  }

  void add_edge(TimePoint time, const LogsAlone::File& file, std::string_view what) {
    NodeEvent event;
    event.time = time;
    event.category = EventCategory::node;
    event.source = Source::logged;
    const auto name = escape_name(file.path.substr(file.path.rfind('/') + 1));
    event.text = fmt::format("{} {}", name, what);
    if (what == "begins" && !file.head.version.empty()) {
      event.text += fmt::format(": RocksDB {}", file.head.version);
    }
    edges_.push_back(std::move(event));
  }

  template <typename Entry>
  static void keep(NewestList<Entry>& all, const NewestList<Entry>& fresh) {
    for (const auto& each : fresh) all.add(each, kEventsKept);
  }

  const LogsAlone& logs_;
  const GoOn go_on_;
  LogSummariser summariser_;
  RecordedTimeline timeline_;
  std::optional<LoggedRecovery> last_open_;
  std::optional<LoggedDump> last_dump_;
  NewestList<LoggedFlush> flushes_;
  NewestList<LoggedCompaction> compactions_;
  NewestList<LoggedStall> stalls_;
  NewestList<LoggedProblem> problems_;
  std::deque<LoggedRecovery> recoveries_;
  std::vector<NodeEvent> edges_;  // of each file
  std::vector<std::string> unread_;
  Status problem_;
};

// The last statistics' trees.
void fill_last_trees(const LogSummary& story, const Observation& seen, Snapshot& last) {
  for (const auto& [name, dump] : story.family_dumps) {
    FamilyFigures family;
    family.name = family_title(seen.client.profile, name);
    family.pending_compaction_bytes = dump.pending_compaction_bytes.value_or(kMissing);
    family.l0_files = dump.sum ? 0 : kMissing;
    for (const auto& row : dump.levels) {
      if (!row.level || !row.files || !row.bytes) continue;
      LevelFigures level;
      level.family = family.name;
      level.level = *row.level;
      level.files = *row.files;
      level.bytes = static_cast<std::int64_t>(*row.bytes);
      level.score = row.score.value_or(kMissing);
      level.write_amplification = row.write_amplification.value_or(kMissing);
      level.read_bytes = row.read_bytes.value_or(kMissing);
      level.write_bytes = row.written_bytes.value_or(kMissing);
      if (level.level == 0) family.l0_files = static_cast<double>(level.files);
      family.files += level.files;
      family.bytes += level.bytes;
      last.levels.push_back(std::move(level));
    }
    last.families.push_back(std::move(family));
  }
}

NodeDescription describe_recorded(const LogsAlone& logs, const Observation& seen,
                                  const LogStory& story) {
  const ObservedLog log{story.story(),  /*complete=*/true, logs.bytes,
                        /*problem=*/{}, story.last_open(), story.last_dump()};
  auto node = describe(seen, log);
  OptionHistory history;
  std::vector<std::string> paths;
  for (const auto& file : logs.files) paths.push_back(file.path);
  history.read_logs(paths);
  describe_history(history, seen, story.story(), /*local_times=*/true, node);
  node.way = OpenWay::recorded;
  node.kind = "logs";
  node.reason = what_it_is(logs);
  if (node.column_families.size() < story.story().column_families.size()) {
    node.column_families.clear();
    for (const auto& name : story.story().column_families) {
      node.column_families.push_back(family_title(seen.client.profile, name));
    }
  }
  // Who runs here and now has nothing to do with it.
  std::erase_if(node.facts, [](const Fact& fact) {
    return fact.name == "Held by" || fact.name == "All files";
  });
  if (!seen.log_head.directory.empty()) {
    node.facts.push_back({"Written in", escape_name(seen.log_head.directory), "LOG"});
  }
  for (const auto& unread : story.unread()) node.facts.push_back({"Not read", unread, "folder"});
  RecordedSpan span;
  span.first = story.story().first_time.value_or(TimePoint{});
  span.last = story.story().last_time.value_or(span.first);
  span.step = story.timeline().step();
  span.zone_known = story.story().utc_offset.has_value();
  node.recorded = span;
  return node;
}

}  // namespace

Result<RecordedPast> read_past(const LogsAlone& logs, const TunerConfig& tuner, History& history) {
  LogStory story(logs);
  if (auto status = story.read(); !status) return status;
  const auto seen = observe_logs(logs);
  RecordedPast past;
  past.description = describe_recorded(logs, seen, story);
  const ObservedLog log{story.story(), true, logs.bytes, {}, story.last_open(), story.last_dump()};
  past.knobs = knob_states(seen, log);
  for (auto& state : past.knobs)
    state.why_not = "a recording cannot be changed: it " + state.why_not;
  past.jobs = story.jobs(seen.client.profile);
  past.events = story.take_events(seen.client.profile);

  RecordedRules rules(seen.client, tuner);
  rules.set_knobs(past.knobs, past.description.column_families.size());
  RecordedTimeline::Known known;
  known.events = !story.story().events.empty();
  std::shared_ptr<const Snapshot> newest;
  story.timeline().replay(known, [&](const std::shared_ptr<const Snapshot>& sample) {
    history.add(*sample);
    rules.observe(sample, history);
    newest = sample;
  });
  auto last = newest ? std::make_shared<Snapshot>(*newest) : std::make_shared<Snapshot>();
  fill_last_trees(story.story(), seen, *last);
  last->stalls = counted_stalls(log);
  past.memory_parts = parts_of(memory_of(seen, log, *last, /*runs=*/true), *last, {}, {});
  past.last = std::move(last);
  past.recommendations = rules.recommendations();
  if (!rules.obstacle().empty()) {
    NodeEvent event;
    event.time = past.last->taken_at;
    event.category = EventCategory::recommendation;
    event.severity = Severity::warning;
    event.text = rules.obstacle();
    past.events.push_back(std::move(event));
  }
  return past;
}

Status replay_logs(const LogsAlone& logs, const std::function<bool(std::int64_t)>& go_on,
                   const std::function<void(const Snapshot&)>& take,
                   const std::function<void(StorageJob)>& take_job) {
  if (logs.files.empty()) return {StatusCode::not_found, "there is no LOG to fill back from"};
  LogStory story(logs, go_on);
  if (auto status = story.read(); !status) return status;
  if (!story.story().utc_offset) {
    return {StatusCode::failed, "no line of the LOG tells its zone: it is not filled back from"};
  }
  RecordedTimeline::Known known;
  known.events = !story.story().events.empty();
  story.timeline().replay(known, [&](const std::shared_ptr<const Snapshot>& sample) {
    Snapshot told = *sample;
    told.set(Metric::db_stall_seconds_total, kMissing);
    told.rates[index_of(Metric::db_stall_seconds_total)] = kMissing;
    take(told);
  });
  if (take_job) {
    for (auto& job : story.jobs(observe_logs(logs).client.profile)) take_job(std::move(job));
  }
  return Status::ok();
}

}  // namespace nodetune
