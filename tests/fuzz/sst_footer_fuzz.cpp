// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Any bytes as an SST file's end: the same whether they are given or read, and whatever is before.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "engine/files/sst_footer.h"
#include "tests/fuzz/scratch_directory.h"

using namespace nodetune;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const testing::ScratchDirectory scratch;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto tail = bytes.substr(size - std::min(size, kSstFooterBytesMax));
  const auto file_bytes = static_cast<std::int64_t>(size);
  const auto footer = parse_sst_footer(tail, file_bytes, "given");
  if (footer && footer->format_version > kSstFormatVersionMax) std::abort();

  scratch.write("000001.sst", bytes);
  const auto read = read_sst_footer(scratch.file("000001.sst"));
  if (read.status().code() != footer.status().code()) std::abort();
  if (read && (read->format_version != footer->format_version || read->file_bytes != file_bytes)) {
    std::abort();
  }
  // The blocks that fit before this footer fit before it in a larger file as well.
  const auto later = parse_sst_footer(tail, file_bytes + (std::int64_t{1} << 40), "given");
  if (footer && !later) std::abort();
  return 0;
}
