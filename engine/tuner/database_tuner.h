// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/metrics/history.h"
#include "engine/metrics/snapshot.h"
#include "engine/tuner/actuator.h"
#include "engine/tuner/audit_log.h"
#include "engine/tuner/recommendation.h"
#include "engine/tuner/rules.h"

namespace nodetune {

struct TunerConfig {
  // Long enough that a flush and a compaction fit in, short enough that an operator sees it react.
  Duration interval = std::chrono::seconds(60);
  RuleConfig rules;
  KnobContext context;
  int expire_after_rounds = 3;  // without evidence, while nobody has decided
  // After a rejection the same knob is not proposed again in the same direction for so long.
  Duration quiet_after_rejection = std::chrono::minutes(30);
  std::size_t recommendations_max = 200;  // the oldest finished ones go first
};

// What an operator says to a recommendation.
struct Decision {
  enum class Kind : std::uint8_t { approve, override_value, reject };
  Kind kind = Kind::approve;
  std::int64_t value = 0;  // of override_value
  std::string note;        // optional: why
};

// Turns figures into recommendations, and decisions into changes.
//
// Invariant: at most one undecided recommendation a target. A knob that changed within the window
// is not judged by that window. Every change of state stands in the audit log.
// Thread: every method from any; observe() and run_once() from the tuner's, decide() and undo()
// from the commander's, as they call the actuator. Nothing is locked while the actuator works, so
// that recommendations() never waits for a disk.
class DatabaseTuner {
 public:
  // `actuator` may be null (an observed node): then an approval is noted, and nothing applied.
  DatabaseTuner(const TunerConfig& config, Clock& clock, AuditLog& audit, Actuator* actuator);

  // Call it as often as you like, with the newest snapshot: runs a round when an interval has
  // passed since the last (true), and is free otherwise. The first snapshot begins the interval.
  // Not ok: the audit log could not be written.
  Result<bool> observe(std::shared_ptr<const Snapshot> newest, const KnownKnobs& knobs,
                       const History* history = nullptr);
  // The same without waiting for the interval's end: the window is what has passed of it. False
  // when nothing has: there is no snapshot before this one.
  Result<bool> tune_now(std::shared_ptr<const Snapshot> newest, const KnownKnobs& knobs,
                        const History* history = nullptr);
  // One round on the window between the two.
  Status run_once(const Snapshot& older, const Snapshot& newer, const KnownKnobs& knobs,
                  const History* history = nullptr);
  // What another strategy wants (object caches, batch threshold); merged as the rules' own are.
  Status propose(std::vector<Proposal> proposals);

  // Approve and override apply at once, and return when that is done. Refused, with the
  // recommendation left as it was: unknown, already decided, a value out of range.
  Status decide(std::uint64_t id, const Decision& decision);
  // Of an applied or verified one: puts the old value back.
  Status undo(std::uint64_t id);
  // Any change of the audit log, made by hand or recommended.
  Result<Change> undo_change(std::uint64_t change);

  // Of a foreign node, whose operator's changes are followed up across restarts of this program.
  // What was open before; call it before the first round.
  void restore(std::vector<Recommendation> items);
  // From now on whoever follows it up decides about it, the rounds do not.
  Status set_follow_up(std::uint64_t id, FollowUp follow_up);
  // It was seen to be so; a step between (applying) is made too. Refused as may_become() says.
  Status note_state(std::uint64_t id, RecommendationState to, Actor who, std::string note);

  std::vector<Recommendation> recommendations() const;  // oldest first
  std::optional<Recommendation> find(std::uint64_t id) const;
  std::uint64_t rounds() const;
  // When observe() will run the next round; nothing before the first snapshot.
  std::optional<TimePoint> next_round() const;
  TunerConfig config() const;
  void set_config(const TunerConfig& config);

 private:
  struct Quiet {  // a rejected direction
    Target target;
    bool up = false;
    TimePoint until{};
  };

  using OtherValues = std::vector<std::pair<Target, std::int64_t>>;  // of what is no knob

  Result<bool> end_window(std::shared_ptr<const Snapshot> newest, Duration at_least,
                          const KnownKnobs& knobs, const History* history);
  Recommendation* find_locked(std::uint64_t id);
  Status move_locked(Recommendation& item, RecommendationState to, Actor who, std::string note);
  void move_logged_locked(Recommendation& item, RecommendationState to, Actor who,
                          std::string note);
  Status add_locked(Proposal proposal);
  Status merge_locked(std::vector<Proposal> proposals);
  Status verify_locked(const TunerFigures& figures, TimePoint begin, const KnownKnobs& knobs,
                       const OtherValues& others);
  Status expire_locked(const KnownKnobs& knobs);
  void note_moves_locked(const KnownKnobs& knobs, TimePoint seen_at);
  void forget_oldest_locked();
  OtherValues read_others() const;
  Result<std::pair<Target, std::int64_t>> accept(std::uint64_t id, const Decision& decision);
  Status check(const Recommendation& item, const Decision& decision, std::int64_t value);
  Status apply(std::uint64_t id, const Target& target, std::int64_t value);

  Clock& clock_;
  AuditLog& audit_;
  Actuator* const actuator_;
  mutable std::mutex mutex_;
  // All below guarded by mutex_.
  TunerConfig config_;
  std::vector<Recommendation> items_;
  std::vector<Quiet> quiet_;
  std::uint64_t next_id_ = 1;
  std::uint64_t rounds_ = 0;
  std::shared_ptr<const Snapshot> window_begin_;
  std::optional<KnownKnobs> last_knobs_;
  std::array<TimePoint, kKnobCount> moved_{};  // when a knob was last seen changed
};

}  // namespace nodetune
