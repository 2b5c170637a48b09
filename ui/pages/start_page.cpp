// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/start_page.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/chart/card.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/icons.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr int kButtonHeight = 4 * kGrid;
constexpr int kContentWidth = 92 * kGrid;
constexpr int kRecentRow = 7 * kGrid / 2;
constexpr int kRecentRows = 8;  // the rest is scrolled to

QLabel* wrapped(const QString& text, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  label->setWordWrap(true);
  return label;
}

// A card with what the button does below its title.
Card* offer(const QString& title, const QString& text, QPushButton* button, QWidget* parent) {
  auto* card = new Card(title, parent);
  card->body()->addWidget(wrapped(text, card), 1, Qt::AlignTop);
  card->body()->addWidget(button);
  return card;
}

}  // namespace

StartPage::StartPage(QWidget* parent)
    : QWidget(parent),
      offers_(new QWidget(this)),
      open_(new QPushButton(tr("&Open a directory…"), this)),
      recording_(new QPushButton(tr("Open &LOGs…"), this)),
      bench_(new QPushButton(tr("&New test bench…"), this)),
      recent_(new QListWidget(this)),
      recent_card_(new Card(tr("Opened before"), this)),
      drop_(new QLabel(tr("A directory or a file can also be dropped anywhere on this window."),
                       this)),
      progress_(new Card({}, this)),
      progress_text_(new ElidedLabel(Qt::ElideMiddle, this)),
      cancel_(new QPushButton(tr("&Cancel"), this)) {
  setAccessibleName(tr("Start"));
  auto* heading = new QLabel(tr("What is your node's storage doing?"), this);
  QFont large = font();
  large.setPointSizeF(large.pointSizeF() * 1.7);
  large.setBold(true);
  heading->setFont(large);

  auto* server = new QLabel(tr("On a server? <a href=\"ssh\">Open it over ssh…</a>"), this);
  server->setObjectName(QStringLiteral("over_ssh"));
  server->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
  connect(server, &QLabel::linkActivated, this, &StartPage::ssh_requested);
  auto* both = new QHBoxLayout;
  both->setSpacing(2 * kGrid);
  auto* node = offer(tr("Open my node"),
                     tr("The data directory of a running or stopped node. It is only looked at: "
                        "nothing is written, nothing is locked, RocksDB never opens it."),
                     open_, this);
  node->body()->insertWidget(1, server);
  both->addWidget(node);
  both->addWidget(offer(tr("Open LOGs or a recording"),
                        tr("LOG files of any RocksDB, from a colleague or an issue, or what "
                           "nodetune-cli recorded. For a folder of LOG files, open the folder."),
                        recording_, this));
  both->addWidget(offer(tr("Test this disk"),
                        tr("A database of NodeTune's own, driven by a chain: which load do this "
                           "disk and these settings carry?"),
                        bench_, this));
  open_->setDefault(true);
  for (auto* button : {open_, recording_, bench_}) button->setMinimumHeight(kButtonHeight);
  recent_->setAccessibleName(tr("Directories opened before"));
  recent_->setFrameShape(QFrame::NoFrame);
  recent_->setTextElideMode(Qt::ElideMiddle);
  recent_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  recent_card_->body()->addWidget(recent_);
  auto* offers = new QVBoxLayout(offers_);
  offers->setContentsMargins(0, 0, 0, 0);
  offers->setSpacing(2 * kGrid);
  offers->addLayout(both);
  offers->addWidget(recent_card_);
  offers->addWidget(drop_, 0, Qt::AlignHCenter);

  auto* bar = new QProgressBar(this);
  bar->setRange(0, 0);
  bar->setTextVisible(false);
  bar->setAccessibleName(tr("Working"));
  progress_->body()->addWidget(progress_text_);
  auto* line = new QHBoxLayout;
  line->addWidget(bar, 1);
  line->addWidget(cancel_);
  progress_->body()->addLayout(line);

  auto* column = new QVBoxLayout;
  column->setSpacing(3 * kGrid);
  column->addStretch(2);
  column->addWidget(heading);
  column->addWidget(progress_);
  column->addWidget(offers_);
  column->addStretch(3);
  auto* centre = new QHBoxLayout(this);
  auto* content = new QWidget(this);
  content->setLayout(column);
  content->setMaximumWidth(kContentWidth);
  centre->addStretch(1);
  centre->addWidget(content, 100);
  centre->addStretch(1);

  connect(open_, &QPushButton::clicked, this, &StartPage::open_requested);
  connect(recording_, &QPushButton::clicked, this, &StartPage::recording_requested);
  connect(bench_, &QPushButton::clicked, this, &StartPage::bench_requested);
  connect(cancel_, &QPushButton::clicked, this, &StartPage::cancel_requested);
  connect(recent_, &QListWidget::itemActivated, this, &StartPage::choose_recent);
  connect(recent_, &QListWidget::itemClicked, this, &StartPage::choose_recent);
  apply_palette();
  set_recent({});
  show_idle();
}

void StartPage::set_recent(const QStringList& paths) {
  recent_->clear();
  for (const auto& path : paths) {
    auto* item = new QListWidgetItem(path, recent_);
    item->setToolTip(path);
    item->setSizeHint({0, kRecentRow});
  }
  const int rows = std::clamp(static_cast<int>(paths.size()), 1, kRecentRows);
  recent_->setFixedHeight(rows * kRecentRow);
  recent_card_->setVisible(!paths.isEmpty());
}

void StartPage::show_progress(const QString& title, const QString& text, bool cancellable) {
  progress_text_->set_whole_text(text);
  progress_->set_title(title);
  cancel_->setVisible(cancellable);
  progress_->setVisible(true);
  offers_->setEnabled(false);
  if (cancellable) cancel_->setFocus();
}

void StartPage::show_idle() {
  progress_->setVisible(false);
  offers_->setEnabled(true);
  open_->setFocus();
}

void StartPage::choose_recent() {
  // Queued: opening changes the list that is just handling the click.
  if (const auto* item = recent_->currentItem()) {
    const QString path = item->text();
    QMetaObject::invokeMethod(
        this, [this, path] { emit path_chosen(path); }, Qt::QueuedConnection);
  }
}

void StartPage::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) apply_palette();
}

void StartPage::apply_palette() {
  const QColor text = palette().color(QPalette::ButtonText);
  open_->setIcon(icon(QStringLiteral("open"), text));
  recording_->setIcon(icon(QStringLiteral("open"), text));
  bench_->setIcon(icon(QStringLiteral("bench"), text));
  QPalette dim = palette();
  dim.setColor(QPalette::WindowText, dim_text_colour(palette()));
  drop_->setPalette(dim);
  QPalette list = palette();
  list.setColor(QPalette::Base, card_colour(palette()));
  recent_->setPalette(list);
}

}  // namespace nodetune
