// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QByteArray>
#include <QObject>
#include <QPagedPaintDevice>
#include <QString>
#include <QTextObjectInterface>
#include <vector>

namespace nodetune {

// One chart on paper: its caption, and its lines or why there are none.
struct ChartPicture {
  QString title;    // "Disk latency"
  QString source;   // "measured"
  QString note;     // "in each second"
  QByteArray svg;   // a file of its own; empty: no data
  QString missing;  // then the reason
  QSizeF box;       // of its coordinates; set by ChartRows
};

// Draws charts side by side inside a QTextDocument, as vectors. A row is one character of the
// document, so that no page break goes through a chart or between it and its caption.
//
// Thread: the document's, any. Lifetime: the document's child; `device` must outlive it.
class ChartRows : public QObject, public QTextObjectInterface {
  Q_OBJECT
  Q_INTERFACES(QTextObjectInterface)
 public:
  static constexpr int kObjectType = QTextFormat::UserObject + 1;
  static constexpr int kRowProperty = QTextFormat::UserProperty + 1;
  static constexpr std::size_t kChartsInRow = 2;
  static constexpr int kSvgWidth = 380;  // of a chart's coordinates: its text is 7 pt on A4

  // `width` in the device's dots.
  ChartRows(const QPagedPaintDevice& device, double width, QObject* parent);

  // The format of the character that shows these charts (at most kChartsInRow).
  QTextCharFormat add(std::vector<ChartPicture> charts);

  QSizeF intrinsicSize(QTextDocument* document, int position, const QTextFormat& format) override;
  void drawObject(QPainter* painter, const QRectF& rect, QTextDocument* document, int position,
                  const QTextFormat& format) override;

 private:
  double dots(double points) const;
  double chart_width() const;
  double caption_height(const ChartPicture& chart) const;
  double picture_height(const ChartPicture& chart) const;
  void draw_caption(QPainter* painter, const QRectF& rect, const ChartPicture& chart) const;
  void draw_picture(QPainter* painter, const QRectF& rect, const ChartPicture& chart) const;

  const QPagedPaintDevice& device_;
  const double width_;
  std::vector<std::vector<ChartPicture>> rows_;
};

}  // namespace nodetune
