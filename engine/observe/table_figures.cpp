// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/table_figures.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nodetune {
namespace {

constexpr std::size_t kTableNamesMax = 64;

double figure(const std::optional<std::int64_t>& value) {
  return value ? static_cast<double>(*value) : kMissing;
}

// Before it is scaled: sums of what was read.
void add_row(const ManifestFile& file, const TableRow& row, const TableNames& names,
             TableSum& sum) {
  if (sum.read_files == 0) sum.entries = sum.deletions = sum.index_bytes = sum.filter_bytes = 0;
  sum.read_files += 1;
  sum.read_bytes += file.bytes;
  sum.entries += row.entries;
  sum.deletions += row.deletions;
  sum.index_bytes += row.index_bytes;
  sum.filter_bytes += row.filter_bytes;
  if (const auto& name = names.name_of(row.compression); !name.empty()) {
    sum.compression_bytes[name] += file.bytes;
  }
  sum.filter_policy_bytes[names.name_of(row.filter_policy)] += file.bytes;
  sum.format_version_files[row.format_version] += 1;
}

void scale(TableSum& sum, double known_bytes) {
  if (sum.is_exact() || known_bytes <= 0) return;
  const double factor = static_cast<double>(sum.bytes) / known_bytes;
  for (auto* value : {&sum.entries, &sum.deletions, &sum.index_bytes, &sum.filter_bytes}) {
    *value *= factor;
  }
}

// `part`'s figures are of all its files already.
void add_sum(const TableSum& part, TableSum& sum) {
  sum.files += part.files;
  sum.bytes += part.bytes;
  sum.read_files += part.read_files;
  sum.read_bytes += part.read_bytes;
  for (const auto& [name, bytes] : part.compression_bytes) sum.compression_bytes[name] += bytes;
  for (const auto& [name, bytes] : part.filter_policy_bytes) sum.filter_policy_bytes[name] += bytes;
  for (const auto& [version, files] : part.format_version_files) {
    sum.format_version_files[version] += files;
  }
}

void add_figures(const TableSum& part, TableSum& sum) {
  sum.entries += part.entries;
  sum.deletions += part.deletions;
  sum.index_bytes += part.index_bytes;
  sum.filter_bytes += part.filter_bytes;
}

void clear_figures(TableSum& sum) {
  sum.entries = sum.deletions = sum.index_bytes = sum.filter_bytes = 0;
}

// A level of which no file was read is taken to be like the family's others.
void sum_up_levels(FamilyTables& family) {
  clear_figures(family.all);
  double known_bytes = 0;
  for (auto& [number, level] : family.levels) {
    scale(level, static_cast<double>(level.read_bytes));
    add_sum(level, family.all);
    if (level.read_files == 0) continue;
    add_figures(level, family.all);
    known_bytes += static_cast<double>(level.bytes);
  }
  if (family.all.files > 0 && family.all.read_files == 0) {
    family.all.entries = family.all.deletions = kMissing;
    family.all.index_bytes = family.all.filter_bytes = kMissing;
  } else if (known_bytes < static_cast<double>(family.all.bytes)) {
    scale(family.all, known_bytes);
  }
}

bool overlap(const ManifestFile& a, const ManifestFile& b) {
  return a.number != b.number && a.smallest_key <= b.largest_key && b.smallest_key <= a.largest_key;
}

// Keys that were cut off when the MANIFEST was read count as touching. Where files overlap, one of
// the uppermost level does so nearly always: sorting them all is for the rest.
bool any_overlap(const ManifestColumnFamily& family) {
  std::vector<const ManifestFile*> files;
  for (const auto& [number, file] : family.files) files.push_back(&file);
  if (files.empty()) return false;
  const auto& top = **std::min_element(
      files.begin(), files.end(), [](const auto* a, const auto* b) { return a->level < b->level; });
  if (std::any_of(files.begin(), files.end(),
                  [&top](const auto* file) { return overlap(top, *file); })) {
    return true;
  }
  std::sort(files.begin(), files.end(),
            [](const auto* a, const auto* b) { return a->smallest_key < b->smallest_key; });
  for (std::size_t i = 1; i < files.size(); ++i) {
    if (overlap(*files[i - 1], *files[i])) return true;
  }
  return false;
}

}  // namespace

std::uint8_t TableNames::id_of(std::string_view name) {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found != names_.end()) return static_cast<std::uint8_t>(found - names_.begin());
  if (names_.size() + 1 >= kTableNamesMax && name != "other") return id_of("other");
  names_.emplace_back(name);
  return static_cast<std::uint8_t>(names_.size() - 1);
}

TableRow table_row(const SstTail& tail, TableNames& names) {
  const SstProperties none;
  const auto& properties = tail.properties ? *tail.properties : none;
  TableRow row;
  row.entries = figure(properties.entries);
  row.deletions = figure(properties.deletions);
  row.index_bytes = figure(properties.index_bytes);
  row.filter_bytes = figure(properties.filter_bytes);
  row.format_version = static_cast<std::uint8_t>(std::min<std::uint32_t>(
      tail.footer.format_version, std::numeric_limits<std::uint8_t>::max()));
  row.compression = names.id_of(properties.compression);
  row.filter_policy = names.id_of(properties.filter_policy);
  return row;
}

double TableSum::estimated_keys() const {
  return std::isnan(entries + deletions) ? kMissing : std::max(0.0, entries - 2 * deletions);
}

double TableSum::deletion_share() const {
  return entries > 0 ? deletions / entries : kMissing;
}

const FamilyTables* TableFigures::find(std::uint32_t family) const {
  for (const auto& each : families) {
    if (each.id == family) return &each;
  }
  return nullptr;
}

TableFigures sum_up_tables(const Manifest& manifest, const TableLookup& row_of,
                           const TableNames& names) {
  TableFigures figures;
  clear_figures(figures.total);
  for (const auto& [id, family] : manifest.column_families) {
    FamilyTables tables;
    tables.id = id;
    for (const auto& [number, file] : family.files) {
      auto& level = tables.levels[file.level];
      level.files += 1;
      level.bytes += file.bytes;
      if (const auto* row = row_of(number)) add_row(file, *row, names, level);
    }
    sum_up_levels(tables);
    if (family.comparator == kBytewiseComparator) tables.overlaps = any_overlap(family);
    add_sum(tables.all, figures.total);
    add_figures(tables.all, figures.total);
    figures.families.push_back(std::move(tables));
  }
  return figures;
}

std::vector<const ManifestFile*> tables_to_read(const Manifest& manifest,
                                                const std::function<bool(std::uint64_t)>& is_known,
                                                std::size_t most, std::size_t round) {
  std::vector<const ManifestFile*> chosen;
  std::vector<const ManifestFile*> others;
  for (const auto& [id, family] : manifest.column_families) {
    std::map<int, std::vector<const ManifestFile*>> unread;  // by level, the newest last
    std::map<int, bool> known;
    for (const auto& [number, file] : family.files) {
      if (is_known(number)) {
        known[file.level] = true;
      } else {
        unread[file.level].push_back(&file);
      }
    }
    for (auto& [level, files] : unread) {
      if (!known[level] && chosen.size() < most) {
        chosen.push_back(files.back());
        files.pop_back();
      }
      others.insert(others.end(), files.rbegin(), files.rend());
    }
  }
  const auto room = most - chosen.size();
  if (room == 0 || others.empty()) return chosen;
  const auto step = (others.size() + room - 1) / room;
  for (auto index = round % step; index < others.size(); index += step) {
    chosen.push_back(others[index]);
  }
  return chosen;
}

}  // namespace nodetune
