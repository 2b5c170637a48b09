// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/workload/block_audit.h"

#include <fmt/format.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/format.h"
#include "engine/chain/keys.h"
#include "engine/store/database.h"
#include "engine/workload/block_damage.h"
#include "engine/workload/block_record.h"
#include "engine/workload/chain_state.h"
#include "engine/workload/import_audit.h"
#include "engine/workload/synthetic_bytes.h"

namespace nodetune {
namespace {

// What the newest record that names a key says of it.
struct Expectation {
  std::uint64_t number = 0;
  std::uint32_t value_hash = kDeleted;
  bool seen = false;
};

class Audit {
 public:
  Audit(Database& database, const ChainIdentity& identity, const ChainProgress& progress)
      : database_(database), identity_(identity), progress_(progress) {}

  Result<BlockAudit> run();

 private:
  Status read_records();
  Status expect(const BlockRecord& record);
  Status check_family(Family family);
  Status check_entry(Family family, std::string_view key, std::string_view value);
  Status check_unwritten(Family family, std::string_view key, std::string_view value) const;
  Status check_counter(std::string_view counter, std::uint64_t expected);
  Status check_all_seen() const;
  bool knows_every_block() const {
    return progress_.blocks == 0 || progress_.oldest_record == progress_.first_number();
  }

  Database& database_;
  const ChainIdentity identity_;
  const ChainProgress progress_;
  std::unordered_map<std::uint64_t, Expectation> expected_;  // by hash of family and key
  std::uint64_t verified_keys_ = 0;
};

Result<BlockAudit> Audit::run() {
  if (auto status = read_records(); !status) return status;
  for (const auto family : kFamilies) {
    if (family == Family::own) continue;
    if (auto status = check_family(family); !status) return status;
  }
  if (auto status = check_all_seen(); !status) return status;
  auto status = check_counter(kBlocksCounter, progress_.blocks);
  if (status) status = check_counter(kTransactionsCounter, progress_.transactions);
  if (status) status = check_counter(kAccountsWrittenCounter, progress_.accounts_written);
  if (!status) return status;
  BlockAudit audit;
  audit.blocks = progress_.blocks;
  audit.first_number = progress_.oldest_record;
  audit.last_number = progress_.last_number;
  audit.verified_keys = verified_keys_;
  return audit;
}

// Oldest first, without a gap, up to the number that the chain is said to have reached.
Status Audit::read_records() {
  std::uint64_t next = progress_.oldest_record;
  Hash256 newest_hash{};
  Status status;
  auto scanned = database_.scan(
      Family::own, kRecordPrefix, kRecordPrefixEnd,
      [&](std::string_view key, std::string_view value) {
        if (progress_.blocks == 0 || next > progress_.last_number) {
          status = damaged(next, "it has a record, but the chain is said to end before it");
          return false;
        }
        if (key != record_key(next)) {
          status = damaged(next, "its record is missing, but later blocks have theirs");
          return false;
        }
        auto record = BlockRecord::decode(value);
        if (!record) {
          status = damaged(next, record.status().message());
        } else if (record->number != next) {
          status = damaged(next, fmt::format("its record is that of block {}", record->number));
        } else {
          status = expect(*record);
          newest_hash = record->block_hash;
        }
        ++next;
        return status.is_ok();
      });
  if (!scanned) return scanned;
  if (!status) return status;
  if (progress_.blocks == 0) return Status::ok();
  if (next != progress_.last_number + 1) return damaged(next, "its record is missing");
  if (newest_hash != progress_.last_hash) {
    return damaged(progress_.last_number, "it is not the block where the chain is said to stand");
  }
  return Status::ok();
}

Status Audit::expect(const BlockRecord& record) {
  const auto is = [&](const WrittenKey& written) {
    expected_[written.key_hash] = {record.number, written.value_hash, false};
  };
  const auto key = block_key(record.number, record.block_hash);
  if (record.header.key_hash != hash_key(Family::headers, key) ||
      record.body.key_hash != hash_key(Family::blocks, key) ||
      record.receipts.key_hash != hash_key(Family::receipts, key)) {
    return damaged(record.number, "its record does not name its own header, body and receipts");
  }
  if (record.number >= progress_.oldest_header) is(record.header);
  if (record.number >= progress_.oldest_body) {
    is(record.body);
    is(record.receipts);
  }
  for (const auto& written : record.state) is(written);
  return Status::ok();
}

Status Audit::check_family(Family family) {
  Status status;
  auto scanned = database_.scan(family, "", kBehindEverything,
                                [&](std::string_view key, std::string_view value) {
                                  status = check_entry(family, key, value);
                                  return status.is_ok();
                                });
  return scanned ? status : scanned;
}

Status Audit::check_entry(Family family, std::string_view key, std::string_view value) {
  const auto found = expected_.find(hash_key(family, key));
  if (found == expected_.end()) return check_unwritten(family, key, value);
  auto& expectation = found->second;
  if (expectation.value_hash == kDeleted) {
    return damaged(expectation.number, fmt::format("it deleted {} from {}, which is there",
                                                   to_hex(key), to_string(family)));
  }
  if (expectation.value_hash != hash_value(value)) {
    return damaged(expectation.number,
                   fmt::format("{} in {} is not what it wrote", to_hex(key), to_string(family)));
  }
  expectation.seen = true;
  ++verified_keys_;
  return Status::ok();
}

// No record names the key: then it is older than all records, or prepared.
Status Audit::check_unwritten(Family family, std::string_view key, std::string_view value) const {
  const bool numbered =
      family == Family::blocks || family == Family::headers || family == Family::receipts;
  if (numbered) {
    const auto oldest = family == Family::headers ? progress_.oldest_header : progress_.oldest_body;
    const auto begin = block_range(oldest, oldest).begin;
    const auto recorded = block_range(progress_.oldest_record, progress_.last_number + 1);
    if (key < begin || (key >= recorded.begin && key < recorded.end) || key >= recorded.end) {
      return damaged(progress_.last_number, fmt::format("{} has {}, which no block wrote",
                                                        to_string(family), to_hex(key)));
    }
    return Status::ok();
  }
  if (!knows_every_block()) return Status::ok();
  const auto prepared =
      state_value(static_cast<ObjectKind>(family), identity_.seed, key, kBeforeFirstBlock);
  if (value != prepared) {
    return damaged(progress_.last_number,
                   fmt::format("{} in {} is neither what was prepared nor what a block wrote",
                               to_hex(key), to_string(family)));
  }
  return Status::ok();
}

Status Audit::check_all_seen() const {
  std::uint64_t missing = 0;
  std::uint64_t first = progress_.last_number;
  for (const auto& [hash, expectation] : expected_) {
    if (expectation.value_hash == kDeleted || expectation.seen) continue;
    ++missing;
    first = std::min(first, expectation.number);
  }
  if (missing == 0) return Status::ok();
  return damaged(first, fmt::format("{} keys that it or later blocks wrote are missing", missing));
}

Status Audit::check_counter(std::string_view counter, std::uint64_t expected) {
  const auto value = database_.get(Family::own, counter);
  if (!value) return value.status();
  const auto counted = value->has_value() ? decode_counter(**value) : 0;
  if (counted == expected) return Status::ok();
  return damaged(progress_.last_number,
                 fmt::format("{} says {}, the blocks say {}", counter, counted, expected));
}

}  // namespace

Result<BlockAudit> verify_blocks(Database& database) {
  const auto identity = load_identity(database);
  if (!identity) return identity.status();
  if (identity->has_value() && (*identity)->chain == "import") return verify_import(database);
  const auto stored = database.get(Family::own, kProgressKey);
  if (!stored) return stored.status();
  // Before the first block there is no progress: then no block may have left a trace.
  auto progress = stored->has_value() ? ChainProgress::decode(**stored) : ChainProgress{};
  if (!progress) return progress.status();
  if (!identity->has_value() || !(*identity)->prepared) {
    if (progress->blocks == 0) return BlockAudit{};
    return Status(StatusCode::corrupt, "there are blocks, but which chain they are of is missing");
  }
  return Audit(database, **identity, *progress).run();
}

}  // namespace nodetune
