// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/missing.h"
#include "engine/metrics/history.h"
#include "engine/tuner/recommendation.h"

namespace nodetune {

// What is compared before and after a restart.
enum class WindowFigure : std::uint8_t {
  stalled_share,
  block_cache_hit_ratio,
  level0_files,
  write_amplification,
  memory_ratio,
  cpu_ratio,
  disk_free_ratio,
  flushed_bytes_per_second,  // the load, which is why the others may differ
};
constexpr std::size_t kWindowFigureCount = 8;

std::string_view to_string(WindowFigure figure);  // "stalled_share": for files

// One figure of a window: its mean, and how much of the window it covers.
struct WindowValue {
  double value = kMissing;
  double seconds = 0;
};

// The figures of the time between `begin` and `end`, as far as history knows them.
struct WindowFigures {
  TimePoint begin{};
  TimePoint end{};
  std::array<WindowValue, kWindowFigureCount> values{};

  WindowValue& operator[](WindowFigure figure) { return values[static_cast<std::size_t>(figure)]; }
  const WindowValue& operator[](WindowFigure figure) const {
    return values[static_cast<std::size_t>(figure)];
  }
};

// "58 min": a window's seconds say nothing.
std::string span_text(double seconds);

WindowFigures figures_of(const History& history, TimePoint begin, TimePoint end);

// Those that a recommendation's evidence is about: by them it is judged.
std::vector<WindowFigure> judged_by(const Proposal& proposal);

enum class Verdict : std::uint8_t { better, worse, alike, unknown };

// Two windows, side by side.
struct WindowComparison {
  Verdict verdict = Verdict::unknown;  // of the judged figures; one that got worse decides
  std::vector<std::string> sentences;  // "Stalled: 12.4 % of 58 min before, 0.9 % of 45 min after"
};
WindowComparison compare(const WindowFigures& before, const WindowFigures& after,
                         const std::vector<WindowFigure>& judged);

}  // namespace nodetune
