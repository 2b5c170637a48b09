// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/compaction_debt.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace nodetune {
namespace {

constexpr int kLevelsMax = 64;  // RocksDB's own limit is far below
constexpr double kUnlimited = std::numeric_limits<double>::infinity();

std::optional<double> find_option_real(const OptionMap& options, std::string_view key) {
  const auto text = find_option(options, key);
  if (!text) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return value;
}

// "1:1:2"
std::vector<double> multipliers_of(std::string_view text) {
  std::vector<double> all;
  while (!text.empty() && all.size() < static_cast<std::size_t>(kLevelsMax)) {
    const auto one = text.substr(0, text.find(':'));
    double value = 1;
    std::from_chars(one.data(), one.data() + one.size(), value);
    all.push_back(value);
    text.remove_prefix(std::min(text.size(), one.size() + 1));
  }
  return all;
}

bool is_before_7_5(std::string_view version) {
  int major = 0;
  int minor = 0;
  const auto* end = version.data() + version.size();
  const auto dot = std::from_chars(version.data(), end, major);
  if (dot.ec != std::errc()) return false;
  if (dot.ptr != end) std::from_chars(dot.ptr + 1, end, minor);
  return major < 7 || (major == 7 && minor < 5);
}

// One level after the other, level 0 first.
struct Tree {
  std::vector<double> bytes;
  std::int64_t level0_files = 0;
  int base = 1;                 // what level 0 is compacted into
  std::vector<double> targets;  // kUnlimited: nothing is compacted from there
};

Tree tree_of(const std::vector<LevelTotal>& levels, const LevelTargets& targets) {
  Tree tree;
  const auto count = static_cast<std::size_t>(targets.levels);
  tree.bytes.assign(count, 0);
  tree.targets.assign(count, kUnlimited);
  for (const auto& level : levels) {
    if (level.level < 0 || level.level >= targets.levels) continue;
    tree.bytes[static_cast<std::size_t>(level.level)] += static_cast<double>(level.bytes);
    if (level.level == 0) tree.level0_files += level.files;
  }
  return tree;
}

void set_static_targets(const LevelTargets& options, Tree& tree) {
  tree.targets[0] = static_cast<double>(options.base_bytes);
  for (std::size_t i = 1; i < tree.targets.size(); ++i) {
    if (i == 1) {
      tree.targets[i] = static_cast<double>(options.base_bytes);
      continue;
    }
    const auto more = i - 1 < options.more_multipliers.size() ? options.more_multipliers[i - 1] : 1;
    tree.targets[i] = std::floor(tree.targets[i - 1] * options.multiplier * more);
  }
}

// Sized from the largest level upwards; the first level that is then no larger than
// max_bytes_for_level_base is what level 0 is compacted into.
void set_dynamic_targets(const LevelTargets& options, Tree& tree) {
  const auto last = tree.bytes.size() - 1;
  const auto largest = *std::max_element(tree.bytes.begin() + 1, tree.bytes.end());
  if (largest <= 0) {
    tree.base = static_cast<int>(last);
    return;
  }
  std::size_t first = 1;
  while (tree.bytes[first] <= 0) ++first;
  const double level0 = tree.bytes[0];
  double base_max = static_cast<double>(options.base_bytes);
  if (options.level0_raises_targets) base_max = std::max(base_max, level0);
  const double base_min = std::floor(base_max / options.multiplier);
  double size = largest;
  for (auto i = last; i > first; --i) size = std::floor(size / options.multiplier);
  auto base = first;
  if (size <= base_min) {
    size = base_min + 1;
  } else {
    for (; base > 1 && size > base_max; --base) size = std::floor(size / options.multiplier);
    size = std::clamp(size, 1.0, std::max(1.0, base_max));
  }
  double multiplier = options.multiplier;
  const bool piled_up = level0 > static_cast<double>(options.base_bytes) ||
                        tree.level0_files / 2 >= options.level0_files;
  if (options.level0_raises_targets && level0 > size && piled_up) {
    size = level0;
    multiplier =
        base == last ? 1 : std::pow(largest / size, 1.0 / static_cast<double>(last - base));
  }
  tree.base = static_cast<int>(base);
  for (auto i = base; i <= last; ++i) {
    if (i > base) size = std::floor(size * multiplier);
    tree.targets[i] = std::max(size, base_max);
  }
}

}  // namespace

std::optional<LevelTargets> level_targets(const ColumnFamilyOptionValues& family,
                                          std::string_view rocksdb_version) {
  const auto& options = family.options;
  if (find_option(options, "compaction_style") != "kCompactionStyleLevel") return std::nullopt;
  const auto levels = find_option_integer(options, "num_levels");
  const auto level0 = find_option_integer(options, "level0_file_num_compaction_trigger");
  const auto base = find_option_integer(options, "max_bytes_for_level_base");
  const auto multiplier = find_option_real(options, "max_bytes_for_level_multiplier");
  const auto dynamic = find_option(options, "level_compaction_dynamic_level_bytes");
  if (!levels || !level0 || !base || !multiplier || !dynamic) return std::nullopt;
  if (*levels < 2 || *levels > kLevelsMax || *level0 < 0 || *base < 0) return std::nullopt;
  if (!std::isfinite(*multiplier) || *multiplier <= 0) return std::nullopt;
  LevelTargets targets;
  targets.levels = static_cast<int>(*levels);
  targets.level0_files = *level0;
  targets.base_bytes = *base;
  targets.multiplier = *multiplier;
  targets.more_multipliers = multipliers_of(
      find_option(options, "max_bytes_for_level_multiplier_additional").value_or(""));
  targets.dynamic = *dynamic == "true";
  targets.level0_raises_targets = is_before_7_5(rocksdb_version);
  return targets;
}

CompactionDebt estimate_compaction_debt(const std::vector<LevelTotal>& levels,
                                        const LevelTargets& targets) {
  CompactionDebt debt;
  if (targets.levels < 2) return debt;
  auto tree = tree_of(levels, targets);
  if (targets.dynamic) {
    set_dynamic_targets(targets, tree);
  } else {
    set_static_targets(targets, tree);
  }
  const auto base = static_cast<std::size_t>(tree.base);
  double coming = 0;  // from the level above
  auto& level0 = debt.levels[0];
  if (tree.level0_files >= targets.level0_files ||
      tree.bytes[0] >= static_cast<double>(targets.base_bytes)) {
    // Level 0 goes down whole, and all of the level below is rewritten with it.
    coming = tree.bytes[0];
    level0.debt_bytes = tree.bytes[0];
    if (base + 1 < tree.bytes.size()) level0.debt_bytes += tree.bytes[base];
  }
  for (std::size_t i = 1; i < tree.bytes.size(); ++i) {
    auto& level = debt.levels[static_cast<int>(i)];
    if (i < base || i + 1 >= tree.bytes.size()) continue;
    if (tree.targets[i] < kUnlimited) level.target_bytes = tree.targets[i];
    const double bytes = tree.bytes[i] + coming;
    coming = std::max(0.0, bytes - tree.targets[i]);
    const double below = tree.bytes[i + 1];
    if (coming > 0 && below > 0) level.debt_bytes = coming * (below / bytes + 1);
  }
  for (const auto& [number, level] : debt.levels) debt.total_bytes += level.debt_bytes;
  return debt;
}

}  // namespace nodetune
