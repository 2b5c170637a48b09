// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/follow_up.h"

#include <QDir>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <random>

#include "engine/base/format.h"
#include "engine/node/memory_headroom.h"
#include "engine/node/observed_tuner.h"
#include "engine/node/restart_price.h"
#include "tests/engine/files/test_files.h"
#include "tests/engine/node/observed_world.h"

using namespace nodetune;
using namespace nodetune::testing;
using State = RecommendationState;
using Stage = FollowUp::Stage;

namespace {

constexpr auto kKnob = Knob::write_buffer_size;
constexpr std::int64_t kBefore = 64 * kMiB;
constexpr std::int64_t kWanted = 96 * kMiB;  // what the rule makes of it

RecognisedClient client_named(std::string_view name) {
  for (const auto& profile : client_profiles()) {
    if (profile.name == name) return {&profile, std::string(name), "made up"};
  }
  qFatal("no such client");
  return {};
}

// A foreign node whose past is made up, and who looks at it. Moves only when told to.
struct World {
  explicit World(std::string_view client_name = "Nethermind") : client(client_named(client_name)) {
    if (!folder.isValid()) qFatal("no folder");
    qputenv("XDG_STATE_HOME", (folder.path() + "/state").toUtf8());
    if (!QDir().mkpath(folder.path() + "/db")) qFatal("no folder");
    now.log_is_read = now.runs = true;
    values[kKnob] = kBefore;
    open_node();
    open_tuner();
  }

  void open_tuner() {
    tuner.reset();
    auto opened = ObservedTuner::open((folder.path() + "/db").toStdString(), client, TunerConfig{},
                                      clock, config);
    if (!opened) qFatal("%s", opened.status().message().c_str());
    tuner = *std::move(opened);
  }
  // The node is started: a new LOG, a new OPTIONS file.
  void open_node() {
    ++opens;
    now.open = {.time = clock.now(),
                .session = "SESSION" + std::to_string(opens),
                .options = "OPTIONS-" + std::to_string(opens),
                .pid = 100 + opens};
  }
  std::string store() const {
    return state_folder((folder.path() + "/db").toStdString()) + "/FOLLOWUPS.json";
  }

  // Time goes by as the node's figures say.
  void pass(int seconds, double stalled_share, double flushed = 2.0 * kMiB) {
    constexpr int kStep = 10;
    for (int i = 0; i < seconds; i += kStep) {
      clock.advance(std::chrono::seconds(kStep));
      Snapshot sample;
      sample.taken_at = clock.now();
      sample.interval_seconds = kStep;
      sample.rates[index_of(Metric::db_stall_seconds_total)] = stalled_share;
      sample.rates[index_of(Metric::db_flush_bytes_total)] = flushed;
      sample.rates[index_of(Metric::db_compaction_write_bytes_total)] = 3 * flushed;
      sample.set(Metric::db_l0_files, 8 * stalled_share);
      history.add(sample);
      stalled += stalled_share * kStep;
    }
  }
  std::vector<NodeEvent> look() {
    now.time = clock.now();
    now.knobs.clear();
    for (const auto knob : kKnobs) {
      KnobState state;
      state.knob = knob;
      state.current = values[knob];
      state.current_text = format_knob(knob, values[knob]);
      state.origin = now.open.options;
      now.knobs.push_back(state);
    }
    return tuner->look(now, history);
  }
  std::shared_ptr<const Snapshot> snapshot() const {
    auto sample = std::make_shared<Snapshot>();
    sample->taken_at = clock.now();
    sample->set(Metric::db_stall_seconds_total, stalled);
    sample->set(Metric::system_memory_ratio, 0.5);
    return sample;
  }
  // An hour with stalls, so that the rule speaks.
  void recommend() {
    look();
    if (!tuner->observe(snapshot(), values, history)) qFatal("no round");
    pass(3'600, 0.2);
    if (!tuner->observe(snapshot(), values, history)) qFatal("no round");
    if (tuner->recommendations().empty()) qFatal("nothing is recommended");
  }
  Result<std::string> copy() {
    look();
    return tuner->follow_up({item().id}, now, history);
  }
  Recommendation item() const { return tuner->recommendations().back(); }
  FollowUp follow_up() const { return item().follow_up.value_or(FollowUp{}); }
  void restart_with(std::int64_t value) {
    clock.advance(std::chrono::minutes(1));
    values[kKnob] = value;
    open_node();
  }
  std::vector<std::string> logged() const {
    std::vector<std::string> states;
    for (const auto& entry : tuner->audit()) states.push_back(entry.to);
    return states;
  }

  QTemporaryDir folder;
  ManualClock clock;
  History history;
  RecognisedClient client;
  FollowUpConfig config;
  KnobValues values = KnobValues::defaults();
  NodeNow now;
  int opens = 0;
  double stalled = 0;
  std::unique_ptr<ObservedTuner> tuner;
};

bool one_has(const std::vector<std::string>& texts, std::string_view part) {
  return std::ranges::any_of(texts, [&](const std::string& text) { return has(text, part); });
}

}  // namespace

class FollowUpTest : public QObject {
  Q_OBJECT

 private slots:
  void a_copied_line_waits_for_the_restart_that_brings_it_into_force() {
    World world;
    world.recommend();
    QCOMPARE(world.item().line, "Db.StateDbWriteBufferSize=" + std::to_string(kWanted));
    QVERIFY(has(world.item().apply, "then restart it"));
    const auto copied = world.copy();
    QVERIFY2(copied.is_ok(), copied.status().message().c_str());
    QCOMPARE(world.item().state, State::approved);
    QCOMPARE(world.follow_up().stage, Stage::awaiting_restart);
    QVERIFY(has(world.follow_up().text, "takes effect with a restart"));
    QCOMPARE(world.look().size(), std::size_t{2});  // copied, awaiting restart
    // A running node may write its options anew: that is no restart.
    world.now.open.options = "OPTIONS-9";
    QVERIFY(world.look().empty());

    world.restart_with(kWanted);
    const auto events = world.look();
    QCOMPARE(events.size(), std::size_t{1});
    QCOMPARE(events[0].category, EventCategory::recommendation);
    QVERIFY2(has(events[0].text, "in force: the node was opened at"), events[0].text.c_str());
    QVERIFY2(has(events[0].text, "with 96 MiB (OPTIONS-2)"), events[0].text.c_str());
    QCOMPARE(world.item().state, State::applied);
    QCOMPARE(world.follow_up().stage, Stage::in_force);
    const std::vector<std::string> states = {"proposed", "approved", "copied", "awaiting_restart",
                                             "in_force", "applying", "applied"};
    QVERIFY2(world.logged() == states, "every step stands in the audit log, in its order");
    QCOMPARE(world.follow_up().steps.size(), std::size_t{3});
    QVERIFY(world.look().empty());
  }

  void a_restart_without_it_says_so_and_where_to_look() {
    World world;
    world.now.databases = 12;
    world.now.caveat = "The caveat of this client";
    world.recommend();
    QVERIFY(world.copy());
    world.look();
    world.restart_with(kBefore);
    const auto events = world.look();
    QCOMPARE(events.size(), std::size_t{1});
    QCOMPARE(events[0].severity, Severity::warning);
    QVERIFY2(has(events[0].text, "with 64 MiB, not with 96 MiB"), events[0].text.c_str());
    const auto hints = world.follow_up().hints;
    QVERIFY(one_has(hints, "may not be the one that the node reads"));
    QVERIFY(one_has(hints, "12 databases"));
    QVERIFY(one_has(hints, "The caveat of this client"));
    QCOMPARE(world.item().state, State::approved);
    QVERIFY(world.look().empty());
    // The next attempt succeeds.
    world.restart_with(kWanted);
    QCOMPARE(world.look().size(), std::size_t{1});
    QCOMPARE(world.follow_up().stage, Stage::in_force);
    QVERIFY(world.follow_up().hints.empty());
    // A setting that is lost again is told as well.
    world.restart_with(kBefore);
    const auto lost = world.look();
    QCOMPARE(lost.size(), std::size_t{1});
    QVERIFY2(has(lost[0].text, "no longer in force"), lost[0].text.c_str());
    QCOMPARE(world.item().state, State::rolled_back);
  }

  void the_options_file_may_be_seen_later_than_the_log() {
    World world;
    world.recommend();
    QVERIFY(world.copy());
    world.look();
    world.restart_with(kBefore);
    const auto options = world.now.open.options;
    world.now.open.options = "OPTIONS-1";
    QVERIFY(world.look().empty());
    world.clock.advance(std::chrono::seconds(3));
    world.now.open.options = options;
    world.values[kKnob] = kWanted;
    QCOMPARE(world.look().size(), std::size_t{1});
    QCOMPARE(world.follow_up().stage, Stage::in_force);
    // A node that writes none is judged after a while.
    World other;
    other.recommend();
    QVERIFY(other.copy());
    other.look();
    other.restart_with(kBefore);
    other.now.open.options = "OPTIONS-1";
    QVERIFY(other.look().empty());
    other.clock.advance(other.config.options_grace);
    QCOMPARE(other.look().size(), std::size_t{1});
    QCOMPARE(other.follow_up().stage, Stage::not_in_force);
  }

  void what_it_brought_is_compared_with_the_time_before() {
    World world;
    world.recommend();
    QVERIFY(world.copy());
    world.restart_with(kWanted);
    world.look();
    world.pass(10 * 60, 0.9);  // caches are cold: not counted
    world.pass(59 * 60, 0.01, 2.1 * kMiB);
    QVERIFY2(world.look().empty(), "too early");
    QCOMPARE(world.follow_up().stage, Stage::in_force);
    world.pass(2 * 60, 0.01, 2.1 * kMiB);
    const auto events = world.look();
    QCOMPARE(events.size(), std::size_t{1});
    QVERIFY2(has(events[0].text, "verified: in force, and better than before"),
             events[0].text.c_str());
    const auto& compared = world.follow_up().comparison;
    QVERIFY2(one_has(compared, "Stalled: 20.0 % of 60 min before, 1.0 % of 60 min after"),
             compared.front().c_str());
    QVERIFY(
        one_has(compared, "Load: flushed: 2 MiB/s in 60 min before, 2.10 MiB/s in 60 min after"));
    QVERIFY(one_has(compared, "Bytes written for one flushed: 4.0 in 60 min before"));
    QVERIFY(one_has(compared, "proves nothing: the load may differ"));
    QCOMPARE(world.item().state, State::verified);
    QVERIFY(world.look().empty());
  }

  void what_got_worse_says_how_to_go_back() {
    World world;
    world.recommend();
    QVERIFY(world.copy());
    world.restart_with(kWanted);
    world.look();
    world.pass(71 * 60, 0.5, 9.0 * kMiB);
    const auto events = world.look();
    QCOMPARE(events.size(), std::size_t{1});
    QCOMPARE(events[0].severity, Severity::warning);
    QVERIFY2(has(events[0].text, "worse than before; to go back set write_buffer_size to 64 MiB"),
             events[0].text.c_str());
    QVERIFY(one_has(world.follow_up().comparison, "the load was not the same"));
  }

  void a_second_change_of_the_same_knob_replaces_the_first() {
    World world;
    world.recommend();
    QVERIFY(world.copy());
    world.restart_with(kWanted);
    world.look();
    QVERIFY(world.tuner->observe(world.snapshot(), world.values, world.history));
    world.pass(60, 0.5);  // the window in which it moved is not judged
    QVERIFY(world.tuner->observe(world.snapshot(), world.values, world.history));
    world.pass(60, 0.5);
    QVERIFY(world.tuner->observe(world.snapshot(), world.values, world.history));
    QCOMPARE(world.tuner->recommendations().size(), std::size_t{2});
    QVERIFY(world.copy());
    world.look();
    world.restart_with(world.item().proposal.proposed);
    QCOMPARE(world.look().size(), std::size_t{2});
    const auto first = world.tuner->recommendations().front();
    QCOMPARE(first.state, State::rolled_back);
    QVERIFY2(has(first.follow_up->text, "replaced by the later change to 144 MiB"),
             first.follow_up->text.c_str());
    QCOMPARE(world.item().state, State::applied);
  }

  void figures_that_nobody_has_are_not_invented() {
    World world;
    world.recommend();
    QVERIFY(world.copy());
    world.restart_with(kWanted);
    world.look();
    world.clock.advance(std::chrono::hours(2));
    QVERIFY(world.look().empty());  // they may still come
    world.clock.advance(world.config.wait_max);
    QCOMPARE(world.look().size(), std::size_t{1});
    QVERIFY(has(world.follow_up().text, "not known"));
    QVERIFY(
        one_has(world.follow_up().comparison, "Stalled: 20.0 % of 60 min before, not known after"));
  }

  void it_goes_on_after_this_program_was_restarted() {
    World world;
    world.recommend();
    QVERIFY(world.copy());
    world.look();
    const auto before = world.item();
    world.open_tuner();
    QCOMPARE(world.tuner->recommendations().size(), std::size_t{1});
    QCOMPARE(world.item().id, before.id);
    QCOMPARE(world.item().line, before.line);
    QCOMPARE(world.follow_up().stage, Stage::awaiting_restart);
    // The rules do not propose again what waits.
    QVERIFY(world.tuner->observe(world.snapshot(), world.values, world.history));
    world.pass(60, 0.5);
    QVERIFY(world.tuner->observe(world.snapshot(), world.values, world.history));
    QCOMPARE(world.tuner->recommendations().size(), std::size_t{1});

    world.tuner.reset();  // the node is restarted while nobody looks
    world.restart_with(kWanted);
    world.open_tuner();
    QCOMPARE(world.look().size(), std::size_t{1});
    QCOMPARE(world.item().state, State::applied);
    world.pass(71 * 60, 0.01);
    world.open_tuner();
    QCOMPARE(world.look().size(), std::size_t{1});
    world.open_tuner();  // what is done is still there to be read
    QCOMPARE(world.item().state, State::verified);
    QVERIFY(!world.follow_up().comparison.empty());
    QVERIFY(world.look().empty());
  }

  void a_stopped_node_awaits_its_start() {
    World world;
    world.now.runs = false;
    world.now.open.pid = 0;
    world.recommend();
    QVERIFY(world.copy());
    QVERIFY(has(world.follow_up().text, "the node is stopped"));
    world.look();
    world.now.runs = true;
    world.restart_with(kWanted);
    QCOMPARE(world.look().size(), std::size_t{1});
    QCOMPARE(world.item().state, State::applied);
  }

  void a_line_copied_before_the_log_was_read_is_no_restart_later() {
    World world;
    const auto open = world.now.open;
    world.now.open = {};
    world.now.log_is_read = false;
    world.recommend();
    QVERIFY(world.copy());
    world.look();
    world.now.open = open;
    world.now.log_is_read = true;
    world.clock.advance(std::chrono::minutes(5));
    QVERIFY(world.look().empty());
    QCOMPARE(world.follow_up().stage, Stage::awaiting_restart);
    world.restart_with(kBefore);
    QCOMPARE(world.look().size(), std::size_t{1});
    QCOMPARE(world.follow_up().stage, Stage::not_in_force);
  }

  void what_waits_can_be_given_up() {
    World world;
    world.recommend();
    QVERIFY(world.copy());
    const auto given_up =
        world.tuner->decide({world.item().id, DecideRecommendation::Decision::reject, 0});
    QVERIFY2(given_up.is_ok(), given_up.status().message().c_str());
    QCOMPARE(world.item().state, State::expired);
    world.look();
    world.restart_with(kWanted);
    QVERIFY(world.look().empty());
    world.open_tuner();
    QCOMPARE(world.item().state, State::expired);
  }

  void an_approval_outlives_this_program_without_a_copy() {
    World world;
    world.recommend();
    const auto id = world.item().id;
    QVERIFY(world.tuner->decide({id, DecideRecommendation::Decision::override_value, 7 * kMiB}));
    QCOMPARE(world.item().state, State::overridden);
    world.tuner.reset();
    world.open_tuner();
    QCOMPARE(world.item().id, id);
    QCOMPARE(world.item().state, State::overridden);
    QCOMPARE(world.item().value(), 7 * kMiB);
    QVERIFY(!world.item().line.empty() && !world.item().follow_up);
    QVERIFY(world.copy());  // and goes on from there
    QVERIFY(world.item().follow_up);
    world.tuner.reset();
    world.open_tuner();
    QCOMPARE(world.tuner->recommendations().size(), std::size_t{1});
    QVERIFY(world.item().follow_up);
    QVERIFY(world.tuner->decide({id, DecideRecommendation::Decision::reject, 0}));
  }

  void a_file_of_before_approvals_were_kept_is_read() {
    World world;
    world.recommend();
    QVERIFY(world.copy());
    world.tuner.reset();
    auto text = read_bytes(QString::fromStdString(world.store()));
    const std::string approvals = " \"approved\": [],\n";
    QVERIFY(text.find(approvals) != std::string::npos);
    text.erase(text.find(approvals), approvals.size());
    QCOMPARE(follow_ups_from_json(text)->changes.size(), std::size_t{1});
    const auto proposed = text.find("\"changes\"");
    text.insert(proposed, "\"approved\": [{}], ");
    QVERIFY(!follow_ups_from_json(text).is_ok());
  }

  void what_a_client_cannot_set_cannot_be_followed() {
    World world("Besu");
    world.recommend();
    QCOMPARE(world.item().line, std::string());
    QVERIFY(has(world.item().apply, "has no setting for it"));
    QVERIFY(!world.copy().is_ok());
    QVERIFY(!world.item().follow_up);
    QVERIFY(!world.tuner->follow_up({4711}, world.now, world.history).is_ok());
  }

  void a_damaged_file_is_moved_aside_and_told() {
    World world;
    world.recommend();
    QVERIFY(world.copy());
    world.tuner.reset();
    const auto path = QString::fromStdString(world.store());
    const auto good = read_bytes(path);
    write_file(path, good.substr(0, good.size() / 2));
    world.open_tuner();
    const auto events = world.look();
    QCOMPARE(events.size(), std::size_t{1});
    QCOMPARE(events[0].severity, Severity::error);
    QVERIFY2(has(events[0].text, "could not be read") && has(events[0].text, "moved to"),
             events[0].text.c_str());
    QVERIFY(world.tuner->recommendations().empty());
    const QFileInfo file(path);
    QCOMPARE(file.dir().entryList({"FOLLOWUPS.json.unread-*"}).size(), 1);
    QVERIFY(!file.exists());

    auto later = good;
    later.replace(later.find("\"schema\": 1"), 11, "\"schema\": 2");
    QVERIFY(has(follow_ups_from_json(later).status().message(), "later NodeTune"));
    QCOMPARE(to_json(*follow_ups_from_json(good)), good);
    std::mt19937 random(11);
    for (int i = 0; i < 2'000; ++i) {  // seed 11
      auto bytes = good;
      bytes[random() % bytes.size()] = static_cast<char>(random());
      (void)follow_ups_from_json(bytes);
    }
  }

  void a_second_nodetune_leaves_them_to_the_first() {
    World world;
    const auto second = ObservedTuner::open((world.folder.path() + "/db").toStdString(),
                                            world.client, {}, world.clock);
    QCOMPARE(second.status().code(), StatusCode::locked);
    QVERIFY(has(second.status().message(), "another NodeTune"));
  }

  void the_oldest_finished_ones_are_forgotten_first() {
    World world;
    world.tuner.reset();
    world.config.kept_max = 1;
    world.open_tuner();
    world.recommend();
    QVERIFY(world.copy());
    const auto kept = [&] {
      return follow_ups_from_json(read_bytes(QString::fromStdString(world.store())))
          ->changes.size();
    };
    QCOMPARE(kept(), std::size_t{1});
    QVERIFY(world.tuner->decide({world.item().id, DecideRecommendation::Decision::reject, 0}));
    world.pass(60, 0.5);
    QVERIFY(world.tuner->observe(world.snapshot(), world.values, world.history));
    QCOMPARE(world.item().state, State::proposed);
    QVERIFY(world.copy());
    QCOMPARE(kept(), std::size_t{1});
  }

  void memory_that_a_change_takes_is_told_beside_what_is_free() {
    Snapshot snapshot;
    snapshot.set(Metric::system_memory_limit_bytes, 8.0 * kGiB);
    snapshot.set(Metric::system_memory_used_bytes, 7.9 * kGiB);
    snapshot.families.resize(12);
    KnobValues values = KnobValues::defaults();
    values[kKnob] = kBefore;
    values[Knob::max_write_buffer_number] = 2;
    Recommendation item;
    item.proposal.target = Target::of(kKnob);
    item.proposal.current = kBefore;
    item.proposal.proposed = kWanted;
    auto notes = memory_notes(item, memory_now(snapshot, values, "OPTIONS-1"));
    QCOMPARE(notes.size(), std::size_t{2});
    QVERIFY2(has(notes[0], "up to 1.50 GiB now, up to 2.25 GiB with it (96 MiB × 2 × 12 families)"),
             notes[0].c_str());
    QVERIFY2(has(notes[1], "Free now: 102 MiB of 8 GiB") && has(notes[1], "make room first"),
             notes[1].c_str());
    auto known = KnownKnobs::none();
    known.set(kKnob, kBefore);
    notes = memory_notes(item, memory_now(snapshot, known, ""));
    QVERIFY2(has(notes[0], "not known"), notes[0].c_str());
    item.proposal.target = Target::of(Knob::block_cache_size);
    notes = memory_notes(item, memory_now(Snapshot{}, values, "LOG, for each family"));
    QVERIFY(has(notes[0], "32 MiB more than now") && has(notes[0], "do not share one cache"));
    QCOMPARE(notes[1], std::string("How much memory is free is not known"));
    item.proposal.target = Target::of(Knob::compression);
    QVERIFY(memory_notes(item, memory_now(snapshot, values, "")).empty());
  }

  void the_price_of_a_restart_names_what_is_known_and_what_is_not() {
    Observation seen;
    seen.path = "/node/db";
    auto listing = std::make_shared<DirectoryListing>();
    const auto wal = [&](std::uint64_t number, std::int64_t bytes) {
      listing->files.push_back({.name = std::to_string(number) + ".log",
                                .type = DatabaseFileType::wal,
                                .number = number,
                                .bytes = bytes,
                                .modified = {}});
    };
    wal(8, 4 * kMiB);
    wal(12, 300 * kMiB);
    wal(15, 10 * kMiB);
    seen.listing = listing;
    auto manifest = std::make_shared<Manifest>();
    manifest->column_families[0].log_number = 12;
    manifest->column_families[1].log_number = 15;
    seen.manifest = manifest;
    LogSummary story;
    story.opens = {{TimePoint{}, 3}, {TimePoint{}, 5}, {TimePoint{}, 41}};
    ObservedLog log{.story = story,
                    .complete = true,
                    .bytes = 0,
                    .problem = {},
                    .last_open = {},
                    .last_dump = {}};
    log.last_open = LoggedRecovery{TimePoint{}, 2.5, 1};
    Snapshot snapshot;
    snapshot.set(Metric::db_block_cache_usage_bytes, 1.5 * kGiB);
    const auto price = restart_price(seen, log, snapshot);
    QVERIFY2(has(price, "last open took 41 s, the median of 3 is 5 s (LOG)"), price.c_str());
    QVERIFY2(has(price, "310 MiB of WAL to replay in 2 files"), price.c_str());
    QVERIFY2(has(price, "the last replay took 2.50 s (LOG)"), price.c_str());
    QVERIFY2(has(price, "starts cold (1.50 GiB in it now"), price.c_str());
    story.opens.clear();
    log.last_open.reset();
    const auto unknown = restart_price(seen, log, Snapshot{});
    QVERIFY2(has(unknown, "how long an open takes is not in the LOG"), unknown.c_str());
    QVERIFY2(has(unknown, "how long a replay takes is not in the LOG"), unknown.c_str());
    QVERIFY2(has(unknown, "is not known"), unknown.c_str());
  }
};

QTEST_GUILESS_MAIN(FollowUpTest)
#include "follow_up_test.moc"
