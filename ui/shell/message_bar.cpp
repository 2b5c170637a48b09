// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/shell/message_bar.h"

#include <QAccessible>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/shell/icons.h"

namespace nodetune {

MessageBar::MessageBar(QWidget* parent)
    : QWidget(parent),
      symbol_(new QLabel(this)),
      title_(new QLabel(this)),
      text_(new QLabel(this)),
      choices_(new QHBoxLayout),
      close_(new QToolButton(this)) {
  setObjectName(QStringLiteral("message"));
  QFont bold = font();
  bold.setBold(true);
  title_->setFont(bold);
  symbol_->setFont(bold);
  title_->setTextFormat(Qt::PlainText);
  text_->setTextFormat(Qt::PlainText);
  text_->setWordWrap(true);
  text_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  close_->setAutoRaise(true);
  close_->setAccessibleName(tr("Close this message"));
  close_->setToolTip(tr("Close this message (Esc)"));
  connect(close_, &QToolButton::clicked, this, &MessageBar::clear);

  auto* words = new QVBoxLayout;
  words->setSpacing(kGrid / 2);
  words->addWidget(title_);
  words->addWidget(text_);
  words->addLayout(choices_);
  choices_->addStretch();
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(2 * kGrid, kGrid, kGrid, kGrid);
  row->setSpacing(kGrid);
  row->addWidget(symbol_, 0, Qt::AlignTop);
  row->addLayout(words, 1);
  row->addWidget(close_, 0, Qt::AlignTop);
  apply_palette();
  setVisible(false);
}

void MessageBar::show_message(const Message& message) {
  clear();
  message_ = message;
  symbol_->setText(tone_symbol(message.tone));
  symbol_->setVisible(!symbol_->text().isEmpty());
  title_->setText(message.title);
  text_->setText(message.text);
  text_->setVisible(!message.text.isEmpty());
  int place = 0;
  for (const auto& choice : message.choices) {
    auto* button = new QPushButton(choice.label, this);
    connect(button, &QPushButton::clicked, this, [this, run = choice.run] {
      clear();
      run();
    });
    choices_->insertWidget(place++, button);
  }
  setAccessibleName(message.title);
  setAccessibleDescription(message.text);
  apply_palette();
  setVisible(true);
  QAccessibleEvent alert(this, QAccessible::Alert);
  QAccessible::updateAccessibility(&alert);
}

void MessageBar::clear() {
  setVisible(false);
  message_ = {};
  while (choices_->count() > 1) {  // the stretch stays
    auto* item = choices_->takeAt(0);
    if (auto* widget = item->widget()) {
      widget->hide();
      widget->deleteLater();  // it may be the one that was clicked
    }
    delete item;
  }
}

void MessageBar::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const bool dark = is_dark(palette());
  const QColor tone = tone_colour(message_.tone, dark);
  const QColor ground = mix(card_colour(palette()), tone, dark ? 0.22 : 0.12);
  painter.fillRect(rect(), ground);
  painter.fillRect(0, 0, kGrid / 2, height(), tone);
  painter.fillRect(0, height() - 1, width(), 1, card_border_colour(palette()));
}

void MessageBar::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) apply_palette();
  QWidget::changeEvent(event);
}

void MessageBar::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape) {
    clear();
    return;
  }
  QWidget::keyPressEvent(event);
}

void MessageBar::apply_palette() {
  close_->setIcon(icon(QStringLiteral("close"), palette().color(QPalette::WindowText)));
  update();
}

}  // namespace nodetune
