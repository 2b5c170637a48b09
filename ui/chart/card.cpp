// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/chart/card.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

#include "ui/shell/theme.h"

namespace nodetune {

Card::Card(const QString& title, QWidget* parent)
    : QWidget(parent),
      title_label_(new QLabel(this)),
      note_label_(new QLabel(this)),
      header_(new QHBoxLayout),
      body_(new QVBoxLayout) {
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(kGrid * 3 / 2, kGrid, kGrid * 3 / 2, kGrid);
  outer->setSpacing(kGrid / 2);
  auto* top = new QHBoxLayout;
  top->setSpacing(kGrid);
  top->addWidget(title_label_);
  top->addWidget(note_label_);
  top->addStretch(1);
  header_->setSpacing(kGrid);
  top->addLayout(header_);
  outer->addLayout(top);
  body_->setSpacing(kGrid / 2);
  outer->addLayout(body_, 1);
  for (QLabel* label : {title_label_, note_label_}) {
    label->setTextFormat(Qt::PlainText);
    label->setMinimumWidth(0);
  }
  set_title(title);
  update_labels();
}

void Card::set_title(const QString& title, const QString& note) {
  title_ = title;
  title_label_->setText(title);
  title_label_->setVisible(!title.isEmpty());
  note_label_->setText(note);
  note_label_->setVisible(!note.isEmpty());
  setAccessibleName(title);
}

void Card::update_labels() {
  QFont bold = font();
  bold.setWeight(QFont::DemiBold);
  title_label_->setFont(bold);
  QPalette dimmed = palette();
  dimmed.setColor(QPalette::WindowText, dim_text_colour(palette()));
  note_label_->setPalette(dimmed);
}

void Card::paintEvent(QPaintEvent* event) {
  Q_UNUSED(event)
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const bool focused = hasFocus();
  painter.setBrush(card_colour(palette()));
  painter.setPen(
      QPen(focused ? palette().color(QPalette::Highlight) : card_border_colour(palette()),
           focused ? 2 : 1));
  const double inset = focused ? 1 : 0.5;
  painter.drawRoundedRect(QRectF(rect()).adjusted(inset, inset, -inset, -inset), kCardRadius,
                          kCardRadius);
}

void Card::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  const auto type = event->type();
  if (type == QEvent::PaletteChange || type == QEvent::StyleChange || type == QEvent::FontChange) {
    update_labels();
    appearance_changed();
    update();
  }
}

void Card::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  update();
}

void Card::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  update();
}

}  // namespace nodetune
