// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Directories that cannot be opened, or not in the way that was asked: one clear sentence each, no
// crash, and not a byte changed.
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest>
#include <memory>

#ifdef NODETUNE_HAS_LEVELDB
#include <leveldb/db.h>
#endif

#include "tests/programs/cli.h"

namespace {

const QString kDirectories = QString(NODETUNE_TEST_DATA) + "/rocksdb-dirs";

bool write_file(const QString& path, const QByteArray& content) {
  QFile file(path);
  return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
}

QByteArray fixed64(quint64 value) {
  QByteArray bytes;
  for (int byte = 0; byte < 8; ++byte) bytes.append(static_cast<char>(value >> (8 * byte)));
  return bytes;
}

// Every subcommand that opens a directory, each with the least of work.
QList<QStringList> openings(const QString& path, const QString& scratch) {
  return {{"watch", path, "--seconds", "1"},
          {"knobs", path},
          {"knobs", path, "max_background_jobs=3"},
          {"recommend", path, "--for", "1"},
          {"report", path, "--for", "1", "--out", scratch + "/report.html"},
          {"run", path, "--synthetic", "--blocks", "1"}};
}

}  // namespace

class RefusalsTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    QVERIFY(folder_->isValid());
    path_ = folder_->path() + "/victim";
  }

  void cleanup() {  // which QTemporaryDir cannot do with names that are not UTF-8
    std::error_code ignored;
    std::filesystem::remove_all(folder_->path().toStdString(), ignored);
  }

  void a_missing_path_is_refused() {
    for (const auto& arguments : openings(path_, folder_->path())) {
      if (arguments.first() == "run") continue;  // makes it
      expect_refusal(arguments, path_);
    }
    expect_refusal({"open", path_}, path_);
    QVERIFY(!QFile::exists(path_));
    const auto orphan = path_ + "/deeper";
    expect_refusal({"run", orphan, "--synthetic", "--blocks", "1"}, orphan);
    QVERIFY(!QFile::exists(path_));
  }

  void a_file_is_refused() {
    QVERIFY(write_file(path_, "no database"));
    expect_all_refused(path_);
    expect_refusal({"open", path_}, path_);
  }

  void an_empty_directory_has_nothing_to_show() {
    QVERIFY(QDir().mkdir(path_));
    for (const auto& arguments : openings(path_, folder_->path())) {
      if (arguments.first() != "run") expect_refusal(arguments, path_);
    }
    QCOMPARE(open_json().value("kind").toString(), "none");
    QCOMPARE(open_json().value("way").toString(), "none");
  }

  void a_leveldb_directory_is_refused_by_name() {
#ifdef NODETUNE_HAS_LEVELDB
    leveldb::Options options;
    options.create_if_missing = true;
    leveldb::DB* raw = nullptr;
    QVERIFY(leveldb::DB::Open(options, path_.toStdString(), &raw).ok());
    const std::unique_ptr<leveldb::DB> database(raw);
    for (int key = 0; key < 1'000; ++key) {
      QVERIFY(database->Put({}, std::to_string(key), std::string(100, 'x')).ok());
    }
    database->CompactRange(nullptr, nullptr);
    expect_all_refused(path_, "LevelDB");  // while its program runs, too
    QCOMPARE(open_json().value("kind").toString(), "leveldb");
#else
    QSKIP("libleveldb is not installed");
#endif
  }

  void a_pebble_directory_is_refused_by_name() {
    QVERIFY(QDir().mkdir(path_));
    QVERIFY(write_file(path_ + "/CURRENT", "MANIFEST-000001\n"));
    QVERIFY(write_file(path_ + "/MANIFEST-000001", "x"));
    QVERIFY(write_file(path_ + "/marker.manifest.000001.MANIFEST-000001", ""));
    QVERIFY(write_file(path_ + "/OPTIONS-000003",
                       "[Version]\n  pebble_version=0.1\n\n[Options]\n  bytes_per_sync=524288\n"));
    expect_all_refused(path_, "Pebble");
    QCOMPARE(open_json().value("kind").toString(), "pebble");
  }

  void an_mdbx_directory_is_refused_by_name() {
    QVERIFY(QDir().mkdir(path_));
    const auto page = QByteArray(20, '\0') + fixed64((quint64{0x59659DBDEF4C11} << 8) | 3);
    QVERIFY(write_file(path_ + "/mdbx.dat", page + QByteArray(4096, '\0')));
    QVERIFY(write_file(path_ + "/mdbx.lck", ""));
    expect_all_refused(path_, "MDBX");
    QCOMPARE(open_json().value("kind").toString(), "mdbx");
  }

  void a_directory_of_other_things_is_refused_whatever_their_names() {
    QVERIFY(QDir().mkdir(path_));
    for (const auto* name : {"\x1b[31mred", "two\nlines", "-rf", "%s%n%n%s", "\xff\xfe", "'; rm",
                             "99999999999999999999.sst", "OPTIONS-", "LOG.old.", "a b"}) {
      const auto file = QFile::encodeName(path_) + '/' + name;
      std::FILE* made = std::fopen(file.constData(), "w");
      QVERIFY(made != nullptr);
      std::fclose(made);
    }
    QVERIFY(QDir().mkdir(path_ + "/CURRENT"));
    expect_all_refused(path_);
  }

  void a_hostile_path_is_shown_harmlessly() {
    const auto hostile = folder_->path() + "/a\nb\x1b[31m";
    for (const auto& arguments : openings(hostile, folder_->path())) {
      if (arguments.first() == "run") continue;
      const auto refused = cli::run(arguments);
      QVERIFY2(refused.fails_with_one_sentence(), refused.story());
      QVERIFY2(!refused.errors.contains('\x1b'), refused.story());
    }
  }

  void a_corrupt_foreign_directory_opens_as_observed_and_names_the_damage() {
    const auto source = kDirectories + "/besu-2019-v1";
    if (!QDir(source).exists()) QSKIP("besu-2019-v1 is not present");
    QVERIFY(cli::copy_directory(source, path_));
    const auto before = cli::fingerprint(path_);
    for (const auto& directory : {path_, path_ + "/database"}) {
      const auto opened = cli::run({"open", directory, "--json"});
      QVERIFY2(opened.exit_code == 0 && opened.errors.isEmpty(), opened.story());
      QCOMPARE(opened.json().value("way").toString(), "observed");
      QVERIFY2(opened.json().value("reason").toString().contains("000030.sst"), opened.story());
      for (const auto& arguments : openings(directory, folder_->path())) {
        const auto outcome = cli::run(arguments);
        if (arguments.first() == "run" || arguments.size() == 3) {
          QVERIFY2(outcome.fails_with_one_sentence(), outcome.story());
        } else {
          QVERIFY2(outcome.exit_code == 0 && !outcome.crashed, outcome.story());
        }
      }
    }
    expect_unchanged(before, path_);
  }

  void a_damaged_managed_directory_is_refused_and_kept_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("damage");
    QTest::newRow("MANIFEST cut to half") << "MANIFEST-*"
                                          << "half";
    QTest::newRow("MANIFEST empty") << "MANIFEST-*"
                                    << "empty";
    QTest::newRow("MANIFEST missing") << "MANIFEST-*"
                                      << "remove";
    QTest::newRow("MANIFEST flipped") << "MANIFEST-*"
                                      << "flip";
    QTest::newRow("CURRENT missing") << "CURRENT"
                                     << "remove";
    QTest::newRow("CURRENT is garbage") << "CURRENT"
                                        << "flip";
    QTest::newRow("SST cut to half") << "*.sst"
                                     << "half";
    QTest::newRow("SST empty") << "*.sst"
                               << "empty";
    QTest::newRow("SST missing") << "*.sst"
                                 << "remove";
    QTest::newRow("SST's footer flipped") << "*.sst"
                                          << "flip the end";
    QTest::newRow("IDENTITY missing") << "IDENTITY"
                                      << "remove";
    QTest::newRow("NODETUNE.json is garbage") << "NODETUNE.json"
                                              << "half";
    QTest::newRow("NODETUNE.json empty") << "NODETUNE.json"
                                         << "empty";
  }
  void a_damaged_managed_directory_is_refused_and_kept() {
    QFETCH(QString, file);
    QFETCH(QString, damage);
    make_with_tables(path_);
    const auto names = QDir(path_).entryList({file}, QDir::Files, QDir::Name);
    QVERIFY(!names.isEmpty());
    inflict(path_ + '/' + names.last(), damage);

    const auto data_before = data_files(cli::fingerprint(path_));
    const auto refused = cli::run({"run", path_, "--synthetic", "--blocks", "1"});
    QVERIFY2(refused.fails_with_one_sentence(), refused.story());
    QVERIFY2(refused.errors.contains(QFile::encodeName(path_)), refused.story());
    const auto shown = cli::run({"knobs", path_});
    QVERIFY2(shown.fails_with_one_sentence(), shown.story());
    // RocksDB may write its LOG on the way to finding out; what holds data stays for a repair.
    const auto changed = cli::difference(data_before, data_files(cli::fingerprint(path_)));
    QVERIFY2(changed.isEmpty(), changed);
    const auto before = cli::fingerprint(path_);
    const auto opened = cli::run({"open", path_, "--json"});
    QVERIFY2(!opened.crashed && opened.exit_code <= 1, opened.story());
    expect_unchanged(before, path_);
  }

  void an_unreadable_directory_is_refused() {
    QVERIFY(QDir().mkdir(path_));
    QVERIFY(write_file(path_ + "/CURRENT", "MANIFEST-000001\n"));
    if (cli::is_root()) {  // for whom nothing is unreadable
      const auto who = cli::run_program("setpriv", kAsNobody + QStringList{"id", "-u"});
      if (who.exit_code != 0 || who.out.trimmed() != "65534") QSKIP("cannot become another user");
      QFile::setPermissions(folder_->path(), QFile::Permissions(0x7755));
    }
    QFile::setPermissions(path_,
                          cli::is_root() ? QFile::Permissions(0x7700) : QFile::Permissions());
    auto all = openings(path_, folder_->path());
    all.append({"open", path_});
    for (const auto& arguments : all) {
      const auto before = cli::entry_fingerprint(path_.toStdString());
      const auto refused =
          cli::is_root()
              ? cli::run_program("setpriv", kAsNobody + QStringList{NODETUNE_CLI} + arguments)
              : cli::run(arguments);
      if (refused.errors.contains("setpriv")) QSKIP("another user cannot run the program here");
      QVERIFY2(refused.fails_with_one_sentence(), refused.story());
      QVERIFY2(refused.errors.contains(QFile::encodeName(path_)), refused.story());
      QCOMPARE(cli::entry_fingerprint(path_.toStdString()), before);
    }
    QFile::setPermissions(path_, QFile::Permissions(0x7700));
  }

  void a_second_start_is_refused_with_the_holder_and_looking_is_allowed() {
    cli::Running first({"run", path_, "--synthetic", "--rate", "1", "--progress"});
    QVERIFY(first.wait_for("committed_blocks"));
    const auto pid = QByteArray::number(first.pid());

    const auto refused = cli::run({"run", path_, "--synthetic", "--blocks", "1"});
    QVERIFY2(refused.fails_with_one_sentence(), refused.story());
    QVERIFY2(refused.errors.contains(pid), refused.story());
    const auto opened = open_json();
    QCOMPARE(opened.value("locked_by").toInteger(), first.pid());
    QCOMPARE(opened.value("way").toString(), "observed");
    QCOMPARE(opened.value("kind").toString(), "managed");

    const auto set = cli::run({"knobs", path_, "max_background_jobs=3"});
    QVERIFY2(set.fails_with_one_sentence(), set.story());
    const auto shown = cli::run({"knobs", path_, "--json"});
    QVERIFY2(shown.exit_code == 0, shown.story());
    QVERIFY2(shown.json().value("max_background_jobs").toInt() != 3, shown.story());
    const auto watched = cli::run({"watch", path_, "--seconds", "2", "--json"});
    QVERIFY2(watched.exit_code == 0 && watched.out.contains("\"figures\""), watched.story());

    first.signal(SIGTERM);  // and the first has not noticed
    const auto ended = first.finish();
    QVERIFY2(ended.exit_code == 0 && !ended.crashed && ended.errors.isEmpty(), ended.story());
    const auto reopened = cli::run({"run", path_, "--synthetic", "--blocks", "1"});
    QVERIFY2(reopened.exit_code == 0, reopened.story());
  }

  void looking_at_a_directory_that_is_held_changes_nothing() {
    const auto made = cli::make_managed(path_);
    QVERIFY2(made.exit_code == 0, made.story());
    // A holder that is stopped writes nothing itself.
    cli::Running holder({"run", path_, "--synthetic", "--rate", "1", "--progress"});
    QVERIFY(holder.wait_for("committed_blocks"));
    holder.signal(SIGSTOP);
    const auto before = cli::fingerprint(path_);
    for (const auto& arguments : openings(path_, folder_->path())) {
      const auto outcome = cli::run(arguments);
      QVERIFY2(!outcome.crashed, outcome.story());
    }
    QCOMPARE(open_json().value("locked_by").toInteger(), holder.pid());
    expect_unchanged(before, path_);
    holder.signal(SIGCONT);
  }

 private:
  static void expect_unchanged(const cli::Fingerprint& before, const QString& path) {
    const auto changed = cli::difference(before, cli::fingerprint(path));
    QVERIFY2(changed.isEmpty(), changed);
  }
  static void expect_refusal(const QStringList& arguments, const QString& path,
                             const QByteArray& word = {}) {
    const auto before = cli::fingerprint(path);
    const auto refused = cli::run(arguments);
    QVERIFY2(refused.fails_with_one_sentence(),
             arguments.join(' ').toUtf8() + '\n' + refused.story());
    QVERIFY2(refused.errors.contains(QFile::encodeName(path)), refused.story());
    QVERIFY2(refused.errors.contains(word), refused.story());
    expect_unchanged(before, path);
  }
  void expect_all_refused(const QString& path, const QByteArray& word = {}) const {
    for (const auto& arguments : openings(path, folder_->path())) {
      expect_refusal(arguments, path, word);
    }
  }
  QJsonObject open_json() const {
    const auto before = cli::fingerprint(path_);
    const auto outcome = cli::run({"open", path_, "--json"});
    expect_unchanged(before, path_);
    return outcome.exit_code == 0 ? outcome.json() : QJsonObject();
  }

  // Without a log to replay from, each open and close leaves tables.
  void make_with_tables(const QString& path) {
    if (!model_.isValid() || !QDir(model_.path() + "/node").exists()) {
      const auto made =
          cli::run({"run", model_.path() + "/node", "--synthetic", "--blocks", "3", "--no-wal"});
      QVERIFY2(made.exit_code == 0, made.story());
    }
    QVERIFY(cli::copy_directory(model_.path() + "/node", path));
  }
  static void inflict(const QString& path, const QString& damage) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    if (damage == "remove") {
      QVERIFY(file.remove());
    } else if (damage == "empty") {
      QVERIFY(file.resize(0));
    } else if (damage == "half") {
      QVERIFY(file.resize(file.size() / 2));
    } else {
      const auto begin = damage == "flip the end" ? std::max<qint64>(0, file.size() - 48) : 0;
      QVERIFY(file.seek(begin));
      auto bytes = file.read(48);
      for (auto& byte : bytes) byte = static_cast<char>(byte ^ 0x5a);
      QVERIFY(file.seek(begin));
      QCOMPARE(file.write(bytes), bytes.size());
    }
  }
  // Of a managed directory: without LOGs, and what a directory's entry says of its times.
  static cli::Fingerprint data_files(cli::Fingerprint all) {
    all.remove(".");
    for (const auto& name : all.keys()) {
      if (name.startsWith("LOG") || name == "LOCK") all.remove(name);
    }
    return all;
  }

  inline static const QStringList kAsNobody = {"--reuid", "65534", "--regid", "65534",
                                               "--clear-groups"};
  QTemporaryDir model_;  // what make_with_tables copies
  std::unique_ptr<QTemporaryDir> folder_;
  QString path_;
};

QTEST_GUILESS_MAIN(RefusalsTest)
#include "refusals_test.moc"
