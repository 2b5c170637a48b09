// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The window's part in nodes on another machine.
#include <QLabel>
#include <utility>

#include "ui/bridge/remote_text.h"
#include "ui/shell/main_window.h"
#include "ui/shell/ssh_dialog.h"

namespace nodetune {

void MainWindow::open_over_ssh() {
  auto* dialog = new SshDialog(request_.path, this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &SshDialog::address_chosen, this, [this](const QString& url) {
    open({url, {}});
  });
  dialog->open();
}

// Told once for each change; a message of ours goes when it no longer holds.
void MainWindow::connection_changed() {
  const auto& node = session_.description();
  const QString now = connection_text(node);
  const QString before = std::exchange(connection_told_, now);
  if (now == before) return;
  const QString title = tr("This node is not connected");
  if (is_remote(node) && !is_connected(node)) {
    tell({Tone::warn, title, now, {}});
  } else if (messages_->message().title == title) {
    messages_->clear();
  }
}

void MainWindow::show_freshness() {
  const auto& node = session_.description();
  const auto age = session_.snapshot_age_seconds();
  const QString text = freshness_text(node, age, session_.utc());
  if (text == age_->text()) return;
  age_->setText(text);
  QPalette colours = palette();
  if (is_stale(node, age)) {
    colours.setColor(QPalette::WindowText, tone_colour(Tone::warn, is_dark(palette())));
  }
  age_->setPalette(colours);
}

}  // namespace nodetune
