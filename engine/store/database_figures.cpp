// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// What an open database says of itself. Costs about 0.1 ms a family (the cfstats map takes
// RocksDB's mutex); the lists of files, which cost milliseconds, are not asked for.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <string>

#include "engine/base/format.h"
#include "engine/metrics/stall_conditions.h"
#include "engine/store/database_impl.h"

namespace nodetune {
namespace {

using Properties = rocksdb::DB::Properties;
using FamilyMap = std::map<std::string, std::string>;

constexpr int kLevelsMax = 32;
constexpr double kGib = 1024.0 * 1024.0 * 1024.0;

// RocksDB prints with the process's locale: a window in German makes it "0,25".
double number(const FamilyMap& map, const std::string& key) {
  const auto found = map.find(key);
  if (found == map.end()) return kMissing;
  auto text = found->second;
  std::replace(text.begin(), text.end(), ',', '.');
  double value = kMissing;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end != text.data() ? value : kMissing;
}

double property(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, const std::string& name) {
  std::uint64_t value = 0;
  return db.GetIntProperty(family, name, &value) ? static_cast<double>(value) : kMissing;
}

void read_levels(const FamilyMap& map, const std::string& family, std::vector<LevelFigures>& all) {
  for (int level = 0; level < kLevelsMax; ++level) {
    const auto prefix = fmt::format("compaction.L{}.", level);
    const double files = number(map, prefix + "NumFiles");
    if (std::isnan(files)) continue;  // nothing is or was on this level
    LevelFigures figures;
    figures.family = family;
    figures.level = level;
    figures.files = static_cast<std::int64_t>(files);
    figures.bytes = static_cast<std::int64_t>(number(map, prefix + "SizeBytes"));
    figures.score = number(map, prefix + "Score");
    figures.read_bytes = number(map, prefix + "ReadGB") * kGib;
    figures.write_bytes = number(map, prefix + "WriteGB") * kGib;
    // Zero means that nothing came into this level since open: there is no ratio.
    const double amplification = number(map, prefix + "WriteAmp");
    if (amplification > 0) figures.write_amplification = amplification;
    all.push_back(std::move(figures));
  }
}

FamilyFigures read_family(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* handle,
                          const std::string& name, const FamilyMap& map) {
  FamilyFigures figures;
  figures.name = name;
  const double files = number(map, "compaction.Sum.NumFiles");
  const double bytes = number(map, "compaction.Sum.SizeBytes");
  figures.files = !std::isnan(files) ? static_cast<std::int64_t>(files) : 0;
  figures.bytes = !std::isnan(bytes) ? static_cast<std::int64_t>(bytes) : 0;
  figures.estimated_keys = property(db, handle, Properties::kEstimateNumKeys);
  figures.memtable_bytes = property(db, handle, Properties::kCurSizeAllMemTables);
  figures.immutable_memtables = property(db, handle, Properties::kNumImmutableMemTable);
  std::string level0;  // RocksDB has it as text alone
  if (db.GetProperty(handle, Properties::kNumFilesAtLevelPrefix + "0", &level0)) {
    figures.l0_files = number({{"files", level0}}, "files");
  }
  figures.pending_compaction_bytes =
      property(db, handle, Properties::kEstimatePendingCompactionBytes);
  return figures;
}

// By kStallConditions.
constexpr std::array<const char*, kStallConditions.size()> kStallKeys = {
    "io_stalls.memtable_slowdown",
    "io_stalls.memtable_compaction",
    "io_stalls.level0_slowdown",
    "io_stalls.level0_numfiles",
    "io_stalls.slowdown_for_pending_compaction_bytes",
    "io_stalls.stop_for_pending_compaction_bytes",
};

template <typename Sums>
void add_stalls(const FamilyMap& map, Sums& sums) {
  static_assert(std::tuple_size_v<Sums> == kStallKeys.size());
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += number(map, kStallKeys[i]);
}

struct TickerRow {
  Metric metric;
  rocksdb::Tickers ticker;
};

constexpr std::array kTickerRows = {
    TickerRow{Metric::db_bytes_written_total, rocksdb::BYTES_WRITTEN},
    TickerRow{Metric::db_wal_bytes_total, rocksdb::WAL_FILE_BYTES},
    TickerRow{Metric::db_flush_bytes_total, rocksdb::FLUSH_WRITE_BYTES},
    TickerRow{Metric::db_compaction_read_bytes_total, rocksdb::COMPACT_READ_BYTES},
    TickerRow{Metric::db_compaction_write_bytes_total, rocksdb::COMPACT_WRITE_BYTES},
    TickerRow{Metric::db_block_cache_hits_total, rocksdb::BLOCK_CACHE_HIT},
    TickerRow{Metric::db_block_cache_misses_total, rocksdb::BLOCK_CACHE_MISS},
    TickerRow{Metric::db_bloom_useful_total, rocksdb::BLOOM_FILTER_USEFUL},
    TickerRow{Metric::db_bloom_full_positive_total, rocksdb::BLOOM_FILTER_FULL_POSITIVE},
    TickerRow{Metric::db_bloom_true_positive_total, rocksdb::BLOOM_FILTER_FULL_TRUE_POSITIVE},
};

void fill_tickers(const rocksdb::Statistics& statistics, Snapshot& snapshot) {
  const auto ticker = [&](rocksdb::Tickers type) {
    return static_cast<double>(statistics.getTickerCount(type));
  };
  for (const auto& row : kTickerRows) snapshot.set(row.metric, ticker(row.ticker));
  snapshot.set(Metric::db_bytes_read_total,
               ticker(rocksdb::BYTES_READ) + ticker(rocksdb::NUMBER_MULTIGET_BYTES_READ));
  snapshot.set(Metric::db_stall_seconds_total, ticker(rocksdb::STALL_MICROS) / 1e6);
}

void fill_state(rocksdb::DB& db, const rocksdb::Cache& cache, Snapshot& snapshot) {
  auto* const any = db.DefaultColumnFamily();  // of the whole database, whichever is asked
  snapshot.set(Metric::db_write_stopped, property(db, any, Properties::kIsWriteStopped));
  snapshot.set(Metric::db_running_compactions,
               property(db, any, Properties::kNumRunningCompactions));
  snapshot.set(Metric::db_running_flushes, property(db, any, Properties::kNumRunningFlushes));
  snapshot.set(Metric::db_block_cache_usage_bytes, static_cast<double>(cache.GetUsage()));
  snapshot.set(Metric::db_block_cache_capacity_bytes, static_cast<double>(cache.GetCapacity()));
  std::uint64_t readers = 0;
  if (db.GetAggregatedIntProperty(Properties::kEstimateTableReadersMem, &readers)) {
    snapshot.set(Metric::db_table_reader_bytes, static_cast<double>(readers));
  }
}

// A sum with a missing part is missing: NaN spreads by itself.
void fill_totals(const std::vector<FamilyFigures>& families, Snapshot& snapshot) {
  FamilyFigures total;
  total.memtable_bytes = 0;
  total.immutable_memtables = 0;
  total.pending_compaction_bytes = 0;
  total.l0_files = 0;
  for (const auto& family : families) {
    total.files += family.files;
    total.bytes += family.bytes;
    total.memtable_bytes += family.memtable_bytes;
    total.immutable_memtables += family.immutable_memtables;
    total.pending_compaction_bytes += family.pending_compaction_bytes;
    const bool unknown = std::isnan(total.l0_files) || std::isnan(family.l0_files);
    total.l0_files = unknown ? kMissing : std::max(total.l0_files, family.l0_files);
  }
  snapshot.set(Metric::db_sst_files, static_cast<double>(total.files));
  snapshot.set(Metric::db_sst_bytes, static_cast<double>(total.bytes));
  snapshot.set(Metric::db_memtable_bytes, total.memtable_bytes);
  snapshot.set(Metric::db_immutable_memtables, total.immutable_memtables);
  snapshot.set(Metric::db_pending_compaction_bytes, total.pending_compaction_bytes);
  snapshot.set(Metric::db_l0_files, total.l0_files);
}

}  // namespace

Database::Impl::Stalls Database::Impl::stalls() const {
  auto sums = stalls_before_;
  for (const auto family : kFamilies) {
    FamilyMap map;
    if (db->GetMapProperty(handle(family), Properties::kCFStats, &map)) add_stalls(map, sums);
  }
  return sums;
}

void Database::Impl::fill_open(Snapshot& snapshot) const {
  auto sums = stalls_before_;
  for (const auto family : kFamilies) {
    FamilyMap map;
    if (!db->GetMapProperty(handle(family), Properties::kCFStats, &map)) map.clear();
    const auto name = std::string(to_string(family));
    read_levels(map, name, snapshot.levels);
    snapshot.families.push_back(read_family(*db, handle(family), name, map));
    add_stalls(map, sums);
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const auto& condition = kStallConditions[i];
    snapshot.set(condition.entered, sums[i]);
    if (std::isnan(sums[i])) continue;
    snapshot.stalls.push_back(
        {condition.cause, condition.stopped, static_cast<std::uint64_t>(sums[i])});
  }
  fill_totals(snapshot.families, snapshot);
  fill_state(*db, *parts.block_cache, snapshot);
}

void Database::Impl::fill(Snapshot& snapshot) const {
  const std::shared_lock open(gate);
  if (db) fill_open(snapshot);  // else its figures are missing
  fill_tickers(*parts.statistics, snapshot);
  snapshot.set(Metric::db_flushes_total, static_cast<double>(parts.listener->flushes()));
  snapshot.set(Metric::db_compactions_total, static_cast<double>(parts.listener->compactions()));
  snapshot.totals[Metric::db_get_seconds] = get_micros.counts();
  snapshot.totals[Metric::db_multi_get_seconds] = multi_get_micros.counts();
  snapshot.totals[Metric::db_write_seconds] = write_micros.counts();
}

}  // namespace nodetune
