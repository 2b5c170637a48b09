// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <string_view>

#include "engine/observe/client_profile.h"

// What the column families of each known client hold: data for the profile table alone.
//
// Source: each client's own source, as of August 2026. An index counts as what it leads to. A
// family whose kinds no key prefix tells apart is kMixed.

namespace nodetune::client_data {

inline constexpr HeldKind kBlock = holding(ObjectKind::block);
inline constexpr HeldKind kHeader = holding(ObjectKind::header);
inline constexpr HeldKind kNode = holding(ObjectKind::state_node);
inline constexpr HeldKind kAccount = holding(ObjectKind::account);
inline constexpr HeldKind kSlot = holding(ObjectKind::storage);
inline constexpr HeldKind kTransaction = holding(ObjectKind::transaction);
inline constexpr HeldKind kReceipt = holding(ObjectKind::receipt);
inline constexpr HeldKind kOther = kHoldsOther;
inline constexpr HeldKind kMixed = kNotToldApart;

inline constexpr std::array kBesuBlockchainKeys = {
    KeyPrefix{0x01, 0x01, kOther},        // variables, of old versions
    KeyPrefix{0x02, 0x02, kHeader},       //
    KeyPrefix{0x03, 0x03, kBlock},        //
    KeyPrefix{0x04, 0x04, kReceipt},      //
    KeyPrefix{0x05, 0x06, kOther},        // number to hash, total difficulty
    KeyPrefix{0x07, 0x07, kTransaction},  // where it lies
    KeyPrefix{0x08, 0x08, kOther},        // block access lists
    KeyPrefix{0x09, 0x09, kTransaction},  // by sender and nonce
};
inline constexpr std::array kBesuFamilies = {
    ClientFamily{"default", "", "unused", kOther},
    ClientFamily{"\x01", "BLOCKCHAIN", "headers, bodies, receipts, transaction locations", kMixed,
                 kBesuBlockchainKeys},
    ClientFamily{"\x02", "WORLD_STATE", "state trie nodes (Forest)", kNode},
    ClientFamily{"\x03", "PRIVATE_TRANSACTIONS", "left over from private transactions", kOther},
    ClientFamily{"\x04", "PRIVATE_STATE", "left over from private transactions", kOther},
    ClientFamily{"\x05", "PRUNING_STATE", "pruning (Forest)", kOther},
    ClientFamily{"\x06", "ACCOUNT_INFO_STATE", "accounts", kAccount},
    ClientFamily{"\x07", "CODE_STORAGE", "contract code", kOther},
    ClientFamily{"\x08", "ACCOUNT_STORAGE_STORAGE", "storage slots", kSlot},
    ClientFamily{"\x09", "TRIE_BRANCH_STORAGE", "state trie nodes", kNode},
    ClientFamily{"\x0a", "TRIE_LOG_STORAGE", "trie logs", kOther},
    ClientFamily{"\x0b", "VARIABLES", "chain head and other variables", kOther},
    ClientFamily{"\x0c", "GOQUORUM_PRIVATE_WORLD_STATE", "left over from GoQuorum", kOther},
    ClientFamily{"\x0d", "BACKWARD_SYNC_HEADERS", "headers during synchronisation", kHeader},
    ClientFamily{"\x0e", "BACKWARD_SYNC_BLOCKS", "blocks during synchronisation", kBlock},
    ClientFamily{"\x0f", "BACKWARD_SYNC_CHAIN", "chain during synchronisation", kOther},
    ClientFamily{"\x10", "SNAPSYNC_MISSING_ACCOUNT_RANGE", "snap synchronisation", kOther},
    ClientFamily{"\x11", "SNAPSYNC_ACCOUNT_TO_FIX", "snap synchronisation", kOther},
    ClientFamily{"\x12", "CHAIN_PRUNER_STATE", "chain pruner", kOther},
    ClientFamily{"ACCOUNT_INFO_STATE_ARCHIVE", "", "accounts of the past", kAccount},
    ClientFamily{"ACCOUNT_STORAGE_ARCHIVE", "", "storage slots of the past", kSlot},
    ClientFamily{"TRIE_BRANCH_STORAGE_ARCHIVE", "", "state trie nodes of the past", kNode},
};
inline constexpr std::string_view kBesuStored =
    "Transactions lie inside the block bodies: what counts as transactions is the index to them. A "
    "Forest database keeps accounts, storage slots and contract code inside its state trie nodes";

inline constexpr std::array kEthrexFamilies = {
    ClientFamily{"headers", "", "headers", kHeader},
    ClientFamily{"fullsync_headers", "", "headers during synchronisation", kHeader},
    ClientFamily{"bodies", "", "block bodies", kBlock},
    ClientFamily{"pending_blocks", "", "blocks that wait", kBlock},
    ClientFamily{"canonical_block_hashes", "", "number to hash", kOther},
    ClientFamily{"block_numbers", "", "hash to number", kOther},
    ClientFamily{"transaction_locations", "", "transaction locations", kTransaction},
    ClientFamily{"receipts_v2", "", "receipts", kReceipt},
    ClientFamily{"receipts", "", "receipts", kReceipt},
    ClientFamily{"account_trie_nodes", "", "state trie nodes", kNode},
    ClientFamily{"storage_trie_nodes", "", "storage trie nodes", kNode},
    ClientFamily{"account_flatkeyvalue", "", "accounts", kAccount},
    ClientFamily{"storage_flatkeyvalue", "", "storage slots", kSlot},
    ClientFamily{"account_codes", "", "contract code", kOther},
    ClientFamily{"account_codes_metadata", "", "contract code", kOther},
    ClientFamily{"chain_data", "", "chain variables", kOther},
    ClientFamily{"snap_state", "", "snap synchronisation", kOther},
    ClientFamily{"invalid_ancestors", "", "bad blocks", kOther},
    ClientFamily{"misc_values", "", "variables", kOther},
    ClientFamily{"execution_witnesses", "", "witnesses", kOther},
    ClientFamily{"block_access_lists", "", "block access lists", kOther},
    ClientFamily{"bad_blocks", "", "bad blocks", kOther},
};
inline constexpr std::string_view kEthrexStored =
    "Transactions lie inside the block bodies: what counts as transactions is the index to them";

inline constexpr std::array kNethermindFamilies = {
    ClientFamily{"Transactions", "", "transaction to block (receipts)", kTransaction},
    ClientFamily{"Blocks", "", "receipts by block", kReceipt},
    ClientFamily{"Metadata", "", "variables (flat)", kOther},
    ClientFamily{"Account", "", "accounts (flat)", kAccount},
    ClientFamily{"Storage", "", "storage slots (flat)", kSlot},
    ClientFamily{"StateNodes", "", "state trie nodes (flat)", kNode},
    ClientFamily{"StateTopNodes", "", "state trie nodes (flat)", kNode},
    ClientFamily{"StorageNodes", "", "storage trie nodes (flat)", kNode},
    ClientFamily{"FallbackNodes", "", "trie nodes (flat)", kNode},
    ClientFamily{"FullBlobTxs", "", "blob transactions", kTransaction},
    ClientFamily{"LightBlobTxs", "", "blob transactions", kTransaction},
    ClientFamily{"ProcessedTxs", "", "blob transactions", kTransaction},
};
inline constexpr std::array kNethermindDatabases = {
    ClientDatabase{"headers", "headers", kHeader},
    ClientDatabase{"blocks", "block bodies", kBlock},
    ClientDatabase{"blockNumbers", "hash to number", kOther},
    ClientDatabase{"blockInfos", "blocks of each number", kOther},
    ClientDatabase{"receipts", "left over from old versions", kOther},
    ClientDatabase{"code", "contract code", kOther},
    ClientDatabase{"state", "state trie nodes", kNode},
    ClientDatabase{"flatHistory", "accounts and storage slots of the past", kMixed},
    ClientDatabase{"badBlocks", "bad blocks", kBlock},
    ClientDatabase{"blobTransactions", "blob transactions", kTransaction},
    ClientDatabase{"metadata", "variables", kOther},
    ClientDatabase{"bloom", "bloom filters of logs", kOther},
    ClientDatabase{"logIndexStorage", "index of logs", kOther},
    ClientDatabase{"peers", "peers", kOther},
    ClientDatabase{"discoveryNodes", "peers", kOther},
};
inline constexpr std::string_view kNethermindStored =
    "Transactions lie inside the block bodies: what counts as transactions is the index to them. A "
    "database `state` (before 2.0) keeps accounts and storage slots inside its trie nodes";

inline constexpr std::array kRethFamilies = {
    ClientFamily{"TransactionHashNumbers", "", "transaction locations", kTransaction},
    ClientFamily{"AccountsHistory", "", "account history index", kAccount},
    ClientFamily{"StoragesHistory", "", "storage history index", kSlot},
    ClientFamily{"BlockAccessLists", "", "block access lists", kOther},
    ClientFamily{"BlockAccessListBlockNumbers", "", "block access lists", kOther},
};
inline constexpr std::string_view kRethStored =
    "The state lies in MDBX; headers, block bodies and receipts lie in static files. What counts "
    "as accounts and storage is the index of their history";

inline constexpr std::array kSubstrateFamilies = {
    ClientFamily{"col0", "META", "best and final block", kOther},
    ClientFamily{"col1", "STATE", "state trie nodes", kNode},
    ClientFamily{"col2", "STATE_META", "pruning journal", kOther},
    ClientFamily{"col3", "KEY_LOOKUP", "number or hash to key", kOther},
    ClientFamily{"col4", "HEADER", "headers", kHeader},
    ClientFamily{"col5", "BODY", "block bodies", kBlock},
    ClientFamily{"col6", "JUSTIFICATIONS", "justifications", kOther},
    ClientFamily{"col7", "", "unused", kOther},
    ClientFamily{"col8", "AUX", "auxiliary data", kOther},
    ClientFamily{"col9", "OFFCHAIN", "off-chain storage", kOther},
    ClientFamily{"col10", "", "unused", kOther},
    ClientFamily{"col11", "TRANSACTION", "indexed transactions", kTransaction},
    ClientFamily{"col12", "BODY_INDEX", "index of bodies", kBlock},
    ClientFamily{"col13", "ARCHIVE", "archive", kMixed},
};
inline constexpr std::string_view kSubstrateStored =
    "Receipts, accounts and storage slots are not stored separately. Transactions lie inside the "
    "block bodies, but for indexed ones";
inline constexpr std::array kParachainFamilies = {
    ClientFamily{"col0", "AVAILABILITY_DATA", "availability data", kOther},
    ClientFamily{"col1", "AVAILABILITY_META", "availability data", kOther},
    ClientFamily{"col2", "APPROVAL", "approval voting", kOther},
    ClientFamily{"col3", "CHAIN_SELECTION", "chain selection", kOther},
    ClientFamily{"col4", "DISPUTE", "disputes", kOther},
    ClientFamily{"col5", "COLLATOR_REPUTATION", "collators", kOther},
};
inline constexpr std::string_view kParachainStored =
    "What validators need for parachains: none of the seven kinds";

inline constexpr std::array kAgaveFamilies = {
    ClientFamily{"meta", "", "slot meta", kHeader},
    ClientFamily{"alt_meta", "", "slot meta", kHeader},
    ClientFamily{"data_shred", "", "blocks, as shreds", kBlock},
    ClientFamily{"code_shred", "", "blocks, erasure codes", kBlock},
    ClientFamily{"alt_data_shred", "", "blocks, as shreds", kBlock},
    ClientFamily{"transaction_status", "", "transaction results", kReceipt},
    ClientFamily{"transaction_memos", "", "memos", kTransaction},
    ClientFamily{"address_signatures", "", "transactions by address", kTransaction},
    ClientFamily{"block_height", "", "slot meta", kHeader},
    ClientFamily{"blocktime", "", "slot meta", kHeader},
    ClientFamily{"root", "", "slot meta", kHeader},
    ClientFamily{"bank_hashes", "", "slot meta", kHeader},
    ClientFamily{"merkle_root_meta", "", "slot meta", kHeader},
    ClientFamily{"alt_merkle_root_meta", "", "slot meta", kHeader},
    ClientFamily{"index", "", "shred index", kOther},
    ClientFamily{"alt_index", "", "shred index", kOther},
    ClientFamily{"erasure_meta", "", "erasure codes", kOther},
    ClientFamily{"orphans", "", "slots without a parent", kOther},
    ClientFamily{"dead_slots", "", "dead slots", kOther},
    ClientFamily{"duplicate_slots", "", "duplicate slots", kOther},
    ClientFamily{"rewards", "", "rewards", kOther},
    ClientFamily{"perf_samples", "", "performance samples", kOther},
    ClientFamily{"optimistic_slots", "", "optimistic slots", kOther},
    ClientFamily{"program_costs", "", "no longer used", kOther},
    ClientFamily{"transaction_status_index", "", "no longer used", kOther},
};
inline constexpr std::string_view kAgaveStored =
    "Accounts and their storage lie in files of Agave's own, never in RocksDB; there are no state "
    "trie nodes. Transactions lie inside the blocks: what counts as transactions are their memos "
    "and the index by address";

// A shard's id of eight bytes stands before the byte that tells.
inline constexpr std::size_t kNearFlatStateAt = 8;
inline constexpr std::array kNearFlatStateKeys = {
    KeyPrefix{0, 0, kAccount},  //
    KeyPrefix{1, 8, kOther},    // code, access keys, receipts on their way
    KeyPrefix{9, 9, kSlot},     //
    KeyPrefix{10, 19, kOther},  // promises, queues, code of many
};
inline constexpr std::array kNearFamilies = {
    ClientFamily{"DbVersion", "", "version", kOther},
    ClientFamily{"BlockMisc", "", "variables", kOther},
    ClientFamily{"Block", "", "block bodies", kBlock},
    ClientFamily{"BlockHeader", "", "headers", kHeader},
    ClientFamily{"State", "", "state trie nodes", kNode},
    ClientFamily{"FlatState", "", "accounts and storage", kMixed, kNearFlatStateKeys,
                 kNearFlatStateAt},
    ClientFamily{"Chunks", "", "block bodies", kBlock},
    ClientFamily{"PartialChunks", "", "block bodies", kBlock},
    ClientFamily{"Transactions", "", "transactions", kTransaction},
    ClientFamily{"Receipts", "", "receipts", kReceipt},
    ClientFamily{"IncomingReceipts", "", "receipts", kReceipt},
    ClientFamily{"OutgoingReceipts", "", "receipts", kReceipt},
    ClientFamily{"TransactionResultForBlock", "", "receipts", kReceipt},
    ClientFamily{"ReceiptToTx", "", "receipts", kReceipt},
};
inline constexpr std::string_view kNearStored =
    "FlatState holds accounts and storage side by side: a file that reaches over both, or over "
    "several shards, is not told apart";
// Whatever else there is: indexes and variables.
inline constexpr std::array kRestIsOther = {ClientDatabase{"*", "", kOther}};

inline constexpr std::array kAptosFamilies = {
    ClientFamily{"jellyfish_merkle_node", "", "state tree nodes", kNode},
    ClientFamily{"stale_node_index", "", "state tree nodes, stale", kNode},
    ClientFamily{"stale_node_index_cross_epoch", "", "state tree nodes, stale", kNode},
    ClientFamily{"transaction_info", "", "transaction results", kReceipt},
    ClientFamily{"transaction", "", "transactions", kTransaction},
    ClientFamily{"transaction_by_hash", "", "transactions", kTransaction},
    ClientFamily{"ordered_transaction_by_account", "", "transactions", kTransaction},
    ClientFamily{"transaction_accumulator", "", "accumulator", kNode},
    ClientFamily{"transaction_accumulator_root_hash", "", "accumulator", kNode},
    ClientFamily{"event_accumulator", "", "accumulator", kNode},
    ClientFamily{"write_set", "", "write sets", kTransaction},
    ClientFamily{"event", "", "events", kReceipt},
    ClientFamily{"event_by_key", "", "events", kReceipt},
    ClientFamily{"event_by_version", "", "events", kReceipt},
    ClientFamily{"block_info", "", "blocks", kBlock},
    ClientFamily{"block_by_version", "", "blocks", kBlock},
    ClientFamily{"ledger_info", "", "blocks", kBlock},
    ClientFamily{"state_value", "", "state values", kMixed},
    ClientFamily{"state_value_by_key_hash", "", "state values", kMixed},
    ClientFamily{"hot_state_value_by_key_hash", "", "state values", kMixed},
};
inline constexpr std::string_view kAptosStored =
    "State values are accounts and storage alike: not told apart";

inline constexpr std::array kSuiFamilies = {
    ClientFamily{"objects", "", "objects", kMixed},
    ClientFamily{"owned_object_transaction_locks", "", "locks", kMixed},
    ClientFamily{"transactions", "", "transactions", kTransaction},
    ClientFamily{"executed_transaction_digests", "", "transactions", kTransaction},
    ClientFamily{"effects", "", "transaction effects", kReceipt},
    ClientFamily{"executed_effects", "", "transaction effects", kReceipt},
    ClientFamily{"events_2", "", "events", kReceipt},
};
inline constexpr std::string_view kSuiStored =
    "Objects are accounts and storage alike: not told apart. Checkpoints lie in a database of "
    "their own";
inline constexpr std::array kSuiDatabases = {ClientDatabase{"perpetual", "", kOther}};

inline constexpr std::array kZebraFamilies = {
    ClientFamily{"block_header_by_height", "", "headers", kHeader},
    ClientFamily{"hash_by_height", "", "number to hash", kOther},
    ClientFamily{"height_by_hash", "", "hash to number", kOther},
    ClientFamily{"block_info", "", "block sizes", kOther},
    ClientFamily{"tip_chain_value_pool", "", "value pools", kOther},
    ClientFamily{"tx_by_loc", "", "transactions", kTransaction},
    ClientFamily{"hash_by_tx_loc", "", "transaction locations", kTransaction},
    ClientFamily{"tx_loc_by_hash", "", "transaction locations", kTransaction},
    ClientFamily{"tx_loc_by_transparent_addr_loc", "", "transaction locations", kTransaction},
    ClientFamily{"tx_loc_by_spent_out_loc", "", "transaction locations", kTransaction},
    ClientFamily{"balance_by_transparent_addr", "", "balances", kAccount},
    ClientFamily{"utxo_by_out_loc", "", "unspent outputs", kSlot},
    ClientFamily{"utxo_loc_by_transparent_addr_loc", "", "unspent outputs", kSlot},
    ClientFamily{"history_tree", "", "trees", kNode},
    ClientFamily{"sprout_nullifiers", "", "nullifiers", kOther},
    ClientFamily{"sprout_anchors", "", "tree roots", kNode},
    ClientFamily{"sprout_note_commitment_tree", "", "trees", kNode},
    ClientFamily{"sapling_nullifiers", "", "nullifiers", kOther},
    ClientFamily{"sapling_anchors", "", "tree roots", kNode},
    ClientFamily{"sapling_note_commitment_tree", "", "trees", kNode},
    ClientFamily{"sapling_note_commitment_subtree", "", "trees", kNode},
    ClientFamily{"orchard_nullifiers", "", "nullifiers", kOther},
    ClientFamily{"orchard_anchors", "", "tree roots", kNode},
    ClientFamily{"orchard_note_commitment_tree", "", "trees", kNode},
    ClientFamily{"orchard_note_commitment_subtree", "", "trees", kNode},
    ClientFamily{"ironwood_nullifiers", "", "nullifiers", kOther},
    ClientFamily{"ironwood_anchors", "", "tree roots", kNode},
    ClientFamily{"ironwood_note_commitment_tree", "", "trees", kNode},
    ClientFamily{"ironwood_note_commitment_subtree", "", "trees", kNode},
};
inline constexpr std::string_view kZebraStored =
    "Blocks are not stored whole but as headers and transactions; there are no receipts. What "
    "counts as storage are unspent outputs, what counts as accounts are transparent balances";

inline constexpr std::array kFulcrumFamilies = {
    ClientFamily{"meta", "", "variables", kOther},
    ClientFamily{"blkinfo", "", "blocks", kBlock},
    ClientFamily{"headers", "", "headers", kHeader},
    ClientFamily{"utxoset", "", "unspent outputs", kSlot},
    ClientFamily{"scripthash_history", "", "transactions by script", kTransaction},
    ClientFamily{"scripthash_unspent", "", "unspent outputs by script", kSlot},
    ClientFamily{"undo", "", "undo data", kBlock},
    ClientFamily{"txnum2txhash", "", "transaction locations", kTransaction},
    ClientFamily{"txhash2txnum", "", "transaction locations", kTransaction},
    ClientFamily{"rpa", "", "transactions by prefix", kTransaction},
};
inline constexpr std::string_view kFulcrumStored =
    "An index beside a node: block bodies, state and receipts lie with the node. What counts as "
    "storage are unspent outputs, what counts as blocks is what is known of them";

inline constexpr std::array kElectrsFamilies = {
    ClientFamily{"config", "", "configuration", kOther},
    ClientFamily{"headers", "", "headers", kHeader},
    ClientFamily{"txid", "", "transaction index", kTransaction},
    ClientFamily{"funding", "", "transactions by script", kTransaction},
    ClientFamily{"spending", "", "transactions by output", kTransaction},
};
inline constexpr std::string_view kElectrsStored =
    "An index beside a node: block bodies, state and receipts lie with the node";

// A managed directory, held by another process: NodeTune's own.
inline constexpr std::array kOwnFamilies = {
    ClientFamily{"default", "", "unused", kOther},
    ClientFamily{"blocks", "", "block bodies", kBlock},
    ClientFamily{"headers", "", "headers", kHeader},
    ClientFamily{"state_nodes", "", "state trie nodes", kNode},
    ClientFamily{"accounts", "", "accounts", kAccount},
    ClientFamily{"storage", "", "storage slots", kSlot},
    ClientFamily{"transactions", "", "transactions", kTransaction},
    ClientFamily{"receipts", "", "receipts", kReceipt},
    ClientFamily{"nodetune", "", "sequences and counters", kOther},
};

}  // namespace nodetune::client_data
