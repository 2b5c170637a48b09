// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/orphans.h"

#include <algorithm>
#include <unordered_set>

#include "engine/files/file_reader.h"

namespace nodetune {
namespace {

// "…/MANIFEST-000058" -> 58
std::uint64_t file_number_of(const Manifest& manifest) {
  return parse_file_number(std::string_view(manifest.path).substr(manifest.path.rfind('-') + 1))
      .value_or(0);
}

std::unordered_set<std::uint64_t> named_by(const Manifest& manifest) {
  std::unordered_set<std::uint64_t> named;
  for (const auto& [id, family] : manifest.column_families) {
    for (const auto& [number, file] : family.files) named.insert(number);
    for (const auto& blob : family.live_blob_files()) named.insert(blob.number);
  }
  return named;
}

}  // namespace

std::optional<Orphans> OrphanWatch::look(const DirectoryListing& listing, const Manifest& manifest,
                                         bool node_runs, TimePoint now) {
  const auto named = named_by(manifest);
  const auto manifest_number = file_number_of(manifest);
  const auto first_look = *(first_look_ ? first_look_ : (first_look_ = now));
  std::map<std::string, TimePoint> unnamed;
  std::vector<const DatabaseFile*> found;
  bool undecided = false;
  for (const auto& file : listing.files) {
    const bool data = file.type == DatabaseFileType::sst || file.type == DatabaseFileType::blob;
    if (!data || !file.number || named.contains(*file.number)) continue;
    if (node_runs && *file.number >= manifest_number) continue;
    if (now - file.modified < limits_.age_min || unnamed.size() >= limits_.watched_max) continue;
    const auto known = unnamed_since_.find(file.name);
    const auto since = known == unnamed_since_.end() ? now : known->second;
    unnamed.emplace(file.name, since);
    const bool decided = node_runs ? now - since >= limits_.age_min : since < now;
    if (decided) {
      found.push_back(&file);
    } else {
      undecided = true;
    }
  }
  unnamed_since_ = std::move(unnamed);
  // Later, what is undecided is what a compaction has just replaced.
  const bool early = node_runs ? now - first_look < limits_.age_min : found.empty();
  if (undecided && early) return std::nullopt;
  Orphans orphans;
  for (const auto* file : found) {
    orphans.files += 1;
    orphans.bytes += file->bytes;
  }
  std::sort(found.begin(), found.end(),
            [](const auto* a, const auto* b) { return a->bytes > b->bytes; });
  for (const auto* file : found) {
    if (orphans.names.size() >= limits_.names_max) break;
    orphans.names.push_back(file->name);
  }
  return orphans;
}

}  // namespace nodetune
