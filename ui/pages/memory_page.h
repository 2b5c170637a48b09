// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <vector>

#include "engine/node/memory_picture.h"
#include "ui/pages/known_chart.h"
#include "ui/pages/page.h"

class QLabel;

namespace nodetune {

class Card;
class CellModel;
class DataTable;
class FigureTiles;
class ShareBar;

// Of a foreign node: where its memory goes, what its options let it take, and whether that fits.
// Stands where Caches stands for a managed one.
class MemoryPage : public Page {
  Q_OBJECT
 public:
  MemoryPage(NodeSession& session, Theme& theme, QWidget* parent = nullptr);

 protected:
  void on_snapshot(const Snapshot& snapshot) override;
  void changeEvent(QEvent* event) override;

 private:
  QWidget* build_verdict();
  QWidget* build_parts();
  QWidget* build_use();
  QWidget* build_writes();
  ChartPanel* add_chart(QWidget* row, const QString& title, const QString& note, ChartUnit unit,
                        std::vector<SeriesSpec> specs, std::vector<SeriesSource> sources,
                        const QString& unavailable);
  void update_verdict(const MemoryPicture& picture);
  void update_tiles(const Snapshot& snapshot, const MemoryPicture& picture);
  void update_shares(const MemoryPicture& picture);
  void update_limit(const Snapshot& snapshot);
  void apply_palette();

  QLabel* symbol_ = nullptr;
  QLabel* sentence_ = nullptr;
  QLabel* tables_ = nullptr;  // where index and filter blocks lie
  FigureTiles* tiles_ = nullptr;
  ShareBar* shares_ = nullptr;  // hidden while no process is known
  CellModel* model_;
  DataTable* table_ = nullptr;
  Card* table_card_ = nullptr;
  ChartPanel* process_ = nullptr;
  std::vector<KnownChart> charts_;
  MemoryPicture::Verdict verdict_ = MemoryPicture::Verdict::unknown;
};

}  // namespace nodetune
