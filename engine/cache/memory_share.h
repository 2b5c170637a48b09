// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/cache/cost_curve.h"

namespace nodetune {

// One who could use memory.
struct ShareCandidate {
  CostCurve curve;
  double weight = 0;  // what it would cost if every lookup missed; at least 0
  double minimum_bytes = 0;
  double maximum_bytes = 0;  // at least the minimum

  double cost(double bytes) const { return weight * curve.miss_ratio(bytes); }
};

struct ShareConfig {
  // What may be lost against the best share there is, as a part of its cost.
  double tolerance = 0.0005;
  // Shares tried where curves have cliffs; each costs about 10 µs for eight curves.
  std::size_t tries_max = 96;
};

struct MemoryShare {
  std::vector<double> bytes;  // in the candidates' order
  double cost = 0;            // of all, by their curves
  double spare_bytes = 0;     // whoever had them, it would gain nothing
  std::size_t tries = 0;
};

// Shares `bytes` so that the sum of costs is lowest: greedy by marginal gain on the convex hulls,
// which is best wherever the curves are convex. At most one candidate ends up inside a step of its
// hull; where its curve has a cliff there (a loop that does not fit), memory would lie idle, and
// shares are tried that keep it short of the cliff or take it over (branch and bound, the hulls
// being the bound).
//
// Demands that the minimums fit into `bytes`. A pure function: any thread.
MemoryShare share_memory(std::span<const ShareCandidate> candidates, double bytes,
                         const ShareConfig& config = {});

double cost_of(std::span<const ShareCandidate> candidates, std::span<const double> bytes);
double sum_of(std::span<const double> values);

}  // namespace nodetune
