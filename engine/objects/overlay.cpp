// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/objects/overlay.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <mutex>
#include <utility>

namespace nodetune {
namespace {

constexpr std::uint64_t kAllGroups = std::numeric_limits<std::uint64_t>::max();

}  // namespace

std::optional<std::string> resolve_addends(const std::optional<std::string>& base,
                                           std::span<const PendingAnswer::Addend> addends,
                                           std::uint64_t held_groups) {
  std::uint64_t sum = 0;
  bool any = false;
  for (const auto& addend : addends) {
    if (addend.group <= held_groups) continue;
    sum += addend.amount;
    any = true;
  }
  if (!any) return base;
  return encode_counter(sum + (base ? decode_counter(*base) : 0));
}

bool PendingRange::deletes(std::string_view key) const {
  return std::any_of(deleted.begin(), deleted.end(),
                     [key](const auto& range) { return range.first <= key && key < range.second; });
}

void Overlay::add(std::uint64_t group, const WriteGroup& writes) {
  // The copies are made before the lock: readers wait for pointers to be set, no more.
  std::vector<CachedValue> values;
  values.reserve(writes.operations.size());
  for (const auto& operation : writes.operations) {
    const bool put = operation.type == OperationType::put;
    values.push_back(put ? CachedValue(operation.value) : nullptr);
  }

  Group added{group, {}};
  added.touched.reserve(writes.operations.size());
  const std::unique_lock lock(mutex_);
  for (std::size_t i = 0; i < writes.operations.size(); ++i) {
    const auto& operation = writes.operations[i];
    auto& pending = families_[index_of(operation.family)];
    const auto serial = ++serial_;
    if (operation.type == OperationType::delete_range) {
      pending.ranges.push_back({group, serial, operation.key, operation.value});
      continue;
    }
    auto point = pending.points.find(std::string_view(operation.key));
    if (point == pending.points.end()) {
      point = pending.points.try_emplace(operation.key).first;
    }
    auto& operations = point->second;
    if (operations.empty() || operations.back().group != group) {
      added.touched.push_back({operation.family, &*point});
    }
    const bool merge = operation.type == OperationType::merge;
    operations.push_back(
        {group, serial, merge, std::move(values[i]), merge ? decode_counter(operation.value) : 0});
  }
  groups_.push_back(std::move(added));
}

PendingAnswer Overlay::find(Family family, std::string_view key) const {
  const std::shared_lock lock(mutex_);
  return find_locked(family, key);
}

std::vector<PendingAnswer> Overlay::find(Family family,
                                         std::span<const std::string_view> keys) const {
  std::vector<PendingAnswer> answers;
  answers.reserve(keys.size());
  const std::shared_lock lock(mutex_);
  for (const auto key : keys) answers.push_back(find_locked(family, key));
  return answers;
}

PendingRange Overlay::find_range(Family family, std::string_view begin,
                                 std::string_view end) const {
  PendingRange found;
  const std::shared_lock lock(mutex_);
  const auto& pending = families_[index_of(family)];
  for (const auto& [key, operations] : pending.points) {
    if (key < begin || key >= end) continue;
    found.keys.emplace(key, resolve(pending, key, operations, kAllGroups));
  }
  for (const auto& range : pending.ranges) {
    if (range.begin < end && range.end > begin) found.deleted.emplace_back(range.begin, range.end);
  }
  return found;
}

PendingAnswer Overlay::find_locked(Family family, std::string_view key) const {
  const auto& pending = families_[index_of(family)];
  const auto point = pending.points.find(key);
  const bool found = point != pending.points.end();
  return resolve(pending, key, found ? point->second : std::span<const Operation>{}, kAllGroups);
}

PendingAnswer Overlay::resolve(const Pending& pending, std::string_view key,
                               std::span<const Operation> operations, std::uint64_t group) {
  std::uint64_t deleted = 0;  // serial of the newest range over the key
  for (auto range = pending.ranges.rbegin(); range != pending.ranges.rend(); ++range) {
    if (range->group <= group && range->begin <= key && key < range->end) {
      deleted = range->serial;
      break;
    }
  }

  PendingAnswer answer;
  bool base_known = deleted != 0;
  CachedValue base;
  for (auto operation = operations.rbegin(); operation != operations.rend(); ++operation) {
    if (operation->group > group) continue;
    if (operation->serial < deleted) break;
    if (!operation->merge) {
      base_known = true;
      base = operation->value;
      break;
    }
    answer.addends.push_back({operation->group, operation->amount});
  }

  if (!base_known) {
    if (!answer.addends.empty()) answer.kind = PendingAnswer::Kind::addends;
    return answer;
  }
  answer.kind = PendingAnswer::Kind::value;
  if (answer.addends.empty()) {
    answer.value = std::move(base);
  } else {
    std::uint64_t sum = base ? decode_counter(*base) : 0;
    for (const auto& addend : answer.addends) sum += addend.amount;
    answer.value = CachedValue(encode_counter(sum));
  }
  return answer;
}

std::vector<Overlay::Touched> Overlay::touched_through(std::uint64_t group) const {
  std::vector<Touched> result;
  for (const auto& one : groups_) {
    if (one.number > group) break;
    for (const auto& touched : one.touched) {
      // Groups ascend. A key that every group touches has as many operations as groups wait.
      const auto& operations = touched.point->second;
      const auto behind = std::upper_bound(operations.begin(), operations.end(), group,
                                           [](std::uint64_t wanted, const Operation& operation) {
                                             return wanted < operation.group;
                                           });
      if (std::prev(behind)->group == one.number) result.push_back(touched);
    }
  }
  return result;
}

CommittedChanges Overlay::changes_through(std::uint64_t group) const {
  CommittedChanges changes;
  const std::shared_lock lock(mutex_);
  for (const auto family : kFamilies) {
    for (const auto& range : families_[index_of(family)].ranges) {
      if (range.group > group) break;
      changes.ranges.push_back({family, range.begin, range.end});
    }
  }
  for (const auto& touched : touched_through(group)) {
    const auto& [key, operations] = *touched.point;
    auto answer = resolve(families_[index_of(touched.family)], key, operations, group);
    changes.keys.push_back(
        {touched.family, &key, answer.kind == PendingAnswer::Kind::value, std::move(answer.value)});
  }
  return changes;
}

void Overlay::drop_through(std::uint64_t group) {
  std::vector<Points::node_type> emptied;  // freed after the lock
  std::deque<Group> gone;
  const std::unique_lock lock(mutex_);
  for (const auto& touched : touched_through(group)) {
    auto& points = families_[index_of(touched.family)].points;
    auto& operations = touched.point->second;
    if (operations.back().group <= group) {
      emptied.push_back(points.extract(touched.point->first));
    } else {
      std::erase_if(operations,
                    [group](const Operation& operation) { return operation.group <= group; });
    }
  }
  for (auto& pending : families_) {
    while (!pending.ranges.empty() && pending.ranges.front().group <= group) {
      pending.ranges.pop_front();
    }
  }
  while (!groups_.empty() && groups_.front().number <= group) {
    gone.push_back(std::move(groups_.front()));
    groups_.pop_front();
  }
}

std::size_t Overlay::groups() const {
  const std::shared_lock lock(mutex_);
  return groups_.size();
}

std::size_t Overlay::keys() const {
  const std::shared_lock lock(mutex_);
  std::size_t sum = 0;
  for (const auto& pending : families_) sum += pending.points.size();
  return sum;
}

}  // namespace nodetune
