// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/missing.h"
#include "engine/files/manifest.h"
#include "engine/files/sst_properties.h"

namespace nodetune {

// Texts that many files share, each kept once, so that a million files fit in memory. Beyond the
// limit all are "other". Thread: its owner's. Lifetime: the ids are this table's.
class TableNames {
 public:
  std::uint8_t id_of(std::string_view name);
  const std::string& name_of(std::uint8_t id) const { return names_[id]; }

 private:
  std::vector<std::string> names_;
};

// What one SST file says of itself, as short as can be.
struct TableRow {
  double entries = kMissing;    // tombstones among them
  double deletions = kMissing;  // of them
  double index_bytes = kMissing;
  double filter_bytes = kMissing;
  std::uint8_t format_version = 0;
  std::uint8_t compression = 0;    // of TableNames; empty: not written
  std::uint8_t filter_policy = 0;  // likewise; empty: no filter
};

TableRow table_row(const SstTail& tail, TableNames& names);

// What live SST files say of themselves, added up. What was read of some is scaled to all by their
// bytes: exact where all were read, missing where none was.
struct TableSum {
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  std::int64_t read_files = 0;  // of them, those whose properties were read
  std::int64_t read_bytes = 0;
  double entries = kMissing;
  double deletions = kMissing;
  double index_bytes = kMissing;
  double filter_bytes = kMissing;
  // As found in those that were read.
  std::map<std::string, std::int64_t> compression_bytes;    // "LZ4" -> bytes of its files
  std::map<std::string, std::int64_t> filter_policy_bytes;  // "" : without a filter
  std::map<int, std::int64_t> format_version_files;

  bool is_exact() const { return read_files == files; }
  // Keys that a reader finds, as RocksDB estimates them: a tombstone is an entry, and hides one.
  double estimated_keys() const;
  double deletion_share() const;  // of the entries; missing where there are none
};

struct FamilyTables {
  std::uint32_t id = 0;  // of the MANIFEST
  TableSum all;
  std::map<int, TableSum> levels;  // those that hold files
  // Whether any two files share a part of the key space; nothing where the order of keys is not
  // known.
  std::optional<bool> overlaps;
};

struct TableFigures {
  std::vector<FamilyTables> families;  // in the MANIFEST's order
  TableSum total;

  const FamilyTables* find(std::uint32_t family) const;
};

// Null: that file was not read.
using TableLookup = std::function<const TableRow*(std::uint64_t number)>;
TableFigures sum_up_tables(const Manifest& manifest, const TableLookup& row_of,
                           const TableNames& names);

// At most `most` of the files that are not known yet: the newest of each level of which nothing is
// known, then a sample spread over all, another one in each `round`.
std::vector<const ManifestFile*> tables_to_read(const Manifest& manifest,
                                                const std::function<bool(std::uint64_t)>& is_known,
                                                std::size_t most, std::size_t round);

}  // namespace nodetune
