// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/workload/block_audit.h"

#include <QTemporaryDir>
#include <QtTest>
#include <filesystem>
#include <map>
#include <optional>

#include "engine/chain/keys.h"
#include "engine/store/database.h"
#include "engine/workload/block_record.h"
#include "engine/workload/workload.h"

using namespace nodetune;

namespace {

constexpr std::uint64_t kFirst = 20'500'000;
constexpr int kBlocks = 6;

std::unique_ptr<Database> open(const QTemporaryDir& folder) {
  DatabaseConfig config;
  config.create_if_missing = true;
  auto database =
      Database::open(folder.filePath("node").toStdString(), config, SystemClock::instance());
  if (!database) qFatal("%s", database.status().message().c_str());
  return std::move(database).value();
}

// Runs so many blocks of a synthetic chain, through the whole engine.
void run_blocks(Database& database, int blocks) {
  SyntheticConfig config;
  config.keep_blocks = 3;
  const auto chain = std::move(make_synthetic_chain(config)).value();
  if (const auto status = chain->prepare(database, {}); !status) {
    qFatal("%s", status.message().c_str());
  }
  ObjectStore objects(database, CacheConfig(), BatchConfig(), SystemClock::instance());
  if (!objects.start()) qFatal("start");
  for (int i = 0; i < blocks; ++i) {
    if (const auto more = chain->run_block(objects); !more) {
      qFatal("%s", more.status().message().c_str());
    }
  }
  if (!objects.stop()) qFatal("stop");
}

std::pair<std::string, std::string> entry_of(Database& database, Family family, int skip = 0) {
  std::pair<std::string, std::string> entry;
  const auto status = database.scan(family, "", std::string(80, '\xff'), [&](auto key, auto value) {
    entry = {std::string(key), std::string(value)};
    return skip-- > 0;
  });
  if (!status) qFatal("%s", status.message().c_str());
  return entry;
}

void write(Database& database, std::vector<WriteOperation> operations) {
  if (const auto status = database.write(operations, Durability::log); !status) {
    qFatal("%s", status.message().c_str());
  }
}

// The audit fails, and its message has `part`.
void expect_damage(Database& database, std::string_view part) {
  const auto audit = verify_blocks(database);
  QVERIFY2(!audit, "the damage was not found");
  QCOMPARE(audit.status().code(), StatusCode::corrupt);
  QVERIFY2(audit.status().message().find(part) != std::string::npos,
           audit.status().message().c_str());
}

}  // namespace

class BlockAuditTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() {
    const auto database = open(whole_);
    run_blocks(*database, kBlocks);
  }
  // Each test has a copy of a directory with some blocks.
  void init() {
    folder_.emplace();
    std::filesystem::copy(whole_.filePath("node").toStdString(),
                          folder_->filePath("node").toStdString(),
                          std::filesystem::copy_options::recursive);
    database_ = open(*folder_);
  }
  void cleanup() {
    database_.reset();
    folder_.reset();
  }

  void whole_blocks_pass_also_when_more_follow_after_a_reopen() {
    const auto audit = verify_blocks(*database_);
    QVERIFY2(audit, audit.status().message().c_str());
    QCOMPARE(audit->blocks, std::uint64_t{kBlocks});
    QCOMPARE(audit->first_number, kFirst);
    QCOMPARE(audit->last_number, kFirst + kBlocks - 1);
    QVERIFY(audit->verified_keys > 5'000);
    run_blocks(*database_, kBlocks);
    const auto again = verify_blocks(*database_);
    QVERIFY2(again, again.status().message().c_str());
    QCOMPARE(again->blocks, std::uint64_t{2 * kBlocks});
  }

  void before_the_first_block_prepared_state_is_checked() {
    const QTemporaryDir folder;
    const auto database = open(folder);
    QCOMPARE(verify_blocks(*database)->blocks, 0u);
    run_blocks(*database, 0);
    const auto audit = verify_blocks(*database);
    QVERIFY2(audit, audit.status().message().c_str());
    QCOMPARE(audit->blocks, 0u);
    auto [key, value] = entry_of(*database, Family::storage);
    value.back() ^= 1;
    write(*database, {WriteOperation::put(Family::storage, key, value)});
    expect_damage(*database, "neither");
  }

  void a_missing_or_changed_value_is_found_data() {
    QTest::addColumn<int>("family");
    for (const auto family : kFamilies) {
      if (family == Family::own) continue;
      QTest::newRow(std::string(to_string(family)).c_str()) << static_cast<int>(index_of(family));
    }
  }
  void a_missing_or_changed_value_is_found() {
    QFETCH(const int, family);
    const auto where = static_cast<Family>(family);
    // A key that a block wrote: one whose value the records know.
    std::optional<WriteOperation> original;
    std::map<std::uint64_t, std::uint32_t> known;
    for (int i = 0; i < kBlocks; ++i) {
      const auto stored = database_->get(Family::own, record_key(kFirst + i)).value();
      const auto record = BlockRecord::decode(stored.value()).value();
      for (const auto& one : record.state) known[one.key_hash] = one.value_hash;
      for (const auto& one : {record.header, record.body, record.receipts}) {
        known[one.key_hash] = one.value_hash;
      }
    }
    QVERIFY(database_->scan(where, "", std::string(80, '\xff'), [&](auto key, auto value) {
      if (!known.contains(hash_key(where, key))) return true;
      original = WriteOperation::put(where, std::string(key), std::string(value));
      return false;
    }));
    QVERIFY(original.has_value());
    write(*database_, {WriteOperation::erase(where, original->key)});
    expect_damage(*database_, "missing");
    auto changed = *original;
    changed.value.back() ^= 1;
    write(*database_, {changed});
    expect_damage(*database_, "is not what it wrote");
    write(*database_, {*original});
    QVERIFY(verify_blocks(*database_));
  }

  void half_a_block_is_found() {
    const auto next = kFirst + kBlocks;
    const auto body_only = block_key(next, Hash256{});
    write(*database_, {WriteOperation::put(Family::blocks, body_only, "body")});
    expect_damage(*database_, "no block wrote");
    write(*database_, {WriteOperation::erase(Family::blocks, body_only)});
    const auto [slot, value] = entry_of(*database_, Family::storage);
    write(*database_, {WriteOperation::put(Family::storage, slot, "the next block's")});
    expect_damage(*database_, "not whole");
    write(*database_, {WriteOperation::put(Family::storage, slot, value),
                       WriteOperation::put(Family::storage, "a new slot", "the next block's")});
    expect_damage(*database_, "neither");
  }

  void a_record_without_its_writes_is_found() {
    BlockRecord record;
    record.number = kFirst + kBlocks;
    record.writes = 3;
    write(*database_,
          {WriteOperation::put(Family::own, record_key(record.number), record.encode())});
    expect_damage(*database_, "said to end before");
  }

  void a_block_missing_in_between_is_found() {
    write(*database_, {WriteOperation::erase(Family::own, record_key(kFirst + 2))});
    expect_damage(*database_, std::to_string(kFirst + 2));
  }

  void a_missing_last_block_is_found() {
    write(*database_, {WriteOperation::erase(Family::own, record_key(kFirst + kBlocks - 1))});
    expect_damage(*database_, std::to_string(kFirst + kBlocks - 1));
  }

  void a_damaged_record_is_found() {
    auto record = database_->get(Family::own, record_key(kFirst + 1)).value().value();
    record[20] ^= 1;
    write(*database_, {WriteOperation::put(Family::own, record_key(kFirst + 1), record)});
    expect_damage(*database_, "checksum");
  }

  void a_merge_applied_twice_is_found() {
    write(*database_, {WriteOperation::merge_add(Family::own, std::string(kBlocksCounter), 1)});
    expect_damage(*database_, "counter/blocks");
  }

 private:
  const QTemporaryDir whole_;
  std::optional<QTemporaryDir> folder_;
  std::unique_ptr<Database> database_;
};

QTEST_GUILESS_MAIN(BlockAuditTest)
#include "block_audit_test.moc"
