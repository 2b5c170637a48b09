// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/explanation.h"

#include <QLabel>
#include <QVBoxLayout>

#include "ui/chart/card.h"
#include "ui/shell/theme.h"

namespace nodetune {

QWidget* explanation(const QString& title, const QString& text, QWidget* parent) {
  auto* page = new QWidget(parent);
  auto* card = new Card(title, page);
  auto* label = new QLabel(text, card);
  label->setWordWrap(true);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  card->body()->addWidget(label);
  auto* rows = new QVBoxLayout(page);
  rows->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  rows->addWidget(card);
  rows->addStretch(1);
  return page;
}

}  // namespace nodetune
