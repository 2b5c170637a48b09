// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The eight knobs of a foreign database, out of OPTIONS and LOG.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

#include "engine/base/format.h"
#include "engine/node/observed_views.h"

namespace nodetune {
namespace {

using Value = std::optional<std::int64_t>;

constexpr std::array kCompressionNames = {
    std::pair{"kNoCompression", Compression::none},
    std::pair{"kSnappyCompression", Compression::snappy},
    std::pair{"kZlibCompression", Compression::zlib},
    std::pair{"kLZ4Compression", Compression::lz4},
    std::pair{"kZSTD", Compression::zstd},
};

Value compression_value(const std::string& name) {
  for (const auto& [known, value] : kCompressionNames) {
    if (name == known) return static_cast<std::int64_t>(value);
  }
  return std::nullopt;
}

// One family's value, and how it reads.
struct One {
  Value value;
  std::string text;  // empty: not known
};

One number_of(Knob knob, Value value) {
  return value ? One{value, format_knob(knob, *value)} : One{};
}

One compression_of(const ObservedKnobs& knobs) {
  if (!knobs.compression) return {};
  One one{compression_value(*knobs.compression), escape_name(*knobs.compression)};
  if (one.value) one.text = format_knob(Knob::compression, *one.value);
  const auto& bottom = knobs.bottommost_compression;
  if (bottom && *bottom != "kDisableCompressionOption" && *bottom != *knobs.compression) {
    const auto value = compression_value(*bottom);
    one.text += fmt::format(", {} on the last level",
                            value ? format_knob(Knob::compression, *value) : escape_name(*bottom));
    one.value.reset();  // two values are not one
  }
  return one;
}

One bloom_of(const ObservedKnobs& knobs) {
  if (!knobs.bloom_bits_per_key) return {};
  const double bits = *knobs.bloom_bits_per_key;
  One one{std::nullopt, bits > 0 ? fmt::format("{:g}", bits) : "no filter"};
  if (bits == std::floor(bits)) one.value = static_cast<std::int64_t>(bits);
  return one;
}

One value_of(Knob knob, const ObservedKnobs& knobs, const LogSummary& log) {
  switch (knob) {
    case Knob::write_buffer_size:
      return number_of(knob, knobs.write_buffer_size_bytes);
    case Knob::max_write_buffer_number:
      return number_of(knob, knobs.max_write_buffer_number);
    case Knob::target_file_size_base:
      return number_of(knob, knobs.target_file_size_base_bytes);
    case Knob::level0_file_num_compaction_trigger:
      return number_of(knob, knobs.level0_file_num_compaction_trigger);
    case Knob::max_background_jobs:
      return number_of(knob, knobs.max_background_jobs);
    case Knob::compression:
      return compression_of(knobs);
    case Knob::block_cache_size: {
      if (knobs.block_cache_bytes) return number_of(knob, knobs.block_cache_bytes);
      const auto logged = log.block_cache_bytes.find(knobs.column_family);
      return logged == log.block_cache_bytes.end() ? One{} : number_of(knob, logged->second);
    }
    case Knob::bloom_bits_per_key:
      return bloom_of(knobs);
  }
  return {};
}

// "16 MiB to 64 MiB", "lz4 or none": several families, several values.
std::string range_text(Knob knob, const std::vector<One>& ones) {
  const bool ordered =
      knob != Knob::compression &&
      std::all_of(ones.begin(), ones.end(), [](const One& one) { return one.value.has_value(); });
  if (ordered) {
    const auto [low, high] = std::minmax_element(
        ones.begin(), ones.end(), [](const One& a, const One& b) { return *a.value < *b.value; });
    return fmt::format("{} to {}", low->text, high->text);
  }
  std::set<std::string> texts;
  for (const auto& one : ones) texts.insert(one.text);
  return fmt::format("{}", fmt::join(texts, " or "));
}

std::string why_not(const Observation& seen, Knob knob) {
  const auto setting = knob_setting(seen.client.profile, knob);
  const auto whose = seen.holder ? "belongs to the running node" : "belongs to the node";
  if (seen.client.profile == nullptr) return fmt::format("{}: set it in that program", whose);
  if (setting.empty()) {
    return fmt::format("{}; {} has no setting for it", whose, seen.client.name);
  }
  return fmt::format("{}; in {} set {}", whose, seen.client.name, setting);
}

KnobState state_of(Knob knob, const Observation& seen, const ObservedLog& log) {
  KnobState state;
  state.knob = knob;
  state.why_not = why_not(seen, knob);
  const bool cache = knob == Knob::block_cache_size;
  std::vector<One> ones;
  if (seen.options) {
    state.origin = seen.options->name;
    for (const auto& family : seen.options->knobs) {
      auto one = value_of(knob, family, log.story);
      if (!one.text.empty()) ones.push_back(std::move(one));
    }
  }
  if (ones.empty()) {
    state.current_text = !seen.options ? "not known: there is no OPTIONS file"
                         : cache       ? "not stored in OPTIONS, not in the LOG"
                                       : "not stored in OPTIONS";
    return state;
  }
  // The LOG lists a cache for each of the first ten families; that some share one, it does not say.
  if (cache && !seen.options->knobs.front().block_cache_bytes) {
    state.origin = ones.size() > 1 ? "LOG, for each family" : "LOG";
  }
  const bool same = std::all_of(ones.begin(), ones.end(),
                                [&](const One& one) { return one.text == ones.front().text; });
  state.current_text = same ? ones.front().text : range_text(knob, ones);
  if (same) state.current = ones.front().value;
  return state;
}

Value larger(Value a, Value b) {
  return a && b ? std::max(*a, *b) : a ? a : b;
}

// The family with the most level-0 files; empty: not known.
std::string fullest_family(const Observation& seen) {
  std::string fullest;
  std::int64_t most = -1;
  if (!seen.manifest) return fullest;
  for (const auto& [id, family] : seen.manifest->column_families) {
    const auto levels = family.levels();
    const auto files = !levels.empty() && levels.front().level == 0 ? levels.front().files : 0;
    if (!seen.shows_family(family) || files <= most) continue;
    most = files;
    fullest = family.name;
  }
  return fullest;
}

// Of a knob with several values in the families of one database.
Value value_that_matters(Knob knob, const Observation& seen) {
  if (!seen.options) return std::nullopt;
  Value value;
  const bool level0 = knob == Knob::level0_file_num_compaction_trigger;
  const auto fullest = level0 ? fullest_family(seen) : std::string();
  for (const auto& family : seen.options->knobs) {
    if (knob == Knob::write_buffer_size) value = larger(value, family.write_buffer_size_bytes);
    if (knob == Knob::max_write_buffer_number) {
      value = larger(value, family.max_write_buffer_number);
    }
    if (level0 && family.column_family == fullest) {
      value = family.level0_file_num_compaction_trigger;
    }
  }
  return value;
}

}  // namespace

std::vector<KnobState> knob_states(const Observation& seen, const ObservedLog& log) {
  std::vector<KnobState> states;
  for (const auto knob : kKnobs) states.push_back(state_of(knob, seen, log));
  return states;
}

KnownKnobs known_knobs(const std::vector<KnobState>& states, const Observation& seen) {
  auto known = KnownKnobs::none();
  for (const auto& state : states) {
    if (state.current) {
      known.set(state.knob, *state.current);
    } else if (const auto value = value_that_matters(state.knob, seen)) {
      known.set_judged(state.knob, *value);
    }
  }
  return known;
}

}  // namespace nodetune
