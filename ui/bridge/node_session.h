// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QObject>
#include <QPointer>
#include <QString>
#include <QTimer>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <vector>

#include "engine/node/node.h"
#include "ui/bridge/job.h"
#include "ui/chart/chart_types.h"

namespace nodetune {

// What a chart's time axis shows; one for all charts.
struct ChartSpan {
  qint64 span_us;
  QString label;  // "5 min"
};
const std::vector<ChartSpan>& chart_spans();

// One node in the window: opens and closes it off the GUI thread, brings its figures in on one
// frame timer, takes commands to it, and holds what all pages share (span, pause, crosshair, UTC).
//
// Invariant: nothing here waits on the engine, but the destructor, which waits until the node is
// closed. node() is null unless state() is open; pages live only while it is.
// Thread: GUI. Lifetime: the main window's.
class NodeSession : public QObject {
  Q_OBJECT
 public:
  enum class State { idle, opening, open, closing };
  using OpenFunction = std::function<Result<std::unique_ptr<Node>>(JobControl&)>;

  struct Config {
    int frame_ms = 100;                    // charts scroll this often
    std::function<TimePoint()> now;        // empty: the system's clock
    std::size_t events_kept = 10'000;      // for the Events page and markers
    std::size_t events_per_frame = 2'000;  // at most so many are taken over in one frame
    std::size_t markers_kept = 200;
  };

  NodeSession() : NodeSession(Config{}) {}
  explicit NodeSession(Config config, QObject* parent = nullptr);
  ~NodeSession() override;

  State state() const { return state_; }

  // Runs `open` in a worker; opened() or open_failed() follows. `title` is what is opened. Ignored
  // unless idle.
  void open(const QString& title, OpenFunction open);
  // The session is idle at once; what the worker still opens is closed when it comes.
  void cancel_opening();
  // Closes in a worker; closed() follows. Ignored unless open.
  void close();
  const QString& title() const { return title_; }
  double opening_seconds() const;

  // What is shown: the whole node, or the one of its databases that was chosen.
  const Node* node() const { return shown_; }
  // For a worker that reads the node: it is closed only after the last of these was let go of.
  // Null unless state() is open.
  std::shared_ptr<const Node> share_node() const;
  const History* history() const { return shown_ ? &shown_->history() : nullptr; }

  // Where the directory holds several databases: these, else empty.
  const std::vector<NodeDatabase>& databases() const { return databases_; }
  // Which of them is shown; nothing: all together.
  std::optional<std::size_t> database() const { return database_; }
  // From here on everything is that one's: database_changed() follows, then a frame.
  void choose_database(std::optional<std::size_t> index);
  // Never null; empty while no node is open. The newest, also while paused.
  const std::shared_ptr<const Snapshot>& snapshot() const { return snapshot_; }
  // Of a recording that grows: since it came, as its times are another clock's.
  std::optional<double> snapshot_age_seconds() const;
  // As of the last snapshot or event.
  const NodeDescription& description() const { return description_; }
  const WorkloadStatus& workload() const { return workload_; }     // as of the last frame
  const std::deque<NodeEvent>& events() const { return events_; }  // oldest first
  // Knob changes, stalls, restarts, for every chart.
  const std::vector<ChartMarker>& markers() const { return markers_; }

  // The ticket; nothing when it was refused at once. Either way command_finished follows, never
  // from inside this call.
  std::optional<Ticket> submit(Command command);

  // Shared by all pages.
  TimePoint now() const;
  qint64 now_us() const;
  TimePoint newest_shown() const;  // now; of a recording its end
  // What charts show as their right edge: stands still while paused.
  TimePoint shown_now() const;
  TimePoint shown_begin() const;  // the left edge
  bool paused() const { return paused_at_.has_value(); }
  void set_paused(bool paused);
  qint64 span_us() const { return span_us_; }
  void set_span_us(qint64 span_us);
  std::optional<qint64> crosshair_us() const { return crosshair_us_; }
  void set_crosshair_us(std::optional<qint64> time_us);
  bool utc() const { return utc_; }
  void set_utc(bool utc);

  // What the frame timer does; tests call it instead of waiting.
  void run_frame();

 signals:
  void state_changed(nodetune::NodeSession::State state);
  void opened();
  void open_failed(const QString& message);
  // node() is about to become null: let go of everything that came from it.
  void about_to_close();
  void closed(const nodetune::Status& status);
  // Another database is shown: whoever keeps something of the one before begins anew.
  void database_changed();

  void frame(nodetune::TimePoint now);
  void snapshot_changed(const nodetune::Snapshot& snapshot);
  void events_added(const std::vector<nodetune::NodeEvent>& events);  // ascending
  void description_changed();  // with an event; with a snapshot that signal alone comes
  void markers_changed();
  void workload_changed();
  void command_finished(const nodetune::CommandOutcome& outcome);

  void paused_changed(bool paused);
  void span_changed(qint64 span_us);
  void crosshair_changed(std::optional<qint64> time_us);
  void utc_changed(bool utc);

 private:
  struct Opening;

  void set_state(State state);
  void opening_finished(const std::shared_ptr<Opening>& opening);
  void adopt(std::unique_ptr<Node> node);
  void show_node(Node* node);
  void show_recording(const RecordedSpan& recorded);
  void poll_snapshot();
  void poll_events();
  void poll_outcomes();
  void poll_workload();
  void add_markers(const std::vector<NodeEvent>& events);

  Config config_;
  State state_ = State::idle;
  QString title_;
  TimePoint opening_since_{};
  std::unique_ptr<Node> node_;
  std::vector<NodeDatabase> databases_;  // of node_
  std::optional<std::size_t> database_;
  Node* shown_ = nullptr;        // node_ or one of its databases; null while there is none
  std::shared_ptr<void> lease_;  // shared with workers; released_ is ready when all have ended
  std::future<void> released_;
  std::shared_ptr<const Snapshot> snapshot_;
  TimePoint snapshot_came_{};
  NodeDescription description_;
  WorkloadStatus workload_;
  std::deque<NodeEvent> events_;
  std::uint64_t last_event_ = 0;
  std::vector<ChartMarker> markers_;
  Ticket last_outcome_ = 0;                                // of what is shown
  std::vector<Ticket> asked_;                              // of what is shown, not yet answered
  std::vector<std::pair<Node*, Ticket>> asked_elsewhere_;  // before another one was shown
  std::optional<TimePoint> paused_at_;
  qint64 span_us_;
  std::optional<qint64> crosshair_us_;
  bool utc_ = false;
  QTimer frame_timer_;
  std::shared_ptr<Opening> opening_;  // the one that is wanted
  QPointer<Job> opening_job_;         // jobs are children: ~QObject waits for them
};

}  // namespace nodetune

Q_DECLARE_METATYPE(nodetune::Status)
Q_DECLARE_METATYPE(nodetune::CommandOutcome)
