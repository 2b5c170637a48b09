// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>

#include "ui/chart/time_card.h"
#include "ui/chart/timeline_canvas.h"

class QLabel;

namespace nodetune {

// What ran when: flushes and compactions as bars in lanes, with a strip of write stalls above them.
// It shares time, pause and crosshair with the charts and behaves as a ChartPanel does: no timer, a
// hidden one paints nothing.
//
// Thread: GUI. Times: microseconds since the epoch.
class TimelinePanel : public TimeCard {
  Q_OBJECT
 public:
  explicit TimelinePanel(const QString& title, QWidget* parent = nullptr);

  // Jobs of the window, and a little more; shown at the next refresh().
  void set_data(TimelineData shown);
  // What the tooltip says of a job; of several that share a bar, the first row of each.
  void set_describe(TimelineCanvas::Describe describe);
  // In a few words, for the accessible description.
  void set_summary(const QString& text);
  // Instead of bars: why there are none. Empty: bars.
  void set_message(const QString& text);
  const QString& message() const { return canvas_->message(); }
  // Marked in the picture; nothing: none.
  void set_chosen(std::optional<quint64> id);

  void set_span(qint64 span_us);
  qint64 span_us() const override { return canvas_->span_us(); }
  // While paused only what was set anew is shown.
  void refresh(qint64 now_us);
  void set_paused(bool paused);
  bool paused() const { return paused_; }
  void set_utc(bool utc);
  void set_ends_in_past(bool past);
  void set_crosshair(std::optional<qint64> time_us) override;
  std::optional<qint64> crosshair() const override { return canvas_->crosshair(); }

  const TimelineCanvas& canvas() const { return *canvas_; }

 signals:
  void job_chosen(quint64 id);

 protected:
  qint64 right_edge_us() const override { return canvas_->now_us(); }
  void appearance_changed() override;

 private:
  void update_key();

  TimelineCanvas* canvas_;
  QLabel* key_;
  bool paused_ = false;
  bool ends_in_past_ = false;
  bool fresh_ = false;  // set anew since the last refresh
};

}  // namespace nodetune
