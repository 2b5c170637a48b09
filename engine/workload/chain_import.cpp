// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include <filesystem>
#include <mutex>
#include <utility>

#include "engine/base/format.h"
#include "engine/chain/keys.h"
#include "engine/chain/rlp.h"
#include "engine/workload/ahead.h"
#include "engine/workload/block_record.h"
#include "engine/workload/chain_state.h"
#include "engine/workload/import_record.h"
#include "engine/workload/import_source.h"
#include "engine/workload/synthetic_bytes.h"
#include "engine/workload/workload.h"

namespace nodetune {
namespace {

// What is read and checked at a time, on a thread of its own, while what was read before is handed
// over: enough that starting the thread costs nothing, little enough that memory stays small.
constexpr std::size_t kChunkBlocks = 512;
constexpr std::size_t kChunkBytes = std::size_t{4} << 20;

struct Chunk {
  std::vector<CheckedBlock> blocks;
  Status status;                      // what ended it early; the blocks before are good
  bool end = false;                   // nothing comes behind
  std::uint64_t file_bytes_done = 0;  // after its last block
};

class ChainImport final : public Workload {
 public:
  explicit ChainImport(ImportConfig config) : config_(std::move(config)) {}

  std::string describe() const override;
  std::string provenance() const override {
    return "Real: headers, bodies, transaction lookups and, out of era1 archives, receipts; every "
           "hash is compared. Accounts, storage and state nodes are not in such files";
  }
  std::string conclusion() const override;
  std::optional<std::uint64_t> total_blocks() const override { return std::nullopt; }
  std::optional<ImportProgress> import_progress() const override {
    const std::lock_guard lock(mutex_);
    return progress_;
  }
  Status prepare(KeyValueStore& store, const PrepareWatch& watch) override;
  Result<bool> run_block(ObjectStore& objects) override;

 private:
  Status start(ObjectStore& objects);
  Status check_beginning(ObjectStore& objects) const;
  Result<Chunk> read_chunk();
  Status next_chunk();
  Result<bool> end_of_input();
  WriteGroup group_of(CheckedBlock block);
  void count(std::uint64_t bytes);

  const ImportConfig config_;
  std::stop_token stop_;  // of the run that prepare() began
  std::unique_ptr<ImportSource> source_;
  bool started_ = false;
  std::optional<ImportRecord> record_;  // nothing: no block is stored yet
  Chunk chunk_;
  std::size_t next_ = 0;  // block of the chunk
  std::uint64_t file_bytes_before_chunk_ = 0;
  std::uint64_t chunk_number_ = 0;
  std::optional<std::uint64_t> resumed_behind_;
  Ahead<Chunk> ahead_;  // uses source_ while it works: then nothing else does

  mutable std::mutex mutex_;
  ImportProgress progress_;  // guarded by mutex_
};

std::string ChainImport::describe() const {
  const auto name = std::filesystem::path(config_.paths.front()).filename().string();
  std::string text = "Import of ";
  if (source_) {
    text += source_->describe();
  } else if (config_.paths.size() > 1) {
    text += fmt::format("{} files", config_.paths.size());
  } else {
    text += name.empty() ? config_.paths.front() : name;
  }
  if (resumed_behind_) {
    text += fmt::format(", going on behind block {}, which is stored", *resumed_behind_);
  }
  return text;
}

std::string ChainImport::conclusion() const {
  const auto progress = import_progress();
  if (!record_) return "no block was imported";
  const auto stored =
      fmt::format("blocks {} to {} are stored", record_->first_number, record_->last.number);
  if (progress->blocks == 0) {
    return fmt::format("nothing new in the files, which begin with block {}: {}",
                       source_->first_number(), stored);
  }
  return fmt::format("all blocks are imported: {}", stored);
}

Status ChainImport::prepare(KeyValueStore& store, const PrepareWatch& watch) {
  ahead_.drop();
  source_.reset();
  started_ = false;
  stop_ = watch.stop;
  ChainIdentity wanted;
  wanted.chain = "import";
  wanted.seed = 0;
  wanted.prepared = true;
  const auto stored = load_identity(store);
  if (!stored) return stored.status();
  if (stored->has_value()) {
    if (auto status = check_same_chain(**stored, wanted); !status) return status;
  }
  auto source = ImportSource::open(config_.paths);
  if (!source) return source.status();
  source_ = *std::move(source);
  const auto record = store.get(Family::own, kImportKey);
  if (!record) return record.status();
  if (record->has_value()) {
    const auto decoded = ImportRecord::decode(**record);
    if (!decoded) return decoded.status();
    resumed_behind_ = decoded->last.number;
  }
  return stored->has_value() ? Status::ok() : save_identity(store, wanted);
}

// Behind what is stored, what waits to be committed included.
Status ChainImport::start(ObjectStore& objects) {
  ahead_.drop();
  const auto stored = objects.own_value(kImportKey);
  if (!stored) return stored.status();
  record_.reset();
  if (stored->has_value()) {
    const auto record = ImportRecord::decode(**stored);
    if (!record) return record.status();
    record_ = *record;
    if (auto status = check_beginning(objects); !status) return status;
  }
  const auto after = record_ ? std::optional(record_->last) : std::nullopt;
  if (auto status = source_->start(after, config_.from, stop_); !status) return status;
  chunk_ = {};
  chunk_.file_bytes_done = source_->file_bytes_done();
  next_ = 0;
  started_ = true;
  return Status::ok();
}

// Files that begin inside what is stored must begin with the block that is stored there.
Status ChainImport::check_beginning(ObjectStore& objects) const {
  const auto first = source_->first_number();
  if (config_.from && *config_.from > record_->last.number + 1) {
    return {
        StatusCode::invalid_argument,
        fmt::format("this directory holds blocks {} to {}: it goes on with block {}, not with {}",
                    record_->first_number, record_->last.number, record_->last.number + 1,
                    *config_.from)};
  }
  if (first < record_->first_number || first > record_->last.number) return Status::ok();
  const auto key = canonical_hash_key(first);
  const auto stored = objects.get(ObjectKind::header, key);
  if (!stored) return stored.status();
  const auto hash = *stored ? bytes_from<Hash256>(**stored) : std::nullopt;
  if (hash && *hash == source_->first_hash()) return Status::ok();
  return {StatusCode::invalid_argument,
          fmt::format("this directory holds another chain than the files: block {} has the hash {} "
                      "there, {} here; choose an empty directory",
                      first, to_hex_0x(source_->first_hash()),
                      hash ? to_hex_0x(*hash) : std::string("of no block"))};
}

// On a thread of its own.
Result<Chunk> ChainImport::read_chunk() {
  Chunk chunk;
  std::size_t bytes = 0;
  while (chunk.blocks.size() < kChunkBlocks && bytes < kChunkBytes && !stop_.stop_requested()) {
    auto block = source_->next();
    if (!block) {
      chunk.status = block.status();
      break;
    }
    chunk.end = !block->has_value() || (config_.to && (*block)->file.number > *config_.to);
    if (chunk.end) break;
    bytes += (*block)->file.bytes();
    chunk.blocks.push_back(**std::move(block));
  }
  chunk.file_bytes_done = source_->file_bytes_done();
  return chunk;
}

Status ChainImport::next_chunk() {
  auto ahead = ahead_.take(chunk_number_);
  auto read = ahead ? *std::move(ahead) : read_chunk();
  if (!read) return read.status();
  file_bytes_before_chunk_ = chunk_.file_bytes_done;
  chunk_ = *std::move(read);
  next_ = 0;
  ++chunk_number_;
  if (chunk_.status && !chunk_.end) {
    ahead_.begin(chunk_number_, [this] { return read_chunk(); });
  }
  return Status::ok();
}

Result<bool> ChainImport::run_block(ObjectStore& objects) {
  if (!started_) {
    if (auto status = start(objects); !status) return status;
  }
  while (next_ == chunk_.blocks.size()) {
    if (!chunk_.status) return chunk_.status;
    if (chunk_.end) return end_of_input();
    if (stop_.stop_requested()) return Status(StatusCode::cancelled, "stopped on request");
    if (auto status = next_chunk(); !status) return status;
  }
  auto& block = chunk_.blocks[next_];
  const auto bytes = block.file.bytes();
  const auto submitted = objects.submit(group_of(std::move(block)));
  if (!submitted) {
    started_ = false;  // its record counts a block that was not taken: to be read again
    return submitted.status();
  }
  ++next_;
  count(bytes);
  return true;
}

Result<bool> ChainImport::end_of_input() {
  const std::lock_guard lock(mutex_);
  if (!record_) {
    return Status(StatusCode::invalid_argument,
                  fmt::format("{}: no block of the wanted range is in it", source_->describe()));
  }
  progress_.done_ratio = 1;
  return false;
}

WriteGroup ChainImport::group_of(CheckedBlock block) {
  const auto number = block.file.number;
  if (!record_) {
    record_.emplace();
    record_->first_number = number;
  }
  ++record_->blocks;
  record_->transactions += block.transactions.size();
  record_->last = {number, block.hash, block.file.total_difficulty, block.file.offset};

  WriteGroup group;
  auto& operations = group.operations;
  operations.reserve(8 + block.transactions.size());
  const auto put = [&](Family family, std::string key, std::string value) {
    operations.push_back(WriteOperation::put(family, std::move(key), std::move(value)));
  };
  const auto key = block_key(number, block.hash);
  put(Family::headers, key, std::move(block.file.header));
  put(Family::headers, canonical_hash_key(number), std::string(as_view(block.hash)));
  if (block.file.total_difficulty) {
    put(Family::headers, total_difficulty_key(number, block.hash),
        RlpWriter().add_string(without_leading_zeroes(*block.file.total_difficulty)).take());
  }
  put(Family::blocks, key, std::move(block.file.body));
  if (block.file.receipts) put(Family::receipts, key, *std::move(block.file.receipts));
  for (const auto& hash : block.transactions) {
    put(Family::transactions, transaction_key(hash), lookup_value(number));
  }
  put(Family::own, std::string(kImportKey), record_->encode());
  operations.push_back(WriteOperation::merge_add(Family::own, std::string(kBlocksCounter), 1));
  return group;
}

// Within a chunk the files' bytes are shared out evenly among its blocks.
void ChainImport::count(std::uint64_t bytes) {
  const auto number = record_->last.number;
  const std::lock_guard lock(mutex_);
  ++progress_.blocks;
  progress_.bytes += bytes;
  if (!progress_.first) progress_.first = number;
  progress_.last = number;
  if (config_.to) {
    const auto all = static_cast<double>(*config_.to - record_->first_number + 1);
    progress_.done_ratio = static_cast<double>(record_->blocks) / all;
  } else if (source_->file_bytes() > 0) {
    const auto read = static_cast<double>(chunk_.file_bytes_done - file_bytes_before_chunk_);
    const double share = static_cast<double>(next_) / static_cast<double>(chunk_.blocks.size());
    progress_.done_ratio = (static_cast<double>(file_bytes_before_chunk_) + share * read) /
                           static_cast<double>(source_->file_bytes());
  }
}

}  // namespace

Result<std::unique_ptr<Workload>> make_chain_import(const ImportConfig& config) {
  if (config.paths.empty()) {
    return Status(StatusCode::invalid_argument, "an import needs a file of blocks");
  }
  if (config.from && config.to && *config.from > *config.to) {
    return Status(StatusCode::invalid_argument,
                  fmt::format("there is no block from {} to {}", *config.from, *config.to));
  }
  return std::unique_ptr<Workload>(std::make_unique<ChainImport>(config));
}

Status check_import(const ImportConfig& config) {
  if (const auto made = make_chain_import(config); !made) return made.status();
  return ImportSource::open(config.paths).status();
}

}  // namespace nodetune
