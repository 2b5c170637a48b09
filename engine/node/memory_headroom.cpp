// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/memory_headroom.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/format.h"

namespace nodetune {
namespace {

// How much more it may take; `text` says how that was worked out. Missing: not known.
double memtable_growth(Knob knob, std::int64_t value, const MemoryNow& now, std::string& text) {
  const bool known = now.knobs.is_judged(Knob::write_buffer_size) &&
                     now.knobs.is_judged(Knob::max_write_buffer_number) && now.families > 0;
  if (!known) {
    text = "How much memory all memtables may take is not known: their size or number is not";
    return kMissing;
  }
  auto after = now.knobs.values;
  after[knob] = value;
  const double before_bytes = memtable_bytes_max(now.knobs.values, now.families);
  const double after_bytes = memtable_bytes_max(after, now.families);
  text = fmt::format("Memtables: up to {} now, up to {} with it ({} × {} × {} {})",
                     format_bytes(before_bytes), format_bytes(after_bytes),
                     format_knob(Knob::write_buffer_size, after[Knob::write_buffer_size]),
                     after[Knob::max_write_buffer_number], now.families,
                     now.families == 1 ? "family" : "families");
  return after_bytes - before_bytes;
}

double cache_growth(const Proposal& proposal, std::int64_t value, const MemoryNow& now,
                    std::string& text) {
  const auto more = static_cast<double>(value - proposal.current);
  text = fmt::format("RocksDB block cache: {} {} than now", format_bytes(std::fabs(more)),
                     more < 0 ? "less" : "more");
  if (now.cache_of_each_family) {
    text += fmt::format(
        "; {} times that where the families do not share one cache, which the LOG does not say",
        now.families);
  }
  return more;
}

std::string free_text(const MemoryNow& now, double more_bytes) {
  if (std::isnan(now.limit_bytes) || std::isnan(now.used_bytes)) {
    return "How much memory is free is not known";
  }
  const double free_bytes = std::max(0.0, now.limit_bytes - now.used_bytes);
  auto text = fmt::format("Free now: {} of {} (the node's control group or the machine, measured)",
                          format_bytes(free_bytes), format_bytes(now.limit_bytes));
  if (std::isfinite(now.resident_bytes)) {
    text += fmt::format("; the node's process has {}", format_bytes(now.resident_bytes));
  }
  if (more_bytes > free_bytes) {
    text += fmt::format(". That is less than the {} that it may take: make room first",
                        format_bytes(more_bytes));
  }
  return text;
}

}  // namespace

MemoryNow memory_now(const Snapshot& snapshot, const KnownKnobs& knobs,
                     const std::string& cache_origin) {
  MemoryNow now;
  now.knobs = knobs;
  now.limit_bytes = snapshot.value(Metric::system_memory_limit_bytes);
  now.used_bytes = snapshot.value(Metric::system_memory_used_bytes);
  now.resident_bytes = snapshot.value(Metric::process_resident_bytes);
  now.families = static_cast<int>(snapshot.families.size());
  now.cache_of_each_family = cache_origin.ends_with("for each family");
  return now;
}

std::vector<std::string> memory_notes(const Recommendation& item, const MemoryNow& now) {
  const auto& proposal = item.proposal;
  if (proposal.target.kind != Target::Kind::knob) return {};
  const auto knob = proposal.target.knob;
  std::string text;
  double more_bytes = kMissing;
  if (knob == Knob::write_buffer_size || knob == Knob::max_write_buffer_number) {
    more_bytes = memtable_growth(knob, item.value(), now, text);
  } else if (knob == Knob::block_cache_size) {
    more_bytes = cache_growth(proposal, item.value(), now, text);
  } else {
    return {};
  }
  std::vector<std::string> notes{std::move(text)};
  if (item.value() > proposal.current) notes.push_back(free_text(now, more_bytes));
  return notes;
}

}  // namespace nodetune
