// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/page_scroll.h"

#include <QApplication>
#include <QEvent>
#include <QHBoxLayout>

#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr int kPanelWidth = 26 * kGrid;  // at least
constexpr int kPanelHeight = 25 * kGrid;

}  // namespace

PageScroll::PageScroll(QWidget* content, QWidget* parent) : QScrollArea(parent) {
  setWidgetResizable(true);
  setFrameShape(QFrame::NoFrame);
  setFocusPolicy(Qt::NoFocus);
  setWidget(content);
  content->installEventFilter(this);
}

// QScrollArea learns nothing of a content that grew while it was hidden, and would squeeze it.
void PageScroll::showEvent(QShowEvent* event) {
  QScrollArea::showEvent(event);
  QApplication::postEvent(this, new QEvent(QEvent::LayoutRequest));
}

bool PageScroll::eventFilter(QObject* object, QEvent* event) {
  if (object == widget() && event->type() == QEvent::LayoutRequest) {
    QApplication::postEvent(this, new QEvent(QEvent::LayoutRequest));
  }
  return QScrollArea::eventFilter(object, event);
}

PanelRow::PanelRow(QWidget* parent) : QWidget(parent) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kGrid * 3 / 2);
}

void PanelRow::add(QWidget* panel) {
  panel->setMinimumSize(kPanelWidth, kPanelHeight);
  static_cast<QHBoxLayout*>(layout())->addWidget(panel, 1);
}

}  // namespace nodetune
