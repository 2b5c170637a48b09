// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/managed_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "engine/base/format.h"

namespace nodetune {
namespace {

constexpr std::string_view kArbiterMode = "arbiter_mode";
constexpr std::string_view kBudget = "arbiter_budget_bytes";
constexpr std::string_view kActs = "arbiter_acts";
constexpr double kKeepABlock = 0.95;    // of what a curve has seen
constexpr double kSamplesKept = 200;    // a curve of fewer forgets nothing
constexpr int kLooksBeforeSaving = 30;  // without a move: the arbiter has arrived
constexpr Duration kBetweenTold = std::chrono::seconds(1);

Target target_of(std::size_t consumer) {
  return consumer == ArbiterFeed::kBlockCache ? Target::of(Knob::block_cache_size)
                                              : Target::object_cache(kObjectKinds[consumer]);
}

std::uint64_t number_from(const std::string& text) {
  std::uint64_t number = 0;
  (void)std::from_chars(text.data(), text.data() + text.size(), number);  // 0 where it is none
  return number;
}

bool may_forget(const CurveSnapshot& curve) {
  return curve.lookups * curve.sampling_rate > kSamplesKept;
}

}  // namespace

ManagedMemory::ManagedMemory() : ghost_(std::make_shared<BlockCacheGhost>()) {
  for (auto& sampler : samplers_) sampler = std::make_unique<AccessSampler>();
}

void ManagedMemory::watch(CacheManager& caches) {
  for (const ObjectKind kind : kObjectKinds) {
    caches.set_probe(kind, samplers_[index_of(kind)].get());
  }
}

Status ManagedMemory::restore(SettingsTable& settings,
                              const std::optional<ArbiterSettings>& asked) {
  if (asked) return set(settings, *asked);
  ArbiterSettings saved;
  const auto mode = settings.load(kArbiterMode);
  const auto budget = settings.load(kBudget);
  const auto acts = settings.load(kActs);
  for (const auto* const one : {&mode, &budget, &acts}) {
    if (!*one) return one->status();
  }
  if (mode->has_value()) saved.mode = arbiter_mode_from(**mode).value_or(saved.mode);
  if (budget->has_value()) saved.budget_bytes = number_from(**budget);
  if (acts->has_value()) saved.acts = **acts == "yes";
  const std::lock_guard lock(mutex_);
  settings_ = saved;
  return Status::ok();
}

Status ManagedMemory::set(SettingsTable& settings, const ArbiterSettings& wanted) {
  if (auto status = settings.save(kArbiterMode, to_string(wanted.mode)); !status) return status;
  if (auto status = settings.save(kBudget, fmt::format("{}", wanted.budget_bytes)); !status) {
    return status;
  }
  if (auto status = settings.save(kActs, wanted.acts ? "yes" : "no"); !status) return status;
  const std::lock_guard lock(mutex_);
  settings_ = wanted;
  return Status::ok();
}

ArbiterSettings ManagedMemory::settings() const {
  const std::lock_guard lock(mutex_);
  return settings_;
}

void ManagedMemory::learn_caches(CacheManager& caches, const TimedReads& reads, double blocks,
                                 ArbiterReadings& now, std::vector<std::string>& told) {
  for (const ObjectKind kind : kObjectKinds) {
    const std::size_t i = index_of(kind);
    AccessSampler& sampler = *samplers_[i];
    now.caches[i] = caches.lookup_counters(kind);
    now.reads[i] = reads.reads(family_of(kind));
    const auto lookups = now.caches[i].lookups();
    if (lookups > lookups_seen_[i]) sampler.add_lookups(lookups - lookups_seen_[i]);
    lookups_seen_[i] = lookups;
    auto curve = sampler.curve();
    if (may_forget(curve)) sampler.decay(std::pow(kKeepABlock, blocks));
    if (lookups > 0) now.curves[i] = std::make_shared<const CurveSnapshot>(std::move(curve));
    sampler.set_capacity(now.caches[i].entries);
    const auto choice = sampler.choice();
    if (choice.policy == caches.policy(kind)) continue;
    caches.set_policy(kind, choice.policy);
    told.push_back(fmt::format("{}: policy {} from now on: {}", display_name(kind),
                               name(choice.policy), choice.reason));
  }
}

std::optional<GrowthOffer> ManagedMemory::offer(const ArbiterConsumer& consumer) const {
  return offer_growth(CostCurve(consumer.curve), consumer.present_bytes,
                      usual_growth_bytes(consumer.present_bytes), consumer.lookups_per_block,
                      consumer.miss_seconds);
}

std::vector<std::string> ManagedMemory::look(const Database& database, CacheManager& caches,
                                             const TimedReads& reads, std::uint64_t blocks,
                                             const Snapshot& newest) {
  std::vector<std::string> told;
  if (blocks_seen_ && *blocks_seen_ == blocks) return told;  // nothing has happened
  const auto passed = blocks - std::min(blocks, blocks_seen_.value_or(blocks));
  blocks_seen_ = blocks;

  ArbiterReadings now;
  now.blocks = blocks;
  learn_caches(caches, reads, static_cast<double>(passed), now, told);
  now.block_cache = database.block_cache();
  auto curve = ghost_->snapshot(now.block_cache.lookups);
  if (may_forget(curve)) ghost_->decay(std::pow(kKeepABlock, static_cast<double>(passed)));
  now.block_cache_curve = std::make_shared<const CurveSnapshot>(std::move(curve));
  now.memtable_bytes = newest.value(Metric::db_memtable_bytes);
  now.memory_ratio = newest.value(Metric::system_memory_ratio);

  MemoryView view;
  view.settings = settings();
  auto decision = feed_.decide(now, view.settings);
  if (!decision) return told;
  view.consumers = feed_.input().consumers;
  view.decision = *std::move(decision);
  for (std::size_t i = 0; i < kObjectKindCount; ++i) {
    view.caches[i] = {now.curves[i], samplers_[i]->choice(), offer(view.consumers[i])};
  }
  view.block_cache.curve = now.block_cache_curve;
  view.block_cache.growth = offer(view.consumers[ArbiterFeed::kBlockCache]);
  view_.publish(std::make_shared<const MemoryView>(std::move(view)));
  return told;
}

Status ManagedMemory::apply(Database& database, CacheManager& caches) {
  const auto view = view_.get();
  applied_ = view;
  const auto& bytes = view->decision.bytes;
  ++looks_since_move_;
  for (const bool growing : {false, true}) {  // never above the budget in between
    for (std::size_t i = 0; i < std::min(bytes.size(), ArbiterFeed::kMemtables); ++i) {
      const auto present = view->consumers[i].present_bytes;
      if (bytes[i] == present || (bytes[i] > present) != growing) continue;
      if (i == ArbiterFeed::kBlockCache) {
        const auto status =
            database.set_knob(Knob::block_cache_size, static_cast<std::int64_t>(bytes[i]));
        if (!status) return status;
      } else {
        caches.resize(kObjectKinds[i], bytes[i]);
      }
      note_move(i, present, bytes[i]);
    }
  }
  return Status::ok();
}

void ManagedMemory::note_move(std::size_t consumer, std::uint64_t from_bytes,
                              std::uint64_t to_bytes) {
  looks_since_move_ = 0;
  const auto target = target_of(consumer);
  for (auto* const moves : {&unsaved_, &untold_}) {
    auto known = std::ranges::find(*moves, target, &Move::target);
    if (known == moves->end()) known = moves->insert(known, {target, from_bytes, to_bytes, {}});
    known->to_bytes = to_bytes;
    known->reason = view_.get()->decision.reason;
  }
}

std::string ManagedMemory::tell_moves(SteadyTime now) {
  if (untold_.empty() || (told_at_ && now - *told_at_ < kBetweenTold)) return {};
  told_at_ = now;
  std::string text;
  for (const Move& move : untold_) {
    if (move.from_bytes == move.to_bytes) continue;  // there and back
    text += fmt::format("{}{} {} -> {}", text.empty() ? "" : "; ", title(move.target),
                        format_bytes(static_cast<double>(move.from_bytes)),
                        format_bytes(static_cast<double>(move.to_bytes)));
  }
  if (!text.empty()) text += fmt::format(" ({})", untold_.back().reason);
  untold_.clear();
  return text;
}

Status ManagedMemory::save_moves(Database& database, SettingsTable& settings, AuditLog& audit,
                                 bool now) {
  if (unsaved_.empty() || (!now && looks_since_move_ < kLooksBeforeSaving)) return Status::ok();
  for (const Move& move : std::exchange(unsaved_, {})) {
    const auto to = value_text(move.target, static_cast<std::int64_t>(move.to_bytes));
    if (move.target.kind == Target::Kind::knob) {
      const auto values = database.knobs();
      if (!values) return values.status();
      if (auto status = database.save_knobs(*values); !status) return status;
    } else if (auto status = settings.save(to_string(move.target), to); !status) {
      return status;
    }
    AuditEntry entry;
    entry.kind = AuditKind::note;
    entry.who = Actor::tuner;
    entry.what = to_string(move.target);
    entry.from = value_text(move.target, static_cast<std::int64_t>(move.from_bytes));
    entry.to = to;
    entry.outcome = "in force";
    entry.reason = "the arbiter acts: " + move.reason;
    if (const auto noted = audit.append(std::move(entry)); !noted) return noted.status();
  }
  return Status::ok();
}

std::vector<Proposal> ManagedMemory::proposals() const {
  const auto view = view_.get();
  std::vector<Proposal> proposals;
  const auto& decision = view->decision;
  for (std::size_t i = 0; i < std::min(decision.bytes.size(), ArbiterFeed::kMemtables); ++i) {
    const auto present = view->consumers[i].present_bytes;
    if (decision.bytes[i] == present) continue;
    Proposal proposal;
    proposal.rule = "memory_arbiter";
    proposal.target = target_of(i);
    proposal.current = static_cast<std::int64_t>(present);
    proposal.proposed = static_cast<std::int64_t>(decision.bytes[i]);
    const bool grows = decision.bytes[i] > present;
    std::string effects;
    for (const CacheMove& move : decision.moves) {
      if (move.to != i && move.from != i) continue;
      Evidence evidence;
      evidence.text = move.text;
      proposal.evidence.push_back(std::move(evidence));
      effects += (effects.empty() ? "" : "; ") + move.text;
    }
    proposal.expected = grows ? effects : "its memory serves another better: " + effects;
    proposal.risk = grows ? "takes memory: approve what gives it, too, to stay in the budget"
                          : "a lower hit ratio here";
    proposal.reversibility = "at once, by undo; evicted entries must be read again";
    proposals.push_back(std::move(proposal));
  }
  return proposals;
}

}  // namespace nodetune
