// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/bridge/node_session.h"

#include <algorithm>
#include <utility>

#include "ui/bridge/remote_text.h"

namespace nodetune {
namespace {

constexpr qint64 kSecondUs = 1'000'000;
constexpr qint64 kDayUs = 24 * 3'600 * kSecondUs;

// Which events explain a bend in a chart.
bool is_marker(const NodeEvent& event) {
  switch (event.category) {
    case EventCategory::knob:
    case EventCategory::cache:
    case EventCategory::stall:
    case EventCategory::error:
    case EventCategory::recovery:
      return true;
    case EventCategory::flush:
    case EventCategory::compaction:
    case EventCategory::recommendation:
    case EventCategory::batch:
    case EventCategory::workload:
    case EventCategory::node:
      return false;
  }
  return false;
}

}  // namespace

const std::vector<ChartSpan>& chart_spans() {
  static const std::vector<ChartSpan> spans = {
      {60 * kSecondUs, QObject::tr("1 min")},   {300 * kSecondUs, QObject::tr("5 min")},
      {900 * kSecondUs, QObject::tr("15 min")}, {3'600 * kSecondUs, QObject::tr("1 h")},
      {21'600 * kSecondUs, QObject::tr("6 h")}, {kDayUs, QObject::tr("1 day")},
      {7 * kDayUs, QObject::tr("7 days")},
  };
  return spans;
}

// Shared by the worker that opens and the session that may no longer want it.
struct NodeSession::Opening {
  std::optional<Result<std::unique_ptr<Node>>> result;  // set by the worker before it ends
};

NodeSession::NodeSession(Config config, QObject* parent)
    : QObject(parent),
      config_(std::move(config)),
      snapshot_(std::make_shared<const Snapshot>()),
      span_us_(chart_spans().front().span_us) {
  frame_timer_.setInterval(config_.frame_ms);
  frame_timer_.setTimerType(Qt::PreciseTimer);
  connect(&frame_timer_, &QTimer::timeout, this, &NodeSession::run_frame);
}

NodeSession::~NodeSession() {
  frame_timer_.stop();
  if (!node_) return;
  lease_.reset();
  released_.wait();
  (void)node_->close();
}

std::shared_ptr<const Node> NodeSession::share_node() const {
  if (!node_) return nullptr;
  return {lease_, shown_};
}

void NodeSession::set_state(State state) {
  if (state_ == state) return;
  state_ = state;
  emit state_changed(state);
}

void NodeSession::open(const QString& title, OpenFunction open) {
  if (state_ != State::idle) return;
  title_ = title;
  opening_since_ = now();
  auto opening = std::make_shared<Opening>();
  opening_ = opening;
  auto* job = new Job(
      title,
      [opening, run = std::move(open)](JobControl& control) {
        opening->result.emplace(run(control));
        // Nobody wants it any more: close it here, where waiting is allowed.
        if (control.cancelled.load(std::memory_order_relaxed) && opening->result->is_ok()) {
          (void)opening->result->value()->close();
          opening->result.emplace(Status(StatusCode::cancelled, "Opening was cancelled."));
        }
      },
      this);
  opening_job_ = job;
  connect(job, &Job::finished, this, [this, job, opening] {
    job->deleteLater();
    opening_finished(opening);
  });
  set_state(State::opening);
}

double NodeSession::opening_seconds() const {
  return state_ == State::opening ? to_seconds(now() - opening_since_) : 0;
}

void NodeSession::cancel_opening() {
  if (state_ != State::opening) return;
  opening_.reset();
  if (opening_job_) opening_job_->cancel();
  set_state(State::idle);
}

void NodeSession::opening_finished(const std::shared_ptr<Opening>& opening) {
  const bool wanted = opening == opening_;
  if (!wanted) {
    if (opening->result && opening->result->is_ok()) {
      // It was opened in the moment between the worker's last look and the cancellation.
      auto late = std::make_shared<std::unique_ptr<Node>>(std::move(opening->result->value()));
      auto* job = new Job(
          title_, [late](JobControl&) { (void)(*late)->close(), late->reset(); }, this);
      connect(job, &Job::finished, job, &QObject::deleteLater);
    }
    return;
  }
  opening_.reset();
  auto& result = *opening->result;
  if (!result) {
    set_state(State::idle);
    emit open_failed(QString::fromStdString(result.status().message()));
    return;
  }
  adopt(std::move(result.value()));
}

void NodeSession::adopt(std::unique_ptr<Node> node) {
  node_ = std::move(node);
  auto released = std::make_shared<std::promise<void>>();
  released_ = released->get_future();
  lease_ = std::shared_ptr<void>(node_.get(), [released](void*) { released->set_value(); });
  databases_ = node_->databases();
  database_.reset();
  paused_at_.reset();
  crosshair_us_.reset();
  asked_elsewhere_.clear();
  show_node(node_.get());
  last_outcome_ = 0;
  // What is recorded just now is looked at as what runs here.
  if (description_.recorded && !is_remote(description_)) show_recording(*description_.recorded);
  set_state(State::open);
  emit opened();
  run_frame();
  frame_timer_.start();
}

// All of it, as far as there is a span for that; a clock whose zone nobody knows as it stands.
void NodeSession::show_recording(const RecordedSpan& recorded) {
  const qint64 length_us = (recorded.last - recorded.first).count();
  const auto& spans = chart_spans();
  const auto fits = std::find_if(spans.begin(), spans.end(), [length_us](const ChartSpan& span) {
    return span.span_us >= length_us;
  });
  set_span_us(fits == spans.end() ? spans.back().span_us : fits->span_us);
  if (!recorded.zone_known) set_utc(true);
}

void NodeSession::show_node(Node* node) {
  for (const auto ticket : asked_) asked_elsewhere_.emplace_back(shown_, ticket);
  asked_.clear();
  shown_ = node;
  last_event_ = 0;
  last_outcome_ = 0;
  for (const auto& told : shown_->outcomes(0)) last_outcome_ = std::max(last_outcome_, told.ticket);
  events_.clear();
  markers_.clear();
  snapshot_ = shown_->snapshot();
  snapshot_came_ = now();
  description_ = shown_->description();
  workload_ = shown_->workload();
}

void NodeSession::choose_database(std::optional<std::size_t> index) {
  if (state_ != State::open || index == database_) return;
  if (index && *index >= databases_.size()) return;
  database_ = index;
  show_node(index ? databases_[*index].node : node_.get());
  emit database_changed();
  run_frame();
}

void NodeSession::close() {
  if (state_ != State::open) return;
  frame_timer_.stop();
  emit about_to_close();
  set_state(State::closing);
  shown_ = nullptr;
  databases_.clear();
  database_.reset();
  asked_.clear();
  asked_elsewhere_.clear();
  snapshot_ = std::make_shared<const Snapshot>();
  auto held = std::make_shared<std::unique_ptr<Node>>(std::move(node_));
  auto released = std::make_shared<std::future<void>>(std::move(released_));
  lease_.reset();
  auto status = std::make_shared<Status>();
  auto* job = new Job(
      title_,
      [held, released, status](JobControl&) {
        released->wait();
        *status = (*held)->close();
        held->reset();
      },
      this);
  connect(job, &Job::finished, this, [this, job, status] {
    job->deleteLater();
    description_ = {};
    workload_ = {};
    set_state(State::idle);
    emit closed(*status);
  });
}

std::optional<double> NodeSession::snapshot_age_seconds() const {
  if (snapshot_->sequence == 0) return std::nullopt;
  const bool grows = description_.recorded && description_.recorded->still_grows;
  return std::max(0.0, to_seconds(now() - (grows ? snapshot_came_ : snapshot_->taken_at)));
}

std::optional<Ticket> NodeSession::submit(Command command) {
  CommandOutcome refused;
  refused.time = now();
  if (shown_ != nullptr) {
    auto ticket = shown_->submit(std::move(command));
    if (ticket) {
      asked_.push_back(ticket.value());
      return ticket.value();
    }
    refused.status = ticket.status();
  } else {
    refused.status = Status(StatusCode::failed, "Nothing is open.");
  }
  refused.text = refused.status.message();
  QMetaObject::invokeMethod(
      this, [this, refused] { emit command_finished(refused); }, Qt::QueuedConnection);
  return std::nullopt;
}

TimePoint NodeSession::now() const {
  return config_.now ? config_.now() : SystemClock::instance().now();
}

qint64 NodeSession::now_us() const {
  return to_us(now());
}

TimePoint NodeSession::newest_shown() const {
  return description_.recorded ? description_.recorded->last : now();
}

TimePoint NodeSession::shown_now() const {
  return paused_at_.value_or(newest_shown());
}

TimePoint NodeSession::shown_begin() const {
  return shown_now() - Duration(span_us_);
}

void NodeSession::set_paused(bool paused) {
  if (paused == this->paused()) return;
  if (paused) {
    paused_at_ = newest_shown();
  } else {
    paused_at_.reset();
  }
  emit paused_changed(paused);
}

void NodeSession::set_span_us(qint64 span_us) {
  if (span_us <= 0 || span_us == span_us_) return;
  span_us_ = span_us;
  emit span_changed(span_us);
}

void NodeSession::set_crosshair_us(std::optional<qint64> time_us) {
  if (time_us == crosshair_us_) return;
  crosshair_us_ = time_us;
  emit crosshair_changed(time_us);
}

void NodeSession::set_utc(bool utc) {
  if (utc == utc_) return;
  utc_ = utc;
  emit utc_changed(utc);
}

void NodeSession::run_frame() {
  if (!node_) return;
  poll_snapshot();
  poll_events();
  poll_outcomes();
  poll_workload();
  emit frame(newest_shown());
}

void NodeSession::poll_snapshot() {
  auto newest = shown_->snapshot();
  if (newest->sequence == snapshot_->sequence && newest->taken_at == snapshot_->taken_at) return;
  snapshot_ = std::move(newest);
  snapshot_came_ = now();
  description_ = shown_->description();
  emit snapshot_changed(*snapshot_);
}

void NodeSession::poll_events() {
  const auto fresh = shown_->events(last_event_, config_.events_per_frame);
  if (fresh.empty()) return;
  last_event_ = fresh.back().sequence;
  description_ = shown_->description();
  events_.insert(events_.end(), fresh.begin(), fresh.end());
  while (events_.size() > config_.events_kept) events_.pop_front();
  emit events_added(fresh);
  emit description_changed();
  add_markers(fresh);
}

void NodeSession::add_markers(const std::vector<NodeEvent>& events) {
  bool added = false;
  for (const auto& event : events) {
    if (!is_marker(event)) continue;
    markers_.push_back({to_us(event.time), QString::fromStdString(event.text)});
    added = true;
  }
  if (!added) return;
  std::stable_sort(markers_.begin(), markers_.end(),
                   [](const auto& a, const auto& b) { return a.time_us < b.time_us; });
  if (markers_.size() > config_.markers_kept) {
    markers_.erase(markers_.begin(),
                   markers_.end() - static_cast<std::ptrdiff_t>(config_.markers_kept));
  }
  emit markers_changed();
}

void NodeSession::poll_outcomes() {
  for (const auto& outcome : shown_->outcomes(last_outcome_)) {
    last_outcome_ = std::max(last_outcome_, outcome.ticket);
    std::erase(asked_, outcome.ticket);
    emit command_finished(outcome);
  }
  for (const auto& [node, ticket] : std::exchange(asked_elsewhere_, {})) {
    const auto told = node->outcomes(ticket - 1);
    if (!told.empty() && told.front().ticket == ticket) {
      emit command_finished(told.front());
    } else {
      asked_elsewhere_.emplace_back(node, ticket);
    }
  }
}

void NodeSession::poll_workload() {
  auto status = shown_->workload();
  const bool changed = status.state != workload_.state || status.text != workload_.text ||
                       status.blocks != workload_.blocks;
  workload_ = std::move(status);
  if (changed) emit workload_changed();
}

}  // namespace nodetune
