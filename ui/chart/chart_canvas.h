// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QPixmap>
#include <QtCharts/QChartView>
#include <optional>
#include <vector>

#include "ui/chart/chart_overlay.h"
#include "ui/chart/chart_types.h"
#include "ui/chart/trace_layer.h"
#include "ui/chart/trace_model.h"

class QLineSeries;
class QValueAxis;

namespace nodetune {

// The picture inside a ChartPanel, in three layers: the QChart (grid) and axis labels as a cached
// pixmap, the traces as a ring of columns, the overlay (markers, threshold, crosshair).
//
// Nothing in it animates or polls: it changes when advance() is called and something is new.
// Thread: GUI. Lifetime: owned by its ChartPanel.
class ChartCanvas : public QChartView {
  Q_OBJECT
 public:
  explicit ChartCanvas(QWidget* parent = nullptr);
  ~ChartCanvas() override;

  TraceModel& model() { return model_; }
  const TraceModel& model() const { return model_; }
  // After the series, an axis or the span changed: everything is read and painted again.
  void reset();
  void set_span(qint64 span_us);
  qint64 span_us() const { return span_us_; }
  qint64 now_us() const { return now_us_; }

  // Reads what is new and paints it. Does nothing for a widget without a size.
  void advance(qint64 now_us);

  void set_markers(std::vector<ChartMarker> markers);
  void set_threshold(std::optional<ChartThreshold> threshold);
  void set_message(const QString& text);
  const QString& message() const { return message_; }
  void set_badge(const QString& text);
  void set_utc(bool utc);
  void set_ends_in_past(bool past);
  void set_crosshair(std::optional<qint64> time_us);
  std::optional<qint64> crosshair() const { return crosshair_us_; }
  void refresh_appearance();

  // Paints lines instead of the trace layer's pixels: for printing.
  void set_vector_output(bool on) { vector_output_ = on; }
  QRect plot() const { return plot_; }
  const ChartPaintStats& stats() const { return stats_; }

 signals:
  // The pointer names a time, or left.
  void pointed(std::optional<qint64> time_us);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  bool viewportEvent(QEvent* event) override;

 private:
  void leave();
  void lay_out();
  void place_axes();
  void paint_background(QPainter* painter);
  void paint_labels(QPainter* painter);
  void paint_traces_as_lines(QPainter* painter);
  void paint_overlay(QPainter* painter);
  void paint_tooltip(QPainter* painter);
  std::vector<Trace> traces() const;
  OverlayStyle overlay_style() const;
  QFont label_font() const;
  double x_of(qint64 time_us) const;
  int divisions(ChartAxis axis) const;

  TraceModel model_;
  TraceLayer layer_;
  QPixmap background_;
  QValueAxis* time_axis_;
  QValueAxis* value_axis_;
  ChartPaintStats stats_;
  std::vector<ChartMarker> markers_;
  std::optional<ChartThreshold> threshold_;
  std::optional<qint64> crosshair_us_;
  std::optional<double> pointer_x_;  // while the pointer is over the plot
  QString message_;
  QString badge_;
  QRect plot_;
  qint64 span_us_ = 60'000'000;
  qint64 now_us_ = -1;
  bool layout_dirty_ = true;
  bool background_dirty_ = true;
  bool vector_output_ = false;
  bool utc_ = false;
  bool ends_in_past_ = false;
};

}  // namespace nodetune
