// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/models/cache_table_model.h"

#include <QFont>
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "ui/bridge/history_series.h"
#include "ui/bridge/text.h"

namespace nodetune {
namespace {

constexpr double kAllDigitsBelow = 1e6;  // above it the tool tip has them

struct Heading {
  const char* title;
  const char* help;
};

constexpr std::array<Heading, CacheTableModel::column_count> kHeadings = {{
    {QT_TR_NOOP("Cache"), QT_TR_NOOP("Object cache")},
    {QT_TR_NOOP("Policy"), QT_TR_NOOP("How it chooses what to evict")},
    {QT_TR_NOOP("Lookups"), QT_TR_NOOP("In the shown time; hits + misses")},
    {QT_TR_NOOP("Hits"), QT_TR_NOOP("In the shown time: answered by the cache")},
    {QT_TR_NOOP("Misses"), QT_TR_NOOP("In the shown time: went to the database")},
    {QT_TR_NOOP("Hit ratio"), QT_TR_NOOP("In the shown time: hits ÷ lookups")},
    {QT_TR_NOOP("Evictions"), QT_TR_NOOP("In the shown time: thrown out for lack of room")},
    {QT_TR_NOOP("Insertions"), QT_TR_NOOP("In the shown time")},
    {QT_TR_NOOP("Entries"), QT_TR_NOOP("Now")},
    {QT_TR_NOOP("Bytes"), QT_TR_NOOP("Now; allocations included")},
    {QT_TR_NOOP("Capacity"), QT_TR_NOOP("Now")},
    {QT_TR_NOOP("New capacity"), QT_TR_NOOP("Applied at once; shrinking evicts")},
}};

QString whole(double count) {
  if (std::isnan(count)) return QStringLiteral("–");
  return count < kAllDigitsBelow ? whole_text(static_cast<quint64>(count)) : count_text(count);
}

QString cell(const CacheRow& row, int column) {
  switch (static_cast<CacheTableModel::Column>(column)) {
    case CacheTableModel::cache:
      return row.kind ? to_qt(display_name(*row.kind)) : QObject::tr("All caches");
    case CacheTableModel::policy:
      return row.policy;
    case CacheTableModel::lookups:
      return whole(row.lookups);
    case CacheTableModel::hits:
      return whole(row.hits);
    case CacheTableModel::misses:
      return whole(row.misses);
    case CacheTableModel::hit_ratio:
      return ratio_text(row.hit_ratio());
    case CacheTableModel::evictions:
      return whole(row.evictions);
    case CacheTableModel::insertions:
      return whole(row.insertions);
    case CacheTableModel::entries:
      return whole(static_cast<double>(row.now.entries));
    case CacheTableModel::bytes:
      return bytes_text(static_cast<double>(row.now.bytes));
    case CacheTableModel::capacity:
      return bytes_text(static_cast<double>(row.now.capacity_bytes));
    case CacheTableModel::resize:
    case CacheTableModel::column_count:
      return {};
  }
  return {};
}

QString since_open(const CacheRow& row) {
  return QObject::tr(
             "Since it was opened: %1 lookups, %2 hits, %3 misses, %4 evictions, %5 "
             "insertions; inside now: %6 entries, %7 bytes")
      .arg(whole_text(row.now.lookups()), whole_text(row.now.hits), whole_text(row.now.misses),
           whole_text(row.now.evictions), whole_text(row.now.insertions),
           whole_text(row.now.entries), whole_text(row.now.bytes));
}

// A figure that one cache lacks is not in the sum.
void add(double& sum, double value) {
  if (!std::isnan(value)) sum = std::isnan(sum) ? value : sum + value;
}

}  // namespace

std::vector<CacheRow> cache_rows(const std::vector<CacheState>& caches, const History& history,
                                 TimePoint begin, TimePoint end) {
  std::vector<CacheRow> rows;
  CacheRow all;
  for (const auto& state : caches) {
    const auto gain = [&](CacheMetric metric) {
      return gain_over(history, cache_metric(metric, state.kind), begin, end);
    };
    CacheRow row;
    row.kind = state.kind;
    row.policy = to_qt(display_name(state.policy));
    row.policy_reason = to_qt(state.policy_reason);
    row.hits = gain(CacheMetric::hits);
    row.misses = gain(CacheMetric::misses);
    row.lookups = row.hits + row.misses;
    row.evictions = gain(CacheMetric::evictions);
    row.insertions = gain(CacheMetric::insertions);
    row.now = state.counters;
    add(all.lookups, row.lookups);
    add(all.hits, row.hits);
    add(all.misses, row.misses);
    add(all.evictions, row.evictions);
    add(all.insertions, row.insertions);
    all.now.hits += row.now.hits;
    all.now.misses += row.now.misses;
    all.now.insertions += row.now.insertions;
    all.now.evictions += row.now.evictions;
    all.now.entries += row.now.entries;
    all.now.bytes += row.now.bytes;
    all.now.capacity_bytes += row.now.capacity_bytes;
    rows.push_back(std::move(row));
  }
  if (!rows.empty()) rows.push_back(std::move(all));
  return rows;
}

void CacheTableModel::set_rows(std::vector<CacheRow> rows) {
  const bool same = rows.size() == rows_.size() &&
                    std::equal(rows.begin(), rows.end(), rows_.begin(),
                               [](const auto& a, const auto& b) { return a.kind == b.kind; });
  if (!same) {
    beginResetModel();
    rows_ = std::move(rows);
    endResetModel();
    return;
  }
  rows_ = std::move(rows);
  if (rows_.empty()) return;
  emit dataChanged(index(0, policy), index(rowCount() - 1, capacity));
}

int CacheTableModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int CacheTableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(column_count);
}

QVariant CacheTableModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const auto& row = rows_[static_cast<std::size_t>(index.row())];
  switch (role) {
    case Qt::DisplayRole:
      return cell(row, index.column());
    case Qt::ToolTipRole:
      return index.column() == policy && !row.policy_reason.isEmpty() ? row.policy_reason
                                                                      : since_open(row);
    case Qt::AccessibleTextRole:
      return QStringLiteral("%1: %2").arg(
          headerData(index.column(), Qt::Horizontal, Qt::DisplayRole).toString(),
          cell(row, index.column()));
    case Qt::TextAlignmentRole: {
      const bool words = index.column() <= policy;
      return QVariant(Qt::AlignVCenter | (words ? Qt::AlignLeft : Qt::AlignRight));
    }
    case Qt::FontRole: {
      if (row.kind) return {};
      QFont bold;
      bold.setBold(true);
      return bold;
    }
    default:
      return {};
  }
}

QVariant CacheTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= column_count) return {};
  const auto& heading = kHeadings[static_cast<std::size_t>(section)];
  switch (role) {
    case Qt::DisplayRole:
      return tr(heading.title);
    case Qt::ToolTipRole:
      return tr(heading.help);
    case Qt::TextAlignmentRole:
      return QVariant(Qt::AlignVCenter | (section <= policy ? Qt::AlignLeft : Qt::AlignRight));
    default:
      return {};
  }
}

}  // namespace nodetune
