// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/live_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

#include "engine/base/format.h"
#include "engine/metrics/stall_conditions.h"

namespace nodetune {
namespace {

constexpr std::size_t kLevelsMax = 8;

// Where the columns of the level table end, and the stalls beside it begin; 0: not there.
struct TreeLayout {
  std::size_t files = 12;
  std::size_t bytes = 23;
  std::size_t score = 33;
  std::size_t debt = 0;
  std::size_t stalls = 0;
};

TreeLayout tree_layout(int columns) {
  constexpr int kBeside = 78;
  constexpr int kWide = 100;
  if (columns >= kWide) return {.files = 14, .bytes = 26, .score = 40, .debt = 54, .stalls = 62};
  if (columns >= kBeside) return {.stalls = 41};
  return {.debt = 46};
}

struct LevelSum {
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  double score = kMissing;
  double debt_bytes = 0;  // missing where one of them is
};

std::vector<TextLine> level_lines(const Snapshot& snapshot, const TreeLayout& layout) {
  std::map<int, LevelSum> levels;
  for (const auto& row : snapshot.levels) {
    auto& sum = levels[row.level];
    sum.files += row.files;
    sum.bytes += row.bytes;
    sum.score = std::fmax(sum.score, row.score);
    sum.debt_bytes += row.debt_bytes;
  }
  std::vector<TextLine> lines;
  if (levels.empty()) return lines;
  TextLine head("Level", TextTone::dim);
  head.add_right("Files", layout.files, TextTone::dim);
  head.add_right("Size", layout.bytes, TextTone::dim);
  head.add_right("Score", layout.score, TextTone::dim);
  if (layout.debt > 0) head.add_right("Debt", layout.debt, TextTone::dim);
  lines.push_back(std::move(head));
  for (const auto& [level, sum] : levels) {
    if (lines.size() > kLevelsMax) break;
    TextLine line(fmt::format("L{}", level));
    line.add_right(format_whole(static_cast<std::uint64_t>(std::max<std::int64_t>(0, sum.files))),
                   layout.files);
    line.add_right(format_bytes(static_cast<double>(sum.bytes)), layout.bytes);
    const bool over = sum.score > 1;
    line.add_right(std::isnan(sum.score) ? "–" : fmt::format("{:.2f}", sum.score), layout.score,
                   over ? TextTone::warning : TextTone::plain);
    if (over) line.add(" !", TextTone::warning);
    if (layout.debt > 0) line.add_right(format_bytes(sum.debt_bytes), layout.debt);
    lines.push_back(std::move(line));
  }
  return lines;
}

// In the width that is there.
std::string_view stall_title(StallCause cause) {
  switch (cause) {
    case StallCause::memtables:
      return "memtables";
    case StallCause::level0_files:
      return "level-0 files";
    case StallCause::pending_compaction_bytes:
      return "compaction debt";
  }
  return "unknown";
}

// What each of RocksDB's six conditions gained in the shown time.
std::vector<TextLine> stall_lines(const History& history, TimePoint begin, TimePoint end) {
  const auto gained = [&](Metric metric) {
    double sum = kMissing;
    for (const auto& point : history.range(metric, begin, end, 64)) {
      if (point.count > 0) sum = std::isnan(sum) ? point.sum : sum + point.sum;
    }
    return sum;
  };
  std::vector<TextLine> lines;
  lines.emplace_back("Held up writes     slowed  stopped", TextTone::dim);
  for (const auto cause : kStallCauses) {
    const double slowed = gained(kStallConditions[stall_condition_index(cause, false)].entered);
    const double stopped = gained(kStallConditions[stall_condition_index(cause, true)].entered);
    const auto tone = [](double count, TextTone some) {
      return count > 0 ? some : TextTone::plain;
    };
    TextLine line(stall_title(cause));
    line.add_right(format_count(slowed), 25, tone(slowed, TextTone::warning));
    line.add_right(format_count(stopped), 34, tone(stopped, TextTone::bad));
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

std::vector<TextLine> tree_lines(const Snapshot& snapshot, const History& history, TimePoint begin,
                                 TimePoint end, int columns) {
  const auto layout = tree_layout(columns);
  auto levels = level_lines(snapshot, layout);
  auto stalls = stall_lines(history, begin, end);
  if (layout.stalls == 0) {
    stalls.insert(stalls.end(), levels.begin(), levels.end());
    return stalls;
  }
  if (levels.size() < stalls.size()) levels.resize(stalls.size());
  for (std::size_t i = 0; i < stalls.size(); ++i) {
    levels[i].go_to(layout.stalls).append(stalls[i]);
  }
  return levels;
}

}  // namespace nodetune
