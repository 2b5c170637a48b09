// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/chain/block_file.h"

#include <sys/stat.h>

#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <fstream>
#include <random>

#include "tests/chain_maker.h"
#include "tests/memory_input.h"

using namespace nodetune;
using namespace std::string_literals;

namespace {

// What a reader makes of a file: whole blocks, checked, as far as it came.
struct Reading {
  std::vector<CheckedBlock> blocks;
  Status status;
};

// With links compared, as an import does.
Reading read_all(Result<std::unique_ptr<BlockFile>> file) {
  Reading reading;
  while (file) {
    auto block = (*file)->next();
    if (!block) {
      reading.status = block.status();
      return reading;
    }
    if (!block->has_value()) return reading;
    auto checked = check_block(*std::move(*block));
    if (!checked) {
      reading.status = checked.status();
      return reading;
    }
    if (!reading.blocks.empty() && reading.blocks.back().hash != checked->header.parent_hash) {
      reading.status = {StatusCode::corrupt, "does not link"};
      return reading;
    }
    reading.blocks.push_back(*std::move(checked));
  }
  reading.status = file.status();
  return reading;
}

Reading read_memory(const std::string& content, bool seekable = true,
                    std::size_t in_pieces_of = std::string::npos) {
  return read_all(open_block_file(std::make_unique<MemoryInput>(content, seekable, in_pieces_of)));
}

bool same(const FileBlock& a, const FileBlock& b) {
  return a.number == b.number && a.header == b.header && a.body == b.body;
}

QByteArray hex(const Hash256& hash) {
  return QByteArray::fromStdString(to_hex_0x(hash));
}

std::string unhex(const QString& text) {
  return QByteArray::fromHex(text.mid(2).toLatin1()).toStdString();
}

// A list of byte strings as SSZ has it: where each begins, then the strings.
std::vector<std::string> ssz_list(const std::string& bytes) {
  const auto offset = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
    return std::size_t{value};
  };
  std::vector<std::string> items;
  const std::size_t count = bytes.empty() ? 0 : offset(0) / 4;
  for (std::size_t i = 0; i < count; ++i) {
    const auto end = i + 1 < count ? offset(4 * i + 4) : bytes.size();
    items.push_back(bytes.substr(offset(4 * i), end - offset(4 * i)));
  }
  return items;
}

// An error, or the blocks that were made. A header's own hash is only known from the next block or
// from an archive's accumulator: an export's last header may differ, and its block's hash with it.
bool sound(const Reading& reading, const std::vector<FileBlock>& made, bool era1) {
  if (!reading.status) return true;
  if (reading.blocks.size() != made.size()) return false;
  for (std::size_t i = 0; i < made.size(); ++i) {
    const auto& read = reading.blocks[i].file;
    const bool last_header = !era1 && i + 1 == made.size() && read.header != made[i].header;
    if (!same(read, made[i]) && !last_header) return false;
    if (era1 && read.receipts != made[i].receipts) return false;
  }
  return true;
}

// Every byte of `file` changed in several ways, one at a time; false: `judge` found fault.
template <typename Judge>
bool survives_changes(const std::string& file, Judge judge) {
  std::mt19937 random(7);
  for (std::size_t at = 0; at < file.size(); ++at) {
    for (const int flip : {1, 0x80, static_cast<int>(1 + random() % 255)}) {
      auto changed = file;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      if (!judge(read_memory(changed))) {
        qWarning("byte %zu changed by %#x", at, flip);
        return false;
      }
    }
  }
  return true;
}

}  // namespace

class BlockFileTest : public QObject {
  Q_OBJECT
 private slots:
  void real_exports_and_archives_read_whole_data() {
    QTest::addColumn<int>("blocks");
    QTest::addColumn<QByteArray>("last_hash");
    const auto row = [](const char* file, int blocks, const char* hash) {
      QTest::newRow(file) << blocks << QByteArray(hash);
    };
    row("mainnet-1000.blocks", 1000,
        "0xc31b362e591aa07faa977dbc492ae43cd47eef291920435153bbbf3acaf2fc2f");
    row("50.blocks", 50, "0x7428907e594abb3e850e07aa5daa7161e4c35e95e2a17a4664e5516ca304624d");
    row("mainnet-00000-5ec1ffb8.era1", 8192,
        "0xa6860fefa339c963e1bb622526cc8dd4344eedd2a9b969e74de5cccc445fbed4");
    row("execution-apis/chain.rlp", 45, "");
    row("snap/testBlockchain.blocks", 501, "");
    row("hive/testBlockchain.blocks", 35, "");
    row("single-mainnet/block_1.blocks", 1,
        "0x88e96d4537bea4d9c05d12549907b32561d3bf31f45aae734cdc119f13406cb6");
    row("single-mainnet/block_123.blocks", 1, "");  // a draft's fifth list: deposits
    row("single-mainnet/block_124.blocks", 1, "");
    for (const auto* number : {"1200000", "1200001", "12691", "300005", "300006", "4156", "4400000",
                               "4400001", "4400002", "62717", "62718"}) {
      QTest::addRow("single-mainnet/block_%s.blocks", number) << 1 << QByteArray();
    }
  }
  void real_exports_and_archives_read_whole() {
    const auto path = NODETUNE_TEST_DATA "/chain/besu-test-chains/"s + QTest::currentDataTag();
    if (!QFile::exists(QString::fromStdString(path))) QSKIP("the real chains are not present");
    QFETCH(int, blocks);
    QFETCH(QByteArray, last_hash);
    const auto reading = read_all(open_block_file(path));
    QVERIFY2(reading.status, reading.status.message().c_str());
    QCOMPARE(reading.blocks.size(), static_cast<std::size_t>(blocks));
    if (!last_hash.isEmpty()) QCOMPARE(hex(reading.blocks.back().hash), last_hash);
    if (reading.blocks.front().file.number == 0 && last_hash.startsWith("0xa6860f")) {
      QCOMPARE(hex(reading.blocks.front().hash),
               QByteArray("0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3"));
      QVERIFY(reading.blocks.back().file.receipts.has_value());
    }
  }

  // Blocks that another client stored by their hashes: header, body and receipts must be theirs.
  void blocks_of_another_client_hash_to_what_it_says() {
    const QDir folder(NODETUNE_TEST_DATA "/chain/nimbus-portal-blocks");
    if (!folder.exists()) QSKIP("the real chains are not present");
    int seen = 0;
    for (const auto& name : folder.entryList({"*.json"})) {
      QFile file(folder.filePath(name));
      QVERIFY(file.open(QIODevice::ReadOnly));
      const auto blocks = QJsonDocument::fromJson(file.readAll()).object();
      for (auto it = blocks.begin(); it != blocks.end(); ++it, ++seen) {
        const auto parts = it.value().toObject();
        const auto body = ssz_list(unhex(parts["body"].toString()));  // transactions, ommers
        std::vector<std::string> lists[2];
        const std::vector<std::string> from[2] = {ssz_list(body.at(0)),
                                                  ssz_list(unhex(parts["receipts"].toString()))};
        for (int i = 0; i < 2; ++i) {
          for (const auto& item : from[i]) {
            const bool is_list = static_cast<std::uint8_t>(item[0]) >= 0xc0;
            lists[i].push_back(is_list ? item : RlpWriter().add_string(item).take());
          }
        }
        FileBlock block;
        block.header = unhex(parts["header"].toString());
        block.body = ChainMaker::list_of({ChainMaker::list_of(lists[0]), body.at(1)});
        block.receipts = ChainMaker::list_of(lists[1]);
        const auto checked = check_block(block);
        QVERIFY2(checked, checked.status().message().c_str());
        QCOMPARE(hex(checked->hash), it.key().toLatin1());
        // The same block out of an export.
        const auto reading = read_memory(export_block(checked->file));
        QVERIFY2(reading.status, reading.status.message().c_str());
        QVERIFY(same(reading.blocks.at(0).file, checked->file));
      }
    }
    QVERIFY(seen >= 52);
  }

  void what_was_written_is_read_in_whatever_pieces_it_comes() {
    for (const bool withdrawals : {false, true}) {
      ChainMaker::Config config;
      config.withdrawals = withdrawals;
      config.transactions_max = 300;  // indices of one, two and three bytes
      const auto made = make_blocks(8, config);
      for (const auto& file : {make_export(made), make_era1(made)}) {
        for (const std::size_t piece : {std::size_t{1}, std::size_t{4'099}, std::string::npos}) {
          const auto reading = read_memory(file, piece % 2 == 0, piece);
          QVERIFY2(reading.status, reading.status.message().c_str());
          QCOMPARE(reading.blocks.size(), made.size());
          for (std::size_t i = 0; i < made.size(); ++i) {
            QVERIFY(same(reading.blocks[i].file, made[i]));
          }
        }
      }
    }
  }

  void skipping_stops_before_the_block_that_is_wanted_data() {
    QTest::addColumn<bool>("era1");
    QTest::addColumn<bool>("seekable");
    QTest::newRow("export") << false << true;
    QTest::newRow("export, read through") << false << false;
    QTest::newRow("era1") << true << true;
  }
  void skipping_stops_before_the_block_that_is_wanted() {
    QFETCH(bool, era1);
    QFETCH(bool, seekable);
    ChainMaker::Config config;
    config.first_number = 100;
    const auto made = make_blocks(20, config);
    const auto file = era1 ? make_era1(made) : make_export(made);
    const auto whole = read_memory(file);
    QCOMPARE(whole.blocks.size(), made.size());
    for (const std::uint64_t wanted : {0u, 100u, 101u, 110u, 119u, 120u, 1000u}) {
      const auto index =
          static_cast<std::size_t>(std::clamp<std::uint64_t>(wanted, 100, 120) - 100);
      const auto right = index < 20 ? whole.blocks[index].file.offset : file.size();
      for (const std::uint64_t hint :
           {std::uint64_t{0}, right, std::uint64_t{7}, std::uint64_t{file.size() * 2}}) {
        auto opened = open_block_file(std::make_unique<MemoryInput>(file, seekable));
        QVERIFY(opened);
        const auto skipped = (*opened)->skip_below(wanted, hint, {});
        QVERIFY2(skipped, skipped.message().c_str());
        const auto rest = read_all(std::move(opened));
        QVERIFY2(rest.status, rest.status.message().c_str());
        QCOMPARE(rest.blocks.size(), 20 - index);
        if (index < 20) QVERIFY(same(rest.blocks[0].file, made[index]));
      }
    }
  }

  void an_export_cut_anywhere_gives_the_blocks_before_and_names_the_next() {
    const auto made = make_blocks(4);
    const auto file = make_export(made);
    std::size_t begin = 0;
    for (std::size_t whole = 0; whole < made.size(); ++whole) {
      const auto size = export_block(made[whole]).size();
      for (std::size_t left = 1; left < size; ++left) {
        const auto reading = read_memory(file.substr(0, begin + left));
        QVERIFY(!reading.status);
        QCOMPARE(reading.blocks.size(), whole);
        const auto named = whole == 0 ? "memory: "s
                                      : "block " + std::to_string(whole) + " at byte " +
                                            std::to_string(begin) + " is cut off";
        if (left > 10) {
          QVERIFY2(reading.status.message().find(named) != std::string::npos,
                   reading.status.message().c_str());
        }
      }
      begin += size;
    }
  }

  void an_archive_cut_anywhere_gives_the_blocks_before_and_an_error() {
    const auto made = make_blocks(3);
    const auto file = make_era1(made);
    const auto whole = read_memory(file);
    for (std::size_t left = 0; left < file.size(); ++left) {
      const auto reading = read_memory(file.substr(0, left));
      QVERIFY(!reading.status);
      for (std::size_t i = 0; i < reading.blocks.size(); ++i) {
        QVERIFY(same(reading.blocks[i].file, made[i]));
      }
      std::size_t complete = 0;
      while (complete < 3 && left >= (complete < 2 ? whole.blocks[complete + 1].file.offset
                                                   : file.size() - 40 - 8 - 16 - 24)) {
        ++complete;
      }
      QCOMPARE(reading.blocks.size(), complete);
    }
  }

  void every_changed_byte_is_found_or_means_the_same_data() {
    QTest::addColumn<bool>("era1");
    QTest::newRow("export") << false;
    QTest::newRow("era1") << true;
  }
  void every_changed_byte_is_found_or_means_the_same() {
    QFETCH(bool, era1);
    const auto made = make_blocks(3);
    QVERIFY(survives_changes(era1 ? make_era1(made) : make_export(made),
                             [&](const Reading& reading) { return sound(reading, made, era1); }));
  }

  void noise_in_a_file_is_found_or_means_the_same() {
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    const auto made = make_blocks(3);
    for (const bool era1 : {false, true}) {
      const auto file = era1 ? make_era1(made) : make_export(made);
      for (int round = 0; round < 2'000; ++round) {
        auto changed = file;
        const auto at = random() % changed.size();
        const auto length = 1 + random() % 16;
        std::string noise(length, '\0');
        for (auto& byte : noise) byte = static_cast<char>(random() % 3 == 0 ? 0xff : random());
        switch (random() % 3) {
          case 0:
            changed.insert(at, noise);
            break;
          case 1:
            changed.erase(at, length);
            break;
          default:
            changed.replace(at, length, noise);
            break;
        }
        QVERIFY(sound(read_memory(changed, round % 2 == 0), made, era1));
      }
    }
  }

  void lengths_beyond_all_measure_are_refused_before_anything_is_allocated() {
    const auto first = export_block(make_blocks(1)[0]);
    for (const auto& claim : {"\xfb\xff\xff\xff\xff"s, "\xff\xff\xff\xff\xff\xff\xff\xff\xff"s,
                              "\xff\x7f\xff\xff\xff\xff\xff\xff\xff"s}) {
      const auto reading = read_memory(first + claim + "\xc0"s);
      QCOMPARE(reading.blocks.size(), std::size_t{1});
      QVERIFY2(reading.status.message().find("block 1 at byte") != std::string::npos,
               reading.status.message().c_str());
    }
    const auto era = era1_record(0x3265, {}) + little_endian(3, 2) + "\xff\xff\xff\xff\0\0"s;
    QVERIFY(!read_memory(era).status);
  }

  void what_holds_no_blocks_is_refused_and_says_so() {
    QTemporaryDir folder;
    const auto path = [&](const char* name) { return folder.filePath(name).toStdString(); };
    const auto refusal = [&](const std::string& file) {
      const auto opened = open_block_file(file);
      return opened ? std::string() : opened.status().message();
    };
    std::ofstream(path("empty"));
    std::ofstream(path("text")) << "checksums of some files, none of which is this one\n";
    std::ofstream(path("zeros")) << std::string(100, '\0');
    std::ofstream(path("list")) << "\xc0";
    ::mkfifo(path("pipe").c_str(), 0600);
    QVERIFY(refusal(path("empty")).find("is empty") != std::string::npos);
    for (const auto* name : {"text", "zeros", "list"}) {
      QVERIFY2(refusal(path(name)).find("neither an RLP block export") != std::string::npos,
               refusal(path(name)).c_str());
    }
    QVERIFY(refusal(path("pipe")).find("pipe") != std::string::npos);
    QVERIFY(refusal(folder.path().toStdString()).find("directory") != std::string::npos);
    QVERIFY(!refusal(path("missing")).empty());
  }

  void a_compressed_export_reads_as_the_plain_one() {
    QTemporaryDir folder;
    const auto made = make_blocks(50);
    const auto plain = folder.filePath("plain");
    std::ofstream(plain.toStdString(), std::ios::binary) << make_export(made);
    QCOMPARE(QProcess::execute("gzip", {"-k", plain}), 0);
    const auto zipped = plain.toStdString() + ".gz";
    const auto reading = read_all(open_block_file(zipped));
    QVERIFY2(reading.status, reading.status.message().c_str());
    QCOMPARE(reading.blocks.size(), made.size());
    QVERIFY(same(reading.blocks.back().file, made.back()));

    QFile file(QString::fromStdString(zipped));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const auto bytes = file.readAll();
    for (const auto cut : {bytes.size() / 2, bytes.size() - 4}) {
      std::ofstream(path_of(folder, "cut.gz"), std::ios::binary) << bytes.left(cut).toStdString();
      const auto cut_reading = read_all(open_block_file(path_of(folder, "cut.gz")));
      QVERIFY(cut_reading.status.message().find("damaged") != std::string::npos);
      QVERIFY(cut_reading.blocks.size() <= made.size());
    }
    auto damaged = bytes;
    damaged[damaged.size() - 6] = static_cast<char>(damaged[damaged.size() - 6] ^ 1);
    std::ofstream(path_of(folder, "sum.gz"), std::ios::binary) << damaged.toStdString();
    QVERIFY(!read_all(open_block_file(path_of(folder, "sum.gz"))).status);
  }

 private:
  static std::string path_of(const QTemporaryDir& folder, const char* name) {
    return folder.filePath(name).toStdString();
  }
};

QTEST_APPLESS_MAIN(BlockFileTest)
#include "block_file_test.moc"
