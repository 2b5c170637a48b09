// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Any bytes as an OPTIONS file: no more comes out than went in, each family once.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>

#include "engine/files/options_file.h"

using namespace nodetune;

namespace {

std::size_t bytes_of(const OptionMap& options) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : options) bytes += key.size() + value.size();
  return bytes;
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
  if (observed_knobs(*file).size() != file->column_families.size()) std::abort();
  return 0;
}
