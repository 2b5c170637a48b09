// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QColor>
#include <QFont>

// How a report looks on paper: the HTML page's colours, sizes in points.

namespace nodetune {

inline constexpr QColor kPaperInk(0x1b, 0x20, 0x26);
inline constexpr QColor kPaperDim(0x5b, 0x65, 0x70);
inline constexpr QColor kPaperLine(0xdf, 0xe3, 0xe8);
inline constexpr QColor kPaperShade(0xf3, 0xf5, 0xf7);

inline constexpr double kPointsPerInch = 72;
inline constexpr double kTitlePoints = 18;
inline constexpr double kSectionPoints = 13;
inline constexpr double kHeadingPoints = 9.5;
inline constexpr double kBodyPoints = 8.5;
inline constexpr double kFigurePoints = 12;
inline constexpr double kCaptionPoints = 8.5;
inline constexpr double kTablePoints = 7;
inline constexpr double kNotePoints = 7;

inline QFont paper_font(double points, bool bold = false) {
  QFont font(QStringLiteral("Sans Serif"));
  font.setStyleHint(QFont::SansSerif);
  font.setPointSizeF(points);
  font.setBold(bold);
  // Any spacing at all keeps Qt from ligatures, which readers do not find: "buffer" as "buﬀer".
  font.setLetterSpacing(QFont::AbsoluteSpacing, 0.02);
  return font;
}

}  // namespace nodetune
