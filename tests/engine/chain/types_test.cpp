// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/chain/types.h"

#include <QtTest>
#include <unordered_set>

using namespace nodetune;

class TypesTest : public QObject {
  Q_OBJECT
 private slots:
  void bytes_need_the_exact_size() {
    QVERIFY(bytes_from<Address>(std::string(20, 'x')));
    QVERIFY(!bytes_from<Address>(std::string(19, 'x')));
    QVERIFY(!bytes_from<Address>(std::string(21, 'x')));
    QVERIFY(!bytes_from<Hash256>(""));
  }

  void a_short_word_is_padded_on_the_left() {
    const auto word = word_from("\x01\x02");
    QVERIFY(word);
    QCOMPARE(to_hex_0x(*word), "0x" + std::string(60, '0') + "0102");
    QVERIFY(word_from("")->is_zero());
    QVERIFY(!word->is_zero());
    QVERIFY(!word_from(std::string(33, '\0')));
    QCOMPARE(as_view(*word_from(std::string(32, '\xff'))),
             std::string_view(std::string(32, '\xff')));
  }

  void words_compare_as_numbers() {
    QVERIFY(*word_from("\xff") < *word_from("\x01\xff"));
    QVERIFY(*word_from("\x80") > *word_from("\x7f"));
    QVERIFY(*word_from("\x05") == *word_from(std::string("\0\0\x05", 3)));
  }

  void small_slots_hash_apart() {
    std::unordered_set<std::size_t> hashes;
    for (char low = 0; low < 100; ++low) hashes.insert(BytesHash{}(*word_from({&low, 1})));
    QCOMPARE(hashes.size(), std::size_t{100});
    std::unordered_set<Address, BytesHash> addresses;
    QVERIFY(addresses.insert(*bytes_from<Address>(std::string(20, 'x'))).second);
    QVERIFY(!addresses.insert(*bytes_from<Address>(std::string(20, 'x'))).second);
  }
};

QTEST_APPLESS_MAIN(TypesTest)
#include "types_test.moc"
