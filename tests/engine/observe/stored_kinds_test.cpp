// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/stored_kinds.h"

#include <QtTest>
#include <chrono>
#include <limits>
#include <map>

using namespace nodetune;

namespace {

using namespace std::string_literals;

const ClientProfile* profile(std::string_view name) {
  for (const auto& each : client_profiles()) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

// A MANIFEST in few words: families in the order of their first file.
class World {
 public:
  ManifestColumnFamily& family(const std::string& name) {
    for (auto& [id, each] : manifest.column_families) {
      if (each.name == name) return each;
    }
    const auto id = static_cast<std::uint32_t>(manifest.column_families.size());
    auto& added = manifest.column_families[id];
    added.id = id;
    added.name = name;
    return added;
  }
  ManifestFile& file(const std::string& name, const std::string& smallest,
                     const std::string& largest, std::int64_t bytes) {
    ManifestFile file;
    file.number = ++last_;
    file.bytes = bytes;
    file.smallest_key = smallest;
    file.largest_key = largest;
    return family(name).files[file.number] = file;
  }
  std::uint64_t blob(const std::string& name, std::int64_t bytes) {
    ManifestBlobFile file;
    file.number = ++last_;
    file.blobs = 1;
    file.bytes = bytes;
    family(name).blob_files[file.number] = file;
    return file.number;
  }
  // Bytes by kind: "header", "other", "unknown".
  std::map<std::string, std::int64_t> bytes(const char* client,
                                            const std::string& directory = "/d/database") const {
    std::map<std::string, std::int64_t> found;
    for (const auto& kind : stored_kinds(manifest, profile(client), directory)) {
      found[name(kind.holds)] = kind.bytes;
    }
    return found;
  }
  static std::string name(const HeldKind& holds) {
    if (holds.kind) return std::string(to_string(*holds.kind));
    return holds.told_apart ? "other" : "unknown";
  }

  Manifest manifest;

 private:
  std::uint64_t last_ = 0;
};

using Bytes = std::map<std::string, std::int64_t>;

}  // namespace

class StoredKindsTest : public QObject {
  Q_OBJECT

 private slots:
  void a_file_under_one_prefix_is_of_its_kind() {
    World world;
    world.file("\x01", "\x02" + "a"s, "\x02" + "z"s, 10);
    world.file("\x01", "\x03" + "a"s, "\x03" + "z"s, 200);
    world.file("\x01", "\x04" + "a"s, "\x04" + "z"s, 3'000);
    world.file("\x01", "\x07" + "a"s, "\x07" + "z"s, 40'000);
    world.file("\x09", "", std::string(4, '\xff'), 500'000);
    QCOMPARE(world.bytes("Besu"), (Bytes{{"header", 10},
                                         {"block", 200},
                                         {"receipt", 3'000},
                                         {"transaction", 40'000},
                                         {"state_node", 500'000}}));
  }
  void a_file_over_several_kinds_is_not_told_apart() {
    World world;
    world.file("\x01", "\x02" + "a"s, "\x03" + "a"s, 10);
    world.file("\x01", "\x02", "\x02", 1);
    QCOMPARE(world.bytes("Besu"), (Bytes{{"header", 1}, {"unknown", 10}}));
  }
  void neighbouring_prefixes_of_one_kind_are_one() {
    World world;
    world.file("\x01", "\x05" + "a"s, "\x06" + "a"s, 10);  // number to hash, total difficulty
    QCOMPARE(world.bytes("Besu"), (Bytes{{"other", 10}}));
    // What lies between two of one kind may be of another.
    world.file("\x01", "\x07" + "a"s, "\x09" + "a"s, 200);
    QCOMPARE(world.bytes("Besu"), (Bytes{{"other", 10}, {"unknown", 200}}));
  }
  void hostile_keys_are_not_told_apart_data() {
    QTest::addColumn<QByteArray>("smallest");
    QTest::addColumn<QByteArray>("largest");
    QTest::newRow("both empty") << QByteArray() << QByteArray();
    QTest::newRow("smallest empty") << QByteArray() << QByteArray("\x02x");
    QTest::newRow("largest empty") << QByteArray("\x02x") << QByteArray();
    QTest::newRow("backwards") << QByteArray("\x03x") << QByteArray("\x02x");
    QTest::newRow("no known prefix") << QByteArray("\x0ax") << QByteArray("\x0ax");
    QTest::newRow("beyond the last prefix") << QByteArray("\x09x") << QByteArray("\xff");
    QTest::newRow("before the first prefix") << QByteArray("\0x", 2) << QByteArray("\x01x");
  }
  void hostile_keys_are_not_told_apart() {
    QFETCH(QByteArray, smallest);
    QFETCH(QByteArray, largest);
    World world;
    world.file("\x01", smallest.toStdString(), largest.toStdString(), 10);
    QCOMPARE(world.bytes("Besu"), (Bytes{{"unknown", 10}}));
  }
  void another_order_of_keys_tells_nothing() {
    World world;
    world.file("\x01", "\x02" + "a"s, "\x02" + "z"s, 10);
    world.family("\x01").comparator = "rocksdb.ReverseBytewiseComparator";
    QCOMPARE(world.bytes("Besu"), (Bytes{{"unknown", 10}}));
    world.family("\x01").comparator = "leveldb.BytewiseComparator";
    QCOMPARE(world.bytes("Besu"), (Bytes{{"header", 10}}));
  }
  void a_prefix_may_stand_inside_of_the_key() {
    World world;
    const std::string shard = "\1\0\0\0\0\0\0\0"s;
    const std::string next = "\2\0\0\0\0\0\0\0"s;
    world.file("FlatState", shard + "\0a"s, shard + "\0z"s, 10);
    world.file("FlatState", shard + "\x09" + "a", shard + "\x09" + "z", 200);
    world.file("FlatState", shard + "\1a", shard + "\2z", 3'000);
    world.file("FlatState", shard + "\x09" + "z", next + "\x09" + "a", 40'000);  // two shards
    world.file("FlatState", shard, shard, 500'000);                              // too short
    QCOMPARE(world.bytes("NEAR"),
             (Bytes{{"account", 10}, {"storage", 200}, {"other", 3'000}, {"unknown", 540'000}}));
  }
  void blob_files_are_of_the_kind_that_points_to_them() {
    World world;
    const auto first = world.blob("\x01", 100);
    const auto second = world.blob("\x01", 20'000);
    world.file("\x01", "\x02" + "a"s, "\x02" + "z"s, 1).oldest_blob_file = first;
    QCOMPARE(world.bytes("Besu"), (Bytes{{"header", 20'101}}));
    // Bodies may lie in the second, and headers too; in the first no body can.
    world.file("\x01", "\x03" + "a"s, "\x03" + "z"s, 3).oldest_blob_file = second;
    QCOMPARE(world.bytes("Besu"), (Bytes{{"header", 101}, {"block", 3}, {"unknown", 20'000}}));
  }
  void blob_files_of_a_family_of_one_kind_are_of_that_kind() {
    World world;
    const auto blob = world.blob("\x0a", 100);
    world.file("\x0a", "a", "z", 1).oldest_blob_file = blob;
    QCOMPARE(world.bytes("Besu"), (Bytes{{"other", 101}}));
  }
  void an_unknown_program_tells_nothing() {
    World world;
    world.file("headers", "a", "z", 10);
    world.file("default", "a", "z", 200);
    QCOMPARE(world.bytes(""), (Bytes{{"unknown", 210}}));
  }
  void the_directory_tells_what_default_holds() {
    World world;
    world.file("default", "a", "z", 10);
    QCOMPARE(world.bytes("Nethermind", "/n/mainnet/headers"), (Bytes{{"header", 10}}));
    QCOMPARE(world.bytes("Nethermind", "/n/mainnet/blocks/"), (Bytes{{"block", 10}}));
    QCOMPARE(world.bytes("Nethermind", "/n/mainnet/state/0"), (Bytes{{"state_node", 10}}));
    QCOMPARE(world.bytes("Nethermind", "/n/mainnet/code"), (Bytes{{"other", 10}}));
    QCOMPARE(world.bytes("Nethermind", "/n/mainnet/newer"), (Bytes{{"unknown", 10}}));
    QCOMPARE(world.bytes("Nethermind", ""), (Bytes{{"unknown", 10}}));
  }
  void families_that_hold_one_kind_are_named() {
    World world;
    world.file("\x01", "\x02" + "a"s, "\x02" + "z"s, 1);
    world.file("\x06", "a", "z", 1);
    world.file("\x0d", "a", "z", 1);  // headers, too
    auto kinds = stored_kinds(world.manifest, profile("Besu"), "/d");
    QCOMPARE(kinds.size(), std::size_t{2});
    QVERIFY(kinds[0].whole_families);  // all of the blockchain's files are headers
    QCOMPARE(kinds[0].families.size(), std::size_t{2});
    world.file("\x01", "\x03" + "a"s, "\x03" + "z"s, 1);
    kinds = stored_kinds(world.manifest, profile("Besu"), "/d");
    QCOMPARE(kinds.size(), std::size_t{3});
    QVERIFY(!kinds[0].whole_families && !kinds[1].whole_families);  // blocks, headers
    QCOMPARE(kinds[1].families, std::vector<std::string>{"\x0d"});
    QVERIFY(kinds[2].whole_families);
    QCOMPARE(kinds[2].families, std::vector<std::string>{"\x06"});
  }
  void absurd_sizes_stop_at_the_end_of_the_range() {
    World world;
    const auto most = std::numeric_limits<std::int64_t>::max();
    for (int i = 0; i < 3; ++i) world.file("\x06", "a", "z", most);
    world.file("ACCOUNT_INFO_STATE_ARCHIVE", "a", "z", most);
    QCOMPARE(world.bytes("Besu"), (Bytes{{"account", most}}));
  }
  void kinds_come_in_order_and_their_sum_is_the_whole() {
    World world;
    for (const char* name : {"\x0b", "\x06", "\x02", "\x0f", "?", "\x0d"}) {
      world.file(name, "a", "z", 7);
    }
    const auto kinds = stored_kinds(world.manifest, profile("Besu"), "/d");
    std::string order;
    std::int64_t bytes = 0;
    for (const auto& kind : kinds) {
      order += World::name(kind.holds) + " ";
      bytes += kind.bytes;
    }
    QCOMPARE(order, "header state_node account other unknown "s);
    QCOMPARE(bytes, world.manifest.total().bytes);
    QVERIFY(stored_kinds(Manifest(), profile("Besu"), "/d").empty());
  }
  // With NODETUNE_MEASURE set it prints what a database of a million files costs.
  void a_million_files_are_counted() {
    const int files = qEnvironmentVariableIsSet("NODETUNE_MEASURE") ? 1'000'000 : 10'000;
    World world;
    for (int i = 0; i < files; ++i) {
      const auto prefix = static_cast<char>(2 + i % 3);
      const auto key = prefix + std::string(32, static_cast<char>(i));
      world.file("\x01", key, key, 1);
    }
    const auto began = std::chrono::steady_clock::now();
    const auto kinds = stored_kinds(world.manifest, profile("Besu"), "/d");
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    QCOMPARE(kinds.size(), std::size_t{3});
    if (files == 1'000'000) qInfo("%d files: %.1f ms", files, took.count() * 1e3);
  }
};

QTEST_APPLESS_MAIN(StoredKindsTest)
#include "stored_kinds_test.moc"
