// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// What a block's 1,800 mutations cost on their way to the store; then all ways into a real database
// side by side: one by one, fixed batches, ours (live and import), and RocksDB alone.
#include <benchmark/benchmark.h>
#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <span>

#include "engine/batch/batch_processor.h"
#include "engine/batch/commit.h"
#include "engine/batch/fold.h"
#include "engine/objects/object_store.h"
#include "engine/store/database.h"
#include "engine/store/rocksdb_options.h"

namespace {

using namespace nodetune;

constexpr int kMutations = 1'800;  // a mainnet block's: reference figures of EthAnalysis
constexpr std::size_t kKeyBytes = 37;
constexpr std::size_t kValueBytes = 70;

class NullStore final : public KeyValueStore {
 public:
  Result<Value> get(Family, std::string_view) override { return Value(); }
  Result<std::vector<Value>> multi_get(std::span<const ReadKey> keys) override {
    return std::vector<Value>(keys.size());
  }
  Status write(std::span<const WriteOperation> operations, Durability) override {
    return ingest(operations);
  }
  Status ingest(std::span<const WriteOperation> operations) override {
    benchmark::DoNotOptimize(operations.data());
    return Status::ok();
  }
  Status scan(Family, std::string_view, std::string_view, const Visit&) override {
    return Status::ok();
  }
  Status sync() override { return Status::ok(); }
};

WriteGroup block() {
  std::mt19937_64 random(1);
  WriteGroup group;
  group.operations.reserve(kMutations);
  for (int i = 0; i < kMutations; ++i) {
    std::string key(kKeyBytes, '\0');
    for (auto& byte : key) byte = static_cast<char>(random());
    const auto family = static_cast<Family>(random() % (kFamilyCount - 1));
    group.operations.push_back(
        WriteOperation::put(family, std::move(key), std::string(kValueBytes, 'v')));
  }
  return group;
}

void require(const Status& status) {
  if (!status) std::abort();
}

void copy_only(benchmark::State& state) {
  const auto original = block();
  for (auto _ : state) {
    auto group = original;
    benchmark::DoNotOptimize(group.operations.data());
  }
  state.SetItemsProcessed(state.iterations() * kMutations);
}
BENCHMARK(copy_only);

void copy_and_order(benchmark::State& state) {
  const auto original = block();
  for (auto _ : state) {
    auto group = original;
    benchmark::DoNotOptimize(fold({&group, 1}, FoldFor::write_batch).data());
    benchmark::DoNotOptimize(group.operations.data());
  }
  state.SetItemsProcessed(state.iterations() * kMutations);
}
BENCHMARK(copy_and_order);

void copy_and_commit_by_batch_processor(benchmark::State& state) {
  NullStore store;
  BatchProcessor batches(store, BatchConfig(), SystemClock::instance());
  require(batches.start());
  const auto original = block();
  for (auto _ : state) {
    require(batches.submit(original).status());
    require(batches.flush());
  }
  state.SetItemsProcessed(state.iterations() * kMutations);
}
BENCHMARK(copy_and_commit_by_batch_processor)->UseRealTime();

void copy_and_commit_by_object_store(benchmark::State& state) {
  NullStore store;
  ObjectStore objects(store, CacheConfig(), BatchConfig(), SystemClock::instance());
  require(objects.start());
  const auto original = block();
  for (auto _ : state) {
    require(objects.submit(original).status());
    require(objects.flush());
  }
  state.SetItemsProcessed(state.iterations() * kMutations);
}
BENCHMARK(copy_and_commit_by_object_store)->UseRealTime();

// From here on: a real database on the disk under TMPDIR, with a write-ahead log.

constexpr int kStream = 200'000;  // mutations a round
constexpr int kImportCommit = 100'000;

std::vector<WriteGroup> stream(int mutations, int group_size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<WriteGroup> groups;
  for (int i = 0; i < mutations; ++i) {
    if (i % group_size == 0) groups.emplace_back();
    std::string key(kKeyBytes, '\0');
    for (auto& byte : key) byte = static_cast<char>(random());
    const auto family = static_cast<Family>(random() % (kFamilyCount - 1));
    groups.back().operations.push_back(
        WriteOperation::put(family, std::move(key), std::string(kValueBytes, 'v')));
  }
  return groups;
}

class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "nodetune-bench-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

// RocksDB with the options of a managed database, and nothing of ours around it.
class RawDatabase {
 public:
  RawDatabase() {
    const auto knobs = KnobValues::defaults();
    parts_.statistics = rocksdb::CreateDBStatistics();
    parts_.statistics->set_stats_level(rocksdb::StatsLevel::kExceptDetailedTimers);
    parts_.block_cache = make_block_cache(knobs);
    parts_.bloom = std::make_shared<BloomPolicy>(knobs[Knob::bloom_bits_per_key]);
    parts_.listener = std::make_shared<DatabaseListener>(folder_.path, SystemClock::instance());
    parts_.info_log = std::make_shared<InfoLog>(folder_.path);
    auto options = database_options(knobs, parts_);
    options.create_if_missing = options.create_missing_column_families = true;
    std::vector<rocksdb::ColumnFamilyDescriptor> all;
    all.emplace_back(rocksdb::kDefaultColumnFamilyName, family_options(knobs, parts_));
    for (const auto family : kFamilies) {
      all.emplace_back(std::string(to_string(family)), family_options(knobs, parts_));
    }
    rocksdb::DB* opened = nullptr;
    check(rocksdb::DB::Open(options, folder_.path, all, &handles_, &opened));
    db_.reset(opened);
  }
  ~RawDatabase() {
    for (auto* handle : handles_) (void)db_->DestroyColumnFamilyHandle(handle);
  }

  static void check(const rocksdb::Status& status) {
    if (!status.ok()) std::abort();
  }
  rocksdb::ColumnFamilyHandle* handle(Family family) { return handles_[index_of(family) + 1]; }

  void write(std::span<const WriteOperation> operations) {
    rocksdb::WriteBatch batch;
    for (const auto& operation : operations) {
      check(batch.Put(handle(operation.family), operation.key, operation.value));
    }
    check(db_->Write(rocksdb::WriteOptions(), &batch));
  }

  // Sorts, builds one table a family, ingests them in one call: what no import can beat.
  void sort_and_ingest(std::span<const WriteOperation> operations) {
    std::vector<const WriteOperation*> sorted;
    sorted.reserve(operations.size());
    for (const auto& operation : operations) sorted.push_back(&operation);
    std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
      return a->family != b->family ? a->family < b->family : a->key < b->key;
    });
    std::vector<rocksdb::IngestExternalFileArg> arguments;
    for (auto begin = sorted.begin(); begin != sorted.end();) {
      const auto family = (*begin)->family;
      const auto options = db_->GetOptions(handle(family));
      rocksdb::SstFileWriter table(rocksdb::EnvOptions(options), options, nullptr, false);
      const auto name = folder_.path + "/" + std::to_string(++serial_) + ".table";
      check(table.Open(name));
      for (; begin != sorted.end() && (*begin)->family == family; ++begin) {
        check(table.Put((*begin)->key, (*begin)->value));
      }
      check(table.Finish());
      auto& argument = arguments.emplace_back();
      argument.column_family = handle(family);
      argument.external_files = {name};
      argument.options.move_files = true;
      argument.options.write_global_seqno = false;
    }
    check(db_->IngestExternalFiles(arguments));
  }

 private:
  Folder folder_;
  SharedParts parts_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  int serial_ = 0;
};

std::unique_ptr<Database> open_ours(const Folder& folder) {
  DatabaseConfig config;
  config.create_if_missing = true;
  auto opened = Database::open(folder.path, config, SystemClock::instance());
  require(opened.status());
  return *std::move(opened);
}

Status commit_ours(Database& database, WriteGroup group, std::uint64_t& sequence, WritePath path) {
  const auto size = measure(group);
  Commit commit(sequence++);
  commit.add(std::move(group), size);
  return commit.apply(database, {path, Durability::log});
}

template <typename Work>
double seconds_of(Work work) {
  const auto begun = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

double quantile(std::vector<double> values, double at) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(at * static_cast<double>(values.size() - 1))];
}

// DB::Write of batches of so many mutations.
void fixed_batches(benchmark::State& state) {
  const auto size = static_cast<int>(state.range(0));
  const int mutations = size == 1 ? kStream / 4 : kStream;
  const auto groups = stream(mutations, size, 1);
  for (auto _ : state) {
    RawDatabase raw;
    state.SetIterationTime(seconds_of([&] {
      for (const auto& group : groups) raw.write(group.operations);
    }));
  }
  state.SetItemsProcessed(state.iterations() * mutations);
}
BENCHMARK(fixed_batches)
    ->RangeMultiplier(10)
    ->Range(1, 10'000)
    ->UseManualTime()
    ->Iterations(3)
    ->Unit(benchmark::kMillisecond);

// Small groups through BatchProcessor, which chooses size and path.
void ours_live(benchmark::State& state) {
  for (auto _ : state) {
    auto groups = stream(kStream, 100, 1);
    const Folder folder;
    const auto database = open_ours(folder);
    BatchProcessor batches(*database, BatchConfig(), SystemClock::instance());
    require(batches.start());
    state.SetIterationTime(seconds_of([&] {
      for (auto& group : groups) require(batches.submit(std::move(group)).status());
      require(batches.flush());
    }));
  }
  state.SetItemsProcessed(state.iterations() * kStream);
}
BENCHMARK(ours_live)->UseManualTime()->Iterations(3)->Unit(benchmark::kMillisecond);

// Commits of one group into our database and into a raw one, in turns.
struct InTurns {
  std::vector<double> ours;  // seconds
  std::vector<double> raw;
};

template <typename RawCommit>
InTurns commit_in_turns(benchmark::State& state, int operations, WritePath path,
                        const RawCommit& raw_commit) {
  const Folder folder;
  const auto database = open_ours(folder);
  RawDatabase raw;
  std::uint64_t sequence = 0;
  InTurns seconds;
  std::uint64_t seed = 1;
  for (auto _ : state) {
    auto group = stream(operations, operations, ++seed).front();
    const auto copy = group;
    const auto ours = [&] {
      seconds.ours.push_back(
          seconds_of([&] { require(commit_ours(*database, std::move(group), sequence, path)); }));
    };
    if (seed % 2 == 0) ours();
    seconds.raw.push_back(seconds_of([&] { raw_commit(raw, copy.operations); }));
    if (seed % 2 == 1) ours();
    state.SetIterationTime(seconds.ours.back());
  }
  state.SetItemsProcessed(state.iterations() * operations);
  state.counters["of_raw"] = quantile(seconds.raw, 0.5) / quantile(seconds.ours, 0.5);
  return seconds;
}

void import_beside_the_ceiling(benchmark::State& state) {
  const auto seconds =
      commit_in_turns(state, kImportCommit, WritePath::ingested,
                      [](auto& raw, const auto& operations) { raw.sort_and_ingest(operations); });
  state.counters["raw_per_second"] = kImportCommit / quantile(seconds.raw, 0.5);
}
BENCHMARK(import_beside_the_ceiling)
    ->UseManualTime()
    ->Iterations(12)
    ->Unit(benchmark::kMillisecond);

// A commit beside DB::Write of the same block.
void block_beside_raw_write(benchmark::State& state) {
  const auto seconds =
      commit_in_turns(state, kMutations, WritePath::sorted,
                      [](auto& raw, const auto& operations) { raw.write(operations); });
  state.counters["p99_of_raw"] = quantile(seconds.ours, 0.99) / quantile(seconds.raw, 0.99);
}
BENCHMARK(block_beside_raw_write)->UseManualTime()->Iterations(800)->Unit(benchmark::kMillisecond);

}  // namespace
