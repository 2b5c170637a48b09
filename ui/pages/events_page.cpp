// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/events_page.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QVBoxLayout>
#include <algorithm>
#include <array>

#include "ui/bridge/text.h"
#include "ui/chart/card.h"
#include "ui/pages/data_table.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr int kTextWidth = 26 * kGrid;
constexpr std::array kCategories = {
    EventCategory::flush,    EventCategory::compaction, EventCategory::stall,
    EventCategory::error,    EventCategory::recovery,   EventCategory::knob,
    EventCategory::cache,    EventCategory::batch,      EventCategory::recommendation,
    EventCategory::workload, EventCategory::node};

}  // namespace

EventsPage::EventsPage(NodeSession& session, Theme& theme, QWidget* parent)
    : Page(QStringLiteral("events"), tr("Events"), session, theme, parent),
      model_(new EventModel(10'000, this)),
      filter_(new EventFilter(this)),
      card_(new Card(tr("Events"), this)),
      table_(new DataTable(tr("Events, oldest first"), card_)) {
  filter_->setSourceModel(model_);
  table_->setObjectName(QStringLiteral("events"));
  table_->setModel(filter_);
  table_->set_stretch_column(EventModel::kText);
  table_->set_column_sample(EventModel::kTime, QStringLiteral("2024-08-27 09:14:03.000"));
  table_->set_column_sample(EventModel::kSeverity, QStringLiteral("! warning"));
  table_->set_column_sample(EventModel::kCategory, QStringLiteral("recommendation"));
  table_->set_column_sample(EventModel::kFamily, QStringLiteral("transactions"));
  table_->set_column_sample(EventModel::kSource, QStringLiteral("measured"));
  none_ = new QLabel(tr("No event passes these filters."), card_);
  none_->hide();
  card_->body()->addWidget(build_filters());
  card_->body()->addWidget(none_);
  card_->body()->addWidget(table_, 1);
  auto* rows = new QVBoxLayout(this);
  rows->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  rows->addWidget(card_);
  // Scrolling up is asking to stay there; scrolling to the end is asking to follow.
  connect(table_->verticalScrollBar(), &QScrollBar::actionTriggered, this, [this] {
    auto* bar = table_->verticalScrollBar();
    follow_->setChecked(bar->sliderPosition() >= bar->maximum());
  });
  connect(&session, &NodeSession::events_added, this, [this] {
    if (isVisible()) catch_up();
  });
}

QWidget* EventsPage::build_filters() {
  auto* area = new QWidget(card_);
  auto* row = new QHBoxLayout(area);
  row->setContentsMargins(0, 0, 0, kGrid / 2);
  row->setSpacing(kGrid);
  const auto add = [&](const QString& name, QWidget* field) {
    auto* label = new QLabel(name, area);
    label->setBuddy(field);
    row->addWidget(label);
    row->addWidget(field);
  };
  text_ = new QLineEdit(area);
  text_->setObjectName(QStringLiteral("text"));
  text_->setAccessibleName(tr("Shows only events with this text"));
  text_->setPlaceholderText(tr("text or family"));
  text_->setClearButtonEnabled(true);
  text_->setFixedWidth(kTextWidth);
  add(tr("Fi&nd"), text_);
  category_ = new QComboBox(area);
  category_->setObjectName(QStringLiteral("category"));
  category_->setAccessibleName(tr("Category of the shown events"));
  category_->addItem(tr("all"));
  for (const auto category : kCategories) {
    category_->addItem(to_qt(to_string(category)), static_cast<int>(category));
  }
  add(tr("&Category"), category_);
  severity_ = new QComboBox(area);
  severity_->setObjectName(QStringLiteral("severity"));
  severity_->setAccessibleName(tr("Least severity of the shown events"));
  severity_->addItem(tr("all"), static_cast<int>(Severity::info));
  severity_->addItem(tr("warnings and errors"), static_cast<int>(Severity::warning));
  severity_->addItem(tr("errors"), static_cast<int>(Severity::error));
  add(tr("&Severity"), severity_);
  row->addStretch();
  follow_ = new QCheckBox(tr("F&ollow"), area);
  follow_->setObjectName(QStringLiteral("follow"));
  follow_->setToolTip(tr("Keeps the newest event in view"));
  follow_->setChecked(true);
  row->addWidget(follow_);
  auto* copy = new QPushButton(tr("Cop&y"), area);
  copy->setObjectName(QStringLiteral("copy"));
  copy->setToolTip(tr("Copies the selected events, or all shown ones (Ctrl+C)"));
  row->addWidget(copy);

  connect(text_, &QLineEdit::textChanged, this, [this](const QString& text) {
    filter_->set_text(text);
    update_counts();
  });
  connect(category_, &QComboBox::currentIndexChanged, this, [this](int index) {
    filter_->set_category(
        index <= 0 ? std::nullopt
                   : std::optional(static_cast<EventCategory>(category_->itemData(index).toInt())));
    update_counts();
  });
  connect(severity_, &QComboBox::currentIndexChanged, this, [this](int index) {
    filter_->set_least_severity(static_cast<Severity>(severity_->itemData(index).toInt()));
    update_counts();
  });
  connect(follow_, &QCheckBox::toggled, this, &EventsPage::follow);
  connect(copy, &QPushButton::clicked, table_, &DataTable::copy_selection);
  return area;
}

void EventsPage::showEvent(QShowEvent* event) {
  catch_up();
  Page::showEvent(event);
}

void EventsPage::on_snapshot(const Snapshot&) {
  model_->set_utc(session().utc());
}

void EventsPage::catch_up() {
  const auto& all = session().events();
  std::vector<NodeEvent> fresh;
  for (auto event = all.rbegin(); event != all.rend() && event->sequence > last_; ++event) {
    fresh.push_back(*event);
  }
  if (fresh.empty()) return;
  std::reverse(fresh.begin(), fresh.end());
  last_ = fresh.back().sequence;
  model_->append(fresh);
  update_counts();
}

void EventsPage::update_counts() {
  const int shown = filter_->rowCount();
  const int all = model_->rowCount();
  card_->set_title(tr("Events"), shown == all ? whole_text(static_cast<quint64>(all))
                                              : tr("%1 of %2")
                                                    .arg(whole_text(static_cast<quint64>(shown)),
                                                         whole_text(static_cast<quint64>(all))));
  none_->setVisible(shown == 0);
  follow();
}

void EventsPage::follow() {
  if (follow_->isChecked()) table_->scrollToBottom();
}

}  // namespace nodetune
