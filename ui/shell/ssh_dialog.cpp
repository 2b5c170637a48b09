// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/shell/ssh_dialog.h"

#include <QDialogButtonBox>
#include <QFontDatabase>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "engine/node/remote_address.h"
#include "ui/bridge/text.h"
#include "ui/shell/theme.h"

namespace nodetune {
namespace {

constexpr int kWidth = 76 * kGrid;
constexpr int kCommandLines = 3;

Result<RemoteAddress> address_in(const QLineEdit& account, const QLineEdit& port,
                                 const QLineEdit& directory) {
  const auto text = [](const QLineEdit& line) { return line.text().trimmed().toStdString(); };
  if (account.text().trimmed().isEmpty()) {
    return Status(StatusCode::invalid_argument,
                  QObject::tr("Which machine? Write it as in ssh user@host.").toStdString());
  }
  if (directory.text().trimmed().isEmpty()) {
    return Status(StatusCode::invalid_argument,
                  QObject::tr("Which directory there? /data/besu, or ~/besu.").toStdString());
  }
  return remote_address(text(account), text(port), text(directory));
}

// As it would be typed.
QString command_text(const RemoteAddress& address) {
  QStringList words;
  for (const auto& word : ssh_arguments(address, SshProgram::of_environment())) {
    const bool plain = std::ranges::none_of(word, [](char c) {
      return QLatin1String(" \t'\"$`\\;&|<>()*?#~!{}").contains(QLatin1Char(c));
    });
    words << to_qt(plain && !word.empty() ? word : quoted_for_shell(word));
  }
  return words.join(QLatin1Char(' '));
}

QLabel* wrapped(const QString& text, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  label->setTextFormat(Qt::PlainText);
  label->setWordWrap(true);
  return label;
}

}  // namespace

SshDialog::SshDialog(const QString& url, QWidget* parent)
    : QDialog(parent),
      account_(new QLineEdit(this)),
      port_(new QLineEdit(this)),
      directory_(new QLineEdit(this)),
      command_(wrapped({}, this)),
      problem_(wrapped({}, this)) {
  setWindowTitle(tr("Open over ssh"));
  setMinimumWidth(kWidth);
  account_->setObjectName(QStringLiteral("account"));
  account_->setPlaceholderText(tr("user@host, or a name of your ~/.ssh/config"));
  port_->setObjectName(QStringLiteral("port"));
  port_->setPlaceholderText(tr("as ssh is set up"));
  directory_->setObjectName(QStringLiteral("directory"));
  directory_->setPlaceholderText(tr("the node's data directory there"));
  command_->setObjectName(QStringLiteral("command"));
  command_->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
  command_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  command_->setMinimumHeight(kCommandLines * command_->fontMetrics().lineSpacing());
  command_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  command_->setAccessibleName(tr("Command that will run"));
  if (const auto address = parse_ssh_url(url.toStdString())) {
    account_->setText(to_qt(address->account()));
    if (address->port) port_->setText(QString::number(*address->port));
    const bool absolute = address->directory.starts_with('/');
    directory_->setText((absolute ? QString() : QStringLiteral("~/")) + to_qt(address->directory));
  }
  auto* hint = wrapped(tr("nodetune-cli records there, reading only, and what it sees is shown "
                          "here. It must be installed there; your ssh key must be accepted."),
                       this);
  auto* form = new QFormLayout;
  form->addRow(tr("&Machine:"), account_);
  form->addRow(tr("&Port:"), port_);
  form->addRow(tr("&Directory:"), directory_);
  form->addRow(tr("Runs:"), command_);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
  open_ = buttons->addButton(tr("&Open"), QDialogButtonBox::AcceptRole);
  auto* rows = new QVBoxLayout(this);
  rows->addWidget(hint);
  rows->addSpacing(kGrid);
  rows->addLayout(form);
  rows->addWidget(problem_);
  rows->addStretch();
  rows->addWidget(buttons);
  for (auto* line : {account_, port_, directory_}) {
    connect(line, &QLineEdit::textChanged, this, &SshDialog::update_state);
  }
  connect(buttons, &QDialogButtonBox::accepted, this, &SshDialog::confirm);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  update_state();
}

Result<QString> SshDialog::url() const {
  const auto address = address_in(*account_, *port_, *directory_);
  if (!address) return address.status();
  return to_qt(address->url());
}

void SshDialog::update_state() {
  const auto address = address_in(*account_, *port_, *directory_);
  command_->setText(address ? command_text(*address) : QString());
  problem_->setText(address ? QString() : to_qt(address.status().message()));
  open_->setEnabled(address.is_ok());
}

void SshDialog::confirm() {
  const auto chosen = url();
  if (!chosen) return;
  emit address_chosen(*chosen);
  accept();
}

}  // namespace nodetune
