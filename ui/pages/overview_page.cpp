// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/overview_page.h"

#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QListWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "engine/node/health.h"
#include "engine/tuner/rules.h"
#include "ui/bridge/remote_text.h"
#include "ui/bridge/text.h"
#include "ui/chart/chart_panel.h"
#include "ui/models/tuning_tables.h"
#include "ui/pages/known_chart.h"
#include "ui/pages/machine_charts.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr int kChartColumns = 3;
constexpr int kRowHeight = 3 * kGrid;
constexpr int kRecommendationRows = 3;  // shown without scrolling

Tone tone_of(HealthLevel level) {
  switch (level) {
    case HealthLevel::unknown:
      return Tone::neutral;
    case HealthLevel::good:
      return Tone::good;
    case HealthLevel::warning:
      return Tone::warn;
    case HealthLevel::bad:
      return Tone::bad;
  }
  return Tone::neutral;
}

QString summary(const Recommendation& item) {
  const auto& proposal = item.proposal;
  QString text =
      QObject::tr("%1: %2 → %3")
          .arg(recommendation_title(item), to_qt(format_value(proposal.target, proposal.current)),
               to_qt(format_value(proposal.target, proposal.proposed)));
  if (!proposal.evidence.empty()) {
    text += QStringLiteral("   –   ") + to_qt(sentence(proposal.evidence.front()));
  }
  return text;
}

bool knows_nothing(const History& history, const SeriesSource& source, TimePoint begin,
                   TimePoint end) {
  return std::isnan(figure_over(history, source, begin, end));
}

}  // namespace

OverviewPage::OverviewPage(NodeSession& session, Theme& theme, QWidget* parent)
    : Page(QStringLiteral("overview"), tr("Overview"), session, theme, parent),
      tone_(Tone::neutral) {
  auto* rows = new QVBoxLayout(this);
  rows->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  rows->setSpacing(kGrid * 3 / 2);
  rows->addWidget(build_health());
  rows->addWidget(build_charts(), 1);
  rows->addWidget(build_recommendations());
  apply_palette();
}

QWidget* OverviewPage::build_health() {
  health_ = new Card({}, this);
  health_->setAccessibleName(tr("Health"));
  symbol_ = new QLabel(health_);
  sentence_ = new QLabel(health_);
  sentence_->setObjectName(QStringLiteral("health"));
  sentence_->setWordWrap(true);
  sentence_->setTextFormat(Qt::PlainText);
  sentence_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  QFont large = font();
  large.setPointSizeF(large.pointSizeF() * 1.15);
  large.setBold(true);
  symbol_->setFont(large);
  sentence_->setFont(large);
  auto* row = new QHBoxLayout;
  row->setSpacing(kGrid);
  row->addWidget(symbol_);
  row->addWidget(sentence_, 1);
  health_->body()->addLayout(row);
  return health_;
}

OverviewPage::Chart OverviewPage::make_chart(const QString& title, const QString& note,
                                             ChartUnit unit, std::vector<SeriesSpec> specs,
                                             std::vector<SeriesSource> sources,
                                             const QString& unavailable) {
  auto* panel = new ChartPanel(title, unit, this);
  if (!note.isEmpty()) panel->set_title(title, note);
  panel->set_series(std::move(specs), history_reader(session(), sources));
  adopt(panel, charts_.empty() ? MarkerText::shown : MarkerText::hidden);
  return {panel, std::move(sources), unavailable};
}

QWidget* OverviewPage::build_charts() {
  const bool several = !session().databases().empty() && !session().database();
  const QString needs_statistics =
      several ? tr("Not known of all databases: choose one in the header, or see Missing in the "
                   "sums among what is known on the page Database.")
              : tr("Not known: it needs RocksDB's own statistics. A node writes some into its LOG "
                   "now and then; of this time there are none.");
  const QString needs_device = tr("Not known: the kernel has no statistics of this disk.");
  charts_.push_back(make_chart(tr("Stalled seconds"), stalled_note(session()), ChartUnit::seconds,
                               {{tr("Writers waited"), 1, SeriesStyle::area}},
                               {SeriesSource::of(Metric::db_stall_seconds_total)},
                               needs_statistics));
  charts_.push_back(make_chart(tr("Disk latency"), {}, ChartUnit::seconds,
                               {{tr("Read"), 0}, {tr("Write"), 1}},
                               {SeriesSource::of(Metric::disk_read_latency_seconds),
                                SeriesSource::of(Metric::disk_write_latency_seconds)},
                               needs_device));
  charts_.push_back(make_chart(tr("Compaction debt"), tr("estimated"), ChartUnit::bytes,
                               {{tr("To be rewritten"), 4, SeriesStyle::area}},
                               {SeriesSource::of(Metric::db_pending_compaction_bytes)},
                               needs_statistics));
  charts_.push_back(make_chart(
      tr("Free space"), {}, ChartUnit::bytes, {{tr("Free"), 2, SeriesStyle::area}},
      {SeriesSource::of(Metric::disk_free_bytes)}, tr("Not known: the file system does not say.")));
  free_space_ = charts_.back().panel;
  charts_.push_back(make_chart(tr("Memory against limit"), {}, ChartUnit::ratio,
                               {{tr("Used"), 3, SeriesStyle::area}},
                               {SeriesSource::of(Metric::system_memory_ratio)},
                               tr("Not known: neither a control group nor /proc/meminfo says.")));
  charts_.back().panel->set_fixed_top(ChartAxis::left, 1);
  charts_.back().panel->set_threshold(
      ChartThreshold{RuleConfig{}.memory_ratio_high, tr("high"), ChartAxis::left, true});
  charts_.push_back(make_chart(
      tr("Bytes written"), {}, ChartUnit::bytes_per_second,
      {{tr("Disk, by all"), -1}, {tr("Flush and compaction"), 4}, {tr("By callers"), 0}},
      {SeriesSource::of(Metric::disk_write_bytes_total),
       SeriesSource::sum({Metric::db_flush_bytes_total, Metric::db_compaction_write_bytes_total}),
       SeriesSource::of(Metric::db_bytes_written_total)},
      needs_device));
  auto* area = new QWidget(this);
  auto* grid = new QGridLayout(area);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setSpacing(kGrid * 3 / 2);
  for (std::size_t i = 0; i < charts_.size(); ++i) {
    grid->addWidget(charts_[i].panel, static_cast<int>(i) / kChartColumns,
                    static_cast<int>(i) % kChartColumns);
  }
  return area;
}

QWidget* OverviewPage::build_recommendations() {
  recommendations_card_ = new Card(tr("Waiting for your decision"), this);
  recommendations_ = new QListWidget(this);
  recommendations_->setAccessibleName(tr("Recommendations that wait for a decision"));
  recommendations_->setFrameShape(QFrame::NoFrame);
  recommendations_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  recommendations_->setCursor(Qt::PointingHandCursor);
  const auto& node = session().description();
  none_ = new QLabel(node.recorded && !is_remote(node)
                         ? tr("No recommendation: the rules found nothing in what was recorded.")
                         : tr("No recommendation. The tuner looks at the figures once a minute."),
                     this);
  recommendations_card_->body()->addWidget(none_);
  recommendations_card_->body()->addWidget(recommendations_);
  const auto to_tuning = [this] { emit page_requested(QStringLiteral("tuning")); };
  connect(recommendations_, &QListWidget::itemActivated, this, to_tuning);
  connect(recommendations_, &QListWidget::itemClicked, this, to_tuning);
  recommendations_->setVisible(false);
  return recommendations_card_;
}

void OverviewPage::on_snapshot(const Snapshot& snapshot) {
  update_health(snapshot);
  free_space_->set_title(tr("Free space"), full_text(snapshot));
  update_availability(snapshot);
  update_recommendations();
}

void OverviewPage::update_health(const Snapshot& snapshot) {
  const auto health = assess_health(snapshot, node().history());
  sentence_->setText(to_qt(health.sentence));
  health_->setAccessibleDescription(sentence_->text());
  if (tone_of(health.level) != tone_) {
    tone_ = tone_of(health.level);
    apply_palette();
  }
}

void OverviewPage::update_availability(const Snapshot& snapshot) {
  if (snapshot.sequence < kSettledSnapshots) return;
  const auto end = session().shown_now();
  const auto begin = session().shown_begin();
  for (auto& chart : charts_) {
    const bool nothing =
        std::all_of(chart.sources.begin(), chart.sources.end(), [&](const SeriesSource& source) {
          return knows_nothing(node().history(), source, begin, end);
        });
    chart.panel->set_unavailable(nothing ? why_unknown(chart.unavailable, session()) : QString());
  }
}

void OverviewPage::update_recommendations() {
  QStringList lines;
  for (const auto& item : node().recommendations()) {
    if (item.state == RecommendationState::proposed) lines << summary(item);
  }
  if (lines == shown_recommendations_) return;
  shown_recommendations_ = lines;
  const int row = recommendations_->currentRow();
  recommendations_->clear();
  for (const auto& line : lines) {
    (new QListWidgetItem(line, recommendations_))->setSizeHint({0, kRowHeight});
  }
  recommendations_->setCurrentRow(std::min(row, static_cast<int>(lines.size()) - 1));
  for (int i = 0; i < recommendations_->count(); ++i) {
    recommendations_->item(i)->setToolTip(tr("%1\nShow it on the Tuning page").arg(lines[i]));
  }
  none_->setVisible(lines.isEmpty());
  recommendations_->setVisible(!lines.isEmpty());
  const int rows = std::clamp(static_cast<int>(lines.size()), 1, kRecommendationRows);
  recommendations_->setFixedHeight(rows * kRowHeight);
}

void OverviewPage::changeEvent(QEvent* event) {
  Page::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) apply_palette();
}

void OverviewPage::apply_palette() {
  const QString symbol = tone_symbol(tone_);
  symbol_->setText(symbol);
  symbol_->setVisible(!symbol.isEmpty());
  QPalette coloured = palette();
  coloured.setColor(QPalette::WindowText, tone_colour(tone_, is_dark(palette())));
  symbol_->setPalette(coloured);
  QPalette dim = palette();
  dim.setColor(QPalette::WindowText, dim_text_colour(palette()));
  none_->setPalette(dim);
  QPalette list = palette();
  list.setColor(QPalette::Base, card_colour(palette()));
  recommendations_->setPalette(list);
}

}  // namespace nodetune
