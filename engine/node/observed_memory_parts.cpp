// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// What is known of a foreign node's memory, in parts and in words.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "engine/base/format.h"
#include "engine/node/memory_picture.h"
#include "engine/node/observed_memory.h"

namespace nodetune {
namespace {

using Kind = MemoryPart::Kind;

std::string families_text(std::size_t families) {
  return fmt::format("{} famil{}", families, families == 1 ? "y" : "ies");
}

MemoryPart part(Kind kind, std::string_view name, double bytes, Source source) {
  MemoryPart made;
  made.kind = kind;
  made.name = name;
  made.bytes = bytes;
  made.source = source;
  return made;
}

// What may be at most is in options, what is now the node itself may serve.
std::string part_origin(std::string at_most, const MemoryPart& part) {
  if (part.source != Source::scraped || std::isnan(part.bytes)) return at_most;
  return at_most + (at_most.empty() ? "" : "; now: ") + "the node's own metrics";
}

class Parts {
 public:
  Parts(const DatabaseMemory& memory, const Snapshot& snapshot,
        const std::optional<LockHolder>& holder)
      : memory_(memory), snapshot_(snapshot), holder_(holder), caches_(sum_of(memory.caches)) {}

  std::vector<MemoryPart> take(const std::optional<MemoryLimit>& limit) && {
    add_block_cache();
    add_memtables();
    add_table_blocks(Kind::index_blocks, "Index blocks beside the cache", memory_.index);
    add_table_blocks(Kind::filter_blocks, "Filter blocks beside the cache", memory_.filter);
    if (holder_) add_process();
    if (limit) add_limit(*limit);
    return std::move(parts_);
  }

 private:
  double value(Metric metric) const { return snapshot_.value(metric); }

  void add_block_cache() {
    auto cache =
        part(Kind::block_cache, "RocksDB block cache", value(Metric::db_block_cache_usage_bytes),
             snapshot_.source(Metric::db_block_cache_usage_bytes));
    const bool any = !memory_.caches.empty() || memory_.families_alone > 0;
    if (any && (caches_.capacity_bytes || memory_.caches.empty())) {
      cache.bytes_max = caches_.capacity_bytes.value_or(0) + memory_.alone_bytes;
    }
    cache.note = block_caches_text(memory_);
    if (!any) cache.note = "its size is not known: the LOG lists no cache";
    cache.origin = part_origin(any ? "LOG" : "", cache);
    const bool logged = cache.source == Source::logged && !std::isnan(cache.bytes);
    if (logged) cache.as_of = caches_.oldest;
    const auto as_of = cache.as_of;
    parts_.push_back(std::move(cache));
    add_content("Data blocks in the cache", Metric::db_block_cache_data_bytes, kMissing, as_of);
    add_content("Index blocks in the cache", Metric::db_block_cache_index_bytes,
                memory_.index.cached_bytes, as_of);
    add_content("Filter blocks in the cache", Metric::db_block_cache_filter_bytes,
                memory_.filter.cached_bytes, as_of);
    if (logged && memory_.content_is_fresh && caches_.content &&
        caches_.content->memtable_bytes > 0) {
      auto charged = part(Kind::block_cache, "Memtables, charged to the cache",
                          caches_.content->memtable_bytes, Source::logged);
      charged.note = "the cache makes room for them";
      charged.origin = "LOG";
      charged.as_of = as_of;
      parts_.push_back(std::move(charged));
    }
  }

  // `stored_bytes`: what all files hold of it, where that goes into the cache.
  void add_content(std::string_view name, Metric metric, double stored_bytes,
                   const std::optional<TimePoint>& as_of) {
    if (std::isnan(value(metric)) && !(stored_bytes > 0)) return;
    auto content = part(Kind::block_cache, name, value(metric), Source::logged);
    if (stored_bytes > 0) {
      content.note = fmt::format(
          "of {} in all files: they compete with data for the cache, and take nothing beside it",
          format_bytes(stored_bytes));
    }
    content.origin = std::isnan(content.bytes) ? "derived: table properties" : "LOG";
    content.as_of = as_of;
    parts_.push_back(std::move(content));
  }

  void add_memtables() {
    auto memtables = part(Kind::memtables, "Memtables", value(Metric::db_memtable_bytes),
                          snapshot_.source(Metric::db_memtable_bytes));
    memtables.bytes_max = memory_.memtables_max_bytes;
    if (std::isnan(memory_.memtables_max_bytes)) {
      memtables.note = "what they may hold is not known: no options were read";
    } else {
      memtables.note = std::isnan(memory_.memtables_limit_bytes)
                           ? "all memtables of " + families_text(memory_.families) + " full"
                           : "as far as db_write_buffer_size lets them";
      memtables.origin = memory_.options_origin;
    }
    if (std::isnan(memtables.bytes) && memory_.runs && memory_.wal_bytes > 0) {
      memtables.note += fmt::format("; now no more than about {}, as large as the write-ahead log",
                                    format_bytes(memory_.wal_bytes));
    }
    memtables.origin = part_origin(memtables.origin, memtables);
    if (std::isnan(memtables.bytes)) memtables.source = Source::derived;
    parts_.push_back(std::move(memtables));
  }

  // Open files hold them all the time; how many are open is known where there is no limit.
  void add_table_blocks(Kind kind, std::string_view name, const TableBlocks& blocks) {
    if (memory_.tables_known && std::isnan(blocks.beside_bytes) && blocks.cached_bytes > 0) return;
    auto held = part(kind, name, kMissing, Source::derived);
    held.bytes_max = blocks.beside_max_bytes;
    const bool all_open = blocks.beside_max_bytes >= blocks.beside_bytes;
    if (memory_.runs && all_open) held.bytes = blocks.beside_bytes;
    const bool first = std::none_of(parts_.begin(), parts_.end(), [](const MemoryPart& each) {
      return each.kind == Kind::index_blocks;
    });
    held.note = first ? tables_text() : "held as the index blocks are";
    if (!std::isnan(blocks.beside_bytes)) held.origin = "derived: table properties";
    parts_.push_back(std::move(held));
  }

  // "1.9 GiB of index and filter blocks lie beside the block cache, as …"
  std::string tables_text() const {
    const double bytes = [&] {
      const double index = memory_.index.beside_bytes;
      const double filter = memory_.filter.beside_bytes;
      return std::isnan(index) ? filter : std::isnan(filter) ? index : index + filter;
    }();
    if (!memory_.tables_known) {
      return "Whether index and filter blocks lie in the block cache or beside it is not known: no "
             "options were read";
    }
    if (std::isnan(bytes)) {
      return "Index and filter blocks lie beside the block cache, as "
             "cache_index_and_filter_blocks is false; how much they take is not known: no table's "
             "properties were read";
    }
    return fmt::format(
        "{} of index and filter blocks lie beside the block cache, as "
        "cache_index_and_filter_blocks is false{}. On disk most are compressed: in memory they "
        "take "
        "more",
        format_bytes(bytes), open_files_text());
  }

  std::string open_files_text() const {
    if (!memory_.open_files_max || memory_.files <= 0) return {};
    const auto count = [](std::int64_t number) {
      return format_whole(static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0)));
    };
    const auto files = count(memory_.files);
    if (*memory_.open_files_max < 0) {
      return fmt::format("; max_open_files is -1: those of all {} files stay in memory", files);
    }
    return memory_.open_files_max >= memory_.files
               ? fmt::format("; max_open_files is {}: those of all {} files may be in memory",
                             count(*memory_.open_files_max), files)
               : fmt::format(
                     "; max_open_files is {}: those of so many of the {} files may be in memory",
                     count(*memory_.open_files_max), files);
  }

  void add_process() {
    auto process = part(Kind::process, "Node's process", value(Metric::process_resident_bytes),
                        Source::measured);
    const auto origin =
        holder_->pid > 0 ? fmt::format("/proc/{}/status", holder_->pid) : std::string();
    process.note = holder_->pid > 0
                       ? holder_->describe() + ": resident; the page cache is not its own"
                       : "held by a process that cannot be seen from here";
    process.origin = origin;
    parts_.push_back(std::move(process));
    const auto add = [&](std::string_view name, Metric metric, const char* note) {
      if (std::isnan(value(metric))) return;
      auto one = part(Kind::process, name, value(metric), Source::measured);
      one.note = note;
      one.origin = origin;
      parts_.push_back(std::move(one));
    };
    add(memory_part::kAnonymous, Metric::process_anonymous_bytes,
        "heap, caches, memtables: it goes only when the program frees it");
    add(memory_part::kFileBacked, Metric::process_file_backed_bytes,
        "the program itself and mapped files: the kernel can take it back");
    add(memory_part::kSwapped, Metric::process_swap_bytes,
        value(Metric::process_swap_bytes) > 0 ? "comes back only by reading the disk" : "");
    add_rest();
  }

  // What is not RocksDB's, as far as RocksDB's is known.
  void add_rest() {
    const double anonymous = value(Metric::process_anonymous_bytes);
    const double cache = value(Metric::db_block_cache_usage_bytes);
    if (std::isnan(anonymous) || std::isnan(cache)) return;
    double known = cache;
    const double memtables = value(Metric::db_memtable_bytes);
    if (!std::isnan(memtables)) known += memtables;
    for (const auto& each : parts_) {
      const bool beside = each.kind == Kind::index_blocks || each.kind == Kind::filter_blocks;
      if (beside && !std::isnan(each.bytes)) known += each.bytes;
    }
    auto rest =
        part(Kind::process, memory_part::kRest, std::max(0.0, anonymous - known), Source::derived);
    rest.note = fmt::format(
        "anonymous memory without what is known of RocksDB: the heap of the program{}{}",
        holder_->name.empty() ? "" : " (" + holder_->name + ")",
        std::isnan(memtables) ? ", memtables among it" : "");
    rest.origin = "derived";
    if (snapshot_.source(Metric::db_block_cache_usage_bytes) == Source::logged) {
      rest.as_of = caches_.oldest;
    }
    parts_.push_back(std::move(rest));
  }

  void add_limit(const MemoryLimit& limit) {
    auto held = part(Kind::limit, limit.group.empty() ? "The machine's memory" : "Memory limit",
                     value(Metric::system_memory_used_bytes), Source::measured);
    held.bytes_max = value(Metric::system_memory_limit_bytes);
    if (limit.group.empty()) {
      held.note = "no control group limits the node's process";
      held.origin = "/proc/meminfo";
    } else {
      held.note = "of control group " + escape_name(limit.group) +
                  ", in use without what the kernel can take back at once";
      held.origin = "memory.max";
    }
    if (!memory_.runs) {
      held.note =
          "what will limit the node is not known, as it is stopped: this is what limits "
          "this program here";
    }
    parts_.push_back(std::move(held));
    if (!memory_.runs || limit.kills.value_or(0) <= 0) return;
    auto kills = part(Kind::limit, memory_part::kKilled, kMissing, Source::measured);
    kills.note = fmt::format(
        "{} process{} of its control group {} killed for want of memory since the group was made",
        *limit.kills, *limit.kills == 1 ? "" : "es", *limit.kills == 1 ? "was" : "were");
    kills.origin = "memory.events";
    parts_.push_back(std::move(kills));
  }

  const DatabaseMemory& memory_;
  const Snapshot& snapshot_;
  const std::optional<LockHolder>& holder_;
  const BlockCacheSum caches_;
  std::vector<MemoryPart> parts_;
};

// "1.25 GiB in 3 caches for 8 families"
std::string told_caches_text(const DatabaseMemory& memory) {
  const auto sum = sum_of(memory.caches);
  if (!sum.capacity_bytes) return "of unknown size";
  const auto caches = memory.caches.size();
  if (caches == 1) {
    const auto size = format_bytes(*sum.capacity_bytes);
    return memory.families_with_cache == 1 ? size
                                           : fmt::format("{}, one cache that {} share", size,
                                                         families_text(memory.families_with_cache));
  }
  std::set<double> sizes;
  for (const auto& [address, cache] : memory.caches) {
    sizes.insert(cache.stats.capacity_bytes.value_or(0));
  }
  const bool one_each = caches == memory.families_with_cache;
  if (sizes.size() == 1) {
    return fmt::format(
        "{} in each of {} caches, {}", format_bytes(*sizes.begin()), caches,
        one_each ? "one for each family" : "for " + families_text(memory.families_with_cache));
  }
  return fmt::format("{} in {} caches for {}", format_bytes(*sum.capacity_bytes), caches,
                     families_text(memory.families_with_cache));
}

}  // namespace

std::string block_caches_text(const DatabaseMemory& memory) {
  std::string text;
  if (!memory.caches.empty()) text = told_caches_text(memory);
  if (memory.families_alone > 0) {
    if (!text.empty()) text += "; ";
    text +=
        memory.families_alone == 1
            ? format_bytes(memory.alone_bytes)
            : fmt::format("{} in all of {}, if each has its own: that they share one is possible",
                          format_bytes(memory.alone_bytes), families_text(memory.families_alone));
  }
  if (text.empty()) return text;
  if (const auto unknown = memory.families_unknown(); unknown > 0) {
    text = fmt::format("{} {}; those of {} more are not known", memory_part::kAtLeast, text,
                       families_text(unknown));
  }
  return text;
}

std::vector<MemoryPart> parts_of(const DatabaseMemory& memory, const Snapshot& snapshot,
                                 const std::optional<LockHolder>& holder,
                                 const std::optional<MemoryLimit>& limit) {
  return Parts(memory, snapshot, holder).take(limit);
}

}  // namespace nodetune
