// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>

#include "ui/chart/card.h"
#include "ui/chart/timeline_canvas.h"

class QLabel;

namespace nodetune {

// What ran when: flushes and compactions as bars in lanes, with a strip of write stalls above them.
// It shares time, pause and crosshair with the charts and behaves as a ChartPanel does: no timer, a
// hidden one paints nothing, the same keys.
//
// Thread: GUI. Times: microseconds since the epoch.
class TimelinePanel : public Card {
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
  // While paused only what was set anew is shown.
  void refresh(qint64 now_us);
  void set_paused(bool paused);
  bool paused() const { return paused_; }
  void set_utc(bool utc);
  void set_ends_in_past(bool past);
  void set_crosshair(std::optional<qint64> time_us);

  const TimelineCanvas& canvas() const { return *canvas_; }

 signals:
  void crosshair_moved(std::optional<qint64> time_us);
  void pause_requested();
  void reset_requested();
  void job_chosen(quint64 id);

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void appearance_changed() override;

 private:
  void move_crosshair(double share_of_span);
  void update_key();

  TimelineCanvas* canvas_;
  QLabel* key_;
  bool paused_ = false;
  bool ends_in_past_ = false;
  bool fresh_ = false;  // set anew since the last refresh
};

}  // namespace nodetune
