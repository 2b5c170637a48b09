// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/commit.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "engine/batch/operation_order.h"

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
  if (operations_.empty()) prepare(options.path);
  if (outcome_ == Outcome::unknown) {
    if (auto known = find_out_what_landed(store); !known) return known;
  }
  if (outcome_ != Outcome::written) {
    auto written = store.write(operations_, options.durability);
    outcome_ = written ? Outcome::written : Outcome::unknown;
    return written;
  }
  return options.durability == Durability::log_and_fsync ? store.sync() : Status::ok();
}

void Commit::prepare(WritePath path) {
  operations_.reserve(size_.operations + 1);
  for (auto& group : groups_) {
    for (auto& operation : group.operations) operations_.push_back(std::move(operation));
  }
  groups_.clear();
  operations_.push_back(WriteOperation::put(Family::own, std::string(kCommitSequenceKey),
                                            encode_counter(sequence_before_ + size_.groups)));
  if (path != WritePath::as_given) order_operations(operations_);
}

Status Commit::find_out_what_landed(KeyValueStore& store) {
  const auto sequence = read_commit_sequence(store);
  if (!sequence) return sequence.status();
  if (*sequence == sequence_before_ + size_.groups) {
    outcome_ = Outcome::written;
    return Status::ok();
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
