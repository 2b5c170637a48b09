// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/health.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "engine/base/format.h"
#include "engine/metrics/stall_conditions.h"

namespace nodetune {
namespace {

// The window's mean of each figure; missing stays missing.
struct Window {
  double seconds = 0;  // of it that stall figures cover: a fresh start has less than all
  double stalled_share = kMissing;
  double disk_busy = kMissing;
  double disk_latency = kMissing;  // the worse of read and write
  double cpu = kMissing;
  std::array<double, kStallCauses.size()> stalls = {};  // by cause: how often entered
};

HistoryPoint total_of(const History& history, Metric metric, TimePoint begin, TimePoint end) {
  HistoryPoint total;
  for (const auto& point : history.range(metric, begin, end, 1'000)) {
    total.sum += point.sum;
    total.seconds += point.seconds;
    total.count += point.count;
  }
  return total;
}

double mean_of(const History& history, Metric metric, TimePoint begin, TimePoint end) {
  return total_of(history, metric, begin, end).mean(info(metric).kind);
}

Window look(const Snapshot& newest, const History& history, Duration span) {
  const auto end = newest.taken_at + std::chrono::seconds(1);
  const auto begin = newest.taken_at - span;
  Window window;
  const auto stalled = total_of(history, Metric::db_stall_seconds_total, begin, end);
  window.seconds = std::min(std::round(stalled.seconds), to_seconds(span));
  window.stalled_share = stalled.mean(MetricKind::counter);
  window.disk_busy = mean_of(history, Metric::disk_utilisation_ratio, begin, end);
  window.disk_latency = std::fmax(mean_of(history, Metric::disk_read_latency_seconds, begin, end),
                                  mean_of(history, Metric::disk_write_latency_seconds, begin, end));
  window.cpu = mean_of(history, Metric::system_cpu_ratio, begin, end);
  for (const auto& condition : kStallConditions) {
    window.stalls[static_cast<std::size_t>(condition.cause)] +=
        total_of(history, condition.entered, begin, end).sum;
  }
  return window;
}

// The cause that was entered most often: RocksDB counts conditions, not seconds, by cause. Where
// none began within the window, it is one of before that lasts.
std::string_view worst_stall(const Window& window, const Snapshot& newest) {
  auto counts = window.stalls;
  if (std::all_of(counts.begin(), counts.end(), [](double count) { return !(count > 0); })) {
    counts = {};
    for (const auto& stall : newest.stalls) {
      counts[static_cast<std::size_t>(stall.cause)] += static_cast<double>(stall.count);
    }
  }
  const auto most = std::max_element(counts.begin(), counts.end());
  if (!(*most > 0)) return {};
  return display_name(kStallCauses[static_cast<std::size_t>(most - counts.begin())]);
}

HealthLevel level_above(double value, double warning, double bad) {
  if (value > bad) return HealthLevel::bad;
  if (value > warning) return HealthLevel::warning;
  return HealthLevel::good;
}

std::optional<Health> judge_space(const Snapshot& newest, const HealthConfig& config) {
  const double free_ratio = newest.value(Metric::disk_free_ratio);
  if (!(free_ratio < config.disk_free_warning)) return std::nullopt;
  const bool bad = free_ratio < config.disk_free_bad;
  return Health{bad ? HealthLevel::bad : HealthLevel::warning, HealthCause::disk,
                fmt::format("The disk is filling up: {} free, {}.", format_ratio(free_ratio),
                            format_bytes(newest.value(Metric::disk_free_bytes)))};
}

std::optional<Health> judge_memory(const Snapshot& newest, const HealthConfig& config) {
  const double ratio = newest.value(Metric::system_memory_ratio);
  const auto level = level_above(ratio, config.memory_ratio_warning, config.memory_ratio_bad);
  if (level == HealthLevel::good) return std::nullopt;
  return Health{level, HealthCause::memory,
                fmt::format("Memory is short: {} of {} in use.", format_ratio(ratio),
                            format_bytes(newest.value(Metric::system_memory_limit_bytes)))};
}

// Nothing is written any more until somebody sees to it.
std::optional<Health> judge_commits(const Snapshot& newest) {
  if (!(newest.value(Metric::batch_failing) > 0)) return std::nullopt;
  return Health{HealthLevel::bad, HealthCause::disk,
                fmt::format("Commits fail: {} operations are kept and wait for a retry.",
                            format_count(newest.value(Metric::batch_pending_operations)))};
}

// The first of its kind, and how many there are.
std::optional<Health> judge_problems(const std::vector<Problem>& problems, ProblemKind kind) {
  const auto is_meant = [kind](const Problem& problem) { return problem.kind == kind; };
  const auto first = std::find_if(problems.begin(), problems.end(), is_meant);
  if (first == problems.end()) return std::nullopt;
  const auto more = std::count_if(first + 1, problems.end(), is_meant);
  const auto level = kind == ProblemKind::damaged ? HealthLevel::bad : HealthLevel::warning;
  return Health{level, HealthCause::database,
                more == 0 ? fmt::format("{}.", first->text)
                          : fmt::format("{}; {} more, see Events.", first->text, more)};
}

std::string waiting_callers_text(const Snapshot& newest) {
  const double callers = newest.value(Metric::batch_waiting_callers);
  if (!(callers > 0)) return {};
  return fmt::format("; {} caller{} for room, the first for {}", callers,
                     callers > 1 ? "s wait" : " waits",
                     format_seconds(newest.value(Metric::batch_wait_seconds)));
}

// Writers stall: because compaction is behind, and behind that perhaps disk or processor.
std::optional<Health> judge_stalls(const Snapshot& newest, const Window& window,
                                   const HealthConfig& config) {
  auto level =
      level_above(window.stalled_share, config.stalled_share_warning, config.stalled_share_bad);
  const bool stopped = newest.value(Metric::db_write_stopped) > 0;
  if (stopped) level = HealthLevel::bad;
  if (level == HealthLevel::good) return std::nullopt;
  const auto cause = worst_stall(window, newest);
  auto what = stopped
                  ? std::string("Writes are stopped now")
                  : fmt::format("Writers were stalled for {} of the last {}",
                                format_ratio(window.stalled_share), format_seconds(window.seconds));
  if (!cause.empty()) what += fmt::format(" ({})", cause);
  what += waiting_callers_text(newest);
  if (window.disk_busy > config.disk_busy_high ||
      window.disk_latency > config.disk_latency_high_seconds) {
    return Health{level, HealthCause::disk,
                  fmt::format("{}: the disk cannot keep up ({} busy, {} a request).", what,
                              format_ratio(window.disk_busy), format_seconds(window.disk_latency))};
  }
  if (window.cpu > config.cpu_ratio_high) {
    return Health{level, HealthCause::load,
                  fmt::format("{}: the processors are busy ({}).", what, format_ratio(window.cpu))};
  }
  const double debt = newest.value(Metric::db_pending_compaction_bytes);
  return Health{level, HealthCause::compaction,
                std::isnan(debt) ? fmt::format("{}: compaction is behind.", what)
                                 : fmt::format("{}: compaction is behind, with {} to rewrite.",
                                               what, format_bytes(debt))};
}

// Nothing stalls, but something is near its limit.
std::optional<Health> judge_load(const Window& window, const HealthConfig& config) {
  if (window.disk_latency > config.disk_latency_high_seconds) {
    return Health{HealthLevel::warning, HealthCause::disk,
                  fmt::format("The disk is slow: {} a request, {} busy.",
                              format_seconds(window.disk_latency), format_ratio(window.disk_busy))};
  }
  if (!(window.cpu > config.cpu_ratio_high)) return std::nullopt;
  if (std::isnan(window.stalled_share)) {
    return Health{HealthLevel::warning, HealthCause::load,
                  fmt::format("The processors are {} busy; whether writes stall is not known.",
                              format_ratio(window.cpu))};
  }
  return Health{HealthLevel::warning, HealthCause::not_storage,
                fmt::format("Not storage: the processors are {} busy, and no write stalls.",
                            format_ratio(window.cpu))};
}

}  // namespace

std::string_view to_string(HealthLevel level) {
  static constexpr std::array<std::string_view, 4> kNames = {"unknown", "good", "warning", "bad"};
  return kNames[static_cast<std::size_t>(level)];
}

std::string_view to_string(HealthCause cause) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "unknown", "none", "database", "disk", "compaction", "memory", "load", "not storage"};
  return kNames[static_cast<std::size_t>(cause)];
}

Health assess_health(const Snapshot& newest, const History& history, const HealthConfig& config) {
  const auto window = look(newest, history, config.window);
  Health worst;
  const auto consider = [&](const std::optional<Health>& one) {
    if (one && one->level > worst.level) worst = *one;
  };
  // Of equal level the first wins: failed commits, damage and a full disk end the node, memory may,
  // a stall only slows it; what cannot be read may hide any of these.
  consider(judge_commits(newest));
  consider(judge_problems(newest.problems, ProblemKind::damaged));
  consider(judge_space(newest, config));
  consider(judge_memory(newest, config));
  consider(judge_stalls(newest, window, config));
  consider(judge_problems(newest.problems, ProblemKind::unreadable));
  if (worst.level == HealthLevel::unknown) consider(judge_load(window, config));
  if (worst.level != HealthLevel::unknown) return worst;

  if (std::isnan(window.stalled_share)) {
    return {HealthLevel::unknown, HealthCause::unknown,
            std::isnan(newest.value(Metric::disk_free_ratio)) ||
                    std::isnan(newest.value(Metric::system_memory_ratio))
                ? "Whether writes stall is not known."
                : "Whether writes stall is not known yet; disk space and memory are fine."};
  }
  const double free_ratio = newest.value(Metric::disk_free_ratio);
  return {HealthLevel::good, HealthCause::none,
          fmt::format("Storage keeps up: no stalls to speak of in the last {}{}.",
                      format_seconds(window.seconds),
                      std::isnan(free_ratio)
                          ? std::string()
                          : fmt::format(", {} of the disk free", format_ratio(free_ratio)))};
}

}  // namespace nodetune
