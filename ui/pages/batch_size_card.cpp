// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/batch_size_card.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>

#include "ui/bridge/node_session.h"
#include "ui/bridge/text.h"

namespace nodetune {
namespace {

QString operations_text(int count) {
  return BatchSizeCard::tr("%1 operations")
      .arg(whole_text(static_cast<quint64>(std::max(0, count))));
}

}  // namespace

BatchSizeCard::BatchSizeCard(NodeSession& session, QWidget* parent)
    : Card(tr("Batch size"), parent),
      session_(session),
      mode_(new QComboBox(this)),
      limit_label_(new QLabel(tr("99 % of commits be&low"), this)),
      limit_(new QDoubleSpinBox(this)),
      operations_label_(new QLabel(tr("&Commit after"), this)),
      operations_(new QSpinBox(this)),
      apply_(new QPushButton(tr("A&pply"), this)),
      optimise_(new QPushButton(tr("As&k the rule"), this)),
      choice_(new QLabel(this)),
      told_(new QLabel(this)) {
  build();
  shown_ = edited();
  connect(mode_, &QComboBox::currentIndexChanged, this, &BatchSizeCard::update);
  connect(limit_, &QDoubleSpinBox::valueChanged, this, &BatchSizeCard::update);
  connect(operations_, &QSpinBox::valueChanged, this, &BatchSizeCard::update);
  connect(apply_, &QPushButton::clicked, this, &BatchSizeCard::apply);
  connect(optimise_, &QPushButton::clicked, this, [this] { send(OptimizeBatchSize{}); });
  connect(&session, &NodeSession::command_finished, this, &BatchSizeCard::command_finished);
  update();
}

void BatchSizeCard::build() {
  mode_->setObjectName(QStringLiteral("mode"));
  mode_->setAccessibleName(tr("Who decides the batch size"));
  for (const auto mode :
       {BatchSizeMode::adaptive, BatchSizeMode::specification, BatchSizeMode::fixed}) {
    const auto name = display_name(mode);
    mode_->addItem(QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size())), int(mode));
  }
  mode_->setToolTip(
      tr("Adaptive: as many operations as are fastest while 99 of 100 commits stay below the "
         "limit. The specification's rule: 1.2 times as many while commits are short, 0.8 times "
         "once they take too long."));
  limit_->setObjectName(QStringLiteral("limit"));
  limit_->setAccessibleName(tr("What 99 of 100 commits stay below"));
  limit_->setRange(kCommitSecondsMaxLeast * 1e3, kCommitSecondsMaxMost * 1e3);
  limit_->setDecimals(1);
  limit_->setSuffix(tr(" ms"));
  limit_->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
  limit_->setAlignment(Qt::AlignRight);
  limit_label_->setBuddy(limit_);
  operations_->setObjectName(QStringLiteral("threshold"));
  operations_->setAccessibleName(tr("Operations after which a batch is committed"));
  operations_->setRange(0, std::numeric_limits<int>::max());  // judged with words, not clipped
  operations_->setGroupSeparatorShown(true);
  operations_->setSuffix(tr(" operations"));
  operations_->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
  operations_->setAlignment(Qt::AlignRight);
  operations_label_->setBuddy(operations_);
  apply_->setObjectName(QStringLiteral("apply"));
  optimise_->setObjectName(QStringLiteral("optimise"));
  optimise_->setToolTip(
      tr("Asks the specification's rule once: commits that stay short allow larger batches, long "
         "ones ask for smaller batches"));
  choice_->setObjectName(QStringLiteral("choice"));
  told_->setObjectName(QStringLiteral("told"));
  for (auto* label : {choice_, told_}) {
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  }

  auto* values = new QHBoxLayout;
  values->setSpacing(kGrid);
  for (QWidget* one :
       std::initializer_list<QWidget*>{limit_label_, limit_, operations_label_, operations_}) {
    values->addWidget(one);
  }
  values->addStretch();
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(kGrid);
  buttons->addWidget(mode_, 1);
  buttons->addWidget(apply_);
  buttons->addWidget(optimise_);
  body()->setSpacing(kGrid);
  body()->addLayout(buttons);
  body()->addLayout(values);
  body()->addWidget(choice_);
  body()->addWidget(told_);
  body()->addStretch();
}

BatchSizeCard::Settings BatchSizeCard::edited() const {
  return {mode_->currentData().toInt(), limit_->value(), operations_->value()};
}

BatchSizeCard::Settings BatchSizeCard::in_force() const {
  // As the field shows it: what cannot be seen is no difference.
  return {int(status_.mode), std::round(status_.commit_seconds_max * 1e4) / 10,
          status_.auto_commit_threshold};
}

bool BatchSizeCard::untouched() const {
  return edited() == shown_;
}

void BatchSizeCard::show_settings(const Settings& settings) {
  const QSignalBlocker no_mode(mode_);
  const QSignalBlocker no_limit(limit_);
  const QSignalBlocker no_operations(operations_);
  mode_->setCurrentIndex(mode_->findData(settings.mode));
  limit_->setValue(settings.limit_milliseconds);
  operations_->setValue(settings.operations);
  shown_ = edited();
}

void BatchSizeCard::set_status(const BatchStatus& status) {
  const bool follow = untouched() && ticket_ == 0;
  status_ = status;
  if (follow && shown_ != in_force()) show_settings(in_force());
  set_title(tr("Batch size"), tr("now %1").arg(operations_text(status.auto_commit_threshold)));
  choice_->setText(to_qt(status.choice));
  update();
}

void BatchSizeCard::update() {
  const auto wanted = edited();
  const auto mode = static_cast<BatchSizeMode>(wanted.mode);
  const bool by_hand = mode == BatchSizeMode::fixed;
  for (QWidget* one : std::initializer_list<QWidget*>{limit_label_, limit_}) {
    one->setVisible(mode == BatchSizeMode::adaptive);
  }
  for (QWidget* one : std::initializer_list<QWidget*>{operations_label_, operations_}) {
    one->setVisible(by_hand);
  }
  optimise_->setVisible(mode == BatchSizeMode::specification && status_.mode == mode);
  const bool allowed = !by_hand || (wanted.operations >= status_.min_threshold &&
                                    wanted.operations <= status_.max_threshold);
  const bool changed = wanted.mode != shown_.mode ||
                       (by_hand ? wanted.operations != shown_.operations
                                : wanted.limit_milliseconds != shown_.limit_milliseconds);
  apply_->setEnabled(allowed && changed && ticket_ == 0);
  optimise_->setEnabled(ticket_ == 0);
  if (!allowed) {
    tell(tr("%1 is not allowed: choose %2 to %3.")
             .arg(operations_text(wanted.operations),
                  whole_text(static_cast<quint64>(std::max(0, status_.min_threshold))),
                  operations_text(status_.max_threshold)),
         Tone::bad);
  } else if (changed && ticket_ == 0) {
    tell(tr("Not applied yet"), Tone::neutral);
  } else {
    tell(outcome_, outcome_tone_);
  }
}

void BatchSizeCard::apply() {
  const auto wanted = edited();
  const auto mode = static_cast<BatchSizeMode>(wanted.mode);
  if (mode == BatchSizeMode::fixed && wanted.operations != status_.auto_commit_threshold) {
    send(SetBatchThreshold{wanted.operations});
  } else {
    send(SetBatchSizeMode{mode, wanted.limit_milliseconds * 1e-3});
  }
}

void BatchSizeCard::send(Command command) {
  ticket_ = session_.submit(std::move(command)).value_or(0);
  update();
}

void BatchSizeCard::command_finished(const CommandOutcome& outcome) {
  if (ticket_ == 0 || outcome.ticket != ticket_) return;
  ticket_ = 0;
  outcome_ = to_qt(outcome.text);
  outcome_tone_ = outcome.status.is_ok() ? Tone::good : Tone::bad;
  if (session_.node() == nullptr) return;
  status_ = session_.node()->batches();
  if (outcome.status.is_ok()) show_settings(in_force());
  set_status(status_);
}

void BatchSizeCard::tell(const QString& text, Tone tone) {
  told_tone_ = tone;
  const QString symbol = tone_symbol(tone);
  told_->setText(symbol.isEmpty() || text.isEmpty() ? text : symbol + QChar(' ') + text);
  told_->setVisible(!text.isEmpty());
  appearance_changed();
}

void BatchSizeCard::appearance_changed() {
  QPalette told = palette();
  told.setColor(QPalette::WindowText, told_tone_ == Tone::neutral
                                          ? dim_text_colour(palette())
                                          : tone_colour(told_tone_, is_dark(palette())));
  told_->setPalette(told);
}

}  // namespace nodetune
