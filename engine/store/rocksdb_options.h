// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/options.h>
#include <rocksdb/statistics.h>

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "engine/store/bloom_policy.h"
#include "engine/store/database_listener.h"
#include "engine/store/info_log.h"
#include "engine/store/knobs.h"

namespace nodetune {

// What a database and its options share for as long as it is open.
struct SharedParts {
  std::shared_ptr<rocksdb::Statistics> statistics;
  std::shared_ptr<rocksdb::Cache> block_cache;
  std::shared_ptr<BloomPolicy> bloom;
  std::shared_ptr<DatabaseListener> listener;
  std::shared_ptr<InfoLog> info_log;
};

// The knobs as RocksDB's options, and everything that has no knob. `knobs` have passed check_safe.
rocksdb::DBOptions database_options(const KnobValues& knobs, const SharedParts& parts);
rocksdb::ColumnFamilyOptions family_options(const KnobValues& knobs, const SharedParts& parts);
std::shared_ptr<rocksdb::Cache> make_block_cache(const KnobValues& knobs);

rocksdb::CompressionType to_rocksdb(Compression compression);
std::optional<Compression> from_rocksdb(rocksdb::CompressionType type);
// invalid_argument when the library was built without it.
Status check_compression(Compression compression);

// How a knob is set while the database is open: options that move together in one call. An empty
// map: that call is not needed. The block cache and the Bloom filter are set otherwise.
struct OnlineChange {
  std::unordered_map<std::string, std::string> family;    // SetOptions
  std::unordered_map<std::string, std::string> database;  // SetDBOptions
};
OnlineChange online_change(Knob knob, std::int64_t value);

}  // namespace nodetune
