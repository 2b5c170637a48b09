// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/caches_page.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedLayout>
#include <QTableView>
#include <QVBoxLayout>

#include "ui/bridge/history_series.h"
#include "ui/bridge/text.h"
#include "ui/chart/axis_scale.h"
#include "ui/chart/bar_panel.h"
#include "ui/chart/chart_panel.h"
#include "ui/chart/curve_panel.h"
#include "ui/chart/share_bar.h"
#include "ui/models/cache_table_model.h"
#include "ui/pages/byte_spin_box.h"
#include "ui/pages/explanation.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr int kCurveColumns = 3;
constexpr int kRowHeight = 30;
constexpr int kChartHeight = 30 * kGrid;
constexpr int kSizeWidth = 11 * kGrid;
constexpr int kApplyWidth = 7 * kGrid;
constexpr int kEditorWidth = kSizeWidth + kApplyWidth + 2 * kGrid;

int colour_of(ObjectKind kind) {
  return static_cast<int>(nodetune::index_of(kind));
}

QString span_label(qint64 span_us) {
  for (const auto& span : chart_spans()) {
    if (span.span_us == span_us) return span.label;
  }
  return seconds_text(static_cast<double>(span_us) / 1e6);
}

// What more memory would buy, and why this policy was chosen.
QString curve_verdict(const CacheState& cache) {
  if (!cache.curve || cache.curve->by_bytes.empty()) {
    return CachesPage::tr("Nothing was looked up yet, so no curve is known.");
  }
  QStringList said;
  if (cache.growth) said << to_qt(cache.growth->text);
  if (!cache.policy_reason.empty()) said << to_qt(cache.policy_reason);
  return said.join(QStringLiteral("\n"));
}

QString curve_origin(const CacheState& cache) {
  if (!cache.curve) return {};
  const double rate = cache.curve->sampling_rate;
  const QString watched = rate >= 1 ? CachesPage::tr("all keys")
                                    : CachesPage::tr("one key in %1").arg(qRound(1 / rate));
  return CachesPage::tr(
             "Estimated for LRU from %1 lookups by watching %2 (SHARDS). The dashed line "
             "is the present capacity, the dot what was measured in the shown time.")
      .arg(value_label(ChartUnit::count, cache.curve->lookups), watched);
}

}  // namespace

CachesPage::CachesPage(NodeSession& session, Theme& theme, QWidget* parent)
    : Page(QStringLiteral("caches"), tr("Caches"), session, theme, parent),
      stack_(new QStackedLayout(this)),
      model_(new CacheTableModel(this)) {
  auto* content = new QWidget(this);
  auto* rows = new QVBoxLayout(content);
  rows->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  rows->setSpacing(kGrid * 3 / 2);
  rows->addWidget(build_charts(), 1);
  rows->addWidget(build_table());
  sizes_ = new BarPanel(tr("Size against capacity"), ChartUnit::bytes, content);
  shares_ = new ShareBar(tr("Memory of all object caches"), ChartUnit::bytes, content);
  auto* bars = new QHBoxLayout;
  bars->setSpacing(kGrid * 3 / 2);
  bars->addWidget(sizes_, 1);
  bars->addWidget(shares_, 1, Qt::AlignTop);
  rows->addLayout(bars);
  rows->addWidget(build_curves());
  auto* scroll = new QScrollArea(this);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setWidget(content);
  stack_->addWidget(scroll);
  stack_->addWidget(build_explanation());
  connect(model_, &QAbstractItemModel::modelReset, this, &CachesPage::place_editors);
  connect(&session, &NodeSession::command_finished, this, &CachesPage::command_finished);
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
  connect(optimise_, &QPushButton::clicked, this, [this] {
    optimise_ticket_ = session().submit(OptimizeCaches{}).value_or(0);
    optimise_->setEnabled(optimise_ticket_ == 0);
  });
  return table_card_;
}

QWidget* CachesPage::build_curves() {
  auto* area = new QWidget(this);
  auto* grid = new QGridLayout(area);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setSpacing(kGrid * 3 / 2);
  for (const auto kind : kObjectKinds) {
    auto* panel = new CurvePanel(to_qt(display_name(kind)), area);
    panel->setObjectName(QStringLiteral("curve_") + to_qt(to_string(kind)));
    const int at = colour_of(kind);
    grid->addWidget(panel, at / kCurveColumns, at % kCurveColumns);
    curves_[kind] = panel;
  }
  for (int column = 0; column < kCurveColumns; ++column) grid->setColumnStretch(column, 1);
  return area;
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
  update_bars();
  update_curves(caches);
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

void CachesPage::update_bars() {
  std::vector<BarRow> bars;
  std::vector<ShareSegment> shares;
  double capacity = 0;
  for (const auto& row : model_->rows()) {
    if (!row.kind) continue;
    const QString name = to_qt(display_name(*row.kind));
    const auto used = static_cast<double>(row.now.bytes);
    BarRow bar;
    bar.name = name;
    bar.value = used;
    bar.capacity = static_cast<double>(row.now.capacity_bytes);
    bar.colour_index = colour_of(*row.kind);
    bars.push_back(bar);
    shares.push_back({name, used, colour_of(*row.kind)});
    capacity += bar.capacity;
  }
  sizes_->set_rows(bars);
  shares_->set_segments(shares, capacity);
}

void CachesPage::update_curves(const std::vector<CacheState>& caches) {
  for (const auto& cache : caches) {
    auto* panel = curves_[cache.kind];
    SizeCurve curve;
    curve.colour_index = colour_of(cache.kind);
    curve.present_bytes = static_cast<double>(cache.counters.capacity_bytes);
    for (const auto& row : model_->rows()) {
      if (row.kind == cache.kind) curve.measured_ratio = 1 - row.hit_ratio();
    }
    if (cache.curve) {
      for (const auto& point : cache.curve->by_bytes) {
        curve.points.push_back({point.bytes, point.miss_ratio});
      }
    }
    curve.verdict = curve_verdict(cache);
    panel->set_title(to_qt(display_name(cache.kind)), tr("misses by size, derived"));
    panel->setToolTip(curve_origin(cache));
    panel->set_curve(curve);
  }
}

}  // namespace nodetune
