// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "engine/chain/object_kind.h"
#include "engine/store/knobs.h"

namespace nodetune {

// What a change changes: a knob, an object cache's capacity, or the batch threshold.
struct Target {
  enum class Kind : std::uint8_t { knob, object_cache, batch_threshold };

  Kind kind = Kind::knob;
  Knob knob = Knob::write_buffer_size;           // of Kind::knob
  ObjectKind object_kind = ObjectKind::account;  // of Kind::object_cache

  static Target of(Knob knob) { return {.kind = Kind::knob, .knob = knob}; }
  static Target object_cache(ObjectKind kind) {
    return {.kind = Kind::object_cache, .object_kind = kind};
  }
  static Target batch_threshold() { return {.kind = Kind::batch_threshold}; }

  bool is_knob(Knob which) const { return kind == Kind::knob && knob == which; }
  bool operator==(const Target& other) const;
};

// "write_buffer_size", "object_cache.account", "batch_threshold": files and the command line.
std::string to_string(const Target& target);
std::optional<Target> target_from(std::string_view name);
// "Write buffer size", "Accounts (object cache)", "Batch threshold": for people.
std::string title(const Target& target);

// A value of the target: for people ("64 MiB") and for files ("67108864", "zstd").
std::string format_value(const Target& target, std::int64_t value);
std::string value_text(const Target& target, std::int64_t value);
Result<std::int64_t> parse_value(const Target& target, std::string_view text);

}  // namespace nodetune
