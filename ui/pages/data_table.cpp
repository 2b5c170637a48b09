// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/data_table.h"

#include <QApplication>
#include <QClipboard>
#include <QEvent>
#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QStyledItemDelegate>
#include <algorithm>
#include <utility>

#include "engine/base/missing.h"
#include "ui/models/cell_model.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr int kCellPadding = 2 * kGrid;  // left and right of a cell's text, together
constexpr int kStretchLeast = 10 * kGrid;

// A left-aligned text behind a right-aligned number would touch it.
bool needs_gap(const QAbstractItemModel* model, int column) {
  const auto is_right = [model](int of) {
    const auto alignment = model->headerData(of, Qt::Horizontal, Qt::TextAlignmentRole).toInt();
    return (alignment & Qt::AlignRight) != 0;
  };
  return column > 0 && is_right(column - 1) && !is_right(column);
}

const QString& gap() {
  static const QString space(1, QChar(0x2003));  // em space
  return space;
}

class CellDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

 protected:
  void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
    QStyledItemDelegate::initStyleOption(option, index);
    // Fusion draws the focus cell's frame; the whole row is selected, so that would be noise.
    option->state &= ~QStyle::State_HasFocus;
    if (needs_gap(index.model(), index.column())) option->text.prepend(gap());
    if (option->state & QStyle::State_Selected) return;
    const auto tone = static_cast<Tone>(index.data(CellModel::kToneRole).toInt());
    if (tone != Tone::neutral) {
      option->palette.setColor(QPalette::Text, tone_colour(tone, is_dark(option->palette)));
    } else if (index.data(CellModel::kDimRole).toBool()) {
      option->palette.setColor(QPalette::Text, dim_text_colour(option->palette));
    }
  }
};

// Flat: dim titles over a line, an arrow where the rows are ordered by the column.
class FlatHeader : public QHeaderView {
 public:
  explicit FlatHeader(QWidget* parent) : QHeaderView(Qt::Horizontal, parent) {
    setHighlightSections(false);
    setMinimumSectionSize(4 * kGrid);
    setDefaultSectionSize(4 * kGrid);  // columns grow from here
    setSortIndicatorShown(false);      // only what setSortingEnabled() asks for
  }

 protected:
  void paintSection(QPainter* painter, const QRect& rect, int section) const override {
    const QColor text = dim_text_colour(QApplication::palette());
    painter->fillRect(rect, card_colour(QApplication::palette()));
    painter->setPen(grid_colour(QApplication::palette()));
    painter->drawLine(rect.bottomLeft(), rect.bottomRight());
    painter->setPen(text);
    const auto alignment =
        Qt::Alignment(model()->headerData(section, Qt::Horizontal, Qt::TextAlignmentRole).toInt());
    QString title = model()->headerData(section, Qt::Horizontal).toString();
    if (isSortIndicatorShown() && sortIndicatorSection() == section) {
      const bool up = sortIndicatorOrder() == Qt::AscendingOrder;
      title = QStringLiteral("%1 %2").arg(up ? QChar(0x25B4) : QChar(0x25BE)).arg(title);
    }
    if (needs_gap(model(), section)) title.prepend(gap());
    const int margin = kGrid / 2 - 1;
    painter->drawText(rect.adjusted(margin, 0, -margin, 0), static_cast<int>(alignment), title);
  }
  QSize sectionSizeFromContents(int section) const override {
    const QString title = model()->headerData(section, Qt::Horizontal).toString();
    const int arrow = isSortIndicatorShown() ? 2 * kGrid : 0;
    return {fontMetrics().horizontalAdvance(title) + kCellPadding + arrow,
            fontMetrics().height() + kGrid};
  }
};

}  // namespace

DataTable::DataTable(const QString& accessible_name, QWidget* parent) : QTableView(parent) {
  setAccessibleName(accessible_name);
  setItemDelegate(new CellDelegate(this));
  setSelectionBehavior(QAbstractItemView::SelectRows);
  setEditTriggers(QAbstractItemView::NoEditTriggers);
  setTabKeyNavigation(false);
  setShowGrid(false);
  setWordWrap(false);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  verticalHeader()->hide();
  verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  verticalHeader()->setDefaultSectionSize(fontMetrics().height() + kGrid);
  setHorizontalHeader(new FlatHeader(this));
  horizontalHeader()->setSectionsClickable(true);
  apply_palette();
}

void DataTable::setModel(QAbstractItemModel* model) {
  QTableView::setModel(model);
  connect(model, &QAbstractItemModel::rowsInserted, this, &DataTable::update_height);
  connect(model, &QAbstractItemModel::rowsRemoved, this, &DataTable::update_height);
  connect(model, &QAbstractItemModel::modelReset, this, &DataTable::update_height);
  connect(model, &QAbstractItemModel::layoutChanged, this, &DataTable::update_height);
  fit_columns();
}

void DataTable::set_stretch_column(int column) {
  stretch_column_ = column;
  stretch();
}

void DataTable::set_even_columns() {
  even_ = true;
  fit_columns();
}

void DataTable::set_optional_columns(std::vector<int> columns) {
  optional_ = std::move(columns);
  fit_columns();
}

void DataTable::hide_empty_columns() {
  for (const int column : optional_) {
    bool empty = true;
    for (int row = 0; empty && row < model()->rowCount(); ++row) {
      const auto text = model()->index(row, column).data().toString();
      empty = text.isEmpty() || text == figure_cell(kMissing, {}).text;
    }
    if (empty != isColumnHidden(column)) setColumnHidden(column, empty);
  }
}

void DataTable::set_column_sample(int column, const QString& text) {
  const int width = fontMetrics().horizontalAdvance(text) + kCellPadding;
  if (width > columnWidth(column)) setColumnWidth(column, width);
  stretch();
}

void DataTable::fit_columns() {
  if (model() == nullptr) return;
  hide_empty_columns();
  for (int column = 0; column < model()->columnCount(); ++column) {
    if (column == stretch_column_) continue;
    const int wanted = std::max(std::min(sizeHintForColumn(column) + kGrid, widest_),
                                horizontalHeader()->sectionSizeHint(column));
    if (even_) {
      least_.resize(static_cast<std::size_t>(model()->columnCount()), 0);
      auto& least = least_[static_cast<std::size_t>(column)];
      least = std::max(least, wanted);
    } else if (wanted > columnWidth(column)) {
      setColumnWidth(column, wanted);
    }
  }
  stretch();
}

void DataTable::stretch() {
  if (model() == nullptr) return;
  if (even_ && !least_.empty()) {
    std::vector<int> shown;
    int sum = 0;
    for (int column = 0; column < static_cast<int>(least_.size()); ++column) {
      if (isColumnHidden(column)) continue;
      shown.push_back(column);
      sum += least_[static_cast<std::size_t>(column)];
    }
    const int count = std::max(1, static_cast<int>(shown.size()));
    const int spare = std::max(0, viewport()->width() - sum);
    for (const int column : shown) {
      const int rest = column == shown.back() ? spare % count : 0;
      const int width = least_[static_cast<std::size_t>(column)] + spare / count + rest;
      if (width != columnWidth(column)) setColumnWidth(column, width);
    }
  }
  if (stretch_column_ < 0) return;
  int others = 0;
  for (int column = 0; column < model()->columnCount(); ++column) {
    if (column != stretch_column_ && !isColumnHidden(column)) others += columnWidth(column);
  }
  const int width = std::max(kStretchLeast, viewport()->width() - others);
  if (width != columnWidth(stretch_column_)) setColumnWidth(stretch_column_, width);
}

void DataTable::fit_height(int rows_min, int rows_max) {
  rows_min_ = rows_min;
  rows_max_ = rows_max;
  update_height();
}

void DataTable::update_height() {
  if (rows_max_ == 0 || model() == nullptr) return;
  const int rows = std::clamp(model()->rowCount(), rows_min_, rows_max_);
  const int bar =
      horizontalScrollBar()->maximum() > 0 ? horizontalScrollBar()->sizeHint().height() : 0;
  const int height = horizontalHeader()->sizeHint().height() +
                     rows * verticalHeader()->defaultSectionSize() + bar + 2 * frameWidth() + 2;
  if (height != minimumHeight()) setFixedHeight(height);
}

void DataTable::resizeEvent(QResizeEvent* event) {
  QTableView::resizeEvent(event);
  stretch();
  update_height();
}

QString DataTable::selected_text() const {
  if (model() == nullptr) return {};
  QList<int> rows;
  for (const auto& index : selectionModel()->selectedRows()) rows << index.row();
  if (rows.isEmpty()) {
    for (int row = 0; row < model()->rowCount(); ++row) rows << row;
  }
  std::sort(rows.begin(), rows.end());
  QStringList lines;
  for (const int row : rows) {
    QStringList cells;
    for (int column = 0; column < model()->columnCount(); ++column) {
      if (!isColumnHidden(column)) cells << model()->index(row, column).data().toString();
    }
    lines << cells.join(QChar('\t'));
  }
  return lines.join(QChar('\n'));
}

void DataTable::copy_selection() const {
  QApplication::clipboard()->setText(selected_text());
}

void DataTable::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Copy)) {
    copy_selection();
    event->accept();
    return;
  }
  // The window's: pauses the charts. Here it would only select the row that is selected already.
  if (event->key() == Qt::Key_Space) {
    event->ignore();
    return;
  }
  QTableView::keyPressEvent(event);
}

void DataTable::changeEvent(QEvent* event) {
  QTableView::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) apply_palette();
}

void DataTable::apply_palette() {
  // Only this role is the table's own, so that all others keep following the application.
  QPalette own;
  own.setColor(QPalette::Base, card_colour(QApplication::palette()));
  if (palette().color(QPalette::Base) != own.color(QPalette::Base)) setPalette(own);
}

}  // namespace nodetune
