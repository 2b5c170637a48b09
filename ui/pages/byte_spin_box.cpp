// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/pages/byte_spin_box.h"

#include <QKeyEvent>
#include <cmath>

#include "engine/base/format.h"
#include "ui/bridge/text.h"

namespace nodetune {
namespace {

constexpr double kStepFactor = 1.25;
constexpr double kLargest = 1024.0 * 1024.0 * double(kMiB);  // 1 TiB

}  // namespace

ByteSpinBox::ByteSpinBox(QWidget* parent) : QDoubleSpinBox(parent) {
  setDecimals(0);
  setRange(0, kLargest);
  setCorrectionMode(CorrectToPreviousValue);
}

void ByteSpinBox::keyPressEvent(QKeyEvent* event) {
  QDoubleSpinBox::keyPressEvent(event);
  if (event->key() != Qt::Key_Return && event->key() != Qt::Key_Enter) return;
  if (hasAcceptableInput()) emit confirmed();
}

QString ByteSpinBox::textFromValue(double value) const {
  return bytes_text(value);
}

double ByteSpinBox::valueFromText(const QString& text) const {
  // What is shown is rounded: unless somebody typed something else, the value stays what it was.
  if (text == bytes_text(value())) return value();
  const auto bytes = parse_bytes(text.trimmed().remove(QLatin1Char(' ')).toStdString());
  return bytes ? static_cast<double>(*bytes) : value();
}

QValidator::State ByteSpinBox::validate(QString& text, int&) const {
  const auto bytes = parse_bytes(text.trimmed().remove(QLatin1Char(' ')).toStdString());
  if (!bytes) return QValidator::Intermediate;
  const auto value = static_cast<double>(*bytes);
  return value >= minimum() && value <= maximum() ? QValidator::Acceptable
                                                  : QValidator::Intermediate;
}

void ByteSpinBox::stepBy(int steps) {
  const double wanted = value() * std::pow(kStepFactor, steps);
  setValue(std::max(std::round(wanted / double(kMiB)) * double(kMiB), minimum()));
  selectAll();
}

}  // namespace nodetune
