// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QPixmap>
#include <QWidget>
#include <functional>
#include <optional>
#include <vector>

#include "ui/chart/chart_overlay.h"
#include "ui/chart/chart_types.h"
#include "ui/chart/timeline_layout.h"

namespace nodetune {

namespace timeline {

// Pixels, of both of its sources.
inline constexpr int kRowHeight = 18;    // of a bar, with its gap
inline constexpr int kLanePad = 3;       // above and below a lane's rows
inline constexpr int kStripHeight = 12;  // of one cause
inline constexpr int kShareHeight = 24;  // of the measured share
inline constexpr int kGutterPad = 10;
inline constexpr int kNarrowPx =
    3;  // bars up to this width show by their height how busy they were

}  // namespace timeline

// The picture inside a TimelinePanel: strips above, lanes of bars below, the time axis at the
// bottom; crosshair and tooltip over a kept pixmap.
//
// Nothing in it animates or polls: it is painted anew when the window has moved by a pixel or
// something else has changed.
// Thread: GUI. Lifetime: owned by its TimelinePanel.
class TimelineCanvas : public QWidget {
  Q_OBJECT
 public:
  using Describe = std::function<std::vector<TooltipRow>(quint64 id)>;

  explicit TimelineCanvas(QWidget* parent = nullptr);

  void set_data(TimelineData data);
  void set_describe(Describe describe) { describe_ = std::move(describe); }
  void set_span(qint64 span_us);
  qint64 span_us() const { return scale_.span_us; }
  qint64 now_us() const { return scale_.end_us; }  // negative: never shown
  void advance(qint64 now_us);

  void set_message(const QString& text);
  const QString& message() const { return message_; }
  void set_badge(const QString& text);
  void set_utc(bool utc);
  void set_ends_in_past(bool past);
  void set_crosshair(std::optional<qint64> time_us);
  std::optional<qint64> crosshair() const { return crosshair_us_; }
  void set_chosen(std::optional<quint64> id);
  void refresh_appearance();

  const TimelineData& data() const { return data_; }
  const TimelineLayout& layout_of_bars() const { return layout_; }
  int running_at(qint64 time_us) const;  // jobs
  QRect plot() const { return plot_; }
  QRectF box_of(const TimelineBar& bar) const;
  const ChartPaintStats& stats() const { return stats_; }  // full_repaints: of the pixmap

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 signals:
  void pointed(std::optional<qint64> time_us);  // the pointer names a time, or left
  void chosen(quint64 id);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  struct LaneBox {
    int top = 0;
    int height = 0;
  };

  void lay_out_rows();
  void render();
  void paint_grid(QPainter* painter) const;
  void paint_strips(QPainter* painter) const;
  void paint_lanes(QPainter* painter) const;
  void paint_bar(QPainter* painter, const TimelineBar& bar) const;
  void paint_bar_label(QPainter* painter, const TimelineBar& bar, const QRectF& box) const;
  void paint_overlay(QPainter* painter);
  void paint_tooltip(QPainter* painter);
  std::vector<TooltipRow> rows_of(const TimelineBar& bar) const;
  const TimelineBar* bar_at(const QPointF& position) const;
  QString time_text(qint64 time_us) const;
  QFont label_font() const;
  int strips_height() const;
  static QString share_name();

  TimelineData data_;
  Describe describe_;
  TimelineScale scale_;
  TimelineLayout layout_;
  std::vector<int> rows_kept_;  // by lane: so that nothing jumps while bars come and go
  std::vector<LaneBox> lanes_;
  QPixmap picture_;
  ChartPaintStats stats_;
  QString message_;
  QString badge_;
  std::optional<qint64> crosshair_us_;
  std::optional<QPointF> pointer_;  // while it is over the plot
  std::optional<quint64> chosen_;
  QRect plot_;  // lanes and strips
  int gutter_ = 0;
  bool dirty_ = true;  // the layout
  bool picture_dirty_ = true;
  bool utc_ = false;
  bool ends_in_past_ = false;
};

}  // namespace nodetune
