// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Operations as table files: one a family, built in a folder of the database's own directory (the
// same file system: a link moves them), then added in one atomic step of the MANIFEST.
#include <fmt/format.h>
#include <rocksdb/sst_file_writer.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "engine/base/logging.h"
#include "engine/files/file_reader.h"
#include "engine/store/database_impl.h"
#include "engine/store/slice.h"
#include "engine/store/status_from.h"

namespace nodetune {
namespace {

constexpr std::string_view kIngestFolder = "/ingest";
constexpr std::string_view kTableSuffix = ".sst";
constexpr int kQuietLooks = 3;
constexpr std::size_t kLeftoversMax = 100'000;

using Operations = std::span<const WriteOperation>;

bool is_range(const WriteOperation& operation) {
  return operation.type == OperationType::delete_range;
}

Status misplaced(const WriteOperation& operation) {
  return {StatusCode::invalid_argument,
          fmt::format("{} in {} is not in its place: operations to be ingested are sorted, with "
                      "one a key",
                      to_string(operation.type), to_string(operation.family))};
}

// One family's part: what RocksDB does not check itself.
Status check_part(Operations part) {
  const WriteOperation* before = nullptr;
  for (const auto& operation : part) {
    if (auto status = check_operation(operation); !status) return status;
    if (before != nullptr && is_range(operation)) {
      if (!is_range(*before) || operation.key < before->value) return misplaced(operation);
    } else if (before != nullptr && !is_range(*before) && operation.key <= before->key) {
      return misplaced(operation);
    }
    before = &operation;
  }
  return Status::ok();
}

rocksdb::Status add_to_table(rocksdb::SstFileWriter& table, const WriteOperation& operation) {
  switch (operation.type) {
    case OperationType::put:
      return table.Put(slice(operation.key), slice(operation.value));
    case OperationType::erase:
      return table.Delete(slice(operation.key));
    case OperationType::single_delete:  // no such record here, and a delete must not be mixed in
      return table.DeleteRange(slice(operation.key), slice(operation.key + '\0'));
    case OperationType::delete_range:
      return table.DeleteRange(slice(operation.key), slice(operation.value));
    case OperationType::merge:
      return table.Merge(slice(operation.key), slice(operation.value));
  }
  return rocksdb::Status::InvalidArgument("unknown operation");
}

rocksdb::Status build(const std::string& name, const rocksdb::Options& options, Operations part) {
  // The file is read soon: it stays in the page cache.
  rocksdb::SstFileWriter table(rocksdb::EnvOptions(options), options, /*column_family=*/nullptr,
                               /*invalidate_page_cache=*/false);
  auto status = table.Open(name);
  for (const auto& operation : part) {
    if (!status.ok()) break;
    if (is_range(operation) && operation.key == operation.value) continue;
    status = add_to_table(table, operation);
  }
  return status.ok() ? table.Finish() : status;
}

// What an ingestion says that may not wait for a flush.
bool needs_flush(const rocksdb::Status& status) {
  return status.IsInvalidArgument() &&
         status.ToString().find("requires flush") != std::string::npos;
}

// An empty range alone makes no table.
bool changes_nothing(Operations part) {
  return std::all_of(part.begin(), part.end(), [](const auto& operation) {
    return is_range(operation) && operation.key == operation.value;
  });
}

}  // namespace

// Table files that wait to be ingested; removed with it unless they were.
class Database::Impl::TableFiles {
 public:
  TableFiles() = default;
  TableFiles(const TableFiles&) = delete;
  TableFiles& operator=(const TableFiles&) = delete;
  ~TableFiles() {
    for (const auto& file : files_) (void)::unlink(file.name.c_str());
  }

  void add(Family family, std::string name) { files_.push_back({family, std::move(name)}); }
  bool empty() const { return files_.empty(); }

  std::vector<rocksdb::IngestExternalFileArg> arguments(const Impl& database) const {
    rocksdb::IngestExternalFileOptions options;
    options.move_files = true;            // a link, no copy
    options.write_global_seqno = false;   // the MANIFEST says it; no write into a finished file
    options.allow_global_seqno = true;    // the keys may be in the database already
    options.allow_blocking_flush = true;  // and in memory
    options.snapshot_consistency = true;  // a scan goes on seeing what it saw
    std::vector<rocksdb::IngestExternalFileArg> all;
    for (const auto& file : files_) {
      auto& argument = all.emplace_back();
      argument.column_family = database.handle(file.family);
      argument.external_files = {file.name};
      argument.options = options;
    }
    return all;
  }

 private:
  struct File {
    Family family;
    std::string name;
  };
  std::vector<File> files_;
};

Status Database::Impl::build_tables(Operations operations, TableFiles& files) {
  const auto folder = ingest_folder(path);
  if (!folder) return folder.status();
  const auto serial = ingest_serial_.fetch_add(1);
  std::optional<Family> last;
  for (auto begin = operations.begin(); begin != operations.end();) {
    const auto family = begin->family;
    if (last && family <= *last) return misplaced(*begin);
    last = family;
    const auto end = std::find_if(begin, operations.end(),
                                  [&](const auto& other) { return other.family != family; });
    const Operations part(begin, end);
    begin = end;
    if (auto status = check_part(part); !status) return status;
    if (changes_nothing(part)) continue;
    auto name = fmt::format("{}/{}-{}{}", *folder, serial, to_string(family), kTableSuffix);
    files.add(family, name);
    const auto built = build(name, db->GetOptions(handle(family)), part);
    if (!built.ok()) return status_from(built, "build a table", path);
  }
  return Status::ok();
}

Status Database::Impl::ingest(Operations operations) {
  const std::shared_lock open(gate);
  if (auto status = writable(); !status) return status;
  TableFiles files;
  if (auto status = build_tables(operations, files); !status) return status;
  // A crash must not keep these and lose what came before.
  if (auto status = sync_memory(); !status) return status;
  if (files.empty()) return Status::ok();
  auto arguments = files.arguments(*this);
  const std::lock_guard lock(ingest_mutex_);
  // A flush may be needed first; with other writers about, again and again.
  for (int look = 0; look < kQuietLooks && has_empty_bottom(arguments); ++look) {
    const auto status = ingest_quietly(arguments);
    if (!needs_flush(status)) return status_from(status, "ingest", path);
    if (auto flushed = flush_memory(); !flushed) return flushed;
  }
  return status_from(add_tables(arguments), "ingest", path);
}

rocksdb::Status Database::Impl::add_tables(const Tables& arguments) {
  ingests_.fetch_add(1);
  auto status = db->IngestExternalFiles(arguments);
  ingests_.fetch_add(1);
  return status;
}

// With no flush and no compaction under way, or to come.
rocksdb::Status Database::Impl::ingest_quietly(Tables arguments) {
  for (auto& argument : arguments) argument.options.allow_blocking_flush = false;
  if (auto paused = db->PauseBackgroundWork(); !paused.ok()) return paused;
  auto status = add_tables(arguments);
  const auto resumed = db->ContinueBackgroundWork();
  return status.ok() ? resumed : status;
}

// A family's last level has no file: the next flush or compaction may be the first to fill a level,
// and RocksDB 7.8 looks into a list that does not have it yet when an ingestion comes between (seen
// as an abort at version_set.h:427). Once that level has files all lists have all levels.
bool Database::Impl::has_empty_bottom(const Tables& arguments) const {
  return std::any_of(arguments.begin(), arguments.end(), [this](const auto& argument) {
    const auto last = db->NumberLevels(argument.column_family) - 1;
    std::string files;
    const auto name = rocksdb::DB::Properties::kNumFilesAtLevelPrefix + std::to_string(last);
    return !db->GetProperty(argument.column_family, name, &files) || files == "0";
  });
}

// RocksDB makes the families' new states visible one after another.
std::uint64_t Database::Impl::wait_for_ingestion() {
  for (;;) {
    const auto ingests = ingests_.load();
    if (ingests % 2 == 0) return ingests;
    const std::lock_guard wait(ingest_mutex_);
  }
}

Status Database::ingest(Operations operations) {
  return impl_->ingest(operations);
}

Result<std::string> ingest_folder(const std::string& path) {
  auto folder = path + std::string(kIngestFolder);
  constexpr mode_t kMode = 0755;
  if (::mkdir(folder.c_str(), kMode) == 0 || errno == EEXIST) return folder;
  return Status::from_errno(errno, "create the directory", folder);
}

void remove_ingest_leftovers(const std::string& path) {
  const auto folder = path + std::string(kIngestFolder);
  const auto listed = list_directory(folder, kLeftoversMax);
  if (!listed) return;
  for (const auto& entry : listed->entries) {
    if (!entry.name.ends_with(kTableSuffix)) continue;
    const auto name = folder + "/" + entry.name;
    if (::unlink(name.c_str()) != 0) {
      log().warn("{}", Status::from_errno(errno, "remove a leftover", name).message());
    }
  }
}

}  // namespace nodetune
