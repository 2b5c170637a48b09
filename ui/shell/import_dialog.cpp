// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/shell/import_dialog.h"

#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QStandardPaths>
#include <QVBoxLayout>

#include "ui/bridge/text.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr int kListHeight = 14 * kGrid;

Status wrong(const QString& why) {
  return {StatusCode::invalid_argument, why.toStdString()};
}

// Empty: no limit. Nothing: it is no block's number.
Result<std::optional<std::uint64_t>> number_of(const QLineEdit* line) {
  const QString text = line->text().trimmed();
  if (text.isEmpty()) return std::optional<std::uint64_t>();
  bool ok = false;
  const auto number = text.toULongLong(&ok);
  if (!ok) return wrong(QObject::tr("“%1” is no block number.").arg(text));
  return std::optional<std::uint64_t>(number);
}

}  // namespace

ImportDialog::ImportDialog(const QString& folder, QWidget* parent)
    : QDialog(parent),
      files_(new QListWidget(this)),
      remove_(new QPushButton(tr("&Remove"), this)),
      folder_(new QLineEdit(this)),
      from_(new QLineEdit(this)),
      to_(new QLineEdit(this)),
      problem_(new QLabel(this)) {
  setWindowTitle(tr("Import blocks"));
  setMinimumWidth(75 * kGrid);
  files_->setObjectName(QStringLiteral("files"));
  files_->setAccessibleName(tr("Files with blocks"));
  files_->setSelectionMode(QAbstractItemView::ExtendedSelection);
  files_->setTextElideMode(Qt::ElideMiddle);
  files_->setFixedHeight(kListHeight);
  folder_->setObjectName(QStringLiteral("folder"));
  folder_->setAccessibleName(tr("Folder of the test bench"));
  const QString base = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation);
  folder_->setText(folder.isEmpty() ? base + QStringLiteral("/nodetune/import") : folder);
  from_->setObjectName(QStringLiteral("from"));
  from_->setPlaceholderText(tr("the first in the files"));
  to_->setObjectName(QStringLiteral("to"));
  to_->setPlaceholderText(tr("the last in the files"));
  problem_->setWordWrap(true);

  auto* add_files = new QPushButton(tr("&Add files…"), this);
  auto* add_folder = new QPushButton(tr("Add f&older…"), this);
  auto* browse = new QPushButton(tr("&Browse…"), this);
  auto* hint = new QLabel(tr("RLP block exports, as geth export and Besu write them (also .gz), "
                             "and era1 archives. Every hash is compared. Accounts, storage and "
                             "state nodes are not in such files."),
                          this);
  hint->setWordWrap(true);
  auto* list_buttons = new QHBoxLayout;
  list_buttons->addWidget(add_files);
  list_buttons->addWidget(add_folder);
  list_buttons->addWidget(remove_);
  list_buttons->addStretch(1);
  auto* bench = new QHBoxLayout;
  bench->addWidget(folder_, 1);
  bench->addWidget(browse);
  auto* form = new QFormLayout;
  form->addRow(tr("&Into:"), bench);
  form->addRow(tr("&From block:"), from_);
  form->addRow(tr("&To block:"), to_);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
  start_ = buttons->addButton(tr("&Start import"), QDialogButtonBox::AcceptRole);
  auto* rows = new QVBoxLayout(this);
  rows->addWidget(hint);
  rows->addSpacing(kGrid);
  rows->addWidget(files_);
  rows->addLayout(list_buttons);
  rows->addSpacing(kGrid);
  rows->addLayout(form);
  rows->addWidget(problem_);
  rows->addStretch();
  rows->addWidget(buttons);

  connect(add_files, &QPushButton::clicked, this, &ImportDialog::choose_files);
  connect(add_folder, &QPushButton::clicked, this, &ImportDialog::choose_folder_of_files);
  connect(remove_, &QPushButton::clicked, this, &ImportDialog::remove_selected);
  connect(browse, &QPushButton::clicked, this, &ImportDialog::choose_bench);
  connect(files_, &QListWidget::itemSelectionChanged, this, &ImportDialog::update_state);
  for (auto* line : {folder_, from_, to_}) {
    connect(line, &QLineEdit::textChanged, this, &ImportDialog::update_state);
  }
  connect(buttons, &QDialogButtonBox::accepted, this, &ImportDialog::confirm);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  update_state();
}

void ImportDialog::add_paths(const QStringList& paths) {
  for (const auto& path : paths) {
    if (files_->findItems(path, Qt::MatchExactly).isEmpty()) files_->addItem(path);
  }
  update_state();
}

Result<OpenRequest> ImportDialog::request() const {
  if (files_->count() == 0) return wrong(tr("Add a file with blocks, or a folder of them."));
  ImportConfig import;
  for (int row = 0; row < files_->count(); ++row) {
    const QString path = files_->item(row)->text();
    if (!QFileInfo::exists(path)) return wrong(tr("%1 does not exist.").arg(path));
    import.paths.push_back(QFile::encodeName(path).toStdString());
  }
  const QString path = folder_->text().trimmed();
  if (path.isEmpty()) return wrong(tr("Choose a folder for the test bench."));
  const QFileInfo folder(path);
  if (folder.exists() && !folder.isDir()) return wrong(tr("%1 is a file.").arg(path));
  const auto from = number_of(from_);
  if (!from) return from.status();
  const auto to = number_of(to_);
  if (!to) return to.status();
  import.from = *from;
  import.to = *to;
  if (import.from && import.to && *import.from > *import.to) {
    return wrong(tr("There is no block from %1 to %2.").arg(*import.from).arg(*import.to));
  }
  OpenRequest request;
  request.path = QDir::cleanPath(folder.absoluteFilePath());
  request.options.create_if_missing = true;
  request.options.start_workload = true;
  request.options.workload = WorkloadSpec{import, {}};
  return request;
}

void ImportDialog::update_state() {
  const auto chosen = request();
  problem_->setText(chosen ? QString() : to_qt(chosen.status().message()));
  start_->setEnabled(chosen.is_ok());
  remove_->setEnabled(!files_->selectedItems().isEmpty());
}

void ImportDialog::choose_files() {
  auto* dialog = new QFileDialog(this, tr("Files with blocks"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::ExistingFiles);
  connect(dialog, &QFileDialog::filesSelected, this, &ImportDialog::add_paths);
  dialog->open();
}

void ImportDialog::choose_folder_of_files() {
  auto* dialog = new QFileDialog(this, tr("Folder of files with blocks"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::Directory);
  connect(dialog, &QFileDialog::filesSelected, this, &ImportDialog::add_paths);
  dialog->open();
}

void ImportDialog::choose_bench() {
  auto* dialog = new QFileDialog(this, tr("Folder of the test bench"), folder_->text());
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::Directory);
  connect(dialog, &QFileDialog::fileSelected, folder_, &QLineEdit::setText);
  dialog->open();
}

void ImportDialog::remove_selected() {
  qDeleteAll(files_->selectedItems());
  update_state();
}

void ImportDialog::confirm() {
  const auto chosen = request();
  if (!chosen) return;
  emit import_chosen(chosen.value());
  accept();
}

}  // namespace nodetune
