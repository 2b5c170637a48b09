// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <string>

#include "engine/base/format.h"
#include "engine/files/options_file.h"
#include "engine/node/memory_picture.h"
#include "engine/node/observed_memory.h"
#include "engine/node/observed_views.h"
#include "engine/node/recorded_memory.h"

using namespace nodetune;
using namespace std::chrono_literals;

namespace {

using Kind = MemoryPart::Kind;

const TimePoint kNow = TimePoint(std::chrono::seconds(1'700'000'000));

double mib(double count) {
  return count * static_cast<double>(kMiB);
}

// A node of two families with one block cache, whose LOG was written a moment ago.
struct World {
  explicit World(const std::string& db = {}, const std::string& table = {}) {
    std::string text = "[Version]\n  rocksdb_version=8.3.2\n[DBOptions]\n" + db;
    for (const std::string family : {"a", "b"}) {
      text += "[CFOptions \"" + family +
              "\"]\n  write_buffer_size=67108864\n  max_write_buffer_number=2\n"
              "[TableOptions/BlockBasedTable \"" +
              family + "\"]\n  cache_index_and_filter_blocks=false\n" + table;
    }
    auto options = std::make_shared<ObservedOptions>();
    options->name = "OPTIONS-000007";
    options->file = *parse_options(text, "/db/OPTIONS-000007");
    options->knobs = observed_knobs(options->file);
    seen.options = options;
    seen.listing = std::make_shared<const DirectoryListing>();
    auto manifest = std::make_shared<Manifest>();
    seen.manifest = manifest;
    story.utc_offset = Duration{};
    tell("a", "0x1", 1024, 700);
    tell("b", "0x1", 1024, 700);
    dump.time = kNow - 10s;
    dump.interval_seconds = 600;
    snapshot.taken_at = kNow;
    add_family("a", 300, 90);
    add_family("b", 10, 2);
    snapshot.set(Metric::process_resident_bytes, mib(4100));
    snapshot.set(Metric::process_anonymous_bytes, mib(4000));
    snapshot.set(Metric::process_file_backed_bytes, mib(100));
    snapshot.set(Metric::system_memory_limit_bytes, mib(8192));
    snapshot.set(Metric::system_memory_used_bytes, mib(5000));
  }
  void tell(const std::string& family, const std::string& address, double capacity, double data) {
    BlockCacheStats stats;
    stats.address = address;
    stats.capacity_bytes = mib(capacity);
    stats.usage_bytes = mib(data);
    stats.content.emplace().data_bytes = mib(data);
    story.block_caches.tell(family, stats, kNow - 10s, 100);
  }
  void add_family(const std::string& name, double index, double filter) {
    FamilyFigures family;
    family.name = name;
    family.index_bytes = mib(index);
    family.filter_bytes = mib(filter);
    snapshot.families.push_back(family);
  }
  DatabaseMemory memory(bool runs = true) {
    const ObservedLog log{story, true, 1000, {}, std::nullopt, dump};
    auto found = memory_of(seen, log, snapshot, runs);
    fill_block_cache(found, snapshot);
    return found;
  }
  std::vector<MemoryPart> parts() {
    const auto found = memory();
    return parts_of(found, snapshot, LockHolder{4711, "java"}, MemoryLimit{"/besu.service", 0});
  }

  Observation seen;
  LogSummary story;
  LoggedDump dump;
  Snapshot snapshot;
};

const MemoryPart& named(const std::vector<MemoryPart>& parts, std::string_view name) {
  const auto found = std::find_if(parts.begin(), parts.end(),
                                  [&](const MemoryPart& part) { return part.name == name; });
  if (found == parts.end()) qFatal("there is no part %s", std::string(name).c_str());
  return *found;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

class MemoryPartsTest : public QObject {
  Q_OBJECT
 private slots:
  void each_part_is_known_with_what_it_may_take() {
    World world("  max_open_files=-1\n");
    const auto parts = world.parts();
    const auto& cache = named(parts, "RocksDB block cache");
    QCOMPARE(cache.bytes, mib(700));
    QCOMPARE(cache.bytes_max, mib(1024));
    QCOMPARE(cache.note, std::string("1 GiB, one cache that 2 families share"));
    QCOMPARE(cache.source, Source::logged);
    QCOMPARE(*cache.as_of, kNow - 10s);
    const auto& memtables = named(parts, "Memtables");
    QVERIFY(std::isnan(memtables.bytes));
    QCOMPARE(memtables.bytes_max, mib(256));
    const auto& index = named(parts, "Index blocks beside the cache");
    QCOMPARE(index.bytes, mib(310));
    QCOMPARE(index.bytes_max, mib(310));
    QVERIFY2(has(index.note,
                 "402 MiB of index and filter blocks lie beside the block cache, as "
                 "cache_index_and_filter_blocks is false"),
             index.note.c_str());
    QCOMPARE(named(parts, "Filter blocks beside the cache").bytes_max, mib(92));
    QCOMPARE(named(parts, "Node's process").bytes, mib(4100));
    QCOMPARE(named(parts, memory_part::kRest).bytes, mib(4000 - 700 - 402));
    QCOMPARE(named(parts, memory_part::kRest).source, Source::derived);
    QCOMPARE(named(parts, "Memory limit").bytes_max, mib(8192));
  }

  void tables_in_the_cache_take_nothing_beside_it() {
    World world("  max_open_files=-1\n", "  cache_index_and_filter_blocks=true\n");
    const auto parts = world.parts();
    for (const auto& part : parts) {
      QVERIFY(part.kind != Kind::index_blocks && part.kind != Kind::filter_blocks);
    }
    QVERIFY(has(named(parts, "Index blocks in the cache").note, "of 310 MiB in all files"));
    const auto picture = picture_memory(parts);
    QCOMPARE(picture.allowed_bytes, mib(1024 + 256));
    QVERIFY(!picture.allowed_is_least && picture.tables_sentence.empty());
    QVERIFY(picture.tables_in_cache);
  }

  void open_files_bound_what_tables_take() {
    World world("  max_open_files=110\n");
    auto manifest = std::make_shared<Manifest>();
    auto& family = manifest->column_families[0];
    family.name = "a";
    for (std::uint64_t number = 0; number < 1000; ++number) {
      ManifestFile file;
      file.number = number;
      family.files[number] = file;
    }
    world.seen.manifest = manifest;
    const auto parts = world.parts();
    const auto& index = named(parts, "Index blocks beside the cache");
    QVERIFY(std::isnan(index.bytes));           // which files are open, nobody knows
    QCOMPARE(index.bytes_max, mib(310) * 0.1);  // 100 of 1,000
    QVERIFY2(has(index.note, "max_open_files is 110: those of so many of the 1,000 files may be"),
             index.note.c_str());
  }

  void a_limit_of_all_memtables_holds() {
    World world("  db_write_buffer_size=104857600\n");
    QCOMPARE(named(world.parts(), "Memtables").bytes_max, mib(100));
  }

  void memtables_that_transactions_keep_count() {
    World world;
    auto options = std::make_shared<ObservedOptions>(*world.seen.options);
    for (auto& family : options->file.column_families) {
      family.options["max_write_buffer_size_to_maintain"] = "268435456";
    }
    world.seen.options = options;
    QCOMPARE(named(world.parts(), "Memtables").bytes_max, mib(512));
  }

  void caches_are_counted_once_and_unknown_ones_make_a_lower_bound() {
    World world;
    world.tell("b", "0x2", 256, 10);
    QCOMPARE(block_caches_text(world.memory()), std::string("1.25 GiB in 2 caches for 2 families"));
    World partly;
    partly.story.block_caches.forget();
    partly.tell("a", "0x1", 1024, 700);
    const auto parts = partly.parts();
    const auto& cache = named(parts, "RocksDB block cache");
    QVERIFY2(has(cache.note, "at least 1 GiB; those of 1 family more are not known"),
             cache.note.c_str());
    QVERIFY(std::isnan(cache.bytes));  // a sum without a part
    QVERIFY(picture_memory(parts).allowed_is_least);
  }

  void old_statistics_say_nothing_of_now() {
    World world;
    world.snapshot.taken_at = kNow + 1h;
    const auto parts = world.parts();
    QVERIFY(std::isnan(named(parts, "RocksDB block cache").bytes));
    QVERIFY(std::isnan(world.snapshot.value(Metric::db_block_cache_usage_bytes)));
    QCOMPARE(world.snapshot.value(Metric::db_block_cache_capacity_bytes), mib(1024));
    for (const auto& part : parts) QVERIFY(part.name != memory_part::kRest);
    // A stopped node has no cache.
    World stopped;
    (void)stopped.memory(/*runs=*/false);
    QVERIFY(std::isnan(stopped.snapshot.value(Metric::db_block_cache_capacity_bytes)));
  }

  void databases_of_one_process_are_summed_and_a_shared_cache_is_not() {
    World one("  max_open_files=-1\n");
    World two("  max_open_files=-1\n");
    DatabaseMemory all;
    add_memory(one.memory(), all);
    add_memory(two.memory(), all);
    QCOMPARE(all.databases, std::size_t{2});
    QCOMPARE(all.caches.size(), std::size_t{1});
    QCOMPARE(all.memtables_max_bytes, mib(512));
    QCOMPARE(all.index.beside_bytes, mib(620));
    two.seen.options = nullptr;
    DatabaseMemory partly;
    add_memory(one.memory(), partly);
    add_memory(two.memory(), partly);
    QVERIFY2(std::isnan(partly.memtables_max_bytes), "one of them has no bound that is known");
  }

  void the_verdict_tells_whether_it_fits() {
    World fits("  max_open_files=-1\n");
    auto picture = picture_memory(fits.parts());
    QCOMPARE(picture.verdict, MemoryPicture::Verdict::fits);
    QVERIFY2(has(picture.sentence,
                 "Fits: RocksDB may take up to 1.64 GiB and the program holds "
                 "2.83 GiB beside it; 3.53 GiB of 8 GiB are left."),
             picture.sentence.c_str());
    World over("  max_open_files=-1\n");
    over.snapshot.set(Metric::system_memory_limit_bytes, mib(1500));
    picture = picture_memory(over.parts());
    QCOMPARE(picture.verdict, MemoryPicture::Verdict::over);
    QVERIFY2(has(picture.sentence, "up to 1.64 GiB of 1.46 GiB: the node can be killed"),
             picture.sentence.c_str());
    World beside("  max_open_files=-1\n");
    beside.snapshot.set(Metric::system_memory_limit_bytes, mib(4200));
    picture = picture_memory(beside.parts());
    QCOMPARE(picture.verdict, MemoryPicture::Verdict::over);
    QVERIFY2(has(picture.sentence, "so that the node can be killed"), picture.sentence.c_str());
  }

  void what_a_process_holds_of_rocksdb_unknown_is_said_so() {
    World world("  max_open_files=-1\n");
    world.snapshot.taken_at = kNow + 1h;
    world.snapshot.set(Metric::system_memory_limit_bytes, mib(5000));
    const auto picture = picture_memory(world.parts());
    QCOMPARE(picture.verdict, MemoryPicture::Verdict::tight);
    QVERIFY2(has(picture.sentence, "Were none of that RocksDB's"), picture.sentence.c_str());
  }

  void kills_are_told_whatever_fits() {
    World world("  max_open_files=-1\n");
    const auto memory = world.memory();
    const auto parts =
        parts_of(memory, world.snapshot, LockHolder{4711, "java"}, MemoryLimit{"/besu.service", 2});
    const auto picture = picture_memory(parts);
    QCOMPARE(picture.verdict, MemoryPicture::Verdict::over);
    QVERIFY2(has(picture.sentence, "2 processes of its control group were killed"),
             picture.sentence.c_str());
  }

  void a_recording_holds_all_of_it() {
    World world("  max_open_files=-1\n");
    const auto parts = world.parts();
    const auto again = memory_parts_from_json(memory_parts_json(parts));
    QCOMPARE(again.size(), parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
      QCOMPARE(again[i].kind, parts[i].kind);
      QCOMPARE(again[i].name, parts[i].name);
      QVERIFY(again[i].bytes == parts[i].bytes || std::isnan(parts[i].bytes));
      QCOMPARE(std::isnan(again[i].bytes_max), std::isnan(parts[i].bytes_max));
      QCOMPARE(again[i].note, parts[i].note);
      QCOMPARE(again[i].source, parts[i].source);
      QVERIFY(again[i].as_of == parts[i].as_of);
    }
    QCOMPARE(picture_memory(again).sentence, picture_memory(parts).sentence);
    for (const char* text :
         {"", "[]", "{}", "{\"memory\":7}", "{\"memory\":[1,{},{\"kind\":\"x\"}]}"}) {
      QVERIFY(memory_parts_from_json(text).empty());
    }
    const auto odd = memory_parts_from_json(
        "{\"memory\":[{\"kind\":\"limit\",\"bytes\":\"many\",\"as_of\":1e99}]}");
    QVERIFY(odd.size() == 1 && std::isnan(odd.front().bytes) && !odd.front().as_of);
    std::string many = "{\"memory\":[";
    for (int i = 0; i < 1000; ++i) many += "{\"kind\":\"limit\"},";
    QVERIFY(memory_parts_from_json(many + "{\"kind\":\"limit\"}]}").size() <= 100);
  }
};

QTEST_APPLESS_MAIN(MemoryPartsTest)
#include "memory_parts_test.moc"
