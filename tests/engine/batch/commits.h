// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <QTemporaryDir>
#include <QtGlobal>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/batch/commit.h"
#include "engine/store/database.h"
#include "tests/engine/fake_store.h"
#include "tests/engine/random_operations.h"

namespace nodetune::testing {

// Nothing: it cannot be read.
inline std::optional<Contents> try_contents(KeyValueStore& store) {
  Contents all;
  for (const auto family : kFamilies) {
    const auto scanned = store.scan(family, "", std::string(100, '\xff'),
                                    [&](std::string_view key, std::string_view value) {
                                      all[index_of(family)].emplace(key, value);
                                      return true;
                                    });
    if (!scanned) return std::nullopt;
  }
  return all;
}

inline Contents contents(KeyValueStore& store) {
  auto all = try_contents(store);
  if (!all) qFatal("the store cannot be read");
  return *std::move(all);
}

// Commits of random groups, and what the database holds after each.
class Commits {
 public:
  explicit Commits(std::uint64_t seed) : random(seed) { states_.emplace_back(); }

  Commit next() {
    Commit commit(sequence_.back());
    for (auto& group : next_groups()) {
      const auto size = measure(group);
      commit.add(std::move(group), size);
    }
    return commit;
  }
  // For whoever makes one commit of them.
  std::vector<WriteGroup> next_groups() {
    auto state = states_.back();
    std::vector<WriteGroup> groups(1 + static_cast<std::size_t>(random.number(3)));
    for (auto& group : groups) group = next_group(state);
    sequence_.push_back(sequence_.back() + groups.size());
    apply_operation(state, WriteOperation::put(Family::own, std::string(kCommitSequenceKey),
                                               encode_counter(sequence_.back())));
    states_.push_back(std::move(state));
    return groups;
  }

  // State n: after n commits.
  const Contents& state(std::size_t n) const { return states_[n]; }
  std::size_t count() const { return states_.size() - 1; }
  // The state that the database is in, the latest of them.
  std::size_t find(const Contents& found) const {
    for (auto n = states_.size(); n-- > 0;) {
      if (states_[n] == found) return n;
    }
    return kNowhere;
  }
  static constexpr std::size_t kNowhere = ~std::size_t{0};
  // A crash has undone what came after.
  void go_back_to(std::size_t n) {
    states_.resize(n + 1);
    sequence_.resize(n + 1);
  }

  RandomOperations random;

 private:
  WriteGroup next_group(Contents& state) {
    WriteGroup group;
    const auto add = [&](WriteOperation operation) {
      apply_operation(state, operation);
      group.operations.push_back(std::move(operation));
    };
    for (int i = random.number(12); i > 0; --i) {
      auto operation = random.next(/*single_deletes=*/false);
      const bool hits_sequence =
          operation.type == OperationType::delete_range && operation.family == Family::own;
      if (!hits_sequence) add(std::move(operation));
      if (random.number(4) == 0) add(renewed(state));
    }
    return group;
  }

  // A key that is put once and single-deleted once, again and again; ranges may hit it.
  WriteOperation renewed(const Contents& state) {
    const auto key = "single" + std::to_string(random.number(3));
    if (state[index_of(Family::storage)].contains(key)) {
      return WriteOperation::single_delete(Family::storage, key);
    }
    return WriteOperation::put(Family::storage, key, std::to_string(random.number(1'000'000)));
  }

  std::vector<Contents> states_;
  std::vector<std::uint64_t> sequence_{0};
};

// In memory where there is such a place: these tests wait for the disk often.
inline QString scratch_template() {
  return QDir("/dev/shm").exists() ? "/dev/shm/nodetune-XXXXXX"
                                   : QDir::tempPath() + "/nodetune-XXXXXX";
}

inline std::unique_ptr<Database> must_open(const std::string& path, const DatabaseConfig& config) {
  auto opened = Database::open(path, config, SystemClock::instance());
  if (!opened) qFatal("open: %s", opened.status().message().c_str());
  return *std::move(opened);
}

}  // namespace nodetune::testing
