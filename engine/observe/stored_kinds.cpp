// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/stored_kinds.h"

#include <algorithm>
#include <array>
#include <limits>

namespace nodetune {
namespace {

constexpr std::size_t kOtherSlot = kObjectKindCount;
constexpr std::size_t kUnknownSlot = kObjectKindCount + 1;
constexpr std::size_t kSlots = kObjectKindCount + 2;
constexpr std::uint64_t kNoBlobFile = std::numeric_limits<std::uint64_t>::max();

std::size_t slot_of(const HeldKind& holds) {
  if (holds.kind) return index_of(*holds.kind);
  return holds.told_apart ? kOtherSlot : kUnknownSlot;
}

HeldKind held_in(std::size_t slot) {
  if (slot < kObjectKindCount) return holding(kObjectKinds[slot]);
  return slot == kOtherSlot ? kHoldsOther : kNotToldApart;
}

struct Sum {
  std::int64_t files = 0;
  std::int64_t bytes = 0;

  void add(std::int64_t more) {
    ++files;
    // A hostile file's sums stop at the end of the range.
    if (__builtin_add_overflow(bytes, more, &bytes)) {
      bytes = std::numeric_limits<std::int64_t>::max();
    }
  }
};
using Sums = std::array<Sum, kSlots>;

// What one family holds. `content` tells by the order of bytes: another order tells nothing.
Sums sums_of(const ManifestColumnFamily& family, const FamilyContent& content) {
  Sums sums;
  std::array<std::uint64_t, kSlots> oldest_blob_file;  // that a table of the kind points into
  oldest_blob_file.fill(kNoBlobFile);
  const bool by_prefix = !content.prefixes.empty();
  const bool ordered = family.comparator.empty() || family.comparator == kBytewiseComparator;
  const auto whole = by_prefix ? kUnknownSlot : slot_of(content.holds);
  for (const auto& [number, file] : family.files) {
    const auto slot = by_prefix && ordered
                          ? slot_of(content.between(file.smallest_key, file.largest_key))
                          : whole;
    sums[slot].add(file.bytes);
    if (file.oldest_blob_file == 0) continue;
    oldest_blob_file[slot] = std::min(oldest_blob_file[slot], file.oldest_blob_file);
  }
  for (const auto& blob : family.live_blob_files()) {
    // A table may point into any that is not older than its oldest.
    const auto may_point = [&](std::uint64_t oldest) { return oldest <= blob.number; };
    const auto first = std::find_if(oldest_blob_file.begin(), oldest_blob_file.end(), may_point);
    const bool one =
        std::count_if(oldest_blob_file.begin(), oldest_blob_file.end(), may_point) == 1;
    const auto pointing = static_cast<std::size_t>(first - oldest_blob_file.begin());
    sums[by_prefix ? (one ? pointing : kUnknownSlot) : whole].add(blob.bytes);
  }
  return sums;
}

}  // namespace

std::vector<StoredKind> stored_kinds(const Manifest& manifest, const ClientProfile* profile,
                                     const std::string& directory) {
  std::array<StoredKind, kSlots> all;
  for (std::size_t slot = 0; slot < kSlots; ++slot) all[slot].holds = held_in(slot);
  for (const auto& [id, family] : manifest.column_families) {
    const auto sums = sums_of(family, family_content(profile, family.name, directory));
    const auto held =
        std::count_if(sums.begin(), sums.end(), [](const Sum& sum) { return sum.files > 0; });
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
      if (sums[slot].files == 0) continue;
      auto& kind = all[slot];
      kind.files += sums[slot].files;
      if (__builtin_add_overflow(kind.bytes, sums[slot].bytes, &kind.bytes)) {
        kind.bytes = std::numeric_limits<std::int64_t>::max();
      }
      if (held == 1) {
        kind.families.push_back(family.name);
      } else {
        kind.whole_families = false;
      }
    }
  }
  std::vector<StoredKind> kinds;
  for (auto& kind : all) {
    if (kind.files > 0) kinds.push_back(std::move(kind));
  }
  return kinds;
}

}  // namespace nodetune
