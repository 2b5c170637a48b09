// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/policy_chooser.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace nodetune {
namespace {

constexpr double kStretch = 10;                  // the guard's, in capacities
constexpr std::uint64_t kWindowsACapacity = 16;  // decisions are taken so often
constexpr int kMaxShift = 63;

std::string percent(double ratio) {
  return fmt::format("{:.1f} %", 100 * ratio);
}

// 20,134 -> "20,000": two digits tell enough of a span that is not sharp.
std::string about(double count) {
  const double unit = std::pow(10.0, std::max(0.0, std::floor(std::log10(count)) - 1));
  auto text = fmt::format("{:.0f}", std::round(count / unit) * unit);
  for (auto at = static_cast<int>(text.size()) - 3; at > 0; at -= 3) {
    text.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return text;
}

}  // namespace

PolicyChooser::PolicyChooser(const PolicyChooserConfig& config) : config_(config) {
  for (const PolicyKind policy : kPolicyKinds)
    of(policy).simulation = make_policy_simulation(policy, 0);
}

void PolicyChooser::set_capacity(std::size_t entries) {
  // A sample that fits is kept, until it is so small that it says little.
  int shift = shift_;
  while (shift < kMaxShift && (entries >> shift) > config_.max_simulated_entries) ++shift;
  while (shift > 0 && (entries >> (shift - 1)) <= config_.max_simulated_entries / 2) --shift;
  const std::uint64_t capacity =
      entries == 0 ? 0 : std::max<std::uint64_t>(std::uint64_t{entries} >> shift, 1);
  if (shift == shift_ && capacity == capacity_) return;
  const bool starts = capacity_ == 0;
  capacity_ = capacity;
  if (shift != shift_) resample(shift);
  if (starts) real_loss_allowed_ = loss_allowed();
  shift_ = shift;
  rate_ = std::ldexp(1.0, -shift);
  threshold_ = capacity == 0 ? 0 : std::numeric_limits<std::uint64_t>::max() >> shift;
  for (auto& contender : contenders_) contender.simulation->resize(capacity);
}

// What the new sample no longer sees is dropped; what it did not see yet must come first.
void PolicyChooser::resample(int shift) {
  const auto threshold = std::numeric_limits<std::uint64_t>::max() >> shift;
  for (auto& contender : contenders_) {
    auto residents = contender.simulation->residents();
    std::erase_if(residents, [threshold](const auto& one) { return one.key > threshold; });
    contender.simulation->adopt(residents);
  }
  scale_record(std::ldexp(1.0, shift_ - shift));
}

// All that is counted in sampled lookups.
void PolicyChooser::scale_record(double factor) {
  const auto scaled = [factor](auto count) {
    return std::llround(static_cast<double>(count) * factor);
  };
  for (auto& contender : contenders_) {
    contender.window_hits = static_cast<std::uint64_t>(scaled(contender.window_hits));
    contender.hits *= factor;
    contender.loss = scaled(contender.loss);
    contender.worst_loss = scaled(contender.worst_loss);
    contender.worst_loss_on_record *= factor;
  }
  lookups_ *= factor;
  observed_from_ *= factor;
  lookups_decayed_ *= factor;
  window_lookups_ = static_cast<std::uint64_t>(scaled(window_lookups_));
  real_loss_ = scaled(real_loss_);
  real_loss_allowed_ = scaled(real_loss_allowed_);
}

void PolicyChooser::touch(std::uint64_t hash, bool hit) {
  if (!samples(hash)) return;
  Contender& lru = of(PolicyKind::lru);
  const bool lru_hit = lru.simulation->access(hash);
  lru.window_hits += lru_hit ? 1 : 0;
  for (const PolicyKind policy : {PolicyKind::s3fifo, PolicyKind::arc}) {
    Contender& contender = of(policy);
    const bool would_hit = contender.simulation->access(hash);
    contender.window_hits += would_hit ? 1 : 0;
    if (would_hit == lru_hit) continue;
    contender.loss = std::max<std::int64_t>(0, contender.loss + (lru_hit ? 1 : -1));
    contender.worst_loss = std::max(contender.worst_loss, contender.loss);
  }
  ++lookups_;
  if (choice_ != PolicyKind::lru && hit != lru_hit) {
    real_loss_ = std::max<std::int64_t>(0, real_loss_ + (lru_hit ? 1 : -1));
    if (real_loss_ > real_loss_allowed_) switch_to(PolicyKind::lru, Ground::fell_behind);
  }
  if (++window_lookups_ >= std::max<std::uint64_t>(capacity_ / kWindowsACapacity, 1)) end_window();
}

void PolicyChooser::insert(std::uint64_t hash) {
  if (!samples(hash)) return;
  for (auto& contender : contenders_) {
    if (!contender.simulation->contains(hash)) contender.simulation->access(hash);
  }
}

void PolicyChooser::end_window() {
  const auto capacity = static_cast<double>(capacity_);
  const auto lookups = static_cast<double>(window_lookups_);
  const double kept = std::exp(-lookups / (config_.memory * capacity));
  const double kept_on_record = std::exp2(-lookups / (config_.trust_half_life * capacity));
  const bool warm = lookups_ > config_.warm_up * capacity;
  for (auto& contender : contenders_) {
    contender.hits = contender.hits * kept + static_cast<double>(contender.window_hits);
    contender.window_hits = 0;
    if (!warm) contender.loss = contender.worst_loss = 0;
    contender.worst_loss_on_record = std::max(contender.worst_loss_on_record * kept_on_record,
                                              static_cast<double>(contender.worst_loss));
    contender.worst_loss = contender.loss;
  }
  lookups_decayed_ = lookups_decayed_ * kept + lookups;
  window_lookups_ = 0;
  age_ += lookups / capacity;
  choose();
  real_loss_allowed_ = loss_allowed();
}

std::int64_t PolicyChooser::loss_allowed() const {
  const auto capacity = static_cast<double>(capacity_);
  const double gain = gain_per_stretch(choice_);
  if (age_ < config_.patience) {
    return std::llround(config_.patience_loss * capacity + config_.patience_loss_of_gain * gain);
  }
  const double clear = std::max(0.0, gain - config_.leave_gain * kStretch * capacity);
  return std::llround(config_.loss_allowed * capacity + config_.loss_of_gain * clear);
}

double PolicyChooser::lookups_needed() const {
  const bool left = ground_ == Ground::fell_behind || ground_ == Ground::not_trusted;
  return in_trial() && !left ? config_.trial_observe : config_.observe;
}

double PolicyChooser::miss_ratio(PolicyKind policy) const {
  if (lookups_decayed_ <= 0) return std::numeric_limits<double>::quiet_NaN();
  return 1 - of(policy).hits / lookups_decayed_;
}

// Over the time constant, also while the record is shorter: a short record must not promise much.
double PolicyChooser::gain_over_lru(PolicyKind policy) const {
  return (of(policy).hits - of(PolicyKind::lru).hits) /
         (config_.memory * static_cast<double>(capacity_));
}

double PolicyChooser::gain_per_stretch(PolicyKind policy) const {
  return std::max(0.0, gain_over_lru(policy)) * kStretch * static_cast<double>(capacity_);
}

bool PolicyChooser::trusted(PolicyKind policy, double gain_over_loss) const {
  return gain_per_stretch(policy) >= gain_over_loss * of(policy).worst_loss_on_record;
}

void PolicyChooser::choose() {
  if (capacity_ << shift_ < config_.min_entries) return;
  const bool trial = in_trial();
  if (!trial && std::exchange(on_trial_, false) && choice_ != PolicyKind::lru &&
      !trusted(choice_, config_.trial_stay)) {
    switch_to(PolicyKind::lru, Ground::not_trusted);
  }
  if (lookups_ - observed_from_ < lookups_needed() * static_cast<double>(capacity_)) return;
  const double gain_over_loss = trial ? config_.trial_gain_over_loss : config_.gain_over_loss;
  const bool on_lru = choice_ == PolicyKind::lru;
  double least = gain_over_lru(choice_) + config_.switch_gain;
  if (on_lru) least = trial ? config_.trial_gain : config_.leave_gain;
  PolicyKind best = choice_;
  for (const PolicyKind policy : {PolicyKind::s3fifo, PolicyKind::arc}) {
    const double gain = gain_over_lru(policy);
    if (policy == choice_ || gain <= least || !trusted(policy, gain_over_loss)) continue;
    best = policy;
    least = gain;
  }
  if (best != choice_) switch_to(best, Ground::gained);
}

void PolicyChooser::switch_to(PolicyKind policy, Ground ground) {
  left_ = choice_;
  choice_ = policy;
  ground_ = ground;
  real_loss_ = 0;
  if (policy == PolicyKind::lru) observed_from_ = lookups_;
  ++switches_;
}

std::string PolicyChooser::keys() const {
  return shift_ == 0 ? "all keys" : fmt::format("1/{} of the keys", std::uint64_t{1} << shift_);
}

std::string PolicyChooser::basis() const {
  const double recent = std::min(lookups_, config_.memory * static_cast<double>(capacity_));
  return fmt::format("simulated on {}, last {} lookups", keys(), about(recent / rate_));
}

std::string PolicyChooser::reason() const {
  const auto misses = [this](PolicyKind policy) { return percent(miss_ratio(policy)); };
  const double observed = lookups_ - observed_from_;
  const double needed = lookups_needed() * static_cast<double>(capacity_);
  if (lookups_ <= 0 && shift_ == 0) {
    return fmt::format("{}: nothing looked up yet", display_name(choice_));
  }
  if (lookups_ <= 0) {
    return fmt::format("{}: {} are watched, none of them looked up yet", display_name(choice_),
                       keys());
  }
  if (lookups_decayed_ <= 0) {
    return fmt::format("LRU: still observing, {} of {} lookups seen", about(lookups_ / rate_),
                       about(needed / rate_));
  }
  if (choice_ != PolicyKind::lru) {
    return fmt::format("{}: misses {} where LRU would miss {} ({})", display_name(choice_),
                       misses(choice_), misses(PolicyKind::lru), basis());
  }
  const auto figures =
      fmt::format("misses {}, S3-FIFO would miss {}, ARC {} ({})", misses(PolicyKind::lru),
                  misses(PolicyKind::s3fifo), misses(PolicyKind::arc), basis());
  const PolicyKind best = gain_over_lru(PolicyKind::s3fifo) > gain_over_lru(PolicyKind::arc)
                              ? PolicyKind::s3fifo
                              : PolicyKind::arc;
  if (observed < needed && ground_ == Ground::fell_behind) {
    return fmt::format("LRU: {} fell behind it and was left; {}", display_name(left_), figures);
  }
  if (observed < needed && ground_ == Ground::not_trusted) {
    return fmt::format("LRU: {} was tried, but loses too much between its gains; {}",
                       display_name(left_), figures);
  }
  if (observed < needed) {
    return fmt::format("LRU: still observing, {} of {} lookups seen; {}", about(observed / rate_),
                       about(needed / rate_), figures);
  }
  if (gain_over_lru(best) > config_.leave_gain) {
    return fmt::format("LRU: {} wins on average but has lost {} hits in a row; {}",
                       display_name(best), about(of(best).worst_loss_on_record / rate_), figures);
  }
  return fmt::format("LRU: nothing is clearly better; {}", figures);
}

std::size_t PolicyChooser::memory_bytes() const {
  std::size_t bytes = sizeof *this;
  for (const auto& contender : contenders_) bytes += contender.simulation->memory_bytes();
  return bytes;
}

}  // namespace nodetune
