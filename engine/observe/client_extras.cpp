// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/client_extras.h"

#include <array>

namespace nodetune {
namespace {

using Extra = ClientExtra;

constexpr std::string_view kOpenFiles = "Open files";
constexpr std::string_view kStatistics = "Statistics of RocksDB";
constexpr std::string_view kDumps = "Statistics in the LOG (seconds)";
constexpr std::string_view kFilesLimit = "The process's own limit (ulimit -n) must be higher";
constexpr std::string_view kCosts = "Counting costs some speed under load";
constexpr std::string_view kString =
    "Every option in the string must end with ';'; the last value wins";

constexpr std::array kExtras = {
    Extra{"Besu", kOpenFiles, "max_open_files", "--Xplugin-rocksdb-max-open-files=…",
          "From 26.7.0 on it follows the free memory (1024 to 16384) unless it is set; the "
          "process's own limit (ulimit -n) must be higher"},
    Extra{"Besu",
          "Block cache of large families",
          {},
          "--Xplugin-rocksdb-high-spec-enabled",
          "1 GiB for each of five families instead of 128 MiB: too much for 16 GB of memory"},
    Extra{"Besu",
          "Background threads",
          {},
          "--Xplugin-rocksdb-background-thread-count=…",
          "Leaves max_background_jobs as it is: by itself it should not make compaction faster"},
    Extra{"Besu",
          "Cache hits in its own metrics",
          {},
          "--metrics-enabled --metrics-category=KVSTORE_ROCKSDB,KVSTORE_ROCKSDB_STATS",
          "The list replaces the usual one: name the categories that you look at now as well. "
          "Besu warns that these two cost speed under load",
          true},
    Extra{"Besu", "Blob files: collect the chain's", "enable_blob_garbage_collection",
          "--Xplugin-rocksdb-blockchain-blob-garbage-collection-enabled=true",
          "Frees disk, and rewrites blob files for it"},
    Extra{"Besu", "Blob files: from which age", "blob_garbage_collection_age_cutoff",
          "--Xplugin-rocksdb-blob-garbage-collection-age-cutoff=…", "A share, 0 to 1"},
    Extra{"Besu", "Blob files: forced by garbage", "blob_garbage_collection_force_threshold",
          "--Xplugin-rocksdb-blob-garbage-collection-force-threshold=…", "A share, 0 to 1"},
    Extra{"Besu",
          "Read cache for snapshots",
          {},
          "--Xplugin-rocksdb-read-cache-snapshots-enabled=true"},
    Extra{"Besu", "Space by family (node stopped)", {}, "besu storage rocksdb usage"},
    Extra{"Besu",
          kDumps,
          "stats_dump_period_sec",
          {},
          "From 26.4.0 on Besu turns them off: its metrics tell more"},
    Extra{"Besu", "Write-ahead log", "max_total_wal_size", {}},
    Extra{"Besu", "Old LOG files kept", "keep_log_file_num", {}},

    Extra{"ethrex", kStatistics, "stats_dump_period_sec", "ETHREX_ROCKSDB_STATS=1",
          "An environment variable. Written into the LOG every 60 seconds; counting costs some "
          "speed",
          true},

    Extra{"Nethermind",
          "Memory of the whole node",
          {},
          "--Init.MemoryHint …",
          "In bytes: it shares it out among its caches and databases"},
    Extra{"Nethermind", kStatistics, {}, "--Db.EnableDbStatistics true", kCosts, true},
    Extra{"Nethermind", kDumps, "stats_dump_period_sec", "--Db.StatsDumpPeriodSec …",
          "600 where it is not set", true},
    Extra{"Nethermind",
          "Figures in its own metrics",
          {},
          "--Db.EnableMetricsUpdater true",
          kCosts,
          true},
    Extra{"Nethermind", kOpenFiles, "max_open_files",
          "--Db.<name>DbAdditionalRocksDbOptions \"max_open_files=…;\"", kString},
    Extra{"Nethermind", "Old LOG files kept", "keep_log_file_num",
          "--Db.<name>DbAdditionalRocksDbOptions \"keep_log_file_num=…;\"", kString},
    Extra{"Nethermind", "Write-ahead log", "max_total_wal_size",
          "--Db.<name>DbAdditionalRocksDbOptions \"max_total_wal_size=…;\"", kString},

    Extra{"Substrate/Polkadot", kOpenFiles, "max_open_files", {}},
    Extra{"Substrate/Polkadot",
          "Old LOG files kept",
          "keep_log_file_num",
          {},
          "One alone: what was before the last start is not known"},

    Extra{"Agave",
          "Shreds kept in the ledger",
          {},
          "--limit-ledger-size …",
          "How much of the past stays on the disk"},
    Extra{"Agave", "Recovery of the write-ahead log", "wal_recovery_mode", "--wal-recovery-mode …"},
    Extra{"Agave",
          "Samples of slow calls",
          {},
          "--rocksdb-perf-sample-interval …",
          "One call of so many is measured; 0 is none",
          true},

    Extra{"NEAR", kOpenFiles, "max_open_files", "config.json: store.max_open_files = …",
          kFilesLimit},
    Extra{"NEAR", kStatistics, {}, "config.json: store.enable_statistics = true", kCosts, true},
    Extra{"NEAR", "Block size", "block_size", "config.json: store.block_size = …",
          "Holds for files that are written from then on"},

    Extra{"Aptos", kOpenFiles, "max_open_files",
          "storage.rocksdb_configs.<db>_config.max_open_files: …", kFilesLimit},
    Extra{"Aptos",
          kStatistics,
          {},
          "storage.rocksdb_configs.<db>_config.stats_level: …",
          kCosts,
          true},
    Extra{"Aptos",
          kDumps,
          "stats_dump_period_sec",
          "storage.rocksdb_configs.<db>_config.stats_dump_period_sec: …",
          {},
          true},

    Extra{"Sui", "Write-ahead log", "max_total_wal_size", "DB_WAL_SIZE_MB=…",
          "An environment variable"},
    Extra{"Sui", "Blob files", "enable_blob_files", "DISABLE_BLOB_STORAGE=1",
          "An environment variable; holds for what is written from then on"},

    Extra{"Fulcrum",
          "Memory of the database",
          {},
          "db_mem = …",
          "In MB: half of it for write buffers, which count as part of the block cache"},
    Extra{"Fulcrum", kOpenFiles, "max_open_files", "db_max_open_files = …", kFilesLimit},
    Extra{"Fulcrum", "Old LOG files kept", "keep_log_file_num", "db_keep_log_file_num = …",
          "More of them show more of the past"},
    Extra{"Fulcrum", "fsync instead of fdatasync", "use_fsync", "db_use_fsync = true",
          "Slower; for file systems that need it"},

    Extra{"electrs", "Where the LOG lies", "db_log_dir", "db_log_dir = …"},
};

}  // namespace

std::span<const ClientExtra> client_extras() {
  return kExtras;
}

}  // namespace nodetune
