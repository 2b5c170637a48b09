// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "app/window/signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <QSocketNotifier>
#include <array>
#include <csignal>

namespace nodetune {
namespace {

// A signal handler may do next to nothing: it writes one byte, the event loop reads it.
std::array<int, 2> pipe_ends = {-1, -1};

void note_signal(int) {
  const char byte = 1;
  [[maybe_unused]] const auto written = write(pipe_ends[1], &byte, 1);
}

void install(void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  action.sa_flags = flags;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

QuitSignals::QuitSignals(QObject* parent) : QObject(parent) {
  if (pipe2(pipe_ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return;  // they end it, as ever
  notifier_ = std::make_unique<QSocketNotifier>(pipe_ends[0], QSocketNotifier::Read);
  connect(notifier_.get(), &QSocketNotifier::activated, this, [this] {
    char byte = 0;
    while (read(pipe_ends[0], &byte, 1) == 1) {
    }
    emit asked_to_quit();
  });
  install(note_signal, static_cast<int>(SA_RESETHAND) | SA_RESTART);
}

QuitSignals::~QuitSignals() {
  install(SIG_DFL, 0);
  notifier_.reset();
  for (int& end : pipe_ends) {
    if (end >= 0) close(end);
    end = -1;
  }
}

}  // namespace nodetune
