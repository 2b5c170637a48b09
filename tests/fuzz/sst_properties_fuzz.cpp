// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Any bytes as an SST file, and as a properties block: few and bounded reads, bounded texts, and
// the same whether they are given or read from a file.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "engine/files/sst_properties.h"
#include "tests/fuzz/scratch_directory.h"

using namespace nodetune;

namespace {

constexpr int kReadsMax = 3;

void check(const SstProperties& properties) {
  for (const auto* text :
       {&properties.filter_policy, &properties.column_family_name, &properties.comparator}) {
    if (text->size() > kSstNameBytesMax) std::abort();
  }
  // Each two digits become a name.
  if (properties.compression.size() > kSstNameBytesMax * 16) std::abort();
  for (const auto& number : {properties.entries, properties.index_bytes, properties.filter_bytes}) {
    if (number.value_or(0) < 0) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const testing::ScratchDirectory scratch;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  int reads = 0;
  const SstRead read = [&](std::int64_t offset, std::size_t wanted) -> Result<std::string> {
    if (++reads > kReadsMax || offset < 0) std::abort();
    if (wanted > kSstMetaBlockBytesMax + kSstBlockTrailerBytes) std::abort();
    if (static_cast<std::size_t>(offset) > size) return std::string();
    return std::string(bytes.substr(static_cast<std::size_t>(offset), wanted));
  };
  const auto given = read_sst_tail(read, static_cast<std::int64_t>(size), "given");
  if (given && given->properties.has_value() != given->properties_status.is_ok()) std::abort();
  if (given && given->properties) check(*given->properties);

  scratch.write("000001.sst", bytes);
  const auto from_file = read_sst_tail(scratch.file("000001.sst"));
  if (given.status().code() != from_file.status().code()) std::abort();
  if (given && given->properties_status.code() != from_file->properties_status.code()) std::abort();

  if (const auto properties = parse_sst_properties(bytes)) check(*properties);
  return 0;
}
