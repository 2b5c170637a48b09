// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/database_page.h"

#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QSortFilterProxyModel>
#include <QTabWidget>
#include <QVBoxLayout>
#include <cmath>

#include "ui/bridge/text.h"
#include "ui/chart/chart_panel.h"
#include "ui/models/database_tables.h"
#include "ui/pages/data_table.h"
#include "ui/pages/figure_tiles.h"
#include "ui/pages/machine_charts.h"
#include "ui/pages/options_view.h"
#include "ui/pages/page_scroll.h"
#include "ui/pages/stored_kinds_view.h"
#include "ui/pages/timeline_view.h"

namespace nodetune {
namespace {

constexpr int kStallRows = 6;
constexpr int kLevelRowsMin = 4;
constexpr int kLevelRowsMax = 9;
constexpr int kFamilyRowsMin = 3;
constexpr int kFamilyRowsMax = 40;

QString needs_statistics() {
  return QObject::tr("Not known from outside: it needs the statistics inside RocksDB.");
}
QString needs_dumps() {
  return QObject::tr(
      "Not known: it needs RocksDB's own statistics. A node writes some into its LOG now and then; "
      "of this time there are none.");
}
QString not_in_log() {
  return QObject::tr("Not known from outside: the node's LOG says nothing of it in this window.");
}

QVBoxLayout* page_rows(QWidget* content) {
  auto* rows = new QVBoxLayout(content);
  rows->setContentsMargins(2 * kGrid, kPartSpacing, 2 * kGrid, 2 * kGrid);
  rows->setSpacing(kPartSpacing);
  return rows;
}

}  // namespace

DatabasePage::DatabasePage(NodeSession& session, Theme& theme, QWidget* parent)
    : Page(QStringLiteral("database"), tr("Database"), session, theme, parent),
      tabs_(new QTabWidget(this)),
      stalls_(new CellModel(stall_columns(), this)),
      levels_(new CellModel(level_columns(), this)),
      families_(new CellModel(family_columns(), this)) {
  tabs_->setDocumentMode(true);
  tabs_->addTab(build_activity(), tr("&Activity"));
  tabs_->addTab(build_tree(), tr("&Levels and families"));
  options_ = new OptionsView(session, this);
  tabs_->addTab(new PageScroll(options_, this), tr("&Options"));
  timeline_ = new TimelineView(session, this);
  timeline_tab_ = tabs_->addTab(new PageScroll(timeline_, this), tr("&Timeline"));
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, kGrid / 2, 0, 0);
  outer->addWidget(tabs_);
  // A tab that was hidden has stood still.
  connect(tabs_, &QTabWidget::currentChanged, this, [this] {
    if (isVisible() && this->session().node() != nullptr) on_snapshot(*this->session().snapshot());
  });
  apply_palette();
}

ChartPanel* DatabasePage::make_chart(const QString& title, const QString& note, ChartUnit unit,
                                     std::vector<SeriesSpec> specs,
                                     std::vector<SeriesSource> sources) {
  auto* panel = new ChartPanel(title, unit, this);
  if (!note.isEmpty()) panel->set_title(title, note);
  panel->set_series(std::move(specs), history_reader(session(), sources));
  adopt(panel, charts_.empty() ? MarkerText::shown : MarkerText::hidden);
  charts_.push_back({panel, std::move(sources), needs_statistics(), /*metrics_tell=*/true});
  return panel;
}

QWidget* DatabasePage::build_activity() {
  auto* content = new QWidget(this);
  auto* rows = page_rows(content);
  tiles_ = new FigureTiles(tr("Now"), content);
  rows->addWidget(tiles_);
  rows->addWidget(build_stalls(), 1);
  rows->addWidget(build_work(), 1);
  rows->addWidget(build_latencies(), 1);
  return new PageScroll(content, this);
}

QWidget* DatabasePage::build_stalls() {
  auto* row = new PanelRow(this);
  row->add(make_chart(tr("Stalled seconds"), stalled_note(session()), ChartUnit::seconds,
                      {{tr("Writers waited"), 1, SeriesStyle::area}},
                      {SeriesSource::of(Metric::db_stall_seconds_total)}));
  charts_.back().unavailable = needs_dumps();
  stalls_card_ = new Card(tr("Why writes stalled"), this);
  stalls_table_ = new DataTable(tr("Stall conditions, how often each was entered"), stalls_card_);
  stalls_table_->setModel(stalls_);
  stalls_table_->set_stretch_column(0);
  stalls_table_->fit_height(kStallRows, kStallRows);
  stalls_card_->body()->addWidget(stalls_table_);
  stalls_card_->body()->addStretch();
  row->add(stalls_card_);
  auto* debt = make_chart(
      tr("Compaction debt"), tr("estimated"), ChartUnit::bytes,
      {{tr("To be rewritten"), 4}, {tr("L0 files"), 3, SeriesStyle::step, ChartAxis::right}},
      {SeriesSource::of(Metric::db_pending_compaction_bytes),
       SeriesSource::of(Metric::db_l0_files)});
  debt->set_right_axis(ChartUnit::count);
  row->add(debt);
  return row;
}

QWidget* DatabasePage::build_work() {
  auto* row = new PanelRow(this);
  row->add(
      make_chart(tr("Flush and compaction"), {}, ChartUnit::bytes_per_second,
                 {{tr("Flushed"), 0}, {tr("Compaction read"), 3}, {tr("Compaction written"), 4}},
                 {SeriesSource::of(Metric::db_flush_bytes_total),
                  SeriesSource::of(Metric::db_compaction_read_bytes_total),
                  SeriesSource::of(Metric::db_compaction_write_bytes_total)}));
  charts_.back().unavailable = not_in_log();
  auto* memtables = make_chart(
      tr("Memtables"), {}, ChartUnit::bytes,
      {{tr("Memory"), 0}, {tr("Wait for a flush"), 1, SeriesStyle::step, ChartAxis::right}},
      {SeriesSource::of(Metric::db_memtable_bytes),
       SeriesSource::of(Metric::db_immutable_memtables)});
  memtables->set_right_axis(ChartUnit::count);
  row->add(memtables);
  const std::vector<Metric> hits = {Metric::db_block_cache_hits_total};
  const std::vector<Metric> lookups = {Metric::db_block_cache_hits_total,
                                       Metric::db_block_cache_misses_total};
  auto* cache = make_chart(
      tr("RocksDB block cache"), {}, ChartUnit::ratio,
      {{tr("Hit ratio"), 2},
       {tr("Used"), 0, SeriesStyle::line, ChartAxis::right},
       {tr("Capacity"), -1, SeriesStyle::step, ChartAxis::right}},
      {SeriesSource::ratio(hits, lookups), SeriesSource::of(Metric::db_block_cache_usage_bytes),
       SeriesSource::of(Metric::db_block_cache_capacity_bytes)});
  cache->set_fixed_top(ChartAxis::left, 1);
  cache->set_right_axis(ChartUnit::bytes);
  row->add(cache);
  return row;
}

QWidget* DatabasePage::build_latencies() {
  auto* row = new PanelRow(this);
  if (session().description().way == OpenWay::observed) {
    for (auto& chart : machine_charts()) {
      auto* panel = make_chart(chart.title, chart.note, chart.unit, std::move(chart.specs),
                               std::move(chart.sources));
      charts_.back().unavailable = chart.unavailable;
      charts_.back().metrics_tell = false;
      if (chart.right) panel->set_right_axis(*chart.right);
      if (chart.right_is_ratio) panel->set_fixed_top(ChartAxis::right, 1);
      row->add(panel);
    }
    return row;
  }
  const auto add = [&](const QString& title, const QString& note, Metric metric) {
    row->add(make_chart(
        title, note, ChartUnit::seconds, {{tr("p50"), 0}, {tr("p95"), 3}, {tr("p99"), 1}},
        {SeriesSource::of(metric, Percentile::p50), SeriesSource::of(metric, Percentile::p95),
         SeriesSource::of(metric, Percentile::p99)}));
  };
  add(tr("Point reads"), tr("that reached RocksDB"), Metric::db_get_seconds);
  add(tr("Batched reads"), tr("that reached RocksDB"), Metric::db_multi_get_seconds);
  add(tr("Writes"), tr("stalls included"), Metric::db_write_seconds);
  return row;
}

QWidget* DatabasePage::build_tree() {
  auto* content = new QWidget(this);
  auto* rows = page_rows(content);
  stored_ = new StoredKindsView(session(), content);
  adopt(stored_->chart(), MarkerText::hidden);
  rows->addWidget(stored_);
  levels_card_ = new Card(tr("Levels"), content);
  auto* label = new QLabel(tr("&Family"), levels_card_);
  family_ = new QComboBox(levels_card_);
  family_->setObjectName(QStringLiteral("family"));
  family_->setAccessibleName(tr("Column family whose levels are shown"));
  family_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  family_->addItem(tr("All families"));
  label->setBuddy(family_);
  levels_card_->header()->addWidget(label);
  levels_card_->header()->addWidget(family_);
  levels_table_ = new DataTable(tr("Levels of the tree"), levels_card_);
  levels_table_->setObjectName(QStringLiteral("levels"));
  levels_table_->setModel(levels_);
  levels_table_->set_even_columns();
  levels_table_->set_optional_columns({3, 4});  // target, debt
  levels_table_->fit_height(kLevelRowsMin, kLevelRowsMax);
  levels_card_->body()->addWidget(levels_table_);
  tree_note_ = new QLabel(levels_card_);
  tree_note_->setWordWrap(true);
  levels_card_->body()->addWidget(tree_note_);
  rows->addWidget(levels_card_);

  families_card_ = new Card(tr("Column families"), content);
  families_table_ = new DataTable(tr("Column families"), families_card_);
  families_table_->setObjectName(QStringLiteral("families"));
  auto* sorted = new QSortFilterProxyModel(this);
  sorted->setSortRole(CellModel::kSortRole);
  sorted->setSourceModel(families_);
  families_table_->setModel(sorted);
  families_table_->set_even_columns();
  families_table_->set_optional_columns({1, 5, 6, 7, 9});  // what is inside the process, or not
  families_table_->setSortingEnabled(true);
  families_table_->sortByColumn(3, Qt::DescendingOrder);
  families_table_->fit_height(kFamilyRowsMin, kFamilyRowsMax);
  families_card_->body()->addWidget(families_table_);
  rows->addWidget(families_card_);
  rows->addStretch(1);
  connect(family_, &QComboBox::currentIndexChanged, this, [this] {
    if (session().node() != nullptr) update_tree(*session().snapshot());
  });
  return new PageScroll(content, this);
}

void DatabasePage::on_snapshot(const Snapshot& snapshot) {
  if (tabs_->currentIndex() == timeline_tab_) return timeline_->show_snapshot();
  switch (tabs_->currentIndex()) {
    case 0:
      update_availability(charts_, session());
      update_tiles(snapshot);
      update_stalls(snapshot);
      break;
    case 1:
      stored_->set_snapshot(snapshot);
      update_families(snapshot);
      update_tree(snapshot);
      break;
    default:
      options_->refresh();
      break;
  }
}

void DatabasePage::on_frame(TimePoint) {
  const QString age = age_text(session());
  tiles_->set_title(tr("Of the shown window"), shown_window_text(session()));
  levels_card_->set_title(tr("Levels"), age);
  families_card_->set_title(tr("Column families"), age);
}

void DatabasePage::update_tiles(const Snapshot& snapshot) {
  const auto& history = node().history();
  const auto begin = session().shown_begin();
  const auto end = session().shown_now();
  const auto gain = [&](Metric metric) { return gain_over(history, metric, begin, end); };
  const double stalled = gain(Metric::db_stall_seconds_total);
  const double share = stalled / (static_cast<double>(session().span_us()) / 1e6);
  const double flushed = gain(Metric::db_flush_bytes_total);
  const double compacted = gain(Metric::db_compaction_write_bytes_total);
  const double hits = gain(Metric::db_block_cache_hits_total);
  const double lookups = hits + gain(Metric::db_block_cache_misses_total);
  const double amplification = flushed > 0 ? (flushed + compacted) / flushed : kMissing;
  const double running = snapshot.value(Metric::db_running_compactions);
  const double files = snapshot.value(Metric::db_sst_files);
  const auto note = [](double value, const QString& text) {
    return std::isfinite(value) ? text : tr("not known");
  };
  const auto tip = [](double value, const QString& text) {
    return std::isfinite(value) ? text : needs_statistics();
  };
  const QString running_text =
      std::isfinite(running) ? tr("%1 running now").arg(count_text(running)) : QString();
  const QString growth = growth_text(snapshot);
  const FigureTile cache_tile = {
      tr("Block cache hits"), lookups > 0 ? ratio_text(hits / lookups) : tr("–"),
      note(lookups, tr("of %1 lookups").arg(count_text(lookups))),
      tip(lookups, snapshot.source(Metric::db_block_cache_hits_total) == Source::scraped
                       ? tr("Derived: hits ÷ (hits + misses) of RocksDB's block cache, as the "
                            "node's own metrics tell them")
                       : tr("Derived: hits ÷ (hits + misses) of RocksDB's block cache"))};
  tiles_->set_tiles({
      {tr("Stalled"), seconds_text(stalled), note(share, tr("%1 of it").arg(ratio_text(share))),
       tip(stalled, tr("Measured: time that writers were slowed down or stopped")),
       share > 0.1 ? Tone::bad : (share > 0.01 ? Tone::warn : Tone::neutral)},
      {tr("Flushed"), bytes_text(flushed),
       note(flushed, tr("%1 flushes").arg(count_text(gain(Metric::db_flushes_total)))),
       tip(flushed, tr("Bytes written by flushes"))},
      {tr("Compacted"), bytes_text(compacted), note(compacted, running_text),
       tip(compacted, tr("Bytes written by compactions"))},
      {tr("Write amp."),
       std::isfinite(amplification) ? QString::number(amplification, 'f', 1) + QStringLiteral(" ×")
                                    : tr("–"),
       std::isfinite(amplification) ? tr("in the window") : note(flushed, tr("nothing flushed")),
       tip(flushed, tr("Derived: (flushed + compacted) ÷ flushed. Short windows mislead: a "
                       "compaction pays for earlier flushes"))},
      session().description().way == OpenWay::observed && !(lookups > 0) ? open_files_tile(snapshot)
                                                                         : cache_tile,
      {tr("SST files"), bytes_text(snapshot.value(Metric::db_sst_bytes)),
       note(files, session().description().recorded
                       ? tr("%1 files, at the end").arg(count_text(files))
                   : growth.isEmpty() ? tr("%1 files, now").arg(count_text(files))
                                      : tr("%1 files, %2").arg(count_text(files), growth)),
       tr("Live SST files; growth is derived from the longest time known")},
  });
}

void DatabasePage::update_stalls(const Snapshot& snapshot) {
  StallGains window;
  for (std::size_t i = 0; i < window.size(); ++i) {
    window[i] = gain_over(node().history(), kStallConditions[i].entered, session().shown_begin(),
                          session().shown_now());
  }
  stalls_->set_rows(stall_rows(snapshot, window));
  stalls_table_->fit_columns();
  stalls_card_->set_title(tr("Why writes stalled"),
                          tr("times, shown: %1").arg(shown_span_text(session())));
}

void DatabasePage::update_families(const Snapshot& snapshot) {
  families_->set_rows(family_rows(snapshot));
  families_table_->fit_columns();
  QStringList names;
  for (const auto& family : snapshot.families) names << to_qt(family.name);
  QStringList shown;
  for (int i = 1; i < family_->count(); ++i) shown << family_->itemText(i);
  if (names == shown) return;
  const QString chosen = family_->currentText();
  const QSignalBlocker quiet(family_);
  family_->clear();
  family_->addItem(tr("All families"));
  family_->addItems(names);
  family_->setCurrentIndex(std::max(0, family_->findText(chosen)));
}

void DatabasePage::update_tree(const Snapshot& snapshot) {
  const QString family = family_->currentIndex() > 0 ? family_->currentText() : QString();
  levels_->set_rows(level_rows(snapshot, family));
  levels_table_->fit_columns();
  const bool observed = session().description().way != OpenWay::managed;
  QString note;
  if (levels_->rowCount() == 0) {
    note = tr("No level is known yet: neither a MANIFEST nor RocksDB has told.");
  } else if (observed) {
    note =
        tr("– is not known from outside: scores and bytes moved are kept inside the node's "
           "process.");
  }
  tree_note_->setText(note);
  tree_note_->setVisible(!note.isEmpty());
}

void DatabasePage::changeEvent(QEvent* event) {
  Page::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) apply_palette();
}

void DatabasePage::apply_palette() {
  QPalette dim = palette();
  dim.setColor(QPalette::WindowText, dim_text_colour(palette()));
  tree_note_->setPalette(dim);
}

}  // namespace nodetune
