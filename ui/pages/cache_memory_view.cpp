// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/cache_memory_view.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QVBoxLayout>

#include "ui/bridge/text.h"
#include "ui/chart/axis_scale.h"
#include "ui/chart/bar_panel.h"
#include "ui/chart/curve_panel.h"
#include "ui/chart/share_bar.h"
#include "ui/models/cache_table_model.h"
#include "ui/pages/arbiter_card.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr int kCurveColumns = 3;
constexpr int kBlockCacheColour = -1;  // context: it is no object cache

using Curve = std::shared_ptr<const CurveSnapshot>;

std::vector<SizePoint> points_of(const Curve& curve) {
  std::vector<SizePoint> points;
  if (!curve) return points;
  for (const auto& point : curve->by_bytes) points.push_back({point.bytes, point.miss_ratio});
  return points;
}

// What more memory would buy, and why this policy was chosen.
QString verdict_of(const Curve& curve, const std::optional<GrowthOffer>& growth,
                   const std::string& policy_reason) {
  if (!curve || curve->by_bytes.empty()) {
    return CacheMemoryView::tr("Nothing was looked up yet, so no curve is known.");
  }
  QStringList said;
  if (growth) said << to_qt(growth->text);
  if (!policy_reason.empty()) said << to_qt(policy_reason);
  return said.join(QStringLiteral("\n"));
}

QString origin_of(const Curve& curve) {
  if (!curve) return {};
  const QString watched =
      curve->sampling_rate >= 1
          ? CacheMemoryView::tr("all keys")
          : CacheMemoryView::tr("one key in %1").arg(qRound(1 / curve->sampling_rate));
  return CacheMemoryView::tr(
             "Estimated for LRU from %1 lookups by watching %2 (SHARDS). The dashed line is the "
             "present capacity, the dot what was measured in the shown time; lookups that pending "
             "writes answered are hits there and not in the curve.")
      .arg(value_label(ChartUnit::count, curve->lookups), watched);
}

}  // namespace

CacheMemoryView::CacheMemoryView(NodeSession& session, QWidget* parent)
    : QWidget(parent),
      sizes_(new BarPanel(tr("Size against capacity"), ChartUnit::bytes, this)),
      shares_(new ShareBar(tr("Memory of all object caches"), ChartUnit::bytes, this)),
      arbiter_(new ArbiterCard(session, this)) {
  auto* bars = new QHBoxLayout;
  bars->setSpacing(kGrid * 3 / 2);
  bars->addWidget(sizes_, 1);
  auto* right = new QVBoxLayout;
  right->setSpacing(kGrid * 3 / 2);
  right->addWidget(shares_);
  right->addWidget(arbiter_, 1);
  bars->addLayout(right, 1);
  auto* rows = new QVBoxLayout(this);
  rows->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  rows->setSpacing(kGrid * 3 / 2);
  rows->addLayout(bars);
  rows->addWidget(build_curves(), 1);
}

QWidget* CacheMemoryView::build_curves() {
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
  block_cache_ = new CurvePanel(tr("RocksDB block cache"), area);
  block_cache_->setObjectName(QStringLiteral("curve_block_cache"));
  const int last = static_cast<int>(kObjectKinds.size());
  grid->addWidget(block_cache_, last / kCurveColumns, last % kCurveColumns);
  for (int column = 0; column < kCurveColumns; ++column) grid->setColumnStretch(column, 1);
  return area;
}

void CacheMemoryView::set_caches(const std::vector<CacheState>& caches,
                                 const std::vector<CacheRow>& rows) {
  update_bars(rows);
  for (const auto& cache : caches) {
    auto* panel = curves_[cache.kind];
    SizeCurve curve;
    curve.points = points_of(cache.curve);
    curve.colour_index = colour_of(cache.kind);
    curve.present_bytes = static_cast<double>(cache.counters.capacity_bytes);
    for (const auto& row : rows) {
      if (row.kind == cache.kind) curve.measured_ratio = 1 - row.hit_ratio();
    }
    curve.verdict = verdict_of(cache.curve, cache.growth, cache.policy_reason);
    panel->set_title(to_qt(display_name(cache.kind)), tr("misses, derived"));
    panel->setToolTip(origin_of(cache.curve));
    panel->set_curve(curve);
  }
}

void CacheMemoryView::set_memory(const MemoryState& memory) {
  arbiter_->set_memory(memory);
  SizeCurve curve;
  curve.points = points_of(memory.block_cache_curve);
  curve.colour_index = kBlockCacheColour;
  if (memory.block_cache_bytes > 0) {
    curve.present_bytes = static_cast<double>(memory.block_cache_bytes);
  }
  curve.verdict = verdict_of(memory.block_cache_curve, memory.block_cache_growth, {});
  block_cache_->set_title(tr("RocksDB block cache"), tr("misses, derived"));
  block_cache_->setToolTip(origin_of(memory.block_cache_curve));
  block_cache_->set_curve(curve);
}

void CacheMemoryView::update_bars(const std::vector<CacheRow>& rows) {
  std::vector<BarRow> bars;
  std::vector<ShareSegment> shares;
  double capacity = 0;
  for (const auto& row : rows) {
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

}  // namespace nodetune
