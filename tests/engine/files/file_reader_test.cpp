// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/file_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QtTest>

#include "test_files.h"

using namespace nodetune;
using nodetune::testing::write_file;

class FileReaderTest : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir folder_;
  std::string path(const char* name) const { return folder_.filePath(name).toStdString(); }

 private slots:
  void head_and_tail_stop_where_the_file_does() {
    write_file(folder_.filePath("ten"), "0123456789");
    QCOMPARE(read_head(path("ten"), 4).value(), std::string("0123"));
    QCOMPARE(read_tail(path("ten"), 4).value(), std::string("6789"));
    QCOMPARE(read_head(path("ten"), 99).value(), std::string("0123456789"));
    QCOMPARE(read_tail(path("ten"), 99).value(), std::string("0123456789"));
    const auto file = FileReader::open(path("ten"));
    QCOMPARE(file->read_at(8, 99).value(), std::string("89"));
    QCOMPARE(file->read_at(99, 1).value(), std::string());
  }

  void a_file_above_the_limit_is_refused() {
    write_file(folder_.filePath("ten"), "0123456789");
    QCOMPARE(read_whole_file(path("ten"), 10).value(), std::string("0123456789"));
    QCOMPARE(read_whole_file(path("ten"), 9).status().code(), StatusCode::invalid_argument);
  }

  void chunks_join_to_the_whole_and_can_be_resumed() {
    std::string content;
    while (content.size() < 600'000) content += std::to_string(content.size()) + '\n';
    write_file(folder_.filePath("big"), content);
    const auto file = FileReader::open(path("big"));
    std::string joined;
    const auto stopped = read_chunks(*file, 0, [&joined](std::string_view chunk) {
      joined += chunk;
      return false;
    });
    QVERIFY(*stopped > 0 && *stopped < static_cast<std::int64_t>(content.size()));
    const auto end = read_chunks(*file, *stopped, [&joined](std::string_view chunk) {
      joined += chunk;
      return true;
    });
    QCOMPARE(*end, static_cast<std::int64_t>(content.size()));
    QVERIFY(joined == content);
  }

  void pipes_directories_and_missing_files_are_errors_at_once() {
    QCOMPARE(::mkfifo(path("pipe").c_str(), 0600), 0);
    for (const char* name : {"pipe", "."}) {
      QCOMPARE(FileReader::open(path(name)).status().code(), StatusCode::invalid_argument);
    }
    QCOMPARE(FileReader::open("/dev/null").status().code(), StatusCode::invalid_argument);
    QCOMPARE(FileReader::open(path("nowhere")).status().code(), StatusCode::not_found);
  }

  void links_are_followed_only_where_asked() {
    write_file(folder_.filePath("target"), "t");
    QCOMPARE(::symlink(path("target").c_str(), path("link").c_str()), 0);
    QVERIFY(FileReader::open(path("link")).is_ok());
    QCOMPARE(FileReader::open(path("link"), SymbolicLinks::refuse).status().code(),
             StatusCode::invalid_argument);
  }

  void reading_leaves_the_access_time_alone() {
    write_file(folder_.filePath("old"), "x");
    const timespec times[2] = {{1000, 0}, {2000, 0}};
    QCOMPARE(::utimensat(AT_FDCWD, path("old").c_str(), times, 0), 0);
    QCOMPARE(read_whole_file(path("old"), 10).value(), std::string("x"));
    struct stat after {};
    QCOMPARE(::stat(path("old").c_str(), &after), 0);
    QCOMPARE(after.st_atim.tv_sec, 1000);
    QCOMPARE(after.st_mtim.tv_sec, 2000);
  }

  void an_unreadable_file_says_so() {
    if (::geteuid() == 0) QSKIP("root reads everything");
    write_file(folder_.filePath("secret"), "s");
    QCOMPARE(::chmod(path("secret").c_str(), 0), 0);
    QCOMPARE(FileReader::open(path("secret")).status().code(), StatusCode::permission_denied);
  }

  void listing_is_sorted_and_bounded() {
    write_file(folder_.filePath("d/b"), "22");
    write_file(folder_.filePath("d/a"), "1");
    write_file(folder_.filePath("d/sub/c"), "");
    const auto all = list_directory(path("d"), 10);
    QCOMPARE(all->entries.size(), std::size_t{3});
    QCOMPARE(all->entries[0].name, std::string("a"));
    QCOMPARE(all->entries[1].bytes, 2);
    QVERIFY(all->entries[2].type == DirectoryEntry::Type::directory);
    QVERIFY(!all->truncated);
    QVERIFY(list_directory(path("d"), 2)->truncated);
    QCOMPARE(list_directory(path("none"), 2).status().code(), StatusCode::not_found);
    QCOMPARE(list_directory(path("d/a"), 2).status().code(), StatusCode::not_found);
  }

  void file_numbers_are_digits_only() {
    QCOMPARE(parse_file_number("000123").value(), std::uint64_t{123});
    for (const char* bad : {"", "-1", "1x", "99999999999999999999999"}) {
      QVERIFY2(!parse_file_number(bad), bad);
    }
  }
};

QTEST_APPLESS_MAIN(FileReaderTest)
#include "file_reader_test.moc"
