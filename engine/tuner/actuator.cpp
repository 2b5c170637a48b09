// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/tuner/actuator.h"

#include <fmt/format.h>

#include "engine/base/logging.h"

namespace nodetune {
namespace {

// The audit log speaks of a target and two values; a later version may know more of them.
std::optional<Change> change_from(const AuditEntry& entry) {
  const auto target = target_from(entry.what);
  if (!target) return std::nullopt;
  const auto from = parse_value(*target, entry.from);
  const auto to = parse_value(*target, entry.to);
  if (!from || !to) return std::nullopt;
  return Change{.id = entry.change, .target = *target, .from = *from, .to = *to};
}

}  // namespace

Actuator::Actuator(KnobControl& knobs, AuditLog& audit, const KnobContext& context,
                   TargetControl* others)
    : knobs_(knobs), audit_(audit), others_(others), context_(context) {}

Result<std::int64_t> Actuator::read(const Target& target) {
  if (target.kind == Target::Kind::knob) {
    const auto values = knobs_.knobs();
    if (!values) return values.status();
    return (*values)[target.knob];
  }
  if (others_ == nullptr) {
    return Status(StatusCode::invalid_argument,
                  to_string(target) + ": cannot be changed here; only the eight knobs can");
  }
  return others_->value(target);
}

Status Actuator::check_locked(const Target& target, std::int64_t value) {
  const auto now = read(target);
  if (!now) return now.status();
  if (target.kind != Target::Kind::knob) return Status::ok();  // set() refuses by itself
  const auto values = knobs_.knobs();
  if (!values) return values.status();
  return validate(target.knob, value, *values, context_);
}

Status Actuator::set_and_save(const Target& target, std::int64_t value) {
  if (target.kind != Target::Kind::knob) {
    if (auto status = others_->set(target, value); !status) return status;
    const auto now = read(target);
    if (!now) return now.status();
    if (*now == value) return Status::ok();
    return {StatusCode::failed, fmt::format("{}: {} was set, but {} is in force", to_string(target),
                                            value_text(target, value), value_text(target, *now))};
  }
  if (auto status = knobs_.set_knob(target.knob, value); !status) return status;
  const auto values = knobs_.knobs();
  if (!values) return values.status();
  if ((*values)[target.knob] != value) {
    return {StatusCode::failed,
            fmt::format("{}: {} was set, but RocksDB says that {} is in force", to_string(target),
                        value_text(target, value), value_text(target, (*values)[target.knob]))};
  }
  return knobs_.save_knobs(*values);
}

// The change did not come off: the old value again, and the intent ends as failed. Where even that
// fails the intent stays unfinished, and the next change or open rolls it back.
Status Actuator::give_up(const Change& change, const Status& why) {
  const auto stays = fmt::format("{} stays at {}", to_string(change.target),
                                 format_value(change.target, change.from));
  if (const auto restored = set_and_save(change.target, change.from); !restored) {
    return {why.code(), fmt::format("{}; putting the old value back failed too: {}; it is rolled "
                                    "back at the next open",
                                    why.message(), restored.message())};
  }
  if (const auto ended = audit_.end(change.id, AuditKind::failed, Actor::recovery,
                                    fmt::format("{}: {}", stays, why.message()));
      !ended) {
    log().warn("change {} failed, and the audit log does not say so: {}", change.id,
               ended.message());
  }
  return {why.code(), fmt::format("{}; {}", why.message(), stays)};
}

Result<std::optional<Change>> Actuator::roll_back(const AuditEntry& intent) {
  const auto change = change_from(intent);
  if (!change) {
    const auto ended = audit_.end(intent.change, AuditKind::failed, Actor::recovery,
                                  "unknown to this version: left as it is");
    return ended ? Result<std::optional<Change>>(std::nullopt) : ended;
  }
  if (change->target.kind != Target::Kind::knob && others_ == nullptr) {
    return std::optional<Change>();  // for a later open that can
  }
  if (auto status = set_and_save(change->target, change->from); !status) {
    return Status(status.code(),
                  fmt::format("change {} of {} was cut short and cannot be rolled "
                              "back to {}: {}",
                              change->id, intent.what, intent.from, status.message()));
  }
  const auto outcome = fmt::format("cut short; {} is {} again", intent.what,
                                   format_value(change->target, change->from));
  if (auto status = audit_.end(change->id, AuditKind::rolled_back, Actor::recovery, outcome);
      !status) {
    return status;
  }
  return std::optional(*change);
}

Result<Change> Actuator::apply_locked(const Target& target, std::int64_t value, Actor who,
                                      std::string_view reason, std::uint64_t recommendation) {
  // A change whose end could not be logged (a full disk) is settled before the next one.
  for (const auto& intent : audit_.unfinished()) {
    if (intent.what != to_string(target)) continue;
    if (const auto settled = roll_back(intent); !settled) return settled.status();
  }
  if (auto status = check_locked(target, value); !status) return status;
  const auto from = read(target);
  if (!from) return from.status();
  const auto id = audit_.begin(who, target, *from, value, reason, recommendation);
  if (!id) return id.status();
  const Change change{.id = *id, .target = target, .from = *from, .to = value};
  if (const auto status = set_and_save(target, value); !status) return give_up(change, status);
  if (const auto status = audit_.end(*id, AuditKind::done, who, "in force"); !status) {
    return give_up(change, status);
  }
  return change;
}

Result<Change> Actuator::apply(const Target& target, std::int64_t value, Actor who,
                               std::string_view reason, std::uint64_t recommendation) {
  const std::scoped_lock lock(mutex_);
  return apply_locked(target, value, who, reason, recommendation);
}

Result<Change> Actuator::undo(std::uint64_t change, Actor who) {
  const std::scoped_lock lock(mutex_);
  const auto entry = audit_.find_done(change);
  const auto made = entry ? change_from(*entry) : std::nullopt;
  if (!made) {
    return Status(StatusCode::not_found,
                  fmt::format("change {} cannot be undone: the audit log holds no such change that "
                              "was made; set the value by hand",
                              change));
  }
  const auto now = read(made->target);
  if (!now) return now.status();
  if (*now != made->to) {
    return Status(StatusCode::invalid_argument,
                  fmt::format("{}: change {} made it {}, but it is {} now; undo the later change "
                              "first, or set the value by hand",
                              entry->what, change, format_value(made->target, made->to),
                              format_value(made->target, *now)));
  }
  return apply_locked(made->target, made->from, who, fmt::format("undo of change {}", change),
                      entry->recommendation);
}

Result<std::vector<Change>> Actuator::recover() {
  const std::scoped_lock lock(mutex_);
  std::vector<Change> rolled_back;
  for (const auto& intent : audit_.unfinished()) {
    const auto change = roll_back(intent);
    if (!change) return change.status();
    if (*change) rolled_back.push_back(**change);
  }
  return rolled_back;
}

Status Actuator::check(const Target& target, std::int64_t value) {
  const std::scoped_lock lock(mutex_);
  return check_locked(target, value);
}

Result<std::int64_t> Actuator::current(const Target& target) {
  const std::scoped_lock lock(mutex_);
  return read(target);
}

void Actuator::set_context(const KnobContext& context) {
  const std::scoped_lock lock(mutex_);
  context_ = context;
}

}  // namespace nodetune
