// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The eight knobs of an open database: read, set, restored when setting fails halfway.
#include <fmt/format.h>

#include "engine/base/logging.h"
#include "engine/store/database_impl.h"
#include "engine/store/knob_safety.h"
#include "engine/store/status_from.h"

namespace nodetune {
namespace {

Result<KnobValues> family_knobs(const rocksdb::ColumnFamilyOptions& options,
                                std::string_view family) {
  const auto compression = from_rocksdb(options.compression);
  if (!compression) {
    return Status(StatusCode::failed, fmt::format("{}: compression {} has no name here", family,
                                                  static_cast<int>(options.compression)));
  }
  KnobValues values;
  values[Knob::write_buffer_size] = static_cast<std::int64_t>(options.write_buffer_size);
  values[Knob::max_write_buffer_number] = options.max_write_buffer_number;
  values[Knob::target_file_size_base] = static_cast<std::int64_t>(options.target_file_size_base);
  values[Knob::level0_file_num_compaction_trigger] = options.level0_file_num_compaction_trigger;
  values[Knob::compression] = static_cast<std::int64_t>(*compression);
  return values;
}

}  // namespace

Result<KnobValues> Database::Impl::knobs() const {
  KnobValues values;
  for (const auto family : kFamilies) {
    auto now = family_knobs(db->GetOptions(handle(family)), to_string(family));
    if (!now) return now;
    if (family != kFamilies.front() && !(*now == values)) {
      return Status(StatusCode::failed,
                    fmt::format("{}: the families {} and {} have different settings; set the knobs "
                                "again, or reopen",
                                path, to_string(kFamilies.front()), to_string(family)));
    }
    values = *now;
  }
  values[Knob::max_background_jobs] = db->GetDBOptions().max_background_jobs;
  values[Knob::block_cache_size] = static_cast<std::int64_t>(parts.block_cache->GetCapacity());
  values[Knob::bloom_bits_per_key] = parts.bloom->bits();
  return values;
}

Status Database::Impl::apply(Knob knob, std::int64_t value, bool to_the_end) {
  if (knob == Knob::block_cache_size) {
    parts.block_cache->SetCapacity(static_cast<std::size_t>(value));
    return Status::ok();
  }
  if (knob == Knob::bloom_bits_per_key) {
    parts.bloom->set_bits(value);
    return Status::ok();
  }
  const auto change = online_change(knob, value);
  const auto what = fmt::format("set {} to {}", to_string(knob), format_knob(knob, value));
  Status first;
  for (const auto family : kFamilies) {
    if (change.family.empty() || (!first && !to_the_end)) break;
    const auto status = db->SetOptions(handle(family), change.family);
    if (first) first = status_from(status, fmt::format("{} in {}", what, to_string(family)), path);
  }
  if (change.database.empty() || (!first && !to_the_end)) return first;
  const auto status = db->SetDBOptions(change.database);
  return first ? status_from(status, what, path) : first;
}

Status Database::Impl::set_knob(Knob knob, std::int64_t value) {
  if (auto safe = check_safe(knob, value); !safe) return safe;
  auto wanted = settled_;
  wanted[knob] = value;
  if (auto safe = check_safe(wanted); !safe) return safe;
  if (knob == Knob::compression) {
    if (auto usable = check_compression(wanted.compression()); !usable) return usable;
  }
  auto status = apply(knob, value, /*to_the_end=*/false);
  if (status) {
    const auto after = knobs();
    if (after && *after == wanted) {
      settled_ = wanted;
      return Status::ok();
    }
    status = Status(StatusCode::failed,
                    fmt::format("{}: {} was set to {} but reads back as {}", path, to_string(knob),
                                format_knob(knob, value),
                                after ? format_knob(knob, (*after)[knob]) : "something else"));
  }
  const auto restored = apply(knob, settled_[knob], /*to_the_end=*/true);
  if (restored) return status;
  log().error("{}", restored.message());
  return {status.code(), fmt::format("{}; and the old value could not be restored: {}",
                                     status.message(), restored.message())};
}

Status Database::save_knobs(const KnobValues& values) {
  if (auto safe = check_safe(values); !safe) return safe;
  auto node = read_node_file(impl_->path);
  if (!node) return node.status();
  node->knobs = values;
  return write_node_file(impl_->path, *node);
}

}  // namespace nodetune
