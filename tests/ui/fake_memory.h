// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/format.h"
#include "engine/node/memory_part.h"
#include "engine/node/memory_picture.h"

namespace nodetune {

// A Besu with 8 GiB whose block caches, memtables and tables fit beside its heap.
inline std::vector<MemoryPart> fake_memory_parts() {
  using Kind = MemoryPart::Kind;
  std::vector<MemoryPart> parts;
  const auto add = [&](Kind kind, std::string_view name, double bytes, double bytes_max,
                       std::string note, std::string origin, Source source) {
    MemoryPart part;
    part.kind = kind;
    part.name = name;
    part.bytes = bytes;
    part.bytes_max = bytes_max;
    part.note = std::move(note);
    part.origin = std::move(origin);
    part.source = source;
    parts.push_back(std::move(part));
  };
  const auto mib = [](double count) { return count * static_cast<double>(kMiB); };
  add(Kind::block_cache, "RocksDB block cache", mib(712), mib(1024),
      "128 MiB in each of 8 caches, one for each family", "LOG", Source::logged);
  add(Kind::block_cache, "Data blocks in the cache", mib(601), kMissing, "", "LOG", Source::logged);
  add(Kind::memtables, "Memtables", kMissing, mib(1024), "all memtables of 8 families full",
      "OPTIONS-000060", Source::derived);
  add(Kind::index_blocks, "Index blocks beside the cache", mib(310), mib(310),
      "402 MiB of index and filter blocks lie beside the block cache, as "
      "cache_index_and_filter_blocks is false; max_open_files is -1: those of all 1,551 files stay "
      "in "
      "memory",
      "derived: table properties", Source::derived);
  add(Kind::filter_blocks, "Filter blocks beside the cache", mib(92), mib(92),
      "held as the index blocks are", "derived: table properties", Source::derived);
  add(Kind::process, "Node's process", mib(4910), kMissing,
      "java (pid 4711): resident; the page cache is not its own", "/proc/4711/status",
      Source::measured);
  add(Kind::process, memory_part::kAnonymous, mib(4820), kMissing,
      "heap, caches, memtables: it goes only when the program frees it", "/proc/4711/status",
      Source::measured);
  add(Kind::process, memory_part::kFileBacked, mib(90), kMissing,
      "the program itself and mapped files: the kernel can take it back", "/proc/4711/status",
      Source::measured);
  add(Kind::process, memory_part::kRest, mib(3706), kMissing,
      "anonymous memory without what is known of RocksDB: the heap of the program (java), "
      "memtables "
      "among it",
      "derived", Source::derived);
  add(Kind::limit, "Memory limit", mib(5100), mib(8192),
      "of control group /system.slice/besu.service", "memory.max", Source::measured);
  return parts;
}

}  // namespace nodetune
