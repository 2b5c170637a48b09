// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/batches_page.h"

#include <QEvent>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QStackedLayout>
#include <QVBoxLayout>
#include <cmath>
#include <limits>

#include "ui/bridge/text.h"
#include "ui/chart/chart_panel.h"
#include "ui/chart/histogram_panel.h"
#include "ui/pages/explanation.h"
#include "ui/pages/figure_tiles.h"
#include "ui/pages/page_scroll.h"

namespace nodetune {
namespace {

constexpr int kSpacing = kGrid * 3 / 2;
constexpr int kPanelHeight = 26 * kGrid;
constexpr int kThresholdWidth = 17 * kGrid;

QString per_second(double rate) {
  return std::isfinite(rate) ? QObject::tr("%1 op/s").arg(count_text(rate)) : count_text(rate);
}

QString operations_text(int count) {
  return QObject::tr("%1 operations").arg(whole_text(static_cast<quint64>(std::max(0, count))));
}

}  // namespace

BatchesPage::BatchesPage(NodeSession& session, Theme& theme, QWidget* parent)
    : Page(QStringLiteral("batches"), tr("Batches"), session, theme, parent),
      stack_(new QStackedLayout(this)),
      tiles_(new FigureTiles(tr("Commits"), this)) {
  auto* content = new QWidget(this);
  auto* rows = new QVBoxLayout(content);
  rows->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  rows->setSpacing(kSpacing);
  rows->addWidget(build_failure());
  rows->addWidget(tiles_);
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
  connect(retry_, &QPushButton::clicked, this, [this] { send(RetryCommit{}); });
  auto* row = new QHBoxLayout;
  row->setSpacing(2 * kGrid);
  row->addWidget(failure_text_, 1);
  row->addWidget(retry_, 0, Qt::AlignTop);
  failure_->body()->addLayout(row);
  failure_->hide();
  return failure_;
}

ChartPanel* BatchesPage::make_chart(const QString& title, const QString& note, ChartUnit unit,
                                    std::vector<SeriesSpec> specs,
                                    std::vector<SeriesSource> sources) {
  auto* panel = new ChartPanel(title, unit, this);
  if (!note.isEmpty()) panel->set_title(title, note);
  panel->set_series(std::move(specs), history_reader(session(), sources));
  panel->setMinimumHeight(kPanelHeight);
  adopt(panel, charts_.empty() ? MarkerText::shown : MarkerText::hidden);
  charts_.push_back({panel, std::move(sources), tr("Not known yet")});
  return panel;
}

QWidget* BatchesPage::build_panels() {
  auto* area = new QWidget(this);
  auto* grid = new QGridLayout(area);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setSpacing(kSpacing);
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
  auto* sizes = new QVBoxLayout;
  sizes->setSpacing(kSpacing);
  sizes->addWidget(
      make_chart(tr("Batch size"), tr("operations"), ChartUnit::count,
                 {{tr("p50"), 0}, {tr("p99"), 1}, {tr("Threshold"), -1, SeriesStyle::step}},
                 {SeriesSource::of(Metric::batch_size, Percentile::p50),
                  SeriesSource::of(Metric::batch_size, Percentile::p99),
                  SeriesSource::of(Metric::batch_auto_commit_threshold)}),
      1);
  sizes->addWidget(build_threshold());
  grid->addLayout(sizes, 0, 2, 2, 1);
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
  for (int column = 0; column < 3; ++column) grid->setColumnStretch(column, 1);
  for (int row = 0; row < 2; ++row) grid->setRowStretch(row, 1);
  return area;
}

QWidget* BatchesPage::build_threshold() {
  threshold_card_ = new Card(tr("Threshold"), this);
  auto* label = new QLabel(tr("&Commit after"), threshold_card_);
  threshold_ = new QSpinBox(threshold_card_);
  threshold_->setObjectName(QStringLiteral("threshold"));
  threshold_->setAccessibleName(tr("Operations after which a batch is committed"));
  threshold_->setRange(0, std::numeric_limits<int>::max());  // judged with words, not by clipping
  threshold_->setGroupSeparatorShown(true);
  threshold_->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
  threshold_->setAlignment(Qt::AlignRight);
  threshold_->setFixedWidth(kThresholdWidth);
  label->setBuddy(threshold_);
  apply_ = new QPushButton(tr("A&pply"), threshold_card_);
  apply_->setObjectName(QStringLiteral("apply"));
  optimise_ = new QPushButton(tr("&Optimise"), threshold_card_);
  optimise_->setObjectName(QStringLiteral("optimise"));
  optimise_->setToolTip(
      tr("Asks the specification's rule once: commits that stay short allow larger batches, long "
         "ones ask for smaller batches"));
  range_ = new QLabel(threshold_card_);
  range_->setWordWrap(true);
  told_ = new QLabel(threshold_card_);
  told_->setObjectName(QStringLiteral("told"));
  told_->setWordWrap(true);
  told_->setTextFormat(Qt::PlainText);

  auto* value = new QHBoxLayout;
  value->setSpacing(kGrid);
  value->addWidget(threshold_);
  value->addWidget(new QLabel(tr("operations"), threshold_card_));
  value->addStretch();
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(kGrid);
  buttons->addWidget(apply_);
  buttons->addWidget(optimise_);
  buttons->addStretch();
  auto* rows = threshold_card_->body();
  rows->setSpacing(kGrid);
  rows->addWidget(label);
  rows->addLayout(value);
  rows->addLayout(buttons);
  rows->addWidget(told_);
  rows->addWidget(range_);

  connect(threshold_, &QSpinBox::valueChanged, this, &BatchesPage::check_threshold);
  connect(apply_, &QPushButton::clicked, this,
          [this] { send(SetBatchThreshold{threshold_->value()}); });
  connect(optimise_, &QPushButton::clicked, this, [this] { send(OptimizeBatchSize{}); });
  return threshold_card_;
}

void BatchesPage::on_snapshot(const Snapshot& snapshot) {
  const auto status = node().batches();
  stack_->setCurrentIndex(status.available ? 0 : 1);
  if (!status.available) return;
  update_availability(charts_, session());
  update_failure(status);
  update_threshold(status);
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
    failure_text_->setText(tr("%1\nNothing is lost: the batch is kept and waits for a retry.")
                               .arg(to_qt(status.failure)));
    failure_->setAccessibleDescription(failure_text_->text());
  }
  failure_->setVisible(status.failing);
  retry_->setEnabled(!waiting_);
}

void BatchesPage::update_threshold(const BatchStatus& status) {
  // Follow the committer, but never overwrite what somebody is about to apply.
  const bool untouched = threshold_->value() == status_.auto_commit_threshold;
  status_ = status;
  if (untouched) threshold_->setValue(status.auto_commit_threshold);
  threshold_card_->set_title(tr("Threshold"),
                             tr("now %1").arg(operations_text(status.auto_commit_threshold)));
  range_->setText(
      tr("From %1 to %2, at the end of a block's group. A batch also commits by bytes and age. "
         "Set by hand it stays; Optimise lets the rule move it.")
          .arg(whole_text(static_cast<quint64>(status.min_threshold)),
               operations_text(status.max_threshold)));
  check_threshold();
}

void BatchesPage::check_threshold() {
  const int value = threshold_->value();
  const bool allowed = value >= status_.min_threshold && value <= status_.max_threshold;
  apply_->setEnabled(allowed && !waiting_ && value != status_.auto_commit_threshold);
  optimise_->setEnabled(!waiting_);
  if (!allowed) {
    tell(tr("%1 is not allowed: choose %2 to %3.")
             .arg(operations_text(value), whole_text(static_cast<quint64>(status_.min_threshold)),
                  operations_text(status_.max_threshold)),
         Tone::bad);
  } else if (value != status_.auto_commit_threshold && !waiting_) {
    tell(tr("Not applied yet"), Tone::neutral);
  } else {
    tell(outcome_, outcome_tone_);
  }
}

void BatchesPage::send(Command command) {
  waiting_ = session().submit(std::move(command));
  check_threshold();
  retry_->setEnabled(!waiting_);
}

void BatchesPage::command_finished(const CommandOutcome& outcome) {
  if (!waiting_ || outcome.ticket != *waiting_) return;
  waiting_.reset();
  outcome_ = to_qt(outcome.text);
  outcome_tone_ = outcome.status.is_ok() ? Tone::good : Tone::bad;
  if (session().node() != nullptr) {
    const auto status = node().batches();
    update_failure(status);
    update_threshold(status);
  }
}

void BatchesPage::tell(const QString& text, Tone tone) {
  told_tone_ = tone;
  const QString symbol = tone_symbol(tone);
  told_->setText(symbol.isEmpty() ? text : symbol + QChar(' ') + text);
  apply_palette();
}

void BatchesPage::changeEvent(QEvent* event) {
  Page::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) apply_palette();
}

void BatchesPage::apply_palette() {
  const bool dark = is_dark(palette());
  QPalette dim = palette();
  dim.setColor(QPalette::WindowText, dim_text_colour(palette()));
  range_->setPalette(dim);
  QPalette told = palette();
  told.setColor(QPalette::WindowText, told_tone_ == Tone::neutral ? dim_text_colour(palette())
                                                                  : tone_colour(told_tone_, dark));
  told_->setPalette(told);
  QPalette bad = palette();
  bad.setColor(QPalette::WindowText, tone_colour(Tone::bad, dark));
  failure_text_->setPalette(bad);
}

}  // namespace nodetune
