// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QTemporaryDir>
#include <QtTest>
#include <fstream>
#include <random>

#include "engine/chain/keys.h"
#include "engine/workload/block_record.h"
#include "engine/workload/import_audit.h"
#include "engine/workload/import_progress.h"
#include "engine/workload/import_record.h"
#include "engine/workload/workload.h"
#include "tests/chain_maker.h"
#include "tests/engine/workload/recording_store.h"

using namespace nodetune;
using namespace nodetune::testing;
using namespace std::string_literals;

namespace {

std::unique_ptr<Workload> import_of(const ImportConfig& config) {
  auto made = make_chain_import(config);
  if (!made) qFatal("%s", made.status().message().c_str());
  return std::move(made).value();
}

ImportConfig files(std::vector<std::string> paths) {
  ImportConfig config;
  config.paths = std::move(paths);
  return config;
}

// What one run of an import came to.
struct Run {
  std::uint64_t blocks = 0;
  Status status;
  std::string story;  // the message, or what it says at the end
  ImportProgress progress;

  bool says(const std::string& part) const { return story.find(part) != std::string::npos; }
};

// A directory in memory, imported into by as many workloads as wanted.
struct Target {
  RecordingStore store;
  std::unique_ptr<Bench> bench = std::make_unique<Bench>(store);

  Run import(const ImportConfig& config, std::uint64_t blocks_max = UINT64_MAX) {
    Run run;
    const auto workload = import_of(config);
    run.status = workload->prepare(store, {});
    while (run.status && run.blocks < blocks_max) {
      const auto more = workload->run_block(*bench->objects);
      run.status = more.status();
      if (!more || !*more) break;
      ++run.blocks;
    }
    if (const auto flushed = bench->objects->flush(); !flushed) run.status = flushed;
    run.story = run.status ? workload->conclusion() : run.status.message();
    run.progress = *workload->import_progress();
    return run;
  }
  // Blocks that are there, all of them whole.
  std::uint64_t whole_blocks() {
    const auto audit = verify_import(store);
    if (!audit) qWarning("%s", audit.status().message().c_str());
    return audit ? audit->blocks : UINT64_MAX;
  }
  std::optional<std::string> get(Family family, const std::string& key) {
    return store.get(family, key).value();
  }
};

}  // namespace

class ChainImportTest : public QObject {
  Q_OBJECT
 private slots:
  void init() { folder_ = std::make_unique<QTemporaryDir>(); }

  void every_part_of_a_block_is_stored_under_its_key_data() {
    QTest::addColumn<bool>("era1");
    QTest::newRow("export") << false;
    QTest::newRow("era1") << true;
  }
  void every_part_of_a_block_is_stored_under_its_key() {
    QFETCH(bool, era1);
    const auto made = make_blocks(30);
    const auto path = write("chain", era1 ? make_era1(made) : make_export(made));
    Target target;
    const auto run = target.import(files({path}));
    QVERIFY2(run.status, run.story.c_str());
    QCOMPARE(run.blocks, 30u);
    QVERIFY2(run.says("blocks 0 to 29 are stored"), run.story.c_str());
    std::uint64_t bytes = 0;
    for (const auto& block : made) {
      const auto hash = keccak256(block.header);
      const auto key = block_key(block.number, hash);
      QVERIFY(target.get(Family::headers, key) == block.header);
      QVERIFY(target.get(Family::headers, canonical_hash_key(block.number)) ==
              std::string(as_view(hash)));
      QVERIFY(target.get(Family::blocks, key) == block.body);
      QCOMPARE(target.get(Family::receipts, key).has_value(), era1);
      if (era1) QVERIFY(target.get(Family::receipts, key) == block.receipts);
      const auto total = target.get(Family::headers, total_difficulty_key(block.number, hash));
      QVERIFY(total);
      QVERIFY(word_from(*RlpReader(*total).next_string()) == block.total_difficulty);
      bytes += block.header.size() + block.body.size() + (era1 ? block.receipts->size() : 0);
    }
    QCOMPARE(target.whole_blocks(), 30u);
    QCOMPARE(run.progress.blocks, 30u);
    QCOMPARE(run.progress.bytes, bytes);
    QCOMPARE(run.progress.first.value(), 0u);
    QCOMPARE(run.progress.last.value(), 29u);
    QCOMPARE(run.progress.done_ratio, 1.0);
  }

  void a_stopped_import_goes_on_behind_its_last_block() {
    const auto seed = std::random_device{}();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    const auto made = make_blocks(1'500);  // several chunks
    Target whole;
    for (const bool era1 : {false, true}) {
      const auto path = write("chain", era1 ? make_era1(made) : make_export(made));
      Target target;
      std::uint64_t stored = 0;
      while (stored < made.size()) {
        const auto run = target.import(files({path}), 1 + random() % 600);
        QVERIFY2(run.status, run.story.c_str());
        if (run.blocks > 0) QCOMPARE(run.progress.first.value(), stored);
        stored += run.blocks;
        QCOMPARE(target.whole_blocks(), stored);
        target.bench.reset();
        target.bench = std::make_unique<Bench>(target.store);
      }
      const auto again = target.import(files({path}));
      QVERIFY2(again.status && again.says("nothing new"), again.story.c_str());
      QCOMPARE(again.blocks, 0u);
      QCOMPARE(target.whole_blocks(), made.size());
    }
  }

  void a_range_is_imported_alone_and_then_extended() {
    const auto path = write("chain", make_export(make_blocks(40)));
    Target target;
    auto config = files({path});
    config.from = 10;
    config.to = 19;
    auto run = target.import(config);
    QVERIFY2(run.status && run.says("blocks 10 to 19 are stored"), run.story.c_str());
    QCOMPARE(run.progress.done_ratio, 1.0);
    config.to = 29;
    run = target.import(config);
    QVERIFY2(run.status && run.says("blocks 10 to 29 are stored"), run.story.c_str());
    QCOMPARE(run.blocks, 10u);
    // Their total difficulty is not known: the chain before them is not there.
    const auto hash = target.get(Family::headers, canonical_hash_key(20)).value();
    QVERIFY(!target.get(Family::headers, total_difficulty_key(20, *bytes_from<Hash256>(hash))));

    config.from = 35;
    config.to.reset();
    run = target.import(config);
    QVERIFY2(run.says("it goes on with block 30, not with 35"), run.story.c_str());
    config.from = 50;
    Target empty;
    run = empty.import(config);
    QVERIFY2(!run.status && run.says("no block of the wanted range"), run.story.c_str());
    config.to = 49;
    QVERIFY(!make_chain_import(config));
    QVERIFY(!make_chain_import(ImportConfig{}));
    QCOMPARE(target.whole_blocks(), 20u);
  }

  void files_of_one_chain_are_read_in_the_order_of_their_blocks() {
    const auto made = make_blocks(60);
    const auto part = [&](std::size_t from, std::size_t to) {
      return std::vector<FileBlock>(made.begin() + static_cast<std::ptrdiff_t>(from),
                                    made.begin() + static_cast<std::ptrdiff_t>(to));
    };
    write("c", make_era1(part(0, 20)));
    write("b", make_export(part(15, 40)));  // overlaps
    write("a", make_export(part(40, 60)));
    write("checksums.txt", "0123456789abcdef  c\n");
    Target target;
    const auto run = target.import(files({folder_->path().toStdString()}));
    QVERIFY2(run.status, run.story.c_str());
    QCOMPARE(run.blocks, 60u);
    QCOMPARE(target.whole_blocks(), 60u);
    const auto path = [&](const char* name) { return folder_->filePath(name).toStdString(); };
    Target gap;
    const auto refused = gap.import(files({path("a"), path("c")}));
    QVERIFY2(refused.says("block 40 at byte 0 does not follow block 19"), refused.story.c_str());
    QCOMPARE(gap.whole_blocks(), 20u);
  }

  void a_bad_block_ends_the_import_behind_the_good_ones_data() {
    QTest::addColumn<bool>("header");
    QTest::newRow("its header") << true;
    QTest::newRow("its body") << false;
  }
  void a_bad_block_ends_the_import_behind_the_good_ones() {
    QFETCH(bool, header);
    const auto made = make_blocks(20);
    std::size_t number = 8;
    while (made[number].body.size() < 50) ++number;
    auto bad = make_export(made);
    const auto begin = make_export({made.begin(), made.begin() + number}).size();
    const auto at = begin + (header ? 60 : export_block(made[number]).size() - 5);
    bad[at] = static_cast<char>(bad[at] ^ 1);
    const auto path = write("chain", bad);
    Target target;
    const auto run = target.import(files({path}));
    QVERIFY(!run.status);
    const auto named =
        "block " + std::to_string(number) + " at byte " + std::to_string(begin) + " ";
    QVERIFY2(run.says(named), run.story.c_str());
    QCOMPARE(target.whole_blocks(), number);
    write("chain", make_export(made));
    QVERIFY(target.import(files({path})).status);
    QCOMPARE(target.whole_blocks(), 20u);

    Target cut;
    const auto half = write("half", make_export(made).substr(0, begin + 100));
    const auto ended = cut.import(files({half}));
    QVERIFY2(ended.says(named + "is cut off"), ended.story.c_str());
    QCOMPARE(cut.whole_blocks(), number);
  }

  void another_chain_is_refused_with_both_hashes() {
    const auto made = make_blocks(20);
    ChainMaker::Config other_config;
    other_config.seed = 2;
    const auto other = make_blocks(20, other_config);
    const auto hash = [](const FileBlock& block) { return to_hex_0x(keccak256(block.header)); };
    Target target;
    auto first = files({write("chain", make_export(made))});
    first.to = 9;
    QVERIFY(target.import(first).status);

    auto run = target.import(files({write("other", make_export(other))}));
    QVERIFY2(!run.status && run.says(hash(made[0])) && run.says(hash(other[0])), run.story.c_str());
    run = target.import(files({write("later", make_export({other.begin() + 10, other.end()}))}));
    QVERIFY2(!run.status && run.says("block 10 at byte 0 does not follow the block stored") &&
                 run.says(hash(other[9])) && run.says(hash(made[9])),
             run.story.c_str());
    run = target.import(files({write("gap", make_export({made.begin() + 15, made.end()}))}));
    QVERIFY2(!run.status && run.says("does not follow block 9"), run.story.c_str());

    auto jump = made;
    jump.erase(jump.begin() + 12);
    run = target.import(files({write("jump", make_export(jump))}));
    QVERIFY2(!run.status && run.says("block 13 at byte ") && run.says("does not follow block 11"),
             run.story.c_str());
    QCOMPARE(target.whole_blocks(), 12u);
    auto forked = made;
    forked[14] = other[14];
    run = target.import(files({write("forked", make_export(forked))}));
    QVERIFY2(!run.status && run.says("names " + hash(other[13]) + " as its parent") &&
                 run.says(hash(made[13])),
             run.story.c_str());
    QCOMPARE(target.whole_blocks(), 14u);
  }

  void a_total_difficulty_that_is_no_sum_is_refused() {
    auto made = make_blocks(5);
    made[3].total_difficulty->bytes[31] ^= 1;
    Target target;
    const auto run = target.import(files({write("chain", make_era1(made))}));
    QVERIFY2(run.says("block 3 at byte ") && run.says("total difficulty"), run.story.c_str());
    QCOMPARE(target.whole_blocks(), 3u);
  }

  void a_directory_with_another_chain_is_refused() {
    const auto path = write("chain", make_export(make_blocks(3)));
    RecordingStore store;
    Bench bench(store);
    SyntheticConfig synthetic;
    synthetic.blocks = 1;
    auto chain = make_synthetic_chain(synthetic);
    QVERIFY(chain && bench.prepare(**chain));
    const auto status = import_of(files({path}))->prepare(store, {});
    QVERIFY2(status.message().find("not blocks imported from files") != std::string::npos,
             status.message().c_str());
    Target target;
    QVERIFY(target.import(files({path})).status);
    QVERIFY(!(*chain)->prepare(target.store, {}));
  }

  void the_audit_finds_what_is_not_whole() {
    const auto made = make_blocks(6);
    const auto path = write("chain", make_era1(made));
    const auto key = block_key(3, keccak256(made[3].header));
    const auto body = block_key(2, keccak256(made[2].header));
    const std::vector<WriteOperation> harms = {
        WriteOperation::erase(Family::headers, key),
        WriteOperation::erase(Family::blocks, key),
        WriteOperation::put(Family::blocks, key, made[2].body),
        WriteOperation::put(Family::receipts, key, "\xc1\x01"),
        WriteOperation::put(Family::headers, canonical_hash_key(6), std::string(32, 'x')),
        WriteOperation::put(Family::transactions, std::string(32, 'x'), "\x01"),
        WriteOperation::put(Family::accounts, "x", "y"),
        WriteOperation::merge_add(Family::own, std::string(kBlocksCounter), 1),
        WriteOperation::erase(Family::own, std::string(kImportKey)),
    };
    for (const auto& harm : harms) {
      Target target;
      QVERIFY(target.import(files({path})).status);
      QCOMPARE(target.whole_blocks(), 6u);
      QVERIFY(target.store.write({&harm, 1}, Durability::none));
      QVERIFY2(!verify_import(target.store), harm.key.c_str());
    }
  }

  void every_real_file_is_imported_whole() {
    const QDir chains(NODETUNE_TEST_DATA "/chain/besu-test-chains");
    if (!chains.exists()) QSKIP("the real chains are not present");
    QDirIterator all(chains.path(), {"*.blocks", "*.rlp", "*.era1"}, QDir::Files,
                     QDirIterator::Subdirectories);
    int seen = 0;
    while (all.hasNext()) {
      const auto path = all.next().toStdString();
      auto config = files({path});
      if (path.ends_with(".era1")) config.to = 999;  // all 8,192 are read by the chain's own test
      Target target;
      const auto run = target.import(config);
      QVERIFY2(run.status && run.blocks > 0, run.story.c_str());
      QCOMPARE(target.whole_blocks(), run.blocks);
      ++seen;
    }
    QCOMPARE(seen, 20);
  }

  void rates_are_of_the_last_seconds() {
    ImportRate rate;
    const auto at = [](int seconds) { return SteadyTime(std::chrono::seconds(1'000 + seconds)); };
    ImportProgress progress;
    QVERIFY(std::isnan(rate.observe(at(0), progress).blocks_per_second));
    for (int second = 1; second <= 60; ++second) {
      progress.blocks += second <= 30 ? 100 : 200;
      progress.bytes += second <= 30 ? 1'000 : 4'000;
      progress.done_ratio = static_cast<double>(progress.blocks) / 18'000;
      const auto figures = rate.observe(at(second), progress);
      if (second == 30) {
        QCOMPARE(figures.blocks_per_second, 100.0);
        QVERIFY(std::abs(figures.seconds_left - 150) < 1e-6);
      }
      if (second == 60) {
        QCOMPARE(figures.blocks_per_second, 200.0);
        QCOMPARE(figures.bytes_per_second, 4'000.0);
        QVERIFY(std::abs(figures.seconds_left - 45) < 1e-6);
      }
    }
    // It stands still: then there is no rate, and no end.
    ImportFigures still;
    for (int second = 61; second <= 75; ++second) still = rate.observe(at(second), progress);
    QVERIFY(std::isnan(still.blocks_per_second) && std::isnan(still.seconds_left));
  }

  void a_damaged_record_is_no_record() {
    ImportRecord record;
    record.blocks = 10;
    record.first_number = 91;
    record.last.number = 100;
    record.last.offset = 4'711;
    record.last.hash.fill(7);
    for (const bool total : {false, true}) {
      if (total) record.last.total_difficulty = *word_from("\x01\x02\x03");
      const auto bytes = record.encode();
      const auto read = ImportRecord::decode(bytes);
      QVERIFY(read && read->encode() == bytes &&
              read->last.total_difficulty == record.last.total_difficulty);
      for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        QVERIFY(!ImportRecord::decode(bytes.substr(0, cut)));
      }
      QVERIFY(!ImportRecord::decode(bytes + "x"));
    }
  }

 private:
  std::string write(const char* name, const std::string& content) {
    const auto path = folder_->filePath(name).toStdString();
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

  std::unique_ptr<QTemporaryDir> folder_;
};

QTEST_APPLESS_MAIN(ChainImportTest)
#include "chain_import_test.moc"
