// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QDoubleSpinBox>

namespace nodetune {

// A size in bytes, shown and typed with its unit: "64 MiB", "1.5G". A step is a quarter, as sizes
// are chosen by proportion. Thread: GUI.
class ByteSpinBox : public QDoubleSpinBox {
  Q_OBJECT
 public:
  explicit ByteSpinBox(QWidget* parent = nullptr);

  qint64 bytes() const { return static_cast<qint64>(value()); }
  void set_bytes(qint64 bytes) { setValue(static_cast<double>(bytes)); }

 signals:
  void confirmed();  // Return was pressed on a valid size

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  QString textFromValue(double value) const override;
  double valueFromText(const QString& text) const override;
  QValidator::State validate(QString& text, int& position) const override;
  void stepBy(int steps) override;
};

}  // namespace nodetune
