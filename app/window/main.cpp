// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors

// The window: puts engine and front end together.

#include <QApplication>
#include <QTimer>
#include <cstdio>

#include "app/window/signals.h"
#include "engine/node/open_node.h"
#include "engine/node/remote_node.h"
#include "ui/bridge/text.h"
#include "ui/shell/arguments.h"
#include "ui/shell/icons.h"
#include "ui/shell/main_window.h"
#include "ui/shell/report_action.h"
#include "ui/shell/settings.h"

namespace {

using namespace nodetune;

constexpr int kFailure = 1;
constexpr int kUsage = 2;

void say(const QString& text) {
  std::fprintf(stderr, "nodetune: %s\n", qPrintable(text));
}

bool has_display() {
  for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}) {
    if (!qEnvironmentVariableIsEmpty(name)) return true;
  }
  return false;
}

MainWindow::Config window_config(Settings& settings) {
  MainWindow::Config config;
  config.opener = [](const OpenRequest& request, JobControl& control) {
    const auto path = request.path.toStdString();
    if (!is_ssh_url(path)) return open_node(path, request.options);
    return open_remote(path, SystemClock::instance(), request.options.tuner, &control.cancelled);
  };
  config.report = make_report_action(settings);
  return config;
}

void take_picture(MainWindow& window, const QString& file, int* exit_code) {
  if (!window.grab().save(file)) {
    say(QObject::tr("%1 could not be written.").arg(file));
    *exit_code = kFailure;
  }
  window.quit_now();
}

// The picture is taken some time after the node is open, or after the start page is shown.
void plan_picture(MainWindow& window, const Arguments& arguments, int* exit_code) {
  const auto plan = [&window, &arguments, exit_code] {
    const int wait_ms = static_cast<int>(arguments.after_seconds * 1'000);
    QTimer::singleShot(wait_ms, &window, [&window, &arguments, exit_code] {
      take_picture(window, arguments.screenshot, exit_code);
    });
  };
  if (!arguments.open) {
    plan();
    return;
  }
  QObject::connect(&window.session(), &NodeSession::opened, &window, plan);
  QObject::connect(&window.session(), &NodeSession::open_failed, &window,
                   [&window, exit_code](const QString& reason) {
                     say(reason);
                     *exit_code = kFailure;
                     window.quit_now();
                   });
}

int run(QApplication& app, const Arguments& arguments) {
  Settings settings;
  Theme theme(&app);
  MainWindow window(window_config(settings), settings, theme);
  if (arguments.theme) theme.set_mode(*arguments.theme);
  if (arguments.size) window.resize(*arguments.size);
  if (!arguments.page.isEmpty()) (void)window.show_page(arguments.page);
  int exit_code = 0;
  QObject::connect(&window, &MainWindow::finished, &window, [&exit_code](const Status& status) {
    if (status.is_ok()) return;
    say(to_qt(status.message()));
    exit_code = kFailure;
  });
  QuitSignals quit_signals;
  QObject::connect(&quit_signals, &QuitSignals::asked_to_quit, &window, &MainWindow::quit_now);
  if (!arguments.screenshot.isEmpty()) plan_picture(window, arguments, &exit_code);
  window.show();
  if (arguments.open) window.open(*arguments.open);
  const int loop = app.exec();
  return exit_code != 0 ? exit_code : loop;
}

}  // namespace

int main(int argc, char** argv) {
  QStringList given;
  for (int i = 0; i < argc; ++i) given << QString::fromLocal8Bit(argv[i]);
  const auto arguments = parse_arguments(given);
  if (!arguments) {
    say(to_qt(arguments.status().message()));
    std::fputs("Try nodetune --help.\n", stderr);
    return kUsage;
  }
  if (arguments->help) {
    std::fputs(qPrintable(help_text()), stdout);
    return 0;
  }
  if (arguments->version) {
    std::puts("nodetune " NODETUNE_VERSION);
    return 0;
  }
  if (!has_display()) {
    if (arguments->screenshot.isEmpty()) {
      say(QObject::tr(
          "There is no display. nodetune-cli watch and nodetune-cli report need none."));
      return kFailure;
    }
    qputenv("QT_QPA_PLATFORM", "offscreen");
  }
  QApplication app(argc, argv);
  QApplication::setApplicationName(QStringLiteral("nodetune"));
  QApplication::setApplicationDisplayName(QStringLiteral("NodeTune"));
  QApplication::setApplicationVersion(QStringLiteral(NODETUNE_VERSION));
  QApplication::setOrganizationDomain(QStringLiteral("nodetune.org"));
  QApplication::setDesktopFileName(QStringLiteral("org.nodetune.NodeTune"));
  QApplication::setWindowIcon(application_icon());
  return run(app, *arguments);
}
