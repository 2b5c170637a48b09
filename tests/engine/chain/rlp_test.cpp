// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/chain/rlp.h"

#include <QtTest>
#include <random>
#include <string>

using namespace nodetune;
using namespace std::string_literals;

namespace {

std::string written(std::string_view bytes) {
  return RlpWriter().add_string(bytes).take();
}
std::string written(std::uint64_t value) {
  return RlpWriter().add_uint(value).take();
}

// Walks everything that the reader offers, or returns why it cannot.
Status walk(RlpReader reader) {
  while (!reader.at_end()) {
    auto copy = reader;
    auto item = copy.next();
    if (!item) return item.status();
    if (!item->is_list) {
      reader = copy;
      continue;
    }
    auto list = reader.next_list();
    if (!list) return list.status();
    if (auto status = walk(*list); !status) return status;
  }
  return Status::ok();
}

void write_random(RlpWriter& writer, std::mt19937_64& random, int depth) {
  const auto items = random() % 6;
  for (std::uint64_t i = 0; i < items; ++i) {
    if (depth < 6 && random() % 3 == 0) {
      writer.begin_list();
      write_random(writer, random, depth + 1);
      writer.end_list();
    } else if (random() % 2 == 0) {
      writer.add_uint(random() >> random() % 64);
    } else {
      std::string bytes(random() % (random() % 8 == 0 ? 70'000 : 60), '\0');
      for (auto& byte : bytes) byte = static_cast<char>(random());
      writer.add_string(bytes);
    }
  }
}

// Reads `from` and writes it again: equal bytes prove that the encoding was the canonical one.
Status copy_items(RlpReader from, RlpWriter& to) {
  while (!from.at_end()) {
    auto ahead = from;
    auto item = ahead.next();
    if (!item) return item.status();
    if (item->is_list) {
      auto list = from.next_list();
      if (!list) return list.status();
      to.begin_list();
      if (auto status = copy_items(*list, to); !status) return status;
      to.end_list();
    } else {
      to.add_string(item->payload);
    }
    from = ahead;
  }
  return Status::ok();
}

}  // namespace

class RlpTest : public QObject {
  Q_OBJECT
 private slots:
  // Ethereum wiki and ethereum/tests, RLPTests/rlptest.json.
  void canonical_vectors_are_written() {
    QCOMPARE(written(""), "\x80"s);
    QCOMPARE(written("dog"), "\x83"s + "dog");
    QCOMPARE(written("\0"s), "\0"s);
    QCOMPARE(written("\x7f"), "\x7f"s);
    QCOMPARE(written("\x80"), "\x81\x80"s);
    QCOMPARE(written(std::string(55, 'a')), "\xb7"s + std::string(55, 'a'));
    QCOMPARE(written(std::string(56, 'a')), "\xb8\x38"s + std::string(56, 'a'));
    QCOMPARE(written(std::string(1024, 'a')), "\xb9\x04\x00"s + std::string(1024, 'a'));
    QCOMPARE(written(0), "\x80"s);
    QCOMPARE(written(15), "\x0f"s);
    QCOMPARE(written(1024), "\x82\x04\x00"s);
    QCOMPARE(written(UINT64_MAX), "\x88"s + std::string(8, '\xff'));
    QCOMPARE(RlpWriter().begin_list().end_list().take(), "\xc0"s);
    QCOMPARE(RlpWriter().begin_list().add_string("cat").add_string("dog").end_list().take(),
             "\xc8\x83"s + "cat\x83" + "dog");
    RlpWriter sets;  // [ [], [[]], [ [], [[]] ] ]
    sets.begin_list().begin_list().end_list();
    sets.begin_list().begin_list().end_list().end_list();
    sets.begin_list().begin_list().end_list();
    sets.begin_list().begin_list().end_list().end_list().end_list().end_list();
    QCOMPARE(sets.take(), "\xc7\xc0\xc1\xc0\xc3\xc0\xc1\xc0"s);
    RlpWriter long_list;
    long_list.begin_list().add_string(std::string(60, 'b')).end_list();
    QCOMPARE(long_list.take(), "\xf8\x3e\xb8\x3c"s + std::string(60, 'b'));
  }

  void items_are_views_with_offsets() {
    const auto input = "\x05\xc4\x83"s + "dog\x80";
    RlpReader reader(input);
    auto first = reader.next();
    QVERIFY(first && !first->is_list);
    QCOMPARE(first->payload, std::string_view("\x05"));
    auto list_reader = reader;
    auto second = reader.next();
    QVERIFY(second && second->is_list);
    QCOMPARE(second->offset, std::size_t{1});
    QCOMPARE(second->encoded, std::string_view(input).substr(1, 5));
    QVERIFY(second->payload.data() == input.data() + 2);
    auto list = list_reader.next_list();
    QVERIFY(list);
    QCOMPARE(list->offset(), std::size_t{2});
    QCOMPARE(list->next_string().value(), std::string_view("dog"));
    QVERIFY(list->expect_end());
    QVERIFY(!reader.expect_end());
    QCOMPARE(reader.next_uint().value(), std::uint64_t{0});
    QVERIFY(reader.at_end());
    QVERIFY(!reader.next());
  }

  void malformed_input_is_refused_with_its_offset_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char* name, const std::string& bytes, const char* message) {
      QTest::newRow(name) << QByteArray::fromStdString(bytes) << QByteArray(message);
    };
    row("no item", "", "byte 0: an item is missing");
    row("single byte with header", "\x81\x7f"s, "byte 0: a single byte below 0x80 has a header");
    row("zero byte with header", "\x81\x00"s, "byte 0: a single byte below 0x80 has a header");
    row("string cut", "\x83"s + "do",
        "byte 0: a string of 3 bytes runs past the end, 2 bytes are left");
    row("header alone", "\x81"s, "byte 0: a string of 1 bytes runs past the end, 0 bytes are left");
    row("list cut", "\xc8\x83"s + "cat",
        "byte 0: a list of 8 bytes runs past the end, 4 bytes are left");
    row("string beyond its list", "\xc3\x83"s + "dog",
        "byte 1: a string of 3 bytes runs past the end, 2 bytes are left");
    row("short string as long", "\xb8\x37"s + std::string(55, 'a'),
        "byte 0: a short length is written as a long one");
    row("short list as long", "\xf8\x01\x05"s, "byte 0: a short length is written as a long one");
    row("length with zero", "\xb9\x00\x38"s + std::string(56, 'a'),
        "byte 0: the length has a leading zero");
    row("list length with zero", "\xf9\x00\x38"s + std::string(56, 'a'),
        "byte 0: the length has a leading zero");
    row("length cut", "\xb9\x04"s, "byte 0: the length runs past the end");
    row("list length cut", "\xff"s, "byte 0: the length runs past the end");
    row("length cut by its list", "\xc1\xb8\x38"s + std::string(56, 'a'),
        "byte 1: the length runs past the end");
    row("length of 2^64 - 1", "\xbf"s + std::string(8, '\xff'),
        "byte 0: a string of 18446744073709551615 bytes runs past the end, 0 bytes are left");
    row("list of 2^64 - 1", "\xff"s + std::string(8, '\xff'),
        "byte 0: a list of 18446744073709551615 bytes runs past the end, 0 bytes are left");
    row("deep in a list", "\xc6\x01\xc4\x02\xc2\x81\x05"s,
        "byte 5: a single byte below 0x80 has a header");
  }
  void malformed_input_is_refused_with_its_offset() {
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, message);
    const auto input = bytes.toStdString();
    auto status = input.empty() ? RlpReader(input).next().status() : walk(RlpReader(input));
    QCOMPARE(status.code(), StatusCode::corrupt);
    QCOMPARE(QByteArray::fromStdString(status.message()), message);
  }

  void a_wrong_kind_is_refused_and_the_reader_stays() {
    const auto input = "\xc0\x83"s + "dog";
    RlpReader reader(input);
    QVERIFY(!reader.next_string());
    QVERIFY(!reader.next_uint());
    QCOMPARE(reader.offset(), std::size_t{0});
    QVERIFY(reader.next_list());
    QVERIFY(!reader.next_list());
    QCOMPARE(reader.next_string().value(), std::string_view("dog"));
  }

  void integers_are_canonical_and_bounded() {
    const auto read = [](const std::string& bytes, std::uint64_t max = UINT64_MAX) {
      return RlpReader(bytes).next_uint(max);
    };
    QCOMPARE(read("\x80"s).value(), std::uint64_t{0});
    QCOMPARE(read("\x7f"s).value(), std::uint64_t{127});
    QCOMPARE(read("\x88"s + std::string(8, '\xff')).value(), UINT64_MAX);
    QVERIFY(!read("\0"s));
    QVERIFY(!read("\x82\x00\x01"s));
    QVERIFY(!read("\x89\x01"s + std::string(8, '\0')));
    QCOMPARE(read("\x81\xff"s, 255).value(), std::uint64_t{255});
    QCOMPARE(read("\x82\x01\x00"s, 255).status().message(), "byte 0: an integer above 255"s);
  }

  void lists_nest_to_the_limit_and_no_deeper() {
    const auto nested = [](int depth) {
      RlpWriter writer;
      for (int i = 0; i < depth; ++i) writer.begin_list();
      for (int i = 0; i < depth; ++i) writer.end_list();
      return writer.take();
    };
    const auto deepest = nested(kMaxRlpDepth);
    QVERIFY(walk(RlpReader(deepest)));
    const auto deeper = nested(kMaxRlpDepth + 1);
    QVERIFY(QString::fromStdString(walk(RlpReader(deeper)).message()).contains("nest deeper"));
    QVERIFY(RlpReader(deeper).next());  // skipping it costs nothing
  }

  void random_items_survive_a_round_trip() {
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    for (int round = 0; round < 300; ++round) {
      RlpWriter first;
      write_random(first, random, 0);
      const auto bytes = first.take();
      RlpWriter second;
      const auto status = copy_items(RlpReader(bytes), second);
      QVERIFY2(status, status.message().c_str());
      QCOMPARE(second.take(), bytes);
    }
  }

  // Whatever is accepted is the one canonical encoding of what was read.
  void mutated_bytes_are_refused_or_canonical() {
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    int accepted = 0;
    int refused = 0;
    for (int round = 0; round < 20'000; ++round) {
      std::string bytes(1 + random() % 24, '\0');
      for (auto& byte : bytes) {  // mostly headers and small numbers
        byte = static_cast<char>(random() % 3 == 0 ? 0xb0 + random() % 0x50 : random() % 0x90);
      }
      RlpWriter again;
      if (copy_items(RlpReader(bytes), again)) {
        QCOMPARE(again.take(), bytes);
        ++accepted;
      } else {
        ++refused;
      }
    }
    QVERIFY(accepted > 100);
    QVERIFY(refused > 100);
  }
};

QTEST_APPLESS_MAIN(RlpTest)
#include "rlp_test.moc"
