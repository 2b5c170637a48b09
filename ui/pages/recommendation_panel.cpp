// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/recommendation_panel.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QItemSelectionModel>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTextBrowser>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/bridge/remote_text.h"
#include "ui/bridge/text.h"
#include "ui/models/recommendation_text.h"
#include "ui/models/tuning_tables.h"
#include "ui/pages/data_table.h"
#include "ui/pages/figure_tiles.h"
#include "ui/pages/value_editor.h"

namespace nodetune {
namespace {

constexpr int kDetailHeight = 26 * kGrid;

}  // namespace

RecommendationPanel::RecommendationPanel(NodeSession& session, QWidget* parent)
    : Card(tr("Recommendations"), parent),
      session_(session),
      model_(new CellModel(recommendation_columns(), this)) {
  tune_ = new QPushButton(tr("&Tune now"), this);
  tune_->setObjectName(QStringLiteral("tune"));
  tune_->setToolTip(tr("Runs the rules on what was measured since the last round"));
  header()->addWidget(tune_);
  restart_ = new QLabel(this);
  restart_->setObjectName(QStringLiteral("restart"));
  restart_->setTextFormat(Qt::RichText);
  restart_->setWordWrap(true);
  restart_->setAutoFillBackground(true);
  restart_->setMargin(kGrid);
  restart_->hide();
  body()->addWidget(restart_);
  auto* columns = new QHBoxLayout;
  columns->setSpacing(2 * kGrid);
  columns->addWidget(build_list(), 1);
  columns->addWidget(build_detail(), 1);
  body()->addLayout(columns, 1);
  told_ = new QLabel(this);
  told_->setObjectName(QStringLiteral("decision"));
  told_->setTextFormat(Qt::PlainText);
  told_->setWordWrap(true);
  told_->hide();
  body()->addWidget(told_);
  connect(tune_, &QPushButton::clicked, this, [this] { submit(TuneNow{}); });
  connect(&session, &NodeSession::command_finished, this, &RecommendationPanel::command_finished);
  appearance_changed();
}

QWidget* RecommendationPanel::build_list() {
  auto* area = new QWidget(this);
  table_ = new DataTable(tr("Recommendations"), area);
  table_->setObjectName(QStringLiteral("recommendations"));
  table_->setModel(model_);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->set_stretch_column(0);
  table_->set_column_sample(1, QStringLiteral("awaiting restart"));
  const auto& node = session_.description();
  none_ = new QLabel(node.recorded && !is_remote(node)
                         ? tr("None: the rules found nothing in what was recorded.")
                         : tr("None. The tuner looks at the figures once a minute and proposes "
                              "only what they warrant."),
                     area);
  none_->setWordWrap(true);
  none_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  auto* rows = new QVBoxLayout(area);
  rows->setContentsMargins(0, 0, 0, 0);
  rows->addWidget(none_);
  rows->addWidget(table_, 1);
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          [this](const QModelIndex& index) {
            const auto id = index.data(CellModel::kKeyRole).toString().toULongLong();
            if (id == chosen_ || !index.isValid()) return;
            chosen_ = id;
            override_row_->hide();
            tell({}, Tone::neutral);
            show_chosen();
          });
  return area;
}

QWidget* RecommendationPanel::build_detail() {
  auto* area = new QWidget(this);
  detail_ = new QTextBrowser(area);
  detail_->setObjectName(QStringLiteral("detail"));
  detail_->setAccessibleName(tr("Why, and what to expect"));
  detail_->setFrameShape(QFrame::NoFrame);
  detail_->setMinimumHeight(kDetailHeight);
  detail_->setTabChangesFocus(true);
  detail_->document()->setDocumentMargin(2);
  apply_row_ = new QWidget(area);
  auto* apply = new QHBoxLayout(apply_row_);
  apply->setContentsMargins(0, 0, 0, 0);
  apply_text_ = new QLineEdit(apply_row_);
  apply_text_->setObjectName(QStringLiteral("line"));
  apply_text_->setReadOnly(true);
  apply_text_->setAccessibleName(tr("What to set in the client's configuration"));
  QFont fixed(QStringLiteral("monospace"));
  fixed.setStyleHint(QFont::Monospace);
  apply_text_->setFont(fixed);
  apply->addWidget(apply_text_, 1);
  apply_row_->hide();
  auto* rows = new QVBoxLayout(area);
  rows->setContentsMargins(0, 0, 0, 0);
  rows->setSpacing(kGrid / 2);
  rows->addWidget(detail_, 1);
  rows->addWidget(apply_row_);
  rows->addWidget(build_override());
  rows->addWidget(build_buttons());
  return area;
}

QWidget* RecommendationPanel::build_buttons() {
  auto* area = new QWidget(this);
  approve_ = new QPushButton(tr("&Approve"), area);
  approve_->setObjectName(QStringLiteral("approve"));
  override_ = new QPushButton(tr("&Override…"), area);
  override_->setObjectName(QStringLiteral("override"));
  override_->setToolTip(tr("Applies another value instead (O)"));
  reject_ = new QPushButton(tr("&Reject"), area);
  reject_->setObjectName(QStringLiteral("reject"));
  reject_->setToolTip(tr("Leaves the value as it is (R)"));
  copy_ = new QPushButton(area);
  copy_->setObjectName(QStringLiteral("copy"));
  auto* row = new QHBoxLayout(area);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kGrid);
  for (auto* button : {approve_, override_, reject_, copy_}) row->addWidget(button);
  row->addStretch();
  connect(approve_, &QPushButton::clicked, this, &RecommendationPanel::approve);
  connect(override_, &QPushButton::clicked, this, &RecommendationPanel::start_override);
  connect(reject_, &QPushButton::clicked, this, &RecommendationPanel::reject);
  connect(copy_, &QPushButton::clicked, this, &RecommendationPanel::copy);
  return area;
}

QWidget* RecommendationPanel::build_override() {
  override_row_ = new QWidget(this);
  override_row_->setObjectName(QStringLiteral("override_row"));
  auto* label = new QLabel(tr("Your &value"), override_row_);
  editor_ = new ValueEditor(tr("The value to apply instead of the proposed one"), override_row_);
  editor_->setObjectName(QStringLiteral("override_value"));
  label->setBuddy(editor_);
  override_apply_ = new QPushButton(tr("Apply this"), override_row_);
  override_apply_->setObjectName(QStringLiteral("override_apply"));
  auto* cancel = new QPushButton(tr("Cancel"), override_row_);
  auto* row = new QHBoxLayout(override_row_);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kGrid);
  row->addWidget(label);
  row->addWidget(editor_);
  row->addWidget(override_apply_);
  row->addWidget(cancel);
  row->addStretch(1);
  override_row_->hide();
  connect(editor_, &ValueEditor::edited, this, &RecommendationPanel::judge_override);
  connect(editor_, &ValueEditor::accepted, this, &RecommendationPanel::finish_override);
  connect(override_apply_, &QPushButton::clicked, this, &RecommendationPanel::finish_override);
  connect(cancel, &QPushButton::clicked, this, [this] {
    override_row_->hide();
    tell({}, Tone::neutral);
  });
  return override_row_;
}

const Recommendation* RecommendationPanel::chosen() const {
  const auto found = std::find_if(items_.begin(), items_.end(),
                                  [this](const Recommendation& one) { return one.id == chosen_; });
  return found == items_.end() ? nullptr : &*found;
}

void RecommendationPanel::update_recommendations() {
  items_ = session_.node()->recommendations();
  model_->set_rows(recommendation_rows(items_, session_.now()));
  table_->fit_columns();
  const auto waiting = std::count_if(items_.begin(), items_.end(), [](const Recommendation& one) {
    return one.state == RecommendationState::proposed;
  });
  set_title(tr("Recommendations"),
            items_.empty()
                ? age_text(session_)
                : tr("%1 wait for your decision, %2").arg(waiting).arg(age_text(session_)));
  none_->setVisible(items_.empty());
  table_->setVisible(!items_.empty());
  if (chosen() == nullptr && model_->rowCount() > 0) {
    chosen_ = model_->rows().front().key.toULongLong();
  }
  const int row = model_->row_of(QString::number(chosen_));
  if (row >= 0 && table_->currentIndex().row() != row) table_->selectRow(row);
  show_waiting();
  show_chosen();
}

bool RecommendationPanel::is_observed() const {
  return session_.description().way == OpenWay::observed;
}

void RecommendationPanel::show_waiting() {
  const QString html = waiting_html(items_, session_.description().restart_price,
                                    text_look(palette(), session_.utc()));
  if (restart_->text() != html) restart_->setText(html);
  restart_->setVisible(!html.isEmpty());
}

void RecommendationPanel::show_chosen() {
  const auto* item = chosen();
  const QString html = item == nullptr
                           ? QString()
                           : recommendation_html(*item, text_look(palette(), session_.utc()));
  if (html != shown_html_) {
    shown_html_ = html;
    detail_->setHtml(html);
    // What a command brought has been overtaken.
    if (told_tone_ == Tone::good) tell({}, Tone::neutral);
  }
  detail_->setVisible(item != nullptr);
  const QString line = item == nullptr ? QString() : to_qt(item->line);
  apply_row_->setVisible(!line.isEmpty());
  if (apply_text_->text() != line) {
    apply_text_->setText(line);
    apply_text_->setCursorPosition(0);
  }
  update_buttons();
}

void RecommendationPanel::update_buttons() {
  const auto* item = chosen();
  const bool managed = session_.description().way == OpenWay::managed;
  const bool open = item != nullptr && item->state == RecommendationState::proposed && !waiting_;
  // What is followed up but not in force can still be given up.
  const bool followed = item != nullptr && item->follow_up && may_be_copied(*item);
  for (auto* button : {approve_, override_, reject_}) {
    // Of an observed node a decision is noted; a recording is past.
    button->setVisible(item != nullptr && !session_.description().recorded);
    button->setEnabled(open);
  }
  approve_->setToolTip(managed ? tr("Applies the proposed value (A)")
                               : tr("Notes your decision; the node keeps its value until somebody "
                                    "restarts it with the new one (A)"));
  reject_->setText(followed ? tr("&Give up") : tr("&Reject"));
  reject_->setEnabled(open || (followed && !waiting_));
  const bool again = followed && awaits_restart(*item);
  copy_->setText(!is_observed() ? tr("&Copy")
                 : again        ? tr("&Copy again")
                                : tr("&Copy and follow up"));
  copy_->setToolTip(is_observed()
                        ? tr("Copies the line, and watches for the restart that brings it "
                             "into force (C)")
                        : tr("Copies the line (C)"));
  copy_->setVisible(item != nullptr && !managed && !item->line.empty());
  copy_->setEnabled(item != nullptr && !waiting_ && (!is_observed() || may_be_copied(*item)));
  if (item == nullptr || item->state != RecommendationState::proposed) override_row_->hide();
  tune_->setVisible(managed);
  tune_->setEnabled(!waiting_);
}

void RecommendationPanel::copy() {
  const auto* item = chosen();
  if (item == nullptr || !copy_->isVisible() || !copy_->isEnabled()) return;
  QApplication::clipboard()->setText(to_qt(item->line));
  if (is_observed() && !awaits_restart(*item)) return submit(FollowRecommendation{item->id});
  tell(tr("Copied. It takes effect when the node is restarted with it."), Tone::good);
}

void RecommendationPanel::approve() {
  if (!approve_->isVisible() || !approve_->isEnabled()) return;
  send({chosen_, DecideRecommendation::Decision::approve, 0});
}

void RecommendationPanel::reject() {
  if (!reject_->isVisible() || !reject_->isEnabled()) return;
  send({chosen_, DecideRecommendation::Decision::reject, 0});
}

void RecommendationPanel::start_override() {
  const auto* item = chosen();
  if (item == nullptr || !override_->isVisible() || !override_->isEnabled()) return;
  editor_->set_value(item->proposal.target, item->proposal.proposed);
  override_row_->show();
  judge_override();
  editor_->focus();
}

void RecommendationPanel::judge_override() {
  const auto* item = chosen();
  if (item == nullptr) return;
  const auto value = editor_->value();
  Status status = value ? Status::ok() : value.status();
  const auto values = known_values(session_.node()->knobs());
  const auto& target = item->proposal.target;
  if (value && values && target.kind == Target::Kind::knob) {
    status = validate(target.knob, value.value(), *values, knob_context(*session_.snapshot()));
  }
  override_apply_->setEnabled(status.is_ok() && !waiting_);
  tell(status.is_ok() ? QString() : to_qt(status.message()), Tone::bad);
}

void RecommendationPanel::finish_override() {
  const auto value = editor_->value();
  if (!value || !override_apply_->isEnabled()) return;
  override_row_->hide();
  send({chosen_, DecideRecommendation::Decision::override_value, value.value()});
}

void RecommendationPanel::send(const DecideRecommendation& decision) {
  submit(decision);
}

void RecommendationPanel::submit(Command command) {
  waiting_ = session_.submit(std::move(command));
  update_buttons();
}

void RecommendationPanel::command_finished(const CommandOutcome& outcome) {
  if (!waiting_ || outcome.ticket != *waiting_) return;
  waiting_.reset();
  if (session_.node() == nullptr) return;
  update_recommendations();
  tell(to_qt(outcome.text), outcome.status.is_ok() ? Tone::good : Tone::bad);
}

void RecommendationPanel::tell(const QString& text, Tone tone) {
  told_tone_ = tone;
  told_->setText(text.isEmpty() ? text : tone_symbol(tone) + QChar(' ') + text);
  told_->setVisible(!text.isEmpty());
  appearance_changed();
}

void RecommendationPanel::appearance_changed() {
  if (told_ == nullptr) return;  // still being built
  QPalette told = palette();
  told.setColor(QPalette::WindowText, tone_colour(told_tone_, is_dark(palette())));
  told_->setPalette(told);
  QPalette dim = palette();
  dim.setColor(QPalette::WindowText, dim_text_colour(palette()));
  none_->setPalette(dim);
  QPalette strip = palette();
  strip.setColor(QPalette::Window, palette().color(QPalette::AlternateBase));
  restart_->setPalette(strip);
  QPalette card;
  card.setColor(QPalette::Base, card_colour(palette()));
  detail_->setPalette(card);
  if (chosen() == nullptr) return;
  show_waiting();
  show_chosen();
}

}  // namespace nodetune
