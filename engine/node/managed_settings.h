// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "engine/objects/object_store.h"
#include "engine/store/key_value_store.h"
#include "engine/tuner/actuator.h"

namespace nodetune {

// What a managed directory remembers beside the knobs, in Family::own under "setting/…".
class SettingsTable {
 public:
  explicit SettingsTable(KeyValueStore& store) : store_(store) {}

  Result<std::optional<std::string>> load(std::string_view name);
  Status save(std::string_view name, std::string_view value);  // on disk when it returns

 private:
  KeyValueStore& store_;
};

// Object cache capacities and the batch threshold, as the actuator changes them: validated, set,
// and saved for the next open.
//
// Thread: the commander's. Lifetime: the stores outlive it.
class ManagedTargets final : public TargetControl {
 public:
  struct Limits {
    std::int64_t cache_bytes_min = 64 * 1024;   // below it not even one block body fits
    std::int64_t cache_bytes_max = 64LL << 30;  // else of the machine's memory, see .cpp
    double memory_share_max = 0.9;              // of the memory limit, one cache alone
  };

  ManagedTargets(SettingsTable& settings, ObjectStore& objects, const BatchConfig& batches,
                 const Limits& limits);

  Result<std::int64_t> value(const Target& target) override;
  Status set(const Target& target, std::int64_t value) override;

  // Takes over what was saved; what no longer is valid is left at its default and named.
  Status restore();

 private:
  Status check(const Target& target, std::int64_t value) const;
  Status put_in_force(const Target& target, std::int64_t value);

  SettingsTable& settings_;
  ObjectStore& objects_;
  const BatchConfig batches_;
  const Limits limits_;
};

}  // namespace nodetune
