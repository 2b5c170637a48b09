// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/options_view.h"

#include <QCheckBox>
#include <QEvent>
#include <QLabel>
#include <QLineEdit>
#include <QSortFilterProxyModel>
#include <QVBoxLayout>

#include "ui/bridge/node_session.h"
#include "ui/bridge/text.h"
#include "ui/chart/card.h"
#include "ui/models/database_tables.h"
#include "ui/models/option_tables.h"
#include "ui/pages/client_options_card.h"
#include "ui/pages/data_table.h"

namespace nodetune {
namespace {

constexpr int kFactColumnWidest = 26 * kGrid;  // of name and origin: the value is what counts
constexpr int kOptionsHeight = 36 * kGrid;
constexpr int kFilterWidth = 28 * kGrid;
constexpr int kChangeRowsMax = 12;
constexpr int kValueColumn = 1;
constexpr int kChangeAfterColumn = 3;

}  // namespace

OptionsView::OptionsView(NodeSession& session, QWidget* parent)
    : QWidget(parent),
      session_(session),
      facts_(new CellModel(fact_columns(), this)),
      options_(new CellModel(option_columns(), this)),
      shown_options_(new QSortFilterProxyModel(this)),
      changes_(new CellModel(option_change_columns(), this)) {
  auto* rows = new QVBoxLayout(this);
  rows->setContentsMargins(2 * kGrid, kPartSpacing, 2 * kGrid, 2 * kGrid);
  rows->setSpacing(kPartSpacing);
  rows->addWidget(build_facts());
  client_ = new ClientOptionsCard(this);
  rows->addWidget(client_);
  rows->addWidget(build_options(), 1);
  rows->addWidget(build_changes());
  apply_palette();
}

QWidget* OptionsView::build_facts() {
  auto* card = new Card(tr("What is known of this directory"), this);
  facts_table_ = new DataTable(tr("Facts"), card);
  facts_table_->setModel(facts_);
  facts_table_->set_stretch_column(1);
  facts_table_->set_widest(kFactColumnWidest);
  facts_table_->fit_height(3, 12);
  card->body()->addWidget(facts_table_);
  return card;
}

QWidget* OptionsView::build_options() {
  options_card_ = new Card(tr("Options in force"), this);
  only_differing_ = new QCheckBox(options_card_);
  only_differing_->setObjectName(QStringLiteral("only-differing"));
  only_differing_->setChecked(true);
  options_card_->header()->addWidget(only_differing_);
  auto* label = new QLabel(tr("Fi&nd"), options_card_);
  filter_ = new QLineEdit(options_card_);
  filter_->setObjectName(QStringLiteral("filter"));
  filter_->setAccessibleName(tr("Shows only options with this text"));
  filter_->setPlaceholderText(tr("name, section or value"));
  filter_->setClearButtonEnabled(true);
  filter_->setFixedWidth(kFilterWidth);
  label->setBuddy(filter_);
  options_card_->header()->addWidget(label);
  options_card_->header()->addWidget(filter_);
  shown_options_->setSourceModel(options_);
  shown_options_->setFilterKeyColumn(-1);
  shown_options_->setFilterCaseSensitivity(Qt::CaseInsensitive);
  options_table_ = new DataTable(tr("Options in force"), options_card_);
  options_table_->setObjectName(QStringLiteral("options"));
  options_table_->setModel(shown_options_);
  options_table_->set_stretch_column(kValueColumn);
  options_table_->setSortingEnabled(true);
  options_table_->sortByColumn(-1, Qt::AscendingOrder);  // as the file has them
  options_card_->body()->addWidget(options_table_, 1);
  options_note_ = new QLabel(options_card_);
  options_note_->setWordWrap(true);
  options_card_->body()->addWidget(options_note_);
  options_card_->setMinimumHeight(kOptionsHeight);
  connect(filter_, &QLineEdit::textChanged, this, [this](const QString& text) {
    shown_options_->setFilterFixedString(text);
    update_title();
  });
  connect(only_differing_, &QCheckBox::toggled, this, [this] { refresh(); });
  return options_card_;
}

QWidget* OptionsView::build_changes() {
  changes_card_ = new Card(tr("Changed at restarts"), this);
  changes_table_ = new DataTable(tr("Options that were changed at restarts"), changes_card_);
  changes_table_->setObjectName(QStringLiteral("changes"));
  changes_table_->setModel(changes_);
  changes_table_->set_stretch_column(kChangeAfterColumn);
  changes_table_->fit_height(1, kChangeRowsMax);
  changes_card_->body()->addWidget(changes_table_);
  no_change_ = new QLabel(changes_card_);
  no_change_->setObjectName(QStringLiteral("no-change"));
  no_change_->setWordWrap(true);
  changes_card_->body()->addWidget(no_change_);
  return changes_card_;
}

void OptionsView::refresh() {
  if (session_.node() == nullptr) return;
  const auto& description = session_.description();
  facts_->set_rows(fact_rows(description, session_.newest_shown()));
  facts_table_->fit_columns();
  client_->set_description(description);
  show_options(description);
  show_changes(description);
}

void OptionsView::show_options(const NodeDescription& description) {
  const bool none = description.options.empty();
  const bool compared = !none && !description.defaults_of.empty();
  only_differing_->setVisible(compared);
  only_differing_->setText(
      tr("Only &what differs from the defaults of %1").arg(to_qt(description.defaults_of)));
  const bool only = compared && only_differing_->isChecked();
  options_->set_rows(only ? differing_option_rows(description) : option_rows(description));
  options_table_->fit_columns();
  QString note;
  if (!session_.node()->databases().empty()) {
    note = tr("Each database has options of its own: choose one in the header to see them.");
  } else if (none) {
    note = tr("No OPTIONS file was read. What NodeTune itself sets stands on the page Tuning.");
  } else if (!compared) {
    note =
        tr("They are compared with nothing: which release of RocksDB wrote them, or what its "
           "defaults are, is not known.");
  }
  options_note_->setText(note);
  options_note_->setVisible(!note.isEmpty());
  options_table_->setVisible(!none);
  filter_->setEnabled(!none);
  update_title();
}

void OptionsView::update_title() {
  const auto& description = session_.description();
  const auto all = static_cast<int>(description.options.size());
  QString note;
  if (all > 0 && filter_->text().isEmpty() && !only_differing_->isHidden()) {
    note = tr("%1 of %2 differ").arg(count_differing(description)).arg(all);
  } else if (all > 0) {
    note = tr("%1 of %2").arg(shown_options_->rowCount()).arg(options_->rowCount());
  }
  options_card_->set_title(tr("Options in force"), note);
}

void OptionsView::show_changes(const NodeDescription& description) {
  const QString none = no_option_change(description);
  const bool changed = !description.option_changes.empty();
  changes_->set_rows(option_change_rows(description, session_.utc()));
  changes_table_->fit_columns();
  changes_table_->setVisible(changed);
  no_change_->setText(none);
  no_change_->setVisible(!changed);
  changes_card_->setVisible(changed || !none.isEmpty());
}

void OptionsView::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) apply_palette();
}

void OptionsView::apply_palette() {
  QPalette dim = palette();
  dim.setColor(QPalette::WindowText, dim_text_colour(palette()));
  for (auto* label : {options_note_, no_change_}) label->setPalette(dim);
}

}  // namespace nodetune
