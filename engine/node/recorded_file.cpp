// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/recorded_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/base/format.h"
#include "engine/node/recorded_documents.h"
#include "engine/recording/recording_writer.h"

namespace nodetune {
namespace {

constexpr std::int64_t kEventsKept = 10'000;
constexpr double kStepSecondsMax = 600;  // the coarsest level's

RecognisedClient client_named(const std::string& name) {
  for (const auto& profile : client_profiles()) {
    if (profile.name == name) return {&profile, name, "as it was recorded"};
  }
  return {nullptr, name, {}};
}

// Stalled seconds come alone, at a time that is past.
bool is_whole(const RecordedSample& sample) {
  return sample.figures.size() != 1 ||
         sample.figures.front().first != Metric::db_stall_seconds_total;
}

}  // namespace

RecordedFile::RecordedFile(std::string path, std::unique_ptr<RecordingReader> reader,
                           const TunerConfig& tuner)
    : path_(std::move(path)), reader_(std::move(reader)), tuner_(tuner) {
  totals_.fill(kMissing);
}

Result<std::optional<RecordedPast>> RecordedFile::read(History& history) {
  const auto description = reader_->document(document::kDescription);
  if (!description) return description.status();
  const auto knobs = reader_->document(document::kKnobs);
  if (!knobs) return knobs.status();
  RecordedPast past;
  past.description = describe(*description);
  past.knobs = knob_states_from_json(*knobs);
  if (!rules_) rules_.emplace(client_named(past.description.client), tuner_);
  rules_->set_knobs(past.knobs, past.description.column_families.size());

  const auto before = samples_;
  if (auto status =
          reader_->read_samples([&](const RecordedSample& sample) { take(sample, history); });
      !status) {
    return status;
  }
  if (auto status = reader_->read_events(
          kEventsKept,
          [&](const RecordedEvent& event) { past.events.push_back(from_recorded(event)); });
      !status) {
    return status;
  }
  if (samples_ == before && past.events.empty() && before > 0) return std::optional<RecordedPast>();
  const auto state = reader_->document(document::kState);
  if (!state) return state.status();
  past.last = std::make_shared<const Snapshot>(last_state(*state));
  past.recommendations = rules_->recommendations();
  // Of one that grows there may be enough soon.
  const bool grows = is_being_recorded(path_);
  if (!grows && !rules_->obstacle().empty() && !std::exchange(told_obstacle_, true)) {
    NodeEvent event;
    event.time = span_.last;
    event.category = EventCategory::recommendation;
    event.severity = Severity::warning;
    event.text = rules_->obstacle();
    past.events.push_back(std::move(event));
  }
  span_.step = from_seconds(step_seconds_);
  span_.still_grows = grows;
  past.description.recorded = span_;
  return std::optional(std::move(past));
}

void RecordedFile::take(const RecordedSample& sample, History& history) {
  auto snapshot = std::make_shared<Snapshot>(snapshot_of(sample));
  snapshot->sequence = ++samples_;
  for (const auto& [metric, value] : sample.figures) {
    if (info(metric).kind != MetricKind::counter || !std::isfinite(sample.seconds)) continue;
    auto& total = totals_[index_of(metric)];
    total = (std::isnan(total) ? 0 : total) + value * sample.seconds;
  }
  for (const auto& metric : catalogue()) {
    if (metric.kind == MetricKind::counter) snapshot->set(metric.id, totals_[index_of(metric.id)]);
  }
  history.add(*snapshot);
  const auto begin = sample.time - from_seconds(std::isfinite(sample.seconds) ? sample.seconds : 0);
  if (samples_ == 1 || begin < span_.first) span_.first = begin;
  span_.last = samples_ == 1 ? sample.time : std::max(span_.last, sample.time);
  if (!is_whole(sample)) return;
  if (sample.seconds < kStepSecondsMax) step_seconds_ = std::max(step_seconds_, sample.seconds);
  newest_ = snapshot;
  rules_->observe(newest_, history);
}

NodeDescription RecordedFile::describe(const std::string& given) const {
  auto node = description_from_json(given);
  const auto of = reader_->node_path();
  node.facts.insert(node.facts.begin(), {"Recorded of", escape_name(of), "the recording"});
  node.path = path_;
  node.way = OpenWay::recorded;
  node.kind = "recording";
  node.reason = fmt::format("a recording of {}{}", escape_name(of),
                            is_being_recorded(path_) ? ", still being written" : "");
  node.recorded = span_;
  return node;
}

// Totals since the node's own open, and the tree, are of the last state that was written down;
// rates of the last sample.
Snapshot RecordedFile::last_state(const std::string& given) {
  auto state = state_from_json(given);
  if (newest_) {
    state.rates = newest_->rates;
    state.interval_seconds = newest_->interval_seconds;
    if (state.taken_at < newest_->taken_at) state.taken_at = newest_->taken_at;
  }
  state.sequence = std::max<std::uint64_t>(samples_, 1);
  return state;
}

}  // namespace nodetune
