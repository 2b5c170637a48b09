// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The clients that are known. The first row that matches wins.
#include <array>

#include "engine/observe/client_families.h"
#include "engine/observe/client_profile.h"

namespace nodetune {
namespace {

using namespace std::string_view_literals;
using namespace client_data;

constexpr std::array kBesuMarkers = {"DATABASE_METADATA.json"sv, "VERSION_METADATA.json"sv};
constexpr std::array kBesuPlaces = {"database"sv};
constexpr std::array kBesuWords = {"besu"sv};
constexpr std::array kPantheonWords = {"pantheon"sv};
constexpr std::array kBesuSettings = {
    ClientSetting{Knob::block_cache_size, "--Xplugin-rocksdb-cache-capacity={}"},
};

constexpr std::array kEthrexSettings = {
    ClientSetting{Knob::block_cache_size,
                  "--rocksdb.block-cache-size {}, or ETHREX_ROCKSDB_BLOCK_CACHE_SIZE={}"},
};

constexpr std::array kNethermindSiblings = {
    "headers"sv,  "blocks"sv, "blockNumbers"sv,   "blockInfos"sv,      "code"sv,
    "receipts"sv, "state"sv,  "flat"sv,           "badBlocks"sv,       "bloom"sv,
    "metadata"sv, "peers"sv,  "discoveryNodes"sv, "blobTransactions"sv};
constexpr std::array kNethermindSettings = {
    ClientSetting{Knob::write_buffer_size,
                  "Db.StateDbWriteBufferSize={}, or Db.<name>DbAdditionalRocksDbOptions "
                  "\"write_buffer_size={};\""},
    ClientSetting{Knob::max_write_buffer_number,
                  "Db.StateDbWriteBufferNumber={}, or Db.<name>DbAdditionalRocksDbOptions "
                  "\"max_write_buffer_number={};\""},
    ClientSetting{Knob::target_file_size_base,
                  "Db.<name>DbAdditionalRocksDbOptions \"target_file_size_base={};\""},
    ClientSetting{Knob::level0_file_num_compaction_trigger,
                  "Db.<name>DbAdditionalRocksDbOptions \"level0_file_num_compaction_trigger={};\""},
    ClientSetting{Knob::max_background_jobs,
                  "Db.<name>DbAdditionalRocksDbOptions \"max_background_jobs={};\""},
    ClientSetting{Knob::compression, "Db.<name>DbAdditionalRocksDbOptions \"compression={};\""},
    ClientSetting{Knob::block_cache_size, "Db.SharedBlockCacheSize, FlatDb.BlockCacheSizeBudget"},
    ClientSetting{Knob::bloom_bits_per_key,
                  "Db.<name>DbAdditionalRocksDbOptions "
                  "\"block_based_table_factory.filter_policy=bloomfilter:{};\""},
};

constexpr std::array kSubstratePlaces = {"chains/*/db/full"sv, "chains/*/db"sv, "db/full"sv};
constexpr std::array kParachainPlaces = {"parachains/db"sv};
constexpr std::array kSubstrateMarkers = {"db_version"sv};
constexpr std::array kSubstrateSettings = {
    ClientSetting{Knob::write_buffer_size, "--db-cache (MiB; write buffers are a share of it)"},
    ClientSetting{Knob::block_cache_size, "--db-cache (MiB; the block cache is a third of it)"},
};

constexpr std::array kAgaveSettings = {
    ClientSetting{Knob::max_background_jobs,
                  "--rocksdb-compaction-threads, --rocksdb-flush-threads"},
    ClientSetting{Knob::compression,
                  "--rocksdb-ledger-compression {} (none, snappy, lz4 or zlib; for "
                  "transaction_status alone)"},
};

constexpr std::array kNearSettings = {
    ClientSetting{Knob::write_buffer_size,
                  "config.json: store.rocksdb.write_buffer_size = {}, "
                  "cf_*_load_overrides.memtable_memory_budget"},
    ClientSetting{Knob::max_write_buffer_number,
                  "config.json: store.rocksdb.cf_*_load_overrides.max_write_buffer_number = {}"},
    ClientSetting{Knob::target_file_size_base,
                  "config.json: store.rocksdb.cf_*_load_overrides.target_file_size_base = {}"},
    ClientSetting{Knob::level0_file_num_compaction_trigger,
                  "config.json: store.rocksdb.cf_*_load_overrides."
                  "level_zero_file_num_compaction_trigger = {}"},
    ClientSetting{Knob::max_background_jobs, "config.json: store.rocksdb.parallelism = {}"},
    ClientSetting{Knob::block_cache_size,
                  "config.json: store.col_state_cache_size, store.col_flat_state_cache_size"},
};

constexpr std::array kAptosSiblings = {"ledger_db"sv, "state_merkle_db"sv, "state_kv_db"sv};
constexpr std::array kAptosSettings = {
    ClientSetting{Knob::max_background_jobs,
                  "storage.rocksdb_configs.<db>_config.max_background_jobs: {}"},
    ClientSetting{Knob::block_cache_size,
                  "storage.rocksdb_configs.<db>_config.block_cache_size: {}"},
    ClientSetting{Knob::bloom_bits_per_key,
                  "storage.rocksdb_configs.<db>_config.bloom_filter_bits: {}"},
};

constexpr std::array kSuiSettings = {
    ClientSetting{Knob::write_buffer_size,
                  "environment: MAX_WRITE_BUFFER_SIZE_MB={MiB}, DB_WRITE_BUFFER_SIZE_MB"},
    ClientSetting{Knob::max_write_buffer_number, "environment: MAX_WRITE_BUFFER_NUMBER={}"},
    ClientSetting{Knob::target_file_size_base, "environment: TARGET_FILE_SIZE_BASE_MB={MiB}"},
    ClientSetting{Knob::level0_file_num_compaction_trigger,
                  "environment: L0_NUM_FILES_COMPACTION_TRIGGER={}"},
    ClientSetting{Knob::max_background_jobs, "environment: DB_PARALLELISM={}"},
    ClientSetting{Knob::block_cache_size,
                  "environment: OBJECTS_BLOCK_CACHE_MB, LOCKS_BLOCK_CACHE_MB, "
                  "TRANSACTIONS_BLOCK_CACHE_MB, EFFECTS_BLOCK_CACHE_MB"},
};

constexpr std::array kRethSettings = {
    ClientSetting{Knob::block_cache_size, "--db.rocksdb-block-cache-size {}"},
};

constexpr std::array kFulcrumPlaces = {"fulc2_db"sv};
constexpr std::array kFulcrumSettings = {
    ClientSetting{Knob::write_buffer_size, "db_mem (half of it)"},
    ClientSetting{Knob::max_background_jobs, "db_parallelism = {}"},
    ClientSetting{Knob::block_cache_size, "db_mem"},
};

constexpr std::array kClientProfiles = {
    ClientProfile{.name = "Besu",
                  .families = kBesuFamilies,
                  .families_min = 3,
                  .marker_files = kBesuMarkers,
                  .places = kBesuPlaces,
                  .path_words = kBesuWords,
                  .settings = kBesuSettings,
                  .settings_note =
                      "--Xplugin-rocksdb-high-spec-enabled gives 1 GiB of block cache to the large "
                      "families. --Xplugin-rocksdb-background-thread-count leaves "
                      "max_background_jobs at 2: by "
                      "itself it should not make compaction faster. At its start Besu copies "
                      "level_compaction_dynamic_level_bytes from the newest OPTIONS file",
                  .default_is_unused = true,
                  .stored_note = kBesuStored},
    ClientProfile{.name = "Besu (Pantheon)",
                  .places = kBesuPlaces,
                  .path_words = kPantheonWords,
                  .settings_note = "Pantheon is what Besu was called in 2019",
                  .stored_note = "All kinds lie in one column family: not told apart"},
    ClientProfile{.name = "ethrex",
                  .families = kEthrexFamilies,
                  .families_min = 6,
                  .settings = kEthrexSettings,
                  .stored_note = kEthrexStored},
    ClientProfile{.name = "Agave",
                  .families = kAgaveFamilies,
                  .families_min = 5,
                  .settings = kAgaveSettings,
                  .stored_note = kAgaveStored},
    ClientProfile{.name = "NEAR",
                  .families = kNearFamilies,
                  .families_min = 5,
                  .settings = kNearSettings,
                  .settings_note = "The cold archive is a second database",
                  .databases = kRestIsOther,
                  .stored_note = kNearStored},
    ClientProfile{.name = "Aptos",
                  .families = kAptosFamilies,
                  .families_min = 2,
                  .sibling_names = kAptosSiblings,
                  .siblings_min = 2,
                  .settings = kAptosSettings,
                  .databases = kRestIsOther,
                  .stored_note = kAptosStored},
    ClientProfile{.name = "Sui",
                  .families = kSuiFamilies,
                  .families_min = 4,
                  .settings = kSuiSettings,
                  .databases = kSuiDatabases,
                  .stored_note = kSuiStored},
    ClientProfile{.name = "Zebra",
                  .families = kZebraFamilies,
                  .families_min = 5,
                  .settings_note = "Zebra has no setting for RocksDB",
                  .stored_note = kZebraStored},
    ClientProfile{.name = "Reth",
                  .families = kRethFamilies,
                  .families_min = 2,
                  .settings = kRethSettings,
                  .settings_note =
                      "Reth's state lies in MDBX, its blocks in static files: this database holds "
                      "indexes",
                  .stored_note = kRethStored},
    ClientProfile{.name = "Fulcrum",
                  .families = kFulcrumFamilies,
                  .families_min = 5,
                  .places = kFulcrumPlaces,
                  .settings = kFulcrumSettings,
                  .stored_note = kFulcrumStored},
    ClientProfile{.name = "electrs",
                  .families = kElectrsFamilies,
                  .families_min = 4,
                  .settings_note = "electrs has no setting for RocksDB but db_log_dir",
                  .stored_note = kElectrsStored},
    ClientProfile{.name = "Polkadot (parachains)",
                  .families = kParachainFamilies,
                  .families_min = 3,
                  .families_need_place = true,
                  .places = kParachainPlaces,
                  .settings = kSubstrateSettings,
                  .stored_note = kParachainStored},
    ClientProfile{.name = "Substrate/Polkadot",
                  .families = kSubstrateFamilies,
                  .families_min = 8,
                  .families_need_place = true,
                  .marker_files = kSubstrateMarkers,
                  .places = kSubstratePlaces,
                  .settings = kSubstrateSettings,
                  .stored_note = kSubstrateStored},
    ClientProfile{
        .name = "Nethermind",
        .families = kNethermindFamilies,
        .families_min = 2,
        .sibling_names = kNethermindSiblings,
        .siblings_min = 5,
        .settings = kNethermindSettings,
        .settings_note = "Every option in an AdditionalRocksDbOptions string must end with ';'",
        .databases = kNethermindDatabases,
        .stored_note = kNethermindStored},
};

constexpr ClientProfile kOwnProfile = {.name = "NodeTune", .families = kOwnFamilies};

}  // namespace

std::span<const ClientProfile> client_profiles() {
  return kClientProfiles;
}

const ClientProfile& own_profile() {
  return kOwnProfile;
}

}  // namespace nodetune
