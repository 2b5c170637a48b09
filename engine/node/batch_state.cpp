// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/batch_state.h"

#include <fmt/format.h>

#include <array>

#include "engine/base/format.h"

namespace nodetune {
namespace {

// A commit that takes longer is a stall, whatever RocksDB says of it.
constexpr double kLongCommitSeconds = 2;

std::string pending_text(const BatchFigures& figures) {
  return fmt::format("{} of {} wait for a commit",
                     format_bytes(static_cast<double>(figures.pending_bytes)),
                     format_bytes(static_cast<double>(figures.max_pending_bytes)));
}

std::string waiting_submits_text(const BatchFigures& figures) {
  if (figures.waiting_submits == 0) return pending_text(figures) + ".";
  return fmt::format(
      "{}; {} caller{} {} for room in the order in which they came, the first for {}.",
      pending_text(figures), figures.waiting_submits, figures.waiting_submits == 1 ? "" : "s",
      figures.waiting_submits == 1 ? "waits" : "wait",
      format_seconds(figures.longest_wait_seconds));
}

std::string write_stall_text(const WriteStall& stall) {
  std::string text = stall.level == WriteStall::Level::stopped ? "RocksDB has stopped writes"
                                                               : "RocksDB slows writes down";
  if (stall.cause) text += fmt::format(" because of {}", display_name(*stall.cause));
  if (!stall.families.empty()) text += fmt::format(" ({})", stall.families);
  if (stall.seconds > 0) text += fmt::format(", for {} by now", format_seconds(stall.seconds));
  return text;
}

// "from 1,450 operations": when commits like the last ones take this path.
std::string when_text(const BatchFigures& figures, WritePath path) {
  if (figures.usual_families == 0) return {};
  const auto& from = figures.path_thresholds[index_of(path)];
  std::optional<std::uint64_t> until;  // where the first path beyond takes over
  for (auto beyond = index_of(path) + 1; beyond < kWritePathCount; ++beyond) {
    const auto& other = figures.path_thresholds[beyond];
    if (other && (!until || *other < *until)) until = other;
  }
  if (!from || (until && *until <= *from)) return "never by commits like these";
  if (*from > 0) return fmt::format("from {} operations", format_whole(*from));
  return until ? fmt::format("below {} operations", format_whole(*until)) : "always";
}

std::string price_text(const DurabilityFigures& measured) {
  if (measured.commits == 0) return "not measured yet";
  return fmt::format("a commit takes {} (median of the last {}, {} operations each)",
                     format_seconds(measured.median_seconds),
                     format_whole(std::min<std::uint64_t>(measured.commits, kRecentCommits)),
                     format_whole(static_cast<std::uint64_t>(measured.mean_operations)));
}

}  // namespace

BatchFlowState describe_flow(const BatchFigures& figures, const WriteStall& stall) {
  if (figures.failing) {
    return {BatchFlow::failing,
            fmt::format("Commits have stopped, and nothing is lost: {} operations ({}) are kept.",
                        format_whole(figures.pending_operations),
                        format_bytes(static_cast<double>(figures.pending_bytes)))};
  }
  if (stall.level == WriteStall::Level::stopped) {
    return {BatchFlow::stopped, write_stall_text(stall) + ": " + waiting_submits_text(figures)};
  }
  if (stall.level == WriteStall::Level::slowed) {
    return {BatchFlow::held_up, write_stall_text(stall) + ": " + waiting_submits_text(figures)};
  }
  if (figures.commit_running_seconds > kLongCommitSeconds) {
    return {BatchFlow::held_up, fmt::format("The commit in progress has taken {} by now: {}",
                                            format_seconds(figures.commit_running_seconds),
                                            waiting_submits_text(figures))};
  }
  if (figures.waiting_submits > 0) {
    return {BatchFlow::held_up,
            "Writes come faster than the database takes them: " + waiting_submits_text(figures)};
  }
  if (figures.pending_operations > 0) {
    return {BatchFlow::flowing, "Commits keep up: " + pending_text(figures) + "."};
  }
  return {BatchFlow::idle, "Nothing waits for a commit."};
}

std::string failure_remedy(StatusCode code) {
  switch (code) {
    case StatusCode::no_space:
      return "Make room on the disk, then retry.";
    case StatusCode::permission_denied:
      return "Give this program's user the right to write there, then retry.";
    case StatusCode::io_error:
      return "See to the disk (the kernel's log names it), then retry.";
    case StatusCode::corrupt:
      return "Do not write on: close, and restore the directory from a copy.";
    case StatusCode::ok:
    case StatusCode::invalid_argument:
    case StatusCode::not_found:
    case StatusCode::locked:
    case StatusCode::not_a_database:
    case StatusCode::other_engine:
    case StatusCode::unsupported_format:
    case StatusCode::busy:
    case StatusCode::cancelled:
    case StatusCode::failed:
      break;
  }
  return "Retry once the cause is gone.";
}

std::vector<DurabilityState> describe_durabilities(const BatchFigures& figures) {
  std::vector<DurabilityState> states;
  for (const auto durability : kDurabilities) {
    DurabilityState state;
    state.durability = durability;
    state.in_force = figures.durability == durability;
    state.name = display_name(durability);
    state.price = price_text(figures.durabilities[index_of(durability)]);
    switch (durability) {
      case Durability::none:
        state.survives = "a clean close; a crash loses what was not flushed, in whole blocks";
        break;
      case Durability::log:
        state.survives = "a crash of this program; a power failure may lose the last blocks";
        break;
      case Durability::log_and_fsync:
        state.survives = "a power failure";
        if (figures.syncs.count > 0) {
          state.price = fmt::format(
              "fsync costs {} a commit here (median of the last {}); {}",
              format_seconds(figures.median_sync_seconds),
              format_whole(std::min<std::uint64_t>(figures.syncs.count, kRecentCommits)),
              state.price);
        }
        break;
    }
    states.push_back(std::move(state));
  }
  return states;
}

std::vector<PathState> describe_paths(const BatchFigures& figures) {
  std::vector<PathState> states;
  for (const auto path : kWritePaths) {
    const auto& used = figures.paths[index_of(path)];
    states.push_back({path, std::string(display_name(path)), used.commits, used.operations,
                      used.seconds, when_text(figures, path)});
  }
  return states;
}

std::string describe_path_choice(const BatchFigures& figures) {
  const auto& costs = figures.path_costs;
  std::string text =
      costs.measured()
          ? fmt::format("Chosen by what each path costs on this disk ({}, measured {}): ",
                        costs.device, format_time_utc(costs.calibrated_at))
          : std::string("Chosen by the costs of a usual disk, for none were measured here yet: ");
  text += fmt::format(
      "a sorted write batch {} + {} an operation, an ingestion {} + {} a family + {} an operation.",
      format_seconds(costs.seconds_per_commit), format_seconds(costs.seconds_per_operation_sorted),
      format_seconds(costs.seconds_per_ingestion), format_seconds(costs.seconds_per_ingested_file),
      format_seconds(costs.seconds_per_operation_ingested));
  if (figures.bulk) {
    text += fmt::format(" In an import a write batch's later flush counts, too: {} an operation.",
                        format_seconds(costs.seconds_per_operation_flushed));
  }
  if (figures.usual_families > 0) {
    text += fmt::format(" Commits now touch {} column families, with {} an operation.",
                        figures.usual_families, format_bytes(figures.usual_operation_bytes));
  }
  return text;
}

std::string describe_choice(const BatchFigures& figures,
                            const BatchSizeController::Choice& choice) {
  const auto size = format_whole(static_cast<std::uint64_t>(figures.auto_commit_threshold));
  if (figures.bulk && figures.size_mode != BatchSizeMode::fixed) {
    return fmt::format(
        "{} operations or {}, as many as a commit may hold: in an import the most operations a "
        "second count, not the time that a commit takes.",
        size, format_bytes(static_cast<double>(figures.max_batch_bytes)));
  }
  switch (figures.size_mode) {
    case BatchSizeMode::adaptive:
      return explain(choice);
    case BatchSizeMode::specification:
      return fmt::format(
          "{} operations: the specification's rule takes 1.2 times as many while commits are short "
          "and slower than its target rate, 0.8 times once they take too long.",
          size);
    case BatchSizeMode::fixed:
      break;
  }
  return fmt::format("{} operations, set by hand.", size);
}

std::string_view display_name(Durability durability) {
  static constexpr std::array<std::string_view, kDurabilityCount> kNames = {
      "No log", "Write-ahead log", "Write-ahead log and fsync"};
  return kNames[index_of(durability)];
}

std::string_view display_name(BatchSizeMode mode) {
  static constexpr std::array<std::string_view, 3> kNames = {
      "Adaptive: below a limit", "The specification's rule", "Fixed, by hand"};
  return kNames[static_cast<std::size_t>(mode)];
}

std::string_view display_name(WritePath path) {
  static constexpr std::array<std::string_view, kWritePathCount> kNames = {
      "Write batch as given", "Sorted write batch", "Ingested files"};
  return kNames[index_of(path)];
}

}  // namespace nodetune
