// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/memory_page.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>
#include <cmath>

#include "ui/bridge/history_series.h"
#include "ui/bridge/remote_text.h"
#include "ui/bridge/text.h"
#include "ui/chart/chart_panel.h"
#include "ui/chart/share_bar.h"
#include "ui/models/memory_tables.h"
#include "ui/pages/data_table.h"
#include "ui/pages/figure_tiles.h"
#include "ui/pages/page_scroll.h"

namespace nodetune {
namespace {

constexpr int kPartRowsMin = 3;
constexpr int kPartRowsMax = 16;
constexpr double kSentenceScale = 1.15;  // of the normal font
constexpr double kLimitInViewRatio =
    0.25;  // of the limit: a process that holds less has its own scale

Tone tone_of(MemoryPicture::Verdict verdict) {
  switch (verdict) {
    case MemoryPicture::Verdict::unknown:
      return Tone::neutral;
    case MemoryPicture::Verdict::fits:
      return Tone::good;
    case MemoryPicture::Verdict::tight:
      return Tone::warn;
    case MemoryPicture::Verdict::over:
      return Tone::bad;
  }
  return Tone::neutral;
}

QString known_note(double value, const QString& note) {
  return std::isfinite(value) ? note : QObject::tr("not known");
}

}  // namespace

MemoryPage::MemoryPage(NodeSession& session, Theme& theme, QWidget* parent)
    : Page(QStringLiteral("memory"), tr("Memory"), session, theme, parent),
      model_(new CellModel(memory_columns(), this)) {
  auto* content = new QWidget(this);
  auto* rows = new QVBoxLayout(content);
  rows->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  rows->setSpacing(kPartSpacing);
  rows->addWidget(build_verdict());
  tiles_ = new FigureTiles(tr("Now"), content);
  rows->addWidget(tiles_);
  shares_ = new ShareBar(tr("What the node's process holds"), ChartUnit::bytes, content);
  shares_->setObjectName(QStringLiteral("shares"));
  rows->addWidget(shares_);
  rows->addWidget(build_parts());
  rows->addWidget(build_use(), 1);
  rows->addWidget(build_writes(), 1);
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(new PageScroll(content, this));
  apply_palette();
}

QWidget* MemoryPage::build_verdict() {
  auto* card = new Card({}, this);
  card->setAccessibleName(tr("Does it fit?"));
  symbol_ = new QLabel(card);
  sentence_ = new QLabel(card);
  sentence_->setObjectName(QStringLiteral("verdict"));
  tables_ = new QLabel(card);
  tables_->setObjectName(QStringLiteral("tables"));
  for (auto* label : {sentence_, tables_}) {
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  }
  QFont large = font();
  large.setPointSizeF(large.pointSizeF() * kSentenceScale);
  large.setBold(true);
  symbol_->setFont(large);
  sentence_->setFont(large);
  auto* row = new QHBoxLayout;
  row->setSpacing(kGrid);
  row->addWidget(symbol_);
  row->addWidget(sentence_, 1);
  card->body()->addLayout(row);
  card->body()->addWidget(tables_);
  return card;
}

QWidget* MemoryPage::build_parts() {
  table_card_ = new Card(tr("Where memory goes"), this);
  table_ = new DataTable(tr("Where memory goes"), table_card_);
  table_->setObjectName(QStringLiteral("parts"));
  table_->setModel(model_);
  table_->set_stretch_column(kMemoryNoteColumn);
  table_->fit_height(kPartRowsMin, kPartRowsMax);
  table_card_->body()->addWidget(table_);
  return table_card_;
}

ChartPanel* MemoryPage::add_chart(QWidget* row, const QString& title, const QString& note,
                                  ChartUnit unit, std::vector<SeriesSpec> specs,
                                  std::vector<SeriesSource> sources, const QString& unavailable) {
  auto* panel = new ChartPanel(title, unit, row);
  if (!note.isEmpty()) panel->set_title(title, note);
  panel->set_series(std::move(specs), history_reader(session(), sources));
  adopt(panel, charts_.empty() ? MarkerText::shown : MarkerText::hidden);
  charts_.push_back({panel, std::move(sources), unavailable});
  static_cast<PanelRow*>(row)->add(panel);
  return panel;
}

QWidget* MemoryPage::build_use() {
  auto* row = new PanelRow(this);
  process_ = add_chart(
      row, tr("The node's process"), {}, ChartUnit::bytes,
      {{tr("Resident"), 3}, {tr("Anonymous"), 0}, {tr("Swapped out"), 1}},
      {SeriesSource::of(Metric::process_resident_bytes),
       SeriesSource::of(Metric::process_anonymous_bytes),
       SeriesSource::of(Metric::process_swap_bytes)},
      tr("Not known: nobody holds the database, or the holder cannot be seen from here."));
  add_chart(
      row, tr("RocksDB block cache"), tr("as its LOG tells"), ChartUnit::bytes,
      {{tr("Used"), 0},
       {tr("Data"), 2},
       {tr("Index"), 4},
       {tr("Filter"), 5},
       {tr("Capacity"), -1, SeriesStyle::step}},
      {SeriesSource::of(Metric::db_block_cache_usage_bytes),
       SeriesSource::of(Metric::db_block_cache_data_bytes),
       SeriesSource::of(Metric::db_block_cache_index_bytes),
       SeriesSource::of(Metric::db_block_cache_filter_bytes),
       SeriesSource::of(Metric::db_block_cache_capacity_bytes)},
      tr("Not known: a running node writes it into its LOG with RocksDB's statistics; of this time "
         "there are none (stats_dump_period_sec)."));
  return row;
}

QWidget* MemoryPage::build_writes() {
  auto* row = new PanelRow(this);
  auto* unflushed = add_chart(
      row, tr("Not yet flushed"), tr("write-ahead log bounds it"), ChartUnit::bytes,
      {{tr("Write-ahead log"), 0}, {tr("Memtables"), 2}},
      {SeriesSource::of(Metric::db_wal_size_bytes), SeriesSource::of(Metric::db_memtable_bytes)},
      tr("Not known: no write-ahead log lies there."));
  unflushed->setToolTip(
      tr("What memtables hold stands in the write-ahead log too, until it is flushed: unless the "
         "program writes without one, they hold no more than about its size."));
  add_chart(row, tr("Waited for memory"), tr("share of 10 s, whole machine"), ChartUnit::ratio,
            {{tr("Some task"), 3}, {tr("All tasks"), 1}},
            {SeriesSource::of(Metric::pressure_memory_some_ratio),
             SeriesSource::of(Metric::pressure_memory_full_ratio)},
            tr("Not known: this kernel has no pressure stall information (psi=1)."));
  return row;
}

void MemoryPage::on_snapshot(const Snapshot& snapshot) {
  const auto parts = node().memory_parts();
  const auto picture = picture_memory(parts);
  update_verdict(picture);
  update_tiles(snapshot, picture);
  update_shares(picture);
  update_limit(snapshot);
  const auto& described = session().description();
  const bool ended = described.recorded && !is_remote(described);
  model_->set_rows(memory_rows(parts, {session().newest_shown(), ended}));
  table_->fit_columns();
  table_card_->set_title(tr("Where memory goes"), age_text(session()));
  update_availability(charts_, session());
}

void MemoryPage::update_verdict(const MemoryPicture& picture) {
  sentence_->setText(to_qt(picture.sentence));
  tables_->setText(picture.tables_sentence.empty() ? QString()
                                                   : to_qt(picture.tables_sentence) + QChar('.'));
  tables_->setVisible(!picture.tables_sentence.empty());
  if (picture.verdict == verdict_) return;
  verdict_ = picture.verdict;
  apply_palette();
}

void MemoryPage::update_tiles(const Snapshot& snapshot, const MemoryPicture& picture) {
  // The newest figures of the process: parts are put together less often.
  const double resident = snapshot.value(Metric::process_resident_bytes);
  const double limit = snapshot.value(Metric::system_memory_limit_bytes);
  const double left = limit - snapshot.value(Metric::system_memory_used_bytes);
  const double swap = snapshot.value(Metric::process_swap_bytes);
  const QString least =
      picture.allowed_is_least ? tr("at least; not all is known") : tr("cache, memtables, tables");
  tiles_->set_title(session().description().recorded ? tr("At the end") : tr("Now"),
                    age_text(session()));
  tiles_->set_tiles({
      {tr("Resident"), bytes_text(resident),
       known_note(resident, swap > 0 ? tr("%1 swapped out").arg(bytes_text(swap))
                                     : tr("of the node's process")),
       tr("Without the page cache, which is the kernel's"), swap > 0 ? Tone::warn : Tone::neutral},
      {tr("Limit"), bytes_text(limit), known_note(limit, to_qt(picture.limit_name)),
       tr("The nearest control group's memory.max of the node's process, else the machine's "
          "memory")},
      {tr("Headroom"), bytes_text(left), known_note(left, tr("limit without what is in use")),
       tr("In use: memory.current without inactive file pages, else what the machine says is not "
          "available")},
      {tr("RocksDB may take"), bytes_text(picture.allowed_bytes),
       known_note(picture.allowed_bytes, least),
       tr("Derived: block cache, memtables, and index and filter blocks beside the cache, as the "
          "options allow"),
       tone_of(picture.verdict) == Tone::good ? Tone::neutral : tone_of(picture.verdict)},
      {tr("Index and filter"), bytes_text(picture.tables_bytes),
       picture.tables_in_cache ? tr("in the block cache")
                               : known_note(picture.tables_bytes, tr("beside the block cache")),
       tr("Derived from the properties of live SST files, as they lie on disk")},
  });
}

void MemoryPage::update_shares(const MemoryPicture& picture) {
  std::vector<ShareSegment> segments;
  for (const auto& share : picture.shares) {
    segments.push_back({to_qt(share.name), share.bytes, static_cast<int>(segments.size())});
  }
  const bool known = std::isfinite(picture.anonymous_bytes) && !segments.empty();
  shares_->setVisible(known);
  if (!known) return;
  const bool in_view = picture.resident_bytes > kLimitInViewRatio * picture.limit_bytes;
  shares_->set_segments(segments, in_view ? picture.limit_bytes : kMissing);
}

void MemoryPage::update_limit(const Snapshot& snapshot) {
  const double limit = snapshot.value(Metric::system_memory_limit_bytes);
  const double resident = snapshot.value(Metric::process_resident_bytes);
  if (!(limit > 0) || !(resident > 0)) return process_->set_threshold({});
  process_->set_threshold(
      ChartThreshold{limit, tr("limit"), ChartAxis::left, resident > kLimitInViewRatio * limit});
}

void MemoryPage::changeEvent(QEvent* event) {
  Page::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) apply_palette();
}

void MemoryPage::apply_palette() {
  const Tone tone = tone_of(verdict_);
  const QString symbol = tone_symbol(tone);
  symbol_->setText(symbol);
  symbol_->setVisible(!symbol.isEmpty());
  QPalette coloured = palette();
  if (tone != Tone::neutral) {
    coloured.setColor(QPalette::WindowText, tone_colour(tone, is_dark(palette())));
  }
  symbol_->setPalette(coloured);
  QPalette dim = palette();
  dim.setColor(QPalette::WindowText, dim_text_colour(palette()));
  tables_->setPalette(dim);
}

}  // namespace nodetune
