// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/tuner/database_tuner.h"

#include <QTemporaryDir>
#include <QtTest>
#include <atomic>
#include <thread>

#include "engine/base/format.h"
#include "tests/engine/tuner/fake_controls.h"

using namespace nodetune;
using nodetune::test::FakeKnobs;
using nodetune::test::FakeTargets;
using State = RecommendationState;

namespace {

constexpr auto kKnob = Knob::write_buffer_size;

// A node with a clock, whose stall time grows by what each interval is told.
struct World {
  QTemporaryDir folder;
  ManualClock clock;
  FakeKnobs knobs;
  FakeTargets others;
  std::unique_ptr<AuditLog> audit;
  std::unique_ptr<Actuator> actuator;
  std::unique_ptr<DatabaseTuner> tuner;
  double stalled = 0;
  double memory = 0.8;

  explicit World(bool managed = true) {
    auto opened = AuditLog::open(folder.filePath("audit.jsonl").toStdString(), clock);
    if (!opened) qFatal("%s", opened.status().message().c_str());
    audit = std::move(*opened);
    actuator = std::make_unique<Actuator>(knobs, *audit, KnobContext{}, &others);
    tuner = std::make_unique<DatabaseTuner>(TunerConfig{}, clock, *audit,
                                            managed ? actuator.get() : nullptr);
    QVERIFY(!*tuner->observe(snapshot(), knobs.in_force));
  }
  std::shared_ptr<const Snapshot> snapshot() {
    auto now = std::make_shared<Snapshot>();
    now->taken_at = clock.now();
    now->set(Metric::db_stall_seconds_total, stalled);
    now->set(Metric::system_memory_ratio, memory);
    return now;
  }
  // One tuning interval in which writers stalled for so long.
  void round(double stall_seconds) {
    clock.advance(std::chrono::seconds(60));
    stalled += stall_seconds;
    const auto ran = tuner->observe(snapshot(), knobs.in_force);
    if (!ran) qFatal("%s", ran.status().message().c_str());
    QVERIFY(*ran);
  }
  Recommendation last() const { return tuner->recommendations().back(); }
  std::size_t count() const { return tuner->recommendations().size(); }
  Status decide(Decision::Kind kind, std::int64_t value = 0) {
    return tuner->decide(last().id, {.kind = kind, .value = value, .note = {}});
  }
  std::vector<std::string> logged_states() const {
    std::vector<std::string> states;
    for (const auto& entry : audit->entries()) {
      if (entry.kind == AuditKind::state) states.push_back(entry.to);
    }
    return states;
  }
};

constexpr auto kApprove = Decision::Kind::approve;
constexpr auto kOverride = Decision::Kind::override_value;
constexpr auto kReject = Decision::Kind::reject;

}  // namespace

class DatabaseTunerTest : public QObject {
  Q_OBJECT
 private slots:
  void a_round_runs_once_an_interval() {
    World world;
    QCOMPARE(world.tuner->rounds(), std::uint64_t{0});
    world.stalled = 20;
    world.clock.advance(std::chrono::seconds(59));
    QVERIFY(!*world.tuner->observe(world.snapshot(), world.knobs.in_force));
    QCOMPARE(world.count(), std::size_t{0});
    world.clock.advance(std::chrono::seconds(1));
    QVERIFY(world.tuner->next_round() == world.clock.now());
    QVERIFY(*world.tuner->observe(world.snapshot(), world.knobs.in_force));
    QVERIFY(!*world.tuner->observe(world.snapshot(), world.knobs.in_force));
    QCOMPARE(world.tuner->rounds(), std::uint64_t{1});
    QCOMPARE(world.last().proposal.evidence.at(0).window_seconds, 60.0);
    QCOMPARE(world.last().proposal.evidence.at(0).value, 20.0);
  }
  void tune_now_does_not_wait_for_the_interval() {
    World world;
    QVERIFY(!*world.tuner->tune_now(world.snapshot(), world.knobs.in_force));
    world.clock.advance(std::chrono::seconds(10));
    world.stalled = 8;
    QVERIFY(*world.tuner->tune_now(world.snapshot(), world.knobs.in_force));
    QCOMPARE(world.last().proposal.evidence.at(0).window_seconds, 10.0);
  }
  void a_clock_set_back_begins_anew() {
    World world;
    auto early = std::make_shared<Snapshot>(*world.snapshot());
    early->taken_at -= std::chrono::hours(1);
    QVERIFY(!*world.tuner->observe(early, world.knobs.in_force));
    QCOMPARE(world.tuner->rounds(), std::uint64_t{0});
  }
  void the_same_wish_is_refreshed_and_not_repeated() {
    World world;
    world.round(8);
    world.round(9);
    QCOMPARE(world.count(), std::size_t{1});
    QCOMPARE(world.last().rounds_seen, 2);
    QCOMPARE(world.last().proposal.evidence.at(0).value, 9.0);
    QCOMPARE(world.last().refreshed - world.last().created, Duration(std::chrono::seconds(60)));
    QCOMPARE(world.logged_states(), (std::vector<std::string>{"proposed"}));
  }
  void it_expires_when_its_evidence_is_gone_for_three_rounds() {
    World world;
    world.round(8);
    world.round(0);
    world.round(0);
    QCOMPARE(world.last().state, State::proposed);
    world.round(0);
    QCOMPARE(world.last().state, State::expired);
    QVERIFY(!world.decide(kApprove));
    world.round(8);
    QCOMPARE(world.count(), std::size_t{2});
  }
  void evidence_that_comes_back_in_time_keeps_it() {
    World world;
    for (const double stall : {8.0, 0.0, 0.0, 8.0, 0.0, 0.0}) world.round(stall);
    QCOMPARE(world.count(), std::size_t{1});
    QCOMPARE(world.last().state, State::proposed);
  }
  void the_opposite_wish_replaces_it() {
    World world;
    world.round(8);
    world.memory = 0.95;
    world.round(0);
    const auto items = world.tuner->recommendations();
    QCOMPARE(items.size(), std::size_t{2});
    QCOMPARE(items[0].state, State::expired);
    QCOMPARE(items[1].state, State::proposed);
    QVERIFY(items[1].proposal.proposed < items[1].proposal.current);
  }
  void a_contradiction_reaches_the_operator_as_one() {
    World world;
    world.memory = 0.95;
    world.round(8);
    QCOMPARE(world.count(), std::size_t{1});
    QVERIFY(world.last().proposal.contradiction.has_value());
    QVERIFY(world.audit->entries().back().reason.find("write_buffer_memory") != std::string::npos);
  }

  void an_approved_one_is_applied_then_verified_with_its_effect() {
    World world;
    world.round(8);
    QVERIFY(world.decide(kApprove));
    QCOMPARE(world.knobs.in_force[kKnob], 96 * kMiB);
    QCOMPARE(world.knobs.persisted[kKnob], 96 * kMiB);
    QCOMPARE(world.last().state, State::applied);
    world.round(1);
    QCOMPARE(world.last().state, State::verified);
    const auto note = world.last().history.back().note;
    QVERIFY2(note.find("8 s before, 1 s now") != std::string::npos, note.c_str());
    QCOMPARE(world.logged_states(),
             (std::vector<std::string>{"proposed", "approved", "applying", "applied", "verified"}));
    QVERIFY(world.audit->find_done(world.last().change).has_value());
    QCOMPARE(world.audit->find_done(world.last().change)->recommendation, world.last().id);
  }
  void a_window_in_which_the_knob_moved_neither_verifies_nor_proposes() {
    World world;
    world.round(8);
    world.clock.advance(std::chrono::seconds(30));
    QVERIFY(world.decide(kApprove));
    world.clock.advance(std::chrono::seconds(30));
    world.stalled += 50;
    QVERIFY(*world.tuner->observe(world.snapshot(), world.knobs.in_force));
    QCOMPARE(world.count(), std::size_t{1});
    QCOMPARE(world.last().state, State::applied);
    world.round(50);
    QCOMPARE(world.tuner->recommendations().front().state, State::verified);
    QCOMPARE(world.count(), std::size_t{2});
    QCOMPARE(world.last().proposal.proposed, 144 * kMiB);
  }
  void a_round_in_between_does_not_hide_that_a_knob_moved() {
    World world;
    const auto begin = world.snapshot();
    world.clock.advance(std::chrono::seconds(30));
    QVERIFY(world.tuner->run_once(*begin, *world.snapshot(), world.knobs.in_force));
    world.knobs.in_force[kKnob] = 128 * kMiB;
    world.clock.advance(std::chrono::seconds(10));
    world.stalled = 8;
    QVERIFY(world.tuner->run_once(*begin, *world.snapshot(), world.knobs.in_force));
    world.clock.advance(std::chrono::seconds(20));
    QVERIFY(world.tuner->run_once(*begin, *world.snapshot(), world.knobs.in_force));
    QCOMPARE(world.count(), std::size_t{0});
  }
  void an_override_applies_the_operators_value() {
    World world;
    world.round(8);
    QVERIFY(world.decide(kOverride, 80 * kMiB));
    QCOMPARE(world.knobs.in_force[kKnob], 80 * kMiB);
    QCOMPARE(world.last().overridden.value(), 80 * kMiB);
    QCOMPARE(world.last().state, State::applied);
    QCOMPARE(world.last().history.at(1).state, State::overridden);
  }
  void an_override_out_of_range_is_refused_and_it_stays_open() {
    World world;
    world.round(8);
    const auto refused = world.decide(kOverride, 1024);
    QVERIFY(!refused);
    QVERIFY2(refused.message().find("aborts") != std::string::npos, refused.message().c_str());
    QCOMPARE(world.last().state, State::proposed);
    QVERIFY(!world.last().overridden);
    QCOMPARE(world.knobs.sets, 0);
    QVERIFY2(!world.decide(kOverride, 64 * kMiB), "the value in force is no change");
    QVERIFY(world.decide(kApprove));
  }
  void a_rejected_direction_is_quiet_for_a_while() {
    World world;
    world.round(8);
    QVERIFY(world.decide(kReject));
    QCOMPARE(world.last().state, State::rejected);
    world.round(8);
    QCOMPARE(world.count(), std::size_t{1});
    world.memory = 0.95;
    world.round(0);  // the other direction is not
    QCOMPARE(world.count(), std::size_t{2});
    world.memory = 0.8;
    world.clock.advance(std::chrono::minutes(30));
    world.round(8);
    QCOMPARE(world.last().proposal.rule, std::string("write_buffer_stalls"));
    QCOMPARE(world.last().state, State::proposed);
  }
  void only_an_open_one_can_be_decided() {
    World world;
    QCOMPARE(world.tuner->decide(99, {}).code(), StatusCode::not_found);
    world.round(8);
    QVERIFY(world.decide(kReject));
    for (const auto kind : {kApprove, kOverride, kReject}) QVERIFY(!world.decide(kind, kMiB));
  }
  void a_failed_application_says_why() {
    World world;
    world.round(8);
    world.knobs.fail_saves = 1;
    QVERIFY(!world.decide(kApprove));
    QCOMPARE(world.last().state, State::failed);
    QVERIFY(world.last().history.back().note.find("NODETUNE.json") != std::string::npos);
    QCOMPARE(world.knobs.in_force[kKnob], 64 * kMiB);
  }
  void an_approval_of_a_value_that_is_no_longer_current_is_refused() {
    World world;
    world.round(8);
    QVERIFY(world.actuator->apply(Target::of(kKnob), 256 * kMiB, Actor::node_operator, "by hand"));
    QVERIFY(!world.decide(kApprove));
    QCOMPARE(world.knobs.in_force[kKnob], 256 * kMiB);
    world.round(8);
    QCOMPARE(world.tuner->recommendations().front().state, State::expired);
    world.round(8);
    QCOMPARE(world.last().proposal.current, 256 * kMiB);
  }
  void a_change_that_did_not_last_is_rolled_back_not_verified() {
    World world;
    world.round(8);
    QVERIFY(world.decide(kApprove));
    QVERIFY(world.actuator->apply(Target::of(kKnob), 32 * kMiB, Actor::node_operator, "by hand"));
    world.round(0);
    QCOMPARE(world.last().state, State::rolled_back);
  }
  void undo_restores_and_is_refused_a_second_time() {
    World world;
    world.round(8);
    QVERIFY(!world.tuner->undo(world.last().id));
    QVERIFY(world.decide(kApprove));
    world.round(0);
    QVERIFY(world.tuner->undo(world.last().id));
    QCOMPARE(world.last().state, State::rolled_back);
    QCOMPARE(world.knobs.in_force[kKnob], 64 * kMiB);
    QVERIFY(!world.tuner->undo(world.last().id));
  }
  void undoing_the_change_by_its_number_moves_the_recommendation_too() {
    World world;
    world.round(8);
    QVERIFY(world.decide(kApprove));
    QVERIFY(world.tuner->undo_change(world.last().change));
    QCOMPARE(world.last().state, State::rolled_back);
  }

  void an_observed_nodes_approval_waits_until_it_is_seen_in_force() {
    World world(false);
    world.round(8);
    QVERIFY(!world.decide(kOverride, 1024));
    QVERIFY(world.decide(kApprove));
    QCOMPARE(world.last().state, State::approved);
    world.round(8);
    QCOMPARE(world.count(), std::size_t{1});
    world.knobs.in_force[kKnob] = 96 * kMiB;  // somebody restarted the node with the new flag
    world.round(0);
    QCOMPARE(world.last().state, State::applied);
    world.round(0);
    QCOMPARE(world.last().state, State::verified);
  }
  void other_strategies_proposals_go_the_same_way() {
    World world;
    const auto target = Target::object_cache(ObjectKind::account);
    Proposal proposal;
    proposal.rule = "cache_low_hits";
    proposal.target = target;
    proposal.current = 100;
    proposal.proposed = 120;
    QVERIFY(world.tuner->propose({proposal}));
    QVERIFY(world.tuner->propose({proposal}));
    QCOMPARE(world.count(), std::size_t{1});
    QVERIFY(world.decide(kApprove));
    QCOMPARE(world.others.now, std::int64_t{120});
    world.round(0);
    QCOMPARE(world.last().state, State::verified);
  }
  void the_list_is_bounded() {
    World world;
    auto config = world.tuner->config();
    config.recommendations_max = 5;
    config.quiet_after_rejection = Duration(0);
    world.tuner->set_config(config);
    for (int i = 0; i < 20; ++i) {
      world.round(8);
      QVERIFY(world.decide(kReject));
    }
    QCOMPARE(world.count(), std::size_t{5});
    QCOMPARE(world.last().id, std::uint64_t{20});
  }
  void numbers_go_on_after_a_restart() {
    World world;
    world.round(8);
    DatabaseTuner next({}, world.clock, *world.audit, world.actuator.get());
    Proposal proposal;
    proposal.target = Target::batch_threshold();
    proposal.proposed = 1;
    QVERIFY(next.propose({proposal}));
    QCOMPARE(next.recommendations().front().id, world.last().id + 1);
  }
  void the_window_reads_while_rounds_and_decisions_run() {
    World world;
    std::atomic<bool> stop = false;
    std::atomic<std::uint64_t> seen = 0;
    std::thread window([&] {
      while (!stop.load()) {
        for (const auto& item : world.tuner->recommendations()) seen += item.history.size();
      }
    });
    std::thread commander([&] {
      while (!stop.load()) {
        for (const auto& item : world.tuner->recommendations()) {
          if (item.state == State::proposed) (void)world.tuner->decide(item.id, {.note = {}});
        }
      }
    });
    auto values = KnobValues::defaults();
    for (int i = 0; i < 100; ++i) {
      world.clock.advance(std::chrono::seconds(60));
      world.stalled += 8;
      QVERIFY(world.tuner->observe(world.snapshot(), values));
    }
    stop = true;
    window.join();
    commander.join();
    QCOMPARE(world.tuner->rounds(), std::uint64_t{100});
    for (const auto& item : world.tuner->recommendations()) {
      QVERIFY(item.state != State::applying);
    }
  }
};

QTEST_APPLESS_MAIN(DatabaseTunerTest)
#include "database_tuner_test.moc"
