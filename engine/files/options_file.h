// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"

namespace nodetune {

using OptionMap = std::map<std::string, std::string, std::less<>>;  // as written, not unescaped

// One column family's options, in the file's order of families.
struct ColumnFamilyOptionValues {
  std::string name;           // raw bytes: Besu's are 0x01 to 0x12
  OptionMap options;          // [CFOptions "name"]
  std::string table_factory;  // "BlockBasedTable", empty where there is no such section
  OptionMap table_options;    // [TableOptions/BlockBasedTable "name"]
};

// What an OPTIONS-nnnnnn file says: the options in force since it was written.
struct OptionsFile {
  std::string path;
  std::string rocksdb_version;  // "8.3.2"; empty where the file has none
  OptionMap version;            // [Version]
  OptionMap db_options;         // [DBOptions]
  std::vector<ColumnFamilyOptionValues> column_families;
  OptionMap other;  // sections unknown to us, as "section/key"

  // Nothing where it is not there; `find_option` looks into one map.
  const ColumnFamilyOptionValues* find_column_family(std::string_view name) const;
};

std::optional<std::string> find_option(const OptionMap& options, std::string_view key);
std::optional<std::int64_t> find_option_integer(const OptionMap& options, std::string_view key);

// The eight knobs as a foreign database has them, for one column family. Missing is missing.
struct ObservedKnobs {
  std::string column_family;  // raw bytes
  std::optional<std::int64_t> write_buffer_size_bytes;
  std::optional<std::int64_t> max_write_buffer_number;
  std::optional<std::int64_t> target_file_size_base_bytes;
  std::optional<std::int64_t> level0_file_num_compaction_trigger;
  std::optional<std::int64_t> max_background_jobs;  // of the whole database
  // RocksDB's own names ("kLZ4Compression"). bottommost_compression wins on the last level unless
  // it is kDisableCompressionOption, then compression_per_level ("kA:kB:…") where not empty.
  std::optional<std::string> compression;
  std::optional<std::string> compression_per_level;
  std::optional<std::string> bottommost_compression;
  std::optional<std::int64_t> block_cache_bytes;  // RocksDB hardly ever writes it down
  std::optional<std::string> filter_policy;       // as written
  std::optional<double> bloom_bits_per_key;       // 0: no filter; nothing: the file does not say
};

// One entry a column family, in the file's order.
std::vector<ObservedKnobs> observed_knobs(const OptionsFile& options);

// "bloomfilter:10:false", "rocksdb.BloomFilter:10", "{id=ribbonfilter:9.9:0;…}": the bits per key;
// "nullptr" is 0; nothing where the text names none.
std::optional<double> bloom_bits_of(std::string_view filter_policy);

// Undoes RocksDB's escapes: \n \r \\ \# \: .
std::string unescape_option(std::string_view text);

// Parses an OPTIONS file's text. Lines that make no sense are passed over; text without any section
// is an error (not_a_database), and so is one that names a pebble_version (other_engine).
Result<OptionsFile> parse_options(std::string_view text, const std::string& path);

Result<OptionsFile> read_options_file(const std::string& path);

// The OPTIONS file with the highest number in `directory`; not_found where there is none. A live
// node may replace it meanwhile: then the next one is taken.
Result<OptionsFile> read_newest_options(const std::string& directory);

}  // namespace nodetune
