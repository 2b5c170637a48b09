// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/store/database.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QtTest>
#include <filesystem>

#include "engine/store/info_log.h"

using namespace nodetune;

namespace {

DatabaseConfig fresh() {
  DatabaseConfig config;
  config.create_if_missing = true;
  return config;
}

std::unique_ptr<Database> must_open(const std::string& path, const DatabaseConfig& config) {
  auto opened = Database::open(path, config, SystemClock::instance());
  if (!opened) qFatal("open: %s", opened.status().message().c_str());
  return *std::move(opened);
}

std::size_t open_descriptors() {
  const auto all = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace

class DatabaseTest : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir dir_;
  int count_ = 0;
  std::string new_path() { return dir_.filePath(QString::number(++count_)).toStdString(); }

 private slots:
  void what_was_written_is_read_after_a_reopen() {
    const auto path = new_path();
    {
      const auto database = must_open(path, fresh());
      QVERIFY(Database::is_managed(path));
      QVERIFY(database->write(std::vector{WriteOperation::put(Family::blocks, "b", "1"),
                                          WriteOperation::put(Family::own, "sequence", "7")},
                              Durability::log));
    }
    const auto database = must_open(path, {});
    QCOMPARE(database->get(Family::blocks, "b")->value_or("?"), std::string("1"));
    QCOMPARE(database->get(Family::own, "sequence")->value_or("?"), std::string("7"));
    QVERIFY(!database->get(Family::headers, "b")->has_value());
  }

  void a_batched_read_answers_each_key_in_its_place() {
    const auto database = must_open(new_path(), fresh());
    QVERIFY(database->write(std::vector{WriteOperation::put(Family::accounts, "k", "account"),
                                        WriteOperation::put(Family::storage, "k", "slot"),
                                        WriteOperation::put(Family::storage, "e", "")},
                            Durability::log));
    const std::vector<ReadKey> keys = {{Family::storage, "k"},
                                       {Family::accounts, "k"},
                                       {Family::accounts, "absent"},
                                       {Family::storage, "k"},
                                       {Family::storage, "e"}};
    const auto values = database->multi_get(keys);
    QVERIFY2(values, values.status().message().c_str());
    QCOMPARE(values->at(0).value_or("?"), std::string("slot"));
    QCOMPARE(values->at(1).value_or("?"), std::string("account"));
    QVERIFY(!values->at(2).has_value());
    QCOMPARE(values->at(3).value_or("?"), std::string("slot"));
    QCOMPARE(values->at(4).value_or("?"), std::string());
    QVERIFY(database->multi_get({})->empty());
  }

  void a_bad_operation_fails_the_whole_write() {
    const auto database = must_open(new_path(), fresh());
    auto merge = WriteOperation::merge_add(Family::own, "n", 1);
    merge.value = "short";
    for (const auto& bad : {merge, WriteOperation::delete_range(Family::blocks, "z", "a")}) {
      const auto status = database->write(
          std::vector{WriteOperation::put(Family::blocks, "b", "1"), bad}, Durability::log);
      QCOMPARE(status.code(), StatusCode::invalid_argument);
      QVERIFY(!database->get(Family::blocks, "b")->has_value());
    }
  }

  void merges_add_and_take_a_value_of_another_length_for_zero() {
    const auto database = must_open(new_path(), fresh());
    QVERIFY(database->write(std::vector{WriteOperation::merge_add(Family::own, "n", 40),
                                        WriteOperation::merge_add(Family::own, "n", 2),
                                        WriteOperation::put(Family::own, "odd", "abc")},
                            Durability::log));
    QVERIFY(database->write(std::vector{WriteOperation::merge_add(Family::own, "odd", 5)},
                            Durability::log));
    QCOMPARE(decode_counter(database->get(Family::own, "n")->value()), std::uint64_t{42});
    QCOMPARE(decode_counter(database->get(Family::own, "odd")->value()), std::uint64_t{5});
  }

  void deletes_and_scans_see_the_same_keys() {
    const auto database = must_open(new_path(), fresh());
    std::vector<WriteOperation> puts;
    for (const char* key : {"a", "b", "c", "d", "e"}) {
      puts.push_back(WriteOperation::put(Family::receipts, key, key));
    }
    QVERIFY(database->write(puts, Durability::log));
    QVERIFY(database->write(std::vector{WriteOperation::delete_range(Family::receipts, "b", "d"),
                                        WriteOperation::single_delete(Family::receipts, "e")},
                            Durability::log));
    std::string seen;
    QVERIFY(database->scan(Family::receipts, "a", "z", [&](auto key, auto) {
      seen += key;
      return true;
    }));
    QCOMPARE(seen, std::string("ad"));
  }

  void without_wal_a_sync_makes_writes_survive() {
    const auto path = new_path();
    {
      const auto database = must_open(path, fresh());
      QVERIFY(database->write(std::vector{WriteOperation::put(Family::blocks, "b", "1")},
                              Durability::none));
      QVERIFY(database->sync());
      QVERIFY(database->write(std::vector{WriteOperation::put(Family::blocks, "c", "1")},
                              Durability::none));
    }
    const auto database = must_open(path, {});
    QVERIFY(database->get(Family::blocks, "b")->has_value());
    QVERIFY(database->get(Family::blocks, "c")->has_value());  // a clean close flushes
  }

  void opening_and_closing_leaks_no_descriptor() {
    // In memory where there is such a place: 200 openings sync some thousand files.
    const QTemporaryDir memory("/dev/shm/nodetune-XXXXXX");
    const auto path = memory.isValid() ? memory.filePath("db").toStdString() : new_path();
    must_open(path, fresh());
    const auto before = open_descriptors();
    for (int round = 0; round < 200; ++round) must_open(path, {});
    QCOMPARE(open_descriptors(), before);
    const auto logs = QDir(QString::fromStdString(path)).entryList({"LOG*"}, QDir::Files);
    QCOMPARE(logs.size(), InfoLog::kFilesMax);
    QVERIFY(logs.contains("LOG"));
  }

  void the_log_reads_like_rocksdbs_own() {
    const auto path = new_path();
    {
      const auto database = must_open(path, fresh());
      QVERIFY(database->write(std::vector{WriteOperation::put(Family::blocks, "b", "1")},
                              Durability::log));
      QVERIFY(database->flush());
    }
    QFile file(QString::fromStdString(path + "/LOG"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const auto text = QString::fromUtf8(file.readAll());
    const QRegularExpression line(
        R"(^\d{4}/\d\d/\d\d-\d\d:\d\d:\d\d\.\d{6} \d+ (\[\w+\] )?.*RocksDB version)",
        QRegularExpression::MultilineOption);
    QVERIFY2(line.match(text).hasMatch(), qPrintable(text.left(300)));
    QVERIFY(text.contains("Options.write_buffer_size: 67108864"));
    QVERIFY(text.contains("EVENT_LOG_v1"));
  }
};

QTEST_GUILESS_MAIN(DatabaseTest)
#include "database_test.moc"
