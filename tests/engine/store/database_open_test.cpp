// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QCoreApplication>
#include <QDirIterator>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <csignal>
#include <cstdio>
#include <map>
#include <random>

#include "engine/store/database.h"
#include "engine/store/lock_holder.h"
#include "engine/store/node_file.h"

using namespace nodetune;

namespace {

DatabaseConfig fresh() {
  DatabaseConfig config;
  config.create_if_missing = true;
  return config;
}

Result<std::unique_ptr<Database>> try_open(const std::string& path,
                                           const DatabaseConfig& config = {}) {
  return Database::open(path, config, SystemClock::instance());
}

void write_file(const std::string& path, const QByteArray& bytes) {
  QFile file(QString::fromStdString(path));
  if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size()) {
    qFatal("cannot write %s", path.c_str());
  }
}

QByteArray read_file(const std::string& path) {
  QFile file(QString::fromStdString(path));
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

std::vector<std::string> files_of(const std::string& path, const QString& pattern) {
  std::vector<std::string> names;
  const QDir dir(QString::fromStdString(path));
  for (const auto& name : dir.entryList({pattern}, QDir::Files | QDir::Hidden, QDir::Name)) {
    names.push_back(dir.filePath(name).toStdString());
  }
  return names;
}

// Two tables, a MANIFEST and a WAL.
void make_database(const std::string& path) {
  auto config = fresh();
  auto database = try_open(path, config);
  if (!database) qFatal("%s", database.status().message().c_str());
  for (int number = 0; number < 500; ++number) {
    const auto key = std::to_string(number);
    const auto status = (*database)->write(
        std::vector{WriteOperation::put(Family::blocks, key, std::string(100, 'b')),
                    WriteOperation::put(Family::storage, key, std::string(100, 's'))},
        Durability::log);
    if (!status) qFatal("%s", status.message().c_str());
  }
  (*database).reset();
  database = try_open(path, config);
  if (!database || !(*database)->flush()) qFatal("no flush");
}

void copy_directory(const QString& from, const QString& to) {
  QDir().mkpath(to);
  for (const auto& name : QDir(from).entryList(QDir::Files | QDir::Hidden)) {
    QFile::copy(from + "/" + name, to + "/" + name);
    QFile::setPermissions(to + "/" + name, QFile::ReadOwner | QFile::WriteOwner);
  }
}

std::map<QString, QByteArray> contents(const QString& directory) {
  std::map<QString, QByteArray> all;
  QDirIterator files(directory, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
  while (files.hasNext()) {
    const auto name = files.next();
    all[name] = read_file(name.toStdString());
  }
  return all;
}

// This very program as another process: "--hold DIR" keeps a database open until its input ends,
// "--create DIR" makes one and ends.
int run_helper(const std::string& mode, const std::string& path) {
  auto database = try_open(path, fresh());
  if (!database) {
    std::puts(database.status().message().c_str());
    return 1;
  }
  std::puts("open");
  std::fflush(stdout);
  if (mode == "--hold") (void)std::getchar();
  return 0;
}

bool start_helper(QProcess& helper, const QString& mode, const std::string& path) {
  helper.start(QCoreApplication::applicationFilePath(), {mode, QString::fromStdString(path)});
  return helper.waitForStarted();
}

}  // namespace

#define VERIFY_CODE(opening, wanted)                                                   \
  do {                                                                                 \
    const auto& outcome = opening;                                                     \
    QVERIFY2(!outcome, "it opened");                                                   \
    QVERIFY2(outcome.status().code() == (wanted), outcome.status().message().c_str()); \
  } while (false)
#define VERIFY_SAYS(opened, words)                                       \
  QVERIFY2((opened).status().message().find(words) != std::string::npos, \
           (opened).status().message().c_str())

class DatabaseOpenTest : public QObject {
  Q_OBJECT

 private:
  // In memory where there is such a place: these tests sync a great many files.
  QTemporaryDir dir_{QDir("/dev/shm").exists() ? "/dev/shm/nodetune-XXXXXX"
                                               : QDir::tempPath() + "/nodetune-XXXXXX"};
  int count_ = 0;
  std::string new_path() { return dir_.filePath(QString::number(++count_)).toStdString(); }
  std::string new_directory() {
    auto path = new_path();
    QDir().mkpath(QString::fromStdString(path));
    return path;
  }

 private slots:
  void a_missing_path_is_made_only_when_asked() {
    const auto path = new_path();
    VERIFY_CODE(try_open(path), StatusCode::not_found);
    QVERIFY(!QFileInfo::exists(QString::fromStdString(path)));
    VERIFY_CODE(try_open(path + "/deeper/still", fresh()), StatusCode::not_found);
    QVERIFY(try_open(path, fresh()));
  }

  void an_empty_directory_is_filled_only_when_asked() {
    const auto path = new_directory();
    QDir().mkpath(QString::fromStdString(path + "/lost+found"));  // a fresh file system
    VERIFY_CODE(try_open(path), StatusCode::not_found);
    QVERIFY(!Database::is_managed(path));
    QVERIFY(try_open(path, fresh()));
    QVERIFY(Database::is_managed(path));
  }

  void a_file_is_no_database() {
    const auto path = new_path();
    write_file(path, "text");
    VERIFY_CODE(try_open(path, fresh()), StatusCode::not_a_database);
  }

  void a_directory_with_other_files_is_left_alone() {
    const auto path = new_directory();
    write_file(path + "/holiday.jpg", "picture");
    VERIFY_CODE(try_open(path, fresh()), StatusCode::not_a_database);
    QCOMPARE(contents(QString::fromStdString(path)).size(), std::size_t{1});
  }

  void an_unreadable_directory_is_refused() {
    const auto path = new_directory();
    QVERIFY(::chmod(path.c_str(), 0) == 0);
    if (::geteuid() != 0) {
      const auto opened = try_open(path, fresh());
      QVERIFY(::chmod(path.c_str(), 0700) == 0);
      VERIFY_CODE(opened, StatusCode::permission_denied);
      return;
    }
    // Root may read everything: let somebody else try.
    constexpr uid_t kNobody = 65534;
    QProcess helper;
    helper.setChildProcessModifier([] {
      if (::setuid(kNobody) != 0) ::_exit(1);
    });
    if (!start_helper(helper, "--create", path)) QSKIP("another user may not run this test");
    QVERIFY(helper.waitForFinished());
    const auto said = helper.readAllStandardOutput();
    QVERIFY2(said.contains("Permission denied; run as the user"), said.constData());
  }

  void another_engines_directory_is_named() {
    const auto path = new_directory();
    write_file(path + "/CURRENT", "MANIFEST-000002\n");
    write_file(path + "/MANIFEST-000002", QByteArray(100, 'm'));
    write_file(path + "/000005.ldb", QByteArray(100, 'l'));
    write_file(path + "/000003.log", "");
    write_file(path + "/LOCK", "");
    const auto before = contents(QString::fromStdString(path));
    const auto opened = try_open(path, fresh());
    VERIFY_CODE(opened, StatusCode::other_engine);
    VERIFY_SAYS(opened, "leveldb");
    QVERIFY(contents(QString::fromStdString(path)) == before);
  }

  void a_nodes_rocksdb_directory_is_refused_and_not_touched() {
    const QString source = NODETUNE_TEST_DATA "/rocksdb-dirs/besu-2019-v1-single-run";
    if (!QDir(source).exists()) QSKIP("rocksdb-dirs/besu-2019-v1-single-run not present");
    const auto path = QString::fromStdString(new_path());
    copy_directory(source, path);
    if (!QFileInfo::exists(path + "/CURRENT")) copy_directory(source + "/database", path);
    const auto before = contents(path);
    QVERIFY(!before.empty());
    const auto opened = try_open(path.toStdString(), fresh());
    VERIFY_CODE(opened, StatusCode::not_a_database);
    VERIFY_SAYS(opened, "observed");
    QVERIFY(contents(path) == before);
  }

  void a_rocksdb_directory_with_a_stray_node_file_is_not_ours() {
    const auto path = new_path();
    const auto other = new_path();
    make_database(path);
    make_database(other);
    QVERIFY(QFile::remove(QString::fromStdString(path + "/NODETUNE.json")));
    QVERIFY(QFile::copy(QString::fromStdString(other + "/NODETUNE.json"),
                        QString::fromStdString(path + "/NODETUNE.json")));
    const auto opened = try_open(path);
    VERIFY_CODE(opened, StatusCode::not_a_database);
    VERIFY_SAYS(opened, "NODETUNE.json");
  }

  void a_second_open_in_this_process_is_refused_under_any_name() {
    const auto path = new_path();
    const auto first = try_open(path, fresh());
    QVERIFY(first);
    const auto logs = files_of(path, "LOG*").size();
    const auto alias = new_path();
    QVERIFY(::symlink(path.c_str(), alias.c_str()) == 0);
    for (const auto& name : {path, alias, path + "/", path + "/."}) {
      const auto second = try_open(name);
      VERIFY_CODE(second, StatusCode::locked);
      VERIFY_SAYS(second, "this program");
    }
    QCOMPARE(files_of(path, "LOG*").size(), logs);  // the first one's LOG was not rotated
    QVERIFY(
        (*first)->write(std::vector{WriteOperation::put(Family::own, "k", "v")}, Durability::log));
  }

  void a_lock_held_elsewhere_names_its_holder() {
    const auto path = new_path();
    QVERIFY(!lock_holder(path));
    QProcess holder;
    QVERIFY(start_helper(holder, "--hold", path));
    QVERIFY(holder.waitForReadyRead());
    QCOMPARE(holder.readLine().trimmed(), QByteArray("open"));
    const auto logs = files_of(path, "LOG*").size();
    const auto opened = try_open(path);
    VERIFY_CODE(opened, StatusCode::locked);
    VERIFY_SAYS(opened, "pid " + std::to_string(holder.processId()));
    QCOMPARE(files_of(path, "LOG*").size(), logs);
    QCOMPARE(std::int64_t{lock_holder(path)->pid}, std::int64_t{holder.processId()});
    holder.closeWriteChannel();
    QVERIFY(holder.waitForFinished());
    QVERIFY(!lock_holder(path));
    QVERIFY(try_open(path));
  }

  void a_creation_that_was_killed_is_finished_by_the_next_open() {
    const auto seed = std::random_device()();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    int unfinished = 0;
    for (int round = 0; round < 20; ++round) {
      const auto path = new_path();
      QProcess creator;
      QVERIFY(start_helper(creator, "--create", path));
      const bool ended = creator.waitForFinished(static_cast<int>(random() % 300));
      if (!ended) creator.kill();
      creator.waitForFinished();
      const auto node = read_node_file(path);
      if (!node || node->state == NodeFile::State::creating) ++unfinished;
      const auto opened = try_open(path, fresh());
      QVERIFY2(opened, opened.status().message().c_str());
      QVERIFY((*opened)->write(std::vector{WriteOperation::put(Family::blocks, "k", "v")},
                               Durability::log));
    }
    qInfo("%d of 20 creations were killed before their end", unfinished);
  }

  void half_made_directories_are_known_as_ours() {
    const auto complete = new_path();
    make_database(complete);
    NodeFile creating;
    creating.knobs[Knob::max_background_jobs] = 5;

    const auto early = new_directory();  // killed before the rename
    write_file(early + "/NODETUNE.json.tmp.4711", "{\"prog");
    QVERIFY(try_open(early, fresh()));

    const auto marked = new_directory();  // killed before RocksDB began
    QVERIFY(write_node_file(marked, creating));
    QVERIFY(Database::is_managed(marked));
    const auto opened = try_open(marked);
    QVERIFY2(opened, opened.status().message().c_str());
    QCOMPARE((*(*opened)->knobs())[Knob::max_background_jobs], std::int64_t{5});

    const auto named = new_directory();  // killed when RocksDB had written IDENTITY alone
    QVERIFY(write_node_file(named, creating));
    write_file(named + "/IDENTITY", read_file(complete + "/IDENTITY"));
    QVERIFY(try_open(named));

    QVERIFY(write_node_file(complete, creating));  // killed before the last step
    const auto finished = try_open(complete);
    QVERIFY2(finished, finished.status().message().c_str());
    QVERIFY((*finished)->get(Family::blocks, "499")->has_value());
  }

  void a_damaged_node_file_is_refused_with_its_name() {
    const auto path = new_path();
    make_database(path);
    const auto name = path + "/NODETUNE.json";
    const auto good = read_file(name);
    for (const auto& bad :
         {QByteArray(), good.left(good.size() / 2), QByteArray("[]"), QByteArray("{\"schema\":1}"),
          QByteArray(good).replace("\"ready\"", "\"odd\""),
          QByteArray(good).replace("\"schema\": 1", "\"schema\": \"1\""),
          QByteArray(good).replace("\"lz4\"", "\"rar\""),
          QByteArray(good).replace("\"write_buffer_size\": 67108864",
                                   "\"write_buffer_size\": 1024"),
          QByteArray(good).replace("\"write_buffer_size\": 67108864",
                                   "\"write_buffer_size\": 18446744073709551615"),
          QByteArray(good).replace("\"max_write_buffer_number\"", "\"odd\""),
          QByteArray(100'000, '{')}) {
      QVERIFY(bad != good);
      write_file(name, bad);
      const auto opened = try_open(path, fresh());
      QVERIFY(!opened);
      QVERIFY2(opened.status().code() != StatusCode::ok, bad.constData());
      VERIFY_SAYS(opened, "NODETUNE.json");
    }
    write_file(name, QByteArray(good).replace("\"schema\": 1", "\"schema\": 2"));
    VERIFY_CODE(try_open(path), StatusCode::unsupported_format);
    write_file(name, good);
    QVERIFY(try_open(path));
  }

  void a_lost_database_is_never_made_anew() {
    for (const char* lost : {"CURRENT", "IDENTITY", "MANIFEST*", "*.sst"}) {
      const auto path = new_path();
      make_database(path);
      for (const auto& name : files_of(path, lost)) {
        QVERIFY(QFile::remove(QString::fromStdString(name)));
      }
      const auto opened = try_open(path, fresh());
      VERIFY_CODE(opened, StatusCode::corrupt);
      VERIFY_SAYS(opened, path);
    }
  }

  void damage_is_reported_with_the_file() {
    for (const char* name : {"CURRENT", "MANIFEST*", "*.sst"}) {
      for (const bool truncated : {true, false}) {
        const auto path = new_path();
        make_database(path);
        const auto file = files_of(path, name).front();
        auto bytes = read_file(file);
        if (truncated) bytes.chop(bytes.size() / 2);
        if (!truncated) bytes.replace(bytes.size() / 3, 8, "XXXXXXXX").append("XX");
        write_file(file, bytes);
        const auto opened = try_open(path);
        VERIFY_CODE(opened, StatusCode::corrupt);
        VERIFY_SAYS(opened, path);
      }
    }
  }

  void a_newer_table_format_is_refused_before_rocksdb_sees_it() {
    const auto path = new_path();
    make_database(path);
    const auto file = files_of(path, "*.sst").front();
    auto bytes = read_file(file);
    bytes[bytes.size() - 12] = 6;  // the footer's last twelve bytes: version, magic
    write_file(file, bytes);
    const auto logs = files_of(path, "LOG*").size();
    const auto opened = try_open(path);
    VERIFY_CODE(opened, StatusCode::unsupported_format);
    VERIFY_SAYS(opened, file);
    QCOMPARE(files_of(path, "LOG*").size(), logs);
  }

  void a_full_disk_is_said_and_loses_nothing() {
    if (::geteuid() != 0) QSKIP("only root can mount a small tmpfs");
    const auto path = new_directory();
    if (QProcess::execute("mount", {"-t", "tmpfs", "-o", "size=24m", "tmpfs",
                                    QString::fromStdString(path)}) != 0) {
      QSKIP("mounting a tmpfs is not allowed here");
    }
    const auto unmount =
        qScopeGuard([&] { QProcess::execute("umount", {QString::fromStdString(path)}); });
    int written = 0;
    {
      auto opened = try_open(path, fresh());
      QVERIFY2(opened, opened.status().message().c_str());
      Status status;
      for (; status && written < 2'000; ++written) {
        status = (*opened)->write(
            std::vector{WriteOperation::put(Family::storage, std::to_string(written),
                                            std::string(64 * 1024, 'v'))},
            Durability::log);
      }
      QVERIFY2(status.code() == StatusCode::no_space, status.message().c_str());
      --written;  // the last one failed
      // Whoever does not give up meets errors, not an abort.
      for (int again = 0; again < 20; ++again) {
        (void)(*opened)->resume();
        (void)(*opened)->set_knob(Knob::max_background_jobs, 2 + again % 2);
        (void)(*opened)->write(
            std::vector{WriteOperation::put(Family::storage, "more", std::string(64 * 1024, 'v'))},
            Durability::log);
      }
      QVERIFY((*opened)->get(Family::storage, "0")->has_value());
    }
    if (const auto full = try_open(path); !full) {
      VERIFY_CODE(full, StatusCode::no_space);
    }
    QCOMPARE(QProcess::execute("mount", {"-o", "remount,size=96m", QString::fromStdString(path)}),
             0);
    const auto opened = try_open(path);
    QVERIFY2(opened, opened.status().message().c_str());
    for (int number = 0; number < written; ++number) {
      QVERIFY((*opened)->get(Family::storage, std::to_string(number))->has_value());
    }
  }

  void a_write_that_fails_is_told_and_what_came_before_stays() {
    const auto path = new_path();
    // Too large a file is an error of the file system that any user can provoke.
    const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
    struct rlimit before = {};
    QVERIFY(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    int written = 0;
    {
      auto opened = try_open(path, fresh());
      QVERIFY(opened);
      auto small = before;
      small.rlim_cur = 1024 * 1024;
      QVERIFY(::setrlimit(RLIMIT_FSIZE, &small) == 0);
      Status status;
      for (; status && written < 100; ++written) {
        status = (*opened)->write(
            std::vector{WriteOperation::put(Family::storage, std::to_string(written),
                                            std::string(64 * 1024, 'v'))},
            Durability::log);
      }
      for (int again = 0; again < 20; ++again) {  // errors, not an abort
        (void)(*opened)->resume();
        (void)(*opened)->set_knob(Knob::max_background_jobs, 2 + again % 2);
        (void)(*opened)->write(
            std::vector{WriteOperation::put(Family::storage, "more", std::string(64 * 1024, 'v'))},
            Durability::log);
      }
      QVERIFY(::setrlimit(RLIMIT_FSIZE, &before) == 0);
      QVERIFY2(status.code() == StatusCode::io_error, status.message().c_str());
      --written;
      QVERIFY((*opened)->get(Family::storage, std::to_string(written - 1))->has_value());
      (void)(*opened)->resume();
    }
    std::signal(SIGXFSZ, old_handler);
    const auto opened = try_open(path);
    QVERIFY2(opened, opened.status().message().c_str());
    for (int number = 0; number < written; ++number) {
      QVERIFY((*opened)->get(Family::storage, std::to_string(number))->has_value());
    }
  }
};

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]).starts_with("--")) return run_helper(argv[1], argv[2]);
  QCoreApplication application(argc, argv);
  DatabaseOpenTest test;
  return QTest::qExec(&test, argc, argv);
}

#include "database_open_test.moc"
