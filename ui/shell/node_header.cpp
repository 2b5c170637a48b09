// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/shell/node_header.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>
#include <cmath>

#include "ui/bridge/remote_text.h"
#include "ui/bridge/text.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/icons.h"
#include "ui/shell/import_strip.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr int kDatabaseWidthMax = 34 * kGrid;
constexpr int kDatabasesVisible = 20;

QString state_text(WorkloadState state) {
  switch (state) {
    case WorkloadState::none:
      return {};
    case WorkloadState::idle:
      return QObject::tr("not started");
    case WorkloadState::preparing:
      return QObject::tr("preparing");
    case WorkloadState::running:
      return QObject::tr("running");
    case WorkloadState::paused:
      return QObject::tr("paused");
    case WorkloadState::finished:
      return QObject::tr("finished");
    case WorkloadState::stopped:
      return QObject::tr("stopped");
    case WorkloadState::failed:
      return QObject::tr("failed");
  }
  return {};
}

QString capitalised(QString text) {
  return text.isEmpty() ? text : text.replace(0, 1, text.front().toUpper());
}

QToolButton* tool(const QString& name, QWidget* parent) {
  auto* button = new QToolButton(parent);
  button->setAccessibleName(name);
  button->setToolTip(name);
  button->setFocusPolicy(Qt::StrongFocus);
  button->setIconSize({18, 18});
  return button;
}

}  // namespace

bool may_start(WorkloadState state) {
  return state == WorkloadState::idle || state == WorkloadState::paused ||
         state == WorkloadState::stopped || state == WorkloadState::failed;
}

bool may_stop(WorkloadState state) {
  return state == WorkloadState::running || state == WorkloadState::paused ||
         state == WorkloadState::preparing;
}

QString way_text(const NodeDescription& description) {
  switch (description.way) {
    case OpenWay::managed:
      return QObject::tr("Managed – test bench");
    case OpenWay::observed:
      return QObject::tr("Observed");
    case OpenWay::recorded:
      return is_remote(description) ? capitalised(to_qt(description.reason))
                                    : QObject::tr("Recorded");
  }
  return {};
}

QString workload_text(const WorkloadStatus& status) {
  if (status.state == WorkloadState::none) return {};
  QString text = QObject::tr("Workload %1").arg(state_text(status.state));
  if (status.import) {
    text = QObject::tr("Import %1").arg(state_text(status.state));
  } else if (status.blocks > 0 || status.total_blocks) {
    text += status.total_blocks ? QObject::tr(" · block %1 of %2")
                                      .arg(whole_text(status.blocks))
                                      .arg(whole_text(*status.total_blocks))
                                : QObject::tr(" · block %1").arg(whole_text(status.blocks));
  }
  if (status.target_blocks_per_second && status.state == WorkloadState::running) {
    text += QObject::tr(" · %1 blocks/s").arg(count_text(*status.target_blocks_per_second));
  }
  return text;
}

QString from_memory_text(const NodeDescription& description, const Snapshot& snapshot) {
  if (description.way != OpenWay::managed) return {};
  double data_bytes = snapshot.value(Metric::db_sst_bytes);
  const double memtable_bytes = snapshot.value(Metric::db_memtable_bytes);
  if (!std::isnan(memtable_bytes)) data_bytes += memtable_bytes;  // not yet in files
  const double memory_bytes = snapshot.value(Metric::system_memory_limit_bytes);
  if (!(data_bytes < memory_bytes)) return {};  // also when one is missing
  return QObject::tr("from memory: %1 of data, %2 of memory")
      .arg(bytes_text(data_bytes), bytes_text(memory_bytes));
}

NodeHeader::NodeHeader(NodeSession& session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      path_(new ElidedLabel(Qt::ElideMiddle, this)),
      way_(new QLabel(this)),
      story_(new ElidedLabel(Qt::ElideRight, this)),
      data_set_(new ElidedLabel(Qt::ElideRight, this)),
      import_(new ImportStrip(this)),
      workload_(new QLabel(this)),
      start_(tool(tr("Start the workload (F5)"), this)),
      pause_(tool(tr("Pause the workload (F6)"), this)),
      stop_(tool(tr("Stop the workload (F7)"), this)),
      hold_(new QPushButton(tr("Pause charts"), this)),
      database_(new QComboBox(this)),
      span_(new QComboBox(this)) {
  QFont bold = font();
  bold.setBold(true);
  bold.setPointSizeF(bold.pointSizeF() * 1.15);
  path_->setFont(bold);
  way_->setContentsMargins(kGrid, 1, kGrid, 1);
  hold_->setCheckable(true);
  hold_->setMinimumWidth(hold_->sizeHint().width() + 2 * kGrid);
  hold_->setToolTip(tr("Charts stand still, data go on (Space)"));
  span_->setAccessibleName(tr("Time shown by the charts"));
  span_->setToolTip(span_->accessibleName());
  for (const auto& span : chart_spans()) span_->addItem(span.label, span.span_us);

  fill_databases();

  auto* first = new QHBoxLayout;
  first->setSpacing(kGrid);
  first->addWidget(path_);
  first->addWidget(way_);
  first->addWidget(database_);
  first->addStretch(1);
  first->addWidget(workload_);
  for (auto* button : {start_, pause_, stop_}) first->addWidget(button);
  auto* second = new QHBoxLayout;
  second->setSpacing(kGrid);
  second->addWidget(story_, 1);
  second->addWidget(hold_);
  second->addWidget(span_);
  auto* rows = new QVBoxLayout(this);
  rows->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, kGrid);
  rows->setSpacing(kGrid / 2);
  rows->addLayout(first);
  rows->addLayout(second);
  rows->addWidget(data_set_);
  rows->addWidget(import_);

  connect(start_, &QToolButton::clicked, this, [this] {
    const bool resume = session_.workload().state == WorkloadState::paused;
    control(resume ? ControlWorkload::Action::resume : ControlWorkload::Action::start);
  });
  connect(pause_, &QToolButton::clicked, this, [this] { control(ControlWorkload::Action::pause); });
  connect(stop_, &QToolButton::clicked, this, [this] { control(ControlWorkload::Action::stop); });
  connect(hold_, &QPushButton::toggled, &session, &NodeSession::set_paused);
  connect(&session, &NodeSession::paused_changed, hold_, &QPushButton::setChecked);
  connect(span_, &QComboBox::currentIndexChanged, this,
          [this](int index) { session_.set_span_us(span_->itemData(index).toLongLong()); });
  connect(&session, &NodeSession::span_changed, this,
          [this](qint64 span_us) { span_->setCurrentIndex(span_->findData(span_us)); });
  connect(&session, &NodeSession::snapshot_changed, this, &NodeHeader::update_description);
  connect(&session, &NodeSession::description_changed, this, &NodeHeader::update_description);
  connect(&session, &NodeSession::workload_changed, this, &NodeHeader::update_workload);
  span_->setCurrentIndex(span_->findData(session.span_us()));
  hold_->setChecked(session.paused());
  apply_palette();
  update_description();
  update_workload();
}

void NodeHeader::fill_databases() {
  const auto& databases = session_.databases();
  database_->setObjectName(QStringLiteral("databases"));
  database_->setAccessibleName(tr("Database that is shown"));
  database_->setToolTip(tr("The directory holds several databases: all pages show the chosen one"));
  database_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  database_->setMaximumWidth(kDatabaseWidthMax);
  database_->setMaxVisibleItems(kDatabasesVisible);
  database_->addItem(tr("All databases (%1)").arg(databases.size()));
  for (const auto& database : databases) {
    const QString name = to_qt(database.name);
    database_->addItem(name);
    database_->setItemData(database_->count() - 1, name, Qt::ToolTipRole);
  }
  database_->setVisible(!databases.empty());
  connect(database_, &QComboBox::currentIndexChanged, this, [this](int index) {
    session_.choose_database(index > 0 ? std::optional(static_cast<std::size_t>(index) - 1)
                                       : std::nullopt);
  });
  connect(&session_, &NodeSession::database_changed, this, [this] {
    const auto index = session_.database();
    database_->setCurrentIndex(index ? static_cast<int>(*index) + 1 : 0);
    update_description();
    update_workload();
  });
}

void NodeHeader::control(ControlWorkload::Action action) {
  (void)session_.submit(ControlWorkload{action});  // a refusal comes as command_finished
}

void NodeHeader::update_description() {
  const auto& node = session_.description();
  path_->set_whole_text(to_qt(node.path));
  way_->setText(way_text(node));
  way_->setToolTip(to_qt(node.reason));
  way_->setAccessibleDescription(to_qt(node.reason));
  QStringList story;
  const QString connection = connection_text(node);
  if (!connection.isEmpty()) story << connection;
  if (node.way != OpenWay::managed && !node.client.empty()) story << to_qt(node.client);
  if (!node.rocksdb_version.empty()) story << tr("RocksDB %1").arg(to_qt(node.rocksdb_version));
  if (node.locked_by && node.locked_by->pid != QCoreApplication::applicationPid()) {
    const auto name = node.locked_by->name.empty() ? tr("a process") : to_qt(node.locked_by->name);
    const QString held = tr("in use by %1 (pid %2)").arg(name).arg(node.locked_by->pid);
    if (!to_qt(node.reason).contains(held)) story << held;
  }
  const QString from_memory = from_memory_text(node, *session_.snapshot());
  if (!from_memory.isEmpty()) story << from_memory;
  if (!is_remote(node)) story << to_qt(node.reason);  // else the label says it
  data_set_->set_whole_text(to_qt(node.data_set));
  data_set_->setVisible(!node.data_set.empty());
  story_->set_whole_text(story.join(QStringLiteral(" · ")));
  colour_story();
}

// What is no longer so must not look as if it were.
void NodeHeader::colour_story() {
  const auto& node = session_.description();
  const bool lost = is_remote(node) && !is_connected(node);
  QPalette colours = palette();
  colours.setColor(QPalette::WindowText,
                   lost ? tone_colour(Tone::warn, is_dark(palette())) : dim_text_colour(palette()));
  story_->setPalette(colours);
}

void NodeHeader::update_workload() {
  const auto& status = session_.workload();
  const bool drives = status.state != WorkloadState::none;
  workload_->setText(workload_text(status));
  workload_->setToolTip(to_qt(status.text));
  import_->show_status(status);
  for (auto* button : {start_, pause_, stop_}) button->setVisible(drives);
  start_->setEnabled(may_start(status.state));
  pause_->setEnabled(status.state == WorkloadState::running);
  stop_->setEnabled(may_stop(status.state));
}

void NodeHeader::apply_palette() {
  const QColor text = palette().color(QPalette::WindowText);
  start_->setIcon(icon(QStringLiteral("play"), text));
  pause_->setIcon(icon(QStringLiteral("pause"), text));
  stop_->setIcon(icon(QStringLiteral("stop"), text));
  QPalette dim = palette();
  dim.setColor(QPalette::WindowText, dim_text_colour(palette()));
  data_set_->setPalette(dim);
  colour_story();
  const bool dark = is_dark(palette());
  const bool managed = session_.description().way == OpenWay::managed;
  const QColor tone = series_colour(managed ? 2 : 0, dark);
  way_->setStyleSheet(
      QStringLiteral("QLabel { border: 1px solid %1; border-radius: 6px; color: %2; }")
          .arg(tone.name(), text.name()));
}

void NodeHeader::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) apply_palette();
}

void NodeHeader::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), card_colour(palette()));
  painter.fillRect(0, height() - 1, width(), 1, card_border_colour(palette()));
}

}  // namespace nodetune
