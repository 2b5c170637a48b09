// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/shell/new_bench_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QStandardPaths>
#include <QVBoxLayout>

#include "engine/base/format.h"
#include "ui/bridge/text.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr double kRateMax = 10'000;  // blocks a second
constexpr double kRateDefault = 2;   // 24 times mainnet's
constexpr double kPrefillMaxGib = 4'096;
constexpr int kFreePercentDefault = 10;  // the specification's "critical"
constexpr int kSynthetic = 0;
constexpr int kAccessLists = 1;

QWidget* with_button(QLineEdit* line, QPushButton* button, QWidget* parent) {
  auto* both = new QWidget(parent);
  auto* row = new QHBoxLayout(both);
  row->setContentsMargins(0, 0, 0, 0);
  row->addWidget(line, 1);
  row->addWidget(button);
  both->setFocusProxy(line);
  return both;
}

}  // namespace

NewBenchDialog::NewBenchDialog(QWidget* parent)
    : QDialog(parent),
      folder_(new QLineEdit(this)),
      workload_(new QComboBox(this)),
      lists_(new QLineEdit(this)),
      browse_lists_(new QPushButton(tr("Browse…"), this)),
      rate_(new QDoubleSpinBox(this)),
      prefill_gib_(new QDoubleSpinBox(this)),
      free_percent_(new QSpinBox(this)),
      hints_(new QCheckBox(tr("F&etch what a block will read while the one before runs"), this)),
      problem_(new QLabel(this)) {
  setWindowTitle(tr("New test bench"));
  setMinimumWidth(70 * kGrid);
  const QString base = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation);
  folder_->setText(base + QStringLiteral("/nodetune/test-bench"));
  folder_->setObjectName(QStringLiteral("folder"));
  folder_->setAccessibleName(tr("Folder of the test bench"));
  workload_->addItem(tr("Synthetic chain: endless, reproducible, made up"));
  workload_->addItem(tr("Ethereum block access lists: real accounts and slots"));
  lists_->setPlaceholderText(tr("Folder of *.rlp files"));
  rate_->setRange(0, kRateMax);
  rate_->setValue(kRateDefault);
  rate_->setSuffix(tr(" blocks/s"));
  rate_->setSpecialValueText(tr("as fast as possible"));
  prefill_gib_->setRange(0, kPrefillMaxGib);
  prefill_gib_->setSuffix(tr(" GiB"));
  prefill_gib_->setSpecialValueText(tr("nothing"));
  prefill_gib_->setToolTip(
      tr("More than the machine's memory: otherwise the disk is hardly read."));
  free_percent_->setRange(1, 90);
  free_percent_->setValue(kFreePercentDefault);
  free_percent_->setSuffix(tr(" % free disk"));
  hints_->setObjectName(QStringLiteral("hints"));
  hints_->setToolTip(
      tr("Each block's access list is read ahead in batches: blocks wait less for a "
         "cold disk, and nearly all of their first touches come from memory."));
  problem_->setWordWrap(true);

  auto* browse = new QPushButton(tr("&Browse…"), this);
  auto* form = new QFormLayout;
  form->addRow(tr("&Folder:"), with_button(folder_, browse, this));
  form->addRow(tr("&Workload:"), workload_);
  form->addRow(tr("Access &lists:"), with_button(lists_, browse_lists_, this));
  form->addRow(tr("&Rate:"), rate_);
  form->addRow(tr("Store &before the first block:"), prefill_gib_);
  form->addRow(tr("&Stop below:"), free_percent_);
  form->addRow(tr("Access hints:"), hints_);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
  create_ = buttons->addButton(tr("&Create and start"), QDialogButtonBox::AcceptRole);
  auto* rows = new QVBoxLayout(this);
  auto* hint = new QLabel(tr("A test bench is a database of NodeTune's own. It shows which chain "
                             "this disk and these settings carry; it is not your node."),
                          this);
  hint->setWordWrap(true);
  rows->addWidget(hint);
  rows->addSpacing(kGrid);
  rows->addLayout(form);
  rows->addWidget(problem_);
  rows->addStretch();
  rows->addWidget(buttons);

  connect(browse, &QPushButton::clicked, this, &NewBenchDialog::choose_folder);
  connect(browse_lists_, &QPushButton::clicked, this, &NewBenchDialog::choose_lists);
  connect(folder_, &QLineEdit::textChanged, this, &NewBenchDialog::update_state);
  connect(lists_, &QLineEdit::textChanged, this, &NewBenchDialog::update_state);
  connect(workload_, &QComboBox::currentIndexChanged, this, &NewBenchDialog::update_state);
  connect(buttons, &QDialogButtonBox::accepted, this, &NewBenchDialog::confirm);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  update_state();
}

Result<OpenRequest> NewBenchDialog::request() const {
  const auto wrong = [](const QString& why) {
    return Status(StatusCode::invalid_argument, why.toStdString());
  };
  const QString path = folder_->text().trimmed();
  if (path.isEmpty()) return wrong(tr("Choose a folder for the test bench."));
  const QFileInfo folder(path);
  if (folder.exists() && !folder.isDir()) return wrong(tr("%1 is a file.").arg(path));
  OpenRequest request;
  request.path = QDir::cleanPath(folder.absoluteFilePath());
  WorkloadSpec spec;
  if (workload_->currentIndex() == kAccessLists) {
    const QString lists = lists_->text().trimmed();
    if (lists.isEmpty()) return wrong(tr("Choose the folder that holds the access lists."));
    if (!QFileInfo::exists(lists)) return wrong(tr("%1 does not exist.").arg(lists));
    AccessListConfig config;
    config.path = lists.toStdString();
    config.hints = hints_->isChecked();
    spec.what = config;
  } else {
    SyntheticConfig config;
    config.prefill_bytes = static_cast<std::int64_t>(prefill_gib_->value() * double(kGiB));
    config.hints = hints_->isChecked();
    spec.what = config;
  }
  if (rate_->value() > 0) spec.blocks_per_second = rate_->value();
  spec.stop_below_free_ratio = free_percent_->value() / 100.0;
  request.options.create_if_missing = true;
  request.options.start_workload = true;
  request.options.workload = spec;
  return request;
}

void NewBenchDialog::update_state() {
  const bool lists = workload_->currentIndex() == kAccessLists;
  lists_->setEnabled(lists);
  browse_lists_->setEnabled(lists);
  prefill_gib_->setEnabled(workload_->currentIndex() == kSynthetic);
  const auto chosen = request();
  problem_->setText(chosen ? QString() : to_qt(chosen.status().message()));
  create_->setEnabled(chosen.is_ok());
}

void NewBenchDialog::choose_folder() {
  auto* dialog = new QFileDialog(this, tr("Folder of the test bench"), folder_->text());
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::Directory);
  connect(dialog, &QFileDialog::fileSelected, folder_, &QLineEdit::setText);
  dialog->open();
}

void NewBenchDialog::choose_lists() {
  auto* dialog = new QFileDialog(this, tr("Folder of access lists"), lists_->text());
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::Directory);
  connect(dialog, &QFileDialog::fileSelected, lists_, &QLineEdit::setText);
  dialog->open();
}

void NewBenchDialog::confirm() {
  const auto chosen = request();
  if (!chosen) return;
  emit bench_chosen(chosen.value());
  accept();
}

}  // namespace nodetune
