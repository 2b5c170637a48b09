// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/workload/trace_reader.h"

#include <archive.h>
#include <archive_entry.h>

#include <QDir>
#include <QFile>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QtTest>
#include <unordered_set>

using namespace nodetune;

namespace {

const QString kData = NODETUNE_TEST_DATA;

struct Content {
  std::vector<TraceRequest> requests;
  Status status;

  std::vector<std::uint64_t> keys() const {
    std::vector<std::uint64_t> keys;
    for (const auto& request : requests) keys.push_back(request.key);
    return keys;
  }
};

Content read_trace(const QString& path, TraceFormat format) {
  Content content;
  auto reader = open_trace(path.toStdString(), format);
  if (!reader) {
    content.status = reader.status();
    return content;
  }
  content.status = for_each_request(
      **reader, [&](const TraceRequest& request) { content.requests.push_back(request); });
  return content;
}

// `content` compressed by libarchive's filter of that name; empty: as it is.
QByteArray compressed(const QByteArray& content, const char* filter) {
  QByteArray packed(content.size() * 2 + 4'096, '\0');
  std::size_t used = 0;
  auto* const writer = archive_write_new();
  archive_write_set_format_raw(writer);
  if (archive_write_add_filter_by_name(writer, filter) != ARCHIVE_OK) qFatal("no such filter");
  archive_write_set_bytes_in_last_block(writer, 1);
  archive_write_open_memory(writer, packed.data(), static_cast<std::size_t>(packed.size()), &used);
  auto* const entry = archive_entry_new();
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_write_header(writer, entry);
  archive_write_data(writer, content.data(), static_cast<std::size_t>(content.size()));
  archive_entry_free(entry);
  if (archive_write_close(writer) != ARCHIVE_OK) qFatal("not compressed");
  archive_write_free(writer);
  packed.resize(static_cast<qsizetype>(used));
  return packed;
}

QByteArray message(const Content& content) {
  return QByteArray::fromStdString(content.status.message());
}

std::vector<std::uint64_t> numbers(std::initializer_list<std::uint64_t> all) {
  return all;
}

}  // namespace

class TraceReaderTest : public QObject {
  Q_OBJECT

 private slots:
  void init() { folder_ = std::make_unique<QTemporaryDir>(); }

  void published_counts_are_met_data();
  void published_counts_are_met();
  void one_trace_in_two_forms_reads_the_same();
  void every_published_lirs_trace_reads();

  void arc_lines_are_runs_of_pages();
  void lirs_marks_and_empty_lines_are_no_requests();
  void binary_keys_have_their_order_and_sign();
  void csv_finds_its_columns_by_name();
  void an_empty_file_is_an_empty_trace();
  void lines_and_records_may_lie_across_pieces();
  void compression_is_known_by_the_first_bytes_data();
  void compression_is_known_by_the_first_bytes();

  void malformed_input_is_named_data();
  void malformed_input_is_named();
  void cut_compression_is_an_error_data();
  void cut_compression_is_an_error();
  void random_bytes_never_crash();
  void what_is_no_file_is_refused();
  void unknown_formats_are_answered_with_the_known();

 private:
  QString file(const QByteArray& content) {
    const auto path = folder_->filePath("trace");
    QFile written(path);
    if (!written.open(QIODevice::WriteOnly) || written.write(content) != content.size()) {
      qFatal("the test's file could not be written");
    }
    return path;
  }

  std::unique_ptr<QTemporaryDir> folder_;
};

void TraceReaderTest::published_counts_are_met_data() {
  QTest::addColumn<QString>("path");
  QTest::addColumn<int>("format");
  QTest::addColumn<int>("requests");
  QTest::addColumn<int>("distinct");
  const auto add = [](const char* name, const char* path, TraceFormat format, int requests,
                      int distinct) {
    QTest::newRow(name) << kData + path << static_cast<int>(format) << requests << distinct;
  };
  add("OLTP", "/traces/arc/OLTP.lis.zst", TraceFormat::arc, 914'145, 186'880);
  add("corda", "/traces/corda/trace_vaultservice.gz", TraceFormat::u64be, 135'702, 90'468);
  add("orm-busy", "/traces/cache2k/orm-busy.trace.xz", TraceFormat::i32be, 5'000'000, -1);
  add("cloudPhysics", "/traces/libcachesim/cloudPhysicsIO.csv", TraceFormat::csv, 113'872, -1);
  const auto* const lists = "/chain/block-access-lists/rlp";
  add("accounts", lists, TraceFormat::bal_accounts, 20'806, 9'836);
  add("slots", lists, TraceFormat::bal_slots, 60'179, 33'645);
}

void TraceReaderTest::published_counts_are_met() {
  QFETCH(QString, path);
  QFETCH(int, format);
  QFETCH(int, requests);
  QFETCH(int, distinct);
  if (!QFile::exists(path)) QSKIP(qPrintable(path + " not present"));
  const auto content = read_trace(path, static_cast<TraceFormat>(format));
  QVERIFY2(content.status, message(content));
  QCOMPARE(static_cast<int>(content.requests.size()), requests);
  if (distinct < 0) return;
  const auto keys = content.keys();
  QCOMPARE(static_cast<int>(std::unordered_set<std::uint64_t>(keys.begin(), keys.end()).size()),
           distinct);
}

void TraceReaderTest::one_trace_in_two_forms_reads_the_same() {
  const auto base = kData + "/traces/libcachesim/cloudPhysicsIO.";
  if (!QFile::exists(base + "csv")) QSKIP("cloudPhysicsIO not present");
  const auto text = read_trace(base + "csv", TraceFormat::csv);
  const auto binary = read_trace(base + "oracleGeneral.bin", TraceFormat::oracle_general);
  QVERIFY2(text.status, message(text));
  QVERIFY2(binary.status, message(binary));
  QCOMPARE(text.requests.front().bytes, std::optional<std::uint32_t>(512));
  // Their sizes differ: the converter gave an object the size of another of its requests.
  QCOMPARE(binary.requests.front().bytes, std::optional<std::uint32_t>(512));
  QVERIFY(text.keys() == binary.keys());
}

void TraceReaderTest::every_published_lirs_trace_reads() {
  const QDir folder(kData + "/traces/lirs");
  if (!folder.exists()) QSKIP("traces/lirs not present");
  const auto files = folder.entryInfoList({"*.gz"}, QDir::Files);
  QVERIFY(!files.isEmpty());
  for (const auto& found : files) {
    const auto content = read_trace(found.filePath(), TraceFormat::lirs);
    QVERIFY2(content.status, message(content));
    QVERIFY2(content.requests.size() > 1'000, qPrintable(found.fileName()));
  }
}

void TraceReaderTest::arc_lines_are_runs_of_pages() {
  const auto content =
      read_trace(file("7 1 0 0\n100 3 0 1\r\n\n9 0 0 2\n 5\t2 0 3"), TraceFormat::arc);
  QVERIFY2(content.status, message(content));
  QVERIFY(content.keys() == numbers({7, 100, 101, 102, 5, 6}));
  QVERIFY(!content.requests.front().bytes);
}

void TraceReaderTest::lirs_marks_and_empty_lines_are_no_requests() {
  const auto content =
      read_trace(file("3\n*\n\n 4\r\n* a mark\n18446744073709551615\n\r"), TraceFormat::lirs);
  QVERIFY2(content.status, message(content));
  QVERIFY(content.keys() == numbers({3, 4, 18446744073709551615u}));
}

void TraceReaderTest::binary_keys_have_their_order_and_sign() {
  const auto path = file(QByteArray::fromHex("00000000000001fff000000000000001"));
  QVERIFY(read_trace(path, TraceFormat::u64be).keys() == numbers({0x1ff, 0xf000000000000001}));
  QVERIFY(read_trace(path, TraceFormat::i32be).keys() ==
          numbers({0, 0x1ff, 0xfffffffff0000000, 1}));
}

void TraceReaderTest::csv_finds_its_columns_by_name() {
  const auto content =
      read_trace(file("time,\"obj_id\", size \n1,5,10\n2,\"a,b\",20\r\n\n3,\"6\",0\n4,\"a,b\",4\n"),
                 TraceFormat::csv);
  QVERIFY2(content.status, message(content));
  QCOMPARE(content.requests.size(), std::size_t{4});
  QVERIFY(content.requests[0] == (TraceRequest{5, 10}));
  QVERIFY(content.requests[1].key != content.requests[0].key);
  QVERIFY(content.requests[2] == (TraceRequest{6, 0}));
  QVERIFY(content.requests[3] == (TraceRequest{content.requests[1].key, 4}));
  QVERIFY(!read_trace(file("key\n1\n"), TraceFormat::csv).requests.front().bytes);
}

void TraceReaderTest::an_empty_file_is_an_empty_trace() {
  for (const auto format : {TraceFormat::arc, TraceFormat::u64be, TraceFormat::i32be,
                            TraceFormat::lirs, TraceFormat::csv, TraceFormat::oracle_general}) {
    for (const auto& bytes : {QByteArray(), compressed("", "gzip"), compressed("", "zstd")}) {
      const auto content = read_trace(file(bytes), format);
      QVERIFY2(content.status, message(content));
      QVERIFY(content.requests.empty());
    }
  }
}

void TraceReaderTest::lines_and_records_may_lie_across_pieces() {
  // Longer than any piece, and of lengths that share no factor with it.
  QByteArray text;
  QByteArray records;
  std::vector<std::uint64_t> expected;
  for (std::uint64_t i = 0; i < 50'000; ++i) {
    text += QByteArray::number(i * 977) + '\n';
    records += QByteArray(4, '\0') + QByteArray(1, static_cast<char>(i)) + QByteArray(19, '\0');
    expected.push_back(i % 256);
  }
  const auto lines = read_trace(file(text), TraceFormat::lirs);
  QCOMPARE(lines.requests.size(), std::size_t{50'000});
  for (std::uint64_t i = 0; i < 50'000; ++i) QCOMPARE(lines.requests[i].key, i * 977);
  QVERIFY(read_trace(file(records), TraceFormat::oracle_general).keys() == expected);
  QVERIFY(read_trace(file(compressed(records, "gzip")), TraceFormat::oracle_general).keys() ==
          expected);
}

void TraceReaderTest::compression_is_known_by_the_first_bytes_data() {
  QTest::addColumn<QByteArray>("filter");
  for (const auto* filter : {"gzip", "xz", "zstd", "bzip2", "lz4"}) {
    QTest::newRow(filter) << QByteArray(filter);
  }
}

void TraceReaderTest::compression_is_known_by_the_first_bytes() {
  QFETCH(QByteArray, filter);
  const auto content = read_trace(file(compressed("1\n2\n3\n", filter)), TraceFormat::lirs);
  QVERIFY2(content.status, message(content));
  QVERIFY(content.keys() == numbers({1, 2, 3}));
}

void TraceReaderTest::malformed_input_is_named_data() {
  QTest::addColumn<int>("format");
  QTest::addColumn<QByteArray>("content");
  QTest::addColumn<QByteArray>("where");
  const auto add = [](const char* name, TraceFormat format, const QByteArray& content,
                      const char* where) {
    QTest::newRow(name) << static_cast<int>(format) << content << QByteArray(where);
  };
  add("arc words", TraceFormat::arc, "1 1 0 0\nfoo 1 0 0\n", "line 2");
  add("arc cut line", TraceFormat::arc, "1 1 0 0\n1 1 0 1\n5 1", "line 3");
  add("arc five fields", TraceFormat::arc, "1 1 0 0 9\n", "line 1");
  add("arc negative", TraceFormat::arc, "-1 1 0 0\n", "line 1");
  add("arc huge count", TraceFormat::arc, "1 99999999999 0 0\n", "line 1");
  add("arc past the end", TraceFormat::arc, "18446744073709551615 2 0 0\n", "line 1");
  add("lirs word", TraceFormat::lirs, "1\n*\n2\n0x3\n", "line 4");
  add("lirs too big", TraceFormat::lirs, "18446744073709551616\n", "line 1");
  add("lirs no end of line", TraceFormat::lirs, QByteArray(100'000, '1'),
      "line 1: the line is too");
  add("lirs binary", TraceFormat::lirs, QByteArray("1\n\0\x01\x02\n", 6), "line 2");
  add("u64be cut", TraceFormat::u64be, QByteArray(20, 'x'), "offset 16");
  add("i32be cut", TraceFormat::i32be, QByteArray(5, 'x'), "offset 4");
  add("oracle cut", TraceFormat::oracle_general, QByteArray(47, '\1'), "offset 24");
  add("csv no column", TraceFormat::csv, "a,b\n1,2\n", "obj_id");
  add("csv fields", TraceFormat::csv, "key,size\n1,2\n1\n", "line 3");
  add("csv no key", TraceFormat::csv, "key,size\n,2\n", "line 2");
  add("csv size", TraceFormat::csv, "key,size\n1,-2\n", "line 2");
  add("csv huge size", TraceFormat::csv, "key,size\n1,4294967296\n", "line 2");
  add("csv open quote", TraceFormat::csv, "key,size\n\"1,2\n", "line 2");
}

void TraceReaderTest::malformed_input_is_named() {
  QFETCH(int, format);
  QFETCH(QByteArray, content);
  QFETCH(QByteArray, where);
  const auto path = file(content);
  const auto read = read_trace(path, static_cast<TraceFormat>(format));
  QVERIFY2(read.status.code() == StatusCode::corrupt, message(read));
  QVERIFY2(message(read).contains(path.toUtf8()), message(read));
  QVERIFY2(message(read).contains(where), message(read));
  QVERIFY2(message(read).size() < 300, message(read));
}

void TraceReaderTest::cut_compression_is_an_error_data() {
  compression_is_known_by_the_first_bytes_data();
}

void TraceReaderTest::cut_compression_is_an_error() {
  QFETCH(QByteArray, filter);
  QByteArray text;
  for (int i = 0; i < 20'000; ++i) text += QByteArray::number(i * 7919 % 100'003) + '\n';
  const auto whole = compressed(text, filter);
  QCOMPARE(read_trace(file(whole), TraceFormat::lirs).requests.size(), std::size_t{20'000});
  for (const auto left : {whole.size() - 1, whole.size() / 2, qsizetype{24}}) {
    const auto content = read_trace(file(whole.left(left)), TraceFormat::lirs);
    QVERIFY2(content.status.code() == StatusCode::corrupt,
             qPrintable(QString("%1 bytes of %2").arg(left).arg(whole.size())));
  }
}

void TraceReaderTest::random_bytes_never_crash() {
  const auto seed = QRandomGenerator::global()->generate();
  qInfo() << "seed" << seed;
  QRandomGenerator random(seed);
  const auto whole = compressed("1 2 3 4\n5 6 7 8\n", "xz");
  for (int round = 0; round < 500; ++round) {
    auto bytes = whole;
    if (round % 2 == 0) {
      bytes[random.bounded(bytes.size())] = static_cast<char>(random.generate());
    } else {
      for (auto& byte : bytes) byte = "0123456789 ,*\n\"\xff"[random.bounded(16)];
    }
    const auto path = file(bytes);
    for (const auto format : kTraceFormats) {
      const auto content = read_trace(path, format);
      QVERIFY(content.status || !content.status.message().empty());
    }
  }
}

void TraceReaderTest::what_is_no_file_is_refused() {
  const auto missing = read_trace(folder_->filePath("none"), TraceFormat::arc);
  QCOMPARE(missing.status.code(), StatusCode::not_found);
  QVERIFY(!read_trace(folder_->path(), TraceFormat::arc).status);
  QCOMPARE(read_trace(folder_->path(), TraceFormat::bal_slots).status.code(),
           StatusCode::not_found);
}

void TraceReaderTest::unknown_formats_are_answered_with_the_known() {
  for (const auto format : kTraceFormats) {
    const auto parsed = parse_trace_format(name(format));
    QVERIFY(parsed.is_ok() && *parsed == format);
  }
  const auto unknown = parse_trace_format("ARC");
  QCOMPARE(unknown.status().code(), StatusCode::invalid_argument);
  for (const auto format : kTraceFormats) {
    QVERIFY(QByteArray::fromStdString(unknown.status().message())
                .contains(QByteArray::fromStdString(std::string(name(format)))));
  }
}

QTEST_APPLESS_MAIN(TraceReaderTest)
#include "trace_reader_test.moc"
