// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/durability_card.h"

#include <QLabel>
#include <QRadioButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "ui/bridge/node_session.h"
#include "ui/bridge/text.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr int kIndent = 3 * kGrid;

}  // namespace

DurabilityCard::DurabilityCard(NodeSession& session, QWidget* parent)
    : Card(tr("Durability"), parent), session_(session) {
  body()->setSpacing(kGrid / 2);
  for (const auto durability : kDurabilities) {
    auto& row = rows_[nodetune::index_of(durability)];
    const auto name = display_name(durability);
    row.button =
        new QRadioButton(QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size())), this);
    row.button->setObjectName(to_qt(std::string(to_string(durability))));
    row.text = new QLabel(this);
    row.text->setObjectName(row.button->objectName() + QStringLiteral("_price"));
    row.text->setWordWrap(true);
    row.text->setTextFormat(Qt::PlainText);
    row.text->setContentsMargins(kIndent, 0, 0, kGrid / 2);
    body()->addWidget(row.button);
    body()->addWidget(row.text);
    connect(row.button, &QRadioButton::clicked, this, [this, durability] { choose(durability); });
  }
  body()->addStretch();
  connect(&session, &NodeSession::command_finished, this, [this](const CommandOutcome& outcome) {
    if (ticket_ == 0 || outcome.ticket != ticket_) return;
    ticket_ = 0;
    if (session_.node() != nullptr) set_status(session_.node()->batches());
  });
}

void DurabilityCard::set_status(const BatchStatus& status) {
  status_ = status;
  for (const auto& state : status.durabilities) {
    auto& row = rows_[nodetune::index_of(state.durability)];
    // What was clicked stays clicked until the node has answered.
    if (ticket_ == 0 && state.in_force) row.button->setChecked(true);
    row.text->setText(tr("Survives %1. Price: %2.").arg(to_qt(state.survives), to_qt(state.price)));
    row.button->setAccessibleDescription(row.text->text());
  }
}

void DurabilityCard::choose(Durability durability) {
  ticket_ = session_.submit(SetDurability{durability}).value_or(0);
  if (ticket_ == 0) set_status(status_);
}

void DurabilityCard::appearance_changed() {
  QPalette dim = palette();
  dim.setColor(QPalette::WindowText, dim_text_colour(palette()));
  for (auto& row : rows_) {
    if (row.text != nullptr) row.text->setPalette(dim);
  }
}

}  // namespace nodetune
