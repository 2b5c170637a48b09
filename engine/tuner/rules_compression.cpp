// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include "engine/tuner/rule_list.h"

namespace nodetune::rule {
namespace {

// The specification's steps; a compression without one stays.
Compression lighter(Compression compression) {
  switch (compression) {
    case Compression::zstd:
      return Compression::lz4;
    case Compression::zlib:
      return Compression::snappy;
    case Compression::none:
    case Compression::snappy:
    case Compression::lz4:
      break;
  }
  return compression;
}

Compression denser(Compression compression) {
  switch (compression) {
    case Compression::none:
      return Compression::snappy;
    case Compression::snappy:
      return Compression::lz4;
    case Compression::lz4:
      return Compression::zstd;
    case Compression::zlib:
    case Compression::zstd:
      break;
  }
  return compression;
}

MaybeProposal change(std::string_view rule, const KnobValues& values, Compression wanted) {
  if (wanted == values.compression()) return std::nullopt;
  auto proposal = make(rule, Knob::compression, values, static_cast<std::int64_t>(wanted));
  proposal.reversibility =
      "at once for new files; files written meanwhile keep theirs until they are compacted";
  return proposal;
}

}  // namespace

MaybeProposal compression_cpu(const TunerFigures& figures, const KnobValues& values,
                              const RuleConfig& config) {
  if (!figures.cpu_ratio || !(*figures.cpu_ratio > config.cpu_ratio_high)) return std::nullopt;
  if (!figures.disk_remaining_ratio ||
      !(*figures.disk_remaining_ratio > config.disk_remaining_plenty)) {
    return std::nullopt;
  }
  auto proposal = change(kCompressionCpu, values, lighter(values.compression()));
  if (!proposal) return std::nullopt;
  proposal->evidence = {
      above(Metric::system_cpu_ratio, *figures.cpu_ratio, config.cpu_ratio_high,
            figures.window_seconds),
      above(Metric::disk_free_ratio, *figures.disk_remaining_ratio, config.disk_remaining_plenty)};
  proposal->expected = "flushes, compactions and reads take less CPU";
  proposal->risk = "new files are larger: more disk space, more bytes read and written";
  return proposal;
}

MaybeProposal compression_disk(const TunerFigures& figures, const KnobValues& values,
                               const RuleConfig& config) {
  if (!figures.disk_remaining_ratio ||
      !(*figures.disk_remaining_ratio < config.disk_remaining_low)) {
    return std::nullopt;
  }
  auto proposal = change(kCompressionDisk, values, denser(values.compression()));
  if (!proposal) return std::nullopt;
  proposal->evidence = {
      below(Metric::disk_free_ratio, *figures.disk_remaining_ratio, config.disk_remaining_low)};
  proposal->expected = "new files are smaller: space comes back as compactions rewrite old ones";
  proposal->risk = "flushes, compactions and reads take more CPU";
  return proposal;
}

}  // namespace nodetune::rule
