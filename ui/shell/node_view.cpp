// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/shell/node_view.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QListWidget>
#include <QStackedWidget>
#include <QTabWidget>
#include <QVBoxLayout>
#include <utility>

#include "ui/pages/page.h"
#include "ui/shell/icons.h"
#include "ui/shell/node_header.h"
#include "ui/shell/page_list.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr int kSidebarWidth = 19 * kGrid;
constexpr int kRowHeight = 5 * kGrid;

// The tab whose title begins so; without such a tab the page stays as it is.
void show_tab(const QWidget* page, const QString& title) {
  auto* tabs = title.isEmpty() ? nullptr : page->findChild<QTabWidget*>();
  for (int i = 0; tabs != nullptr && i < tabs->count(); ++i) {
    const QString text = tabs->tabText(i).remove('&');
    if (text.startsWith(title, Qt::CaseInsensitive)) tabs->setCurrentIndex(i);
  }
}

QString shown_tab(const QWidget* page) {
  const auto* tabs = page->findChild<QTabWidget*>();
  return tabs == nullptr ? QString() : tabs->tabText(tabs->currentIndex()).remove('&');
}

}  // namespace

NodeView::NodeView(NodeSession& session, Theme& theme, QWidget* parent)
    : QWidget(parent),
      session_(session),
      theme_(theme),
      sidebar_(new QListWidget(this)),
      stack_(new QStackedWidget(this)) {
  sidebar_->setObjectName(QStringLiteral("sidebar"));
  sidebar_->setAccessibleName(tr("Pages"));
  sidebar_->setFixedWidth(kSidebarWidth);
  sidebar_->setFrameShape(QFrame::NoFrame);
  sidebar_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  sidebar_->setIconSize({20, 20});
  auto* header = new NodeHeader(session, this);  // before the pages: Tab goes that way
  int number = 0;
  for (const auto& entry : page_list(session.description().way)) {
    auto* row = new QListWidgetItem(entry.title, sidebar_);
    row->setSizeHint({0, kRowHeight});
    row->setToolTip(tr("%1 (Ctrl+%2)").arg(entry.title).arg(++number));
  }
  build_pages();
  connect(&session, &NodeSession::database_changed, this, &NodeView::database_changed);
  connect(sidebar_, &QListWidget::currentRowChanged, this, [this](int row) {
    if (row < 0) return;
    stack_->setCurrentIndex(row);
    emit page_changed(page_name());
  });

  auto* columns = new QHBoxLayout;
  columns->setSpacing(0);
  columns->addWidget(sidebar_);
  columns->addWidget(stack_, 1);
  auto* rows = new QVBoxLayout(this);
  rows->setContentsMargins(0, 0, 0, 0);
  rows->setSpacing(0);
  rows->addWidget(header);
  rows->addLayout(columns, 1);
  sidebar_->setCurrentRow(0);
  setFocusProxy(sidebar_);
  apply_palette();
}

void NodeView::build_pages() {
  for (const auto& entry : page_list(session_.description().way)) {
    auto* page = entry.make(session_, theme_, stack_);
    pages_.push_back(page);
    stack_->addWidget(page);
    connect(page, &Page::page_requested, this, &NodeView::show_page);
  }
}

// Charts and tables keep what they have read: with another database they begin anew, at the same
// place.
void NodeView::database_changed() {
  const QString place = page_name() + "/" + shown_tab(stack_->currentWidget());
  setUpdatesEnabled(false);
  for (auto* page : std::exchange(pages_, {})) delete page;
  {
    const QSignalBlocker quiet(sidebar_);
    build_pages();
    stack_->setCurrentIndex(sidebar_->currentRow());
  }
  show_page(place);
  setUpdatesEnabled(true);
}

bool NodeView::show_page(const QString& wanted) {
  const QString place = page_in(wanted, session_.description().way);
  const QString name = place.section('/', 0, 0);
  for (std::size_t i = 0; i < pages_.size(); ++i) {
    if (pages_[i]->name() != name) continue;
    sidebar_->setCurrentRow(static_cast<int>(i));
    show_tab(pages_[i], place.section('/', 1));
    return true;
  }
  return false;
}

QString NodeView::page_name() const {
  const int row = stack_->currentIndex();
  return row < 0 ? QString() : pages_[static_cast<std::size_t>(row)]->name();
}

void NodeView::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) apply_palette();
}

void NodeView::apply_palette() {
  const QColor text = palette().color(QPalette::WindowText);
  for (int i = 0; i < sidebar_->count(); ++i) {
    sidebar_->item(i)->setIcon(icon(pages_[static_cast<std::size_t>(i)]->name(), text));
  }
  const QColor chosen = mix(palette().color(QPalette::Window), palette().color(QPalette::Highlight),
                            is_dark(palette()) ? 0.35 : 0.18);
  sidebar_->setStyleSheet(
      QStringLiteral("QListWidget { background: transparent; outline: none; padding: 8px; }"
                     "QListWidget::item { border-radius: 6px; padding-left: 6px; color: %1; }"
                     "QListWidget::item:selected { background: %2; color: %1; }"
                     "QListWidget::item:selected:focus { border: 1px solid %3; }"
                     "QListWidget::item:hover:!selected { background: %4; }")
          .arg(text.name(), chosen.name(), palette().color(QPalette::Highlight).name(),
               mix(palette().color(QPalette::Window), text, 0.06).name()));
}

}  // namespace nodetune
