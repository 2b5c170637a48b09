// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/chain/keys.h"

#include <QtTest>
#include <random>
#include <set>

#include "engine/chain/keccak.h"

using namespace nodetune;

namespace {

Hash256 hash_of(std::uint64_t seed) {
  return keccak256(std::to_string(seed));
}
Hash256 filled(std::uint8_t byte) {
  Hash256 hash;
  hash.fill(byte);
  return hash;
}

}  // namespace

class KeysTest : public QObject {
  Q_OBJECT
 private slots:
  void block_keys_sort_by_number() {
    const std::uint64_t numbers[] = {0, 1, 255, 256, 65'535, 20'615'532, 1ULL << 40, UINT64_MAX};
    std::string last;
    for (const auto number : numbers) {
      const auto key = block_key(number, hash_of(number));
      QCOMPARE(key.size(), std::size_t{40});
      QVERIFY2(last < key, std::to_string(number).c_str());
      last = key;
    }
  }

  void a_range_holds_its_blocks_and_no_others() {
    const auto range = block_range(255, 257);
    const auto inside = [&range](const std::string& key) {
      return range.begin <= key && key < range.end;
    };
    for (const auto& hash : {filled(0), filled(0xff)}) {  // whatever the hash
      QVERIFY(!inside(block_key(254, hash)));
      QVERIFY(inside(block_key(255, hash)));
      QVERIFY(inside(block_key(256, hash)));
      QVERIFY(!inside(block_key(257, hash)));
    }
    // So are the entries that lead to a header, each under a key of its own.
    const auto hash = filled(0xff);
    QVERIFY(inside(canonical_hash_key(256)) && !inside(canonical_hash_key(257)));
    QVERIFY(inside(total_difficulty_key(256, hash)) && !inside(total_difficulty_key(257, hash)));
    QVERIFY(canonical_hash_key(256) != total_difficulty_key(256, hash));
    const auto empty = block_range(7, 7);
    QCOMPARE(empty.begin, empty.end);
  }

  void account_and_slot_keys_are_their_hashes() {
    QCOMPARE(account_key(filled(1)), std::string(32, '\1'));
    QCOMPARE(transaction_key(filled(3)), std::string(32, '\3'));
    QCOMPARE(storage_key(filled(1), filled(2)), std::string(32, '\1') + std::string(32, '\2'));
  }

  void a_path_is_one_byte_a_nibble() {
    auto hash = filled(0);
    hash[0] = 0x1a;
    hash[1] = 0xf0;
    QCOMPARE(account_path_node_key(hash, 0), std::string("A"));
    QCOMPARE(account_path_node_key(hash, 3), std::string("A\x01\x0a\x0f"));
    QCOMPARE(account_path_node_key(hash, 64).size(), std::size_t{65});
    QCOMPARE(storage_path_node_key(filled(9), hash, 0), "S" + std::string(32, '\x09'));
    QCOMPARE(storage_path_node_key(filled(9), hash, 2), "S" + std::string(32, '\x09') + "\x01\x0a");
  }

  // Nodes are shared exactly when the paths so far are the same.
  void nodes_share_a_key_only_when_they_are_one_node() {
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    std::set<std::string> keys;
    std::set<std::string> nodes;  // the same, named by another route
    for (int i = 0; i < 2000; ++i) {
      const auto account = hash_of(random() % 50);
      const auto slot = hash_of(random() % 300);
      const auto account_hex = to_hex(as_view(account));
      const auto slot_hex = to_hex(as_view(slot));
      for (int depth = 0; depth < kAccountPathNodes; ++depth) {
        keys.insert(account_path_node_key(account, depth));
        nodes.insert("account " + account_hex.substr(0, static_cast<std::size_t>(depth)));
      }
      for (int depth = 0; depth < kSlotPathNodes; ++depth) {
        keys.insert(storage_path_node_key(account, slot, depth));
        nodes.insert("slot " + account_hex + " " +
                     slot_hex.substr(0, static_cast<std::size_t>(depth)));
      }
    }
    QCOMPARE(keys.size(), nodes.size());
  }

  void a_node_sorts_before_what_hangs_below_it() {
    const auto account = hash_of(1);
    const auto slot = hash_of(2);
    for (int depth = 1; depth <= 64; ++depth) {
      QVERIFY(account_path_node_key(account, depth - 1) < account_path_node_key(account, depth));
      QVERIFY(storage_path_node_key(account, slot, depth - 1) <
              storage_path_node_key(account, slot, depth));
    }
  }
};

QTEST_APPLESS_MAIN(KeysTest)
#include "keys_test.moc"
