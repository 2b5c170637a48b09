// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/store/database.h"

#include <fmt/format.h>
#include <rocksdb/convenience.h>
#include <rocksdb/version.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "engine/base/format.h"
#include "engine/base/logging.h"
#include "engine/files/sst_footer.h"
#include "engine/store/database_impl.h"
#include "engine/store/probed_block_cache.h"
#include "engine/store/slice.h"
#include "engine/store/status_from.h"

namespace nodetune {
namespace {

std::vector<rocksdb::ColumnFamilyDescriptor> descriptors(
    const rocksdb::ColumnFamilyOptions& options) {
  std::vector<rocksdb::ColumnFamilyDescriptor> all;
  all.emplace_back(rocksdb::kDefaultColumnFamilyName, options);
  for (const auto family : kFamilies) all.emplace_back(std::string(to_string(family)), options);
  return all;
}

std::uint64_t micros_since(const Clock& clock, SteadyTime begun) {
  const auto spent = (clock.steady_now() - begun).count();
  return spent > 0 ? static_cast<std::uint64_t>(spent) : 0;
}

bool is_live(rocksdb::DB& db, const std::string& table) {
  std::vector<rocksdb::LiveFileMetaData> files;
  db.GetLiveFilesMetaData(&files);
  return std::any_of(files.begin(), files.end(),
                     [&](const auto& file) { return file.relative_filename == table; });
}

}  // namespace

Database::Impl::Impl(std::string directory, DirectoryClaim claimed, const DatabaseConfig& config,
                     Clock& clock_used)
    : path(std::move(directory)),
      claim(std::move(claimed)),
      block_cache_probe(config.block_cache_probe),
      clock(clock_used),
      env(rocksdb::NewCompositeEnv(mark_errors(
          config.file_system ? config.file_system : rocksdb::FileSystem::Default(), disk))) {}

Status Database::Impl::open(const NodeFile& node) {
  parts.statistics = rocksdb::CreateDBStatistics();
  parts.statistics->set_stats_level(rocksdb::StatsLevel::kExceptDetailedTimers);
  parts.block_cache = make_block_cache(node.knobs);
  if (block_cache_probe) {
    parts.block_cache = make_probed_block_cache(parts.block_cache, block_cache_probe);
  }
  parts.bloom = std::make_shared<BloomPolicy>(node.knobs[Knob::bloom_bits_per_key]);
  parts.listener = std::make_shared<DatabaseListener>(path, clock);
  parts.info_log = std::make_shared<InfoLog>(path);
  settled_ = node.knobs;
  if (auto status = open_database(node.state == NodeFile::State::creating); !status) return status;
  return check_live_tables();
}

Status Database::Impl::open_database(bool creating) {
  auto options = database_options(settled_, parts);
  options.env = env.get();
  options.create_if_missing = creating;
  options.create_missing_column_families = creating;
  std::vector<rocksdb::ColumnFamilyHandle*> opened;
  rocksdb::DB* raw = nullptr;
  const auto status =
      rocksdb::DB::Open(options, path, descriptors(family_options(settled_, parts)), &opened, &raw);
  if (!status.ok()) {
    // Somebody may have been quicker than the check before.
    if (auto free = check_not_locked(path); !free) return free;
    if (status.IsInvalidArgument()) {  // "Column family not found", "Column families not opened"
      return {
          StatusCode::corrupt,
          fmt::format("{}: the database is not as NodeTune made it ({}): its MANIFEST is damaged "
                      "or another program changed it; restore a backup",
                      path, escape_name(status.ToString()))};
    }
    return status_from(status, "open", path);
  }
  db.reset(raw);
  disk->open.store(true);
  default_handle = opened.front();
  std::copy(opened.begin() + 1, opened.end(), handles.begin());
  return Status::ok();
}

// RocksDB opens tables when they are first needed; an operator wants to know of damage now.
Status Database::Impl::check_live_tables() const {
  std::vector<rocksdb::LiveFileMetaData> files;
  db->GetLiveFilesMetaData(&files);
  for (const auto& file : files) {
    const auto name = path + "/" + file.relative_filename;
    const auto footer = read_sst_footer(name);
    // A compaction may have taken it meanwhile.
    if (!footer && is_live(*db, file.relative_filename)) return footer.status();
  }
  return Status::ok();
}

Database::Impl::~Impl() {
  save_unlogged();
  close_database();
}

void Database::Impl::close_database() {
  if (!db) return;
  // Waits for running flushes and compactions; without WAL it flushes what is in memory first.
  rocksdb::CancelAllBackgroundWork(db.get(), /*wait=*/true);
  if (flushing_.valid()) (void)flushing_.get();
  // Nothing more goes into the MANIFEST, and the lock is still held.
  if (const auto noted = remember_manifest(path); !noted) log().warn("{}", noted.message());
  // Handles first: a database that is closed with a live handle aborts.
  for (auto*& family : handles) {
    if (family != nullptr) (void)db->DestroyColumnFamilyHandle(std::exchange(family, nullptr));
  }
  if (default_handle != nullptr) {
    (void)db->DestroyColumnFamilyHandle(std::exchange(default_handle, nullptr));
  }
  if (const auto closed = db->Close(); !closed.ok()) {
    log().error("{}", status_from(closed, "close", path).message());
  }
  db.reset();
}

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const std::string& path,
                                                 const DatabaseConfig& config, Clock& clock) {
  if (auto status = check_is_directory(path, config.create_if_missing); !status) return status;
  auto claim = DirectoryClaim::take(path);
  if (!claim) return claim.status();
  if (auto status = check_not_locked(path); !status) return status;
  auto node = prepare_directory(path, config);
  if (!node) return node.status();
  if (auto status = check_table_formats(path); !status) return status;

  remove_ingest_leftovers(path);
  auto impl = std::make_unique<Impl>(path, *std::move(claim), config, clock);
  if (auto status = impl->open(*node); !status) return status;
  if (node->state == NodeFile::State::creating) {
    auto identity = read_identity(path);
    if (!identity) return identity.status();
    node->state = NodeFile::State::ready;
    node->identity = *std::move(identity);
    if (auto status = write_node_file(path, *node); !status) return status;
  }
  return std::unique_ptr<Database>(new Database(std::move(impl)));
}

bool Database::is_managed(const std::string& path) {
  struct stat found = {};
  const auto name = fmt::format("{}/{}", path, kNodeFileName);
  return ::stat(name.c_str(), &found) == 0 && S_ISREG(found.st_mode);
}

Result<Database::Value> Database::get(Family family, std::string_view key) {
  const auto begun = impl_->clock.steady_now();
  const std::shared_lock open(impl_->gate);
  if (auto status = impl_->readable(); !status) return status;
  rocksdb::PinnableSlice value;
  const auto status =
      impl_->db->Get(rocksdb::ReadOptions(), impl_->handle(family), slice(key), &value);
  impl_->get_micros.record(micros_since(impl_->clock, begun));
  if (status.ok()) return Value(value.ToString());
  if (status.IsNotFound()) return Value();
  return status_from(status, fmt::format("read from {}", to_string(family)), impl_->path);
}

Result<std::vector<Database::Value>> Database::multi_get(std::span<const ReadKey> keys) {
  std::vector<Value> values(keys.size());
  if (keys.empty()) return values;
  const std::shared_lock open(impl_->gate);
  if (auto status = impl_->readable(); !status) return status;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  std::vector<rocksdb::Slice> wanted;
  families.reserve(keys.size());
  wanted.reserve(keys.size());
  for (const auto& key : keys) {
    families.push_back(impl_->handle(key.family));
    wanted.push_back(slice(key.key));
  }
  std::vector<rocksdb::PinnableSlice> found(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  const auto begun = impl_->clock.steady_now();
  impl_->multi_get(families, wanted, found, statuses);
  impl_->multi_get_micros.record(micros_since(impl_->clock, begun));
  for (std::size_t index = 0; index < keys.size(); ++index) {
    if (statuses[index].ok()) {
      values[index] = found[index].ToString();
    } else if (!statuses[index].IsNotFound()) {
      return status_from(statuses[index],
                         fmt::format("read from {}", to_string(keys[index].family)), impl_->path);
    }
  }
  return values;
}

// Of one state, ingestions included: what is read across one is read again.
void Database::Impl::multi_get(std::span<rocksdb::ColumnFamilyHandle*> families,
                               std::span<const rocksdb::Slice> keys,
                               std::span<rocksdb::PinnableSlice> values,
                               std::span<rocksdb::Status> statuses) {
  for (;;) {
    const auto ingests = wait_for_ingestion();
    db->MultiGet(rocksdb::ReadOptions(), keys.size(), families.data(), keys.data(), values.data(),
                 statuses.data());
    if (ingests_.load() == ingests) return;
    for (auto& value : values) value.Reset();
  }
}

Status Database::scan(Family family, std::string_view begin, std::string_view end,
                      const Visit& visit) {
  if (begin >= end) return Status::ok();
  const std::shared_lock open(impl_->gate);
  if (auto status = impl_->readable(); !status) return status;
  const auto upper = slice(end);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper;
  options.fill_cache = false;  // a scan must not push out what point reads need
  const std::unique_ptr<rocksdb::Iterator> entry(
      impl_->db->NewIterator(options, impl_->handle(family)));
  for (entry->Seek(slice(begin)); entry->Valid(); entry->Next()) {
    const auto key = entry->key();
    const auto value = entry->value();
    if (!visit({key.data(), key.size()}, {value.data(), value.size()})) break;
  }
  return status_from(entry->status(), fmt::format("scan {}", to_string(family)), impl_->path);
}

const std::string& Database::path() const {
  return impl_->path;
}

Result<KnobValues> Database::knobs() const {
  const std::shared_lock open(impl_->gate);
  if (auto status = impl_->readable(); !status) return status;
  return impl_->knobs();
}

Status Database::set_knob(Knob knob, std::int64_t value) {
  const std::shared_lock open(impl_->gate);
  if (auto status = impl_->readable(); !status) return status;
  return impl_->set_knob(knob, value);
}

void Database::fill(Snapshot& snapshot) const {
  impl_->fill(snapshot);
}

BlockCacheFigures Database::block_cache() const {
  const auto& statistics = *impl_->parts.statistics;
  BlockCacheFigures figures;
  figures.misses = statistics.getTickerCount(rocksdb::BLOCK_CACHE_MISS);
  figures.lookups = figures.misses + statistics.getTickerCount(rocksdb::BLOCK_CACHE_HIT);
  rocksdb::HistogramData reads;
  statistics.histogramData(rocksdb::READ_BLOCK_GET_MICROS, &reads);
  figures.block_reads = reads.count;
  figures.block_read_seconds = static_cast<double>(reads.sum) / 1e6;
  figures.capacity_bytes = impl_->parts.block_cache->GetCapacity();
  return figures;
}

double Database::newest_filter_bits_per_key() const {
  return impl_->parts.listener->newest_filter_bits();
}

std::vector<DatabaseEvent> Database::take_events(std::uint64_t* lost) {
  return impl_->parts.listener->take(lost);
}

std::vector<DatabaseJob> Database::running_jobs() const {
  return impl_->parts.listener->running_jobs();
}

Status Database::background_error() const {
  return impl_->background_error();
}

Status Database::resume() {
  return impl_->resume();
}

std::string Database::library_version() {
  return rocksdb::GetRocksVersionAsString();
}

}  // namespace nodetune
