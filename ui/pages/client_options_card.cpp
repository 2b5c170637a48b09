// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/client_options_card.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

#include "engine/node/node.h"
#include "ui/bridge/text.h"
#include "ui/models/option_tables.h"
#include "ui/pages/data_table.h"

namespace nodetune {
namespace {

constexpr int kOptionRowsMax = 16;
constexpr int kCopyColumn = 2;
constexpr int kHowColumn = 3;
constexpr int kNoteColumn = 4;

}  // namespace

ClientOptionsCard::ClientOptionsCard(QWidget* parent)
    : Card({}, parent),
      settable_(new CellModel(client_option_columns(), this)),
      settable_table_(new DataTable(tr("What you can set"), this)),
      nothing_(new QLabel(this)),
      toggle_(new QToolButton(this)),
      hard_coded_(new CellModel(hard_coded_columns(), this)),
      hard_coded_table_(new DataTable(tr("What is hard-coded"), this)) {
  settable_table_->setObjectName(QStringLiteral("settable"));
  settable_table_->setModel(settable_);
  settable_table_->set_stretch_column(kNoteColumn);
  settable_table_->set_column_sample(kCopyColumn, tr("Copy") + QStringLiteral("  "));
  settable_table_->fit_height(1, kOptionRowsMax);
  body()->addWidget(settable_table_);
  nothing_->setText(tr("Nothing that is known: its settings for RocksDB are in its program."));
  nothing_->setWordWrap(true);
  body()->addWidget(nothing_);
  toggle_->setObjectName(QStringLiteral("hard-coded"));
  toggle_->setCheckable(true);
  toggle_->setAutoRaise(true);
  toggle_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  body()->addWidget(toggle_);
  hard_coded_table_->setObjectName(QStringLiteral("hard-coded-table"));
  hard_coded_table_->setModel(hard_coded_);
  hard_coded_table_->set_stretch_column(2);
  hard_coded_table_->fit_height(1, kOptionRowsMax);
  body()->addWidget(hard_coded_table_);
  connect(toggle_, &QToolButton::toggled, this, &ClientOptionsCard::fold);
  fold();
  hide();
}

void ClientOptionsCard::set_description(const NodeDescription& description) {
  const QString client = to_qt(description.client);
  setVisible(!description.client_options.empty());
  if (description.client_options.empty()) return;
  set_title(tr("What you can set in %1").arg(client), description.way == OpenWay::recorded
                                                          ? QString()
                                                          : tr("it takes effect at its restart"));
  settable_->set_rows(client_option_rows(description));
  settable_table_->fit_columns();
  add_copy_buttons();
  settable_table_->setVisible(settable_->rowCount() > 0);
  nothing_->setVisible(settable_->rowCount() == 0);
  hard_coded_->set_rows(hard_coded_rows(description));
  hard_coded_table_->fit_columns();
  toggle_->setText(tr("Hard-coded in %1 (%2)").arg(client).arg(hard_coded_->rowCount()));
  toggle_->setVisible(hard_coded_->rowCount() > 0);
  fold();
}

void ClientOptionsCard::add_copy_buttons() {
  for (int row = 0; row < settable_->rowCount(); ++row) {
    const auto at = settable_->index(row, kCopyColumn);
    const QString line = settable_->index(row, kHowColumn).data().toString();
    auto* there = qobject_cast<QToolButton*>(settable_table_->indexWidget(at));
    if (there != nullptr && there->property("line").toString() == line) continue;
    auto* copy = new QToolButton;
    copy->setText(tr("Copy"));
    copy->setAutoRaise(true);
    copy->setProperty("line", line);
    copy->setToolTip(tr("Copies “%1”").arg(line));
    copy->setAccessibleName(copy->toolTip());
    connect(copy, &QToolButton::clicked, copy,
            [line] { QApplication::clipboard()->setText(line); });
    settable_table_->setIndexWidget(at, copy);
  }
}

void ClientOptionsCard::fold() {
  const bool open = toggle_->isChecked();
  toggle_->setArrowType(open ? Qt::DownArrow : Qt::RightArrow);
  hard_coded_table_->setVisible(open && hard_coded_->rowCount() > 0);
}

}  // namespace nodetune
