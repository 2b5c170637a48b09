// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/recorded_node.h"

#include <fmt/format.h>

#include <utility>

#include "engine/base/published.h"
#include "engine/node/recorded_logs.h"

namespace nodetune {
namespace {

constexpr std::size_t kEventsKept = 10'000;

// What was read is published once; getters copy it.
class RecordedNode final : public Node {
 public:
  RecordedNode() : events_(kEventsKept) {}

  History& past() { return history_; }
  void publish(RecordedPast past) {
    for (auto& event : past.events) events_.add(std::move(event));
    past.events.clear();
    snapshot_.publish(past.last);
    past_.publish(std::make_shared<const RecordedPast>(std::move(past)));
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
  WorkloadStatus workload() const override { return {}; }
  BatchStatus batches() const override { return {}; }
  Result<Ticket> submit(Command) override {
    return Status(StatusCode::failed,
                  fmt::format("{} is a recording: what it shows is past, and nothing in it can be "
                              "changed; open the node itself",
                              description().path));
  }
  std::vector<CommandOutcome> outcomes(Ticket) const override { return {}; }
  Status close() override { return Status::ok(); }

 private:
  History history_;
  EventRing events_;
  Published<RecordedPast> past_{std::make_shared<const RecordedPast>()};
  Published<Snapshot> snapshot_{std::make_shared<const Snapshot>()};
};

}  // namespace

Result<std::unique_ptr<Node>> open_recorded(const LogsAlone& logs, const TunerConfig& tuner) {
  auto node = std::make_unique<RecordedNode>();
  auto past = read_past(logs, tuner, node->past());
  if (!past) return past.status();
  node->publish(*std::move(past));
  return std::unique_ptr<Node>(std::move(node));
}

}  // namespace nodetune
