// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/caches_page.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QStackedLayout>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

#include "engine/base/format.h"
#include "ui/bridge/history_series.h"
#include "ui/bridge/text.h"
#include "ui/chart/card.h"
#include "ui/chart/chart_panel.h"
#include "ui/models/cache_table_model.h"
#include "ui/pages/byte_spin_box.h"
#include "ui/pages/cache_memory_view.h"
#include "ui/pages/explanation.h"
#include "ui/pages/page_scroll.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr int kRowHeight = 30;
constexpr int kChartHeight = 30 * kGrid;
constexpr int kSizeWidth = 11 * kGrid;
constexpr int kApplyWidth = 7 * kGrid;
constexpr int kEditorWidth = kSizeWidth + kApplyWidth + 2 * kGrid;

QString span_label(qint64 span_us) {
  for (const auto& span : chart_spans()) {
    if (span.span_us == span_us) return span.label;
  }
  return seconds_text(static_cast<double>(span_us) / 1e6);
}

}  // namespace

CachesPage::CachesPage(NodeSession& session, Theme& theme, QWidget* parent)
    : Page(QStringLiteral("caches"), tr("Caches"), session, theme, parent),
      stack_(new QStackedLayout(this)),
      model_(new CacheTableModel(this)) {
  auto* tabs = new QTabWidget(this);
  tabs->setDocumentMode(true);
  memory_ = new CacheMemoryView(session, tabs);
  tabs->addTab(build_activity(), tr("&Activity"));
  tabs->addTab(new PageScroll(memory_, tabs), tr("&Memory"));
  stack_->addWidget(tabs);
  stack_->addWidget(build_explanation());
  connect(model_, &QAbstractItemModel::modelReset, this, &CachesPage::place_editors);
  connect(&session, &NodeSession::command_finished, this, &CachesPage::command_finished);
}

QWidget* CachesPage::build_activity() {
  auto* content = new QWidget(this);
  auto* rows = new QVBoxLayout(content);
  rows->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  rows->setSpacing(kGrid * 3 / 2);
  rows->addWidget(build_charts(), 1);
  rows->addWidget(build_table());
  return new PageScroll(content, this);
}

QWidget* CachesPage::build_charts() {
  std::vector<SeriesSpec> specs;
  std::vector<SeriesSource> hits;
  std::vector<SeriesSource> misses;
  std::vector<SeriesSource> evictions;
  for (const auto kind : kObjectKinds) {
    specs.push_back({to_qt(display_name(kind)), colour_of(kind)});
    hits.push_back(cache_hit_ratio(kind));
    misses.push_back(SeriesSource::of(cache_metric(CacheMetric::misses, kind)));
    evictions.push_back(cache_eviction_ratio(kind));
  }
  auto* area = new QWidget(this);
  auto* row = new QHBoxLayout(area);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kGrid * 3 / 2);
  const auto add = [&](const QString& title, const QString& note, ChartUnit unit,
                       std::vector<SeriesSource> sources) {
    auto* chart = new ChartPanel(title, unit, area);
    chart->set_title(title, note);
    chart->set_series(specs, history_reader(session(), std::move(sources)));
    chart->setMinimumHeight(kChartHeight);
    adopt(chart, row->isEmpty() ? MarkerText::shown : MarkerText::hidden);
    row->addWidget(chart, 1);
    return chart;
  };
  add(tr("Hit rate"), tr("hits ÷ lookups"), ChartUnit::ratio, std::move(hits))
      ->set_fixed_top(ChartAxis::left, 1);
  add(tr("Misses"), tr("per second"), ChartUnit::per_second, std::move(misses));
  add(tr("Eviction rate"), tr("evictions ÷ lookups"), ChartUnit::ratio, std::move(evictions));
  return area;
}

QWidget* CachesPage::build_table() {
  table_card_ = new Card(tr("Object caches"), this);
  optimise_ = new QPushButton(tr("&Optimise sizes"), table_card_);
  optimise_->setToolTip(
      tr("Asks the specification's rule once, on what was measured since it was last asked: caches "
         "that hit well and evict much may grow, those that hardly hit shrink. The answers are "
         "recommendations; nothing is changed before you approve."));
  table_card_->header()->addWidget(optimise_);
  table_ = new QTableView(table_card_);
  table_->setModel(model_);
  table_->setAccessibleName(tr("Object caches"));
  table_->setFrameShape(QFrame::NoFrame);
  table_->setShowGrid(false);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setTabKeyNavigation(false);  // Tab leads on to the editors
  table_->verticalHeader()->hide();
  table_->verticalHeader()->setDefaultSectionSize(kRowHeight);
  table_->setWordWrap(false);
  table_->horizontalHeader()->setHighlightSections(false);
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
  table_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  table_card_->body()->addWidget(table_);
  hints_ = new QLabel(table_card_);
  hints_->setObjectName(QStringLiteral("hints"));
  hints_->setWordWrap(true);
  hints_->hide();
  table_card_->body()->addWidget(hints_);
  connect(optimise_, &QPushButton::clicked, this, [this] {
    optimise_ticket_ = session().submit(OptimizeCaches{}).value_or(0);
    optimise_->setEnabled(optimise_ticket_ == 0);
  });
  return table_card_;
}

QWidget* CachesPage::build_explanation() {
  return explanation(
      tr("Object caches are not known from outside"),
      tr("This node is observed: what its program caches lives inside its own process and stands "
         "in "
         "none of its files, so there is nothing honest to show here.\n\n"
         "What can be known of RocksDB's own block cache, its configured size, is on the pages "
         "Database and Tuning. A test bench (File › New test bench…) has all seven object caches."),
      this);
}

void CachesPage::on_snapshot(const Snapshot&) {
  const auto caches = node().caches();
  stack_->setCurrentIndex(caches.empty() ? 1 : 0);
  table_card_->set_title(
      tr("Object caches"),
      tr("counts and ratios of the shown %1; sizes now").arg(span_label(session().span_us())));
  model_->set_rows(
      cache_rows(caches, node().history(), session().shown_begin(), session().shown_now()));
  update_editors();
  show_hints();
  memory_->set_caches(caches, model_->rows());
  if (const auto memory = node().memory()) memory_->set_memory(*memory);
}

void CachesPage::show_hints() {
  const auto hints = node().workload().hints;
  hints_->setVisible(hints.has_value());
  if (!hints) return;
  const auto all = hints->all();
  hints_->setText(
      tr("Access hints, since open: %1 of %2 first touches came from memory (%3), in %4 "
         "blocks; %5 are held for the blocks under way.")
          .arg(to_qt(format_whole(all.served_from_memory)), to_qt(format_whole(all.first_touches)),
               to_qt(format_ratio(all.first_touch_ratio())), to_qt(format_whole(hints->blocks)),
               to_qt(format_bytes(static_cast<double>(hints->held_bytes)))));
}

void CachesPage::place_editors() {
  editors_.clear();  // the view has deleted their widgets
  for (int row = 0; row < model_->rowCount(); ++row) {
    const auto& cache = model_->rows()[static_cast<std::size_t>(row)];
    if (!cache.kind) continue;
    auto editor = make_editor(*cache.kind);
    table_->setIndexWidget(model_->index(row, CacheTableModel::resize), editor.widget);
    editors_[*cache.kind] = editor;
  }
  auto* header = table_->horizontalHeader();
  header->setSectionResizeMode(CacheTableModel::cache, QHeaderView::ResizeToContents);
  header->setSectionResizeMode(CacheTableModel::policy, QHeaderView::ResizeToContents);
  header->setSectionResizeMode(CacheTableModel::resize, QHeaderView::Fixed);
  table_->setColumnWidth(CacheTableModel::resize, kEditorWidth);
  const int height = table_->horizontalHeader()->sizeHint().height() +
                     model_->rowCount() * table_->verticalHeader()->defaultSectionSize();
  table_->setFixedHeight(height + 2);
}

CachesPage::Editor CachesPage::make_editor(ObjectKind kind) {
  Editor editor;
  const QString name = to_qt(display_name(kind));
  editor.widget = new QWidget(table_);
  editor.size = new ByteSpinBox(editor.widget);
  editor.size->setObjectName(QStringLiteral("size_") + to_qt(to_string(kind)));
  editor.size->setAccessibleName(tr("New capacity of %1").arg(name));
  editor.size->setFixedWidth(kSizeWidth);
  editor.apply = new QPushButton(tr("Apply"), editor.widget);
  editor.apply->setFixedWidth(kApplyWidth);
  editor.apply->setObjectName(QStringLiteral("apply_") + to_qt(to_string(kind)));
  editor.apply->setAccessibleName(tr("Apply the new capacity of %1").arg(name));
  auto* row = new QHBoxLayout(editor.widget);
  row->setContentsMargins(kGrid / 2, 2, kGrid / 2, 2);
  row->setSpacing(kGrid / 2);
  row->addStretch();
  row->addWidget(editor.size);
  row->addWidget(editor.apply);
  connect(editor.apply, &QPushButton::clicked, this, [this, kind] { apply_editor(kind); });
  connect(editor.size, &ByteSpinBox::confirmed, this, [this, kind] {
    if (editors_[kind].apply->isEnabled()) apply_editor(kind);
  });
  connect(editor.size, &QDoubleSpinBox::valueChanged, this,
          [this, kind] { update_editor(editors_[kind]); });
  return editor;
}

void CachesPage::update_editors() {
  for (const auto& row : model_->rows()) {
    if (!row.kind) continue;
    auto& editor = editors_[*row.kind];
    const auto capacity = static_cast<qint64>(row.now.capacity_bytes);
    // Follow the cache, but never overwrite what somebody is about to apply.
    const bool untouched = editor.size->bytes() == editor.current_bytes;
    editor.current_bytes = capacity;
    if (untouched && !editor.size->hasFocus()) editor.size->set_bytes(capacity);
    update_editor(editor);
  }
}

void CachesPage::update_editor(Editor& editor) {
  if (editor.apply == nullptr) return;
  editor.apply->setEnabled(editor.ticket == 0 && editor.size->bytes() != editor.current_bytes);
}

void CachesPage::apply_editor(ObjectKind kind) {
  auto& editor = editors_[kind];
  editor.ticket = session().submit(ResizeCache{kind, editor.size->bytes()}).value_or(0);
  update_editor(editor);
}

void CachesPage::command_finished(const CommandOutcome& outcome) {
  if (outcome.ticket == 0) return;
  if (outcome.ticket == optimise_ticket_) {
    optimise_ticket_ = 0;
    optimise_->setEnabled(true);
  }
  for (auto& [kind, editor] : editors_) {
    if (editor.ticket != outcome.ticket) continue;
    editor.ticket = 0;
    // The node's own value, whatever became of the change, comes with the next snapshot.
    if (outcome.status.is_ok()) editor.current_bytes = editor.size->bytes();
    update_editor(editor);
  }
}

}  // namespace nodetune
