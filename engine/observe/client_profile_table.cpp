// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The clients that are known. The first row that matches wins.
#include <array>

#include "engine/observe/client_profile.h"

namespace nodetune {
namespace {

using namespace std::string_view_literals;

constexpr std::array kBesuFamilies = {
    ClientFamily{"\x01", "BLOCKCHAIN", "headers, bodies, receipts, transaction locations"},
    ClientFamily{"\x02", "WORLD_STATE", "state trie nodes (Forest)"},
    ClientFamily{"\x03", "PRIVATE_TRANSACTIONS", "left over from private transactions"},
    ClientFamily{"\x04", "PRIVATE_STATE", "left over from private transactions"},
    ClientFamily{"\x05", "PRUNING_STATE", "pruning (Forest)"},
    ClientFamily{"\x06", "ACCOUNT_INFO_STATE", "accounts"},
    ClientFamily{"\x07", "CODE_STORAGE", "contract code"},
    ClientFamily{"\x08", "ACCOUNT_STORAGE_STORAGE", "storage slots"},
    ClientFamily{"\x09", "TRIE_BRANCH_STORAGE", "state trie nodes"},
    ClientFamily{"\x0a", "TRIE_LOG_STORAGE", "trie logs"},
    ClientFamily{"\x0b", "VARIABLES", "chain head and other variables"},
    ClientFamily{"\x0c", "GOQUORUM_PRIVATE_WORLD_STATE", "left over from GoQuorum"},
    ClientFamily{"\x0d", "BACKWARD_SYNC_HEADERS", "headers during synchronisation"},
    ClientFamily{"\x0e", "BACKWARD_SYNC_BLOCKS", "blocks during synchronisation"},
    ClientFamily{"\x0f", "BACKWARD_SYNC_CHAIN", "chain during synchronisation"},
    ClientFamily{"\x10", "SNAPSYNC_MISSING_ACCOUNT_RANGE", "snap synchronisation"},
    ClientFamily{"\x11", "SNAPSYNC_ACCOUNT_TO_FIX", "snap synchronisation"},
    ClientFamily{"\x12", "CHAIN_PRUNER_STATE", "chain pruner"},
    ClientFamily{"ACCOUNT_INFO_STATE_ARCHIVE", "", "accounts of the past"},
    ClientFamily{"ACCOUNT_STORAGE_ARCHIVE", "", "storage slots of the past"},
    ClientFamily{"TRIE_BRANCH_STORAGE_ARCHIVE", "", "state trie nodes of the past"},
};
constexpr std::array kBesuMarkers = {"DATABASE_METADATA.json"sv, "VERSION_METADATA.json"sv};
constexpr std::array kBesuPlaces = {"database"sv};
constexpr std::array kBesuWords = {"besu"sv};
constexpr std::array kPantheonWords = {"pantheon"sv};
constexpr std::array kBesuSettings = {
    ClientSetting{Knob::block_cache_size, "--Xplugin-rocksdb-cache-capacity={}"},
};

constexpr std::array kEthrexFamilies = {
    ClientFamily{"headers", "", "headers"},
    ClientFamily{"fullsync_headers", "", "headers during synchronisation"},
    ClientFamily{"bodies", "", "block bodies"},
    ClientFamily{"pending_blocks", "", "blocks that wait"},
    ClientFamily{"canonical_block_hashes", "", "number to hash"},
    ClientFamily{"block_numbers", "", "hash to number"},
    ClientFamily{"transaction_locations", "", "transaction locations"},
    ClientFamily{"receipts_v2", "", "receipts"},
    ClientFamily{"receipts", "", "receipts"},
    ClientFamily{"account_trie_nodes", "", "state trie nodes"},
    ClientFamily{"storage_trie_nodes", "", "storage trie nodes"},
    ClientFamily{"account_flatkeyvalue", "", "accounts"},
    ClientFamily{"storage_flatkeyvalue", "", "storage slots"},
    ClientFamily{"account_codes", "", "contract code"},
    ClientFamily{"account_codes_metadata", "", "contract code"},
    ClientFamily{"chain_data", "", "chain variables"},
    ClientFamily{"snap_state", "", "snap synchronisation"},
    ClientFamily{"invalid_ancestors", "", "bad blocks"},
    ClientFamily{"misc_values", "", "variables"},
    ClientFamily{"execution_witnesses", "", "witnesses"},
    ClientFamily{"block_access_lists", "", "block access lists"},
    ClientFamily{"bad_blocks", "", "bad blocks"},
};
constexpr std::array kEthrexSettings = {
    ClientSetting{Knob::block_cache_size,
                  "--rocksdb.block-cache-size {}, or ETHREX_ROCKSDB_BLOCK_CACHE_SIZE={}"},
};

constexpr std::array kNethermindFamilies = {
    ClientFamily{"Transactions", "", "transaction to block (receipts)"},
    ClientFamily{"Blocks", "", "receipts by block"},
    ClientFamily{"Metadata", "", "variables (flat)"},
    ClientFamily{"Account", "", "accounts (flat)"},
    ClientFamily{"Storage", "", "storage slots (flat)"},
    ClientFamily{"StateNodes", "", "state trie nodes (flat)"},
    ClientFamily{"StateTopNodes", "", "state trie nodes (flat)"},
    ClientFamily{"StorageNodes", "", "storage trie nodes (flat)"},
    ClientFamily{"FallbackNodes", "", "trie nodes (flat)"},
    ClientFamily{"FullBlobTxs", "", "blob transactions"},
    ClientFamily{"LightBlobTxs", "", "blob transactions"},
    ClientFamily{"ProcessedTxs", "", "blob transactions"},
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

constexpr std::array kSubstrateFamilies = {
    ClientFamily{"col0", "META", "best and final block"},
    ClientFamily{"col1", "STATE", "state trie nodes"},
    ClientFamily{"col2", "STATE_META", "pruning journal"},
    ClientFamily{"col3", "KEY_LOOKUP", "number or hash to key"},
    ClientFamily{"col4", "HEADER", "headers"},
    ClientFamily{"col5", "BODY", "block bodies"},
    ClientFamily{"col6", "JUSTIFICATIONS", "justifications"},
    ClientFamily{"col7", "", "unused"},
    ClientFamily{"col8", "AUX", "auxiliary data"},
    ClientFamily{"col9", "OFFCHAIN", "off-chain storage"},
    ClientFamily{"col10", "", "unused"},
    ClientFamily{"col11", "TRANSACTION", "indexed transactions"},
    ClientFamily{"col12", "BODY_INDEX", "index of bodies"},
    ClientFamily{"col13", "ARCHIVE", "archive"},
};
constexpr std::array kParachainFamilies = {
    ClientFamily{"col0", "AVAILABILITY_DATA", "availability data"},
    ClientFamily{"col1", "AVAILABILITY_META", "availability data"},
    ClientFamily{"col2", "APPROVAL", "approval voting"},
    ClientFamily{"col3", "CHAIN_SELECTION", "chain selection"},
    ClientFamily{"col4", "DISPUTE", "disputes"},
    ClientFamily{"col5", "COLLATOR_REPUTATION", "collators"},
};
constexpr std::array kSubstratePlaces = {"chains/*/db/full"sv, "chains/*/db"sv, "db/full"sv};
constexpr std::array kParachainPlaces = {"parachains/db"sv};
constexpr std::array kSubstrateMarkers = {"db_version"sv};
constexpr std::array kSubstrateSettings = {
    ClientSetting{Knob::write_buffer_size, "--db-cache (MiB; write buffers are a share of it)"},
    ClientSetting{Knob::block_cache_size, "--db-cache (MiB; the block cache is a third of it)"},
};

constexpr std::array kAgaveFamilies = {
    ClientFamily{"meta", "", "slot meta"},
    ClientFamily{"data_shred", "", "blocks, as shreds"},
    ClientFamily{"code_shred", "", "blocks, erasure codes"},
    ClientFamily{"alt_data_shred", "", "blocks, as shreds"},
    ClientFamily{"transaction_status", "", "transaction results"},
    ClientFamily{"transaction_memos", "", "memos"},
    ClientFamily{"address_signatures", "", "transactions by address"},
    ClientFamily{"block_height", "", "slot meta"},
    ClientFamily{"blocktime", "", "slot meta"},
    ClientFamily{"root", "", "slot meta"},
    ClientFamily{"bank_hashes", "", "slot meta"},
    ClientFamily{"merkle_root_meta", "", "slot meta"},
    ClientFamily{"index", "", "shred index"},
    ClientFamily{"erasure_meta", "", "erasure codes"},
    ClientFamily{"orphans", "", "slots without a parent"},
    ClientFamily{"dead_slots", "", "dead slots"},
    ClientFamily{"duplicate_slots", "", "duplicate slots"},
    ClientFamily{"rewards", "", "rewards"},
    ClientFamily{"perf_samples", "", "performance samples"},
    ClientFamily{"optimistic_slots", "", "optimistic slots"},
    ClientFamily{"program_costs", "", "no longer used"},
    ClientFamily{"transaction_status_index", "", "no longer used"},
};
constexpr std::array kAgaveSettings = {
    ClientSetting{Knob::max_background_jobs,
                  "--rocksdb-compaction-threads, --rocksdb-flush-threads"},
    ClientSetting{Knob::compression,
                  "--rocksdb-ledger-compression {} (none, snappy, lz4 or zlib; for "
                  "transaction_status alone)"},
};

constexpr std::array kNearFamilies = {
    ClientFamily{"DbVersion", "", "version"},
    ClientFamily{"BlockMisc", "", "variables"},
    ClientFamily{"Block", "", "block bodies"},
    ClientFamily{"BlockHeader", "", "headers"},
    ClientFamily{"State", "", "state trie nodes"},
    ClientFamily{"FlatState", "", "accounts and storage"},
    ClientFamily{"Chunks", "", "block bodies"},
    ClientFamily{"PartialChunks", "", "block bodies"},
    ClientFamily{"Transactions", "", "transactions"},
    ClientFamily{"Receipts", "", "receipts"},
    ClientFamily{"IncomingReceipts", "", "receipts"},
    ClientFamily{"OutgoingReceipts", "", "receipts"},
    ClientFamily{"TransactionResultForBlock", "", "receipts"},
    ClientFamily{"ReceiptToTx", "", "receipts"},
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

constexpr std::array kAptosFamilies = {
    ClientFamily{"jellyfish_merkle_node", "", "state tree nodes"},
    ClientFamily{"stale_node_index", "", "state tree nodes, stale"},
    ClientFamily{"transaction_info", "", "transaction results"},
    ClientFamily{"transaction", "", "transactions"},
    ClientFamily{"transaction_by_hash", "", "transactions"},
    ClientFamily{"ordered_transaction_by_account", "", "transactions"},
    ClientFamily{"transaction_accumulator", "", "accumulator"},
    ClientFamily{"event_accumulator", "", "accumulator"},
    ClientFamily{"write_set", "", "write sets"},
    ClientFamily{"event", "", "events"},
    ClientFamily{"block_info", "", "blocks"},
    ClientFamily{"block_by_version", "", "blocks"},
    ClientFamily{"ledger_info", "", "blocks"},
    ClientFamily{"state_value", "", "state values"},
    ClientFamily{"state_value_by_key_hash", "", "state values"},
    ClientFamily{"hot_state_value_by_key_hash", "", "state values"},
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

constexpr std::array kSuiFamilies = {
    ClientFamily{"objects", "", "objects"},
    ClientFamily{"owned_object_transaction_locks", "", "locks"},
    ClientFamily{"transactions", "", "transactions"},
    ClientFamily{"executed_transaction_digests", "", "transactions"},
    ClientFamily{"effects", "", "transaction effects"},
    ClientFamily{"executed_effects", "", "transaction effects"},
    ClientFamily{"events_2", "", "events"},
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

constexpr std::array kZebraFamilies = {
    ClientFamily{"block_header_by_height", "", "headers"},
    ClientFamily{"hash_by_height", "", "number to hash"},
    ClientFamily{"height_by_hash", "", "hash to number"},
    ClientFamily{"block_info", "", "block sizes"},
    ClientFamily{"tip_chain_value_pool", "", "value pools"},
    ClientFamily{"tx_by_loc", "", "transactions"},
    ClientFamily{"hash_by_tx_loc", "", "transaction locations"},
    ClientFamily{"tx_loc_by_hash", "", "transaction locations"},
    ClientFamily{"tx_loc_by_transparent_addr_loc", "", "transaction locations"},
    ClientFamily{"tx_loc_by_spent_out_loc", "", "transaction locations"},
    ClientFamily{"balance_by_transparent_addr", "", "balances"},
    ClientFamily{"utxo_by_out_loc", "", "unspent outputs"},
    ClientFamily{"utxo_loc_by_transparent_addr_loc", "", "unspent outputs"},
    ClientFamily{"history_tree", "", "trees"},
};
constexpr std::array kRethFamilies = {
    ClientFamily{"TransactionHashNumbers", "", "transaction locations"},
    ClientFamily{"AccountsHistory", "", "account history index"},
    ClientFamily{"StoragesHistory", "", "storage history index"},
    ClientFamily{"BlockAccessLists", "", "block access lists"},
    ClientFamily{"BlockAccessListBlockNumbers", "", "block access lists"},
};
constexpr std::array kRethSettings = {
    ClientSetting{Knob::block_cache_size, "--db.rocksdb-block-cache-size {}"},
};

constexpr std::array kFulcrumFamilies = {
    ClientFamily{"meta", "", "variables"},
    ClientFamily{"blkinfo", "", "blocks"},
    ClientFamily{"headers", "", "headers"},
    ClientFamily{"utxoset", "", "unspent outputs"},
    ClientFamily{"scripthash_history", "", "transactions by script"},
    ClientFamily{"scripthash_unspent", "", "unspent outputs by script"},
    ClientFamily{"undo", "", "undo data"},
    ClientFamily{"txnum2txhash", "", "transaction locations"},
    ClientFamily{"txhash2txnum", "", "transaction locations"},
    ClientFamily{"rpa", "", "transactions by prefix"},
};
constexpr std::array kFulcrumPlaces = {"fulc2_db"sv};
constexpr std::array kFulcrumSettings = {
    ClientSetting{Knob::write_buffer_size, "db_mem (half of it)"},
    ClientSetting{Knob::max_background_jobs, "db_parallelism = {}"},
    ClientSetting{Knob::block_cache_size, "db_mem"},
};

constexpr std::array kElectrsFamilies = {
    ClientFamily{"config", "", "configuration"},
    ClientFamily{"headers", "", "headers"},
    ClientFamily{"txid", "", "transaction index"},
    ClientFamily{"funding", "", "transactions by script"},
    ClientFamily{"spending", "", "transactions by output"},
};

constexpr std::array kProfiles = {
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
                  .default_is_unused = true},
    ClientProfile{.name = "Besu (Pantheon)",
                  .places = kBesuPlaces,
                  .path_words = kPantheonWords,
                  .settings_note = "Pantheon is what Besu was called in 2019"},
    ClientProfile{.name = "ethrex",
                  .families = kEthrexFamilies,
                  .families_min = 6,
                  .settings = kEthrexSettings},
    ClientProfile{
        .name = "Agave", .families = kAgaveFamilies, .families_min = 5, .settings = kAgaveSettings},
    ClientProfile{.name = "NEAR",
                  .families = kNearFamilies,
                  .families_min = 5,
                  .settings = kNearSettings,
                  .settings_note = "The cold archive is a second database"},
    ClientProfile{.name = "Aptos",
                  .families = kAptosFamilies,
                  .families_min = 2,
                  .sibling_names = kAptosSiblings,
                  .siblings_min = 2,
                  .settings = kAptosSettings},
    ClientProfile{
        .name = "Sui", .families = kSuiFamilies, .families_min = 4, .settings = kSuiSettings},
    ClientProfile{.name = "Zebra",
                  .families = kZebraFamilies,
                  .families_min = 5,
                  .settings_note = "Zebra has no setting for RocksDB"},
    ClientProfile{.name = "Reth",
                  .families = kRethFamilies,
                  .families_min = 2,
                  .settings = kRethSettings,
                  .settings_note =
                      "Reth's state lies in MDBX, its blocks in static files: this database holds "
                      "indexes"},
    ClientProfile{.name = "Fulcrum",
                  .families = kFulcrumFamilies,
                  .families_min = 5,
                  .places = kFulcrumPlaces,
                  .settings = kFulcrumSettings},
    ClientProfile{.name = "electrs",
                  .families = kElectrsFamilies,
                  .families_min = 4,
                  .settings_note = "electrs has no setting for RocksDB but db_log_dir"},
    ClientProfile{.name = "Polkadot (parachains)",
                  .families = kParachainFamilies,
                  .families_min = 3,
                  .families_need_place = true,
                  .places = kParachainPlaces,
                  .settings = kSubstrateSettings},
    ClientProfile{.name = "Substrate/Polkadot",
                  .families = kSubstrateFamilies,
                  .families_min = 8,
                  .families_need_place = true,
                  .marker_files = kSubstrateMarkers,
                  .places = kSubstratePlaces,
                  .settings = kSubstrateSettings},
    ClientProfile{
        .name = "Nethermind",
        .families = kNethermindFamilies,
        .families_min = 2,
        .sibling_names = kNethermindSiblings,
        .siblings_min = 5,
        .settings = kNethermindSettings,
        .settings_note = "Every option in an AdditionalRocksDbOptions string must end with ';'"},
};

}  // namespace

std::span<const ClientProfile> client_profiles() {
  return kProfiles;
}

}  // namespace nodetune
