// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "engine/base/format.h"
#include "engine/files/directory_listing.h"
#include "engine/files/file_reader.h"

namespace nodetune {
namespace {

constexpr std::size_t kCurrentBytesMax = 4096;
constexpr std::size_t kManifestFamiliesMax = 100'000;

// Totals of a hostile file stop at the end of the range instead of running over it.
void add_saturating(std::int64_t& total, std::int64_t amount) {
  if (__builtin_add_overflow(total, amount, &total)) {
    total = std::numeric_limits<std::int64_t>::max();
  }
}

// A live node may replace its MANIFEST between our reading CURRENT and opening what it names.
auto read_the_current(const std::string& directory, auto&& read_file)
    -> decltype(read_file(directory)) {
  for (int attempt = 0;; ++attempt) {
    const auto name = read_current(directory);
    if (!name) return name.status();
    auto manifest = read_file(directory + "/" + *name);
    const bool replaced = !manifest && manifest.status().code() == StatusCode::not_found;
    if (!replaced || attempt >= kReplacedRetries) return manifest;
  }
}

}  // namespace

// What a MANIFEST's edits lead to.
class ManifestReplay {
 public:
  explicit ManifestReplay(std::string path) {
    manifest_.path = std::move(path);
    manifest_.column_families[0].name = kDefaultFamilyName;
  }

  // Adds what stands in `file` behind `from`; where a later call can go on.
  Result<std::int64_t> read(const FileReader& file, const RecordLogLimits& limits,
                            std::int64_t from) {
    const auto end = read_record_log(
        file,
        [this](std::string_view record) {
          auto edit = parse_version_edit(record);
          if (edit) return add(*std::move(edit));
          return Status(edit.status().code(),
                        fmt::format("{}: {}", manifest_.path, edit.status().message()));
        },
        limits, from);
    if (!end) return end.status();
    if (from == 0 && end->records == 0 && !end->half_written) {
      return Status(StatusCode::corrupt,
                    fmt::format("{}: holds no record; the file is damaged", manifest_.path));
    }
    manifest_.bytes = end->bytes;
    manifest_.half_written = end->half_written || !group_.empty();
    return end->resume_at;
  }

  const Manifest& manifest() const { return manifest_; }
  Manifest take() && { return std::move(manifest_); }

 private:
  // Edits of an atomic group count together or not at all.
  Status add(VersionEdit edit) {
    if (!edit.atomic_group_remaining) {
      group_.clear();
      return apply(std::move(edit));
    }
    const bool last = *edit.atomic_group_remaining == 0;
    if (group_.empty()) group_files_ = 0;
    group_files_ += edit.new_files.size() + edit.new_blob_files.size();
    if (group_.size() >= kManifestFamiliesMax || group_files_ > kManifestFilesMax) {
      return corrupt("an atomic group is too long");
    }
    group_.push_back(std::move(edit));
    if (!last) return Status::ok();
    for (auto& each : std::exchange(group_, {})) {
      if (auto status = apply(std::move(each)); !status) return status;
    }
    return Status::ok();
  }

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
      if (manifest_.column_families.size() > kManifestFamiliesMax) {
        return corrupt("names absurdly many column families");
      }
      added.name = *std::move(edit.added_column_family);
    }
    const auto found = manifest_.column_families.find(edit.column_family);
    if (found == manifest_.column_families.end()) {
      return corrupt(fmt::format("column family {} was never added", edit.column_family));
    }
    auto& family = found->second;
    family.id = edit.column_family;
    if (edit.drops_column_family) {
      files_ -= family.files.size() + family.blob_files.size();
      manifest_.column_families.erase(found);
      return Status::ok();
    }
    if (edit.comparator) family.comparator = *std::move(edit.comparator);
    if (edit.log_number) family.log_number = *edit.log_number;
    files_ -= family.files.size() + family.blob_files.size();
    apply_files(edit, family);
    files_ += family.files.size() + family.blob_files.size();
    if (files_ > kManifestFilesMax) return corrupt("names absurdly many files");
    return Status::ok();
  }

  static void apply_files(VersionEdit& edit, ManifestColumnFamily& family) {
    // A file that moves down is deleted and added by one edit: in this order.
    for (const auto& [level, number] : edit.deleted_files) {
      const auto file = family.files.find(number);
      if (file != family.files.end() && file->second.level == level) family.files.erase(file);
    }
    for (auto& file : edit.new_files) {
      const auto number = file.number;
      family.files.insert_or_assign(number, std::move(file));
    }
    for (const auto& file : edit.new_blob_files)
      family.blob_files.insert_or_assign(file.number, file);
    for (const auto& garbage : edit.blob_garbage) {
      const auto file = family.blob_files.find(garbage.number);
      if (file == family.blob_files.end()) continue;
      add_saturating(file->second.garbage_blobs, garbage.blobs);
      add_saturating(file->second.garbage_bytes, garbage.bytes);
    }
  }

  Manifest manifest_;
  std::size_t files_ = 0;           // of all families
  std::vector<VersionEdit> group_;  // of an atomic group whose end has not come
  std::size_t group_files_ = 0;     // that its edits add
};

std::vector<LevelTotal> ManifestColumnFamily::levels() const {
  std::map<int, LevelTotal> totals;
  for (const auto& [number, file] : files) {
    auto& total = totals[file.level];
    total.level = file.level;
    total.files += 1;
    add_saturating(total.bytes, file.bytes);
  }
  std::vector<LevelTotal> result;
  for (const auto& [level, total] : totals) result.push_back(total);
  return result;
}

// As VersionBuilder::SaveBlobFilesTo and AddBlobFileIfNeeded judge it (db/version_builder.cc).
std::vector<ManifestBlobFile> ManifestColumnFamily::live_blob_files() const {
  if (blob_files.empty()) return {};
  std::set<std::uint64_t> named;
  for (const auto& [number, file] : files) {
    // A table may name one that is gone, in which all was garbage.
    if (blob_files.contains(file.oldest_blob_file)) named.insert(file.oldest_blob_file);
  }
  if (named.empty()) return {};
  std::vector<ManifestBlobFile> live;
  for (auto at = blob_files.lower_bound(*named.begin()); at != blob_files.end(); ++at) {
    const auto& [number, file] = *at;
    if (file.garbage_blobs < file.blobs || named.contains(number)) live.push_back(file);
  }
  return live;
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
      add_saturating(all.bytes, level.bytes);
    }
  }
  return all;
}

BlobTotal Manifest::blob_total() const {
  BlobTotal all;
  for (const auto& [id, family] : column_families) {
    for (const auto& file : family.live_blob_files()) {
      all.files += 1;
      add_saturating(all.bytes, file.bytes);
      add_saturating(all.garbage_bytes, file.garbage_bytes);
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
  ManifestReplay replay(path);
  if (const auto end = replay.read(*file, limits, 0); !end) return end.status();
  return std::move(replay).take();
}

Result<Manifest> read_manifest(const std::string& directory, const RecordLogLimits& limits) {
  return read_the_current(
      directory, [&](const std::string& path) { return read_manifest_file(path, limits); });
}

ManifestFollower::ManifestFollower(std::string directory, const RecordLogLimits& limits)
    : directory_(std::move(directory)), limits_(limits) {}
ManifestFollower::~ManifestFollower() = default;

Result<const Manifest*> ManifestFollower::update() {
  return read_the_current(directory_, [this](const std::string& path) { return read(path); });
}

Result<const Manifest*> ManifestFollower::read(const std::string& path) {
  const auto file = FileReader::open(path, SymbolicLinks::refuse);
  if (!file) return file.status();
  const bool same = replay_ && replay_->manifest().path == path && inode_ == file->inode() &&
                    file->size_at_open() >= resume_at_;
  if (!same) {
    replay_ = std::make_unique<ManifestReplay>(path);
    inode_ = file->inode();
    resume_at_ = 0;
  }
  const auto end = replay_->read(*file, limits_, resume_at_);
  if (!end) {
    replay_.reset();
    return end.status();
  }
  resume_at_ = *end;
  return &replay_->manifest();
}

}  // namespace nodetune
