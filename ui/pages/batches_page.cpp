// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/batches_page.h"

#include <QEvent>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStackedLayout>
#include <QVBoxLayout>
#include <cmath>

#include "ui/bridge/text.h"
#include "ui/chart/chart_panel.h"
#include "ui/chart/histogram_panel.h"
#include "ui/pages/batch_flow_card.h"
#include "ui/pages/batch_size_card.h"
#include "ui/pages/durability_card.h"
#include "ui/pages/explanation.h"
#include "ui/pages/figure_tiles.h"
#include "ui/pages/page_scroll.h"
#include "ui/pages/write_paths_card.h"

namespace nodetune {
namespace {

constexpr int kPanelHeight = 26 * kGrid;

QString per_second(double rate) {
  return std::isfinite(rate) ? QObject::tr("%1 op/s").arg(count_text(rate)) : count_text(rate);
}

}  // namespace

BatchesPage::BatchesPage(NodeSession& session, Theme& theme, QWidget* parent)
    : Page(QStringLiteral("batches"), tr("Batches"), session, theme, parent),
      stack_(new QStackedLayout(this)),
      flow_(new BatchFlowCard(this)),
      tiles_(new FigureTiles(tr("Commits"), this)),
      size_(new BatchSizeCard(session, this)),
      durability_(new DurabilityCard(session, this)),
      paths_(new WritePathsCard(this)) {
  auto* content = new QWidget(this);
  auto* rows = new QVBoxLayout(content);
  rows->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  rows->setSpacing(kPartSpacing);
  rows->addWidget(build_failure());
  rows->addWidget(flow_);
  rows->addWidget(tiles_);
  rows->addWidget(build_controls());
  rows->addWidget(build_panels(), 1);
  stack_->addWidget(new PageScroll(content, this));
  stack_->addWidget(build_explanation());
  connect(&session, &NodeSession::command_finished, this, &BatchesPage::command_finished);
  apply_palette();
}

QWidget* BatchesPage::build_explanation() {
  return explanation(
      tr("Batches are not known from outside"),
      tr("This node is observed: how its program gathers writes into batches happens inside its "
         "own process and stands in none of its files, so there is nothing honest to show here.\n\n"
         "What can be known of its writes is on the page Database: flushes, compactions and stalls "
         "as its LOG tells them. A test bench (File › New test bench…) has a batch processor."),
      this);
}

QWidget* BatchesPage::build_failure() {
  failure_ = new Card(tr("Commits fail"), this);
  failure_text_ = new QLabel(failure_);
  failure_text_->setObjectName(QStringLiteral("failure"));
  failure_text_->setWordWrap(true);
  failure_text_->setTextFormat(Qt::PlainText);
  failure_text_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  retry_ = new QPushButton(tr("&Retry"), failure_);
  retry_->setObjectName(QStringLiteral("retry"));
  retry_->setToolTip(tr("Commits the kept batch again, once the cause is gone"));
  connect(retry_, &QPushButton::clicked, this, [this] {
    ticket_ = this->session().submit(RetryCommit{}).value_or(0);
    retry_->setEnabled(ticket_ == 0);
  });
  auto* row = new QHBoxLayout;
  row->setSpacing(2 * kGrid);
  row->addWidget(failure_text_, 1);
  row->addWidget(retry_, 0, Qt::AlignTop);
  failure_->body()->addLayout(row);
  failure_->hide();
  return failure_;
}

QWidget* BatchesPage::build_controls() {
  auto* area = new QWidget(this);
  auto* row = new QHBoxLayout(area);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kPartSpacing);
  for (QWidget* card : std::initializer_list<QWidget*>{size_, durability_, paths_}) {
    row->addWidget(card, 1);
  }
  return area;
}

ChartPanel* BatchesPage::make_chart(const QString& title, const QString& note, ChartUnit unit,
                                    std::vector<SeriesSpec> specs,
                                    std::vector<SeriesSource> sources) {
  auto* panel = new ChartPanel(title, unit, this);
  if (!note.isEmpty()) panel->set_title(title, note);
  panel->set_series(std::move(specs), history_reader(session(), sources));
  panel->setMinimumHeight(kPanelHeight);
  // A long legend must not make its column wider than the others.
  panel->setSizePolicy(QSizePolicy::Ignored, panel->sizePolicy().verticalPolicy());
  adopt(panel, charts_.empty() ? MarkerText::shown : MarkerText::hidden);
  charts_.push_back({panel, std::move(sources), tr("Not known yet")});
  return panel;
}

QWidget* BatchesPage::build_panels() {
  auto* area = new QWidget(this);
  auto* grid = new QGridLayout(area);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setSpacing(kPartSpacing);
  const auto quantiles = [](Metric metric) {
    return std::vector<SeriesSource>{SeriesSource::of(metric, Percentile::p50),
                                     SeriesSource::of(metric, Percentile::p95),
                                     SeriesSource::of(metric, Percentile::p99)};
  };
  grid->addWidget(make_chart(tr("Commit duration"), {}, ChartUnit::seconds,
                             {{tr("p50"), 0}, {tr("p95"), 3}, {tr("p99"), 1}},
                             quantiles(Metric::batch_duration_seconds)),
                  0, 0);
  histogram_ = new HistogramPanel(tr("Durations of the shown window"), ChartUnit::seconds, area);
  histogram_->setMinimumHeight(kPanelHeight);
  grid->addWidget(histogram_, 0, 1);
  grid->addWidget(
      make_chart(tr("Batch size"), tr("operations"), ChartUnit::count,
                 {{tr("p50"), 0}, {tr("p99"), 1}, {tr("Target"), -1, SeriesStyle::step}},
                 {SeriesSource::of(Metric::batch_size, Percentile::p50),
                  SeriesSource::of(Metric::batch_size, Percentile::p99),
                  SeriesSource::of(Metric::batch_auto_commit_threshold)}),
      0, 2);
  grid->addWidget(make_chart(tr("Operations by type"), tr("per second"), ChartUnit::per_second,
                             {{tr("Put"), 0},
                              {tr("Delete"), 1},
                              {tr("Single delete"), 2},
                              {tr("Delete range"), 3},
                              {tr("Merge"), 4}},
                             {SeriesSource::of(Metric::batch_operations_put),
                              SeriesSource::of(Metric::batch_operations_delete),
                              SeriesSource::of(Metric::batch_operations_single_delete),
                              SeriesSource::of(Metric::batch_operations_delete_range),
                              SeriesSource::of(Metric::batch_operations_merge)}),
                  1, 0);
  auto* bytes = make_chart(
      tr("Bytes"), tr("committed; waiting on the right"), ChartUnit::bytes_per_second,
      {{tr("Committed"), 0}, {tr("Waiting"), -1, SeriesStyle::step, ChartAxis::right}},
      {SeriesSource::of(Metric::batch_bytes_total), SeriesSource::of(Metric::batch_pending_bytes)});
  bytes->set_right_axis(ChartUnit::bytes);
  grid->addWidget(bytes, 1, 1);
  auto* waits = make_chart(tr("Commits by path"), tr("per second; waiting callers on the right"),
                           ChartUnit::per_second,
                           {{tr("As given"), 3},
                            {tr("Sorted"), 0},
                            {tr("Ingested"), 1},
                            {tr("Waiting callers"), -1, SeriesStyle::step, ChartAxis::right}},
                           {SeriesSource::of(Metric::batch_commits_as_given),
                            SeriesSource::of(Metric::batch_commits_sorted),
                            SeriesSource::of(Metric::batch_commits_ingested),
                            SeriesSource::of(Metric::batch_waiting_callers)});
  waits->set_right_axis(ChartUnit::count);
  grid->addWidget(waits, 1, 2);
  for (int column = 0; column < 3; ++column) grid->setColumnStretch(column, 1);
  for (int row = 0; row < 2; ++row) grid->setRowStretch(row, 1);
  return area;
}

void BatchesPage::on_snapshot(const Snapshot& snapshot) {
  const auto status = node().batches();
  stack_->setCurrentIndex(status.available ? 0 : 1);
  if (!status.available) return;
  update_availability(charts_, session());
  update_failure(status);
  flow_->set_status(status);
  size_->set_status(status);
  durability_->set_status(status);
  paths_->set_status(status);
  update_tiles(snapshot);
  update_distribution();
}

void BatchesPage::on_frame(TimePoint) {
  tiles_->set_title(tr("Commits"), shown_window_text(session()));
}

void BatchesPage::update_tiles(const Snapshot& snapshot) {
  const auto& history = node().history();
  const auto begin = session().shown_begin();
  const auto end = session().shown_now();
  const auto sizes = history.distribution(Metric::batch_size, begin, end);
  const auto durations = history.distribution(Metric::batch_duration_seconds, begin, end);
  const double commit_seconds =
      durations.sum * histogram_scale(Metric::batch_duration_seconds);  // 0 without a commit
  const double rate = commit_seconds > 0 ? sizes.sum / commit_seconds : kMissing;
  const double bytes = gain_over(history, Metric::batch_bytes_total, begin, end);
  const double operation_bytes = sizes.sum > 0 ? bytes / sizes.sum : kMissing;
  const double commits = gain_over(history, Metric::batch_commits_total, begin, end);
  const double failures = gain_over(history, Metric::batch_commit_failures_total, begin, end);
  const double pending = snapshot.value(Metric::batch_pending_operations);
  const double pending_bytes = snapshot.value(Metric::batch_pending_bytes);
  const double scale = histogram_scale(Metric::batch_duration_seconds);
  const QString nothing = tr("nothing committed");
  tiles_->set_tiles({
      {tr("Commit p99"), seconds_text(durations.percentile(0.99) * scale),
       durations.empty() ? nothing
                         : tr("p95 %1").arg(seconds_text(durations.percentile(0.95) * scale)),
       tr("Measured: of the commits of the shown window, one in a hundred took longer")},
      {tr("Commit speed"), per_second(rate), durations.empty() ? nothing : tr("of commit time"),
       tr("Derived: operations committed in the shown window ÷ the time their commits took")},
      {tr("Operation size"), bytes_text(operation_bytes), sizes.empty() ? nothing : tr("mean"),
       tr("Derived: bytes of keys and values committed ÷ operations")},
      {tr("Waiting"), std::isfinite(pending) ? tr("%1 op").arg(count_text(pending)) : tr("–"),
       std::isfinite(pending_bytes) ? tr("%1, now").arg(bytes_text(pending_bytes)) : QString(),
       tr("Measured: operations that wait for a commit")},
      {tr("Commits"), count_text(commits), tr("succeeded"),
       tr("Measured: batches committed in the shown window")},
      {tr("Failures"), count_text(failures), tr("of commits"),
       tr("Measured: commits that failed in the shown window; their batches were kept"),
       failures > 0 ? Tone::bad : Tone::neutral},
  });
}

void BatchesPage::update_distribution() {
  const auto counts = node().history().distribution(Metric::batch_duration_seconds,
                                                    session().shown_begin(), session().shown_now());
  const double scale = histogram_scale(Metric::batch_duration_seconds);
  std::vector<HistogramBucket> shown;
  for (const auto& bucket : counts.buckets) {
    shown.push_back({static_cast<double>(buckets::lower_bound(bucket.index)) * scale,
                     static_cast<double>(buckets::lower_bound(bucket.index + 1)) * scale,
                     static_cast<double>(bucket.count)});
  }
  histogram_->set_buckets(shown, {{tr("p50"), counts.percentile(0.50) * scale},
                                  {tr("p95"), counts.percentile(0.95) * scale},
                                  {tr("p99"), counts.percentile(0.99) * scale}});
}

void BatchesPage::update_failure(const BatchStatus& status) {
  if (status.failing) {
    failure_text_->setText(tr("%1\nNothing is lost: %2 operations (%3) are kept and wait. %4")
                               .arg(to_qt(status.failure), whole_text(status.pending_operations),
                                    bytes_text(static_cast<double>(status.pending_bytes)),
                                    to_qt(status.remedy)));
    failure_->setAccessibleDescription(failure_text_->text());
  }
  failure_->setVisible(status.failing);
  flow_->setVisible(!status.failing);
  retry_->setEnabled(ticket_ == 0);
}

void BatchesPage::command_finished(const CommandOutcome& outcome) {
  if (ticket_ == 0 || outcome.ticket != ticket_) return;
  ticket_ = 0;
  if (session().node() != nullptr) update_failure(node().batches());
}

void BatchesPage::changeEvent(QEvent* event) {
  Page::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) apply_palette();
}

void BatchesPage::apply_palette() {
  const bool dark = is_dark(palette());
  QPalette bad = palette();
  bad.setColor(QPalette::WindowText, tone_colour(Tone::bad, dark));
  failure_text_->setPalette(bad);
}

}  // namespace nodetune
