// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/batch_flow_card.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/bridge/text.h"

namespace nodetune {
namespace {

constexpr int kPendingWidth = 20 * kGrid;
constexpr int kPermille = 1'000;

Tone tone_of(BatchFlow flow) {
  switch (flow) {
    case BatchFlow::idle:
      return Tone::neutral;
    case BatchFlow::flowing:
      return Tone::good;
    case BatchFlow::held_up:
      return Tone::warn;
    case BatchFlow::stopped:
    case BatchFlow::failing:
      return Tone::bad;
  }
  return Tone::neutral;
}

}  // namespace

BatchFlowCard::BatchFlowCard(QWidget* parent)
    : Card({}, parent),
      symbol_(new QLabel(this)),
      text_(new QLabel(this)),
      pending_(new QProgressBar(this)) {
  setAccessibleName(tr("Flow of writes"));
  text_->setObjectName(QStringLiteral("flow"));
  text_->setWordWrap(true);
  text_->setTextFormat(Qt::PlainText);
  text_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  pending_->setObjectName(QStringLiteral("pending"));
  pending_->setAccessibleName(tr("Bytes that wait for a commit, of what may wait"));
  pending_->setRange(0, kPermille);
  pending_->setFixedWidth(kPendingWidth);
  auto* row = new QHBoxLayout;
  row->setSpacing(kGrid);
  row->addWidget(symbol_);
  row->addWidget(text_, 1);
  row->addWidget(pending_, 0, Qt::AlignVCenter);
  body()->addLayout(row);
}

void BatchFlowCard::set_status(const BatchStatus& status) {
  tone_ = tone_of(status.flow);
  symbol_->setText(tone_symbol(tone_));
  symbol_->setVisible(!symbol_->text().isEmpty());
  text_->setText(to_qt(status.flow_text));
  const auto most = static_cast<double>(std::max<std::uint64_t>(status.max_pending_bytes, 1));
  const double share = std::min(static_cast<double>(status.pending_bytes) / most, 1.0);
  pending_->setValue(static_cast<int>(share * kPermille));
  pending_->setFormat(
      tr("%1 of %2").arg(bytes_text(static_cast<double>(status.pending_bytes)), bytes_text(most)));
  pending_->setToolTip(
      tr("Keys and values that wait for a commit. At the limit callers wait in the order in which "
         "they came, until a commit makes room."));
  appearance_changed();
}

void BatchFlowCard::appearance_changed() {
  QPalette toned = palette();
  if (tone_ != Tone::neutral && tone_ != Tone::good) {
    toned.setColor(QPalette::WindowText, tone_colour(tone_, is_dark(palette())));
  }
  text_->setPalette(toned);
  QPalette mark = palette();
  if (tone_ != Tone::neutral) {
    mark.setColor(QPalette::WindowText, tone_colour(tone_, is_dark(palette())));
  }
  symbol_->setPalette(mark);
}

}  // namespace nodetune
