// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/sst_footer.h"

#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>

#include "engine/files/sst_properties.h"
#include "test_files.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

std::string fixed32(std::uint32_t value) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

constexpr std::string_view kMagic("\xf7\xcf\xf4\x85\xb7\x41\xe2\x88", 8);

// By name, as `sst_dump` prints them of one file.
using Dumped = std::map<QString, QString>;

Dumped dumped_properties(const QString& path) {
  QProcess dump;
  dump.start("sst_dump", {"--file=" + path, "--show_properties", "--command=none"});
  if (!dump.waitForFinished(60'000)) return {};
  Dumped found;
  static const QRegularExpression line("^  (# [a-z ]+|[a-zA-Z -]+)(?: \\(.*\\))?: (.*)$",
                                       QRegularExpression::MultilineOption);
  for (auto all = line.globalMatch(QString::fromLatin1(dump.readAllStandardOutput()));
       all.hasNext();) {
    const auto one = all.next();
    found.emplace(one.captured(1), one.captured(2));
  }
  return found;
}

// Empty: they agree.
QString difference(const SstProperties& ours, const Dumped& theirs) {
  QStringList differ;
  const auto compare = [&](const char* name, const QString& value) {
    const auto found = theirs.find(name);
    if (found == theirs.end() || found->second != value) {
      differ << QString("%1: %2, not %3")
                    .arg(name, value, found == theirs.end() ? "missing" : found->second);
    }
  };
  const auto number = [](std::optional<std::int64_t> value) {
    return QString::number(value.value_or(0));  // sst_dump prints what is missing as 0
  };
  compare("# entries", number(ours.entries));
  compare("# deletions", number(ours.deletions));
  compare("# merge operands", number(ours.merge_operands));
  compare("# range deletions", number(ours.range_deletions));
  compare("# data blocks", number(ours.data_blocks));
  compare("raw key size", number(ours.raw_key_bytes));
  compare("raw value size", number(ours.raw_value_bytes));
  compare("data block size", number(ours.data_bytes));
  compare("index block size", number(ours.index_bytes));
  compare("filter block size", number(ours.filter_bytes));
  if (ours.index_partitions.value_or(0) > 0) {
    compare("# index partitions", number(ours.index_partitions));
    compare("top-level index size", number(ours.top_level_index_bytes));
  }
  compare("SST file compression algo", QString::fromStdString(ours.compression));
  compare("filter policy name",
          ours.filter_policy.empty() ? "N/A" : QString::fromStdString(ours.filter_policy));
  compare("comparator name", QString::fromStdString(ours.comparator));
  const auto seconds = [](std::optional<TimePoint> time) {
    return QString::number(
        time ? std::chrono::duration_cast<std::chrono::seconds>(time->time_since_epoch()).count()
             : 0);
  };
  compare("creation time", seconds(ours.created));
  compare("time stamp of earliest key", seconds(ours.oldest_key));
  compare("file creation time", seconds(ours.file_created));
  return differ.join("; ");
}

#define NEEDS_PROGRAM(name)                           \
  if (QStandardPaths::findExecutable(name).isEmpty()) \
  QSKIP(name                                          \
        " (rocksdb-tools) is not "                    \
        "installed")

// A footer as format versions 6 and 7 write it.
std::string context_checksum_footer(std::uint32_t version, std::uint32_t metaindex_bytes) {
  std::string footer(1, '\x04');
  footer += std::string("\x3e\x00\x7a\x00", 4) + fixed32(1) + fixed32(2) +
            fixed32(metaindex_bytes) + std::string(24, '\0');
  return footer + fixed32(version) + std::string(kMagic);
}

}  // namespace

class SstFooterTest : public QObject {
  Q_OBJECT
 private slots:
  void real_files_have_the_version_of_their_time() {
    const auto files = real_files("rocksdb-dirs", {"*.sst"});
    if (files.isEmpty()) QSKIP("rocksdb-dirs not present");
    int checked = 0;
    for (const auto& path : files) {
      if (path.endsWith("besu-2019-v1/database/000030.sst")) continue;
      const auto footer = read_sst_footer(path.toStdString());
      QVERIFY2(footer.is_ok(), footer.status().message().c_str());
      const std::uint32_t version = path.contains("pantheon")  ? 0
                                    : path.contains("besu-20") ? 2
                                                               : 5;
      QCOMPARE(footer->format_version, version);
      QCOMPARE(footer->file_bytes, QFileInfo(path).size());
      ++checked;
    }
    QVERIFY(checked >= 20);
  }

  void the_mangled_file_is_corrupt() {
    const auto path = data_root() + "/rocksdb-dirs/besu-2019-v1/database/000030.sst";
    if (!QFile::exists(path)) QSKIP("besu-2019-v1 not present");
    const auto footer = read_sst_footer(path.toStdString());
    QCOMPARE(footer.status().code(), StatusCode::corrupt);
    QVERIFY2(footer.status().message().find("000030.sst") != std::string::npos,
             footer.status().message().c_str());
  }

  void newer_formats_are_read_up_to_seven() {
    const auto six = context_checksum_footer(6, 60);
    QCOMPARE(parse_sst_footer(six, 1000, "x")->format_version, 6U);
    QCOMPARE(parse_sst_footer(context_checksum_footer(7, 60), 1000, "x")->format_version, 7U);
    QCOMPARE(parse_sst_footer(context_checksum_footer(8, 60), 1000, "x").status().code(),
             StatusCode::unsupported_format);
    QCOMPARE(parse_sst_footer(context_checksum_footer(6, 2000), 1000, "x").status().code(),
             StatusCode::corrupt);
  }

  void a_cut_file_is_corrupt() {
    const auto files = real_files("rocksdb-dirs", {"*.sst"});
    if (files.isEmpty()) QSKIP("rocksdb-dirs not present");
    QTemporaryDir folder;
    const auto bytes = read_bytes(files.last());
    for (const std::size_t kept :
         {std::size_t{0}, std::size_t{7}, std::size_t{20}, bytes.size() / 2, bytes.size() - 1}) {
      write_file(folder.filePath("1.sst"), std::string_view(bytes).substr(0, kept));
      QCOMPARE(read_sst_footer(folder.filePath("1.sst").toStdString()).status().code(),
               StatusCode::corrupt);
    }
    // A byte lost in the middle leaves the footer whole, but it points beyond itself.
    write_file(folder.filePath("1.sst"), bytes.substr(0, 100) + bytes.substr(101));
    QCOMPARE(read_sst_footer(folder.filePath("1.sst").toStdString()).status().code(),
             StatusCode::corrupt);
  }

  void properties_of_real_files_are_those_of_sst_dump() {
    const auto files = real_files("rocksdb-dirs", {"*.sst"});
    if (files.isEmpty()) QSKIP("rocksdb-dirs not present");
    NEEDS_PROGRAM("sst_dump");
    int compared = 0;
    for (const auto& path : files) {
      if (path.endsWith("besu-2019-v1/database/000030.sst")) continue;
      const auto tail = read_sst_tail(path.toStdString());
      QVERIFY2(tail && tail->properties, qPrintable(path));
      const auto differ = difference(*tail->properties, dumped_properties(path));
      QVERIFY2(differ.isEmpty(), qPrintable(path + ": " + differ));
      ++compared;
    }
    QVERIFY(compared >= 20);
  }

  void written_files_are_those_of_sst_dump_data() {
    QTest::addColumn<QStringList>("options");
    QTest::newRow("2, none, CRC-32C")
        << QStringList{"--format_version=2", "--compression_type=none", "--checksum_type=1"};
    QTest::newRow("3, Snappy, xxHash")
        << QStringList{"--format_version=3", "--compression_type=snappy", "--checksum_type=2"};
    QTest::newRow("4, zlib, xxHash64, filter") << QStringList{
        "--format_version=4", "--compression_type=zlib", "--checksum_type=3", "--bloom_bits=10"};
    QTest::newRow("5, LZ4, XXH3, partitioned filter and index")
        << QStringList{"--format_version=5", "--compression_type=lz4", "--bloom_bits=12",
                       "--partition_index_and_filters=true", "--metadata_block_size=256"};
    QTest::newRow("5, bzip2, no checksum")
        << QStringList{"--format_version=5", "--compression_type=bzip2", "--checksum_type=0"};
    QTest::newRow("5, LZ4HC, ribbon") << QStringList{
        "--format_version=5", "--compression_type=lz4hc", "--bloom_bits=10", "--use_ribbon_filter"};
    QTest::newRow("5, ZSTD") << QStringList{"--format_version=5", "--compression_type=zstd"};
  }

  void written_files_are_those_of_sst_dump() {
    NEEDS_PROGRAM("sst_dump");
    NEEDS_PROGRAM("db_bench");
    QFETCH(const QStringList, options);
    QTemporaryDir folder;
    QCOMPARE(QProcess::execute("db_bench", QStringList{"--db=" + folder.path(), "--num=2000",
                                                       "--benchmarks=fill"
                                                       "random,deleterandom,flush",
                                                       "--deletes=300"} +
                                               options),
             0);
    int compared = 0;
    for (const auto& file : QDir(folder.path()).entryInfoList({"*.sst"})) {
      const auto path = file.filePath();
      const auto tail = read_sst_tail(path.toStdString());
      QVERIFY2(tail && tail->properties,
               qPrintable(path + QString::fromStdString(tail ? tail->properties_status.message()
                                                             : std::string())));
      const auto differ = difference(*tail->properties, dumped_properties(path));
      QVERIFY2(differ.isEmpty(), qPrintable(differ));
      QCOMPARE(QString("--format_version=%1").arg(tail->footer.format_version), options.front());
      // A damaged block is noticed where it has a checksum.
      auto bytes = read_bytes(path);
      bytes[bytes.rfind("rocksdb.raw.key.size") == std::string::npos
                ? bytes.rfind("raw.key.size")
                : bytes.rfind("rocksdb.raw.key.size")] ^= 1;
      write_file(folder.filePath("damaged"), bytes);
      const auto damaged = read_sst_tail(folder.filePath("damaged").toStdString());
      QVERIFY(damaged.is_ok());
      const bool unprotected = options.contains("--checksum_type=0");
      QCOMPARE(damaged->properties_status.code(),
               unprotected ? StatusCode::ok : StatusCode::corrupt);
      ++compared;
    }
    QVERIFY(compared > 0);
  }

  void properties_beyond_the_last_bytes_are_read_with_few_reads() {
    NEEDS_PROGRAM("db_bench");
    QTemporaryDir folder;
    QCOMPARE(QProcess::execute(
                 "db_bench", {"--db=" + folder.path(), "--num=100", "--benchmarks=fillseq,flush"}),
             0);
    const auto files = QDir(folder.path()).entryInfoList({"*.sst"});
    QVERIFY(!files.isEmpty());
    const auto bytes = read_bytes(files.front().filePath());
    int reads = 0;
    const auto size = static_cast<std::int64_t>(bytes.size());
    const SstRead read = [&](std::int64_t offset, std::size_t wanted) -> Result<std::string> {
      ++reads;
      return bytes.substr(static_cast<std::size_t>(offset), wanted);
    };
    QVERIFY(read_sst_tail(read, size, "x")->properties.has_value());
    QCOMPARE(reads, 1);
    // A file that is cut while it is read gives less than was asked for.
    const SstRead shorter = [&](std::int64_t offset, std::size_t wanted) -> Result<std::string> {
      return bytes.substr(static_cast<std::size_t>(offset), wanted / 2);
    };
    QCOMPARE(read_sst_tail(shorter, size, "x").status().code(), StatusCode::corrupt);
  }

  void mutations_never_crash() {
    const auto files = real_files("rocksdb-dirs", {"*.sst"});
    if (files.isEmpty()) QSKIP("rocksdb-dirs not present");
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    const auto bytes = read_bytes(files.first());
    const auto tail = bytes.substr(bytes.size() - kSstFooterBytesMax);
    int refused = 0;
    for (int round = 0; round < 20'000; ++round) {
      const auto size = static_cast<std::int64_t>(random() % bytes.size());
      refused += parse_sst_footer(mutate(tail, random), size, "x").is_ok() ? 0 : 1;
    }
    QVERIFY(refused > 10'000);
  }
};

QTEST_APPLESS_MAIN(SstFooterTest)
#include "sst_footer_test.moc"
