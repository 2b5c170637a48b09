// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/cache/cached_value.h"
#include "engine/chain/object_kind.h"

namespace nodetune {

// What a block will touch: keys by kind, in kObjectKinds' order; one that comes twice counts once.
struct BlockAccess {
  std::array<std::vector<std::string>, kObjectKindCount> keys;

  std::vector<std::string>& of(ObjectKind kind) { return keys[index_of(kind)]; }
};

// What became of hints of one kind, or of all. A first touch is the first read of a hinted key
// within its block; keys that the block never reads are none. A key for which the hold had no room
// counts as a first touch that was not served, whatever became of it.
struct HintCounters {
  std::uint64_t hinted = 0;              // distinct keys, summed over the blocks
  std::uint64_t first_touches = 0;       // of these
  std::uint64_t served_from_memory = 0;  // of these: by pending writes, cache or hold

  // Missing (NaN) before the first touch.
  double first_touch_ratio() const {
    if (first_touches == 0) return std::numeric_limits<double>::quiet_NaN();
    return static_cast<double>(served_from_memory) / static_cast<double>(first_touches);
  }
  HintCounters& operator+=(const HintCounters& other) {
    hinted += other.hinted;
    first_touches += other.first_touches;
    served_from_memory += other.served_from_memory;
    return *this;
  }
};

struct HintConfig {
  std::size_t held_bytes_max = 64u << 20;  // keys and values of one block; a block needs some 3 MB
  std::size_t holds_max = 4;               // alive at once: the block's own and those announced
};

struct HintFigures {
  std::uint64_t blocks = 0;                            // begun with hints
  std::array<HintCounters, kObjectKindCount> kinds{};  // in kObjectKinds' order
  std::uint64_t held_bytes = 0;                        // now

  HintCounters all() const;
};

// The values that a block was promised: kept for it whatever the caches throw out meanwhile.
//
// Invariant: once a key is expected, no value older than a commit to it is ever found: a commit
// overtakes what is held, and what is still on its way. Bytes of keys and values stay within the
// limit: what does not fit is not held, and reads go to the database as without hints.
// Thread: any. Lifetime: shared by who asked for it and by the ObjectStore that keeps it right.
class BlockHold {
 public:
  explicit BlockHold(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  BlockHold(const BlockHold&) = delete;
  BlockHold& operator=(const BlockHold&) = delete;

  // From here on commits to these keys are followed.
  void expect(ObjectKind kind, std::span<const std::string> keys);
  // Expected and without a value; the views live as long as the hold.
  std::vector<std::string_view> awaited(ObjectKind kind) const;
  // A value read after expect(); ignored where a commit was faster.
  void fill(ObjectKind kind, std::string_view key, CachedValue value);

  // A commit has happened: as CacheManager is told.
  void on_written(ObjectKind kind, std::string_view key, const CachedValue& value);
  void on_changed(ObjectKind kind, std::string_view key);
  void on_range_deleted(ObjectKind kind, std::string_view begin, std::string_view end);

  // values[i] answers keys[i]; nothing: not held.
  std::vector<std::optional<CachedValue>> find(ObjectKind kind,
                                               std::span<const std::string_view> keys) const;
  // These were read; counts which of them for the first time.
  void touch(ObjectKind kind, std::span<const std::string_view> keys, bool from_memory);

  std::array<HintCounters, kObjectKindCount> counters() const;  // in kObjectKinds' order
  std::size_t bytes() const;

 private:
  enum class State : std::uint8_t { awaited, held, unknown };
  struct Entry {
    CachedValue value;  // of a held one; null: absent from the database
    State state = State::awaited;
    bool touched = false;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>{}(key);
    }
  };
  struct Part {
    std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries;
    HintCounters counters;
  };

  void set(Entry& entry, const CachedValue& value);
  void forget(Entry& entry);

  const std::size_t bytes_max_;
  mutable std::mutex mutex_;  // guards what follows
  std::array<Part, kObjectKindCount> parts_;
  std::size_t bytes_ = 0;
};

}  // namespace nodetune
