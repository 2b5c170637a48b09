// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/sst_footer.h"

#include <QTemporaryDir>
#include <QtTest>

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
