// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/bridge/report_document.h"

#include <QAbstractTextDocumentLayout>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextDocument>
#include <QTextFrame>
#include <QTextTable>
#include <QXmlStreamReader>
#include <QXmlStreamWriter>
#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/bridge/chart_row.h"
#include "ui/bridge/page_text.h"
#include "ui/bridge/paper.h"
#include "ui/bridge/text.h"

namespace nodetune {
namespace {

constexpr double kHeadingRoomPoints = 70;  // a heading and what makes it worth reading
constexpr int kTileColumns = 4;
constexpr qsizetype kSoftBreakEvery = 24;  // characters of one word in a table

// Margins are given in dots of the screen, which Qt scales: by how much is not told.
double margin_scale(const QPagedPaintDevice& device) {
  constexpr double kMargin = 100;
  QTextDocument probe;
  probe.documentLayout()->setPaintDevice(const_cast<QPagedPaintDevice*>(&device));
  probe.setDocumentMargin(kMargin);
  return probe.documentLayout()->blockBoundingRect(probe.firstBlock()).top() / kMargin;
}

// Puts what the page holds into a document, from top to bottom.
class PageReader {
 public:
  PageReader(const std::string& html, const std::vector<ReportChart>& charts,
             const QPagedPaintDevice& device)
      : reader_(QByteArray::fromRawData(html.data(), static_cast<qsizetype>(html.size()))),
        charts_(charts),
        dots_per_point_(device.logicalDpiY() / kPointsPerInch),
        units_per_point_(dots_per_point_ / margin_scale(device)),
        document_(std::make_unique<QTextDocument>()),
        cursor_(document_.get()) {
    const QRect page = device.pageLayout().paintRectPixels(device.logicalDpiX());
    document_->setUndoRedoEnabled(false);
    document_->setDocumentMargin(0);
    document_->setDefaultFont(paper_font(kBodyPoints));
    document_->documentLayout()->setPaintDevice(const_cast<QPagedPaintDevice*>(&device));
    rows_ = new ChartRows(device, page.width(), document_.get());
    document_->documentLayout()->registerHandler(ChartRows::kObjectType, rows_);
    page_size_ = QSizeF(page.size());
  }

  Result<std::unique_ptr<QTextDocument>> read() {
    {
      cursor_.beginEditBlock();
      if (reader_.readNextStartElement()) blocks();
      cursor_.endEditBlock();
    }
    if (reader_.hasError()) {
      return Status(StatusCode::corrupt,
                    "the report's page is not well-formed: " + reader_.errorString().toStdString());
    }
    document_->setPageSize(page_size_);
    keep_headings_with_text();
    return std::move(document_);
  }

 private:
  QString classes() const { return classes_of(reader_); }
  bool is(QLatin1String name) const { return reader_.name() == name; }

  // What stands in the current element, up to its end.
  void blocks() {
    while (!reader_.atEnd()) {
      reader_.readNext();
      if (reader_.isEndElement()) return;
      if (reader_.isStartElement()) {
        block();
      } else if (reader_.isCharacters() && !reader_.isWhitespace()) {
        begin({}, plain_text(kBodyPoints));
        insert({{reader_.text().toString().simplified(), plain_text(kBodyPoints)}});
      }
    }
  }

  void block() {
    const auto name = reader_.name().toString();
    const auto kind = classes();
    if (name == QLatin1String("head") || name == QLatin1String("nav") ||
        name == QLatin1String("script")) {
      reader_.skipCurrentElement();
    } else if (name == QLatin1String("h1")) {
      heading(kTitlePoints, 0, 2);
    } else if (name == QLatin1String("h2")) {
      heading(kSectionPoints, 16, 4);
    } else if (name == QLatin1String("h3")) {
      heading(kHeadingPoints, 8, 2);
    } else if (name == QLatin1String("table")) {
      insert_table(read_table(reader_));
    } else if (name == QLatin1String("details")) {
      folded();
    } else if (name == QLatin1String("div") && kind.contains(QLatin1String("tiles "))) {
      tiles();
    } else if (name == QLatin1String("div") && kind.contains(QLatin1String("charts "))) {
      charts();
    } else if (name == QLatin1String("figure")) {
      insert_charts({figure()});
    } else if (name == QLatin1String("p") && kind.contains(QLatin1String("health"))) {
      banner(kind);
    } else if (name == QLatin1String("p") || name == QLatin1String("li") ||
               name == QLatin1String("pre") || name == QLatin1String("footer")) {
      paragraph(name, kind);
    } else {
      blocks();
    }
  }

  void heading(double points, double above, double below) {
    QTextBlockFormat format;
    format.setTopMargin(above * units_per_point_);
    format.setBottomMargin(below * units_per_point_);
    format.setHeadingLevel(points >= kSectionPoints ? 2 : 3);
    begin(format, plain_text(points, kPaperInk, true));
    insert(read_runs(reader_, plain_text(points, kPaperInk, true)));
  }

  void paragraph(const QString& name, const QString& kind) {
    const bool note = kind.contains(QLatin1String("note")) || name == QLatin1String("footer");
    const bool dim = note || kind.contains(QLatin1String("sub"));
    const auto format = plain_text(note ? kNotePoints : kBodyPoints, dim ? kPaperDim : kPaperInk);
    QTextBlockFormat lines;
    lines.setTopMargin((name == QLatin1String("footer") ? 10 : 1) * units_per_point_);
    lines.setBottomMargin((note ? 4 : 2) * units_per_point_);
    if (name == QLatin1String("li")) lines.setLeftMargin(10 * units_per_point_);
    begin(lines, format);
    if (name == QLatin1String("li")) insert({{QStringLiteral("• "), format}});
    insert(read_runs(reader_, format));
  }

  // What a reader unfolds on the page would fill many sheets.
  void folded() {
    QString summary;
    while (reader_.readNextStartElement()) {
      if (is(QLatin1String("summary"))) {
        summary = reader_.readElementText(QXmlStreamReader::IncludeChildElements);
      } else {
        reader_.skipCurrentElement();
      }
    }
    begin({}, plain_text(kNotePoints, kPaperDim));
    insert({{QObject::tr("%1: in the HTML, CSV and JSON reports.").arg(summary.simplified()),
             plain_text(kNotePoints, kPaperDim)}});
  }

  // The next paragraph; the first of the document, a cell or behind a table is there already.
  void begin(const QTextBlockFormat& lines, const QTextCharFormat& format) {
    if (fresh_) {
      cursor_.setBlockFormat(lines);
      cursor_.setBlockCharFormat(format);
      fresh_ = false;
      return;
    }
    cursor_.insertBlock(lines, format);
  }
  void insert(const TextRuns& runs) {
    for (const auto& run : runs) cursor_.insertText(run.text, run.format);
  }

  void banner(const QString& kind) {
    QTextTableFormat format;
    format.setBorder(0);
    format.setCellPadding(5 * units_per_point_);
    format.setCellSpacing(0);
    format.setTopMargin(4 * units_per_point_);
    format.setBottomMargin(6 * units_per_point_);
    format.setBackground(tone_ground(kind));
    format.setWidth(QTextLength(QTextLength::PercentageLength, 100));
    auto* table = cursor_.insertTable(1, 1, format);
    const auto ink = kind.trimmed() == QLatin1String("health") ? kPaperInk : tone_ink(kind);
    auto runs = read_runs(reader_, plain_text(kHeadingPoints, ink, true));
    if (!runs.empty()) runs.front().text += QStringLiteral("  ");
    fill(table->cellAt(0, 0), runs, {});
    leave(table);
  }

  void tiles() {
    std::vector<std::vector<QString>> all;
    while (reader_.readNextStartElement()) {
      auto& tile = all.emplace_back();
      while (reader_.readNextStartElement()) {
        tile.push_back(
            reader_.readElementText(QXmlStreamReader::IncludeChildElements).simplified());
      }
    }
    if (all.empty()) return;
    const int lines = static_cast<int>((all.size() + kTileColumns - 1) / kTileColumns);
    QTextTableFormat format;
    format.setBorder(0);
    format.setCellPadding(4 * units_per_point_);
    format.setCellSpacing(3 * units_per_point_);
    format.setWidth(QTextLength(QTextLength::PercentageLength, 100));
    format.setColumnWidthConstraints(QList<QTextLength>(
        kTileColumns, QTextLength(QTextLength::PercentageLength, 100.0 / kTileColumns)));
    auto* table = cursor_.insertTable(lines, kTileColumns, format);
    for (std::size_t i = 0; i < all.size(); ++i) {
      auto cell =
          table->cellAt(static_cast<int>(i) / kTileColumns, static_cast<int>(i) % kTileColumns);
      QTextCharFormat ground;
      ground.setBackground(kPaperShade);
      cell.setFormat(ground);
      auto at = cell.firstCursorPosition();
      for (std::size_t line = 0; line < all[i].size(); ++line) {
        const auto look = line == 1 ? plain_text(kFigurePoints, kPaperInk, true)
                                    : plain_text(kNotePoints, kPaperDim);
        if (line > 0) at.insertBlock();
        at.insertText(all[i][line], look);
      }
    }
    leave(table);
  }

  void charts() {
    std::vector<ChartPicture> row;
    while (reader_.readNextStartElement()) {
      row.push_back(figure());
      if (row.size() == ChartRows::kChartsInRow) insert_charts(std::exchange(row, {}));
    }
    if (!row.empty()) insert_charts(std::move(row));
  }

  void insert_charts(std::vector<ChartPicture> row) {
    begin({}, {});
    cursor_.insertText(QString(QChar::ObjectReplacementCharacter), rows_->add(std::move(row)));
  }

  ChartPicture figure() {
    ChartPicture picture;
    while (reader_.readNextStartElement()) {
      if (is(QLatin1String("figcaption"))) {
        caption(picture);
      } else if (is(QLatin1String("svg"))) {
        picture.svg = drawing();
      } else {
        picture.missing =
            reader_.readElementText(QXmlStreamReader::IncludeChildElements).simplified();
      }
    }
    if (picture.svg.isEmpty()) return picture;
    // Charts come in the order in which they were made; those without data have no drawing.
    const auto title = picture.title.toStdString();
    const auto found = std::find_if(
        charts_.begin() + next_chart_, charts_.end(),
        [&title](const auto& one) { return one.title == title && !one.chart.series.empty(); });
    if (found == charts_.end()) return picture;
    next_chart_ = found - charts_.begin() + 1;
    SvgOptions options;
    options.width = ChartRows::kSvgWidth;
    picture.svg = for_paper(render_chart_svg(found->chart, options));
    return picture;
  }

  void caption(ChartPicture& picture) {
    while (!reader_.atEnd()) {
      reader_.readNext();
      if (reader_.isEndElement()) return;
      if (reader_.isCharacters()) {
        picture.title += reader_.text().toString().simplified();
      } else if (reader_.isStartElement()) {
        const bool badge = classes().contains(QLatin1String("badge "));
        auto& into = badge ? picture.source : picture.note;
        into = reader_.readElementText(QXmlStreamReader::IncludeChildElements).simplified();
      }
    }
  }

  // The drawing of the current element as it stands in the page.
  QByteArray drawing() {
    QByteArray copy;
    QXmlStreamWriter writer(&copy);
    int depth = 0;
    do {
      writer.writeCurrentToken(reader_);
      depth += reader_.isStartElement() ? 1 : reader_.isEndElement() ? -1 : 0;
      if (depth > 0) reader_.readNext();
    } while (depth > 0 && !reader_.atEnd());
    return for_paper(copy.toStdString());
  }

  // Inside a page a drawing needs no name space. Qt's SVG does not know `dx` of a tspan, and drops
  // the blank that stands for it, unless it is told to keep blanks.
  static QByteArray for_paper(const std::string& svg) {
    auto text = QByteArray::fromStdString(svg);
    text.replace("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" xml:space=\"preserve\" ");
    text.replace("system-ui, sans-serif", "Sans Serif");
    text.replace("dx=\"6\">", ">&#160;");
    return text;
  }

  void insert_table(const PageTable& table) {
    if (table.columns == 0) return;
    QTextTableFormat format;
    format.setBorder(0);
    format.setCellPadding(0);
    format.setCellSpacing(0);
    format.setTopMargin(3 * units_per_point_);
    format.setBottomMargin(5 * units_per_point_);
    format.setHeaderRowCount(table.has_header ? 1 : 0);
    format.setWidth(QTextLength(QTextLength::PercentageLength, 100));
    auto* grid = cursor_.insertTable(static_cast<int>(table.rows.size()),
                                     static_cast<int>(table.columns), format);
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      const auto& row = table.rows[i];
      for (std::size_t j = 0; j < row.cells.size(); ++j) {
        auto cell = grid->cellAt(static_cast<int>(i), static_cast<int>(j));
        QTextBlockFormat lines;
        lines.setAlignment(row.cells[j].right ? Qt::AlignRight : Qt::AlignLeft);
        fill(cell, row.cells[j].runs, lines);
        cell.setFormat(cell_format(row, j + 1 == row.cells.size()));
      }
    }
    leave(grid);
  }

  QTextTableCellFormat cell_format(const PageRow& row, bool last) const {
    QTextTableCellFormat format;
    format.setFont(paper_font(kTablePoints));
    format.setTopPadding(1.6 * units_per_point_);
    format.setBottomPadding(1.6 * units_per_point_);
    format.setRightPadding(last ? 0 : 6 * units_per_point_);
    format.setBottomBorder(0.5 * units_per_point_);
    format.setBottomBorderStyle(QTextFrameFormat::BorderStyle_Solid);
    format.setBottomBorderBrush(kPaperLine);
    if (row.shaded) format.setBackground(tone_ground(QStringLiteral("warn ")));
    return format;
  }

  static void fill(const QTextTableCell& cell, const TextRuns& runs,
                   const QTextBlockFormat& lines) {
    auto at = cell.firstCursorPosition();
    at.setBlockFormat(lines);
    for (const auto& run : runs) at.insertText(breakable(run.text), run.format);
  }

  // Long words (paths, option values) may be broken, or their column takes the page.
  static QString breakable(const QString& text) {
    QString out;
    qsizetype length = 0;
    for (const QChar c : text) {
      length = c.isSpace() ? 0 : length + 1;
      out += c;
      const bool at_mark = c == QLatin1Char('/') || c == QLatin1Char('_') ||
                           c == QLatin1Char(',') || c == QLatin1Char(';');
      if (length < kSoftBreakEvery && !(at_mark && length > 1)) continue;
      out += QChar(0x200B);
      length = 0;
    }
    return out;
  }

  void leave(QTextTable* table) {
    cursor_ = table->lastCursorPosition();
    cursor_.movePosition(QTextCursor::NextCharacter);
    // A document cannot do without a paragraph behind a table: it must not be seen.
    fresh_ = true;
    QTextBlockFormat thin;
    thin.setLineHeight(1, QTextBlockFormat::FixedHeight);
    cursor_.setBlockFormat(thin);
    cursor_.setBlockCharFormat(plain_text(1));
  }

  void keep_headings_with_text() {
    const double height = page_size_.height();
    for (auto block = document_->begin(); block.isValid(); block = block.next()) {
      if (block.blockFormat().headingLevel() == 0) continue;
      const auto box = document_->documentLayout()->blockBoundingRect(block);
      const double foot = (std::floor(box.top() / height) + 1) * height;
      const auto next = block.next();
      const bool next_is_picture =
          next.isValid() && next.text().startsWith(QChar::ObjectReplacementCharacter);
      const double needed =
          next_is_picture
              ? document_->documentLayout()->blockBoundingRect(next).height() + box.height()
              : kHeadingRoomPoints * dots_per_point_;
      if (box.top() + needed <= foot) continue;
      auto format = block.blockFormat();
      format.setPageBreakPolicy(QTextFormat::PageBreak_AlwaysBefore);
      QTextCursor(block).setBlockFormat(format);
      // Qt 6.4 loses paragraphs behind tables when it lays out only what is below.
      document_->markContentsDirty(0, document_->characterCount());
    }
  }

  QXmlStreamReader reader_;
  const std::vector<ReportChart>& charts_;
  const double dots_per_point_;
  const double units_per_point_;  // of margins and paddings
  std::unique_ptr<QTextDocument> document_;
  QTextCursor cursor_;
  ChartRows* rows_ = nullptr;
  QSizeF page_size_;
  std::ptrdiff_t next_chart_ = 0;
  bool fresh_ = true;
};

}  // namespace

Result<std::unique_ptr<QTextDocument>> paper_document(const std::string& html,
                                                      const std::vector<ReportChart>& charts,
                                                      const QPagedPaintDevice& device) {
  return PageReader(html, charts, device).read();
}

}  // namespace nodetune
