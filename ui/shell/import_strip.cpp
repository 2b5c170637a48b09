// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/shell/import_strip.h"

#include <QHBoxLayout>
#include <QProgressBar>
#include <cmath>

#include "ui/bridge/text.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr int kSteps = 1'000;  // of the bar
constexpr int kBarWidth = 30 * kGrid;
constexpr int kBarHeight = kGrid;

}  // namespace

QString import_text(const WorkloadStatus& status) {
  if (!status.import) return {};
  const auto& import = *status.import;
  QStringList parts;
  if (import.last) parts << QObject::tr("block %1").arg(whole_text(*import.last));
  switch (status.state) {
    case WorkloadState::none:
    case WorkloadState::idle:
      return QObject::tr("the import has not begun");
    case WorkloadState::preparing:
      return QObject::tr("opening the files, looking for the next block");
    case WorkloadState::running:
      parts << ratio_text(import.done_ratio);
      if (std::isfinite(import.blocks_per_second)) {
        parts << QObject::tr("%1 blocks/s").arg(count_text(import.blocks_per_second));
        parts << QObject::tr("%1/s").arg(bytes_text(import.bytes_per_second));
      }
      if (std::isfinite(import.seconds_left)) {
        parts << QObject::tr("%1 left").arg(seconds_text(import.seconds_left));
      }
      break;
    case WorkloadState::paused:
      parts << ratio_text(import.done_ratio) << QObject::tr("paused");
      break;
    case WorkloadState::stopped:
      parts << ratio_text(import.done_ratio)
            << QObject::tr("stopped; Start goes on behind the last block");
      break;
    case WorkloadState::finished:
    case WorkloadState::failed:
      parts << to_qt(status.text);
      break;
  }
  return parts.join(QStringLiteral(" · "));
}

ImportStrip::ImportStrip(QWidget* parent)
    : QWidget(parent), bar_(new QProgressBar(this)), text_(new ElidedLabel(Qt::ElideRight, this)) {
  bar_->setRange(0, kSteps);
  bar_->setTextVisible(false);
  bar_->setFixedSize(kBarWidth, kBarHeight);
  bar_->setAccessibleName(tr("How far the import is"));
  text_->setObjectName(QStringLiteral("import"));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kGrid);
  row->addWidget(bar_);
  row->addWidget(text_, 1);
  setVisible(false);
}

void ImportStrip::show_status(const WorkloadStatus& status) {
  setVisible(status.import.has_value());
  if (!status.import) return;
  bar_->setValue(static_cast<int>(std::lround(status.import->done_ratio * kSteps)));
  text_->set_whole_text(import_text(status));
}

}  // namespace nodetune
