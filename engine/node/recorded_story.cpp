// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/recorded_story.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/base/format.h"
#include "engine/node/job_ring.h"
#include "engine/node/node_event.h"
#include "engine/node/recorded_documents.h"
#include "engine/node/recorded_jobs.h"
#include "engine/node/recorded_memory.h"

namespace nodetune {
namespace {

constexpr double kStepSecondsMax = 600;    // the coarsest level's
constexpr double kSampleSecondsMax = 3e8;  // ten years: more is nonsense
// Of what is longer past no rule should speak now.
constexpr auto kLateStallsReachBack = std::chrono::minutes(20);
constexpr std::size_t kLateStallsMax = 10'000;

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

double covered_seconds(const RecordedSample& sample) {
  return sample.seconds > 0 && sample.seconds < kSampleSecondsMax ? sample.seconds : 0;
}

}  // namespace

void RecordedStory::put(std::string_view document, std::string json) {
  auto& known = documents_[std::string(document)];
  if (known == json) return;
  known = std::move(json);
  changed_ = true;
  if (document == document::kDescription) described_ = description_from_json(known);
  if (document == document::kKnobs) knobs_ = knob_states_from_json(known);
  const bool for_rules = document == document::kDescription || document == document::kKnobs;
  if (for_rules && documents_.contains(document::kDescription)) {
    rules().set_knobs(knobs_, described_.column_families.size());
  }
}

RecordedRules& RecordedStory::rules() {
  if (!rules_) {
    rules_.emplace(client_named(described_.client), tuner_);
    rules_->set_knobs(knobs_, described_.column_families.size());
  }
  return *rules_;
}

void RecordedStory::add(const RecordedSample& sample) {
  changed_ = true;
  auto snapshot = std::make_shared<Snapshot>(snapshot_of(sample));
  snapshot->sequence = ++samples_;
  const bool whole = is_whole(sample);
  const bool late = newest_ && sample.time < newest_->taken_at;
  const double seconds = covered_seconds(sample);
  if (!late) {
    if (whole) add_late_stalls(seconds);
    add_to_totals(sample);
  } else if (!whole && sample.time + kLateStallsReachBack >= newest_->taken_at) {
    late_stalls_.push_back({seconds, sample.figures.front().second});
    if (late_stalls_.size() > kLateStallsMax) late_stalls_.pop_front();
  }
  for (const auto& metric : catalogue()) {
    if (metric.kind == MetricKind::counter) snapshot->set(metric.id, totals_[index_of(metric.id)]);
  }
  history_.add(*snapshot);
  const auto begin = sample.time - from_seconds(seconds);
  if (samples_ == 1 || begin < span_.first) span_.first = begin;
  span_.last = samples_ == 1 ? sample.time : std::max(span_.last, sample.time);
  if (!whole || late) return;
  if (seconds < kStepSecondsMax) step_seconds_ = std::max(step_seconds_, seconds);
  newest_ = snapshot;
  if (rules_) rules_->observe(newest_, history_);
}

void RecordedStory::add_to_totals(const RecordedSample& sample) {
  for (const auto& [metric, value] : sample.figures) {
    if (info(metric).kind != MetricKind::counter || !std::isfinite(sample.seconds)) continue;
    auto& total = totals_[index_of(metric)];
    total = (std::isnan(total) ? 0 : total) + value * covered_seconds(sample);
  }
}

// As many of them as the time that has passed.
void RecordedStory::add_late_stalls(double seconds) {
  auto& total = totals_[index_of(Metric::db_stall_seconds_total)];
  while (seconds > 0 && !late_stalls_.empty()) {
    auto& first = late_stalls_.front();
    const double taken = std::min(seconds, first.seconds);
    total = (std::isnan(total) ? 0 : total) + taken * first.share;
    seconds -= taken;
    first.seconds -= taken;
    if (!(first.seconds > 0)) late_stalls_.pop_front();
  }
}

void RecordedStory::add(const RecordedEvent& event) {
  keep(from_recorded(event));
}

void RecordedStory::add(const RecordedJob& job) {
  auto told = from_recorded(job);
  if (!told) return;
  jobs_.push_back(*std::move(told));
  if (jobs_.size() > kJobsKept) jobs_.pop_front();
}

void RecordedStory::keep(NodeEvent event) {
  events_.push_back(std::move(event));
  if (events_.size() > kEventsKept) events_.pop_front();
}

std::optional<RecordedPast> RecordedStory::news(const RecordedOrigin& origin) {
  if (!changed_ && events_.empty() && jobs_.empty() && origin == told_) return std::nullopt;
  tell_end(origin);
  told_ = origin;
  changed_ = false;
  span_.step = from_seconds(step_seconds_);
  span_.still_grows = origin.still_grows;
  RecordedPast past;
  past.description = describe(origin);
  past.knobs = knobs_.empty() ? knob_states_from_json({}) : knobs_;
  if (const auto memory = documents_.find(document::kMemory); memory != documents_.end()) {
    past.memory_parts = memory_parts_from_json(memory->second);
  }
  past.last = std::make_shared<const Snapshot>(last_state());
  if (rules_) past.recommendations = rules_->recommendations();
  past.events.assign(std::make_move_iterator(events_.begin()),
                     std::make_move_iterator(events_.end()));
  events_.clear();
  past.jobs.assign(std::make_move_iterator(jobs_.begin()), std::make_move_iterator(jobs_.end()));
  jobs_.clear();
  return past;
}

void RecordedStory::tell_end(const RecordedOrigin& origin) {
  NodeEvent event;
  event.time = span_.last;
  if (told_.still_grows && !origin.still_grows && origin.connection.empty()) {
    event.text = "The recording ends here: nobody writes it any more";
    keep(event);
  }
  // Of one that grows there may be enough soon.
  if (origin.still_grows || rules().obstacle().empty() || std::exchange(told_obstacle_, true)) {
    return;
  }
  event.category = EventCategory::recommendation;
  event.severity = Severity::warning;
  event.text = rules().obstacle();
  keep(std::move(event));
}

NodeDescription RecordedStory::describe(const RecordedOrigin& origin) const {
  auto node = described_;
  std::vector<Fact> facts = {{"Recorded of", escape_name(origin.node_path), "the recording"}};
  if (!origin.connection.empty()) {
    facts.push_back({std::string(kConnectionFact), origin.connection, "ssh"});
  }
  node.facts.insert(node.facts.begin(), facts.begin(), facts.end());
  node.path = origin.path;
  node.way = OpenWay::recorded;
  node.kind = origin.kind;
  node.reason = origin.reason;
  node.recorded = span_;
  return node;
}

// Totals since the node's own open, and the tree, are of the last state that was written down;
// rates of the last sample.
Snapshot RecordedStory::last_state() const {
  const auto given = documents_.find(document::kState);
  auto state = state_from_json(given == documents_.end() ? std::string() : given->second);
  if (newest_) {
    state.rates = newest_->rates;
    state.interval_seconds = newest_->interval_seconds;
    if (state.taken_at < newest_->taken_at) state.taken_at = newest_->taken_at;
  }
  state.sequence = std::max<std::uint64_t>(samples_, 1);
  return state;
}

}  // namespace nodetune
