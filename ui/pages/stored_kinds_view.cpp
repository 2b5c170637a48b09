// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/stored_kinds_view.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/bridge/history_series.h"
#include "ui/bridge/node_session.h"
#include "ui/bridge/text.h"
#include "ui/chart/chart_panel.h"
#include "ui/chart/share_bar.h"
#include "ui/models/stored_kinds_table.h"
#include "ui/pages/data_table.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr int kKindRowsMax = 9;  // seven kinds, other, not told apart
constexpr int kCardShare = 3;
constexpr int kChartShare = 2;
constexpr int kChartWidth = 26 * kGrid;  // at least
constexpr int kGrowthMilliseconds = 10'000;

}  // namespace

StoredKindsView::StoredKindsView(NodeSession& session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      card_(new ShareBar(tr("What is stored"), ChartUnit::bytes, this)),
      rows_(new CellModel(stored_kind_columns(), this)),
      table_(new DataTable(tr("What is stored, by kind"), card_)),
      note_(new QLabel(card_)),
      chart_(new ChartPanel(tr("What is stored, over time"), ChartUnit::bytes, this)) {
  table_->setObjectName(QStringLiteral("stored"));
  table_->setModel(rows_);
  table_->set_even_columns();
  table_->fit_height(1, kKindRowsMax);
  note_->setObjectName(QStringLiteral("stored_note"));
  note_->setWordWrap(true);
  note_->setTextFormat(Qt::PlainText);
  card_->body()->addSpacing(kGrid / 2);
  card_->body()->addWidget(table_);
  card_->body()->addWidget(note_);
  card_->body()->addStretch(1);
  card_->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Preferred);
  chart_->setMinimumWidth(kChartWidth);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kGrid * 3 / 2);
  row->addWidget(card_, kCardShare);
  row->addWidget(chart_, kChartShare);
  apply_palette();
  hide();
}

// Are they other kinds than those shown?
bool StoredKindsView::shows_others(const std::vector<KindFigures>& kinds) const {
  return !std::equal(
      kinds.begin(), kinds.end(), kinds_.begin(), kinds_.end(),
      [](const auto& a, const auto& b) { return stored_metric(a) == stored_metric(b); });
}

void StoredKindsView::set_series(const std::vector<KindFigures>& kinds) {
  std::vector<SeriesSpec> specs;
  std::vector<SeriesSource> sources;
  for (const auto& kind : kinds) {
    specs.push_back({to_qt(kind_name(kind)), kind_colour(kind)});
    sources.push_back(SeriesSource::of(stored_metric(kind)));
  }
  chart_->set_series(std::move(specs), history_reader(session_, std::move(sources)));
}

void StoredKindsView::set_snapshot(const Snapshot& snapshot) {
  const auto& kinds = snapshot.kinds;
  setVisible(!kinds.empty());
  if (kinds.empty()) return;
  const bool others = shows_others(kinds);
  if (others) set_series(kinds);
  kinds_ = kinds;
  if (others || !growth_age_.isValid() || growth_age_.elapsed() >= kGrowthMilliseconds) {
    growth_ = stored_growth(*session_.node(), kinds);
    growth_age_.start();
  }
  std::vector<ShareSegment> segments;
  for (const auto& kind : kinds) {
    segments.push_back(
        {to_qt(kind_name(kind)), static_cast<double>(kind.bytes), kind_colour(kind)});
  }
  card_->set_segments(segments);
  rows_->set_rows(stored_kind_rows(kinds, growth_));
  table_->fit_columns();
  const QString note = stored_kinds_note(session_.description(), kinds, growth_);
  note_->setText(note);
  note_->setVisible(!note.isEmpty());
}

void StoredKindsView::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) apply_palette();
}

void StoredKindsView::apply_palette() {
  QPalette dim = palette();
  dim.setColor(QPalette::WindowText, dim_text_colour(palette()));
  note_->setPalette(dim);
}

}  // namespace nodetune
