// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/models/memory_tables.h"

#include <cmath>

#include "engine/node/memory_picture.h"
#include "ui/bridge/text.h"

namespace nodetune {
namespace {

QString age_of(const MemoryPart& part, const LastLook& look) {
  if (std::isnan(part.bytes)) return {};
  const double age = part.as_of ? to_seconds(look.time - *part.as_of) : 0;
  if (age >= 1) return seconds_text(std::floor(age));
  return look.is_end ? QObject::tr("at the end") : QObject::tr("now");
}

QString origin_of(const MemoryPart& part) {
  const QString origin = to_qt(part.origin);
  const bool said = origin.isEmpty() || origin.startsWith(QLatin1String("derived"));
  return part.source == Source::derived && !said ? QObject::tr("derived: %1").arg(origin) : origin;
}

}  // namespace

std::vector<CellColumn> memory_columns() {
  return {{QObject::tr("Part")},
          {QObject::tr("Now"), true, QObject::tr("What it holds, as far as that can be known")},
          {QObject::tr("At most"), true,
           QObject::tr("What the options in force, or the limit, let it take")},
          {QObject::tr("What is known of it")},
          {QObject::tr("Found in")},
          {QObject::tr("Age"), true, QObject::tr("Of the figure under Now")}};
}

std::vector<CellRow> memory_rows(const std::vector<MemoryPart>& parts, const LastLook& look) {
  const QString unknown = QObject::tr("Not known from outside");
  std::vector<CellRow> rows;
  rows.reserve(parts.size());
  const MemoryPart* before = nullptr;
  for (const auto& part : parts) {
    const bool inner = before != nullptr && before->kind == part.kind;
    auto name = text_cell(inner ? QStringLiteral("    ") + to_qt(part.name) : to_qt(part.name));
    if (part.name == memory_part::kKilled) {
      name.tone = Tone::bad;
      name.text = tone_symbol(Tone::bad) + QChar(' ') + to_qt(part.name);
    }
    rows.push_back({QString::number(rows.size()) + to_qt(part.name),
                    {name, figure_cell(part.bytes, bytes_text(part.bytes), unknown),
                     figure_cell(part.bytes_max, bytes_text(part.bytes_max), unknown),
                     text_cell(to_qt(part.note)), text_cell(origin_of(part), true),
                     text_cell(age_of(part, look), true)}});
    before = &part;
  }
  return rows;
}

}  // namespace nodetune
