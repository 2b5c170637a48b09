// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/tuner/target.h"

#include <fmt/format.h>

#include <charconv>

#include "engine/base/format.h"
#include "engine/tuner/knob_table.h"

namespace nodetune {
namespace {

constexpr std::string_view kObjectCachePrefix = "object_cache.";
constexpr std::string_view kBatchThreshold = "batch_threshold";

}  // namespace

bool Target::operator==(const Target& other) const {
  if (kind != other.kind) return false;
  switch (kind) {
    case Kind::knob:
      return knob == other.knob;
    case Kind::object_cache:
      return object_kind == other.object_kind;
    case Kind::batch_threshold:
      return true;
  }
  return false;
}

std::string to_string(const Target& target) {
  switch (target.kind) {
    case Target::Kind::knob:
      return std::string(to_string(target.knob));
    case Target::Kind::object_cache:
      return fmt::format("{}{}", kObjectCachePrefix, to_string(target.object_kind));
    case Target::Kind::batch_threshold:
      return std::string(kBatchThreshold);
  }
  return {};
}

std::optional<Target> target_from(std::string_view name) {
  if (const auto knob = knob_from(name)) return Target::of(*knob);
  if (name == kBatchThreshold) return Target::batch_threshold();
  if (name.starts_with(kObjectCachePrefix)) {
    if (const auto kind = object_kind_from(name.substr(kObjectCachePrefix.size()))) {
      return Target::object_cache(*kind);
    }
  }
  return std::nullopt;
}

std::string title(const Target& target) {
  switch (target.kind) {
    case Target::Kind::knob:
      return std::string(knob_info(target.knob).title);
    case Target::Kind::object_cache:
      return fmt::format("{} (object cache)", display_name(target.object_kind));
    case Target::Kind::batch_threshold:
      return "Batch threshold";
  }
  return {};
}

std::string format_value(const Target& target, std::int64_t value) {
  switch (target.kind) {
    case Target::Kind::knob:
      return format_knob(target.knob, value);
    case Target::Kind::object_cache:
      return format_bytes(static_cast<double>(value));
    case Target::Kind::batch_threshold:
      return fmt::format("{} operations", value);
  }
  return {};
}

std::string value_text(const Target& target, std::int64_t value) {
  return target.kind == Target::Kind::knob ? knob_text(target.knob, value)
                                           : fmt::format("{}", value);
}

Result<std::int64_t> parse_value(const Target& target, std::string_view text) {
  switch (target.kind) {
    case Target::Kind::knob:
      return parse_knob(target.knob, text);
    case Target::Kind::object_cache:
      return parse_bytes(text);
    case Target::Kind::batch_threshold:
      break;
  }
  std::int64_t number = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc() || end != last) {
    return Status(StatusCode::invalid_argument, fmt::format("{}: '{}' is not a whole number",
                                                            kBatchThreshold, escape_name(text)));
  }
  return number;
}

}  // namespace nodetune
