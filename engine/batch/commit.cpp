// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/commit.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "engine/batch/fold.h"

namespace nodetune {

Result<std::uint64_t> read_commit_sequence(KeyValueStore& store) {
  const auto stored = store.get(Family::own, kCommitSequenceKey);
  if (!stored) return stored.status();
  if (!stored->has_value()) return std::uint64_t{0};
  const std::string& bytes = **stored;
  if (bytes.size() != sizeof(std::uint64_t)) {
    return Status(StatusCode::corrupt,
                  fmt::format("the database's commit sequence has {} bytes instead of 8: it was "
                              "damaged, or written by something else; restore the directory",
                              bytes.size()));
  }
  return decode_counter(bytes);
}

void Commit::add(WriteGroup group, const GroupSize& size) {
  groups_.push_back(std::move(group));
  size_.groups += 1;
  size_.operations += size.operations;
  size_.bytes += size.bytes;
}

Status Commit::apply(KeyValueStore& store, const Options& options) {
  prepare(options.path);
  if (outcome_ == Outcome::unknown) {
    if (auto known = find_out_what_landed(store); !known) return known;
  }
  Status status;
  if (outcome_ == Outcome::absent) {
    status = write(store, options);
  } else if (options.durability == Durability::log_and_fsync) {
    status = store.sync();
  }
  outcome_ = status ? Outcome::written : Outcome::unknown;
  return status;
}

// What was folded once may be folded again, and stays folded.
void Commit::prepare(WritePath path) {
  if (prepared_ == path) return;
  if (!prepared_) {
    WriteGroup own;
    own.operations.push_back(WriteOperation::put(Family::own, std::string(kCommitSequenceKey),
                                                 encode_counter(sequence_before_ + size_.groups)));
    groups_.push_back(std::move(own));
  } else if (path != WritePath::as_given) {
    groups_.push_back({std::move(operations_)});
    operations_.clear();
  }
  prepared_.reset();  // should folding throw, for want of memory, the next call begins anew
  switch (path) {
    case WritePath::as_given:
      operations_.reserve(size_.operations + 2);
      for (auto& group : groups_) {
        std::move(group.operations.begin(), group.operations.end(),
                  std::back_inserter(operations_));
      }
      break;
    case WritePath::sorted:
      operations_ = fold(groups_, FoldFor::write_batch);
      break;
    case WritePath::ingested:
      operations_ = fold(groups_, FoldFor::table_file);
      break;
  }
  groups_.clear();
  prepared_ = path;
}

Status Commit::write(KeyValueStore& store, const Options& options) const {
  if (options.path == WritePath::ingested) return store.ingest(operations_);
  return store.write(operations_, options.durability);
}

Status Commit::find_out_what_landed(KeyValueStore& store) {
  if (auto resumed = store.resume(); !resumed) return resumed;
  const auto sequence = read_commit_sequence(store);
  if (!sequence) return sequence.status();
  if (*sequence == sequence_before_ + size_.groups) {
    outcome_ = Outcome::written;
    return Status::ok();
  }
  if (*sequence < sequence_before_) {
    return Status(StatusCode::corrupt,
                  fmt::format("the disk has lost what was committed before: the database holds {} "
                              "groups, {} were there; restore the directory, or open it again and "
                              "commit from there",
                              *sequence, sequence_before_));
  }
  if (*sequence != sequence_before_) {
    return Status(StatusCode::corrupt,
                  fmt::format("the database's commit sequence is {} where {} or {} must stand: "
                              "something else writes to this directory; stop it",
                              *sequence, sequence_before_, sequence_before_ + size_.groups));
  }
  outcome_ = Outcome::absent;
  return Status::ok();
}

}  // namespace nodetune
