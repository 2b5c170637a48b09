// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/observation.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "engine/base/format.h"
#include "engine/files/sst_properties.h"

namespace nodetune {
namespace {

constexpr std::int64_t kMissingMax = 3;  // more, and most of all: they lie elsewhere
constexpr std::size_t kPasswordEntryBytes = 16 * 1024;

const DatabaseFile* newest_of(const DirectoryListing& listing, DatabaseFileType type) {
  const DatabaseFile* newest = nullptr;
  for (const auto& file : listing.files) {
    if (file.type != type || !file.number) continue;
    if (newest == nullptr || *file.number > *newest->number) newest = &file;
  }
  return newest;
}

std::string shell_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string table_name(std::uint64_t number) {
  return fmt::format("{:06}.sst", number);
}

}  // namespace

std::string Observation::rocksdb_version() const {
  if (options && !options->file.rocksdb_version.empty()) return options->file.rocksdb_version;
  return log_head.version;
}

std::vector<std::string> Observation::families() const {
  std::vector<std::string> names;
  if (manifest) {
    for (const auto& [id, family] : manifest->column_families) names.push_back(family.name);
  } else if (options) {
    for (const auto& family : options->file.column_families) names.push_back(family.name);
  }
  return names;
}

bool Observation::shows_family(const ManifestColumnFamily& family) const {
  const bool unused = client.profile != nullptr && client.profile->default_is_unused;
  return !(unused && family.name == kDefaultFamilyName && family.files.empty() &&
           manifest->column_families.size() > 1);
}

std::vector<std::string> Observation::family_titles() const {
  std::vector<std::string> titles;
  if (manifest) {
    for (const auto& [id, family] : manifest->column_families) {
      if (shows_family(family)) titles.push_back(family_title(client.profile, family.name));
    }
    return titles;
  }
  for (const auto& name : families()) titles.push_back(family_title(client.profile, name));
  return titles;
}

DirectoryObserver::DirectoryObserver(std::string path, Clock& clock, const ObserverLimits& limits)
    : path_(std::move(path)), clock_(clock), limits_(limits), manifest_(path_) {}

template <typename Work>
void DirectoryObserver::paced(Pace& pace, const Rest& rest, Work&& work) {
  const auto begin = clock_.steady_now();
  if (!pace.is_due(begin)) return;
  work();
  const auto end = clock_.steady_now();
  const auto idle = from_seconds(to_seconds(end - begin) / rest.busy_share_max);
  pace.next = end + std::max(idle, rest.idle_min);
}

Result<std::shared_ptr<const Observation>> DirectoryObserver::refresh() {
  auto now = last_ ? std::make_shared<Observation>(*last_) : std::make_shared<Observation>();
  now->path = path_;
  Status listed;
  paced(listing_pace_, often_, [&] { listed = list(*now); });
  if (!listed && !last_) return listed;
  find_holder(*now);
  read_options(*now);
  read_tree(*now);
  read_on(*now);
  // A restart may move it: whoever follows the LOG sees another place.
  const bool other_options = !last_ || (now->options && now->options != last_->options);
  if (other_options) {
    const auto elsewhere =
        now->options ? find_option(now->options->file.db_options, "db_log_dir") : std::nullopt;
    now->log_place = find_log_place(path_, elsewhere.value_or(""));
    now->log_head = read_log_head(now->log_place.newest());
  }
  if (!last_) recognise(*now);
  collect_problems(*now);
  last_ = std::move(now);
  return last_;
}

// Where nobody holds it, asking costs a fork each time.
void DirectoryObserver::find_holder(Observation& now) {
  const auto time = clock_.steady_now();
  if (!holder_pace_.is_due(time)) return;
  now.holder = lock_holder(path_);
  holder_pace_.next = time + (now.holder ? limits_.idle_min : limits_.holder_idle);
}

Problem DirectoryObserver::why_unknown(std::string_view what, bool known,
                                       const Status& status) const {
  auto text =
      fmt::format("{} {}: {}", what, known ? "shown as before" : "not known", status.message());
  const auto command = owner_command(path_);
  const bool denied = status.code() == StatusCode::permission_denied && !command.empty();
  if (denied) text += ". Its owner may read it: " + command;
  return {status.code() == StatusCode::corrupt ? ProblemKind::damaged : ProblemKind::unreadable,
          std::move(text)};
}

Status DirectoryObserver::list(Observation& now) {
  auto listing = list_database_files(path_);
  if (!listing) {
    listing_problem_ = {ProblemKind::unreadable,
                        "The files are shown as before: " + listing.status().message()};
    return listing.status();
  }
  listing_problem_.reset();
  if (listing->truncated) {
    listing_problem_ = {ProblemKind::unreadable,
                        "The directory holds more files than can be counted"};
  }
  const bool managed = std::any_of(listing->files.begin(), listing->files.end(),
                                   [](const auto& file) { return file.name == kManagedMarker; });
  now.kind = managed ? DirectoryKind::managed : DirectoryKind::rocksdb;
  now.listing = std::make_shared<const DirectoryListing>(*std::move(listing));
  return Status::ok();
}

void DirectoryObserver::read_options(Observation& now) {
  const auto* newest = newest_of(*now.listing, DatabaseFileType::options);
  if (newest == nullptr) {
    now.options = nullptr;
    options_problem_ = {ProblemKind::absent,
                        "There is no OPTIONS file: the options in force are not known"};
    return;
  }
  if (now.options && now.options->name == newest->name) return;
  auto file = read_newest_options(path_);
  if (!file) {
    options_problem_ =
        why_unknown("The options in force are", now.options != nullptr, file.status());
    return;
  }
  options_problem_.reset();
  auto read = std::make_shared<ObservedOptions>();
  read->file = *std::move(file);
  read->name = std::filesystem::path(read->file.path).filename().string();
  read->knobs = observed_knobs(read->file);
  now.options = std::move(read);
}

// Which files are live, and in which level. Its size and time tell whether there is anything new.
void DirectoryObserver::read_tree(Observation& now) {
  paced(manifest_pace_, often_, [&] {
    const auto name = read_current(path_);
    if (!name) {
      manifest_problem_ = why_unknown("The LSM tree is", now.manifest != nullptr, name.status());
      return;
    }
    struct stat status {};
    if (::stat((path_ + "/" + *name).c_str(), &status) == 0) {
      const auto modified = TimePoint(std::chrono::seconds(status.st_mtim.tv_sec) +
                                      std::chrono::microseconds(status.st_mtim.tv_nsec / 1000));
      if (*name == manifest_name_ && status.st_size == manifest_bytes_ &&
          modified == manifest_modified_) {
        return;
      }
      manifest_modified_ = modified;
      manifest_bytes_ = status.st_size;
      manifest_name_ = *name;
    }
    const auto manifest = manifest_.update();
    if (!manifest) {
      manifest_problem_ =
          why_unknown("The LSM tree is", now.manifest != nullptr, manifest.status());
      return;
    }
    manifest_problem_.reset();
    if ((*manifest)->half_written && !now.holder) {
      manifest_problem_ = {
          ProblemKind::unreadable,
          fmt::format("{} ends in the middle of a record: it was cut, or its writer died; the LSM "
                      "tree is shown as it was before",
                      *name)};
    }
    now.manifest = std::make_shared<const Manifest>(**manifest);
    now.manifest_changed = manifest_modified_;
    check_tables(now);
  });
}

// At first a sample spread over all files, then the new ones and, in time, the rest.
void DirectoryObserver::check_tables(Observation& now) {
  std::map<std::uint64_t, Checked> still;
  tables_.files = 0;
  for (const auto& [id, family] : now.manifest->column_families) {
    tables_.files += static_cast<std::int64_t>(family.files.size());
    for (const auto& [number, file] : family.files) {
      if (auto known = checked_.extract(number)) still.insert(std::move(known));
    }
  }
  const auto most = rounds_ == 0 ? limits_.tables_first_max : limits_.tables_each_max;
  checked_ = std::move(still);
  const auto is_known = [this](std::uint64_t number) { return checked_.contains(number); };
  for (const auto* file : tables_to_read(*now.manifest, is_known, most, rounds_++)) {
    check_table(*file, now);
  }
  sum_up_checks(now);
  const auto row_of = [this](std::uint64_t number) -> const TableRow* {
    const auto known = checked_.find(number);
    return known != checked_.end() && known->second.row ? &*known->second.row : nullptr;
  };
  now.table_figures =
      std::make_shared<const TableFigures>(sum_up_tables(*now.manifest, row_of, names_));
  tables_pace_.next = clock_.steady_now() + limits_.seldom_idle;
}

// What nobody waits for: old tables that no look has read yet, files that nobody names, and names
// without a file.
void DirectoryObserver::read_on(Observation& now) {
  if (!now.manifest) return;
  if (tables_.checked < tables_.files) {
    paced(tables_pace_, seldom_, [&] { check_tables(now); });
  }
  paced(strays_pace_, seldom_, [&] {
    now.orphans = orphans_.look(*now.listing, *now.manifest, now.holder.has_value(), clock_.now());
    if (manifest_problem_) return;  // an old tree names what is rightly gone
    lost_files_ = lost_watch_.look(*now.listing, *now.manifest, clock_.now());
  });
}

void DirectoryObserver::sum_up_checks(Observation& now) {
  tables_.checked = static_cast<std::int64_t>(checked_.size());
  tables_.damaged.clear();
  std::int64_t missing = 0;
  for (const auto& [number, table] : checked_) {
    if (table.missing) ++missing;
    if (table.damage.empty() || tables_.damaged.size() >= limits_.damaged_max) continue;
    tables_.damaged.push_back({ProblemKind::damaged, table.damage});
  }
  if (missing > kMissingMax && 2 * missing > tables_.checked) {
    tables_.damaged = {
        {ProblemKind::unreadable,
         fmt::format("{} of {} SST files are not here: the node keeps them elsewhere "
                     "(db_paths, cf_paths), or they are lost",
                     missing, tables_.checked)}};
  }
  now.tables = tables_;
}

void DirectoryObserver::check_table(const ManifestFile& file, const Observation& now) {
  const auto name = table_name(file.number);
  const auto tail = read_sst_tail(path_ + "/" + name);
  std::string damage;
  bool missing = false;
  std::optional<TableRow> row;
  if (tail) {
    const auto& footer = tail->footer;
    tables_.format_version =
        std::max(tables_.format_version.value_or(0), static_cast<int>(footer.format_version));
    if (tail->properties) row = table_row(*tail, names_);
    if (footer.file_bytes != file.bytes) {
      damage = fmt::format("{} is damaged: {} bytes long, but {} names {}", name, footer.file_bytes,
                           manifest_name_, file.bytes);
    } else if (tail->properties_status.code() == StatusCode::corrupt) {
      damage = fmt::format("{} is damaged: it {}", name, tail->properties_status.message());
    }
  } else if (tail.status().code() == StatusCode::not_found) {
    if (now.holder) return;  // a running node deletes what its next version no longer needs
    missing = true;
    damage = fmt::format("{} is missing, but {} names it", name, manifest_name_);
  } else if (tail.status().code() == StatusCode::corrupt) {
    auto why = tail.status().message();
    if (const auto prefix = path_ + "/" + name + ": "; why.starts_with(prefix)) {
      why.erase(0, prefix.size());
    }
    damage = fmt::format("{} is damaged: it {} ({} names {} bytes)", name, why, manifest_name_,
                         file.bytes);
  } else {
    return;  // no permission, or a format that is newer than this program: neither is damage
  }
  checked_.emplace(file.number, Checked{std::move(damage), missing, row});
}

void DirectoryObserver::recognise(Observation& now) {
  if (now.kind == DirectoryKind::managed) {
    now.client = {nullptr, "NodeTune test bench", fmt::format("{} stands in it", kManagedMarker)};
    return;
  }
  auto traces = client_traces(path_);
  traces.families = now.families();
  traces.directory_of_writer = now.log_head.directory;
  now.client = recognise_client(traces);
}

void DirectoryObserver::collect_problems(Observation& now) const {
  now.problems.clear();
  for (const auto& problem : {listing_problem_, manifest_problem_, options_problem_}) {
    if (problem) now.problems.push_back(*problem);
  }
  auto lost = lost_files_text(lost_files_, manifest_name_, now.holder ? now.holder->pid : -1);
  if (!lost.empty()) now.problems.push_back({ProblemKind::damaged, std::move(lost)});
  now.problems.insert(now.problems.end(), tables_.damaged.begin(), tables_.damaged.end());
}

std::string owner_command(const std::string& path) {
  struct stat status {};
  std::error_code error;
  auto place = std::filesystem::absolute(path, error);
  while (::stat(place.c_str(), &status) != 0) {
    if (place == place.parent_path()) return {};
    place = place.parent_path();
  }
  if (status.st_uid == ::geteuid()) return {};
  struct passwd entry {};
  struct passwd* found = nullptr;
  std::array<char, kPasswordEntryBytes> buffer{};
  if (::getpwuid_r(status.st_uid, &entry, buffer.data(), buffer.size(), &found) != 0) return {};
  const auto owner =
      found != nullptr ? std::string(entry.pw_name) : fmt::format("'#{}'", status.st_uid);
  return fmt::format("sudo -u {} nodetune-cli open {}", owner, shell_quoted(path));
}

}  // namespace nodetune
