// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QAbstractTableModel>
#include <optional>
#include <vector>

#include "engine/metrics/history.h"
#include "engine/node/node.h"

namespace nodetune {

// What one cache did in the shown time, and what it holds now.
struct CacheRow {
  std::optional<ObjectKind> kind;  // nothing: all caches together
  QString policy;
  QString policy_reason;  // empty: nothing is known
  double lookups = kMissing;
  double hits = kMissing;
  double misses = kMissing;
  double evictions = kMissing;
  double insertions = kMissing;
  CacheCounters now;  // entries, bytes, capacity; counters since open

  double hit_ratio() const { return lookups > 0 ? hits / lookups : kMissing; }
};

// The rows of all caches, the sum last; counts are of [begin, end].
std::vector<CacheRow> cache_rows(const std::vector<CacheState>& caches, const History& history,
                                 TimePoint begin, TimePoint end);

// The table of the Caches page. Thread: GUI.
class CacheTableModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column {
    cache,
    policy,
    lookups,
    hits,
    misses,
    hit_ratio,
    evictions,
    insertions,
    entries,
    bytes,
    capacity,
    resize,  // empty: the page puts its editors there
    column_count
  };

  using QAbstractTableModel::QAbstractTableModel;

  // Resets only when caches came or went.
  void set_rows(std::vector<CacheRow> rows);
  const std::vector<CacheRow>& rows() const { return rows_; }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  std::vector<CacheRow> rows_;
};

}  // namespace nodetune
