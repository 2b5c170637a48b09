// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <list>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/cache/arbiter.h"
#include "engine/chain/access_list.h"
#include "engine/chain/keccak.h"
#include "engine/chain/keys.h"

// Streams of lookups by class, exact byte-LRU caches and exact curves: what the arbiter is measured
// against, in tests and in the benchmark.
namespace nodetune::streams {

struct Touch {
  std::uint32_t owner = 0;  // the class
  std::uint32_t charge = 0;
  std::uint64_t key = 0;
};

struct Stream {
  std::string name;
  std::vector<std::string> classes;
  std::vector<double> miss_seconds;  // a class
  std::vector<std::vector<Touch>> blocks;

  std::size_t owners() const { return classes.size(); }
  // Of all distinct keys: more memory than this helps nobody.
  double working_set_bytes() const {
    std::vector<std::unordered_set<std::uint64_t>> seen(owners());
    double bytes = 0;
    for (const auto& block : blocks) {
      for (const Touch& touch : block) {
        if (seen[touch.owner].insert(touch.key).second) bytes += touch.charge;
      }
    }
    return bytes;
  }
};

// An exact LRU cache by bytes.
class ExactLru {
 public:
  explicit ExactLru(double capacity) : capacity_(capacity) {}
  bool touch(std::uint64_t key, std::uint32_t charge) {
    if (const auto found = index_.find(key); found != index_.end()) {
      order_.splice(order_.begin(), order_, found->second);
      ++hits;
      return true;
    }
    ++misses;
    order_.push_front({key, charge});
    index_.emplace(key, order_.begin());
    bytes_ += charge;
    shrink();
    return false;
  }
  void resize(double capacity) {
    capacity_ = capacity;
    shrink();
  }
  double capacity() const { return capacity_; }

  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t evictions = 0;

 private:
  void shrink() {
    while (bytes_ > capacity_) {
      bytes_ -= order_.back().second;
      index_.erase(order_.back().first);
      order_.pop_back();
      ++evictions;
    }
  }
  double capacity_;
  double bytes_ = 0;
  std::list<std::pair<std::uint64_t, std::uint32_t>> order_;
  std::unordered_map<std::uint64_t, std::list<std::pair<std::uint64_t, std::uint32_t>>::iterator>
      index_;
};

// Exact LRU stack distances in bytes: a Fenwick tree over the times of last touches.
class ExactDistances {
 public:
  static constexpr double kNever = std::numeric_limits<double>::infinity();

  // The smallest cache that would have hit.
  double touch(std::uint64_t key, std::uint32_t charge) {
    if (clock_ + 1 >= tree_.size()) rebuild();
    double distance = kNever;
    if (const auto found = last_.find(key); found != last_.end()) {
      distance = total_ - below(found->second.first) + found->second.second;
      add(found->second.first, -static_cast<double>(found->second.second));
      total_ -= found->second.second;
    }
    ++clock_;
    add(clock_, charge);
    total_ += charge;
    last_[key] = {clock_, charge};
    return distance;
  }

 private:
  void add(std::size_t at, double bytes) {
    for (; at < tree_.size(); at += at & (~at + 1)) tree_[at] += bytes;
  }
  double below(std::size_t at) const {  // up to and including
    double bytes = 0;
    for (; at > 0; at -= at & (~at + 1)) bytes += tree_[at];
    return bytes;
  }
  void rebuild() {
    std::vector<std::pair<std::size_t, std::uint64_t>> order;
    for (const auto& [key, seen] : last_) order.emplace_back(seen.first, key);
    std::sort(order.begin(), order.end());
    tree_.assign(std::max<std::size_t>(1024, 4 * order.size()), 0);
    clock_ = 0;
    for (const auto& [time, key] : order) {
      auto& seen = last_[key];
      seen.first = ++clock_;
      add(clock_, seen.second);
    }
  }
  std::vector<double> tree_;
  std::size_t clock_ = 0;
  double total_ = 0;
  std::unordered_map<std::uint64_t, std::pair<std::size_t, std::uint32_t>> last_;
};

// Distances as they were seen, old ones counting less: an exact curve of one class.
class ExactCurve {
 public:
  void touch(std::uint64_t key, std::uint32_t charge) {
    const double distance = distances_.touch(key, charge);
    ++lookups_;
    if (std::isfinite(distance)) ++hits_[distance];
  }
  // Forgets, but never more than leaves `keep` lookups to judge by.
  void decay(double factor, double keep = 0) {
    if (lookups_ * factor < keep) return;
    lookups_ *= factor;
    for (auto& [distance, count] : hits_) count *= factor;
  }
  double lookups() const { return lookups_; }
  // Exact at `count` sizes up to the largest distance.
  std::vector<MissPoint> points(std::size_t count) const {
    if (!(lookups_ > 0)) return {};
    std::vector<std::pair<double, double>> sorted(hits_.begin(), hits_.end());
    std::sort(sorted.begin(), sorted.end());
    std::vector<MissPoint> curve;
    const double top = sorted.empty() ? 1 : sorted.back().first;
    double hits = 0;
    std::size_t next = 0;
    for (std::size_t i = 1; i <= count; ++i) {
      const double bytes = std::ceil(top * static_cast<double>(i) / static_cast<double>(count));
      for (; next < sorted.size() && sorted[next].first <= bytes; ++next) {
        hits += sorted[next].second;
      }
      curve.push_back({bytes, 1 - hits / lookups_});
    }
    return curve;
  }

 private:
  ExactDistances distances_;
  std::unordered_map<double, double> hits_;  // distance -> how often
  double lookups_ = 0;
};

inline std::vector<ExactCurve> curves_of(const Stream& stream) {
  std::vector<ExactCurve> curves(stream.owners());
  for (const auto& block : stream.blocks) {
    for (const Touch& touch : block) curves[touch.owner].touch(touch.key, touch.charge);
  }
  return curves;
}

// Seconds that misses cost in all blocks from `first` on, with a cache a class of these sizes.
inline double cost_of_split(const Stream& stream, std::span<const double> sizes,
                            std::size_t first = 0) {
  std::vector<ExactLru> caches(sizes.begin(), sizes.end());
  double seconds = 0;
  for (std::size_t b = 0; b < stream.blocks.size(); ++b) {
    for (const Touch& touch : stream.blocks[b]) {
      const bool hit = caches[touch.owner].touch(touch.key, touch.charge);
      if (!hit && b >= first) seconds += stream.miss_seconds[touch.owner];
    }
  }
  return seconds;
}

// The same with one cache for all classes.
inline double cost_of_global(const Stream& stream, double bytes, std::size_t first = 0) {
  ExactLru cache(bytes);
  double seconds = 0;
  for (std::size_t b = 0; b < stream.blocks.size(); ++b) {
    for (const Touch& touch : stream.blocks[b]) {
      const std::uint64_t key = touch.key * 16 + touch.owner;
      if (!cache.touch(key, touch.charge) && b >= first) {
        seconds += stream.miss_seconds[touch.owner];
      }
    }
  }
  return seconds;
}

// The best static split there is on a grid of `units`, by the exact curves: dynamic programming.
inline double oracle_cost(const Stream& stream, const std::vector<ExactCurve>& curves, double bytes,
                          std::size_t units) {
  std::vector<double> best(units + 1, 0);
  for (std::size_t owner = 0; owner < stream.owners(); ++owner) {
    const double weight = stream.miss_seconds[owner] * curves[owner].lookups();
    const CostCurve curve(curves[owner].points(4'096));
    std::vector<double> cost(units + 1);
    for (std::size_t u = 0; u <= units; ++u) {
      cost[u] =
          weight * curve.miss_ratio(bytes * static_cast<double>(u) / static_cast<double>(units));
    }
    std::vector<double> next(units + 1, std::numeric_limits<double>::infinity());
    for (std::size_t all = 0; all <= units; ++all) {
      for (std::size_t own = 0; own <= all; ++own) {
        next[all] = std::min(next[all], best[all - own] + cost[own]);
      }
    }
    best = std::move(next);
  }
  return best[units];
}

inline ArbiterInput input_for(const Stream& stream, const std::vector<ExactCurve>& curves,
                              double budget, std::span<const double> present, double blocks,
                              std::size_t points = 128) {
  ArbiterInput input;
  input.budget_bytes = static_cast<std::uint64_t>(budget);
  for (std::size_t i = 0; i < stream.owners(); ++i) {
    ArbiterConsumer consumer;
    consumer.name = stream.classes[i];
    consumer.present_bytes = static_cast<std::uint64_t>(present[i]);
    consumer.lookups_per_block = curves[i].lookups() / blocks;
    consumer.miss_seconds = stream.miss_seconds[i];
    consumer.curve_samples = curves[i].lookups();
    consumer.curve = curves[i].points(points);
    input.consumers.push_back(std::move(consumer));
  }
  return input;
}

inline std::vector<double> as_sizes(const std::vector<std::uint64_t>& bytes) {
  return {bytes.begin(), bytes.end()};
}

inline std::vector<double> equal_split(std::size_t owners, double budget) {
  return std::vector<double>(owners, std::floor(budget / static_cast<double>(owners)));
}

// Decisions until nothing moves. `steps` says how many that took.
inline std::vector<double> settled_split(const Stream& stream,
                                         const std::vector<ExactCurve>& curves, double budget,
                                         int* steps = nullptr) {
  auto input = input_for(stream, curves, budget, equal_split(stream.owners(), budget),
                         static_cast<double>(stream.blocks.size()));
  int count = 0;
  int idle = 0;
  for (; count < 200; ++count) {
    const auto decision = decide_memory(input);
    idle = decision.moves.empty() ? idle + 1 : 0;
    if (idle > 20) break;  // a candidate is given up or adopted within so many
    for (std::size_t i = 0; i < input.consumers.size(); ++i) {
      input.consumers[i].present_bytes = decision.bytes[i];
    }
    input.plan = decision.plan;
  }
  if (steps != nullptr) *steps = count - idle;
  std::vector<double> sizes;
  for (const auto& consumer : input.consumers) {
    sizes.push_back(static_cast<double>(consumer.present_bytes));
  }
  return sizes;
}

enum class Manager { arbiter, specification };

struct Managed {
  double seconds = 0;              // of misses, from `first` on
  double bytes_moved = 0;          // in the whole run
  std::vector<double> moved;       // bytes, a block
  std::vector<double> block_cost;  // seconds, a block
};

// Caches that start from an equal split and are resized after every block, by exact curves that
// forget (by 1/20 a block), or by the specification's rules (every tenth block).
inline Managed run_managed(const Stream& stream, double budget, Manager manager,
                           std::size_t first = 0) {
  constexpr double kForget = 0.95;
  constexpr double kKeepLookups = 200;
  constexpr std::size_t kRulesEvery = 10;
  std::vector<ExactLru> caches;
  for (const double size : equal_split(stream.owners(), budget)) caches.emplace_back(size);
  std::vector<ExactCurve> curves(stream.owners());
  Managed run;
  double weight_of_blocks = 0;
  std::vector<double> lookups(stream.owners());  // forgotten as the weight is
  ArbiterPlan plan;
  std::array<CacheCounters, kObjectKindCount> before{};
  for (std::size_t b = 0; b < stream.blocks.size(); ++b) {
    double seconds = 0;
    for (const Touch& touch : stream.blocks[b]) {
      const bool hit = caches[touch.owner].touch(touch.key, touch.charge);
      if (!hit) seconds += stream.miss_seconds[touch.owner];
      if (manager == Manager::arbiter) curves[touch.owner].touch(touch.key, touch.charge);
      ++lookups[touch.owner];
    }
    run.block_cost.push_back(seconds);
    if (b >= first) run.seconds += seconds;
    weight_of_blocks = weight_of_blocks * kForget + 1;

    std::vector<double> sizes;
    for (const ExactLru& cache : caches) sizes.push_back(cache.capacity());
    ArbiterInput input;
    if (manager == Manager::arbiter) {
      input = input_for(stream, curves, budget, sizes, 1);
      for (std::size_t i = 0; i < lookups.size(); ++i) {
        input.consumers[i].lookups_per_block = lookups[i] / weight_of_blocks;
        lookups[i] *= kForget;
      }
      input.plan = plan;
      for (ExactCurve& curve : curves) curve.decay(kForget, kKeepLookups);
    } else {
      const std::vector<ExactCurve> none(stream.owners());
      input = input_for(stream, none, budget, sizes, 1);
      input.mode = ArbiterMode::specification;
      for (std::size_t i = 0; i < caches.size(); ++i) {
        input.consumers[i].kind = kObjectKinds[i];
        input.consumers[i].minimum_bytes = 1;
      }
      SpecificationFigures figures;
      figures.config.min_capacity_bytes = 1;
      figures.config.max_capacity_bytes = static_cast<std::size_t>(budget);
      figures.before = before;
      double used = 0;
      for (std::size_t i = 0; i < caches.size(); ++i) {
        figures.now[i].hits = caches[i].hits;
        figures.now[i].misses = caches[i].misses;
        figures.now[i].evictions = caches[i].evictions;
        figures.now[i].capacity_bytes = static_cast<std::uint64_t>(caches[i].capacity());
        used += caches[i].capacity();
      }
      figures.memory_ratio = used / budget;
      input.specification = figures;
      if (b % kRulesEvery != kRulesEvery - 1) {
        run.moved.push_back(0);
        continue;
      }
      before = figures.now;
    }
    const auto decision = decide_memory(input);
    plan = decision.plan;
    double moved = 0;
    for (const CacheMove& move : decision.moves) moved += static_cast<double>(move.bytes);
    run.moved.push_back(moved);
    run.bytes_moved += moved;
    for (std::size_t i = 0; i < caches.size(); ++i) {
      caches[i].resize(static_cast<double>(decision.bytes[i]));
    }
  }
  return run;
}

// Draws by Zipf's law from 0 to n - 1: a table of cumulated weights.
class Zipf {
 public:
  Zipf(std::size_t n, double exponent) {
    double total = 0;
    for (std::size_t i = 1; i <= n; ++i) {
      total += std::pow(static_cast<double>(i), -exponent);
      cumulated_.push_back(total);
    }
  }
  template <typename Random>
  std::uint64_t operator()(Random& random) const {
    std::uniform_real_distribution<double> draw(0, cumulated_.back());
    const auto found = std::lower_bound(cumulated_.begin(), cumulated_.end(), draw(random));
    return static_cast<std::uint64_t>(found - cumulated_.begin());
  }

 private:
  std::vector<double> cumulated_;
};

// What one class of a synthetic mix does.
struct Habit {
  enum class Kind { zipf, loop, scan };
  Kind kind = Kind::zipf;
  std::size_t keys = 1'000;
  double exponent = 0.9;
  std::size_t a_block = 100;  // touches
  std::uint32_t charge = 200;
  double miss_seconds = 20e-6;
};

// Classes interleaved at random within each block.
inline Stream make_mix(std::string name, const std::vector<Habit>& habits, std::size_t blocks,
                       std::uint64_t seed) {
  Stream stream;
  stream.name = std::move(name);
  std::mt19937_64 random(seed);
  std::vector<Zipf> zipfs;
  std::vector<std::uint64_t> next(habits.size(), 0);
  for (std::size_t i = 0; i < habits.size(); ++i) {
    stream.classes.push_back("class " + std::to_string(i));
    stream.miss_seconds.push_back(habits[i].miss_seconds);
    zipfs.emplace_back(habits[i].kind == Habit::Kind::zipf ? habits[i].keys : 1,
                       habits[i].exponent);
  }
  for (std::size_t b = 0; b < blocks; ++b) {
    std::vector<Touch> block;
    for (std::size_t i = 0; i < habits.size(); ++i) {
      const Habit& habit = habits[i];
      for (std::size_t k = 0; k < habit.a_block; ++k) {
        std::uint64_t key = 0;
        switch (habit.kind) {
          case Habit::Kind::zipf:
            key = zipfs[i](random);
            break;
          case Habit::Kind::loop:
            key = next[i]++ % habit.keys;
            break;
          case Habit::Kind::scan:
            key = next[i]++;
            break;
        }
        block.push_back({static_cast<std::uint32_t>(i), habit.charge, key});
      }
    }
    // Loops and scans keep their own order: places are shuffled, then filled a class at a time.
    std::vector<std::size_t> places(block.size());
    std::iota(places.begin(), places.end(), 0u);
    std::shuffle(places.begin(), places.end(), random);
    std::vector<Touch> mixed(block.size());
    std::size_t begin = 0;
    for (std::size_t i = 0; i < habits.size(); ++i) {
      const auto from = places.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto to = from + static_cast<std::ptrdiff_t>(habits[i].a_block);
      std::sort(from, to);
      for (auto place = from; place != to; ++place) mixed[*place] = block[begin++];
    }
    stream.blocks.push_back(std::move(mixed));
  }
  return stream;
}

// The mixes that tests and benchmark share.
inline std::vector<Stream> synthetic_mixes(std::uint64_t seed) {
  using enum Habit::Kind;
  std::vector<Stream> mixes;
  mixes.push_back(make_mix("three kinds of Zipf",
                           {{zipf, 20'000, 0.99, 500, 200, 20e-6},
                            {zipf, 8'000, 0.7, 300, 120, 35e-6},
                            {zipf, 3'000, 1.2, 200, 900, 60e-6}},
                           200, seed));
  mixes.push_back(make_mix("Zipf, two loops and a scan",
                           {{zipf, 15'000, 0.9, 400, 200, 20e-6},
                            {loop, 4'000, 0, 250, 300, 25e-6},
                            {loop, 1'500, 0, 60, 500, 80e-6},
                            {scan, 0, 0, 300, 150, 30e-6}},
                           200, seed + 1));
  mixes.push_back(make_mix("seven classes of a node",
                           {{zipf, 200, 0.8, 3, 80'000, 400e-6},
                            {zipf, 2'000, 0.9, 20, 700, 30e-6},
                            {zipf, 40'000, 0.95, 700, 190, 22e-6},
                            {zipf, 10'000, 0.8, 200, 160, 18e-6},
                            {zipf, 20'000, 0.7, 350, 150, 25e-6},
                            {scan, 0, 0, 150, 300, 20e-6},
                            {loop, 300, 0, 2, 75'000, 350e-6}},
                           200, seed + 2));
  return mixes;
}

// Mainnet's accounts, slots and trie nodes in the order in which the replay reads them, once a
// block each.
inline Stream mainnet(const std::string& folder) {
  Stream stream;
  stream.name = "mainnet access lists";
  stream.classes = {"Accounts", "Storage slots", "State nodes"};
  stream.miss_seconds = {18e-6, 25e-6, 22e-6};
  constexpr std::array<std::uint32_t, 3> kCharges = {160, 176, 232};
  const auto files = list_access_list_files(folder);
  if (!files) return stream;
  std::array<std::unordered_map<std::string, std::uint64_t>, 3> ids;
  for (const auto& file : *files) {
    const auto list = read_access_list(file);
    if (!list) continue;
    std::vector<Touch> block;
    std::unordered_set<std::string> nodes;
    const auto touch = [&](std::uint32_t owner, std::string key) {
      const auto id = ids[owner].try_emplace(std::move(key), ids[owner].size()).first->second;
      block.push_back({owner, kCharges[owner], id});
    };
    const auto touch_node = [&](std::string key) {
      if (nodes.insert(key).second) touch(2, std::move(key));
    };
    for (const auto& account : list->accounts) {
      const auto hash = keccak256(account.address);
      touch(0, account_key(hash));
      for (int depth = 0; depth < kAccountPathNodes; ++depth) {
        touch_node(account_path_node_key(hash, depth));
      }
      for (const auto& slot : account.touched_slots()) {
        const auto slot_hash = keccak256(slot);
        touch(1, storage_key(hash, slot_hash));
        for (int depth = 0; depth < kSlotPathNodes; ++depth) {
          touch_node(storage_path_node_key(hash, slot_hash, depth));
        }
      }
    }
    stream.blocks.push_back(std::move(block));
  }
  return stream;
}

}  // namespace nodetune::streams
