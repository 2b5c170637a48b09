// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/write_paths_card.h"

#include <QGridLayout>
#include <QLabel>
#include <QVBoxLayout>

#include "ui/bridge/text.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

QString used_text(const PathState& path) {
  if (path.commits == 0) return WritePathsCard::tr("no commits");
  const auto commits = static_cast<double>(path.commits);
  return WritePathsCard::tr("%1 commits, %2 op and %3 each")
      .arg(whole_text(path.commits), count_text(static_cast<double>(path.operations) / commits),
           seconds_text(path.seconds / commits));
}

}  // namespace

WritePathsCard::WritePathsCard(QWidget* parent)
    : Card(tr("Write paths"), parent), choice_(new QLabel(this)) {
  auto* grid = new QGridLayout;
  grid->setHorizontalSpacing(kGrid);
  grid->setVerticalSpacing(kGrid / 2);
  grid->setColumnStretch(0, 1);
  for (const auto path : kWritePaths) {
    auto& row = rows_[nodetune::index_of(path)];
    const auto at = static_cast<int>(nodetune::index_of(path));
    row.name = new QLabel(this);
    row.when = new QLabel(this);
    row.when->setAlignment(Qt::AlignRight);
    row.used = new QLabel(this);
    row.used->setObjectName(to_qt(std::string(to_string(path))) + QStringLiteral("_used"));
    grid->addWidget(row.name, 2 * at, 0);
    grid->addWidget(row.when, 2 * at, 1);
    grid->addWidget(row.used, 2 * at + 1, 0, 1, 2);
  }
  choice_->setObjectName(QStringLiteral("path_choice"));
  choice_->setWordWrap(true);
  choice_->setTextFormat(Qt::PlainText);
  body()->setSpacing(kGrid);
  body()->addLayout(grid);
  body()->addWidget(choice_);
  body()->addStretch();
  set_title(tr("Write paths"), tr("since the start"));
}

void WritePathsCard::set_status(const BatchStatus& status) {
  for (const auto& path : status.paths) {
    auto& row = rows_[nodetune::index_of(path.path)];
    row.name->setText(to_qt(path.name));
    row.when->setText(to_qt(path.when));
    row.used->setText(used_text(path));
  }
  choice_->setText(to_qt(status.path_choice));
}

void WritePathsCard::appearance_changed() {
  QPalette dim = palette();
  dim.setColor(QPalette::WindowText, dim_text_colour(palette()));
  if (choice_ != nullptr) choice_->setPalette(dim);
  for (auto& row : rows_) {
    if (row.used != nullptr) row.used->setPalette(dim);
  }
}

}  // namespace nodetune
