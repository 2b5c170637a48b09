// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/metrics/snapshot.h"
#include "engine/store/block_cache_probe.h"
#include "engine/store/key_value_store.h"
#include "engine/store/knobs.h"

namespace rocksdb {
class FileSystem;
}

namespace nodetune {

// A flush or a compaction: one that runs tells no output bytes.
struct DatabaseJob {
  int number = 0;  // RocksDB's own; begins anew with each open; atomic flushes share one
  bool is_flush = false;
  std::string family;  // printable
  TimePoint begin{};
  TimePoint end{};  // of one that runs: the epoch
  int input_level = -1;
  int output_level = -1;
  std::optional<std::int64_t> input_bytes = std::nullopt;
  std::optional<std::int64_t> output_bytes = std::nullopt;
  std::string reason;  // as RocksDB names it
};

// Something RocksDB told its listener: for the Events page.
struct DatabaseEvent {
  enum class Type : std::uint8_t {
    flush,
    compaction,
    stall_begin,
    stall_end,
    background_error,
    table_created,
    recovery
  };
  Type type = Type::flush;
  TimePoint time{};
  std::string family;  // printable
  std::string text;    // "3 files, 12 MiB of level 0 into level 1 in 85 ms"
  double seconds = kMissing;
  std::int64_t input_bytes = 0;
  std::int64_t output_bytes = 0;
  int input_level = -1;
  int output_level = -1;
  bool stopped = false;                           // of a stall: writes stopped, not only slowed
  std::optional<DatabaseJob> job = std::nullopt;  // of a flush or a compaction that did work
};

struct DatabaseConfig {
  KnobValues knobs = KnobValues::defaults();
  std::shared_ptr<BlockCacheProbe> block_cache_probe = nullptr;  // may be null: nobody looks on
  bool create_if_missing = false;
  // Null: the real one. For tests, which break it.
  std::shared_ptr<rocksdb::FileSystem> file_system = nullptr;
};

// What the block cache did since open; index and filter blocks included.
struct BlockCacheFigures {
  std::uint64_t lookups = 0;
  std::uint64_t misses = 0;
  // Of reads for somebody who waits, from file or page cache, decompression included.
  std::uint64_t block_reads = 0;
  double block_read_seconds = 0;
  std::uint64_t capacity_bytes = 0;
};

// A managed directory's RocksDB: the only class whose source includes RocksDB headers.
//
// Invariant: one column family an object kind, and NodeTune's own; atomic_flush; NODETUNE.json
// says what the directory is and which knob values it opens with (written with fsync and rename).
// No value that makes RocksDB abort or hang reaches it: set_knob refuses with the reason.
// Thread: reads, writes and figures from any; open, close and set_knob from the commander alone.
class Database final : public KeyValueStore {
 public:
  // Errors (each says what to do): missing path, a file, no permission, lock held (by which
  // process), another engine's database, a RocksDB directory that is not NodeTune's own, a newer
  // table format, damage, a full disk.
  static Result<std::unique_ptr<Database>> open(const std::string& path,
                                                const DatabaseConfig& config, Clock& clock);
  // True when the directory carries NODETUNE.json.
  static bool is_managed(const std::string& path);

  ~Database() override;

  Result<Value> get(Family family, std::string_view key) override;
  Result<std::vector<Value>> multi_get(std::span<const ReadKey> keys) override;
  Status write(std::span<const WriteOperation> operations, Durability durability) override;
  Status ingest(std::span<const WriteOperation> operations) override;
  Status sync() override;
  // Everything in memory goes into table files.
  Status flush();
  // Leaves the block cache as it is.
  Status scan(Family family, std::string_view begin, std::string_view end,
              const Visit& visit) override;

  const std::string& path() const;
  // As RocksDB reports them now, not as somebody set them (bloom: what new files get).
  Result<KnobValues> knobs() const;
  // Applies to all object families, reads back; restores the old value when a family refuses.
  // Does not persist: save_knobs() does.
  Status set_knob(Knob knob, std::int64_t value);
  // Rewrites NODETUNE.json with these values (fsync, rename, fsync of the directory).
  Status save_knobs(const KnobValues& values);

  // Fills the db_* metrics, levels, families and stalls of `snapshot`.
  void fill(Snapshot& snapshot) const;
  BlockCacheFigures block_cache() const;
  // Bits per key of the filter in the newest SST: what the Bloom knob really does. Missing when it
  // has no filter, or nothing was written since open.
  double newest_filter_bits_per_key() const;
  // Takes what the listener has queued (bounded; `lost` says how many did not fit).
  std::vector<DatabaseEvent> take_events(std::uint64_t* lost = nullptr);
  // Flushes and compactions that have begun and not ended (bounded: the newest).
  std::vector<DatabaseJob> running_jobs() const;
  // What stops writes: the first error of a write, a flush or the background; ok when there is
  // none. Nothing is written until resume() has mended it; reads go on.
  Status background_error() const;
  // What is in memory only is flushed, where RocksDB still can; then the database is closed and
  // opened again, whatever the error was: RocksDB 7.8 itself aborts on some ways on. Nothing that
  // was acknowledged is lost by it: a commit without a log is flushed first, or there is no
  // reopening; one with a log is read back from there.
  // While the disk is as broken as before nothing changes, and the error says why. When it breaks
  // in the midst of it the database stays closed, reads fail too, and the next resume() opens it.
  // Busy: RocksDB has not flushed in five seconds: it waits for a compaction that goes on failing.
  // Seldom that one waits for RocksDB's MANIFEST to be mended, which comes after it: then commits
  // without a log since the last flush end with the program, whose log says so.
  // A reader or writer that comes meanwhile waits, as does resume() for those that are under way.
  Status resume() override;
  static std::string library_version();  // "7.8.3"

 private:
  class Impl;
  explicit Database(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace nodetune
