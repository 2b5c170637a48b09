// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Our MANIFEST reader against RocksDB's own: what `ldb` prints of the same bytes, whole and as they
// grow. ldb works on copies alone.
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>
#include <set>
#include <tuple>

#include "engine/files/file_reader.h"
#include "engine/files/manifest.h"
#include "test_files.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

// level, bytes, smallest and largest sequence number, by the file's number
using Files = std::map<std::uint64_t, std::tuple<int, std::int64_t, std::uint64_t, std::uint64_t>>;
// blobs, their bytes, and how much of both is garbage, by the file's number
using BlobFiles =
    std::map<std::uint64_t, std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t>>;
struct Family {
  std::string name;
  std::string comparator;
  std::uint64_t log_number = 0;
  Files files;
  BlobFiles blob_files;
  bool operator==(const Family&) const = default;
};
struct Tree {
  std::map<std::uint32_t, Family> families;
  std::uint64_t last_sequence = 0;
  bool operator==(const Tree&) const = default;
};

Tree tree_of(const Manifest& manifest) {
  Tree tree;
  tree.last_sequence = manifest.last_sequence;
  for (const auto& [id, each] : manifest.column_families) {
    auto& family = tree.families[id];
    family.name = each.name;
    family.comparator = each.comparator;
    family.log_number = each.log_number;
    for (const auto& [number, file] : each.files) {
      family.files[number] = {file.level, file.bytes, file.smallest_sequence,
                              file.largest_sequence};
    }
    for (const auto& file : each.live_blob_files()) {
      family.blob_files[file.number] = {file.blobs, file.bytes, file.garbage_blobs,
                                        file.garbage_bytes};
    }
  }
  return tree;
}

// Nothing: it failed.
std::optional<QByteArray> run_ldb(const QStringList& arguments) {
  QProcess ldb;
  ldb.setProcessChannelMode(QProcess::SeparateChannels);
  ldb.start("ldb", arguments);
  if (!ldb.waitForFinished(60'000) || ldb.exitStatus() != QProcess::NormalExit) return std::nullopt;
  if (ldb.exitCode() != 0) return std::nullopt;
  return ldb.readAllStandardOutput();
}

// `ldb manifest_dump`: names and keys stand raw in it, newlines and all.
std::optional<Tree> dumped_tree(const QString& manifest) {
  const auto text = run_ldb({"manifest_dump", "--path=" + manifest});
  if (!text || !text->contains("\nnext_file_number ")) return std::nullopt;
  static const QRegularExpression family_head(
      R"x(--------------- Column family "(.*?)"  \(ID (\d+)\) --------------\n)x"
      R"x(log number: (\d+)\ncomparator: ([^\n]*)\n)x",
      QRegularExpression::DotMatchesEverythingOption);
  static const QRegularExpression line(
      R"x(^(?:--- level (\d+) ---.*| (\d+):(\d+)\[(\d+) \.\. (\d+)\]\[.*)$)x",
      QRegularExpression::MultilineOption);
  static const QRegularExpression sequence(R"x(\nnext_file_number \d+ last_sequence (\d+))x");
  const auto all = QString::fromLatin1(*text);
  Tree tree;
  tree.last_sequence = sequence.match(all).captured(1).toULongLong();
  for (auto heads = family_head.globalMatch(all); heads.hasNext();) {
    const auto head = heads.next();
    auto& family = tree.families[head.captured(2).toUInt()];
    family.name = head.captured(1).toLatin1().toStdString();
    family.log_number = head.captured(3).toULongLong();
    family.comparator = head.captured(4).toStdString();
    auto end = all.indexOf("--------------- Column family \"", head.capturedEnd());
    if (end < 0) end = all.indexOf("\nnext_file_number ", head.capturedEnd());
    const auto body = all.mid(head.capturedEnd(), end - head.capturedEnd());
    static const QRegularExpression blob_file(
        R"x(^blob_file_number: (\d+) total_blob_count: (\d+) total_blob_bytes: (\d+) .*)x"
        R"x(garbage_blob_count: (\d+) garbage_blob_bytes: (\d+)$)x",
        QRegularExpression::MultilineOption);
    for (auto blobs = blob_file.globalMatch(body); blobs.hasNext();) {
      const auto found = blobs.next();
      family.blob_files[found.captured(1).toULongLong()] = {
          found.captured(2).toLongLong(), found.captured(3).toLongLong(),
          found.captured(4).toLongLong(), found.captured(5).toLongLong()};
    }
    int level = 0;
    for (auto lines = line.globalMatch(body); lines.hasNext();) {
      const auto found = lines.next();
      if (!found.captured(1).isEmpty()) {
        level = found.captured(1).toInt();
        continue;
      }
      family.files[found.captured(2).toULongLong()] = {level, found.captured(3).toLongLong(),
                                                       found.captured(4).toULongLong(),
                                                       found.captured(5).toULongLong()};
    }
  }
  return tree;
}

template <typename Entries>
void add_difference(QString& text, const char* what, const Entries& ours, const Entries& theirs) {
  for (const auto& [number, entry] : ours) {
    const auto found = theirs.find(number);
    if (found == theirs.end())
      text += QString(" %1 %2 is ours alone").arg(what).arg(number);
    else if (found->second != entry)
      text += QString(" %1 %2 differs").arg(what).arg(number);
  }
  for (const auto& [number, entry] : theirs) {
    if (!ours.contains(number)) text += QString(" %1 %2 is theirs alone").arg(what).arg(number);
  }
}

// For a person who wonders why they are not equal.
QString difference(const Tree& ours, const Tree& theirs) {
  QString text =
      QString("last sequence %1 and %2").arg(ours.last_sequence).arg(theirs.last_sequence);
  for (const auto& [id, family] : ours.families) {
    const auto found = theirs.families.find(id);
    if (found == theirs.families.end()) {
      text += QString(" family %1 is ours alone").arg(id);
      continue;
    }
    text += QString(" log number %1 and %2").arg(family.log_number).arg(found->second.log_number);
    add_difference(text, "file", family.files, found->second.files);
    add_difference(text, "blob file", family.blob_files, found->second.blob_files);
  }
  return text;
}

// Where each whole record of a MANIFEST ends.
std::vector<std::size_t> record_ends(std::string_view bytes) {
  constexpr std::size_t kBlock = 32768;
  constexpr std::size_t kHeader = 7;
  std::vector<std::size_t> ends;
  for (std::size_t at = 0; at + kHeader <= bytes.size();) {
    if (kBlock - at % kBlock < kHeader) {
      at += kBlock - at % kBlock;
      continue;
    }
    const auto length = static_cast<unsigned char>(bytes[at + 4]) +
                        256U * static_cast<unsigned char>(bytes[at + 5]);
    const int type = bytes[at + 6];
    at += kHeader + length;
    if (at <= bytes.size() && (type == 1 || type == 4)) ends.push_back(at);
  }
  return ends;
}

void append(const QString& path, std::string_view text) {
  QFile file(path);
  QVERIFY(file.open(QIODevice::Append));
  QCOMPARE(file.write(text.data(), static_cast<qint64>(text.size())),
           static_cast<qint64>(text.size()));
}

#define NEEDS_LDB()                                    \
  if (QStandardPaths::findExecutable("ldb").isEmpty()) \
    QSKIP("ldb (rocksdb-tools) is not installed");     \
  if (real_directories().isEmpty()) QSKIP("the real directories are not present")

}  // namespace

class ManifestLdbTest : public QObject {
  Q_OBJECT
 private slots:
  void every_directory_agrees_with_its_dump() {
    NEEDS_LDB();
    for (const auto& path : real_directories()) {
      const auto ours = read_manifest(path.toStdString());
      QVERIFY2(ours.is_ok(), ours.status().message().c_str());
      QTemporaryDir folder;
      const auto name = QFileInfo(QString::fromStdString(ours->path)).fileName();
      QVERIFY(QFile::copy(QString::fromStdString(ours->path), folder.filePath(name)));
      const auto theirs = dumped_tree(folder.filePath(name));
      QVERIFY2(theirs, qPrintable(path));
      QVERIFY2(!theirs->families.empty(), qPrintable(path));
      QVERIFY2(tree_of(*ours) == *theirs, qPrintable(path));
    }
  }

  // What db_bench leaves behind: blob files that are live, partly garbage, and gone.
  void a_database_with_garbage_in_its_blob_files_agrees() {
    NEEDS_LDB();
    if (QStandardPaths::findExecutable("db_bench").isEmpty()) {
      QSKIP("db_bench (rocksdb-tools) is not installed");
    }
    QTemporaryDir folder;
    const auto path = folder.path() + "/db";
    QCOMPARE(QProcess::execute(
                 "db_bench",
                 {"--db=" + path, "--benchmarks=fillseq,overwrite,waitforcompaction", "--num=12000",
                  "--value_size=400", "--write_buffer_size=400000",
                  "--level0_file_num_compaction_trigger=2", "--max_bytes_for_level_base=1000000",
                  "--enable_blob_files=true", "--min_blob_size=0", "--blob_file_size=400000",
                  "--enable_blob_garbage_collection=true",
                  "--blob_garbage_collection_age_cutoff=0.3", "--compression_type=none"}),
             0);
    const auto ours = read_manifest(path.toStdString());
    QVERIFY2(ours.is_ok(), ours.status().message().c_str());
    const auto theirs = dumped_tree(QString::fromStdString(ours->path));
    QVERIFY(theirs);
    QVERIFY2(tree_of(*ours) == *theirs, qPrintable(difference(tree_of(*ours), *theirs)));
    const auto& known = ours->column_families.at(0).blob_files;
    const auto blobs = ours->blob_total();
    QVERIFY(blobs.garbage_bytes > 0 && blobs.garbage_bytes < blobs.bytes);
    QVERIFY2(static_cast<std::int64_t>(known.size()) > blobs.files, "none of them is gone");
    // Those that are live are the files that lie there, but for their headers and footers.
    const auto files = QDir(path).entryInfoList({"*.blob"}, QDir::Files);
    QCOMPARE(blobs.files, static_cast<std::int64_t>(files.size()));
    std::int64_t bytes = 0;
    for (const auto& file : files) bytes += file.size() - 30 - 32;
    QCOMPARE(blobs.bytes, bytes);
  }

  // As ldb opens the database itself; a directory whose options its version does not know is left
  // out, but not all of them.
  void every_directory_agrees_with_the_live_files_of_a_copy() {
    NEEDS_LDB();
    int opened = 0;
    for (const auto& path : real_directories()) {
      QTemporaryDir folder;
      const QDir source(path);
      for (const auto& file : source.entryList(QDir::Files)) {
        QVERIFY(QFile::copy(source.filePath(file), folder.filePath(file)));
        QFile::setPermissions(folder.filePath(file), QFile::ReadOwner | QFile::WriteOwner);
      }
      const auto ours = read_manifest(folder.path().toStdString());
      QVERIFY(ours.is_ok());
      const auto text = run_ldb(
          {"--db=" + folder.path(), "--ignore_unknown_options", "list_live_files_metadata"});
      if (!text || !text->contains("Live SST Files")) {
        qInfo("ldb cannot open %s", qPrintable(path));
        continue;
      }
      ++opened;
      static const QRegularExpression line(
          R"x(^(?:---------- level (\d+) ----------|.*/(\d+)\.sst)$)x",
          QRegularExpression::MultilineOption);
      std::set<std::pair<int, std::uint64_t>> theirs;
      int level = 0;
      for (auto lines = line.globalMatch(QString::fromLatin1(*text)); lines.hasNext();) {
        const auto found = lines.next();
        if (found.captured(2).isEmpty()) {
          level = found.captured(1).toInt();
        } else {
          theirs.emplace(level, found.captured(2).toULongLong());
        }
      }
      std::set<std::pair<int, std::uint64_t>> expected;
      for (const auto& [id, family] : ours->column_families) {
        for (const auto& [number, file] : family.files) expected.emplace(file.level, number);
      }
      QVERIFY2(theirs == expected, qPrintable(path));
    }
    QVERIFY2(opened >= 6, qPrintable(QString::number(opened)));
  }

  // The follower reads only what is new, and knows after each record what reading it all tells; ldb
  // is asked now and then.
  void a_growing_manifest_is_followed_record_by_record() {
    if (real_directories().isEmpty()) QSKIP("the real directories are not present");
    const bool has_ldb = !QStandardPaths::findExecutable("ldb").isEmpty();
    if (!has_ldb) qInfo("ldb (rocksdb-tools) is not installed: our own whole reading is the judge");
    int judged = 0;
    for (const auto& path : real_directories()) {
      const auto whole = read_manifest(path.toStdString());
      QVERIFY(whole.is_ok());
      const auto bytes = read_bytes(QString::fromStdString(whole->path));
      const auto ends = record_ends(bytes);
      QVERIFY2(ends.size() > 3 && ends.back() == bytes.size(), qPrintable(path));
      QTemporaryDir folder;
      const auto growing = folder.filePath("MANIFEST-000001");
      write_file(folder.filePath("CURRENT"), "MANIFEST-000001\n");
      ManifestFollower follower(folder.path().toStdString());
      std::size_t written = 0;
      for (std::size_t i = 0; i < ends.size(); ++i) {
        const auto half = written + (ends[i] - written) / 2;  // the writer is at it
        for (const auto upto : {half, ends[i]}) {
          append(growing, std::string_view(bytes).substr(written, upto - written));
          written = upto;
          const auto before = FileReader::bytes_read_by_this_thread();
          const auto followed = follower.update();
          const auto read = FileReader::bytes_read_by_this_thread() - before;
          QVERIFY2(followed.is_ok(), followed.status().message().c_str());
          const auto anew = read_manifest_file(growing.toStdString());
          QVERIFY2(anew.is_ok(), anew.status().message().c_str());
          QVERIFY(tree_of(**followed) == tree_of(*anew));
          QCOMPARE((*followed)->half_written, anew->half_written);
          QCOMPARE((*followed)->bytes, static_cast<std::int64_t>(written));
          // CURRENT, and of the MANIFEST the last record and what is new: no byte twice.
          const auto last_end = i == 0 ? 0 : ends[i - 1];
          QVERIFY(read <= 64 + static_cast<std::int64_t>(written - last_end));
        }
        if (!has_ldb || (i % 8 != 7 && i + 1 != ends.size())) continue;
        const auto theirs = dumped_tree(growing);
        if (!theirs) continue;  // a version that is not complete is no version to ldb
        QVERIFY2(tree_of(**follower.update()) == *theirs, qPrintable(path));
        ++judged;
      }
    }
    QVERIFY(!has_ldb || judged >= 8);
  }

  void a_new_manifest_and_a_rewritten_one_are_read_anew() {
    if (real_directories().isEmpty()) QSKIP("the real directories are not present");
    QTemporaryDir folder;
    ManifestFollower follower(folder.path().toStdString());
    QCOMPARE(follower.update().status().code(), StatusCode::not_found);
    int number = 0;
    for (const auto& path : real_directories()) {
      const auto whole = read_manifest(path.toStdString());
      const auto bytes = read_bytes(QString::fromStdString(whole->path));
      // Every second one comes under the name of the one before, as another file.
      if (number % 2 == 0) ++number;
      const auto name = QString("MANIFEST-%1").arg(number, 6, 10, QChar('0'));
      write_file(folder.filePath("next"), bytes);
      QVERIFY(::rename(qPrintable(folder.filePath("next")), qPrintable(folder.filePath(name))) ==
              0);
      write_file(folder.filePath("CURRENT"), name.toStdString() + "\n");
      const auto followed = follower.update();
      QVERIFY2(followed.is_ok(), followed.status().message().c_str());
      QVERIFY(tree_of(**followed) == tree_of(*whole));
      ++number;
    }
    // Damage is an error, and the next whole one is read as if nothing had been.
    const auto current = QString::fromStdString(read_current(folder.path().toStdString()).value());
    const auto good = read_bytes(folder.filePath(current));
    append(folder.filePath(current), std::string(64, 'x') + std::string(40'000, 'y'));
    QCOMPARE(follower.update().status().code(), StatusCode::corrupt);
    write_file(folder.filePath(current), good);
    QVERIFY(follower.update().is_ok());
  }
};

QTEST_APPLESS_MAIN(ManifestLdbTest)
#include "manifest_ldb_test.moc"
