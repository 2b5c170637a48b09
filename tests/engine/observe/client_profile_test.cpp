// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/client_profile.h"

#include <QTemporaryDir>
#include <QtTest>
#include <set>

#include "tests/engine/files/test_files.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

ClientTraces with_families(std::vector<std::string> families, std::string directory = "/data/db") {
  ClientTraces traces;
  traces.directory = std::move(directory);
  traces.families = std::move(families);
  traces.families.insert(traces.families.begin(), "default");
  return traces;
}

QString letter_of(const HeldKind& holds) {
  constexpr std::string_view kLetters = "BHNASTR";  // in kObjectKinds' order
  if (holds.kind) return QString(QChar(kLetters[index_of(*holds.kind)]));
  return holds.told_apart ? "O" : "?";
}

std::vector<std::string> columns(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back("col" + std::to_string(i));
  return names;
}

}  // namespace

class ClientProfileTest : public QObject {
  Q_OBJECT

 private slots:
  void each_client_is_known_by_its_families_data() {
    QTest::addColumn<QString>("client");
    QTest::addColumn<QStringList>("families");
    QTest::newRow("Besu, Bonsai") << "Besu" << QStringList{"\x01", "\x06", "\x07", "\x08", "\n"};
    QTest::newRow("Besu, Forest 2019") << "Besu" << QStringList{"\x01", "\x02", "\x03", "\x04"};
    QTest::newRow("ethrex") << "ethrex"
                            << QStringList{"headers",
                                           "bodies",
                                           "receipts_v2",
                                           "account_trie_nodes",
                                           "storage_trie_nodes",
                                           "account_flatkeyvalue",
                                           "transaction_locations"};
    QTest::newRow("Agave") << "Agave" << QStringList{"meta", "data_shred", "code_shred",
                                                     "root", "index",      "transaction_status"};
    QTest::newRow("NEAR") << "NEAR" << QStringList{"DbVersion",   "BlockMisc", "Block",
                                                   "BlockHeader", "State",     "FlatState"};
    QTest::newRow("Aptos") << "Aptos" << QStringList{"jellyfish_merkle_node", "stale_node_index"};
    QTest::newRow("Sui") << "Sui"
                         << QStringList{"objects", "owned_object_transaction_locks", "transactions",
                                        "effects", "executed_effects"};
    QTest::newRow("Zebra") << "Zebra"
                           << QStringList{"tx_by_loc", "utxo_by_out_loc", "hash_by_height",
                                          "height_by_hash", "block_header_by_height"};
    QTest::newRow("Reth") << "Reth"
                          << QStringList{"TransactionHashNumbers", "AccountsHistory",
                                         "StoragesHistory"};
    QTest::newRow("Fulcrum") << "Fulcrum" << QStringList{"meta",
                                                         "blkinfo",
                                                         "headers",
                                                         "utxoset",
                                                         "scripthash_history",
                                                         "scripthash_unspent",
                                                         "undo"};
    QTest::newRow("electrs") << "electrs"
                             << QStringList{"config", "headers", "txid", "funding", "spending"};
    QTest::newRow("Nethermind, flat")
        << "Nethermind" << QStringList{"Metadata", "Account", "Storage", "StateNodes"};
    QTest::newRow("somebody else") << "" << QStringList{"users", "orders", "items", "prices"};
    QTest::newRow("only default") << "" << QStringList{};
  }
  void each_client_is_known_by_its_families() {
    QFETCH(QString, client);
    QFETCH(QStringList, families);
    std::vector<std::string> names;
    for (const auto& family : families) names.push_back(family.toStdString());
    const auto found = recognise_client(with_families(names));
    QCOMPARE(QString::fromStdString(found.name), client);
    QCOMPARE(found.evidence.empty(), client.isEmpty());
    QCOMPARE(found.profile == nullptr, client.isEmpty());
  }

  // NEAR named its families col0, col1, … until 2022, and so does anybody with kvdb-rocksdb.
  void numbered_columns_prove_nothing_without_their_place() {
    QCOMPARE(recognise_client(with_families(columns(13))).name, std::string());
    QCOMPARE(recognise_client(with_families(columns(13), "/d/chains/polkadot/db/full")).name,
             std::string("Substrate/Polkadot"));
    QCOMPARE(recognise_client(with_families(columns(6), "/d/chains/ksmcc3/parachains/db")).name,
             std::string("Polkadot (parachains)"));
  }

  void a_few_names_among_many_foreign_ones_prove_nothing() {
    QCOMPARE(recognise_client(with_families({"headers", "meta", "undo", "a", "b", "c", "d", "e",
                                             "blkinfo", "utxoset", "rpa", "f", "g", "h"}))
                 .name,
             std::string());
  }

  void a_marker_file_proves_besu_even_with_no_family_known() {
    auto traces = with_families({});
    traces.file_names = {"CURRENT", "DATABASE_METADATA.json"};
    const auto found = recognise_client(traces);
    QCOMPARE(found.name, std::string("Besu"));
    QVERIFY2(found.evidence.find("DATABASE_METADATA.json") != std::string::npos,
             found.evidence.c_str());
  }

  void pantheon_is_known_by_the_path_that_its_log_tells() {
    auto traces = with_families({}, "/backup/database");
    QCOMPARE(recognise_client(traces).name, std::string());
    traces.directory_of_writer = "/opt/Pantheon/database";
    QCOMPARE(recognise_client(traces).name, std::string("Besu (Pantheon)"));
  }

  void nethermind_is_known_by_the_databases_beside_it() {
    QTemporaryDir root;
    for (const char* name : {"headers", "blocks", "blockInfos", "code", "receipts", "state"}) {
      QVERIFY(QDir(root.path()).mkpath(name));
    }
    auto traces = client_traces((root.path() + "/headers").toStdString());
    traces.families = {"default"};
    QCOMPARE(recognise_client(traces).name, std::string("Nethermind"));
    QVERIFY(QDir(root.path()).rmdir("code") && QDir(root.path()).rmdir("state"));
    traces = client_traces((root.path() + "/headers").toStdString());
    traces.families = {"default"};
    QCOMPARE(recognise_client(traces).name, std::string());
  }

  void traces_are_those_of_the_directory_and_its_parent() {
    QTemporaryDir root;
    write_file(root.path() + "/VERSION_METADATA.json", "{}");
    write_file(root.path() + "/database/CURRENT", "");
    for (const char* end : {"/database", "/database/", "/./database"}) {
      const auto traces = client_traces((root.path() + end).toStdString());
      QCOMPARE(traces.file_names.size(), std::size_t{2});
      QCOMPARE(recognise_client(traces).name, std::string("Besu"));
    }
  }

  void names_of_families_are_printable_whatever_they_are() {
    const auto found = recognise_client(with_families({"\x01", "\x06", "\x0a", "\x0b"}));
    QCOMPARE(family_title(found.profile, "\x0a"), std::string("0x0A TRIE_LOG_STORAGE"));
    QCOMPARE(family_title(found.profile, "\x13"), std::string("0x13"));
    QCOMPARE(family_title(found.profile, "default"), std::string("default"));
    QCOMPARE(family_title(nullptr, "\x01"), std::string("0x01"));
    QCOMPARE(family_title(nullptr, "a\n\x1b[31mred"), std::string("a\\x0a\\x1b[31mred"));
    QCOMPARE(family_title(nullptr, ""), std::string());
    QCOMPARE(family_role(found.profile, "\x06"), std::string_view("accounts"));
    QCOMPARE(family_role(nullptr, "\x06"), std::string_view());
  }

  void a_setting_carries_the_value_as_the_client_wants_it() {
    const auto besu = recognise_client(with_families({"\x01", "\x06", "\x0a"})).profile;
    QCOMPARE(knob_setting(besu, Knob::block_cache_size, 256 << 20),
             std::string("--Xplugin-rocksdb-cache-capacity=268435456"));
    QCOMPARE(knob_setting(besu, Knob::block_cache_size),
             std::string("--Xplugin-rocksdb-cache-capacity=…"));
    QCOMPARE(knob_setting(besu, Knob::write_buffer_size, 1), std::string());
    QCOMPARE(knob_setting(nullptr, Knob::write_buffer_size, 1), std::string());
    const auto sui = recognise_client(with_families({"objects", "effects", "executed_effects",
                                                     "owned_object_transaction_locks"}))
                         .profile;
    const auto text = knob_setting(sui, Knob::write_buffer_size, 64 << 20);
    QVERIFY2(text.find("MAX_WRITE_BUFFER_SIZE_MB=64,") != std::string::npos, text.c_str());
  }

  // What each family holds, as the clients' sources have it: B block body, H header, N state-trie
  // node, A account, S storage slot, T transaction, R receipt, O other, ? not told apart.
  void families_hold_what_their_client_stores_in_them_data() {
    QTest::addColumn<QStringList>("families");  // "B data_shred code_shred"
    QTest::newRow("Besu") << QStringList{
        "O default \x03 \x04 \x05 \x07 \x0a \x0b \x0c \x0f \x10 \x11 \x12",
        "? \x01",
        "H \x0d",
        "B \x0e",
        "N \x02 \x09 TRIE_BRANCH_STORAGE_ARCHIVE",
        "A \x06 ACCOUNT_INFO_STATE_ARCHIVE",
        "S \x08 ACCOUNT_STORAGE_ARCHIVE"};
    QTest::newRow("ethrex") << QStringList{
        "H headers fullsync_headers",
        "B bodies pending_blocks",
        "T transaction_locations",
        "R receipts_v2 receipts",
        "N account_trie_nodes storage_trie_nodes",
        "A account_flatkeyvalue",
        "S storage_flatkeyvalue",
        "O canonical_block_hashes block_numbers account_codes account_codes_metadata chain_data",
        "O snap_state invalid_ancestors misc_values execution_witnesses block_access_lists",
        "O bad_blocks"};
    QTest::newRow("Nethermind") << QStringList{
        "R Blocks",
        "A Account",
        "S Storage",
        "O Metadata",
        "? default",
        "N StateNodes StateTopNodes StorageNodes FallbackNodes",
        "T Transactions FullBlobTxs LightBlobTxs ProcessedTxs"};
    QTest::newRow("Substrate/Polkadot") << QStringList{"O col0 col2 col3 col6 col7 col8 col9 col10",
                                                       "N col1",
                                                       "H col4",
                                                       "B col5 col12",
                                                       "T col11",
                                                       "? col13 default"};
    QTest::newRow("Polkadot (parachains)") << QStringList{"O col0 col1 col2 col3 col4 col5"};
    QTest::newRow("Agave") << QStringList{
        "B data_shred code_shred alt_data_shred",
        "H meta alt_meta block_height blocktime root bank_hashes merkle_root_meta",
        "H alt_merkle_root_meta",
        "R transaction_status",
        "T transaction_memos address_signatures",
        "O index alt_index erasure_meta orphans dead_slots duplicate_slots rewards perf_samples",
        "O optimistic_slots program_costs transaction_status_index"};
    QTest::newRow("NEAR") << QStringList{
        "B Block Chunks PartialChunks",
        "H BlockHeader",
        "N State",
        "? FlatState",
        "T Transactions",
        "R Receipts IncomingReceipts OutgoingReceipts TransactionResultForBlock ReceiptToTx",
        "O DbVersion BlockMisc default anything_else"};
    QTest::newRow("Aptos") << QStringList{
        "B block_info block_by_version ledger_info",
        "N jellyfish_merkle_node stale_node_index stale_node_index_cross_epoch",
        "N transaction_accumulator transaction_accumulator_root_hash event_accumulator",
        "? state_value state_value_by_key_hash hot_state_value_by_key_hash",
        "T transaction transaction_by_hash ordered_transaction_by_account write_set",
        "R transaction_info event event_by_key event_by_version",
        "O db_metadata"};
    QTest::newRow("Sui") << QStringList{"? objects owned_object_transaction_locks checkpoints",
                                        "T transactions executed_transaction_digests",
                                        "R effects executed_effects events_2"};
    QTest::newRow("Zebra") << QStringList{
        "H block_header_by_height",
        "O hash_by_height height_by_hash block_info tip_chain_value_pool sprout_nullifiers",
        "O sapling_nullifiers orchard_nullifiers ironwood_nullifiers",
        "T tx_by_loc hash_by_tx_loc tx_loc_by_hash tx_loc_by_transparent_addr_loc",
        "T tx_loc_by_spent_out_loc",
        "A balance_by_transparent_addr",
        "S utxo_by_out_loc utxo_loc_by_transparent_addr_loc",
        "N history_tree sprout_anchors sprout_note_commitment_tree sapling_anchors",
        "N sapling_note_commitment_tree sapling_note_commitment_subtree orchard_anchors",
        "N orchard_note_commitment_tree orchard_note_commitment_subtree ironwood_anchors",
        "N ironwood_note_commitment_tree ironwood_note_commitment_subtree"};
    QTest::newRow("Reth") << QStringList{"T TransactionHashNumbers", "A AccountsHistory",
                                         "S StoragesHistory",
                                         "O BlockAccessLists BlockAccessListBlockNumbers"};
    QTest::newRow("Fulcrum") << QStringList{
        "H headers", "B blkinfo undo", "S utxoset scripthash_unspent",
        "T scripthash_history txnum2txhash txhash2txnum rpa", "O meta"};
    QTest::newRow("electrs") << QStringList{"H headers", "T txid funding spending", "O config"};
  }
  void families_hold_what_their_client_stores_in_them() {
    QFETCH(QStringList, families);
    const auto client = QString(QTest::currentDataTag());
    const ClientProfile* profile = nullptr;
    for (const auto& each : client_profiles()) {
      if (each.name == client.toStdString()) profile = &each;
    }
    QVERIFY(profile != nullptr);
    std::set<std::string> listed;
    for (const auto& line : families) {
      auto names = line.split(' ');
      const auto letter = names.takeFirst();
      for (const auto& each : names) {
        const auto name = each.toStdString();
        listed.insert(name);
        const auto content = family_content(profile, name, "/data/db");
        QVERIFY2(letter_of(content.holds) == letter, each.toUtf8().toPercentEncoding());
      }
    }
    for (const auto& family : profile->families) {
      QVERIFY2(listed.contains(std::string(family.name)), std::string(family.name).c_str());
    }
  }

  void a_database_of_several_tells_by_its_directory() {
    const auto* nethermind = recognise_client(with_families({"Account", "Storage"})).profile;
    const auto holds = [&](const char* directory, const char* family = "default") {
      return letter_of(family_content(nethermind, family, directory).holds);
    };
    const std::vector<std::pair<const char*, const char*>> kExpected = {
        {"headers", "H"},        {"blocks", "B"},          {"badBlocks", "B"},
        {"blockNumbers", "O"},   {"blockInfos", "O"},      {"receipts", "O"},
        {"code", "O"},           {"state", "N"},           {"state/1", "N"},
        {"bloom", "O"},          {"metadata", "O"},        {"peers", "O"},
        {"discoveryNodes", "O"}, {"logIndexStorage", "O"}, {"blobTransactions", "T"},
        {"flat", "?"},           {"flatHistory", "?"}};
    for (const auto& [directory, letter] : kExpected) {
      const auto path = std::string("/n/mainnet/") + directory;
      QVERIFY2(holds(path.c_str()) == letter, directory);
    }
    QCOMPARE(holds("/n/receipts", "Blocks"), QString("R"));
    QCOMPARE(family_role(nethermind, "default", "/n/headers"), std::string_view("headers"));
    QCOMPARE(holds("/"), QString("?"));
    QCOMPARE(holds("0/1/2"), QString("?"));
  }

  void what_is_not_stored_is_said() {
    for (const auto& profile : client_profiles()) {
      const bool told = profile.families.empty() || !profile.stored_note.empty();
      QVERIFY2(told, std::string(profile.name).c_str());
      QVERIFY2(!profile.stored_note.ends_with('.'), "whoever shows it ends the sentence");
    }
  }

  void the_table_is_sound() {
    std::set<std::string_view> names;
    for (const auto& profile : client_profiles()) {
      QVERIFY(names.insert(profile.name).second);
      std::set<std::string_view> families;
      for (const auto& family : profile.families) QVERIFY(families.insert(family.name).second);
      QVERIFY(static_cast<int>(families.size()) >= profile.families_min);
      QVERIFY(!profile.families_need_place || !profile.places.empty());
      for (const auto& setting : profile.settings) QVERIFY(!setting.where.empty());
      for (const auto& family : profile.families) {
        int next = 0;
        for (const auto& prefix : family.prefixes) {
          QVERIFY(prefix.first >= next && prefix.last >= prefix.first);
          next = prefix.last + 1;
        }
      }
    }
  }
};

QTEST_APPLESS_MAIN(ClientProfileTest)
#include "client_profile_test.moc"
