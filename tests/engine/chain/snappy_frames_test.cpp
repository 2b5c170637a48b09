// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/chain/snappy_frames.h"

#include <QtTest>
#include <random>

#include "tests/chain_maker.h"

using namespace nodetune;
using namespace std::string_literals;

namespace {

constexpr std::size_t kEnough = 1 << 20;

std::string some_bytes(std::size_t count) {
  std::mt19937 random(3);
  std::string bytes(count, '\0');
  for (auto& byte : bytes) byte = static_cast<char>(random() % 7);
  return bytes;
}

std::string plain_chunk(const std::string& content) {
  return snappy_chunk(1, little_endian(mask_crc32c(crc32c(content)), 4) + content);
}

}  // namespace

class SnappyFramesTest : public QObject {
  Q_OBJECT
 private slots:
  void content_comes_back_over_all_kinds_of_chunks() {
    for (const std::size_t size : {0, 1, 65'535, 65'536, 65'537, 300'000}) {
      const auto content = some_bytes(size);
      const auto read = read_snappy_frames(snappy_frames(content), kEnough);
      QVERIFY2(read, read.status().message().c_str());
      QVERIFY(*read == content);
    }
    const auto mixed = snappy_frames("one ") + plain_chunk("two ") + snappy_chunk(0xfe, "padding") +
                       snappy_chunk(0x80, "to be skipped") + snappy_frames("three");
    QCOMPARE(QByteArray::fromStdString(*read_snappy_frames(mixed, kEnough)), "one two three");
  }

  void a_changed_or_cut_stream_is_never_read_as_something_else() {
    const auto content = some_bytes(400);
    const auto stream = snappy_frames(content) + plain_chunk("end");
    for (std::size_t at = 0; at < stream.size(); ++at) {
      for (int flip = 1; flip < 256; flip *= 2) {
        auto changed = stream;
        changed[at] = static_cast<char>(changed[at] ^ flip);
        const auto read = read_snappy_frames(changed, kEnough);
        // A chunk may become one that is skipped: then content is missing, never other content.
        if (read) QVERIFY(*read == content || *read == "end");
      }
      const auto cut = read_snappy_frames(stream.substr(0, at), kEnough);
      if (cut) QVERIFY(cut->empty() || *cut == content);
    }
  }

  void a_bomb_is_refused_before_it_goes_off() {
    const auto bomb = snappy_frames(std::string(900'000, '\0'));
    QVERIFY(bomb.size() < 50'000);
    QVERIFY(!read_snappy_frames(bomb, 100'000));
    QVERIFY(read_snappy_frames(bomb, 900'000));
    // One chunk that says it has 4 GiB.
    const auto lie = snappy_chunk(0xff, "sNaPpY") + snappy_chunk(0, "sum!\xff\xff\xff\xff\x0f"s);
    const auto read = read_snappy_frames(lie, SIZE_MAX / 2);
    QVERIFY(read.status().message().find("64 KiB") != std::string::npos);
  }

  void what_is_no_stream_is_refused() {
    for (const auto& stream :
         {""s, "s"s, "sNaPpY"s, plain_chunk("no identifier"), snappy_chunk(0xff, "sNaPpX"),
          snappy_chunk(0xff, "sNaPpY") + snappy_chunk(2, "unknown")}) {
      QVERIFY(!read_snappy_frames(stream, kEnough));
    }
  }
};

QTEST_APPLESS_MAIN(SnappyFramesTest)
#include "snappy_frames_test.moc"
