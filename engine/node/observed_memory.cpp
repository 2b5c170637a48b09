// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// What a foreign database may take of memory, as far as its options, its tables and its LOG say.
#include "engine/node/observed_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string_view>

#include "engine/base/format.h"
#include "engine/node/observed_views.h"

namespace nodetune {
namespace {

constexpr double kWrittenLateSeconds = 7;   // RocksDB writes out its LOG every 5 seconds
constexpr double kUnchangedDumps = 8;       // so many may leave out a family that stands still
constexpr double kRecountSecondsMax = 600;  // as old is a cache's content when it is told
constexpr std::int64_t kFilesKept = 10;  // of max_open_files, which RocksDB keeps for other files

// What memtables of all families may hold; flushed ones that are kept for transactions included.
// Missing where one family's options are not known.
double memtables_max(const ObservedOptions& options) {
  double sum = 0;
  for (const auto& family : options.file.column_families) {
    const auto size = find_option_integer(family.options, "write_buffer_size");
    const auto number = find_option_integer(family.options, "max_write_buffer_number");
    if (!size || !number || *size < 0 || *number < 0) return kMissing;
    const auto kept = find_option_integer(family.options, "max_write_buffer_size_to_maintain");
    sum += std::max(static_cast<double>(*size) * static_cast<double>(*number),
                    static_cast<double>(kept.value_or(0)));
  }
  return options.file.column_families.empty() ? kMissing : sum;
}

void add_memtables(const ObservedOptions& options, DatabaseMemory& memory) {
  memory.memtables_max_bytes = memtables_max(options);
  const auto limit = find_option_integer(options.file.db_options, "db_write_buffer_size");
  if (!limit || *limit <= 0) return;
  const auto bytes = static_cast<double>(*limit);
  if (memory.memtables_max_bytes <= bytes) return;
  memory.memtables_max_bytes = memory.memtables_limit_bytes = bytes;
}

bool is_true(const OptionMap& options, std::string_view key) {
  const auto value = find_option(options, key);
  return value && (*value == "true" || *value == "1");
}

// Nothing: the options do not say. Partitions of a partitioned index or filter are read through the
// block cache whatever else is set.
std::optional<bool> is_cached(const ColumnFamilyOptionValues& family, bool filter) {
  if (!find_option(family.table_options, "cache_index_and_filter_blocks")) return std::nullopt;
  if (is_true(family.table_options, "cache_index_and_filter_blocks")) return true;
  const auto type = find_option(family.table_options, "index_type");
  const bool partitioned = type && (*type == "kTwoLevelIndexSearch" || *type == "2");
  return partitioned && (!filter || is_true(family.table_options, "partition_filters"));
}

void add_figure(double value, double& sum) {
  if (std::isnan(value)) return;
  sum = (std::isnan(sum) ? 0 : sum) + value;
}

void limit_open_files(std::int64_t files, std::optional<std::int64_t> open_max,
                      TableBlocks& blocks) {
  blocks.beside_max_bytes = blocks.beside_bytes;
  if (!open_max || *open_max < 0 || files <= 0) return;
  const auto held = static_cast<double>(std::max<std::int64_t>(*open_max - kFilesKept, 0));
  blocks.beside_max_bytes *= std::min(1.0, held / static_cast<double>(files));
}

// Sizes come from the tables' properties, by the families' titles.
void add_table_blocks(const Observation& seen, const Snapshot& snapshot, DatabaseMemory& memory) {
  if (!seen.options) return;
  std::map<std::string_view, const FamilyFigures*> figures;
  for (const auto& family : snapshot.families) figures[family.name] = &family;
  memory.open_files_max = find_option_integer(seen.options->file.db_options, "max_open_files");
  memory.tables_known = !seen.options->file.column_families.empty();
  for (const auto& family : seen.options->file.column_families) {
    const auto known = figures.find(family_title(seen.client.profile, family.name));
    for (const bool filter : {false, true}) {
      auto& blocks = filter ? memory.filter : memory.index;
      const auto cached = is_cached(family, filter);
      if (!cached) {
        memory.tables_known = false;
        continue;
      }
      if (known == figures.end()) continue;  // it has no files
      add_figure(filter ? known->second->filter_bytes : known->second->index_bytes,
                 *cached ? blocks.cached_bytes : blocks.beside_bytes);
    }
  }
  limit_open_files(memory.files, memory.open_files_max, memory.index);
  limit_open_files(memory.files, memory.open_files_max, memory.filter);
}

std::vector<std::string> families_of(const Observation& seen, const ObservedLog& log) {
  std::vector<std::string> names;
  if (seen.options) {
    for (const auto& family : seen.options->file.column_families) names.push_back(family.name);
  }
  if (names.empty()) names = seen.families();
  if (names.empty())
    names.assign(log.story.column_families.begin(), log.story.column_families.end());
  return names;
}

// Capacities of families by name, where nothing says which cache they have.
std::map<std::string, std::int64_t> capacities_alone(const Observation& seen,
                                                     const ObservedLog& log) {
  auto all = log.story.block_cache_bytes;
  if (!seen.options) return all;
  for (const auto& knobs : seen.options->knobs) {
    if (knobs.block_cache_bytes) all[knobs.column_family] = *knobs.block_cache_bytes;
  }
  return all;
}

void add_caches(const Observation& seen, const ObservedLog& log, DatabaseMemory& memory) {
  const auto& known = log.story.block_caches;
  const auto alone = capacities_alone(seen, log);
  std::set<std::string> used;
  for (const auto& name : families_of(seen, log)) {
    ++memory.families;
    if (const auto cache = known.families.find(name); cache != known.families.end()) {
      ++memory.families_with_cache;
      used.insert(cache->second);
    } else if (const auto bytes = alone.find(name); bytes != alone.end() && bytes->second >= 0) {
      ++memory.families_alone;
      memory.alone_bytes += static_cast<double>(bytes->second);
    }
  }
  for (const auto& [address, cache] : known.caches) {
    if (used.contains(address)) memory.caches.emplace(address, cache);
  }
}

// Statistics leave out a family that nobody wrote to: its cache may be told of less often.
bool caches_are_fresh(const ObservedLog& log, const DatabaseMemory& memory, TimePoint now) {
  if (!memory.runs || !log.last_dump || !log.story.utc_offset) return false;
  const double interval = log.last_dump->interval_seconds.value_or(0);
  if (to_seconds(now - log.last_dump->time) > kDumpAgeMax * interval + kWrittenLateSeconds)
    return false;
  const auto sum = sum_of(memory.caches);
  if (!sum.oldest || !sum.usage_bytes) return false;
  return to_seconds(now - *sum.oldest) <=
         (kUnchangedDumps + kDumpAgeMax) * interval + kRecountSecondsMax;
}

void add_blocks(const TableBlocks& one, TableBlocks& all) {
  add_figure(one.cached_bytes, all.cached_bytes);
  add_figure(one.beside_bytes, all.beside_bytes);
  add_figure(one.beside_max_bytes, all.beside_max_bytes);
}

}  // namespace

std::size_t DatabaseMemory::families_unknown() const {
  return families - std::min(families, families_with_cache + families_alone);
}

DatabaseMemory memory_of(const Observation& seen, const ObservedLog& log, const Snapshot& snapshot,
                         bool runs) {
  DatabaseMemory memory;
  memory.databases = 1;
  memory.runs = runs;
  memory.files = seen.manifest ? seen.manifest->total().files : 0;
  add_caches(seen, log, memory);
  memory.content_is_fresh = caches_are_fresh(log, memory, snapshot.taken_at);
  if (seen.options) {
    add_memtables(*seen.options, memory);
    memory.options_origin = seen.options->name;
  }
  if (seen.listing) {
    const auto& wal = seen.listing->total(DatabaseFileType::wal);
    if (wal.files > 0) memory.wal_bytes = static_cast<double>(wal.bytes);
  }
  add_table_blocks(seen, snapshot, memory);
  return memory;
}

void add_memory(const DatabaseMemory& one, DatabaseMemory& all) {
  const bool first = all.databases == 0;
  all.databases += one.databases;
  all.families += one.families;
  all.files += one.files;
  all.runs = all.runs || one.runs;
  all.caches.insert(one.caches.begin(), one.caches.end());
  all.content_is_fresh = one.content_is_fresh && (first || all.content_is_fresh);
  all.families_with_cache += one.families_with_cache;
  all.alone_bytes += one.alone_bytes;
  all.families_alone += one.families_alone;
  // What one may take without a bound that is known has none in the sum either.
  all.memtables_max_bytes =
      first ? one.memtables_max_bytes : all.memtables_max_bytes + one.memtables_max_bytes;
  add_figure(one.memtables_limit_bytes, all.memtables_limit_bytes);
  add_figure(one.wal_bytes, all.wal_bytes);
  all.tables_known = one.tables_known && (first || all.tables_known);
  if (one.open_files_max) {
    const auto known = all.open_files_max.value_or(*one.open_files_max);
    all.open_files_max =
        known < 0 || *one.open_files_max < 0 ? -1 : std::min(known, *one.open_files_max);
  }
  add_blocks(one.index, all.index);
  add_blocks(one.filter, all.filter);
  if (first) all.options_origin = one.options_origin;
  if (all.options_origin != one.options_origin) all.options_origin = "OPTIONS of each";
}

void fill_block_cache(const DatabaseMemory& memory, Snapshot& snapshot) {
  if (!memory.runs) return;
  const auto set = [&](Metric metric, std::optional<double> value) {
    if (!value || !std::isnan(snapshot.value(metric))) return;
    snapshot.set(metric, *value);
    snapshot.sources[metric] = Source::logged;
  };
  const auto sum = sum_of(memory.caches);
  if (memory.families_unknown() == 0 && memory.families_alone == 0) {
    set(Metric::db_block_cache_capacity_bytes, sum.capacity_bytes);
  }
  if (!memory.content_is_fresh || memory.families_unknown() > 0) return;
  set(Metric::db_block_cache_usage_bytes, sum.usage_bytes);
  if (!sum.content) return;
  set(Metric::db_block_cache_data_bytes, sum.content->data_bytes);
  set(Metric::db_block_cache_index_bytes, sum.content->index_bytes);
  set(Metric::db_block_cache_filter_bytes, sum.content->filter_bytes);
}

void add_memory_facts(const Observation& seen, const ObservedLog& log, std::vector<Fact>& facts) {
  const auto memory = memory_of(seen, log, Snapshot{}, false);
  if (!std::isnan(memory.memtables_max_bytes)) {
    facts.push_back({"Memory: memtables, at most",
                     fmt::format("{}, of {} families", format_bytes(memory.memtables_max_bytes),
                                 memory.families),
                     "derived: " + memory.options_origin});
  }
  if (auto text = block_caches_text(memory); !text.empty()) {
    facts.push_back({"Memory: RocksDB block cache", std::move(text), "LOG"});
  }
}

}  // namespace nodetune
