// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "app/cli/batch_options.h"

#include "app/cli/support.h"
#include "engine/base/format.h"

namespace nodetune::cli {
namespace {

// "50ms", "200us", else as parse_seconds() has it.
Result<double> limit_from(const std::string& text) {
  double scale = 1;
  auto number = text;
  if (text.size() > 2 && (text.ends_with("ms") || text.ends_with("us"))) {
    scale = text.ends_with("ms") ? 1e-3 : 1e-6;
    number.resize(text.size() - 2);
  }
  const auto value = parse_seconds(number);
  if (!value) return value.status();
  const double seconds = *value * scale;
  if (seconds >= kCommitSecondsMaxLeast && seconds <= kCommitSecondsMaxMost) return seconds;
  return Status(StatusCode::invalid_argument, "a limit for a commit lies between " +
                                                  format_seconds(kCommitSecondsMaxLeast) + " and " +
                                                  format_seconds(kCommitSecondsMaxMost));
}

std::string check_commit_limit(const std::string& text) {
  const auto limit = limit_from(text);
  return limit ? std::string() : limit.status().message();
}

}  // namespace

void BatchOptions::add_to(CLI::App& command) {
  auto* const durability =
      command
          .add_option("--durability", durability_,
                      "What a commit survives: none (no write-ahead log: a clean close), log (a "
                      "crash of this program), fsync (a power failure)")
          ->check(CLI::IsMember({"none", "log", "fsync"}));
  command.add_flag("--no-wal", no_wal_, "The same as --durability none")->excludes(durability);
  auto* const mode =
      command
          .add_option("--batch-mode", mode_,
                      "Who decides how many operations a commit holds: adaptive (as many as keep "
                      "--commit-limit), specification (its rule), fixed")
          ->check(CLI::IsMember({"adaptive", "specification", "fixed"}));
  command
      .add_option("--commit-limit", commit_limit_,
                  "Adaptive: what 99 of 100 commits stay below, such as 50ms")
      ->check(check_commit_limit);
  command.add_option("--batch-size", size_, "Operations a commit holds, by hand")
      ->check(CLI::PositiveNumber)
      ->excludes(mode);
  command
      .add_option("--write-path", path_,
                  "How every commit is written: as_given, sorted, ingested (as table files); "
                  "without it, the one that costs least at its size")
      ->check(CLI::IsMember({"as_given", "sorted", "ingested"}));
}

BatchSettings BatchOptions::settings() const {
  BatchSettings settings;
  if (no_wal_ || durability_ == "none") settings.durability = Durability::none;
  if (durability_ == "log") settings.durability = Durability::log;
  if (durability_ == "fsync") settings.durability = Durability::log_and_fsync;
  if (!mode_.empty()) settings.mode = batch_size_mode_of(mode_);
  if (!commit_limit_.empty()) {
    if (const auto limit = limit_from(commit_limit_)) settings.commit_seconds_max = *limit;
  }
  if (size_ > 0) settings.size = size_;
  return settings;
}

}  // namespace nodetune::cli
