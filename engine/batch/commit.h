// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/status.h"
#include "engine/batch/write_group.h"
#include "engine/batch/write_path.h"
#include "engine/store/key_value_store.h"

namespace nodetune {

// Reads the commit sequence: 0 in a new database.
Result<std::uint64_t> read_commit_sequence(KeyValueStore& store);

// Some whole groups on their way into the store, kept until they are there.
//
// Thread: the committer's alone.
class Commit {
 public:
  struct Size {
    std::uint64_t groups = 0;
    std::uint64_t operations = 0;
    std::uint64_t bytes = 0;
  };

  // `sequence_before`: the store's commit sequence without these groups.
  explicit Commit(std::uint64_t sequence_before) : sequence_before_(sequence_before) {}

  void add(WriteGroup group, const GroupSize& size);
  const Size& size() const { return size_; }

  struct Options {
    WritePath path = WritePath::sorted;
    Durability durability = Durability::log;
  };
  // Writes it, in one piece. After a failure it can be called again, on another path too: it then
  // first has the store mended, and asks it whether the earlier write has landed.
  Status apply(KeyValueStore& store, const Options& options);

 private:
  void prepare(WritePath path);
  Status write(KeyValueStore& store, const Options& options) const;
  Status find_out_what_landed(KeyValueStore& store);

  // Of the write: whether the store has it.
  enum class Outcome : std::uint8_t { absent, unknown, written };

  std::uint64_t sequence_before_;
  Size size_;
  std::vector<WriteGroup> groups_;          // until prepared
  std::vector<WriteOperation> operations_;  // once prepared; one of them puts the sequence
  std::optional<WritePath> prepared_;       // for this path
  Outcome outcome_ = Outcome::absent;
};

}  // namespace nodetune
