// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QDateTime>
#include <QLocale>
#include <QString>
#include <string>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/base/format.h"

namespace nodetune {

// The engine's texts and figures as the window shows them. A missing figure is "–".

inline QString to_qt(std::string_view text) {
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}
inline QString bytes_text(double bytes) {
  return to_qt(format_bytes(bytes));
}
inline QString count_text(double count) {
  return to_qt(format_count(count));
}
inline QString seconds_text(double seconds) {
  return to_qt(format_seconds(seconds));
}
inline QString ratio_text(double ratio) {
  return to_qt(format_ratio(ratio));
}
// "12 345": all digits, for tables.
inline QString whole_text(quint64 count) {
  return QLocale().toString(count);
}

inline QDateTime to_qt(TimePoint time, bool utc) {
  const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
  return QDateTime::fromMSecsSinceEpoch(whole.count(), utc ? Qt::UTC : Qt::LocalTime);
}
// "14:03:07.120"; the zone stands in the status bar.
inline QString clock_text(TimePoint time, bool utc) {
  return to_qt(time, utc).toString(QStringLiteral("HH:mm:ss.zzz"));
}
// "2024-08-27 09:14:03".
inline QString date_text(TimePoint time, bool utc) {
  return to_qt(time, utc).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
}

}  // namespace nodetune
