// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/manifest.h"

#include <sys/stat.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QtTest>

#include "engine/base/format.h"
#include "engine/files/crc32c.h"
#include "engine/files/directory_listing.h"
#include "test_files.h"
#include "tests/record_log_frames.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

std::string text(std::string_view value) {
  return varint(value.size()) + std::string(value);
}
std::string key(std::string_view user_key) {
  return text(std::string(user_key) + "12345678");
}

std::string new_file(std::uint32_t level, std::uint64_t number, std::uint64_t bytes) {
  return varint(103) + varint(level) + varint(number) + varint(bytes) + key("a") + key("z") +
         varint(1) + varint(9) + varint(7) + text("checksum") + varint(1);
}
std::string deleted_file(std::uint32_t level, std::uint64_t number) {
  return varint(6) + varint(level) + varint(number);
}
std::string family(std::uint32_t id) {
  return varint(200) + varint(id);
}
std::string group(std::uint32_t remaining) {
  return varint(300) + varint(remaining);
}

}  // namespace

class ManifestTest : public QObject {
  Q_OBJECT
 private:
  QTemporaryDir folder_;

  Result<Manifest> read_bytes_as_manifest(const std::string& bytes) {
    write_file(folder_.filePath("MANIFEST-000001"), bytes);
    return read_manifest_file(folder_.filePath("MANIFEST-000001").toStdString());
  }

 private slots:
  void checksums_are_castagnoli() {
    QCOMPARE(crc32c("123456789"), 0xe3069283U);
    QCOMPARE(crc32c("6789", crc32c("12345")), 0xe3069283U);
    QCOMPARE(crc32c(std::string(32, '\0')), 0x8a9136aaU);
  }

  void live_files_are_those_in_the_real_directories() {
    if (real_directories().isEmpty()) QSKIP("rocksdb-dirs not present");
    for (const auto& path : real_directories()) {
      const auto manifest = read_manifest(path.toStdString());
      QVERIFY2(manifest.is_ok(), manifest.status().message().c_str());
      QVERIFY(!manifest->half_written);
      std::map<std::uint64_t, std::int64_t> live;
      for (const auto& [id, each] : manifest->column_families) {
        QCOMPARE(each.comparator, std::string("leveldb.BytewiseComparator"));
        for (const auto& [number, file] : each.files) live[number] = file.bytes;
      }
      std::map<std::uint64_t, std::int64_t> present;
      const auto listing = list_database_files(path.toStdString());
      for (const auto& file : listing->files) {
        if (file.type == DatabaseFileType::sst) present[*file.number] = file.bytes;
      }
      if (path.contains("besu-2019-v1/")) {
        QCOMPARE(live.at(30), 50'068);  // the mangled file lost a byte
        QCOMPARE(present.at(30), 50'067);
        present[30] = 50'068;
      }
      QVERIFY2(live == present, qPrintable(path));
      QCOMPARE(manifest->total().files, static_cast<std::int64_t>(live.size()));
      QVERIFY(manifest->next_file_number > (live.empty() ? 0 : live.rbegin()->first));
    }
  }

  void blob_files_live_as_long_as_a_table_may_point_into_them() {
    const auto table = [](std::uint64_t number, std::uint64_t oldest_blob) {
      return varint(103) + varint(0) + varint(number) + varint(10) + key("a") + key("z") +
             varint(1) + varint(9) + varint(4) + text(varint(oldest_blob)) + varint(6) +
             text(varint(1'700'000'000)) + varint(1);
    };
    const auto blob = [](std::uint64_t number, std::uint64_t count, std::uint64_t bytes) {
      return varint(400) + varint(number) + varint(count) + varint(bytes) + text("") + text("") +
             varint(0);
    };
    const auto garbage = [](std::uint64_t number, std::uint64_t count, std::uint64_t bytes) {
      return varint(401) + varint(number) + varint(count) + varint(bytes) + varint(0);
    };
    const std::vector<std::string> records = {
        table(1, 2) + blob(2, 5, 500), table(3, 4) + blob(4, 6, 600) + garbage(2, 3, 300),
        garbage(2, 2, 200) + garbage(99, 1, 1) + deleted_file(0, 1) + table(5, 4)};
    auto manifest = read_bytes_as_manifest(frame_records({records[0], records[1]}));
    const auto* family = manifest->find_column_family("default");
    QCOMPARE(family->live_blob_files().size(), std::size_t{2});
    QCOMPARE(family->live_blob_files()[0].garbage_blobs, 3);
    QCOMPARE(manifest->blob_total().bytes, 1'100);
    QCOMPARE(manifest->blob_total().garbage_bytes, 300);
    QCOMPARE(family->files.at(1).oldest_blob_file, 2U);
    QCOMPARE(format_time_utc(family->files.at(1).created.value()),
             std::string("2023-11-14T22:13:20Z"));
    // The last table of the first one is gone.
    manifest = read_bytes_as_manifest(frame_records(records));
    QCOMPARE(manifest->blob_total().files, 1);
    QCOMPARE(manifest->find_column_family("default")->live_blob_files()[0].number, 4U);
    QCOMPARE(manifest->blob_total().bytes, 600);
    // Wholly garbage: it lives on where a table names it, and no longer.
    const auto spent = table(1, 2) + blob(2, 5, 500) + blob(4, 6, 600) + garbage(4, 6, 600);
    manifest = read_bytes_as_manifest(frame_records({spent}));
    QCOMPARE(manifest->blob_total().files, 1);
    QCOMPARE(manifest->blob_total().bytes, 500);
    manifest = read_bytes_as_manifest(frame_records({spent + table(3, 4)}));
    QCOMPARE(manifest->blob_total().files, 2);
    QCOMPARE(manifest->blob_total().garbage_bytes, 600);
    // No table, no blob.
    manifest = read_bytes_as_manifest(frame_records({blob(2, 5, 500)}));
    QCOMPARE(manifest->blob_total().files, 0);
  }

  void absurd_sizes_stop_at_the_end_of_the_range() {
    const auto huge = std::uint64_t{1} << 62;
    const auto manifest = read_bytes_as_manifest(
        frame_records({new_file(0, 1, huge), new_file(0, 2, huge), new_file(1, 3, huge)}));
    QCOMPARE(manifest->total().bytes, std::numeric_limits<std::int64_t>::max());
  }

  // The expectations are what `ldb manifest_dump` prints.
  void a_besu_node_agrees_with_ldb() {
    const auto path = data_root() + "/rocksdb-dirs/besu-ehr-single/database";
    if (!QDir(path).exists()) QSKIP("besu-ehr-single not present");
    const auto manifest = read_manifest(path.toStdString());
    QCOMPARE(manifest->last_sequence, 21277U);
    QCOMPARE(manifest->next_file_number, 59U);  // ldb prints one more than is written
    QCOMPARE(manifest->column_families.size(), std::size_t{16});  // default and Besu's 15
    QCOMPARE(manifest->column_families.at(8).name, std::string("\n"));
    const auto* trie_log = manifest->find_column_family("\x0b");
    QVERIFY(trie_log != nullptr);
    QCOMPARE(trie_log->id, 9U);
    QCOMPARE(trie_log->log_number, 52U);
    QCOMPARE(trie_log->files.size(), std::size_t{3});
    const auto& file = trie_log->files.at(44);
    QCOMPARE(file.bytes, 1373);
    QCOMPARE(file.level, 0);
    QCOMPARE(to_hex(file.smallest_key), std::string("636861696e4865616448617368"));
    QCOMPARE(to_hex(file.largest_key), std::string("6c6f63616c2d656e722d7365716e6f"));
    QCOMPARE(file.smallest_sequence, 12U);
    QCOMPARE(file.largest_sequence, 21265U);
    QVERIFY(manifest->find_column_family("\x05") == nullptr);
  }

  void files_are_added_moved_and_deleted() {
    const auto manifest = read_bytes_as_manifest(
        frame_records({varint(1) + text("cmp") + varint(3) + varint(100) + varint(4) + varint(77),
                       family(5) + varint(201) + text("five") + varint(1) + text("cmp5"),
                       family(5) + new_file(0, 10, 1000) + new_file(0, 11, 500),
                       family(5) + deleted_file(0, 10) + new_file(6, 10, 1000),
                       family(5) + deleted_file(0, 11), new_file(1, 12, 7)}));
    QVERIFY2(manifest.is_ok(), manifest.status().message().c_str());
    QCOMPARE(manifest->edits, 6);
    QCOMPARE(manifest->last_sequence, 77U);
    QCOMPARE(manifest->next_file_number, 100U);
    QCOMPARE(manifest->find_column_family("default")->comparator, std::string("cmp"));
    const auto levels = manifest->find_column_family("five")->levels();
    QCOMPARE(levels.size(), std::size_t{1});
    QCOMPARE(levels[0].level, 6);
    QCOMPARE(levels[0].bytes, 1000);
    QCOMPARE(manifest->total().files, 2);
    QCOMPARE(manifest->total().bytes, 1007);
  }

  void dropped_families_are_gone() {
    const auto manifest = read_bytes_as_manifest(
        frame_records({family(5) + varint(201) + text("five"), family(5) + new_file(0, 10, 1000),
                       family(5) + varint(202)}));
    QCOMPARE(manifest->column_families.size(), std::size_t{1});
    QCOMPARE(read_bytes_as_manifest(frame_records({family(5) + new_file(0, 1, 1)})).status().code(),
             StatusCode::corrupt);
  }

  void atomic_groups_count_whole_or_not_at_all() {
    const std::vector<std::string> records = {group(1) + new_file(0, 1, 1),
                                              group(0) + new_file(0, 2, 2)};
    const auto whole = read_bytes_as_manifest(frame_records(records));
    QCOMPARE(whole->total().files, 2);
    QVERIFY(!whole->half_written);
    const auto half = read_bytes_as_manifest(frame_records({records[0]}));
    QCOMPARE(half->total().files, 0);
    QVERIFY(half->half_written);
  }

  void ignorable_tags_are_skipped_and_others_end_the_reading() {
    const auto rest = new_file(0, 1, 1);
    const std::pair<const char*, std::string> ignorable[] = {
        {"unknown", varint(8192 + 500) + text("later")},
        {"blob", varint(400) + varint(7) + varint(1) + varint(256) + text("") + text("") +
                     varint(1) + text("field") + varint(0)},
        {"blob garbage", varint(401) + varint(7) + varint(1) + varint(256) + varint(0)},
        {"WAL", varint(8196) + varint(12) + varint(2) + varint(4096) + varint(1)},
        {"WAL deletion", varint(8197) + varint(12)},
        {"WAL 2", varint(8199) + text("whatever")},
        {"compaction cursor", varint(5) + varint(2) + key("k")},
    };
    for (const auto& [name, bytes] : ignorable) {
      const auto manifest = read_bytes_as_manifest(frame_records({bytes + rest}));
      QVERIFY2(manifest.is_ok(), name);
      QVERIFY2(manifest->total().files == 1, name);
    }
    const auto newer = read_bytes_as_manifest(frame_records({varint(500) + text("x") + rest}));
    QCOMPARE(newer.status().code(), StatusCode::unsupported_format);
    const auto field = varint(103) + varint(0) + varint(1) + varint(1) + key("a") + key("b") +
                       varint(1) + varint(1) + varint(66) + text("must know") + varint(1);
    QCOMPARE(read_bytes_as_manifest(frame_records({field})).status().code(),
             StatusCode::unsupported_format);
    QCOMPARE(read_bytes_as_manifest(frame_records({varint(103) + varint(0)})).status().code(),
             StatusCode::corrupt);
  }

  void records_longer_than_a_block_are_joined() {
    std::vector<std::string> records;
    for (std::uint64_t i = 0; i < 20'000; ++i) {
      if (i % 4000 == 0) records.emplace_back();
      records.back() += new_file(static_cast<std::uint32_t>(i % 7), i + 1, 10);
    }
    const auto bytes = frame_records(records);
    QVERIFY(bytes.size() > 512 * 1024);
    const auto manifest = read_bytes_as_manifest(bytes);
    QVERIFY2(manifest.is_ok(), manifest.status().message().c_str());
    QCOMPARE(manifest->total().files, 20'000);
    QCOMPARE(manifest->bytes, static_cast<std::int64_t>(bytes.size()));
  }

  void a_tail_at_any_length_is_half_written_not_corrupt() {
    const auto first = frame_records({varint(3) + varint(100)});
    const auto bytes = frame_records({varint(3) + varint(100), new_file(0, 1, 1)});
    for (auto kept = first.size(); kept <= bytes.size(); ++kept) {
      const auto manifest = read_bytes_as_manifest(bytes.substr(0, kept));
      QVERIFY2(manifest.is_ok(), manifest.status().message().c_str());
      QCOMPARE(manifest->next_file_number, 100U);
      QCOMPARE(manifest->half_written, kept != first.size() && kept != bytes.size());
    }
    QVERIFY(!read_bytes_as_manifest(bytes + std::string(5000, '\0'))->half_written);
  }

  void damage_before_the_end_is_corrupt() {
    auto bytes = frame_records({varint(3) + varint(100), new_file(0, 1, 1), new_file(0, 2, 1)});
    bytes[8] = static_cast<char>(bytes[8] + 1);
    QCOMPARE(read_bytes_as_manifest(bytes).status().code(), StatusCode::corrupt);
    QCOMPARE(read_bytes_as_manifest("").status().code(), StatusCode::corrupt);
    const auto middle = log_fragment(3, "m") + log_fragment(1, "f");
    QCOMPARE(read_bytes_as_manifest(middle).status().code(), StatusCode::corrupt);
  }

  void current_never_leads_elsewhere() {
    const auto path = folder_.path().toStdString();
    for (const std::string content :
         {"../MANIFEST-000001\n", "/etc/passwd\n", "MANIFEST-\n", "MANIFEST-1/../x\n", "\n", "",
          "MANIFEST-000001\nMANIFEST-000002\n"}) {
      write_file(folder_.filePath("CURRENT"), content);
      QVERIFY2(read_current(path).status().code() == StatusCode::corrupt, content.c_str());
    }
    write_file(folder_.filePath("CURRENT"), "MANIFEST-000009\n");
    QCOMPARE(read_current(path).value(), std::string("MANIFEST-000009"));
    QCOMPARE(read_manifest(path).status().code(), StatusCode::not_found);
    QCOMPARE(::symlink("/etc/passwd", (path + "/MANIFEST-000009").c_str()), 0);
    QCOMPARE(read_manifest(path).status().code(), StatusCode::invalid_argument);
    QCOMPARE(::unlink((path + "/MANIFEST-000009").c_str()), 0);
    QCOMPARE(::mkfifo((path + "/MANIFEST-000009").c_str(), 0600), 0);
    QCOMPARE(read_manifest(path).status().code(), StatusCode::invalid_argument);
  }

  void mutations_never_crash() {
    const auto files = real_files("rocksdb-dirs", {"MANIFEST-*"});
    if (files.isEmpty()) QSKIP("rocksdb-dirs not present");
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    int refused = 0;
    for (int round = 0; round < 300; ++round) {
      const auto pick = random() % static_cast<std::size_t>(files.size());
      const auto bytes = mutate(read_bytes(files[static_cast<int>(pick)]), random);
      refused += read_bytes_as_manifest(bytes) ? 0 : 1;
      // Past the checksums, which stop nearly everything above.
      refused += parse_version_edit(mutate(bytes.substr(0, 400), random)) ? 0 : 1;
    }
    auto edit = group(0) + family(0) + new_file(0, 1, 1) + deleted_file(1, 2) + varint(203) +
                varint(9) + varint(8193) + text("id");
    int accepted = 0;
    for (int round = 0; round < 50'000; ++round) {
      accepted += parse_version_edit(mutate(edit, random)) ? 1 : 0;
    }
    QVERIFY(refused > 100 && accepted > 100);
  }
};

QTEST_APPLESS_MAIN(ManifestTest)
#include "manifest_test.moc"
