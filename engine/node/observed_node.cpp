// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/observed_node.h"

#include <fmt/format.h>

#include <utility>

#include "engine/base/periodic_worker.h"
#include "engine/base/published.h"
#include "engine/node/observed_views.h"
#include "engine/observe/inspect.h"
#include "engine/observe/machine_probe.h"
#include "engine/observe/observation.h"

namespace nodetune {
namespace {

constexpr auto kPeriod = std::chrono::seconds(1);

// Thread: the observer's own, which alone reads the directory; getters copy what it published.
class ObservedNode final : public Node {
 public:
  ObservedNode(const Inspection& found, std::string reason, Clock& clock)
      : path_(found.path),
        reason_(std::move(reason)),
        databases_(found.databases),
        clock_(clock),
        observer_(found.path, clock),
        machine_(found.path, std::nullopt, clock),
        worker_("observer", clock, kPeriod, [this] { refresh(); }) {}
  ~ObservedNode() override { worker_.stop(); }

  Status start() {
    const auto seen = observer_.refresh();
    if (!seen) return seen.status();
    publish(**seen);
    worker_.start();
    return Status::ok();
  }

  NodeDescription description() const override { return view_.get()->description; }
  std::shared_ptr<const Snapshot> snapshot() const override { return snapshot_.get(); }
  const History& history() const override { return history_; }
  std::vector<NodeEvent> events(std::uint64_t since_sequence, std::size_t limit) const override {
    return events_.since(since_sequence, limit);
  }
  std::vector<KnobState> knobs() const override { return view_.get()->knobs; }
  std::vector<Recommendation> recommendations() const override { return {}; }
  std::vector<AuditEntry> audit() const override { return {}; }
  std::vector<CacheState> caches() const override { return {}; }
  WorkloadStatus workload() const override { return {}; }
  BatchStatus batches() const override { return {}; }
  Result<Ticket> submit(Command) override {
    return Status(StatusCode::failed,
                  fmt::format("{} is observed: it belongs to its node, and nothing in it can be "
                              "changed from here; change the node's own settings",
                              path_));
  }
  std::vector<CommandOutcome> outcomes(Ticket) const override { return {}; }
  Status close() override {
    worker_.stop();
    return Status::ok();
  }

 private:
  struct View {
    NodeDescription description;
    std::vector<KnobState> knobs;
  };

  void refresh() {
    if (const auto seen = observer_.refresh()) publish(**seen);
  }

  void publish(const Observation& seen) {
    auto view = std::make_shared<View>();
    view->description = describe(seen, log_);
    view->description.reason = reason_;
    view->description.databases = databases_;
    view->knobs = knob_states(seen, log_);
    view_.publish(std::move(view));

    auto snapshot = std::make_shared<Snapshot>();
    snapshot->taken_at = clock_.now();
    machine_.set_process(seen.holder && seen.holder->pid > 0
                             ? std::optional<std::int64_t>(seen.holder->pid)
                             : std::nullopt);
    machine_.fill(*snapshot);
    fill_observed(seen, log_, *snapshot);
    snapshot->derive_from(*snapshot_.get());
    history_.add(*snapshot);
    snapshot_.publish(std::move(snapshot));
  }

  const std::string path_;
  const std::string reason_;
  const std::vector<std::string> databases_;
  Clock& clock_;
  DirectoryObserver observer_;
  MachineProbe machine_;
  ObservedLog log_;
  History history_;
  EventRing events_;
  Published<View> view_{std::make_shared<const View>()};
  Published<Snapshot> snapshot_{std::make_shared<const Snapshot>()};
  PeriodicWorker worker_;
};

}  // namespace

Result<std::unique_ptr<Node>> open_observed(const std::string& path, std::string reason,
                                            Clock& clock) {
  auto found = inspect(path);
  if (!found) return found.status();
  if (found->way == "none") {
    const bool nothing = found->kind == "none";
    return Status(nothing ? StatusCode::not_a_database : StatusCode::other_engine,
                  fmt::format("{}: {}", found->path, found->reason));
  }
  if (found->kind == "none") found->path = largest_database(found->databases);
  auto node = std::make_unique<ObservedNode>(*found, std::move(reason), clock);
  if (auto status = node->start(); !status) return status;
  return std::unique_ptr<Node>(std::move(node));
}

}  // namespace nodetune
