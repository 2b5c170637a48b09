// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/bridge/pdf_report.h"

#include <QAbstractTextDocumentLayout>
#include <QBuffer>
#include <QFontMetricsF>
#include <QPageLayout>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <QTextDocument>

#include "engine/report/anonymise.h"
#include "engine/report/report_charts.h"
#include "engine/report/report_text.h"
#include "ui/bridge/paper.h"
#include "ui/bridge/report_document.h"
#include "ui/bridge/text.h"

namespace nodetune {
namespace {

constexpr int kDotsPerInch = 600;
constexpr QMarginsF kMarginsMm(15, 14, 15, 18);  // the foot line stands in the lower one
constexpr double kFootMm = 9;                    // below the text
constexpr double kMmPerInch = 25.4;
constexpr int kLaidOut = 500;  // permille, when the pages begin
constexpr int kDrawn = 950;

void draw_foot(QPainter& painter, const QString& text, int page, int pages, QSizeF size) {
  painter.setFont(paper_font(kNotePoints));
  painter.setPen(kPaperDim);
  const QFontMetricsF measure(painter.font(), painter.device());
  const double line = size.height() + kFootMm * kDotsPerInch / kMmPerInch;
  const QString number = QObject::tr("Page %1 of %2").arg(page).arg(pages);
  const double number_width = measure.horizontalAdvance(number);
  const double room = size.width() - number_width - measure.height();
  painter.drawText(QPointF(0, line), measure.elidedText(text, Qt::ElideMiddle, room));
  painter.drawText(QPointF(size.width() - number_width, line), number);
}

void draw_page(QPainter& painter, const QTextDocument& document, int page) {
  const QSizeF size = document.pageSize();
  QAbstractTextDocumentLayout::PaintContext context;
  context.clip = QRectF(0, page * size.height(), size.width(), size.height());
  context.palette.setColor(QPalette::Text, kPaperInk);
  painter.save();
  painter.translate(0, -context.clip.top());
  painter.setClipRect(context.clip);
  document.documentLayout()->draw(&painter, context);
  painter.restore();
}

Status draw_pages(const Report& report, const QTextDocument& document, QPdfWriter& writer,
                  JobControl& control) {
  const QString foot = QObject::tr("NodeTune report · %1 · %2")
                           .arg(to_qt(report.node.path), to_qt(utc_text(report.made)));
  const int pages = document.pageCount();
  QPainter painter(&writer);
  for (int page = 0; page < pages; ++page) {
    if (control.cancelled.load(std::memory_order_relaxed)) {
      return {StatusCode::cancelled, QObject::tr("Cancelled: nothing was written.").toStdString()};
    }
    if (page > 0) writer.newPage();
    draw_page(painter, document, page);
    draw_foot(painter, foot, page + 1, pages, document.pageSize());
    control.permille.store(kLaidOut + (kDrawn - kLaidOut) * (page + 1) / pages,
                           std::memory_order_relaxed);
  }
  return Status::ok();
}

}  // namespace

Result<std::string> render_pdf(const Report& report, const ReportOptions& options,
                               JobControl& control) {
  if (options.anonymise.value_or(false) && !report.anonymised) {
    return render_pdf(anonymised(report, this_machine()), options, control);
  }
  QBuffer file;
  file.open(QIODevice::WriteOnly);
  {
    QPdfWriter writer(&file);
    writer.setResolution(kDotsPerInch);
    writer.setPageLayout(QPageLayout(QPageSize(QPageSize::A4), QPageLayout::Portrait, kMarginsMm,
                                     QPageLayout::Millimeter));
    writer.setTitle(QObject::tr("NodeTune report: %1").arg(to_qt(report.node.path)));
    writer.setCreator(QStringLiteral("NodeTune ") + to_qt(report.program_version));
    const auto document =
        paper_document(render(report, ReportFormat::html, options), report_charts(report), writer);
    if (!document) return document.status();
    control.permille.store(kLaidOut, std::memory_order_relaxed);
    const auto status = draw_pages(report, **document, writer, control);
    if (!status) return status;
  }
  return file.data().toStdString();
}

}  // namespace nodetune
