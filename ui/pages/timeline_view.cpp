// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/timeline_view.h"

#include <QHeaderView>
#include <QSortFilterProxyModel>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "engine/node/job_ring.h"
#include "ui/bridge/text.h"
#include "ui/chart/timeline_panel.h"
#include "ui/models/cell_model.h"
#include "ui/models/job_table.h"
#include "ui/pages/data_table.h"
#include "ui/pages/figure_tiles.h"
#include "ui/pages/page.h"
#include "ui/pages/timeline_data.h"

namespace nodetune {
namespace {

constexpr std::size_t kJobsShownMax = 1'000;  // in the table: the newest
constexpr int kTableRowsMin = 4;
constexpr int kTableRowsMax = 14;
constexpr qint64 kDayUs = 86'400'000'000;

}  // namespace

TimelineView::TimelineView(NodeSession& session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      tiles_(new FigureTiles(tr("Of the shown window"), this)),
      panel_(new TimelinePanel(tr("Flushes, compactions and stalls"), this)),
      table_card_(new Card(tr("Jobs"), this)),
      rows_(new CellModel(job_columns(), this)),
      sorted_(new QSortFilterProxyModel(this)),
      table_(new DataTable(tr("Flushes and compactions of the shown window"), table_card_)) {
  auto* rows = new QVBoxLayout(this);
  rows->setContentsMargins(2 * kGrid, kPartSpacing, 2 * kGrid, 2 * kGrid);
  rows->setSpacing(kPartSpacing);
  rows->addWidget(tiles_);
  rows->addWidget(panel_);
  sorted_->setSortRole(CellModel::kSortRole);
  sorted_->setSourceModel(rows_);
  table_->setObjectName(QStringLiteral("jobs"));
  table_->setModel(sorted_);
  table_->set_stretch_column(rows_->columnCount() - 1);
  table_->setSortingEnabled(true);
  table_->sortByColumn(0, Qt::DescendingOrder);
  table_->fit_height(kTableRowsMin, kTableRowsMax);
  table_card_->body()->addWidget(table_);
  rows->addWidget(table_card_);
  rows->addStretch(1);

  panel_->set_span(session.span_us());
  panel_->set_utc(session.utc());
  panel_->set_paused(session.paused());
  panel_->set_ends_in_past(ends_in_past(session.description()));
  panel_->set_describe([this](quint64 id) {
    const auto* found = job(id);
    return found ? job_tooltip(*found, session_.shown_now(), session_.utc())
                 : std::vector<TooltipRow>();
  });
  connect(panel_, &TimelinePanel::job_chosen, this, &TimelineView::choose);
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          [this](const QModelIndex& row) {
            const auto key = row.data(CellModel::kKeyRole).toString().toULongLong();
            panel_->set_chosen(row.isValid() ? std::optional<quint64>(key) : std::nullopt);
          });
  let_steer(*panel_, session);
  connect(&session, &NodeSession::description_changed, this,
          [this] { panel_->set_ends_in_past(ends_in_past(session_.description())); });
  // A recording that is whole has no further snapshot, and its events come bit by bit.
  connect(&session, &NodeSession::events_added, this,
          [this] { stale_ = session_.description().recorded.has_value(); });
  connect(&session, &NodeSession::frame, this, &TimelineView::refresh);
  connect(&session, &NodeSession::span_changed, panel_, &TimelinePanel::set_span);
  connect(&session, &NodeSession::paused_changed, panel_, &TimelinePanel::set_paused);
  connect(&session, &NodeSession::utc_changed, panel_, &TimelinePanel::set_utc);
  connect(&session, &NodeSession::crosshair_changed, panel_, &TimelinePanel::set_crosshair);
}

void TimelineView::show_snapshot() {
  if (session_.node() == nullptr) return;
  stale_ = false;
  jobs_ = session_.node()->jobs(session_.shown_begin(), session_.shown_now(), kJobsKept);
  panel_->set_data(timeline_data(jobs_, session_));
  panel_->set_message(jobs_.empty() ? why_no_jobs(session_) : QString());
  update_tiles();
  update_table();
  refresh(session_.now());
}

void TimelineView::refresh(TimePoint) {
  if (!isVisible() || session_.node() == nullptr) return;
  if (stale_) return show_snapshot();
  panel_->refresh(session_.shown_now().time_since_epoch().count());
  tiles_->set_title(tr("Of the shown window"), shown_window_text(session_));
}

const StorageJob* TimelineView::job(quint64 id) const {
  const auto found = std::find_if(jobs_.begin(), jobs_.end(),
                                  [id](const StorageJob& each) { return each.sequence == id; });
  return found == jobs_.end() ? nullptr : &*found;
}

void TimelineView::update_tiles() {
  const auto sum = summarise_jobs(jobs_, session_.shown_begin(), session_.shown_now());
  const int count = sum.flushes + sum.compactions;
  const bool none = jobs_.empty();
  const QString flushes = sum.flushes == 1 ? tr("1 flush") : tr("%1 flushes").arg(sum.flushes);
  const QString compactions =
      sum.compactions == 1 ? tr("1 compaction") : tr("%1 compactions").arg(sum.compactions);
  const QString kinds = tr("%1, %2").arg(flushes, compactions);
  const QString running = sum.running == 1 ? tr("1 runs now") : tr("%1 run now").arg(sum.running);
  const QString nothing = tells_jobs(session_) ? tr("no job") : tr("not known");
  const auto note = [&](const QString& text) { return none ? nothing : text; };
  tiles_->set_tiles({
      {tr("Jobs"),
       tells_jobs(session_) || !none ? whole_text(static_cast<quint64>(count)) : tr("–"),
       sum.running > 0 ? running : note(kinds), kinds},
      {tr("In"), bytes_text(sum.input_bytes), note(tr("memtables and files read")),
       tr("Whole jobs, also those that began before the window")},
      {tr("Out"), bytes_text(sum.output_bytes), note(tr("files written")),
       tr("Whole jobs, also those that began before the window; of those that have ended")},
      {tr("Busy"), none ? tr("–") : ratio_text(sum.busy_share), note(tr("of the time")),
       tr("Derived: time in which at least one job ran ÷ the window")},
      {tr("Longest"),
       sum.longest ? seconds_text(job_seconds(*sum.longest, session_.shown_now())) : tr("–"),
       sum.longest ? job_levels(*sum.longest) : note({}),
       sum.longest ? to_qt(sum.longest->family) : QString()},
  });
  panel_->set_summary(
      none ? panel_->message()
           : tr("%1 in the window, %2. Busy %3 of the time. The longest took %4.")
                 .arg(kinds, running, ratio_text(sum.busy_share),
                      seconds_text(job_seconds(*sum.longest, session_.shown_now()))));
}

void TimelineView::update_table() {
  const bool cut = jobs_.size() > kJobsShownMax;
  const std::vector<StorageJob> shown(
      jobs_.end() - static_cast<std::ptrdiff_t>(std::min(jobs_.size(), kJobsShownMax)),
      jobs_.end());
  const bool with_date = session_.span_us() > kDayUs;
  rows_->set_rows(job_rows(shown, {session_.shown_now(), session_.utc(), with_date}));
  table_->fit_columns();
  table_card_->set_title(
      tr("Jobs"), cut ? tr("the newest %1 of %2").arg(shown.size()).arg(jobs_.size()) : QString());
  table_card_->setVisible(!jobs_.empty());
}

void TimelineView::choose(quint64 id) {
  const int row = rows_->row_of(QString::number(id));
  panel_->set_chosen(id);
  if (row < 0) return;  // too old for the table
  const auto index = sorted_->mapFromSource(rows_->index(row, 0));
  table_->selectRow(index.row());
  table_->scrollTo(index);
}

}  // namespace nodetune
