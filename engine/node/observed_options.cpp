// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/observed_options.h"

#include <fmt/format.h>

#include "engine/base/format.h"
#include "engine/node/client_options.h"
#include "engine/observe/rocksdb_defaults.h"

namespace nodetune {
namespace {

// Of who wrote the options; a LOG that is not RocksDB's own counts releases in another way.
std::string writer_version(const Observation& seen, const ObservedLog& log) {
  if (seen.options && !seen.options->file.rocksdb_version.empty()) {
    return seen.options->file.rocksdb_version;
  }
  return log.story.product == "RocksDB" ? log.story.version : std::string();
}

void add_rows(const std::string& section, const OptionMap& options, const std::string& version,
              std::vector<OptionRow>& rows) {
  for (const auto& [name, value] : options) {
    rows.push_back({section, escape_name(name), escape_name(value),
                    rocksdb_default_among(options, version, section, name)});
  }
}

std::vector<OptionRow> option_rows(const Observation& seen, const std::string& version) {
  std::vector<OptionRow> rows;
  if (!seen.options) return rows;
  const auto& file = seen.options->file;
  add_rows("DBOptions", file.db_options, version, rows);
  for (const auto& family : file.column_families) {
    const auto title = family_title(seen.client.profile, family.name);
    add_rows(fmt::format("CFOptions \"{}\"", title), family.options, version, rows);
    add_rows(fmt::format("TableOptions/{} \"{}\"", escape_name(family.table_factory), title),
             family.table_options, version, rows);
  }
  for (const auto& [key, value] : file.other) {
    const auto slash = key.rfind('/');
    const auto section = slash == std::string::npos ? std::string() : key.substr(0, slash);
    rows.push_back({escape_name(section), escape_name(key.substr(slash + 1)), escape_name(value)});
  }
  return rows;
}

// What the node does not tell of itself, and what would make it.
void add_hidden(const Observation& seen, std::vector<Fact>& facts) {
  if (!seen.options) return;
  const auto& options = seen.options->file.db_options;
  const auto& origin = seen.options->name;
  const auto more = how_to_see_more(seen);
  const auto period = find_option_integer(options, "stats_dump_period_sec");
  if (period && *period == 0) {
    facts.push_back({"Statistics in the LOG",
                     fmt::format("off (stats_dump_period_sec = 0), so hits, latencies and stalled "
                                 "seconds are not known from it{}{}",
                                 more.empty() ? "" : "; to see more, ", more),
                     origin});
  }
  const auto level = find_option(options, "info_log_level");
  const bool quiet = level && (*level == "WARN_LEVEL" || *level == "ERROR_LEVEL" ||
                               *level == "FATAL_LEVEL" || *level == "HEADER_LEVEL");
  if (quiet) {
    facts.push_back({"Events in the LOG",
                     fmt::format("off (info_log_level = {}): flushes and compactions are not "
                                 "written there",
                                 escape_name(*level)),
                     origin});
  }
}

}  // namespace

bool differs_from_default(const OptionRow& row) {
  return row.default_value && !same_option_value(row.name, row.value, *row.default_value);
}

void describe_options(const Observation& seen, const ObservedLog& log,
                      const std::vector<KnobState>& knobs, NodeDescription& node) {
  const auto version = writer_version(seen, log);
  node.options = option_rows(seen, version);
  node.defaults_of = node.options.empty() ? std::string() : defaults_of(version);
  const bool speedb = seen.options && seen.options->file.version.contains("speedb_version");
  if (speedb && !node.defaults_of.empty()) {
    node.defaults_of += ", on which this Speedb is based (its own defaults may be others)";
  }
  node.client_options = client_options(seen, knobs);
  add_hidden(seen, node.facts);
}

}  // namespace nodetune
