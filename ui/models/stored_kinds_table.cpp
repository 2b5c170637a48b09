// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/models/stored_kinds_table.h"

#include <QStringList>
#include <algorithm>
#include <cmath>

#include "ui/bridge/text.h"

namespace nodetune {
namespace {

constexpr int kOtherColour = -2;
constexpr int kUnknownColour = -1;

bool is_unknown(const KindFigures& kind) {
  return !kind.kind && !kind.told_apart;
}

// "+1.2 GiB", "−30 MiB".
QString change_text(double bytes) {
  return (bytes < 0 ? QStringLiteral("−") : QStringLiteral("+")) + bytes_text(std::abs(bytes));
}

Cell growth_cell(const KindGrowth& growth) {
  auto cell = figure_cell(growth.bytes_per_day, change_text(growth.bytes_per_day),
                          QObject::tr("Not known: the node does not run, or was seen for less than "
                                      "ten minutes"));
  if (std::isfinite(growth.bytes_per_day)) {
    cell.tip = QObject::tr("Derived from %1").arg(seconds_text(growth.window_seconds));
  }
  return cell;
}

QString kind_tip(const KindFigures& kind) {
  if (kind.kind) return {};
  return kind.told_apart ? QObject::tr("Contract code, indexes, variables: none of the seven kinds")
                         : QObject::tr(
                               "Files in which several kinds lie side by side, and those of "
                               "families that nobody knows");
}

}  // namespace

std::vector<KindGrowth> stored_growth(const Node& node, const std::vector<KindFigures>& kinds) {
  std::vector<KindGrowth> all(kinds.size());
  if (!growth_is_told(node.description())) return all;
  std::transform(kinds.begin(), kinds.end(), all.begin(),
                 [&](const KindFigures& kind) { return kind_growth(node.history(), kind); });
  return all;
}

std::vector<CellColumn> stored_kind_columns() {
  return {{QObject::tr("Kind")},
          {QObject::tr("Size"), true, QObject::tr("Of live SST and blob files")},
          {QObject::tr("Share"), true, QObject::tr("Of all live files")},
          {QObject::tr("Files"), true, QObject::tr("SST and blob files")},
          {QObject::tr("Keys"), true, QObject::tr("Estimated, out of table properties")},
          {QObject::tr("Growth a day"), true,
           QObject::tr("Derived: what the size changed over all the time that it is known of")}};
}

std::vector<CellRow> stored_kind_rows(const std::vector<KindFigures>& kinds,
                                      const std::vector<KindGrowth>& growth) {
  double whole = 0;
  for (const auto& kind : kinds) whole += static_cast<double>(kind.bytes);
  std::vector<CellRow> rows;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const auto& kind = kinds[i];
    auto name = text_cell(to_qt(kind_name(kind)));
    name.tip = kind_tip(kind);
    name.dim = is_unknown(kind);
    const auto bytes = static_cast<double>(kind.bytes);
    const auto files = static_cast<double>(kind.files);
    const double share = whole > 0 ? bytes / whole : kMissing;
    rows.push_back(
        {to_qt(kind_id(kind)),
         {name, figure_cell(bytes, bytes_text(bytes)), figure_cell(share, ratio_text(share)),
          figure_cell(files, whole_text(static_cast<quint64>(std::max(0.0, files)))),
          figure_cell(kind.estimated_keys, QObject::tr("≈ %1").arg(count_text(kind.estimated_keys)),
                      QObject::tr("Not known: it needs table properties of families that hold this "
                                  "kind alone")),
          growth_cell(i < growth.size() ? growth[i] : KindGrowth{})}});
  }
  return rows;
}

QString stored_kinds_note(const NodeDescription& description, const std::vector<KindFigures>& kinds,
                          const std::vector<KindGrowth>& growth) {
  QStringList said;
  const bool mixed = std::any_of(kinds.begin(), kinds.end(), is_unknown);
  if (mixed && kinds.size() > 1) {
    said << QObject::tr("A file whose keys are of several kinds is not told apart.");
  }
  if (const auto note = stored_note(description); !note.empty()) said << to_qt(note) + QChar('.');
  double window = kMissing;
  for (const auto& one : growth) window = std::fmax(window, one.window_seconds);
  if (std::isfinite(window)) {
    said << QObject::tr("Growth a day is derived from %1.").arg(seconds_text(window));
  }
  return said.join(QChar(' '));
}

int kind_colour(const KindFigures& kind) {
  if (kind.kind) return static_cast<int>(nodetune::index_of(*kind.kind));
  return kind.told_apart ? kOtherColour : kUnknownColour;
}

}  // namespace nodetune
