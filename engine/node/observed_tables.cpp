// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/observed_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "engine/base/format.h"
#include "engine/observe/compaction_debt.h"
#include "engine/store/database.h"

namespace nodetune {
namespace {

constexpr double kDeletionShareHigh = 0.25;  // of the entries: reads then walk over many tombstones
constexpr double kEntriesMin = 10'000;       // a share of fewer says nothing
constexpr std::size_t kNamesMax = 4;         // families named in one line

// Formats that RocksDB reads only from a version on. Source: its include/rocksdb/table.h.
struct FormatReader {
  int format;
  int major;
  int minor;
};
constexpr std::array kFormatReaders = {FormatReader{6, 8, 6}, FormatReader{7, 10, 4}};
constexpr int kFormatReadByAll = 5;

std::string title_of(const Observation& seen, const ManifestColumnFamily& family) {
  return family_title(seen.client.profile, family.name);
}

// "SST properties, estimated from 212 of 3,114 files"
std::string origin_of(const TableSum& sum) {
  if (sum.is_exact()) return fmt::format("SST properties of all {} files", sum.files);
  return fmt::format("SST properties, estimated from {} of {} files",
                     format_whole(static_cast<std::uint64_t>(sum.read_files)),
                     format_whole(static_cast<std::uint64_t>(sum.files)));
}

std::string compression_text(const std::string& name) {
  return name == "NoCompression" ? "none" : name;
}

// "LZ4 (92 % of the bytes), none"
std::string compressions_text(const TableSum& level) {
  std::vector<std::pair<std::int64_t, std::string>> found;
  std::int64_t all = 0;
  for (const auto& [name, bytes] : level.compression_bytes) {
    found.emplace_back(bytes, compression_text(name));
    all += bytes;
  }
  std::sort(found.rbegin(), found.rend());
  std::string text;
  for (const auto& [bytes, name] : found) {
    if (!text.empty()) text += " and ";
    text += name;
    if (found.size() < 2 || text != name || all == 0) continue;
    text += fmt::format(" ({:.0f} % of the bytes)",
                        100 * static_cast<double>(bytes) / static_cast<double>(all));
  }
  return text;
}

// "levels 0 to 1 none, 2 to 6 LZ4"; levels of which nothing was read are passed over.
std::string compressions_by_level(const TableFigures& figures) {
  std::map<int, TableSum> levels;
  for (const auto& family : figures.families) {
    for (const auto& [number, level] : family.levels) {
      for (const auto& [name, bytes] : level.compression_bytes) {
        levels[number].compression_bytes[name] += bytes;
      }
    }
  }
  std::vector<std::pair<std::pair<int, int>, std::string>> ranges;
  for (const auto& [number, level] : levels) {
    auto text = compressions_text(level);
    if (!ranges.empty() && ranges.back().second == text) {
      ranges.back().first.second = number;
    } else {
      ranges.push_back({{number, number}, std::move(text)});
    }
  }
  std::string all;
  for (const auto& [range, text] : ranges) {
    const auto which = range.first == range.second
                           ? fmt::format("{}", range.first)
                           : fmt::format("{} to {}", range.first, range.second);
    const auto* word = !all.empty() ? "" : range.first == range.second ? "level " : "levels ";
    all += fmt::format("{}{}{} {}", all.empty() ? "" : ", ", word, which, text);
  }
  return all;
}

std::string formats_text(const TableSum& total) {
  std::string text;
  for (const auto& [version, files] : total.format_version_files) {
    if (!text.empty()) text += ", ";
    text += total.format_version_files.size() == 1
                ? fmt::format("{}", version)
                : fmt::format("{} in {} file{}", version, files, files == 1 ? "" : "s");
  }
  const auto newest = total.format_version_files.rbegin()->first;
  const auto library = Database::library_version();
  if (newest <= table_format_max(library)) return text;
  for (const auto& [format, major, minor] : kFormatReaders) {
    if (format != newest) continue;
    text += fmt::format(
        "; read by RocksDB {}.{} and later: this program's library, RocksDB {}, could not open it",
        major, minor, library);
  }
  return text;
}

// "bloomfilter in 14 families, none in 0x0d, 0x10"
std::string filters_text(const Observation& seen) {
  std::map<std::string, std::vector<std::string>> families;  // by policy
  for (const auto& [id, family] : seen.manifest->column_families) {
    const auto* tables = seen.table_figures->find(id);
    if (tables == nullptr) continue;
    for (const auto& [policy, bytes] : tables->all.filter_policy_bytes) {
      families[policy.empty() ? "none" : escape_name(policy)].push_back(title_of(seen, family));
    }
  }
  std::string text;
  for (const auto& [policy, names] : families) {
    if (!text.empty()) text += ", ";
    text += policy;
    if (families.size() == 1) continue;
    text += names.size() > kNamesMax ? fmt::format(" in {} families", names.size())
                                     : fmt::format(" in {}", fmt::join(names, ", "));
  }
  return text;
}

void add_deletions(const Observation& seen, std::vector<Fact>& facts) {
  for (const auto& [id, family] : seen.manifest->column_families) {
    const auto* tables = seen.table_figures->find(id);
    if (tables == nullptr || !(tables->all.entries >= kEntriesMin)) continue;
    const double share = tables->all.deletion_share();
    if (!(share >= kDeletionShareHigh)) continue;
    facts.push_back({fmt::format("Tombstones in {}", title_of(seen, family)),
                     fmt::format("{} of {} entries: range scans walk over them until compactions "
                                 "have dropped them",
                                 format_ratio(share), format_count(tables->all.entries)),
                     origin_of(tables->all), seen.manifest_changed});
  }
}

void add_orphans(const Observation& seen, std::vector<Fact>& facts) {
  if (!seen.orphans || seen.orphans->files == 0) return;
  const auto& orphans = *seen.orphans;
  const auto more = orphans.files - static_cast<std::int64_t>(orphans.names.size());
  auto names = fmt::format("{}", fmt::join(orphans.names, ", "));
  if (more > 0) names += fmt::format(" and {} more", more);
  facts.push_back(
      {"Files that nothing names",
       fmt::format("{} in {} file{} that the MANIFEST does not name: {}. {}",
                   format_bytes(static_cast<double>(orphans.bytes)), orphans.files,
                   orphans.files == 1 ? "" : "s", names,
                   seen.holder
                       ? "Delete nothing by hand while the node runs: it may still read them (a "
                         "long-lived iterator, a backup); RocksDB removes what is left over when "
                         "the node next opens the database"
                       : "RocksDB removes such files when the node next opens the database: "
                         "nothing needs to be done by hand"),
       "directory and MANIFEST"});
}

void add_debt(const Observation& seen, const Snapshot& snapshot, std::vector<Fact>& facts) {
  const double debt = snapshot.value(Metric::db_pending_compaction_bytes);
  const auto source = snapshot.sources.find(Metric::db_pending_compaction_bytes);
  const bool derived = source != snapshot.sources.end() && source->second == Source::derived;
  if (derived && !std::isnan(debt)) {
    facts.push_back({"Pending compaction",
                     fmt::format("{}, as RocksDB would estimate it from these levels and options; "
                                 "the node's own statistics are missing or too old",
                                 format_bytes(debt)),
                     "derived: MANIFEST and OPTIONS", seen.manifest_changed});
  }
  for (const auto& [id, family] : seen.manifest->column_families) {
    const auto* tables = seen.table_figures ? seen.table_figures->find(id) : nullptr;
    if (tables == nullptr || tables->overlaps != false || tables->all.deletions != 0) continue;
    const auto title = title_of(seen, family);
    for (const auto& figures : snapshot.families) {
      if (figures.name != title || !(figures.pending_compaction_bytes > 0)) continue;
      facts.push_back(
          {fmt::format("Debt of {}", title),
           fmt::format("{} of it exist on paper only: no two of its files overlap and none holds "
                       "tombstones, so compactions move its files down without rewriting them",
                       format_bytes(figures.pending_compaction_bytes)),
           "derived: key ranges in the MANIFEST", seen.manifest_changed});
    }
  }
}

// Nothing where it lies elsewhere.
double wal_bytes(const Observation& seen) {
  const auto& total = seen.listing->total(DatabaseFileType::wal);
  if (total.files > 0) return static_cast<double>(total.bytes);
  const auto elsewhere =
      seen.options ? find_option(seen.options->file.db_options, "wal_dir") : std::nullopt;
  return elsewhere && !elsewhere->empty() ? kMissing : 0;
}

// Into this family's levels; missing where its options are not known.
double fill_levels(const Observation& seen, const ManifestColumnFamily& family,
                   const std::string& title, Snapshot& snapshot) {
  if (!seen.options) return kMissing;
  const auto* options = seen.options->file.find_column_family(family.name);
  const auto targets =
      options == nullptr ? std::nullopt : level_targets(*options, seen.rocksdb_version());
  if (!targets) return kMissing;
  const auto debt = estimate_compaction_debt(family.levels(), *targets);
  for (auto& level : snapshot.levels) {
    const auto found = debt.levels.find(level.level);
    if (level.family != title || found == debt.levels.end()) continue;
    level.target_bytes = found->second.target_bytes;
    level.debt_bytes = found->second.debt_bytes;
  }
  return debt.total_bytes;
}

}  // namespace

int table_format_max(std::string_view rocksdb_version) {
  int major = 0;
  int minor = 0;
  const auto* end = rocksdb_version.data() + rocksdb_version.size();
  const auto dot = std::from_chars(rocksdb_version.data(), end, major);
  if (dot.ec == std::errc() && dot.ptr != end) std::from_chars(dot.ptr + 1, end, minor);
  int newest = kFormatReadByAll;
  for (const auto& reader : kFormatReaders) {
    if (std::pair(major, minor) >= std::pair(reader.major, reader.minor)) newest = reader.format;
  }
  return newest;
}

void fill_tables(const Observation& seen, Snapshot& snapshot) {
  snapshot.set(Metric::db_wal_size_bytes, wal_bytes(seen));
  if (seen.orphans) {
    snapshot.set(Metric::db_orphan_bytes, static_cast<double>(seen.orphans->bytes));
  }
  if (!seen.manifest) return;
  const bool told = !std::isnan(snapshot.value(Metric::db_pending_compaction_bytes));
  double debt = 0;
  double keys = 0;
  for (const auto& [id, family] : seen.manifest->column_families) {
    if (!seen.shows_family(family)) continue;
    const auto title = title_of(seen, family);
    const double own = fill_levels(seen, family, title, snapshot);
    debt += own;
    const auto figures = std::find_if(snapshot.families.begin(), snapshot.families.end(),
                                      [&](const auto& each) { return each.name == title; });
    if (figures == snapshot.families.end()) continue;
    figures->role = family_role(seen.client.profile, family.name, seen.path);
    if (!told && !std::isnan(own)) figures->pending_compaction_bytes = own;
    const auto* tables = seen.table_figures ? seen.table_figures->find(id) : nullptr;
    if (tables == nullptr) continue;
    figures->estimated_keys = tables->all.estimated_keys();
    keys += figures->estimated_keys;
    figures->index_bytes = tables->all.index_bytes;
    figures->filter_bytes = tables->all.filter_bytes;
  }
  auto& source = snapshot.sources[Metric::db_pending_compaction_bytes];
  source = told ? Source::logged : Source::derived;
  if (!told) snapshot.set(Metric::db_pending_compaction_bytes, debt);
  if (!seen.table_figures) return;
  const auto& total = seen.table_figures->total;
  snapshot.set(Metric::db_estimated_keys, keys);
  snapshot.set(Metric::db_index_bytes, total.index_bytes);
  snapshot.set(Metric::db_filter_bytes, total.filter_bytes);
}

void add_table_facts(const Observation& seen, const Snapshot& snapshot, std::vector<Fact>& facts) {
  add_orphans(seen, facts);
  if (!seen.manifest) return;
  add_debt(seen, snapshot, facts);
  if (!seen.table_figures || seen.table_figures->total.read_files == 0) return;
  const auto& total = seen.table_figures->total;
  const auto origin = fmt::format("SST properties of {} of {} files",
                                  format_whole(static_cast<std::uint64_t>(total.read_files)),
                                  format_whole(static_cast<std::uint64_t>(total.files)));
  if (auto text = compressions_by_level(*seen.table_figures); !text.empty()) {
    facts.push_back({"Compression found", std::move(text), origin});
  }
  facts.push_back({"SST format version", formats_text(total), origin});
  facts.push_back({"Filters found", filters_text(seen), origin});
  if (!std::isnan(total.index_bytes + total.filter_bytes)) {
    facts.push_back({"Index and filter blocks",
                     fmt::format("{} and {}", format_bytes(total.index_bytes),
                                 format_bytes(total.filter_bytes)),
                     origin_of(total), seen.manifest_changed});
  }
  if (const double keys = snapshot.value(Metric::db_estimated_keys); !std::isnan(keys)) {
    facts.push_back({"Keys", format_count(keys), origin_of(total), seen.manifest_changed});
  }
  add_deletions(seen, facts);
}

}  // namespace nodetune
