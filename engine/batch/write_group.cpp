// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/write_group.h"

#include <fmt/format.h>

#include "engine/base/format.h"

namespace nodetune {
namespace {

bool touches_commit_sequence(const WriteOperation& operation) {
  if (operation.family != Family::own) return false;
  if (operation.type != OperationType::delete_range) return operation.key == kCommitSequenceKey;
  return operation.key <= kCommitSequenceKey && kCommitSequenceKey < operation.value;
}

}  // namespace

GroupSize measure(const WriteGroup& group) {
  GroupSize size;
  size.operations = group.operations.size();
  for (const auto& operation : group.operations) {
    ++size.by_type[index_of(operation.type)];
    size.bytes += operation.bytes();
    size.families |= 1U << index_of(operation.family);
  }
  return size;
}

Status validate(const WriteGroup& group) {
  for (const auto& operation : group.operations) {
    const auto refuse = [&operation](std::string_view why) {
      return Status(StatusCode::invalid_argument,
                    fmt::format("{} of key {} in {}: {}", to_string(operation.type),
                                escape_name(operation.key), to_string(operation.family), why));
    };
    if (operation.type == OperationType::delete_range && operation.value < operation.key) {
      return refuse("the range ends before it begins");
    }
    if (operation.type == OperationType::merge && operation.value.size() != sizeof(std::uint64_t)) {
      return refuse(fmt::format("an addend has 8 bytes, not {}", operation.value.size()));
    }
    if (touches_commit_sequence(operation)) return refuse("the commit sequence is not yours");
  }
  return Status::ok();
}

}  // namespace nodetune
