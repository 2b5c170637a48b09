// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QTableView>
#include <vector>

namespace nodetune {

// A table as this window shows them: whole rows, no grid, columns as wide as what they show,
// Ctrl+C copies the selected rows with tabs between the cells, Tab leaves the table.
//
// Thread: GUI. It understands the roles of CellModel (tone, dim). Columns only grow, so that moving
// figures do not make them twitch.
class DataTable : public QTableView {
  Q_OBJECT
 public:
  explicit DataTable(const QString& accessible_name, QWidget* parent = nullptr);

  void setModel(QAbstractItemModel* model) override;
  // Takes what the others leave.
  void set_stretch_column(int column);
  // No other column gets wider: the rest of a cell is in its tip.
  void set_widest(int pixels) { widest_ = pixels; }
  // What is left over is shared out evenly behind the numbers, so that they spread over the card.
  void set_even_columns();
  // Shown only while a row says anything in them: what cannot be known takes no room.
  void set_optional_columns(std::vector<int> columns);
  // Wide enough for this text, for tables whose rows come later.
  void set_column_sample(int column, const QString& text);
  // As high as its rows, between so many of them: for tables inside of what scrolls.
  void fit_height(int rows_min, int rows_max);
  void fit_columns();

  // The selected rows, or all rows when none is.
  QString selected_text() const;
  void copy_selection() const;

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void changeEvent(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void apply_palette();
  void update_height();
  void hide_empty_columns();
  void stretch();

  int stretch_column_ = -1;
  int widest_ = QWIDGETSIZE_MAX;
  bool even_ = false;
  std::vector<int> least_;  // of even columns: what they show
  std::vector<int> optional_;
  int rows_min_ = 0;
  int rows_max_ = 0;  // 0: the height is the layout's
};

}  // namespace nodetune
