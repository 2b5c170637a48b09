// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/base/format.h"
#include "engine/files/directory_listing.h"
#include "engine/files/file_reader.h"

namespace nodetune {
namespace {

constexpr std::size_t kCurrentBytesMax = 4096;
constexpr int kReplacedRetries = 3;
constexpr std::size_t kAtomicGroupEditsMax = 1'000'000;
constexpr std::string_view kDefaultName = "default";

class Replay {
 public:
  explicit Replay(Manifest& manifest) : manifest_(manifest) {
    manifest_.column_families[0].name = kDefaultName;
  }

  // Edits of an atomic group count together or not at all.
  Status add(VersionEdit edit) {
    if (!edit.atomic_group_remaining) {
      group_.clear();
      return apply(std::move(edit));
    }
    const bool last = *edit.atomic_group_remaining == 0;
    if (group_.size() >= kAtomicGroupEditsMax) return corrupt("an atomic group is too long");
    group_.push_back(std::move(edit));
    if (!last) return Status::ok();
    for (auto& each : std::exchange(group_, {})) {
      if (auto status = apply(std::move(each)); !status) return status;
    }
    return Status::ok();
  }

  bool within_group() const { return !group_.empty(); }

 private:
  Status corrupt(std::string_view what) const {
    return {StatusCode::corrupt, fmt::format("{}: {}; the file is damaged", manifest_.path, what)};
  }

  Status apply(VersionEdit edit) {
    ++manifest_.edits;
    if (edit.database_id) manifest_.database_id = *std::move(edit.database_id);
    if (edit.next_file_number) manifest_.next_file_number = *edit.next_file_number;
    if (edit.last_sequence) {
      manifest_.last_sequence = std::max(manifest_.last_sequence, *edit.last_sequence);
    }
    if (edit.added_column_family) {
      auto& added = manifest_.column_families[edit.column_family];
      added.name = *std::move(edit.added_column_family);
    }
    const auto found = manifest_.column_families.find(edit.column_family);
    if (found == manifest_.column_families.end()) {
      return corrupt(fmt::format("column family {} was never added", edit.column_family));
    }
    auto& family = found->second;
    family.id = edit.column_family;
    if (edit.drops_column_family) {
      manifest_.column_families.erase(found);
      return Status::ok();
    }
    if (edit.comparator) family.comparator = *std::move(edit.comparator);
    if (edit.log_number) family.log_number = *edit.log_number;
    // A file that moves down is deleted and added by one edit: in this order.
    for (const auto& [level, number] : edit.deleted_files) {
      const auto file = family.files.find(number);
      if (file != family.files.end() && file->second.level == level) family.files.erase(file);
    }
    for (auto& file : edit.new_files) {
      const auto number = file.number;
      family.files.insert_or_assign(number, std::move(file));
    }
    return Status::ok();
  }

  Manifest& manifest_;
  std::vector<VersionEdit> group_;  // of an atomic group whose end has not come
};

}  // namespace

std::vector<LevelTotal> ManifestColumnFamily::levels() const {
  std::map<int, LevelTotal> totals;
  for (const auto& [number, file] : files) {
    auto& total = totals[file.level];
    total.level = file.level;
    total.files += 1;
    total.bytes += file.bytes;
  }
  std::vector<LevelTotal> result;
  for (const auto& [level, total] : totals) result.push_back(total);
  return result;
}

const ManifestColumnFamily* Manifest::find_column_family(std::string_view name) const {
  for (const auto& [id, family] : column_families) {
    if (family.name == name) return &family;
  }
  return nullptr;
}

LevelTotal Manifest::total() const {
  LevelTotal all;
  for (const auto& [id, family] : column_families) {
    for (const auto& level : family.levels()) {
      all.files += level.files;
      all.bytes += level.bytes;
    }
  }
  return all;
}

Result<std::string> read_current(const std::string& directory) {
  const auto path = directory + "/CURRENT";
  auto content = read_whole_file(path, kCurrentBytesMax, SymbolicLinks::refuse);
  if (!content) return content.status();
  auto& name = *content;
  while (!name.empty() && (name.back() == '\n' || name.back() == '\r')) name.pop_back();
  if (classify_database_file(name) != DatabaseFileType::manifest) {
    return Status(StatusCode::corrupt,
                  fmt::format("{}: names no MANIFEST but '{}'; the file is damaged", path,
                              escape_name(std::string_view(name).substr(0, 80))));
  }
  return content;
}

Result<Manifest> read_manifest_file(const std::string& path, const RecordLogLimits& limits) {
  const auto file = FileReader::open(path, SymbolicLinks::refuse);
  if (!file) return file.status();
  Manifest manifest;
  manifest.path = path;
  Replay replay(manifest);
  const auto end = read_record_log(
      *file,
      [&](std::string_view record) {
        auto edit = parse_version_edit(record);
        if (edit) return replay.add(*std::move(edit));
        return Status(edit.status().code(), fmt::format("{}: {}", path, edit.status().message()));
      },
      limits);
  if (!end) return end.status();
  if (end->records == 0 && !end->half_written) {
    return Status(StatusCode::corrupt,
                  fmt::format("{}: holds no record; the file is damaged", path));
  }
  manifest.bytes = end->bytes;
  manifest.half_written = end->half_written || replay.within_group();
  return manifest;
}

Result<Manifest> read_manifest(const std::string& directory, const RecordLogLimits& limits) {
  for (int attempt = 0;; ++attempt) {
    const auto name = read_current(directory);
    if (!name) return name.status();
    auto manifest = read_manifest_file(directory + "/" + *name, limits);
    const bool replaced = !manifest && manifest.status().code() == StatusCode::not_found;
    if (!replaced || attempt >= kReplacedRetries) return manifest;
  }
}

}  // namespace nodetune
