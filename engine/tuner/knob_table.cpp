// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/tuner/knob_table.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "engine/base/format.h"
#include "engine/store/knob_safety.h"

namespace nodetune {
namespace {

constexpr std::int64_t kCompressionLast = static_cast<std::int64_t>(kCompressions.size()) - 1;

KnobInfo write_buffer_size_row(std::int64_t default_value) {
  return {
      .knob = Knob::write_buffer_size,
      .title = "Write buffer size",
      .unit = "bytes",
      .default_value = default_value,
      .minimum = kMiB,
      .maximum = 4 * kGiB,
      .step_factor_max = 2,
      .takes_effect = TakesEffect::at_once,
      .effect_note = "the active memtable included",
      .why_limited =
          "below about 420 kB RocksDB's arena block no longer fits the memtable and the process "
          "aborts (0 and 1024 always do), and -1 is taken for 2^64-1; above the range one flush "
          "takes longer than an operator can wait",
      .cost = "memory: size × max_write_buffer_number × column families",
      .help =
          "How large a memtable grows before it is flushed to a level-0 file. Larger: fewer "
          "flushes, fewer level-0 files, fewer stalls on bursts. Smaller: less memory, a shorter "
          "replay of the log after a crash.",
      .source = "Seen on RocksDB 7.8.3: SetOptions does not check it"};
}

KnobInfo max_write_buffer_number_row(std::int64_t default_value) {
  return {.knob = Knob::max_write_buffer_number,
          .title = "Write buffers",
          .unit = "memtables",
          .default_value = default_value,
          .minimum = 2,
          .maximum = 16,
          .step_factor_max = 2,
          .takes_effect = TakesEffect::at_once,
          .effect_note = "",
          .why_limited =
              "with 0 or less RocksDB accepts the value and every write then hangs for ever; with "
              "1 each flush stops all writes, and RocksDB makes it 2 at the next open",
          .cost = "memory: write_buffer_size × number × column families",
          .help =
              "How many memtables a column family may hold: one is written to, the others wait for "
              "their flush. Raise it when writes stop because of immutable memtables.",
          .source = "Seen on RocksDB 7.8.3: SetOptions does not check it"};
}

KnobInfo target_file_size_row(std::int64_t default_value) {
  return {.knob = Knob::target_file_size_base,
          .title = "Target file size",
          .unit = "bytes",
          .default_value = default_value,
          .minimum = kMiB,
          .maximum = 2 * kGiB,
          .step_factor_max = 2,
          .takes_effect = TakesEffect::new_files,
          .effect_note = "outputs of compactions from now on",
          .why_limited =
              "0 is accepted by RocksDB and makes a file of every key; below the range the number "
              "of files exhausts file handles, above it one compaction needs that much free disk",
          .cost = "disk while compacting: grows with the size; file handles: grow as it shrinks",
          .help =
              "How large the SST files of level 1 are. Smaller: compactions move less at once and "
              "need less free space. Larger: fewer files.",
          .source = "Seen on RocksDB 7.8.3: SetOptions does not check it"};
}

KnobInfo l0_trigger_row(std::int64_t default_value) {
  return {
      .knob = Knob::level0_file_num_compaction_trigger,
      .title = "Level-0 compaction trigger",
      .unit = "files",
      .default_value = default_value,
      .minimum = 2,
      .maximum = 20,
      .step_factor_max = 2,
      .takes_effect = TakesEffect::at_once,
      .effect_note = "",
      .why_limited =
          "0 and less are accepted by RocksDB and compaction never settles, at 1 every flush "
          "starts a compaction; above level0_slowdown_writes_trigger (20) RocksDB aborts",
      .cost =
          "reads: each level-0 file is one more place to look; writes: compactions come earlier "
          "as it shrinks",
      .help =
          "So many level-0 files start a compaction into level 1. Lower: reads look into fewer "
          "files and stalls come later. Higher: less write amplification.",
      .source = "Seen on RocksDB 7.8.3: SetOptions does not check it"};
}

KnobInfo max_background_jobs_row(std::int64_t default_value) {
  return {.knob = Knob::max_background_jobs,
          .title = "Background jobs",
          .unit = "jobs",
          .default_value = default_value,
          .minimum = 1,
          .maximum = 64,
          .step_factor_max = 3,
          .takes_effect = TakesEffect::at_once,
          .effect_note = "scheduling only: threads once started stay until the process ends",
          .why_limited =
              "less than 1 is quietly taken for 1, so it would not be read back; above the range "
              "threads only compete, and RocksDB never gives one back",
          .cost = "CPU and disk: so many flushes and compactions at once",
          .help =
              "How many flushes and compactions may run together. Raise it when compaction falls "
              "behind and CPU and disk have room.",
          .source = "Seen on RocksDB 7.8.3"};
}

KnobInfo compression_row(std::int64_t default_value) {
  return {.knob = Knob::compression,
          .title = "Compression",
          .unit = "",
          .default_value = default_value,
          .minimum = 0,
          .maximum = kCompressionLast,
          .step_factor_max = kCompressionLast,  // an index: the rules know the neighbours
          .takes_effect = TakesEffect::new_files,
          .effect_note = "old files keep theirs until a compaction rewrites them",
          .why_limited =
              "RocksDB's own kDisableCompressionOption makes it abort, and a library without the "
              "codec cannot open the files again",
          .cost = "CPU in flushes, compactions and reads, against disk space",
          .help =
              "How the blocks of new files are packed. From light to dense: none, snappy, lz4, "
              "zlib, zstd.",
          .source = "Seen on RocksDB 7.8.3"};
}

KnobInfo block_cache_row(std::int64_t default_value) {
  return {
      .knob = Knob::block_cache_size,
      .title = "RocksDB block cache",
      .unit = "bytes",
      .default_value = default_value,
      .minimum = kMiB,
      .maximum = 512 * kGiB,
      .step_factor_max = 2,
      .takes_effect = TakesEffect::at_once,
      .effect_note = "a smaller one evicts at once",
      .why_limited =
          "a negative size is taken for nearly 2^64 bytes; with less than 1 MiB no shard of the "
          "cache holds a block",
      .cost = "memory: its size, shared by all column families",
      .help =
          "Holds uncompressed blocks of SST files. Raise it when its hit ratio is low and "
          "memory is free. The object caches stand before it.",
      .source = "Seen on RocksDB 7.8.3: Cache::SetCapacity"};
}

KnobInfo bloom_row(std::int64_t default_value) {
  return {
      .knob = Knob::bloom_bits_per_key,
      .title = "Bloom filter bits",
      .unit = "bits per key",
      .default_value = default_value,
      .minimum = 0,
      .maximum = 32,
      .step_factor_max = 2,
      .takes_effect = TakesEffect::new_files,
      .effect_note = "old files keep their filter until a compaction rewrites them",
      .why_limited =
          "0 means no filter and less has no meaning; above the range false positives are "
          "already rarer than one in a million and bits only cost memory",
      .cost = "memory and disk: bits for every key",
      .help =
          "Lets a read skip files that do not hold its key. 10 bits: about 1 % false positives; "
          "16: about 0.1 %.",
      .source = "Seen on RocksDB 7.8.3: through a delegating filter policy"};
}

std::array<KnobInfo, kKnobCount> make_table() {
  const auto defaults = KnobValues::defaults();
  return {write_buffer_size_row(defaults[Knob::write_buffer_size]),
          max_write_buffer_number_row(defaults[Knob::max_write_buffer_number]),
          target_file_size_row(defaults[Knob::target_file_size_base]),
          l0_trigger_row(defaults[Knob::level0_file_num_compaction_trigger]),
          max_background_jobs_row(defaults[Knob::max_background_jobs]),
          compression_row(defaults[Knob::compression]),
          block_cache_row(defaults[Knob::block_cache_size]),
          bloom_row(defaults[Knob::bloom_bits_per_key])};
}

const std::array<KnobInfo, kKnobCount>& table() {
  static const auto rows = make_table();
  return rows;
}

bool takes_memory(Knob knob) {
  return knob == Knob::write_buffer_size || knob == Knob::max_write_buffer_number ||
         knob == Knob::block_cache_size;
}

double memory_bytes_max(const KnobValues& values, int families) {
  return memtable_bytes_max(values, families) + static_cast<double>(values[Knob::block_cache_size]);
}

Status check_range(const KnobInfo& info, std::int64_t value) {
  if (value >= info.minimum && value <= info.maximum) return Status::ok();
  if (info.knob == Knob::compression) {
    return {StatusCode::invalid_argument,
            fmt::format("{}: {} is not allowed, because {}; choose none, snappy, zlib, lz4 or zstd",
                        to_string(info.knob), value, info.why_limited)};
  }
  return {StatusCode::invalid_argument,
          fmt::format("{}: {} is not allowed, because {}; choose {} to {}", to_string(info.knob),
                      value, info.why_limited, format_knob(info.knob, info.minimum),
                      format_knob(info.knob, info.maximum))};
}

Status check_memory(Knob knob, const KnobValues& current, const KnobValues& after,
                    const KnobContext& context) {
  if (!takes_memory(knob) || !std::isfinite(context.memory_limit_bytes)) return Status::ok();
  const double allowed = context.memory_limit_bytes * context.memory_share_max;
  const double needed = memory_bytes_max(after, context.families);
  if (needed <= allowed || needed <= memory_bytes_max(current, context.families)) {
    return Status::ok();
  }
  return {StatusCode::invalid_argument,
          fmt::format("{}: {} is not allowed here, because memtables ({} × {} × {} families) and "
                      "the block cache ({}) could take {} together and the memory limit is {}, of "
                      "which {} may be used: the system would end the process; choose a smaller "
                      "value, or lower another of the three first",
                      to_string(knob), format_knob(knob, after[knob]),
                      format_knob(Knob::write_buffer_size, after[Knob::write_buffer_size]),
                      after[Knob::max_write_buffer_number], context.families,
                      format_knob(Knob::block_cache_size, after[Knob::block_cache_size]),
                      format_bytes(needed), format_bytes(context.memory_limit_bytes),
                      format_ratio(context.memory_share_max))};
}

}  // namespace

std::string_view to_string(TakesEffect takes_effect) {
  switch (takes_effect) {
    case TakesEffect::at_once:
      return "at once";
    case TakesEffect::new_files:
      return "new files only";
    case TakesEffect::after_reopen:
      return "after a reopen";
  }
  return "unknown";
}

std::span<const KnobInfo> knob_table() {
  return table();
}

const KnobInfo& knob_info(Knob knob) {
  return table()[index_of(knob)];
}

double memtable_bytes_max(const KnobValues& values, int families) {
  return static_cast<double>(values[Knob::write_buffer_size]) *
         static_cast<double>(values[Knob::max_write_buffer_number]) * families;
}

std::string cost_text(Knob knob, std::int64_t value, const KnobValues& current,
                      const KnobContext& context) {
  auto after = current;
  after[knob] = value;
  switch (knob) {
    case Knob::write_buffer_size:
    case Knob::max_write_buffer_number:
      return fmt::format("{} × {} × {} {} = up to {} of memory",
                         format_knob(Knob::write_buffer_size, after[Knob::write_buffer_size]),
                         after[Knob::max_write_buffer_number], context.families,
                         context.families == 1 ? "family" : "families",
                         format_bytes(memtable_bytes_max(after, context.families)));
    case Knob::block_cache_size:
      return fmt::format("up to {} of memory", format_knob(knob, value));
    case Knob::bloom_bits_per_key:
      return fmt::format("{} of memory and disk for a million keys",
                         format_bytes(static_cast<double>(value) * 1e6 / 8));
    case Knob::max_background_jobs:
      return fmt::format("up to {} flushes and compactions at once on CPU and disk", value);
    case Knob::target_file_size_base:
    case Knob::level0_file_num_compaction_trigger:
    case Knob::compression:
      return std::string(knob_info(knob).cost);
  }
  return {};
}

Status validate(Knob knob, std::int64_t value, const KnobValues& current,
                const KnobContext& context) {
  if (auto status = check_range(knob_info(knob), value); !status) return status;
  auto after = current;
  after[knob] = value;
  if (auto status = check_memory(knob, current, after, context); !status) return status;
  // What is unsafe already must not keep anybody from mending it.
  return check_safe(current) ? check_safe(after) : check_safe(knob, value);
}

}  // namespace nodetune
