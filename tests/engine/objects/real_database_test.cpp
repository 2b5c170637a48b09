// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QTemporaryDir>
#include <QtTest>
#include <random>

#include "engine/batch/fold.h"
#include "engine/objects/object_store.h"
#include "engine/store/database.h"
#include "tests/engine/fake_store.h"
#include "tests/engine/random_operations.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

const std::string kAfterAllKeys = "\xff\xff\xff";

std::unique_ptr<Database> open(const std::string& path) {
  DatabaseConfig config;
  config.create_if_missing = true;
  auto database = Database::open(path, config, SystemClock::instance());
  if (!database) qFatal("%s", database.status().message().c_str());
  return *std::move(database);
}

Contents contents(Database& database) {
  Contents all;
  for (const auto family : kFamilies) {
    const auto scanned =
        database.scan(family, "", kAfterAllKeys, [&](std::string_view key, std::string_view value) {
          all[index_of(family)].emplace(key, value);
          return true;
        });
    if (!scanned) qFatal("%s", scanned.message().c_str());
  }
  return all;
}

void clear(Database& database) {
  std::vector<WriteOperation> ranges;
  for (const auto family : kFamilies) {
    ranges.push_back(WriteOperation::delete_range(family, "", kAfterAllKeys));
  }
  if (const auto cleared = database.write(ranges, Durability::log); !cleared) qFatal("not cleared");
}

}  // namespace

class RealDatabaseTest : public QObject {
  Q_OBJECT
 private slots:
  // The fake store's meaning of the operations is RocksDB's, and folding does not change it.
  void folded_writes_leave_what_single_ones_leave() {
    const QTemporaryDir folder;
    const auto database = open(folder.filePath("db").toStdString());
    const auto first_seed = std::random_device{}();
    qInfo("seeds from %u", first_seed);
    for (std::uint64_t seed = first_seed; seed < first_seed + 120ULL; ++seed) {
      RandomOperations random(seed);
      const auto operations = random.some(random.number(40), false);
      Contents model;
      clear(*database);
      for (const auto& operation : operations) {
        apply_operation(model, operation);
        QVERIFY(database->write({&operation, 1}, Durability::log));
      }
      QVERIFY2(contents(*database) == model, qPrintable(QString("one by one, %1").arg(seed)));

      for (const auto purpose : {FoldFor::write_batch, FoldFor::table_file}) {
        if (purpose == FoldFor::table_file && seed % 5 != 0) continue;  // a wait for the disk each
        std::array groups = {WriteGroup{operations}};
        const auto folded = fold(groups, purpose);
        clear(*database);
        QVERIFY(purpose == FoldFor::write_batch ? database->write(folded, Durability::log)
                                                : database->ingest(folded));
        QVERIFY2(contents(*database) == model, qPrintable(QString("folded, %1").arg(seed)));
      }
    }
  }

  void groups_come_back_after_a_reopen() {
    const QTemporaryDir folder;
    const auto path = folder.filePath("db").toStdString();
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    RandomOperations random(seed);
    Contents model;
    std::uint64_t groups = 0;
    for (int round = 0; round < 3; ++round) {
      const auto database = open(path);
      BatchConfig batches;
      batches.min_batch_size = 1;
      batches.auto_commit_threshold = 30;
      ObjectStore objects(*database, CacheConfig(), batches, SystemClock::instance());
      QVERIFY(objects.start());
      for (int i = 0; i < 50; ++i) {
        WriteGroup group{random.some(random.number(10), false)};
        std::erase_if(group.operations, [](const WriteOperation& operation) {
          return operation.type == OperationType::delete_range && operation.family == Family::own;
        });
        for (const auto& operation : group.operations) apply_operation(model, operation);
        QVERIFY(objects.submit(std::move(group)));
        ++groups;
        for (const auto& key : RandomOperations::keys()) {
          check(model, Family::accounts, key, objects.get(ObjectKind::account, key).value());
          const auto own = objects.own_value(key).value();
          check(model, Family::own, key, own ? CachedValue(*own) : nullptr);
          if (QTest::currentTestFailed()) return;
        }
      }
      QVERIFY(objects.stop());
      auto stored = contents(*database);
      const auto sequence = stored[index_of(Family::own)].extract(std::string(kCommitSequenceKey));
      QCOMPARE(decode_counter(sequence.mapped()), groups);
      QVERIFY(stored == model);
    }
  }

 private:
  static void check(const Contents& model, Family family, const std::string& key,
                    const CachedValue& value) {
    const auto& map = model[index_of(family)];
    const auto found = map.find(key);
    QCOMPARE(value != nullptr, found != map.end());
    if (value) QVERIFY(*value == found->second);
  }
};

QTEST_APPLESS_MAIN(RealDatabaseTest)
#include "real_database_test.moc"
