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
#include "engine/node/recorded_file.h"
#include "engine/node/recorded_logs.h"
#include "engine/recording/recording_writer.h"

namespace nodetune {
namespace {

constexpr auto kPeriod = std::chrono::seconds(1);
constexpr std::size_t kEventsKept = 10'000;

// What was read is published; getters copy it. A recording that grows is read by a thread of its
// own, which begins when all that was there has been read.
class RecordedNode final : public Node {
 public:
  RecordedNode() : events_(kEventsKept) {}
  ~RecordedNode() override {
    if (worker_) worker_->stop();
  }

  Status read(const std::string& path, std::unique_ptr<RecordingReader> reader, Clock& clock,
              const TunerConfig& tuner) {
    file_.emplace(path, std::move(reader), tuner);
    if (auto status = read_on(); !status) return status;
    if (!is_being_recorded(path)) return Status::ok();
    worker_ = std::make_unique<PeriodicWorker>("recorded", clock, kPeriod, [this] { follow(); });
    worker_->start();
    return Status::ok();
  }

  History& past() { return history_; }
  void publish(RecordedPast past) {
    for (auto& event : past.events) events_.add(std::move(event));
    past.events.clear();
    for (auto& job : past.jobs) jobs_.put({-1, job.family}, std::move(job));
    past.jobs.clear();
    const auto last = past.last;
    past_.publish(std::make_shared<const RecordedPast>(std::move(past)));
    snapshot_.publish(last);  // whoever sees it finds the description that belongs to it
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
    return Status::ok();
  }

 private:
  Status read_on() {
    auto past = file_->read(history_);
    if (!past) return past.status();
    if (*past) publish(**std::move(past));
    return Status::ok();
  }

  void follow() {
    const auto status = read_on();
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

  std::optional<RecordedFile> file_;  // of the worker, once it runs
  std::string problem_;               // likewise: the last that was told
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

Result<std::unique_ptr<Node>> open_recording(const std::string& path, Clock& clock,
                                             const TunerConfig& tuner) {
  auto reader = RecordingReader::open(path);
  if (!reader) return reader.status();
  auto node = std::make_unique<RecordedNode>();
  if (auto status = node->read(path, *std::move(reader), clock, tuner); !status) return status;
  return std::unique_ptr<Node>(std::move(node));
}

}  // namespace nodetune
