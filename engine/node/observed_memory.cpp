// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// What a foreign database may take of memory, as far as its options and its LOG say.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/base/format.h"
#include "engine/node/observed_views.h"

namespace nodetune {
namespace {

// All families fill all the memtables that they may have, unless a limit of the whole database
// comes first. Missing where one family's options are not known.
std::optional<double> memtables_bytes_max(const ObservedOptions& options) {
  double sum = 0;
  for (const auto& family : options.knobs) {
    if (!family.write_buffer_size_bytes || !family.max_write_buffer_number) return std::nullopt;
    sum += static_cast<double>(*family.write_buffer_size_bytes) *
           static_cast<double>(*family.max_write_buffer_number);
  }
  const auto limit = find_option_integer(options.file.db_options, "db_write_buffer_size");
  return limit && *limit > 0 ? std::min(sum, static_cast<double>(*limit)) : sum;
}

std::string block_caches_text(const std::map<std::string, std::int64_t>& capacities) {
  std::set<std::int64_t> different;
  for (const auto& [family, bytes] : capacities) different.insert(bytes);
  std::vector<std::string> texts;
  for (const auto bytes : different) texts.push_back(format_bytes(static_cast<double>(bytes)));
  const auto sizes = fmt::format("{}", fmt::join(texts, ", "));
  if (capacities.size() < 2) return sizes;
  return fmt::format(
      "{} in each of the {} families listed; whether they share one, the LOG does not say", sizes,
      capacities.size());
}

}  // namespace

void add_memory_facts(const Observation& seen, const ObservedLog& log, std::vector<Fact>& facts) {
  if (seen.options && !seen.options->knobs.empty()) {
    if (const auto bytes = memtables_bytes_max(*seen.options)) {
      facts.push_back(
          {"Memory: memtables, at most",
           fmt::format("{}, of {} families", format_bytes(*bytes), seen.options->knobs.size()),
           "derived: " + seen.options->name});
    }
  }
  if (!log.story.block_cache_bytes.empty()) {
    facts.push_back(
        {"Memory: RocksDB block cache", block_caches_text(log.story.block_cache_bytes), "LOG"});
  }
}

}  // namespace nodetune
