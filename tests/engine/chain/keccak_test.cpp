// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/chain/keccak.h"

#include <QFile>
#include <QtTest>

#include "engine/chain/rlp.h"

using namespace nodetune;

class KeccakTest : public QObject {
  Q_OBJECT
 private slots:
  void known_vectors() {
    QCOMPARE(to_hex_0x(keccak256("")),
             std::string("0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"));
    QCOMPARE(to_hex_0x(keccak256("abc")),
             std::string("0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"));
    QCOMPARE(to_hex_0x(keccak256("\x80")),  // the empty trie's root
             std::string("0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"));
  }

  void a_slot_is_hashed_as_32_bytes() {
    QCOMPARE(to_hex_0x(keccak256(Word256{})),
             std::string("0x290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e563"));
  }

  // Header -> hash -> next header's parent: RLP and Keccak against Ethereum's own first blocks.
  void mainnets_first_blocks_are_a_chain() {
    QFile file(NODETUNE_TEST_DATA "/chain/besu-test-chains/mainnet-1000.blocks");
    if (!file.exists()) QSKIP("mainnet-1000.blocks not present");
    QVERIFY(file.open(QIODevice::ReadOnly));
    const auto bytes = file.readAll().toStdString();
    RlpReader blocks(bytes);
    Hash256 parent_hash{};
    int count = 0;
    for (; !blocks.at_end(); ++count) {
      auto block = blocks.next_list();
      QVERIFY2(block, block.status().message().c_str());
      auto header_fields = *block;
      auto header = block->next();
      QVERIFY(header && header->is_list);
      auto fields = header_fields.next_list();
      QVERIFY(fields);
      QCOMPARE(fields->next_string().value(), as_view(parent_hash));
      parent_hash = keccak256(header->encoded);
      if (count == 0) {
        QCOMPARE(to_hex_0x(parent_hash),
                 std::string("0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3"));
      }
    }
    QCOMPARE(count, 1000);
  }
};

QTEST_APPLESS_MAIN(KeccakTest)
#include "keccak_test.moc"
