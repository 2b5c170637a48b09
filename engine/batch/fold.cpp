// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/fold.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <queue>
#include <string>
#include <string_view>
#include <utility>

namespace nodetune {
namespace {

constexpr int kFamilyBits = 4;
static_assert(kFamilyCount <= std::size_t{1} << kFamilyBits);

using Order = std::uint32_t;  // among all operations, from 1, as they were submitted
constexpr Order kNever = 0;

// A point operation. Small enough to be moved about by the sort; the strings are moved once, at
// the end.
struct Place {
  std::uint64_t prefix;  // family and the key's first bytes: decides most comparisons
  Order order;
  WriteOperation* operation;
};

struct Range {
  std::string_view begin;
  std::string_view end;
  Order order;
};

// What becomes of an operation that stays.
struct Step {
  WriteOperation* operation;
  OperationType type;
  bool counted;           // its value is `counter`, not its own
  std::uint64_t counter;  // of a put, or added by a merge
};

std::uint64_t first_bytes(std::string_view key) {
  std::array<unsigned char, sizeof(std::uint64_t)> bytes{};
  std::memcpy(bytes.data(), key.data(), std::min(key.size(), bytes.size()));
  std::uint64_t number = 0;
  for (const auto byte : bytes) number = number << 8 | byte;  // one byte swap, once compiled
  return number;
}

std::uint64_t prefix_of(const WriteOperation& operation) {
  constexpr int kShift = 64 - kFamilyBits;
  return static_cast<std::uint64_t>(operation.family) << kShift |
         first_bytes(operation.key) >> kFamilyBits;
}

bool same_key(const Place& a, const Place& b) {
  return a.prefix == b.prefix && a.operation->key == b.operation->key;
}

// Says for ascending keys which of a family's ranges was the last to delete each.
class Coverage {
 public:
  explicit Coverage(std::span<const Range> by_begin) : waiting_(by_begin) {}

  Order last_over(std::string_view key) {
    for (; !waiting_.empty() && waiting_.front().begin <= key; waiting_ = waiting_.subspan(1)) {
      begun_.push(waiting_.front());
    }
    while (!begun_.empty() && begun_.top().end <= key) begun_.pop();
    return begun_.empty() ? kNever : begun_.top().order;
  }

 private:
  struct Earlier {
    bool operator()(const Range& a, const Range& b) const { return a.order < b.order; }
  };
  std::span<const Range> waiting_;
  std::priority_queue<Range, std::vector<Range>, Earlier> begun_;  // the last one on top
};

class Folder {
 public:
  Folder(std::span<WriteGroup> groups, FoldFor purpose) : purpose_(purpose) { sort_out(groups); }

  std::vector<WriteOperation> result() {
    fold_all();
    std::vector<WriteOperation> folded;
    folded.reserve(steps_.size() + deleted_count());  // the last thing that can throw
    std::size_t step = 0;
    for (const auto family : kFamilies) {
      for (auto& range : deleted_[index_of(family)]) folded.push_back(std::move(range));
      for (; step < steps_.size() && steps_[step].operation->family == family; ++step) {
        carry_out(steps_[step], folded);
      }
    }
    return folded;
  }

 private:
  void sort_out(std::span<WriteGroup> groups) {
    std::size_t count = 0;
    for (const auto& group : groups) count += group.operations.size();
    places_.reserve(count);
    Order order = kNever;
    for (auto& group : groups) {
      for (auto& operation : group.operations) {
        ++order;
        if (operation.type != OperationType::delete_range) {
          places_.push_back({prefix_of(operation), order, &operation});
        } else if (operation.key < operation.value) {
          ranges_[index_of(operation.family)].push_back({operation.key, operation.value, order});
        }
      }
    }
    std::sort(places_.begin(), places_.end(), [](const Place& a, const Place& b) {
      if (a.prefix != b.prefix) return a.prefix < b.prefix;
      const int keys = a.operation->key.compare(b.operation->key);
      return keys != 0 ? keys < 0 : a.order < b.order;
    });
  }

  void fold_all() {
    steps_.reserve(places_.size());
    auto place = places_.begin();
    for (const auto family : kFamilies) {
      auto& ranges = ranges_[index_of(family)];
      std::sort(ranges.begin(), ranges.end(),
                [](const Range& a, const Range& b) { return a.begin < b.begin; });
      Coverage coverage(ranges);
      while (place != places_.end() && place->operation->family == family) {
        auto end = place + 1;
        while (end != places_.end() && same_key(*place, *end)) ++end;
        const auto covered = ranges.empty() ? kNever : coverage.last_over(place->operation->key);
        fold_key(std::span(place, end), covered);
        place = end;
      }
      unite_ranges(family);
    }
  }

  // The operations on one key, in their order; `covered`: a range deleted it then.
  void fold_key(std::span<const Place> places, Order covered) {
    if (places.size() == 1 && covered == kNever) {
      auto& operation = *places.front().operation;
      keep({&operation, operation.type, false, 0}, nullptr, false);
      return;
    }
    WriteOperation* single_delete = nullptr;  // of what lies below
    Step last{nullptr, OperationType::erase, false, 0};
    for (const auto& place : places) {
      if (place.order < covered) continue;
      auto& operation = *place.operation;
      const bool untouched = last.operation == nullptr && covered == kNever;
      if (operation.type == OperationType::single_delete && untouched) single_delete = &operation;
      if (operation.type == OperationType::merge) {
        last = added(last, operation, untouched);
      } else {
        last = {&operation, operation.type, false, 0};
      }
    }
    keep(last, single_delete, covered != kNever);
  }

  static Step added(const Step& before, WriteOperation& merge, bool untouched) {
    const auto addend = decode_counter(merge.value);
    if (untouched) return {&merge, OperationType::merge, true, addend};
    const bool keeps_type =
        before.type == OperationType::put || before.type == OperationType::merge;
    std::uint64_t sum = addend;
    if (before.counted) sum += before.counter;
    if (keeps_type && !before.counted) sum += decode_counter(before.operation->value);
    return {&merge, keeps_type ? before.type : OperationType::put, true, sum};
  }

  // `single_delete`: one that takes away what lies below.
  void keep(const Step& last, WriteOperation* single_delete, bool range_below) {
    if (last.operation == nullptr) return;
    const bool single = last.type == OperationType::single_delete;
    if (range_below && (single || last.type == OperationType::erase)) return;
    if (single) {
      keep_single_delete(*last.operation);
      return;
    }
    if (single_delete != nullptr) keep_single_delete(*single_delete);
    steps_.push_back(last);
  }

  void keep_single_delete(WriteOperation& operation) {
    if (purpose_ == FoldFor::write_batch) {
      steps_.push_back({&operation, OperationType::single_delete, false, 0});
      return;
    }
    deleted_[index_of(operation.family)].push_back(
        WriteOperation::delete_range(operation.family, operation.key, operation.key + '\0'));
  }

  // Of the family's ranges, sorted by where they begin, disjoint ones. Single keys that were put
  // there before lie in none of them.
  void unite_ranges(Family family) {
    auto& deleted = deleted_[index_of(family)];
    const auto single_keys = static_cast<std::ptrdiff_t>(deleted.size());
    std::string_view begin;
    std::string_view end;
    const auto flush = [&] {
      if (begin < end) {
        deleted.push_back(
            WriteOperation::delete_range(family, std::string(begin), std::string(end)));
      }
    };
    for (const auto& range : ranges_[index_of(family)]) {
      if (range.begin <= end) {
        end = std::max(end, range.end);
        continue;
      }
      flush();
      begin = range.begin;
      end = range.end;
    }
    flush();
    std::inplace_merge(
        deleted.begin(), deleted.begin() + single_keys, deleted.end(),
        [](const WriteOperation& a, const WriteOperation& b) { return a.key < b.key; });
  }

  std::size_t deleted_count() const {
    std::size_t count = 0;
    for (const auto& ranges : deleted_) count += ranges.size();
    return count;
  }

  static void carry_out(const Step& step, std::vector<WriteOperation>& folded) {
    auto& operation = folded.emplace_back(std::move(*step.operation));
    operation.type = step.type;
    if (step.counted) operation.value = encode_counter(step.counter);
    if (step.type == OperationType::erase) operation.value.clear();
  }

  const FoldFor purpose_;
  std::vector<Place> places_;
  std::array<std::vector<Range>, kFamilyCount> ranges_;
  std::array<std::vector<WriteOperation>, kFamilyCount> deleted_;
  std::vector<Step> steps_;  // sorted
};

}  // namespace

std::vector<WriteOperation> fold(std::span<WriteGroup> groups, FoldFor purpose) {
  return Folder(groups, purpose).result();
}

}  // namespace nodetune
