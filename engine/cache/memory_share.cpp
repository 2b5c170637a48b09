// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/memory_share.h"

#include <algorithm>
#include <queue>
#include <utility>

namespace nodetune {
namespace {

// Between which sizes each candidate may end up.
struct Domain {
  std::vector<double> low;
  std::vector<double> high;
};

struct HullStep {
  std::size_t owner = 0;
  double bytes = 0;
  double gain_per_byte = 0;
};

// The greedy share of one domain.
struct Trial {
  Domain domain;
  std::vector<double> bytes;
  double bound = 0;        // what it would cost if the curves were their hulls: not above the best
  double cost = 0;         // what it does cost
  std::size_t inside = 0;  // who ended up inside a step of its hull
  bool has_inside = false;

  bool operator<(const Trial& other) const { return bound > other.bound; }  // lowest bound first
};

std::vector<HullStep> steps_of(std::span<const ShareCandidate> candidates, const Domain& domain) {
  std::vector<HullStep> steps;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].weight <= 0 || domain.high[i] <= domain.low[i]) continue;
    const auto corners = candidates[i].curve.hull(domain.low[i], domain.high[i]);
    for (std::size_t k = 1; k < corners.size(); ++k) {
      const double bytes = corners[k].bytes - corners[k - 1].bytes;
      const double gain =
          candidates[i].weight * (corners[k - 1].miss_ratio - corners[k].miss_ratio);
      if (bytes > 0 && gain > 0) steps.push_back({i, bytes, gain / bytes});
    }
  }
  // Stable: a hull's own steps come in its order, equal ones too.
  std::ranges::stable_sort(steps, std::greater(), &HullStep::gain_per_byte);
  return steps;
}

Trial try_share(std::span<const ShareCandidate> candidates, Domain domain, double bytes) {
  Trial trial;
  trial.bytes = domain.low;
  double left = bytes;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    left -= domain.low[i];
    trial.bound += candidates[i].cost(domain.low[i]);
  }
  for (const HullStep& step : steps_of(candidates, domain)) {
    if (left <= 0) break;
    const double taken = std::min(step.bytes, left);
    trial.bytes[step.owner] += taken;
    trial.bound -= taken * step.gain_per_byte;
    left -= taken;
    if (taken < step.bytes) {
      trial.inside = step.owner;
      trial.has_inside = true;
    }
  }
  trial.cost = cost_of(candidates, trial.bytes);
  trial.domain = std::move(domain);
  return trial;
}

}  // namespace

double cost_of(std::span<const ShareCandidate> candidates, std::span<const double> bytes) {
  double total = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) total += candidates[i].cost(bytes[i]);
  return total;
}

double sum_of(std::span<const double> values) {
  double total = 0;
  for (const double value : values) total += value;
  return total;
}

MemoryShare share_memory(std::span<const ShareCandidate> candidates, double bytes,
                         const ShareConfig& config) {
  Domain whole;
  for (const ShareCandidate& candidate : candidates) {
    whole.low.push_back(candidate.minimum_bytes);
    whole.high.push_back(std::max(candidate.minimum_bytes, candidate.maximum_bytes));
  }
  std::priority_queue<Trial> open;
  open.push(try_share(candidates, std::move(whole), bytes));
  MemoryShare best{open.top().bytes, open.top().cost, 0, 1};
  while (!open.empty() && best.tries < config.tries_max) {
    const Trial trial = open.top();
    open.pop();
    if (best.cost - trial.bound <= config.tolerance * best.cost) break;  // all others are no lower
    if (!trial.has_inside) continue;  // it costs its bound: nothing better in its domain
    const double edge = trial.bytes[trial.inside];
    Domain below = trial.domain;
    below.high[trial.inside] = edge;
    Domain above = trial.domain;
    above.low[trial.inside] = edge;
    for (Domain* const half : {&below, &above}) {
      if (sum_of(half->low) > bytes) continue;
      Trial next = try_share(candidates, std::move(*half), bytes);
      ++best.tries;
      if (next.cost < best.cost) {
        best.cost = next.cost;
        best.bytes = next.bytes;
      }
      open.push(std::move(next));
    }
  }
  best.spare_bytes = std::max(0.0, bytes - sum_of(best.bytes));
  return best;
}

}  // namespace nodetune
