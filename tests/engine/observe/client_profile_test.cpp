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

  void the_table_is_sound() {
    std::set<std::string_view> names;
    for (const auto& profile : client_profiles()) {
      QVERIFY(names.insert(profile.name).second);
      std::set<std::string_view> families;
      for (const auto& family : profile.families) QVERIFY(families.insert(family.name).second);
      QVERIFY(static_cast<int>(families.size()) >= profile.families_min);
      QVERIFY(!profile.families_need_place || !profile.places.empty());
      for (const auto& setting : profile.settings) QVERIFY(!setting.where.empty());
    }
  }
};

QTEST_APPLESS_MAIN(ClientProfileTest)
#include "client_profile_test.moc"
