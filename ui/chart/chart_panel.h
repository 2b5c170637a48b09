// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QImage>
#include <optional>
#include <vector>

#include "ui/chart/chart_types.h"
#include "ui/chart/time_card.h"

class QPainter;
class QRectF;

namespace nodetune {

class ChartCanvas;
class Legend;

// One live chart: title, legend with current values (those under the crosshair while it stands),
// time axis that ends now.
//
// It has no timer: the window's one frame timer calls refresh(). A hidden or minimised panel reads
// and paints nothing; when it is shown again the next refresh reads what it missed. While paused
// the picture stands still and the crosshair works; the data go on in the source.
//
// Thread: GUI. Times: microseconds since the epoch.
class ChartPanel : public TimeCard {
  Q_OBJECT
 public:
  static constexpr qint64 kSecondUs = 1'000'000;
  static constexpr qint64 kDefaultSpanUs = 60 * kSecondUs;

  // `unit` is that of the left axis; its name stands dimmed behind the title.
  explicit ChartPanel(const QString& title, ChartUnit unit, QWidget* parent = nullptr);
  ~ChartPanel() override;

  // `reader` must outlive the panel or be replaced. Series may sit on the right axis.
  void set_series(std::vector<SeriesSpec> specs, SeriesReader reader);
  // The top of an axis when it shall not follow the values: 1 for a ratio, say.
  void set_fixed_top(ChartAxis axis, double top);
  void set_right_axis(ChartUnit unit);
  // Forgets the points and reads the window again: another database, a filter.
  void reload();

  void set_span(qint64 span_us);
  qint64 span_us() const override;

  // Once a frame. Reads only what is newer than what it has, paints only new columns.
  void refresh(qint64 now_us);

  // Resuming jumps to now at the next refresh().
  void set_paused(bool paused);
  bool paused() const { return paused_; }

  void set_markers(std::vector<ChartMarker> markers);
  void set_threshold(std::optional<ChartThreshold> threshold);
  // Instead of the traces: "Not available from outside: needs RocksDB's statistics". Empty: traces.
  void set_unavailable(const QString& reason);
  // Clock times under the cursor in UTC instead of local time.
  void set_utc(bool utc);
  // The right edge is a recording's end, not now.
  void set_ends_in_past(bool past);

  void set_crosshair(std::optional<qint64> time_us) override;
  std::optional<qint64> crosshair() const override;
  std::optional<ChartReading> value_at(int series, qint64 time_us) const;

  // "Read rate 12.4 k/s, rising. …": also the accessible description, at most once a second.
  QString spoken() const;

  QImage grab_image();
  // The panel as lines and text, scaled into `target`: for PDF, printing, SVG.
  void render_vector(QPainter* painter, const QRectF& target);

  const ChartPaintStats& paint_stats() const;
  QSize sizeHint() const override;

 protected:
  qint64 right_edge_us() const override;
  void appearance_changed() override;

 private:
  bool shown() const;
  void update_legend();
  void update_description();

  ChartCanvas* canvas_;
  Legend* legend_;
  ChartUnit left_unit_;
  std::optional<double> left_top_;
  ChartUnit right_unit_;
  std::optional<double> right_top_;
  qint64 legend_at_us_ = -1;
  qint64 described_at_us_ = -1;
  bool paused_ = false;
};

}  // namespace nodetune
