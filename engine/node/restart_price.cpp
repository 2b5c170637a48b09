// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/restart_price.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/base/format.h"

namespace nodetune {
namespace {

std::string open_text(const ObservedLog& log) {
  const auto& opens = log.story.opens;
  if (log.problem) return "how long an open takes is not known: there is no LOG";
  if (opens.empty()) {
    return log.complete ? "how long an open takes is not in the LOG"
                        : "how long an open takes is not known yet: the LOG is still being read";
  }
  auto text = fmt::format("last open took {}", format_seconds(opens.back().seconds));
  if (opens.size() < 2) return text + " (LOG)";
  std::vector<double> seconds;
  for (const auto& each : opens) seconds.push_back(each.seconds);
  const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
  std::ranges::nth_element(seconds, middle);
  return text +
         fmt::format(", the median of {} is {} (LOG)", seconds.size(), format_seconds(*middle));
}

// WAL files that hold something that no SST does: of the other ones nothing is replayed.
DirectoryListing::Total wal_to_replay(const Observation& seen) {
  auto oldest = std::numeric_limits<std::uint64_t>::max();
  if (seen.manifest) {
    for (const auto& [id, family] : seen.manifest->column_families) {
      oldest = std::min(oldest, family.log_number);
    }
  } else {
    oldest = 0;
  }
  DirectoryListing::Total total;
  for (const auto& file : seen.listing->files) {
    if (file.type != DatabaseFileType::wal || file.number.value_or(0) < oldest) continue;
    ++total.files;
    total.bytes += file.bytes;
  }
  return total;
}

std::string replay_text(const Observation& seen, const ObservedLog& log) {
  const auto wal = wal_to_replay(seen);
  const auto wal_dir =
      seen.options ? find_option(seen.options->file.db_options, "wal_dir").value_or("") : "";
  const bool elsewhere = seen.listing->total(DatabaseFileType::wal).files == 0 &&
                         !wal_dir.empty() && wal_dir != seen.path;
  if (elsewhere) return "what there is to replay is not known: no WAL lies in the directory";
  auto text = fmt::format(
      "{} of WAL to replay in {} file{}{}", format_bytes(static_cast<double>(wal.bytes)), wal.files,
      wal.files == 1 ? "" : "s", seen.manifest ? " (directory, MANIFEST)" : " (directory)");
  if (log.last_open && log.last_open->seconds) {
    text += fmt::format("; the last replay took {} (LOG)", format_seconds(*log.last_open->seconds));
  } else {
    text += "; how long a replay takes is not in the LOG";
  }
  return text;
}

std::string cache_text(const Snapshot& snapshot) {
  const double usage = snapshot.value(Metric::db_block_cache_usage_bytes);
  if (std::isnan(usage))
    return "the RocksDB block cache starts cold (how full it is, is not known)";
  return fmt::format("the RocksDB block cache starts cold ({} in it now, {})", format_bytes(usage),
                     to_string(snapshot.source(Metric::db_block_cache_usage_bytes)));
}

}  // namespace

std::string restart_price(const Observation& seen, const ObservedLog& log,
                          const Snapshot& snapshot) {
  return fmt::format("{}; {}; {}", open_text(log), replay_text(seen, log), cache_text(snapshot));
}

}  // namespace nodetune
