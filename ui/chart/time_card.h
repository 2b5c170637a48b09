// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>

#include "ui/chart/card.h"

namespace nodetune {

// A card whose picture has a time axis: its crosshair, and the keys that move it and ask for pause
// and for the usual window.
//
// Keys: left and right move the crosshair (with Shift by a sixth of the window), Escape drops it,
// Space emits pause_requested, Home and 0 emit reset_requested.
// Thread: GUI. Times: microseconds since the epoch.
class TimeCard : public Card {
  Q_OBJECT
 public:
  explicit TimeCard(const QString& title, QWidget* parent = nullptr);

  // Where the crosshair stands; cards in step connect crosshair_moved to each other's setter.
  // The setter emits nothing.
  virtual void set_crosshair(std::optional<qint64> time_us) = 0;
  virtual std::optional<qint64> crosshair() const = 0;
  virtual qint64 span_us() const = 0;  // of the window

 signals:
  void crosshair_moved(std::optional<qint64> time_us);
  void pause_requested();
  void reset_requested();

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;

  virtual qint64 right_edge_us() const = 0;  // negative: nothing was shown yet

 private:
  void move_crosshair(double share_of_span);
  void drop_crosshair();
};

}  // namespace nodetune
