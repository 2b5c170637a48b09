// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nodetune {

// Quantiles of the last values, 2 % exact: log-spaced counters and a ring that says what to forget.
//
// Values are positive (seconds, ratios); what is outside 10^-7 to 10^6 counts as the nearest of
// them. Adding takes no time to speak of, asking a walk over a thousand counters.
// Thread: whoever holds it.
class RecentQuantile {
 public:
  explicit RecentQuantile(std::size_t values_max);

  void add(double value);
  // The newest values, up to `count` of them, as if they had never been added.
  void forget_newest(std::size_t count);
  void clear();

  std::size_t count() const { return count_; }
  // The smallest value (rounded up to its counter) that at most `above` values exceed; NaN when
  // there are no values.
  double exceeded_by(std::size_t above) const;
  double quantile(double fraction) const;  // NaN when empty
  double share_above(double value) const;  // 0 when empty

 private:
  std::vector<std::uint32_t> counters_;
  std::vector<std::uint16_t> ring_;
  std::size_t next_ = 0;
  std::size_t count_ = 0;
};

}  // namespace nodetune
