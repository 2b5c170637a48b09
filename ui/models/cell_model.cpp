// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/models/cell_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace nodetune {
namespace {

const Cell& cell_of(const CellRow& row, int column) {
  static const Cell kEmpty;
  const auto index = static_cast<std::size_t>(column);
  return index < row.cells.size() ? row.cells[index] : kEmpty;
}

}  // namespace

bool Cell::operator==(const Cell& other) const {
  return text == other.text && sort == other.sort && tip == other.tip && tone == other.tone &&
         dim == other.dim;
}

Cell text_cell(const QString& text, bool dim) {
  Cell cell;
  cell.text = text;
  cell.dim = dim;
  return cell;
}

Cell figure_cell(double value, const QString& text, const QString& why_missing) {
  Cell cell;
  if (std::isfinite(value)) {
    cell.text = text;
    cell.sort = value;
    return cell;
  }
  cell.text = QStringLiteral("–");
  cell.sort = -1.0;
  cell.tip = why_missing;
  cell.dim = true;
  return cell;
}

CellModel::CellModel(std::vector<CellColumn> columns, QObject* parent)
    : QAbstractTableModel(parent), columns_(std::move(columns)) {}

void CellModel::set_rows(std::vector<CellRow> rows) {
  const auto same_key = [](const CellRow& a, const CellRow& b) { return a.key == b.key; };
  const auto [old_head, new_head] =
      std::mismatch(rows_.begin(), rows_.end(), rows.begin(), rows.end(), same_key);
  const auto head = old_head - rows_.begin();
  auto tail = std::ptrdiff_t{0};
  const auto tail_max = std::min(rows_.end() - old_head, rows.end() - new_head);
  while (tail < tail_max && same_key(*(rows_.end() - 1 - tail), *(rows.end() - 1 - tail))) ++tail;

  const auto gone = static_cast<std::ptrdiff_t>(rows_.size()) - head - tail;
  if (gone > 0) {
    beginRemoveRows({}, static_cast<int>(head), static_cast<int>(head + gone - 1));
    rows_.erase(rows_.begin() + head, rows_.begin() + head + gone);
    endRemoveRows();
  }
  const auto come = static_cast<std::ptrdiff_t>(rows.size()) - head - tail;
  if (come > 0) {
    beginInsertRows({}, static_cast<int>(head), static_cast<int>(head + come - 1));
    rows_.insert(rows_.begin() + head, rows.begin() + head, rows.begin() + head + come);
    endInsertRows();
  }
  const auto before = std::exchange(rows_, std::move(rows));
  announce_changes(before);
}

void CellModel::announce_changes(const std::vector<CellRow>& before) {
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    if (rows_[row] == before[row]) continue;
    int first = columnCount();
    int last = -1;
    for (int column = 0; column < columnCount(); ++column) {
      if (cell_of(rows_[row], column) == cell_of(before[row], column)) continue;
      first = std::min(first, column);
      last = column;
    }
    if (last < 0) continue;
    emit dataChanged(index(static_cast<int>(row), first), index(static_cast<int>(row), last));
  }
}

int CellModel::row_of(const QString& key) const {
  const auto found =
      std::find_if(rows_.begin(), rows_.end(), [&](const CellRow& row) { return row.key == key; });
  return found == rows_.end() ? -1 : static_cast<int>(found - rows_.begin());
}

int CellModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int CellModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(columns_.size());
}

QVariant CellModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const auto& row = rows_[static_cast<std::size_t>(index.row())];
  const auto& cell = cell_of(row, index.column());
  switch (role) {
    case Qt::DisplayRole:
      return cell.text;
    case Qt::ToolTipRole:
      return cell.tip.isEmpty() ? cell.text : cell.tip;
    case Qt::TextAlignmentRole:
      return QVariant::fromValue(Qt::Alignment(
          Qt::AlignVCenter |
          (columns_[static_cast<std::size_t>(index.column())].number ? Qt::AlignRight
                                                                     : Qt::AlignLeft)));
    case kSortRole:
      return cell.sort.isValid() ? cell.sort : QVariant(cell.text);
    case kToneRole:
      return static_cast<int>(cell.tone);
    case kDimRole:
      return cell.dim;
    case kKeyRole:
      return row.key;
    default:  // roles are an open set of numbers
      return {};
  }
}

QVariant CellModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
  const auto& column = columns_[static_cast<std::size_t>(section)];
  switch (role) {
    case Qt::DisplayRole:
      return column.title;
    case Qt::ToolTipRole:
      return column.tip.isEmpty() ? QVariant() : QVariant(column.tip);
    case Qt::TextAlignmentRole:
      return QVariant::fromValue(
          Qt::Alignment(Qt::AlignVCenter | (column.number ? Qt::AlignRight : Qt::AlignLeft)));
    default:  // roles are an open set of numbers
      return {};
  }
}

}  // namespace nodetune
