// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QAbstractTableModel>
#include <QString>
#include <QVariant>
#include <vector>

#include "ui/shell/theme.h"

namespace nodetune {

struct CellColumn {
  QString title;
  bool number = false;  // aligned right
  QString tip = {};     // what the figure is; empty: none
};

struct Cell {
  QString text;
  QVariant sort = {};  // what it is ordered by; invalid: the text
  QString tip = {};    // empty: the text
  Tone tone = Tone::neutral;
  bool dim = false;  // stands back: not known, or of little weight
  bool operator==(const Cell& other) const;
};

Cell text_cell(const QString& text, bool dim = false);
// A figure that is not known is "–", with the reason as its tip.
Cell figure_cell(double value, const QString& text, const QString& why_missing = {});

struct CellRow {
  QString key;  // unique: tells a changed row from another one
  std::vector<Cell> cells;
  bool operator==(const CellRow&) const = default;
};

// A table of what somebody else worked out: every column's meaning is the caller's.
//
// Invariant: rows that keep their key are changed in place, so that selection and scroll position
// survive; only cells that differ are announced. Thread: GUI.
class CellModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  static constexpr int kSortRole = Qt::UserRole;
  static constexpr int kToneRole = Qt::UserRole + 1;  // int(Tone)
  static constexpr int kDimRole = Qt::UserRole + 2;   // bool
  static constexpr int kKeyRole = Qt::UserRole + 3;   // the row's

  explicit CellModel(std::vector<CellColumn> columns, QObject* parent = nullptr);

  // Rows with fewer cells than columns have empty ones at their end.
  void set_rows(std::vector<CellRow> rows);
  const std::vector<CellRow>& rows() const { return rows_; }
  int row_of(const QString& key) const;  // -1: none

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation,
                      int role = Qt::DisplayRole) const override;

 private:
  void announce_changes(const std::vector<CellRow>& before);

  const std::vector<CellColumn> columns_;
  std::vector<CellRow> rows_;
};

}  // namespace nodetune
