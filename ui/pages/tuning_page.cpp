// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/tuning_page.h"

#include <QEvent>
#include <QLabel>
#include <QShortcut>
#include <QVBoxLayout>

#include "ui/models/tuning_tables.h"
#include "ui/pages/client_options_card.h"
#include "ui/pages/data_table.h"
#include "ui/pages/knob_panel.h"
#include "ui/pages/page_scroll.h"
#include "ui/pages/recommendation_panel.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr int kReasonColumn = 6;
constexpr int kAuditHeight = 22 * kGrid;

}  // namespace

TuningPage::TuningPage(NodeSession& session, Theme& theme, QWidget* parent)
    : Page(QStringLiteral("tuning"), tr("Tuning"), session, theme, parent),
      recommendations_(new RecommendationPanel(session, this)),
      knobs_(new KnobPanel(session, this)),
      client_(new ClientOptionsCard(this)),
      audit_(new CellModel(audit_columns(), this)) {
  auto* content = new QWidget(this);
  auto* rows = new QVBoxLayout(content);
  rows->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  rows->setSpacing(kGrid * 3 / 2);
  rows->addWidget(recommendations_, 1);
  rows->addWidget(knobs_);
  rows->addWidget(client_);
  rows->addWidget(build_audit(), 2);
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(new PageScroll(content, this));
  const auto key = [this](Qt::Key on, void (RecommendationPanel::*answer)()) {
    auto* shortcut = new QShortcut(on, this);
    shortcut->setContext(Qt::WidgetWithChildrenShortcut);
    connect(shortcut, &QShortcut::activated, recommendations_, answer);
  };
  key(Qt::Key_A, &RecommendationPanel::approve);
  key(Qt::Key_O, &RecommendationPanel::start_override);
  key(Qt::Key_R, &RecommendationPanel::reject);
  key(Qt::Key_C, &RecommendationPanel::copy);
  // A decision is seen at once, not with the next snapshot.
  connect(&session, &NodeSession::command_finished, this, [this] {
    if (isVisible() && this->session().node() != nullptr) update_all();
  });
  apply_palette();
}

QWidget* TuningPage::build_audit() {
  audit_card_ = new Card(tr("Audit log"), this);
  audit_card_->setMinimumHeight(kAuditHeight);
  audit_table_ = new DataTable(tr("Audit log, newest first"), audit_card_);
  audit_table_->setObjectName(QStringLiteral("audit"));
  audit_table_->setModel(audit_);
  audit_table_->set_stretch_column(kReasonColumn);
  no_audit_ = new QLabel(tr("Nothing was changed or decided yet."), audit_card_);
  audit_card_->body()->addWidget(no_audit_);
  audit_card_->body()->addWidget(audit_table_, 1);
  audit_card_->body()->addStretch();
  return audit_card_;
}

void TuningPage::on_snapshot(const Snapshot&) {
  update_all();
}

void TuningPage::update_all() {
  recommendations_->update_recommendations();
  knobs_->update_knobs();
  const auto description = session().description();
  client_->set_description(description);
  knobs_->setVisible(description.client_options.empty());
  audit_->set_rows(audit_rows(node().audit(), session().utc()));
  audit_table_->fit_columns();
  const bool empty = audit_->rowCount() == 0;
  no_audit_->setVisible(empty);
  audit_table_->setVisible(!empty);
  audit_card_->set_title(tr("Audit log"), empty ? QString() : tr("newest first"));
}

void TuningPage::changeEvent(QEvent* event) {
  Page::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) apply_palette();
}

void TuningPage::apply_palette() {
  QPalette dim = palette();
  dim.setColor(QPalette::WindowText, dim_text_colour(palette()));
  no_audit_->setPalette(dim);
}

}  // namespace nodetune
