// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/batch/write_group.h"
#include "engine/cache/cache.h"
#include "engine/store/family.h"

namespace nodetune {

// What pending writes say about one key.
struct PendingAnswer {
  enum class Kind : std::uint8_t {
    nothing,  // ask below
    value,    // `value` is what a read must see; null: absent
    addends   // merges whose base is below: resolve_addends()
  };
  struct Addend {
    std::uint64_t group;
    std::uint64_t amount;
  };
  Kind kind = Kind::nothing;
  CachedValue value;
  std::vector<Addend> addends;
};

// The value of a counter whose base was read from a database that holds the groups up to
// `held_groups`: adds only what came later. Absent when there is no base and nothing to add.
std::optional<std::string> resolve_addends(const std::optional<std::string>& base,
                                           std::span<const PendingAnswer::Addend> addends,
                                           std::uint64_t held_groups);

// What commits must tell the caches.
struct CommittedChanges {
  struct Range {
    Family family;
    std::string begin;
    std::string end;
  };
  struct Key {
    Family family;
    const std::string* key;  // the overlay's, until drop_through()
    bool known;              // the value is; else it was merged onto what lies below
    CachedValue value;       // null: deleted
  };
  std::vector<Range> ranges;  // they come first
  std::vector<Key> keys;      // each once, as the last group left it
};

// What pending writes say about a range of keys.
struct PendingRange {
  std::map<std::string, PendingAnswer, std::less<>> keys;    // those that have writes of their own
  std::vector<std::pair<std::string, std::string>> deleted;  // others in here are gone

  bool deletes(std::string_view key) const;
};

// Submitted and not yet committed writes, as reads must see them.
//
// Invariant: for each key the newest pending operation decides, deleted ranges included; merges add
// to what is older. Dropping groups 1..n drops exactly their effects, whatever later groups did to
// the same keys.
// Thread: find from any. add() in the order of the groups, one at a time; changes_through() and
// drop_through() from the committer alone.
class Overlay {
 public:
  void add(std::uint64_t group, const WriteGroup& writes);

  PendingAnswer find(Family family, std::string_view key) const;
  // All at one moment.
  std::vector<PendingAnswer> find(Family family, std::span<const std::string_view> keys) const;

  // Of keys in [begin, end), at one moment. Looks at every pending key of the family.
  PendingRange find_range(Family family, std::string_view begin, std::string_view end) const;

  CommittedChanges changes_through(std::uint64_t group) const;
  void drop_through(std::uint64_t group);

  std::size_t groups() const;
  std::size_t keys() const;

 private:
  struct Operation {
    std::uint64_t group = 0;
    std::uint64_t serial = 0;  // of all operations ever added: says what is newer
    bool merge = false;
    CachedValue value;         // of a put; null: deleted
    std::uint64_t amount = 0;  // of a merge
  };
  struct Range {
    std::uint64_t group = 0;
    std::uint64_t serial = 0;
    std::string begin;
    std::string end;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>{}(key);
    }
  };
  // Oldest operation first; never empty.
  using Points = std::unordered_map<std::string, std::vector<Operation>, Hash, std::equal_to<>>;
  struct Pending {
    Points points;
    std::deque<Range> ranges;  // oldest first
  };
  struct Touched {
    Family family;
    Points::value_type* point;
  };
  struct Group {
    std::uint64_t number;
    std::vector<Touched> touched;  // each key once
  };

  PendingAnswer find_locked(Family family, std::string_view key) const;
  // What the operations and ranges up to `group` make of a key.
  static PendingAnswer resolve(const Pending& pending, std::string_view key,
                               std::span<const Operation> operations, std::uint64_t group);
  // The keys whose last change up to `group` was in one of the groups up to it, each once.
  std::vector<Touched> touched_through(std::uint64_t group) const;

  mutable std::shared_mutex mutex_;
  std::array<Pending, kFamilyCount> families_;
  std::deque<Group> groups_;  // oldest first
  std::uint64_t serial_ = 0;
};

}  // namespace nodetune
