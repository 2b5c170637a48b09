// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/knob_panel.h"

#include <QHBoxLayout>
#include <QItemSelectionModel>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/bridge/text.h"
#include "ui/pages/data_table.h"
#include "ui/pages/figure_tiles.h"
#include "ui/pages/value_editor.h"

namespace nodetune {
namespace {

constexpr int kCostColumn = 6;
constexpr int kKnobRows = static_cast<int>(kKnobCount);

}  // namespace

KnobPanel::KnobPanel(NodeSession& session, QWidget* parent)
    : Card(tr("Knobs"), parent),
      session_(session),
      model_(new CellModel(knob_columns(), this)),
      table_(new DataTable(tr("The eight knobs"), this)) {
  table_->setObjectName(QStringLiteral("knobs"));
  table_->setModel(model_);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->set_stretch_column(kCostColumn);
  table_->fit_height(kKnobRows, kKnobRows);
  body()->addWidget(table_);
  body()->addWidget(build_editor());
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          [this](const QModelIndex& index) {
            const auto knob = knob_from(index.data(CellModel::kKeyRole).toString().toStdString());
            if (knob && *knob != chosen_) choose(*knob);
          });
  connect(table_, &QAbstractItemView::activated, this, [this] { editor_->focus(); });
  connect(&session, &NodeSession::command_finished, this, &KnobPanel::command_finished);
}

QWidget* KnobPanel::build_editor() {
  auto* area = new QWidget(this);
  name_ = new QLabel(area);
  editor_ = new ValueEditor(tr("New value of the chosen knob"), area);
  editor_->setObjectName(QStringLiteral("value"));
  name_->setBuddy(editor_);
  apply_ = new QPushButton(tr("A&pply"), area);
  apply_->setObjectName(QStringLiteral("apply"));
  default_ = new QPushButton(tr("&Default"), area);
  default_->setObjectName(QStringLiteral("default"));
  default_->setToolTip(tr("Writes the default into the field; it is applied with Apply"));
  undo_ = new QPushButton(tr("&Undo last change"), area);
  undo_->setObjectName(QStringLiteral("undo"));
  told_ = new QLabel(area);
  told_->setObjectName(QStringLiteral("told"));
  help_ = new QLabel(area);
  for (QLabel* label : {told_, help_}) {
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  }
  controls_ = new QWidget(area);
  auto* line = new QHBoxLayout(controls_);
  line->setContentsMargins(0, 0, 0, 0);
  line->setSpacing(kGrid);
  line->addWidget(name_);
  line->addWidget(editor_);
  line->addWidget(apply_);
  line->addWidget(default_);
  line->addStretch(1);
  line->addWidget(undo_);
  auto* rows = new QVBoxLayout(area);
  rows->setContentsMargins(0, kGrid / 2, 0, kGrid / 2);
  rows->setSpacing(kGrid / 2);
  rows->addWidget(controls_);
  rows->addWidget(told_);
  rows->addWidget(help_);
  // Room for two lines each, so that nothing jumps while somebody types.
  told_->setMinimumHeight(2 * fontMetrics().height());
  told_->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  help_->setMinimumHeight(2 * fontMetrics().height());
  help_->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  connect(editor_, &ValueEditor::edited, this, [this] {
    edited_ = true;
    outcome_stands_ = false;
    judge();
  });
  connect(editor_, &ValueEditor::accepted, this, [this] {
    if (apply_->isEnabled()) apply();
  });
  connect(apply_, &QPushButton::clicked, this, &KnobPanel::apply);
  connect(default_, &QPushButton::clicked, this, [this] {
    editor_->set_text(to_qt(format_knob(chosen_, knob_info(chosen_).default_value)));
  });
  connect(undo_, &QPushButton::clicked, this, &KnobPanel::undo);
  return area;
}

const KnobState* KnobPanel::chosen_state() const {
  const auto found = std::find_if(knobs_.begin(), knobs_.end(),
                                  [this](const KnobState& one) { return one.knob == chosen_; });
  return found == knobs_.end() ? nullptr : &*found;
}

void KnobPanel::update_knobs() {
  knobs_ = session_.node()->knobs();
  last_change_ = last_change(session_.node()->audit());
  set_title(tr("Knobs"), age_text(session_));
  fill_table();
  if (table_->selectionModel()->selectedRows().isEmpty()) choose(chosen_);
  const auto* state = chosen_state();
  // Follow the node, but never overwrite what somebody is about to apply.
  if (state != nullptr && !edited_ && shown_value_ != state->current) show_chosen();
  judge();
}

void KnobPanel::fill_table() {
  model_->set_rows(
      knob_rows(knobs_, knob_context(*session_.snapshot()), notes_, session_.description().way));
  table_->fit_columns();
}

void KnobPanel::choose(Knob knob) {
  if (edited_ && knob != chosen_) notes_.erase(chosen_);
  chosen_ = knob;
  const int row = model_->row_of(to_qt(to_string(knob)));
  if (row >= 0 && table_->currentIndex().row() != row) table_->selectRow(row);
  show_chosen();
  fill_table();
  judge();
}

void KnobPanel::show_chosen() {
  edited_ = false;
  const auto& knob = knob_info(chosen_);
  const auto* state = chosen_state();
  shown_value_ = state == nullptr ? std::nullopt : state->current;
  name_->setText(tr("&Value of %1").arg(to_qt(knob.title)));
  editor_->set_value(Target::of(chosen_), shown_value_.value_or(knob.default_value));
  help_->setText(to_qt(knob.help));
}

Status KnobPanel::check(std::int64_t value) const {
  const auto values = known_values(knobs_);
  if (!values) return Status::ok();  // the node judges it itself
  return validate(chosen_, value, *values, knob_context(*session_.snapshot()));
}

QString KnobPanel::pending_text(std::int64_t value) const {
  const auto values = known_values(knobs_);
  if (!values) return tr("Not applied yet");
  return tr("Not applied yet. It takes effect %1; %2.")
      .arg(to_qt(to_string(knob_info(chosen_).takes_effect)),
           to_qt(cost_text(chosen_, value, *values, knob_context(*session_.snapshot()))));
}

void KnobPanel::judge() {
  const auto* state = chosen_state();
  const bool settable = state != nullptr && state->settable;
  editor_->setEnabled(settable);
  default_->setEnabled(settable);
  controls_->setVisible(session_.description().way == OpenWay::managed);
  undo_->setEnabled(last_change_.has_value() && !waiting_);
  undo_->setToolTip(last_change_ ? undo_text(*last_change_) : tr("Nothing was changed yet"));
  if (!settable) {
    apply_->setEnabled(false);
    tell(state == nullptr ? QString() : tr("Cannot be set here: %1").arg(to_qt(state->why_not)),
         Tone::neutral);
    return;
  }
  const auto value = editor_->value();
  const auto status = value ? check(value.value()) : value.status();
  const bool same = value && state->current == value.value();
  apply_->setEnabled(status.is_ok() && !same && !waiting_);
  if (!status.is_ok()) {
    notes_[chosen_] = {to_qt(status.message()), Tone::bad};
    tell(notes_[chosen_].text, Tone::bad);
  } else if (edited_ && !outcome_stands_) {
    notes_.erase(chosen_);
    tell(same ? QString() : pending_text(value.value()), Tone::neutral);
  } else {
    const auto note = notes_.find(chosen_);
    tell(note == notes_.end() ? QString() : note->second.text,
         note == notes_.end() ? Tone::neutral : note->second.tone);
  }
  fill_table();
}

void KnobPanel::apply() {
  const auto value = editor_->value();
  if (!value) return;
  const auto ticket = session_.submit(SetKnob{chosen_, value.value()});
  if (ticket) waiting_ = Waiting{*ticket, chosen_};
  judge();
}

void KnobPanel::undo() {
  if (!last_change_) return;
  const auto ticket = session_.submit(UndoChange{last_change_->change});
  if (ticket) waiting_ = Waiting{*ticket, std::nullopt};
  judge();
}

void KnobPanel::command_finished(const CommandOutcome& outcome) {
  if (!waiting_ || outcome.ticket != waiting_->ticket) return;
  const auto knob = waiting_->knob.value_or(chosen_);
  waiting_.reset();
  if (session_.node() == nullptr) return;
  const bool ok = outcome.status.is_ok();
  notes_[knob] = {to_qt(outcome.text), ok ? Tone::good : Tone::bad};
  outcome_stands_ = true;
  if (ok && knob == chosen_) {
    edited_ = false;
    shown_value_.reset();  // take over what is in force now
  }
  update_knobs();
}

void KnobPanel::tell(const QString& text, Tone tone) {
  told_tone_ = tone;
  const QString symbol = tone_symbol(tone);
  told_->setText(symbol.isEmpty() || text.isEmpty() ? text : symbol + QChar(' ') + text);
  appearance_changed();
}

void KnobPanel::appearance_changed() {
  QPalette told = palette();
  told.setColor(QPalette::WindowText, told_tone_ == Tone::neutral
                                          ? palette().color(QPalette::WindowText)
                                          : tone_colour(told_tone_, is_dark(palette())));
  told_->setPalette(told);
  QPalette dim = palette();
  dim.setColor(QPalette::WindowText, dim_text_colour(palette()));
  help_->setPalette(dim);
}

}  // namespace nodetune
