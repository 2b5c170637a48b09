// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QWidget>
#include <cstdint>

#include "engine/tuner/target.h"

class QComboBox;
class QLineEdit;

namespace nodetune {

// One field for the value of any target: sizes and counts are typed ("96MiB", "4"), compression is
// chosen. Thread: GUI.
class ValueEditor : public QWidget {
  Q_OBJECT
 public:
  explicit ValueEditor(const QString& accessible_name, QWidget* parent = nullptr);

  // Shows this value; emits nothing.
  void set_value(const Target& target, std::int64_t value);
  // What is typed, or what is wrong with it.
  Result<std::int64_t> value() const;
  void set_text(const QString& text);  // as if typed
  void focus();

 signals:
  void edited();
  void accepted();  // Return was pressed

 private:
  bool is_choice() const { return target_.is_knob(Knob::compression); }

  Target target_;
  QLineEdit* line_;
  QComboBox* choice_;
};

}  // namespace nodetune
