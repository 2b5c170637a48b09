// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/store/rocksdb_options.h"

#include <fmt/format.h>
#include <rocksdb/convenience.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/table.h>
#include <sys/resource.h>

#include <algorithm>

#include "engine/base/format.h"
#include "engine/store/knob_safety.h"

namespace nodetune {
namespace {

constexpr int kFormatVersion = 5;           // what RocksDB 6.6 and later read
constexpr int kBlockCacheShardBits = 4;     // fixed: the capacity may start small and grow
constexpr double kHighPriorityRatio = 0.5;  // of the block cache: index and filter blocks
constexpr int kOpenFilesMin = 64;
constexpr int kOpenFilesMax = 4'096;  // 256 GiB of files of 64 MiB; more are reopened
constexpr unsigned kStatsDumpSeconds = 60;
constexpr std::uint64_t kBytesPerSync = kMiB;  // no burst of write-back at a file's end
constexpr std::int64_t kWalBytesMin = 256 * kMiB;
constexpr std::int64_t kWalPerWriteBuffer = 8;  // one full memtable in each family

// Bounds what an open must replay, and is large enough for write_buffer_size to stay in charge.
std::int64_t wal_bytes_max(std::int64_t write_buffer_size) {
  return std::max(kWalBytesMin, kWalPerWriteBuffer * write_buffer_size);
}

// Half of what this process may open: sockets, LOGs and other databases want some too.
int open_files_max() {
  struct rlimit limit = {};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return kOpenFilesMax;
  }
  const auto half = std::min<rlim_t>(limit.rlim_cur / 2, kOpenFilesMax);
  return std::max(static_cast<int>(half), kOpenFilesMin);
}

std::shared_ptr<rocksdb::MergeOperator> uint64_add() {
  std::shared_ptr<rocksdb::MergeOperator> merge;
  // An unknown name would give ok and nothing; this one is built in.
  const auto status =
      rocksdb::MergeOperator::CreateFromString(rocksdb::ConfigOptions(), "uint64add", &merge);
  return status.ok() ? merge : nullptr;
}

}  // namespace

rocksdb::CompressionType to_rocksdb(Compression compression) {
  switch (compression) {
    case Compression::none:
      return rocksdb::kNoCompression;
    case Compression::snappy:
      return rocksdb::kSnappyCompression;
    case Compression::zlib:
      return rocksdb::kZlibCompression;
    case Compression::lz4:
      return rocksdb::kLZ4Compression;
    case Compression::zstd:
      return rocksdb::kZSTD;
  }
  return rocksdb::kNoCompression;
}

std::optional<Compression> from_rocksdb(rocksdb::CompressionType type) {
  for (const auto compression : kCompressions) {
    if (to_rocksdb(compression) == type) return compression;
  }
  return std::nullopt;
}

Status check_compression(Compression compression) {
  const auto built_in = rocksdb::GetSupportedCompressions();
  if (std::find(built_in.begin(), built_in.end(), to_rocksdb(compression)) != built_in.end()) {
    return Status::ok();
  }
  return {StatusCode::invalid_argument,
          fmt::format("compression: this RocksDB library was built without {}; choose another",
                      to_string(compression))};
}

std::shared_ptr<rocksdb::Cache> make_block_cache(const KnobValues& knobs) {
  return rocksdb::NewLRUCache(static_cast<std::size_t>(knobs[Knob::block_cache_size]),
                              kBlockCacheShardBits, /*strict_capacity_limit=*/false,
                              kHighPriorityRatio);
}

rocksdb::DBOptions database_options(const KnobValues& knobs, const SharedParts& parts) {
  rocksdb::DBOptions options;
  options.atomic_flush = true;  // without WAL, a prefix of whole blocks survives
  options.statistics = parts.statistics;
  options.listeners = {parts.listener};
  options.max_background_jobs = static_cast<int>(knobs[Knob::max_background_jobs]);
  options.max_open_files = open_files_max();
  options.max_total_wal_size =
      static_cast<std::uint64_t>(wal_bytes_max(knobs[Knob::write_buffer_size]));
  options.info_log = parts.info_log;
  options.keep_log_file_num = InfoLog::kFilesMax;
  options.stats_dump_period_sec = kStatsDumpSeconds;
  options.stats_persist_period_sec = 0;
  options.bytes_per_sync = kBytesPerSync;
  options.wal_bytes_per_sync = kBytesPerSync;
  // A caller that breaks the rule of single deletes gets a warning in LOG; by default the next
  // compaction fails and the database takes no more writes.
  options.enforce_single_del_contracts = false;
  options.max_bgerror_resume_count = 0;  // Database::resume() alone goes on after an error
  return options;
}

rocksdb::ColumnFamilyOptions family_options(const KnobValues& knobs, const SharedParts& parts) {
  rocksdb::BlockBasedTableOptions table;
  table.format_version = kFormatVersion;
  table.block_cache = parts.block_cache;
  table.filter_policy = parts.bloom;
  // Index and filter memory counts against the block cache's capacity: one bound for all of it.
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;

  const auto triggers = l0_triggers(knobs[Knob::level0_file_num_compaction_trigger]);
  const auto write_buffer_size = knobs[Knob::write_buffer_size];
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = static_cast<std::size_t>(write_buffer_size);
  options.arena_block_size = static_cast<std::size_t>(arena_block_bytes(write_buffer_size));
  options.max_write_buffer_number = static_cast<int>(knobs[Knob::max_write_buffer_number]);
  options.target_file_size_base = static_cast<std::uint64_t>(knobs[Knob::target_file_size_base]);
  options.level0_file_num_compaction_trigger =
      static_cast<int>(knobs[Knob::level0_file_num_compaction_trigger]);
  options.level0_slowdown_writes_trigger = triggers.slowdown;
  options.level0_stop_writes_trigger = triggers.stop;
  options.compression = to_rocksdb(knobs.compression());
  options.level_compaction_dynamic_level_bytes = true;  // the default from 8.4: less space wasted
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  // In every family: a merge into one without an operator makes the next read abort.
  options.merge_operator = uint64_add();
  return options;
}

OnlineChange online_change(Knob knob, std::int64_t value) {
  const auto name = std::string(to_string(knob));
  const auto text = std::to_string(value);
  switch (knob) {
    case Knob::write_buffer_size:
      return {{{name, text}, {"arena_block_size", std::to_string(arena_block_bytes(value))}},
              {{"max_total_wal_size", std::to_string(wal_bytes_max(value))}}};
    case Knob::max_write_buffer_number:
    case Knob::target_file_size_base:
      return {{{name, text}}, {}};
    case Knob::level0_file_num_compaction_trigger: {
      const auto triggers = l0_triggers(value);
      return {{{name, text},
               {"level0_slowdown_writes_trigger", std::to_string(triggers.slowdown)},
               {"level0_stop_writes_trigger", std::to_string(triggers.stop)}},
              {}};
    }
    case Knob::max_background_jobs:
      return {{}, {{name, text}}};
    case Knob::compression: {
      static constexpr std::array<const char*, kCompressions.size()> kNames = {
          "kNoCompression", "kSnappyCompression", "kZlibCompression", "kLZ4Compression", "kZSTD"};
      return {{{name, kNames[static_cast<std::size_t>(value)]}}, {}};
    }
    case Knob::block_cache_size:
    case Knob::bloom_bits_per_key:
      return {};
  }
  return {};
}

}  // namespace nodetune
