// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QColor>
#include <QString>
#include <QTextCharFormat>
#include <vector>

#include "ui/bridge/paper.h"

class QXmlStreamReader;

// Reads text and tables out of a report's HTML page. Each function takes what stands in the
// reader's current element, up to its end.

namespace nodetune {

struct TextRun {
  QString text;
  QTextCharFormat format;
};
using TextRuns = std::vector<TextRun>;

struct PageCell {
  TextRuns runs;
  bool right = false;
};
struct PageRow {
  std::vector<PageCell> cells;
  bool shaded = false;
};
struct PageTable {
  std::vector<PageRow> rows;
  std::size_t columns = 0;
  bool has_header = false;
};

QTextCharFormat plain_text(double points, const QColor& ink = kPaperInk, bool bold = false);

// "badge warn ": each name is followed by a blank.
QString classes_of(const QXmlStreamReader& reader);
// The colours of "good", "warn" and "bad" among these; else dim on grey.
QColor tone_ink(const QString& classes);
QColor tone_ground(const QString& classes);

// White space is one blank, and none stands at the edges.
TextRuns read_runs(QXmlStreamReader& reader, const QTextCharFormat& format);
PageTable read_table(QXmlStreamReader& reader);

}  // namespace nodetune
