// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/recorded_node.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>

#include "engine/base/periodic_worker.h"
#include "engine/base/published.h"
#include "engine/node/job_ring.h"
#include "engine/node/node_event.h"
#include "engine/node/recorded_file.h"
#include "engine/node/recorded_logs.h"
#include "engine/node/recorded_story.h"
#include "engine/node/recorded_stream.h"

namespace nodetune {
namespace {

// What was read is published; getters copy it. A recording that grows is read by a thread of its
// own, which begins when all that was there has been read.
class RecordedNode final : public Node {
 public:
  RecordedNode() : events_(kEventsKept) {}
  ~RecordedNode() override {
    if (worker_) worker_->stop();
  }

  // Shows what `source` gives, and goes on where there may be more.
  Status show(std::unique_ptr<RecordedSource> source, Clock& clock, const TunerConfig& tuner) {
    source_ = std::move(source);
    story_.emplace(history_, tuner);
    if (auto status = source_->begin(*story_); !status) return status;
    publish_news();
    if (!source_->may_grow()) return Status::ok();
    worker_ = std::make_unique<PeriodicWorker>("recorded", clock, source_->period(),
                                               [this] { follow(); });
    worker_->start();
    return Status::ok();
  }

  History& past() { return history_; }
  // Whoever sees an event or the snapshot finds the description that belongs to it.
  void publish(RecordedPast past) {
    auto events = std::exchange(past.events, {});
    for (auto& job : past.jobs) jobs_.put({-1, job.family}, std::move(job));
    past.jobs.clear();
    const auto last = past.last;
    past_.publish(std::make_shared<const RecordedPast>(std::move(past)));
    for (auto& event : events) events_.add(std::move(event));
    snapshot_.publish(last);
  }

  NodeDescription description() const override { return past_.get()->description; }
  std::shared_ptr<const Snapshot> snapshot() const override { return snapshot_.get(); }
  const History& history() const override { return history_; }
  std::vector<NodeEvent> events(std::uint64_t since_sequence, std::size_t limit) const override {
    return events_.since(since_sequence, limit);
  }
  std::vector<KnobState> knobs() const override { return past_.get()->knobs; }
  std::vector<Recommendation> recommendations() const override {
    return past_.get()->recommendations;
  }
  std::vector<AuditEntry> audit() const override { return {}; }
  std::vector<CacheState> caches() const override { return {}; }
  std::optional<MemoryState> memory() const override { return std::nullopt; }
  std::vector<MemoryPart> memory_parts() const override { return past_.get()->memory_parts; }
  std::vector<StorageJob> jobs(TimePoint begin, TimePoint end, std::size_t limit) const override {
    return jobs_.range(begin, end, limit);
  }
  WorkloadStatus workload() const override { return {}; }
  BatchStatus batches() const override { return {}; }
  Result<Ticket> submit(Command) override {
    return Status(StatusCode::failed,
                  fmt::format("{} is a recording: what it shows is past, and nothing in it can be "
                              "changed; open the node itself",
                              description().path));
  }
  std::vector<CommandOutcome> outcomes(Ticket) const override { return {}; }
  Status close() override {
    if (worker_) worker_->stop();
    source_.reset();
    return Status::ok();
  }

 private:
  void publish_news() {
    if (auto past = story_->news(source_->origin())) publish(*std::move(past));
  }

  void follow() {
    const auto status = source_->read(*story_);
    publish_news();
    // Its writer is committing: the next look will see it.
    if (status || status.code() == StatusCode::busy || status.message() == problem_) return;
    problem_ = status.message();
    NodeEvent event;
    event.time = snapshot_.get()->taken_at;
    event.category = EventCategory::error;
    event.severity = Severity::error;
    event.text = problem_;
    events_.add(std::move(event));
  }

  std::unique_ptr<RecordedSource> source_;  // of the worker, once it runs
  std::optional<RecordedStory> story_;      // likewise
  std::string problem_;                     // likewise: the last that was told
  History history_;
  EventRing events_;
  JobRing jobs_;
  Published<RecordedPast> past_{std::make_shared<const RecordedPast>()};
  Published<Snapshot> snapshot_{std::make_shared<const Snapshot>()};
  std::unique_ptr<PeriodicWorker> worker_;  // null: it does not grow
};

}  // namespace

Result<std::unique_ptr<Node>> open_recorded(const LogsAlone& logs, const TunerConfig& tuner) {
  auto node = std::make_unique<RecordedNode>();
  auto past = read_past(logs, tuner, node->past());
  if (!past) return past.status();
  node->publish(*std::move(past));
  return std::unique_ptr<Node>(std::move(node));
}

namespace {

Result<std::unique_ptr<RecordedSource>> source_of(const std::string& path, Clock& clock) {
  if (recording_kind(path) == RecordingKind::stream) {
    auto stream = RecordedStreamFile::open(path, clock);
    if (!stream) return stream.status();
    return std::unique_ptr<RecordedSource>(*std::move(stream));
  }
  auto reader = RecordingReader::open(path);
  if (!reader) return reader.status();
  return std::unique_ptr<RecordedSource>(std::make_unique<RecordedFile>(path, *std::move(reader)));
}

}  // namespace

Result<std::unique_ptr<Node>> show_recorded(std::unique_ptr<RecordedSource> source, Clock& clock,
                                            const TunerConfig& tuner) {
  auto node = std::make_unique<RecordedNode>();
  if (auto status = node->show(std::move(source), clock, tuner); !status) return status;
  return std::unique_ptr<Node>(std::move(node));
}

Result<std::unique_ptr<Node>> open_recording(const std::string& path, Clock& clock,
                                             const TunerConfig& tuner) {
  auto source = source_of(path, clock);
  if (!source) return source.status();
  return show_recorded(*std::move(source), clock, tuner);
}

}  // namespace nodetune
