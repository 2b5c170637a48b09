// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/report.h"

#include <iostream>
#include <memory>

#include "app/cli/support.h"
#include "engine/base/format.h"

namespace nodetune::cli {
namespace {

struct ReportArguments {
  std::string directory;
  std::string database;
  std::string metrics;
  std::string out;
  std::string seconds = "5s";
  std::string last;
  bool anonymise = false;
  bool with_names = false;
};

int run(const ReportArguments& options) {
  catch_signals();
  const auto format = report_format_of(options.out);
  if (!format) return fail(format.status());
  OpenOptions open;
  open.metrics_url = options.metrics;
  auto opened = open_node(options.directory, open);
  if (!opened) return fail(opened.status());
  const auto chosen = choose_database(**opened, options.database);
  if (!chosen) return fail(chosen.status());
  auto& node = **chosen;
  wait_while_running(seconds_of(options.seconds), [&] { return is_past(node); });
  ReportOptions report_options;
  report_options.points_max = points_max_for(*format);
  if (!options.last.empty()) report_options.last = from_seconds(seconds_of(options.last));
  if (options.anonymise) report_options.anonymise = true;
  if (options.with_names) report_options.anonymise = false;
  const auto report = make_report(node, report_options, SystemClock::instance());
  auto written = write_report(report, options.out, report_options);
  auto closed = (*opened)->close();
  if (!written) return fail(written);
  std::cerr << "Report: " << options.out << '\n';
  return closed ? kSuccess : fail(closed);
}

}  // namespace

void add_report(CLI::App& app, Action& action) {
  auto options = std::make_shared<ReportArguments>();
  auto* const command =
      app.add_subcommand("report", "Write a report: HTML, CSV (every series), JSON or Markdown");
  command->add_option("DIR", options->directory, "A database directory")->required();
  add_database_option(*command, options->database);
  add_metrics_option(*command, options->metrics);
  command->add_option("--out", options->out, "FILE.html, .csv, .json or .md")->required();
  command->add_option("--for", options->seconds, "How long to watch first")
      ->check(check_seconds)
      ->capture_default_str();
  command->add_option("--last", options->last, "Only so much of the history, such as 1h")
      ->check(check_seconds);
  auto* const anonymise =
      command->add_flag("--anonymise", options->anonymise, "Leave out paths and names");
  command
      ->add_flag("--with-names", options->with_names,
                 "Keep paths and names (Markdown leaves them out otherwise)")
      ->excludes(anonymise);
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace nodetune::cli
