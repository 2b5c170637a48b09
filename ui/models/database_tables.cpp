// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/models/database_tables.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "engine/base/stall_cause.h"
#include "ui/bridge/text.h"

namespace nodetune {
namespace {

constexpr double kScoreFull = 1;  // above it the level is over its target

QString not_known() {
  return QObject::tr(
      "Not known from outside: RocksDB keeps it inside the node's process and writes it only into "
      "its LOG's statistics.");
}

Cell bytes_cell(double value) {
  return figure_cell(value, bytes_text(value), not_known());
}
Cell count_cell(double value) {
  return figure_cell(value, whole_text(static_cast<quint64>(std::max(0.0, value))), not_known());
}
Cell factor_cell(double value) {
  return figure_cell(value, QString::number(value, 'f', 2), not_known());
}

// What does not fit is told by the tip.
Cell role_cell(const QString& role) {
  constexpr qsizetype kRoleMax = 22;
  auto cell = text_cell(role);
  if (role.size() <= kRoleMax) return cell;
  const auto end = role.lastIndexOf(QChar(' '), kRoleMax - 2);
  cell.text = role.left(end > 0 ? end : kRoleMax - 1) + QChar(0x2026);
  cell.tip = role;
  return cell;
}

Cell target_cell(double value) {
  return figure_cell(
      value, bytes_text(value),
      QObject::tr("Known where a family's options are and its compaction is by levels; level 0 and "
                  "the last level have no target."));
}
Cell table_cell(double value, const QString& text) {
  return figure_cell(value, text, QObject::tr("Not known: no SST file could be asked for it."));
}

// Short: it stands in a narrow table.
QString condition_text(StallCause cause, bool stopped) {
  switch (cause) {
    case StallCause::memtables:
      return stopped ? QObject::tr("Memtables, stop") : QObject::tr("Memtables, slow");
    case StallCause::level0_files:
      return stopped ? QObject::tr("L0 files, stop") : QObject::tr("L0 files, slow");
    case StallCause::pending_compaction_bytes:
      return stopped ? QObject::tr("Debt, stop") : QObject::tr("Debt, slow");
  }
  return {};
}

// One line of the level table, added up over families.
struct LevelSum {
  double files = 0;
  double bytes = 0;
  double score = kMissing;   // the worst
  double came_in_bytes = 0;  // written ÷ amplification; missing where that is not known
  double read_bytes = 0;     // missing where one of them is
  double written_bytes = 0;  // missing where one of them is
  double target_bytes = 0;   // missing where one of them is
  double debt_bytes = 0;     // likewise
  bool has_work = false;     // files, or bytes moved

  void add(const LevelFigures& row) {
    files += static_cast<double>(row.files);
    bytes += static_cast<double>(row.bytes);
    if (std::isfinite(row.score))
      score = std::isfinite(score) ? std::max(score, row.score) : row.score;
    read_bytes += row.read_bytes;
    written_bytes += row.write_bytes;
    target_bytes += row.target_bytes;
    debt_bytes += row.debt_bytes;
    if (row.write_bytes > 0 || !std::isfinite(row.write_bytes)) {
      came_in_bytes += row.write_bytes / row.write_amplification;
    }
    has_work = has_work || row.files > 0 || row.write_bytes > 0 || row.read_bytes > 0;
  }
  double amplification() const {
    return came_in_bytes > 0 && std::isfinite(came_in_bytes) ? written_bytes / came_in_bytes
                                                             : kMissing;
  }
};

std::vector<Cell> level_cells(const QString& name, const LevelSum& sum, double amplification) {
  auto score = factor_cell(sum.score);
  if (sum.score > kScoreFull) {
    score.tone = Tone::warn;
    score.text = tone_symbol(Tone::warn) + QChar(' ') + score.text;
    score.tip = QObject::tr("Above 1: the level is over its target and waits for a compaction");
  }
  return {text_cell(name),
          count_cell(sum.files),
          bytes_cell(sum.bytes),
          target_cell(sum.target_bytes),
          target_cell(sum.debt_bytes),
          score,
          factor_cell(amplification),
          bytes_cell(sum.read_bytes),
          bytes_cell(sum.written_bytes)};
}

// ", 7 min ago"; empty where it is of this moment.
QString fact_age(const std::optional<TimePoint>& as_of, TimePoint now) {
  if (!as_of) return {};
  const double age = to_seconds(now - *as_of);
  if (age < 1) return {};
  constexpr double kMinute = 60;
  constexpr double kHour = 3'600;
  constexpr double kDay = 86'400;
  if (age < 2 * kMinute) return QObject::tr(", %1 s ago").arg(std::floor(age));
  if (age < 2 * kHour) return QObject::tr(", %1 min ago").arg(std::floor(age / kMinute));
  if (age < 2 * kDay) return QObject::tr(", %1 h ago").arg(std::floor(age / kHour));
  return QObject::tr(", %1 days ago").arg(std::floor(age / kDay));
}

void add_fact(std::vector<CellRow>& rows, const QString& name, const QString& value,
              const QString& origin) {
  if (value.isEmpty()) return;
  auto from = text_cell(origin);
  from.dim = true;
  // The number keeps two facts of one name apart.
  rows.push_back({QStringLiteral("%1 %2").arg(rows.size()).arg(name),
                  {text_cell(name), text_cell(value), from}});
}

}  // namespace

std::vector<CellColumn> level_columns() {
  return {{QObject::tr("Level")},
          {QObject::tr("Files"), true},
          {QObject::tr("Size"), true},
          {QObject::tr("Target"), true,
           QObject::tr("What the level may hold before it is compacted, by the options; derived")},
          {QObject::tr("Debt"), true,
           QObject::tr("Bytes that compactions must rewrite because of this level, as RocksDB "
                       "estimates them; derived")},
          {QObject::tr("Score"), true,
           QObject::tr("Compaction score now; above 1 the level is over its target. Of all "
                       "families: the worst.")},
          {QObject::tr("Write amp."), true,
           QObject::tr("Write amplification since open: bytes written into the level ÷ bytes that "
                       "came in")},
          {QObject::tr("Read"), true, QObject::tr("By compactions into the level, since open")},
          {QObject::tr("Written"), true,
           QObject::tr("By flushes and compactions into the level, since open")}};
}

std::vector<CellRow> level_rows(const Snapshot& snapshot, const QString& family) {
  std::map<int, LevelSum> levels;
  LevelSum whole;
  for (const auto& row : snapshot.levels) {
    if (!family.isEmpty() && to_qt(row.family) != family) continue;
    levels[row.level].add(row);
    whole.add(row);
  }
  std::vector<CellRow> rows;
  for (const auto& [level, sum] : levels) {
    if (!sum.has_work && level > 0) continue;
    rows.push_back({QStringLiteral("L%1").arg(level),
                    level_cells(QObject::tr("L%1").arg(level), sum, sum.amplification())});
  }
  if (rows.empty()) return rows;
  // Of the whole tree: all that was written for each byte that was flushed into level 0.
  const auto top = levels.find(0);
  const double flushed = top == levels.end() ? kMissing : top->second.written_bytes;
  whole.score = kMissing;
  auto cells = level_cells(QObject::tr("Whole tree"), whole,
                           flushed > 0 ? whole.written_bytes / flushed : kMissing);
  cells[3] = {};  // a target is a level's, and so is a score
  cells[5] = {};
  cells[6].tip =
      QObject::tr("Bytes written by flushes and compactions ÷ bytes flushed, since open");
  rows.push_back({QStringLiteral("whole"), std::move(cells)});
  return rows;
}

std::vector<CellColumn> family_columns() {
  return {
      {QObject::tr("Column family")},
      {QObject::tr("Holds"), false, QObject::tr("What this client keeps in it")},
      {QObject::tr("Files"), true},
      {QObject::tr("Size"), true},
      {QObject::tr("Keys"), true,
       QObject::tr("Estimated: entries less deletions, by RocksDB or out of the SST files' "
                   "properties")},
      {QObject::tr("Index + filter"), true,
       QObject::tr("Index and filter blocks of the live SST files, out of their properties: "
                   "what of them is in memory counts beside the block cache, or in it")},
      {QObject::tr("Memtables"), true, QObject::tr("Memory of active and immutable memtables")},
      {QObject::tr("Waiting"), true, QObject::tr("Immutable memtables that wait for a flush")},
      {QObject::tr("L0 files"), true},
      {QObject::tr("Debt"), true,
       QObject::tr(
           "Bytes that compactions must rewrite: an estimate, RocksDB's own or by its rules out "
           "of the MANIFEST")}};
}

std::vector<CellRow> family_rows(const Snapshot& snapshot) {
  std::vector<CellRow> rows;
  for (const auto& family : snapshot.families) {
    const QString name = to_qt(family.name);
    auto keys =
        figure_cell(family.estimated_keys,
                    QObject::tr("≈ %1").arg(count_text(family.estimated_keys)), not_known());
    const double blocks = family.index_bytes + family.filter_bytes;
    rows.push_back({name,
                    {text_cell(name), role_cell(to_qt(family.role)),
                     count_cell(static_cast<double>(family.files)),
                     bytes_cell(static_cast<double>(family.bytes)), keys,
                     table_cell(blocks, bytes_text(blocks)), bytes_cell(family.memtable_bytes),
                     count_cell(family.immutable_memtables), count_cell(family.l0_files),
                     bytes_cell(family.pending_compaction_bytes)}});
  }
  return rows;
}

std::vector<CellColumn> stall_columns() {
  return {
      {QObject::tr("Condition")},
      {QObject::tr("Shown"), true, QObject::tr("Times entered in the shown window")},
      {QObject::tr("Since open"), true,
       QObject::tr("Times entered since the database was opened by its program, as RocksDB counts "
                   "them; from outside: as its last statistics in the LOG say")}};
}

std::vector<CellRow> stall_rows(const Snapshot& snapshot, const StallGains& window) {
  const auto since_open = [&](StallCause cause, bool stopped) {
    for (const auto& stall : snapshot.stalls) {
      if (stall.cause == cause && stall.stopped == stopped) {
        return static_cast<double>(stall.count);
      }
    }
    return kMissing;
  };
  std::vector<CellRow> rows;
  for (std::size_t i = 0; i < kStallConditions.size(); ++i) {
    const auto& [cause, stopped, metric] = kStallConditions[i];
    auto name = text_cell(condition_text(cause, stopped));
    name.tip = (stopped ? QObject::tr("Writes stopped by %1") : QObject::tr("Writes slowed by %1"))
                   .arg(to_qt(display_name(cause)));
    auto count = count_cell(window[i]);
    if (window[i] > 0) {
      count.tone = stopped ? Tone::bad : Tone::warn;
      count.text = tone_symbol(count.tone) + QChar(' ') + count.text;
    }
    rows.push_back({to_qt(to_string(cause)) + (stopped ? "/stop" : "/slow"),
                    {name, count, count_cell(since_open(cause, stopped))}});
  }
  return rows;
}

std::vector<CellColumn> fact_columns() {
  return {{QObject::tr("What")}, {QObject::tr("Value")}, {QObject::tr("Found in")}};
}

std::vector<CellRow> fact_rows(const NodeDescription& description, TimePoint now) {
  std::vector<CellRow> rows;
  const bool observed = description.way == OpenWay::observed;
  const bool recorded = description.way == OpenWay::recorded;
  std::set<std::string> told;
  for (const auto& fact : description.facts) told.insert(fact.name);
  const auto add = [&](const QString& name, const QString& value, const QString& origin) {
    if (!told.contains(name.toStdString())) add_fact(rows, name, value, origin);
  };
  add(recorded ? QObject::tr("Recording") : QObject::tr("Directory"), to_qt(description.path), {});
  add(QObject::tr("Opened as"),
      recorded   ? QObject::tr("Recorded")
      : observed ? QObject::tr("Observed")
                 : QObject::tr("Managed"),
      {});
  add(QObject::tr("Because"), to_qt(description.reason), {});
  add(QObject::tr("Client"), to_qt(description.client), {});
  add(QObject::tr("RocksDB version"), to_qt(description.rocksdb_version), {});
  if (description.format_version) {
    add(QObject::tr("SST format version"), QString::number(*description.format_version), {});
  }
  if (description.locked_by && observed) {
    add(QObject::tr("In use by"), to_qt(description.locked_by->describe()),
        QStringLiteral("/proc"));
  }
  QStringList families;
  for (const auto& family : description.column_families) families << to_qt(family);
  if (!families.isEmpty()) {
    add(QObject::tr("Column families"),
        QObject::tr("%1: %2").arg(families.size()).arg(families.join(QStringLiteral(", "))), {});
  }
  for (const auto& fact : description.facts) {
    add_fact(rows, to_qt(fact.name), to_qt(fact.value),
             to_qt(fact.origin) + fact_age(fact.as_of, now));
  }
  return rows;
}

}  // namespace nodetune
