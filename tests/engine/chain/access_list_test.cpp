// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/chain/access_list.h"

#include <sys/stat.h>

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <filesystem>
#include <random>
#include <set>

#include "engine/chain/rlp.h"

using namespace nodetune;

namespace {

const std::filesystem::path kLists = NODETUNE_TEST_DATA "/chain/block-access-lists/rlp";

std::string text(std::string_view bytes) {
  return RlpWriter().add_string(bytes).take();
}
std::string number(std::uint64_t value) {
  return RlpWriter().add_uint(value).take();
}
std::string list(const std::vector<std::string>& items) {
  RlpWriter writer;
  writer.begin_list();
  for (const auto& item : items) writer.add_encoded(item);
  return writer.end_list().take();
}
std::string change(std::uint64_t tx_index, std::string_view value) {
  return list({number(tx_index), text(value)});
}

struct AccountFields {  // encoded, in the list's order
  std::string address = text(std::string(20, 'a'));
  std::string writes = list({});
  std::string reads = list({});
  std::string balances = list({});
  std::string nonces = list({});
  std::string codes = list({});

  std::string encoded() const { return list({address, writes, reads, balances, nonces, codes}); }
};
std::string block_of(const AccountFields& account) {
  return list({account.encoded()});
}

// An account with everything; slot 1 ends as 7, slot 2 as zero.
AccountFields rich_account() {
  AccountFields account;
  const auto full_zero = std::string(32, '\0');
  account.writes = list({list({text("\x01"), list({change(0, full_zero), change(3, "\x07")})}),
                         list({text("\x02"), list({change(1, "\x09"), change(300, full_zero)})})});
  account.reads = list({text("\x02"), text("\x05"), text(std::string(32, '\xee'))});
  account.balances = list({change(2, "\x01\x02")});
  account.nonces = list({list({number(2), number(77)})});
  account.codes = list({change(2, "\x60\x80\x60\x40")});
  return account;
}

std::string message_of(const std::string& rlp) {
  const auto block = parse_access_list(1, rlp);
  return block ? "accepted" : block.status().message();
}

void write(const QString& path, const std::string& bytes) {
  QFile file(path);
  QVERIFY(file.open(QIODevice::WriteOnly));
  QCOMPARE(file.write(bytes.data(), static_cast<qint64>(bytes.size())),
           static_cast<qint64>(bytes.size()));
}

std::string content_of(const std::filesystem::path& path) {
  QFile file(QString::fromStdString(path.string()));
  return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

template <typename T, typename Key>
bool strictly_ascends(const std::vector<T>& items, Key key) {
  return std::ranges::adjacent_find(items, std::ranges::greater_equal{}, key) == items.end();
}

// What access_list.h promises of every list that it accepts.
bool keeps_its_promises(const BlockAccessList& block) {
  const auto ordered = [](const auto& changes) {
    return strictly_ascends(changes, [](const auto& one) { return one.tx_index; });
  };
  return strictly_ascends(block.accounts, &AccountAccess::address) &&
         std::ranges::all_of(block.accounts, [&](const AccountAccess& account) {
           return strictly_ascends(account.slot_writes, &SlotWrite::slot) &&
                  strictly_ascends(account.slot_reads, std::identity{}) &&
                  std::ranges::all_of(account.slot_writes,
                                      [&](const SlotWrite& slot) {
                                        return !slot.changes.empty() && ordered(slot.changes);
                                      }) &&
                  ordered(account.balances) && ordered(account.nonces) && ordered(account.codes);
         });
}

std::string mutated(std::string bytes, std::mt19937_64& random) {
  const auto mutations = 1 + random() % 4;
  for (std::uint64_t i = 0; i < mutations && !bytes.empty(); ++i) {
    const auto at = random() % bytes.size();
    switch (random() % 4) {
      case 0:
        bytes[at] = static_cast<char>(random());
        break;
      case 1:
        bytes.erase(at, 1 + random() % 40);
        break;
      case 2:
        bytes.insert(at, 1 + random() % 40, static_cast<char>(random()));
        break;
      case 3:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
        break;
    }
  }
  if (random() % 16 == 0) bytes.resize(random() % (bytes.size() + 1));
  return bytes;
}

}  // namespace

class AccessListTest : public QObject {
  Q_OBJECT
 private slots:
  void every_field_is_read() {
    const auto block = parse_access_list(42, block_of(rich_account()));
    QVERIFY2(block, block.status().message().c_str());
    QCOMPARE(block->number, std::uint64_t{42});
    QCOMPARE(block->accounts.size(), std::size_t{1});
    const auto& account = block->accounts[0];
    QCOMPARE(as_view(account.address), std::string_view(std::string(20, 'a')));
    QCOMPARE(account.slot_writes.size(), std::size_t{2});
    QVERIFY(account.slot_writes[0].slot == *word_from("\x01"));
    QVERIFY(account.slot_writes[0].final_value() == *word_from("\x07"));
    QVERIFY(!account.slot_writes[0].zeroed());
    QCOMPARE(account.slot_writes[1].changes[1].tx_index, 300U);
    QVERIFY(account.slot_writes[1].zeroed());
    QCOMPARE(account.slot_reads.size(), std::size_t{3});
    QCOMPARE(account.balances[0].tx_index, 2U);
    QVERIFY(account.balances[0].value == *word_from("\x01\x02"));
    QCOMPARE(account.nonces[0].value, std::uint64_t{77});
    QCOMPARE(account.codes[0].value, std::string("\x60\x80\x60\x40"));
  }

  void a_slot_read_and_written_is_touched_once() {
    const auto block = parse_access_list(1, block_of(rich_account()));
    QVERIFY(block);
    const std::vector<Word256> expected = {*word_from("\x01"), *word_from("\x02"),
                                           *word_from("\x05"), *word_from(std::string(32, '\xee'))};
    QVERIFY(block->accounts[0].touched_slots() == expected);
  }

  void reading_changes_nothing_and_any_write_does() {
    const auto changed = [](const AccountFields& account) {
      return parse_access_list(1, block_of(account)).value().accounts[0].changed();
    };
    AccountFields account;
    QVERIFY(!changed(account));
    account.reads = rich_account().reads;
    QVERIFY(!changed(account));
    for (auto field : {&AccountFields::writes, &AccountFields::balances, &AccountFields::nonces,
                       &AccountFields::codes}) {
      auto one = account;
      one.*field = rich_account().*field;
      QVERIFY(changed(one));
    }
  }

  void an_empty_block_is_an_empty_list() {
    QVERIFY(parse_access_list(1, list({}))->accounts.empty());
  }

  void malformed_lists_are_refused_with_their_offset() {
    QCOMPARE(message_of(""), std::string("byte 0: an item is missing"));
    QCOMPARE(message_of("\x80"), std::string("byte 0: a string where a list should be"));
    QCOMPARE(message_of(list({}) + list({})),
             std::string("byte 1: more items than there should be"));
    QCOMPARE(message_of(list({text("dog")})),
             std::string("byte 1: a string where a list should be"));

    const auto refused = [](auto AccountFields::*field, const std::string& encoded) {
      auto account = rich_account();
      account.*field = encoded;
      return QString::fromStdString(message_of(block_of(account)));
    };
    const auto slot = [](std::string_view name) {
      return list({text(name), list({change(0, "\x01")})});
    };
    QVERIFY(refused(&AccountFields::address, text(std::string(19, 'a'))).contains("20 bytes"));
    QVERIFY(refused(&AccountFields::writes, list({slot("\x02"), slot("\x01")}))
                .endsWith("written slots do not ascend"));
    QVERIFY(refused(&AccountFields::writes, list({slot("\x02"), slot(std::string("\0\x02", 2))}))
                .endsWith("written slots do not ascend"));
    QVERIFY(refused(&AccountFields::writes, list({slot(std::string(33, 'x'))}))
                .contains("more than 32 bytes"));
    QVERIFY(refused(&AccountFields::writes, list({list({text("\x01"), list({})})}))
                .endsWith("has no value"));
    QVERIFY(refused(&AccountFields::reads, list({text("\x05"), text("\x05")}))
                .endsWith("read slots do not ascend"));
    QVERIFY(refused(&AccountFields::balances, list({change(3, "\x01"), change(3, "\x02")}))
                .endsWith("transaction indices do not ascend"));
    QVERIFY(refused(&AccountFields::balances, list({list({number(3), text("\x01"), text("\x01")})}))
                .endsWith("more items than there should be"));
    QVERIFY(refused(&AccountFields::nonces, list({list({number(1ULL << 32), number(1)})}))
                .endsWith("an integer above 4294967295"));
    QVERIFY(refused(&AccountFields::nonces, list({change(1, std::string("\0\x01", 2))}))
                .endsWith("an integer has a leading zero"));
    QVERIFY(refused(&AccountFields::codes, list({}) + list({}))
                .endsWith("more items than there should be"));
    QVERIFY(refused(&AccountFields::codes, "").endsWith("an item is missing"));
    const auto twice = rich_account().encoded();
    QVERIFY(QString::fromStdString(message_of(list({twice, twice})))
                .endsWith("addresses do not ascend"));
  }

  void mutated_lists_never_crash_and_never_break_the_order() {
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    std::vector<std::pair<std::string, int>> originals = {{block_of(rich_account()), 20'000}};
    const auto real = content_of(kLists / "20615533_with_reads.rlp");
    if (!real.empty()) originals.emplace_back(real, 2'000);
    for (const auto& [original, rounds] : originals) {
      QVERIFY(parse_access_list(1, original));
      int refused = 0;
      for (int round = 0; round < rounds; ++round) {
        const auto block = parse_access_list(1, mutated(original, random));
        if (block) {
          QVERIFY(keeps_its_promises(*block));
        } else {
          QCOMPARE(block.status().code(), StatusCode::corrupt);
          QVERIFY(block.status().message().starts_with("byte "));
          ++refused;
        }
      }
      QVERIFY2(refused > rounds / 2, std::to_string(refused).c_str());
    }
  }

  void a_folder_lists_its_files_by_number() {
    QTemporaryDir dir;
    for (const char* name : {"10_with_reads.rlp", "9_with_reads.rlp", "0_with_reads.rlp", "8.rlp",
                             "README.md", "x_with_reads.rlp", "007_with_reads.rlp",
                             "-1_with_reads.rlp", "99999999999999999999999_with_reads.rlp"}) {
      write(dir.filePath(name), "\xc0");
    }
    QVERIFY(QDir(dir.path()).mkdir("11_with_reads.rlp"));
    const auto files = list_access_list_files(dir.path().toStdString());
    QVERIFY2(files, files.status().message().c_str());
    std::vector<std::uint64_t> numbers;
    for (const auto& file : *files) numbers.push_back(file.number);
    QVERIFY((numbers == std::vector<std::uint64_t>{0, 9, 10}));

    const auto one = list_access_list_files(dir.filePath("9_with_reads.rlp").toStdString());
    QCOMPARE(one->size(), std::size_t{1});
    QCOMPARE(one->front().number, std::uint64_t{9});
  }

  void a_path_without_lists_is_a_clear_error() {
    QTemporaryDir dir;
    const auto code_of = [](const QString& path) {
      const auto files = list_access_list_files(path.toStdString());
      return files ? StatusCode::ok : files.status().code();
    };
    QCOMPARE(code_of(dir.path()), StatusCode::not_found);
    QCOMPARE(code_of(dir.filePath("absent")), StatusCode::not_found);
    QCOMPARE(code_of(""), StatusCode::not_found);
    write(dir.filePath("notes.txt"), "hello");
    QCOMPARE(code_of(dir.filePath("notes.txt")), StatusCode::invalid_argument);
    QCOMPARE(code_of(dir.filePath("notes.txt/deeper")), StatusCode::not_found);
    QCOMPARE(::mkfifo(dir.filePath("1_with_reads.rlp").toStdString().c_str(), 0600), 0);
    QCOMPARE(code_of(dir.filePath("1_with_reads.rlp")), StatusCode::invalid_argument);
    QCOMPARE(code_of(dir.path()), StatusCode::not_found);
  }

  void a_bad_file_is_named_with_its_offset() {
    QTemporaryDir dir;
    const auto read = [&dir](const char* name) {
      return read_access_list({1, dir.filePath(name).toStdString()}).status();
    };
    write(dir.filePath("1_with_reads.rlp"), "\xc3\xc2\x81\x05");
    auto status = read("1_with_reads.rlp");
    QCOMPARE(status.code(), StatusCode::corrupt);
    QVERIFY(status.message().starts_with(dir.path().toStdString()));
    QVERIFY(QString::fromStdString(status.message()).contains("byte 2:"));

    QCOMPARE(read("absent").code(), StatusCode::not_found);
    QCOMPARE(::mkfifo(dir.filePath("pipe").toStdString().c_str(), 0600), 0);
    QCOMPARE(read("pipe").code(), StatusCode::corrupt);  // empty: it must not wait for a writer
    QVERIFY(!read_access_list({1, dir.path().toStdString()}));

    QFile huge(dir.filePath("2_with_reads.rlp"));
    QVERIFY(huge.open(QIODevice::WriteOnly));
    QVERIFY(huge.resize(static_cast<qint64>(kMaxAccessListBytes) + 1));
    status = read("2_with_reads.rlp");
    QCOMPARE(status.code(), StatusCode::invalid_argument);
    QVERIFY(QString::fromStdString(status.message()).contains("larger than 16 MiB"));
  }

  // Counted independently: ../shared/data/README.md.
  void the_real_lists_hold_what_was_counted() {
    const auto files = list_access_list_files(kLists);
    if (!files) QSKIP("block-access-lists not present");
    QCOMPARE(files->size(), std::size_t{50});
    QCOMPARE(files->front().number, std::uint64_t{20'615'532});
    QCOMPARE(files->back().number, std::uint64_t{20'615'581});
    std::set<Address> distinct_accounts;
    std::set<std::pair<Address, Word256>> distinct_slots;
    std::size_t touched = 0, changed = 0, touched_slots = 0, read = 0, written = 0, zeroed = 0;
    for (const auto& file : *files) {
      const auto block = read_access_list(file);
      QVERIFY2(block, block.status().message().c_str());
      QVERIFY(keeps_its_promises(*block));
      for (const auto& account : block->accounts) {
        ++touched;
        distinct_accounts.insert(account.address);
        changed += account.changed() ? 1 : 0;
        read += account.slot_reads.size();
        written += account.slot_writes.size();
        for (const auto& slot : account.slot_writes) zeroed += slot.zeroed() ? 1 : 0;
        for (const auto& slot : account.touched_slots()) {
          ++touched_slots;
          distinct_slots.emplace(account.address, slot);
        }
      }
    }
    QCOMPARE(touched, std::size_t{20'806});
    QCOMPARE(distinct_accounts.size(), std::size_t{9'836});
    QCOMPARE(touched_slots, std::size_t{60'179});
    QCOMPARE(distinct_slots.size(), std::size_t{33'645});
    // Means a block, as published, to one digit.
    const auto mean = [](std::size_t sum) {
      return QString::number(static_cast<double>(sum) / 50, 'f', 1);
    };
    QCOMPARE(mean(touched), "416.1");
    QCOMPARE(mean(changed), "310.8");
    QCOMPARE(mean(read), "758.7");
    QCOMPARE(mean(written), "444.9");
    QCOMPARE(mean(zeroed), "37.0");
  }
};

QTEST_APPLESS_MAIN(AccessListTest)
#include "access_list_test.moc"
