// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/value_editor.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QSignalBlocker>

#include "ui/bridge/text.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr int kFieldWidth = 15 * kGrid;

}  // namespace

ValueEditor::ValueEditor(const QString& accessible_name, QWidget* parent)
    : QWidget(parent), line_(new QLineEdit(this)), choice_(new QComboBox(this)) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->addWidget(line_);
  row->addWidget(choice_);
  for (QWidget* field : {static_cast<QWidget*>(line_), static_cast<QWidget*>(choice_)}) {
    field->setAccessibleName(accessible_name);
    field->setFixedWidth(kFieldWidth);
  }
  line_->setAlignment(Qt::AlignRight);
  for (const auto compression : kCompressions) choice_->addItem(to_qt(to_string(compression)));
  choice_->hide();
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  setFocusProxy(line_);
  connect(line_, &QLineEdit::textEdited, this, &ValueEditor::edited);
  connect(line_, &QLineEdit::returnPressed, this, &ValueEditor::accepted);
  connect(choice_, &QComboBox::currentIndexChanged, this, &ValueEditor::edited);
}

void ValueEditor::set_value(const Target& target, std::int64_t value) {
  target_ = target;
  line_->setVisible(!is_choice());
  choice_->setVisible(is_choice());
  setFocusProxy(is_choice() ? static_cast<QWidget*>(choice_) : line_);
  line_->setText(to_qt(format_value(target, value)));
  const QSignalBlocker quiet(choice_);
  if (is_choice()) choice_->setCurrentText(to_qt(format_value(target, value)));
}

void ValueEditor::set_text(const QString& text) {
  if (is_choice()) {
    choice_->setCurrentText(text);
    return;
  }
  line_->setText(text);
  emit edited();
}

Result<std::int64_t> ValueEditor::value() const {
  const QString text = is_choice() ? choice_->currentText() : line_->text();
  return parse_value(target_, text.trimmed().toStdString());
}

void ValueEditor::focus() {
  focusProxy()->setFocus(Qt::ShortcutFocusReason);
  line_->selectAll();
}

}  // namespace nodetune
