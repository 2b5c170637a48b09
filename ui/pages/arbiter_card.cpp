// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/arbiter_card.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <cmath>

#include "ui/bridge/node_session.h"
#include "ui/bridge/text.h"
#include "ui/pages/byte_spin_box.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

QLabel* make_text(QWidget* parent) {
  auto* label = new QLabel(parent);
  label->setWordWrap(true);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  return label;
}

QString cost_text(const MemoryState& memory) {
  if (std::isnan(memory.seconds_per_block)) {
    return ArbiterCard::tr("What misses cost a block is not known yet.");
  }
  const QString now = seconds_text(memory.seconds_per_block);
  if (std::isnan(memory.planned_seconds_per_block)) {
    return ArbiterCard::tr("All misses cost %1 a block (derived).").arg(now);
  }
  return ArbiterCard::tr("All misses cost %1 a block; %2 once the plan is reached (derived).")
      .arg(now, seconds_text(memory.planned_seconds_per_block));
}

}  // namespace

ArbiterCard::ArbiterCard(NodeSession& session, QWidget* parent)
    : Card(tr("Memory budget"), parent),
      session_(session),
      mode_(new QComboBox(this)),
      budget_(new ByteSpinBox(this)),
      acts_(new QCheckBox(tr("Move memory by &itself"), this)),
      apply_(new QPushButton(tr("A&pply"), this)),
      cost_(make_text(this)),
      plan_(make_text(this)) {
  mode_->setObjectName(QStringLiteral("arbiter_mode"));
  mode_->setAccessibleName(tr("How memory is shared"));
  mode_->addItem(tr("As it is"), int(ArbiterMode::off));
  mode_->addItem(tr("By two rules"), int(ArbiterMode::specification));
  mode_->addItem(tr("By the curves"), int(ArbiterMode::curves));
  mode_->setToolTip(
      tr("By two rules: caches that hit well and evict much grow by a fifth, under "
         "memory pressure the one that hits least shrinks by a fifth. By the curves: "
         "memory goes where it saves most time a block."));
  budget_->setObjectName(QStringLiteral("arbiter_budget"));
  budget_->setAccessibleName(tr("Memory budget"));
  budget_->setToolTip(
      tr("Of all object caches, the RocksDB block cache and the memtables. 0: what "
         "they have now."));
  budget_->setSpecialValueText(tr("as now"));
  acts_->setObjectName(QStringLiteral("arbiter_acts"));
  acts_->setToolTip(tr("Otherwise its moves are recommendations that wait for your approval."));
  apply_->setObjectName(QStringLiteral("arbiter_apply"));
  auto* row = new QHBoxLayout;
  row->setSpacing(kGrid);
  row->addWidget(mode_);
  row->addWidget(budget_);
  row->addStretch();
  row->addWidget(apply_);
  body()->addLayout(row);
  body()->addWidget(acts_);
  body()->addWidget(cost_);
  body()->addWidget(plan_);
  connect(mode_, &QComboBox::currentIndexChanged, this, &ArbiterCard::update_apply);
  connect(budget_, &QDoubleSpinBox::valueChanged, this, &ArbiterCard::update_apply);
  connect(acts_, &QCheckBox::toggled, this, &ArbiterCard::update_apply);
  connect(apply_, &QPushButton::clicked, this, &ArbiterCard::apply);
  connect(&session, &NodeSession::command_finished, this, [this](const CommandOutcome& outcome) {
    if (outcome.ticket != ticket_ || ticket_ == 0) return;
    ticket_ = 0;
    if (outcome.status.is_ok()) in_force_ = edited();
    update_apply();
  });
  show_settings({});
}

ArbiterCard::Settings ArbiterCard::edited() const {
  return {mode_->currentData().toInt(), budget_->bytes(), acts_->isChecked()};
}

void ArbiterCard::show_settings(const Settings& settings) {
  mode_->setCurrentIndex(mode_->findData(settings.mode));
  budget_->set_bytes(settings.budget_bytes);
  acts_->setChecked(settings.acts);
  update_apply();
}

void ArbiterCard::set_memory(const MemoryState& memory) {
  const Settings now{int(memory.mode), qint64(memory.budget_bytes), memory.acts};
  const bool untouched = edited() == in_force_;
  if (ticket_ == 0) in_force_ = now;
  if (untouched && ticket_ == 0 && edited() != now) show_settings(now);
  double all = 0;
  for (const auto& share : memory.shares) all += static_cast<double>(share.present_bytes);
  set_title(tr("Memory budget"), memory.shares.empty()
                                     ? QString()
                                     : tr("%1 now, memtables included").arg(bytes_text(all)));
  cost_->setText(cost_text(memory));
  QStringList said;
  if (!memory.reason.empty()) {
    const QString reason = to_qt(memory.reason);
    said << reason.left(1).toUpper() + reason.mid(1) + QStringLiteral(".");
  }
  for (const auto& move : memory.moves) said << QStringLiteral("• ") + to_qt(move);
  plan_->setText(said.join(QStringLiteral("\n")));
  update_apply();
}

void ArbiterCard::update_apply() {
  const Settings wanted = edited();
  const bool shares = wanted.mode != int(ArbiterMode::off);
  budget_->setEnabled(shares);
  acts_->setEnabled(shares);
  apply_->setEnabled(ticket_ == 0 && wanted != in_force_);
}

void ArbiterCard::apply() {
  const Settings wanted = edited();
  ticket_ = session_
                .submit(SetArbiter{static_cast<ArbiterMode>(wanted.mode),
                                   static_cast<std::uint64_t>(wanted.budget_bytes), wanted.acts})
                .value_or(0);
  update_apply();
}

}  // namespace nodetune
