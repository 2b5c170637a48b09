// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/observed_sums.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "engine/base/format.h"
#include "engine/node/client_options.h"
#include "engine/node/observed_kinds.h"

namespace nodetune {
namespace {

constexpr std::size_t kValuesNamed = 4;  // of a knob that differs, in one line

constexpr std::array kAdded = {
    Metric::db_stalls_memtable_slowdown_total,
    Metric::db_stalls_memtable_stop_total,
    Metric::db_stalls_l0_slowdown_total,
    Metric::db_stalls_l0_stop_total,
    Metric::db_stalls_pending_compaction_slowdown_total,
    Metric::db_stalls_pending_compaction_stop_total,
    Metric::db_bytes_written_total,
    Metric::db_bytes_read_total,
    Metric::db_wal_bytes_total,
    Metric::db_flush_bytes_total,
    Metric::db_flushes_total,
    Metric::db_compactions_total,
    Metric::db_compaction_read_bytes_total,
    Metric::db_compaction_write_bytes_total,
    Metric::db_running_compactions,
    Metric::db_running_flushes,
    Metric::db_pending_compaction_bytes,
    Metric::db_memtable_bytes,
    Metric::db_immutable_memtables,
    Metric::db_sst_files,
    Metric::db_sst_bytes,
    Metric::db_wal_size_bytes,
    Metric::db_orphan_bytes,
    Metric::db_estimated_keys,
    Metric::db_index_bytes,
    Metric::db_filter_bytes,
    Metric::disk_growth_bytes_per_second,
    Metric::disk_headroom_bytes,
    Metric::observer_read_bytes_total,
};

// Writers of one database do not wait for another's: seconds that are added would exceed the clock.
constexpr std::array kWorst = {
    Metric::db_stall_seconds_total,
    Metric::db_write_stopped,
    Metric::db_l0_files,
    Metric::db_statistics_age_seconds,
};

template <typename Combine>
double combine(const std::vector<GroupPart>& parts, Metric metric, Combine how) {
  double result = kMissing;
  for (const auto& part : parts) {
    const double value = part.snapshot->value(metric);
    if (std::isnan(value)) return kMissing;
    result = std::isnan(result) ? value : how(result, value);
  }
  return result;
}

void add_stalls(const std::vector<GroupPart>& parts, Snapshot& snapshot) {
  struct Sum {
    std::uint64_t count = 0;
    std::size_t parts = 0;  // that know it
  };
  std::map<std::pair<StallCause, bool>, Sum> sums;
  for (const auto& part : parts) {
    for (const auto& stall : part.snapshot->stalls) {
      auto& sum = sums[{stall.cause, stall.stopped}];
      sum.count += stall.count;
      ++sum.parts;
    }
  }
  for (const auto& [what, sum] : sums) {
    if (sum.parts == parts.size()) snapshot.stalls.push_back({what.first, what.second, sum.count});
  }
}

void add_problems(const std::vector<GroupPart>& parts, Snapshot& snapshot) {
  for (const auto& part : parts) {
    for (const auto& problem : part.snapshot->problems) {
      snapshot.problems.push_back({problem.kind, part.name + ": " + problem.text});
    }
  }
}

// The same in all, else empty.
template <typename Get>
std::string common(const std::vector<GroupPart>& parts, Get get) {
  const std::string first = get(parts.front().view->description);
  const bool same = std::all_of(parts.begin(), parts.end(), [&](const GroupPart& part) {
    return get(part.view->description) == first;
  });
  return same ? first : std::string();
}

// The different ones, in one line.
template <typename Get>
std::string all_of_them(const std::vector<GroupPart>& parts, Get get) {
  std::set<std::string> texts;
  for (const auto& part : parts) {
    if (auto text = get(part.view->description); !text.empty()) texts.insert(std::move(text));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::string held_by(const NodeDescription& node) {
  return node.locked_by ? node.locked_by->describe() : "nobody";
}

std::string size_text(const Snapshot& snapshot) {
  const double bytes = snapshot.value(Metric::db_sst_bytes);
  if (std::isnan(bytes)) return "size not known";
  const double files = snapshot.value(Metric::db_sst_files);
  return fmt::format("{} in {} SST file{}", format_bytes(bytes), format_count(files),
                     files == 1 ? "" : "s");
}

Fact database_fact(const GroupPart& part) {
  const auto& node = part.view->description;
  auto text = size_text(*part.snapshot);
  text += fmt::format(", {} column famil{}", node.column_families.size(),
                      node.column_families.size() == 1 ? "y" : "ies");
  if (!node.rocksdb_version.empty()) text += ", RocksDB " + node.rocksdb_version;
  text += ", held by " + held_by(node);
  return {"Database " + part.name, std::move(text), node.path};
}

void add_facts(const std::vector<GroupPart>& parts, NodeDescription& all) {
  for (const auto& part : parts) {
    for (const auto& fact : part.view->description.facts) {
      const bool problem = fact.name == "Problem" || (fact.name == "LOG" && fact.origin != "LOG");
      if (problem) all.facts.push_back({fact.name, part.name + ": " + fact.value, fact.origin});
    }
  }
  for (const auto& part : parts) all.facts.push_back(database_fact(part));
  for (auto& text : missing_parts(parts)) {
    all.facts.push_back({"Missing in the sums", std::move(text), "derived"});
  }
}

// One restart opens all of them.
std::string price_of_all(const std::vector<GroupPart>& parts) {
  std::vector<std::string> prices;
  for (const auto& part : parts) {
    const auto& price = part.view->description.restart_price;
    if (!price.empty()) prices.push_back(fmt::format("{}: {}", part.name, price));
  }
  const auto more = prices.size() > kValuesNamed ? prices.size() - kValuesNamed : 0;
  prices.resize(prices.size() - more);
  if (more > 0) prices.push_back(fmt::format("and {} databases more", more));
  return fmt::format("{}", fmt::join(prices, ". "));
}

KnobState together(const std::vector<GroupPart>& parts, std::size_t row) {
  const auto& first = parts.front().view->knobs[row];
  KnobState all;
  all.knob = first.knob;
  std::map<std::string, std::vector<std::string>> who;  // by text
  bool same_reason = true;
  for (const auto& part : parts) {
    who[part.view->knobs[row].current_text].push_back(part.name);
    same_reason = same_reason && part.view->knobs[row].why_not == first.why_not;
  }
  all.origin = fmt::format("{} databases", parts.size());
  all.why_not =
      same_reason ? first.why_not : "belongs to the node; choose one database to see what sets it";
  if (who.size() == 1) {
    all.current = first.current;
    all.current_text = first.current_text;
    return all;
  }
  std::vector<std::string> texts;
  for (const auto& [text, names] : who) {
    if (texts.size() == kValuesNamed) {
      texts.push_back(fmt::format("{} more", who.size() - kValuesNamed));
      break;
    }
    texts.push_back(names.size() == 1 ? fmt::format("{} ({})", text, names.front())
                                      : fmt::format("{} ({} databases)", text, names.size()));
  }
  all.current_text = fmt::format("{}", fmt::join(texts, ", "));
  return all;
}

}  // namespace

std::string in_database(const std::string& database, const std::string& family) {
  return family.empty() ? database : database + " · " + family;
}

void sum_up(const std::vector<GroupPart>& parts, Snapshot& snapshot) {
  for (const auto metric : kAdded) {
    snapshot.set(metric, combine(parts, metric, [](double a, double b) { return a + b; }));
  }
  for (const auto metric : kWorst) {
    snapshot.set(metric, combine(parts, metric, [](double a, double b) { return std::max(a, b); }));
  }
  for (const auto& part : parts) {
    for (auto level : part.snapshot->levels) {
      level.family = in_database(part.name, level.family);
      snapshot.levels.push_back(std::move(level));
    }
    for (auto family : part.snapshot->families) {
      family.name = in_database(part.name, family.name);
      snapshot.families.push_back(std::move(family));
    }
  }
  for (const auto& part : parts) {
    for (const auto& [metric, source] : part.snapshot->sources) {
      auto& whole = snapshot.sources.try_emplace(metric, source).first->second;
      if (source == Source::derived) whole = source;  // a sum is no better than its parts
    }
  }
  add_stalls(parts, snapshot);
  add_problems(parts, snapshot);
  sum_up_kinds(parts, snapshot);
}

std::vector<std::string> missing_parts(const std::vector<GroupPart>& parts) {
  std::map<std::string, std::vector<std::string>> titles;  // by the databases that do not know
  const auto look = [&](Metric metric) {
    std::vector<std::string> without;
    for (const auto& part : parts) {
      if (std::isnan(part.snapshot->value(metric))) without.push_back(part.name);
    }
    if (without.empty() || without.size() == parts.size()) return;
    titles[fmt::format("{}", fmt::join(without, ", "))].push_back(info(metric).title);
  };
  for (const auto metric : kAdded) look(metric);
  for (const auto metric : kWorst) look(metric);
  std::vector<std::string> texts;
  for (const auto& [without, what] : titles) {
    texts.push_back(fmt::format("{}: not known of {}", fmt::join(what, ", "), without));
  }
  return texts;
}

NodeDescription describe_all(const std::vector<GroupPart>& parts) {
  NodeDescription all;
  all.way = OpenWay::observed;
  all.kind = "rocksdb";
  all.client = all_of_them(parts, [](const auto& node) { return node.client; });
  all.rocksdb_version = all_of_them(parts, [](const auto& node) { return node.rocksdb_version; });
  const auto& first = parts.front().view->description;
  if (common(parts, held_by) == held_by(first)) all.locked_by = first.locked_by;
  all.zone = common(parts, [](const auto& node) { return node.zone; });
  if (all.zone.empty() && !first.zone.empty()) all.zone = "zones differ";
  for (const auto& part : parts) {
    const auto& node = part.view->description;
    if (node.format_version) {
      all.format_version = std::max(all.format_version.value_or(0), *node.format_version);
    }
    for (const auto& family : node.column_families) {
      all.column_families.push_back(in_database(part.name, family));
    }
  }
  add_facts(parts, all);
  all.restart_price = price_of_all(parts);
  std::vector<std::vector<ClientOption>> options;
  for (const auto& part : parts) options.push_back(part.view->description.client_options);
  all.client_options = client_options_of_all(options);
  return all;
}

std::vector<KnobState> knobs_of_all(const std::vector<GroupPart>& parts) {
  std::vector<KnobState> all;
  for (std::size_t row = 0; row < parts.front().view->knobs.size(); ++row) {
    all.push_back(together(parts, row));
  }
  return all;
}

}  // namespace nodetune
