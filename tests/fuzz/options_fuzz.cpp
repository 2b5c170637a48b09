// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Any bytes as an OPTIONS file: no more comes out than went in, each family once; compared with
// defaults, and not different from itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>

#include "engine/files/options_file.h"
#include "engine/observe/option_difference.h"
#include "engine/observe/rocksdb_defaults.h"

using namespace nodetune;

namespace {

std::size_t bytes_of(const OptionMap& options) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : options) bytes += key.size() + value.size();
  return bytes;
}

void compare(const OptionMap& options, std::string_view version, std::string_view section) {
  for (const auto& [name, value] : options) {
    const auto usual = rocksdb_default_among(options, version, section, name);
    if (usual && !same_option_value(name, *usual, *usual)) std::abort();
    if (usual) (void)same_option_value(name, value, *usual);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto file = parse_options(text, "OPTIONS-000001");
  if (!file) return 0;
  std::size_t bytes = bytes_of(file->version) + bytes_of(file->db_options);
  std::set<std::string_view> names;
  for (const auto& family : file->column_families) {
    if (!names.insert(family.name).second) std::abort();
    if (file->find_column_family(family.name) != &family) std::abort();
    bytes += family.name.size() + bytes_of(family.options) + bytes_of(family.table_options);
  }
  if (bytes > size) std::abort();
  for (const std::string_view version :
       {std::string_view(file->rocksdb_version), std::string_view("8.3.2")}) {
    compare(file->db_options, version, "DBOptions");
    for (const auto& family : file->column_families) {
      compare(family.options, version, "CFOptions");
      compare(family.table_options, version, "TableOptions/BlockBasedTable");
    }
  }
  if (!option_differences(*file, *file, 10).empty()) std::abort();
  if (observed_knobs(*file).size() != file->column_families.size()) std::abort();
  return 0;
}
