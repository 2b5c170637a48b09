// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/bridge/page_text.h"

#include <QXmlStreamReader>
#include <algorithm>
#include <utility>

namespace nodetune {
namespace {

bool is(const QXmlStreamReader& reader, QLatin1String name) {
  return reader.name() == name;
}

void add_text(const QString& text, const QTextCharFormat& format, TextRuns& runs) {
  if (text.isEmpty()) return;
  QString one = text.simplified();
  const bool before = runs.empty() || runs.back().text.endsWith(QLatin1Char(' '));
  if (text.front().isSpace() && !before) one.prepend(QLatin1Char(' '));
  if (text.back().isSpace() && !one.isEmpty() && !one.endsWith(QLatin1Char(' '))) {
    one.append(QLatin1Char(' '));
  }
  if (!one.isEmpty()) runs.push_back({one, format});
}

void add_badge(QXmlStreamReader& reader, QTextCharFormat format, TextRuns& runs) {
  const auto ink = tone_ink(classes_of(reader));
  const auto ground = tone_ground(classes_of(reader));
  QString text = reader.readElementText(QXmlStreamReader::IncludeChildElements).simplified();
  format.setFontWeight(QFont::Normal);
  format.setForeground(ink);
  if (ink != kPaperDim) {
    format.setBackground(ground);
    text = QChar(QChar::Nbsp) + text + QChar(QChar::Nbsp);
  }
  runs.push_back({text, format});
}

QTextCharFormat child_format(const QXmlStreamReader& reader, const QTextCharFormat& format) {
  auto child = format;
  const auto kind = classes_of(reader);
  if (is(reader, QLatin1String("b")) || is(reader, QLatin1String("strong"))) {
    child.setFontWeight(QFont::Bold);
  }
  if (is(reader, QLatin1String("i")) || is(reader, QLatin1String("em"))) child.setFontItalic(true);
  if (is(reader, QLatin1String("code")) || kind.contains(QLatin1String("path "))) {
    child.setFontFamilies({QStringLiteral("Monospace")});
    child.setFontStyleHint(QFont::Monospace);
  }
  if (kind.contains(QLatin1String("note "))) child.setForeground(kPaperDim);
  return child;
}

void collect(QXmlStreamReader& reader, const QTextCharFormat& format, TextRuns& runs) {
  while (!reader.atEnd()) {
    reader.readNext();
    if (reader.isEndElement()) return;
    if (reader.isCharacters()) {
      add_text(reader.text().toString(), format, runs);
    } else if (reader.isStartElement()) {
      if (classes_of(reader).contains(QLatin1String("badge "))) {
        add_badge(reader, format, runs);
      } else {
        collect(reader, child_format(reader, format), runs);
      }
    }
  }
}

PageRow read_row(QXmlStreamReader& reader, bool head) {
  PageRow row;
  const auto kind = classes_of(reader);
  row.shaded = kind.contains(QLatin1String("over "));
  const bool strong = head || kind.contains(QLatin1String("strong "));
  const auto format = plain_text(kTablePoints, head ? kPaperDim : kPaperInk, strong);
  while (reader.readNextStartElement()) {
    PageCell cell;
    cell.right = classes_of(reader).contains(QLatin1String("num "));
    cell.runs = read_runs(reader, format);
    row.cells.push_back(std::move(cell));
  }
  return row;
}

}  // namespace

QTextCharFormat plain_text(double points, const QColor& ink, bool bold) {
  QTextCharFormat format;
  format.setFont(paper_font(points, bold));
  format.setForeground(ink);
  return format;
}

QString classes_of(const QXmlStreamReader& reader) {
  return reader.attributes().value(QLatin1String("class")).toString() + QLatin1Char(' ');
}

QColor tone_ink(const QString& classes) {
  if (classes.contains(QLatin1String("good "))) return {0x00, 0x70, 0x4f};
  if (classes.contains(QLatin1String("warn "))) return {0x8a, 0x5a, 0x00};
  if (classes.contains(QLatin1String("bad "))) return {0xb3, 0x26, 0x1e};
  return kPaperDim;
}

QColor tone_ground(const QString& classes) {
  if (classes.contains(QLatin1String("good "))) return {0xe3, 0xf4, 0xed};
  if (classes.contains(QLatin1String("warn "))) return {0xfd, 0xf1, 0xdc};
  if (classes.contains(QLatin1String("bad "))) return {0xfb, 0xe6, 0xe4};
  return kPaperShade;
}

TextRuns read_runs(QXmlStreamReader& reader, const QTextCharFormat& format) {
  TextRuns runs;
  collect(reader, format, runs);
  while (!runs.empty() && runs.back().text.trimmed().isEmpty()) runs.pop_back();
  if (!runs.empty() && runs.back().text.endsWith(QLatin1Char(' '))) runs.back().text.chop(1);
  return runs;
}

PageTable read_table(QXmlStreamReader& reader) {
  PageTable table;
  while (reader.readNextStartElement()) {
    const bool head = is(reader, QLatin1String("thead"));
    table.has_header = table.has_header || head;
    if (is(reader, QLatin1String("tr"))) {
      table.rows.push_back(read_row(reader, head));
      continue;
    }
    while (reader.readNextStartElement()) table.rows.push_back(read_row(reader, head));
  }
  for (const auto& row : table.rows) table.columns = std::max(table.columns, row.cells.size());
  return table;
}

}  // namespace nodetune
