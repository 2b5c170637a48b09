// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/tuner/recommendation.h"

#include <QtTest>
#include <set>

#include "engine/base/format.h"

using namespace nodetune;

namespace {

constexpr std::array kStates = {RecommendationState::proposed,   RecommendationState::approved,
                                RecommendationState::overridden, RecommendationState::rejected,
                                RecommendationState::expired,    RecommendationState::applying,
                                RecommendationState::applied,    RecommendationState::failed,
                                RecommendationState::verified,   RecommendationState::rolled_back};

const TimePoint kNow(std::chrono::seconds(1'700'000'000));

Recommendation example() {
  Recommendation item;
  item.id = 7;
  item.created = kNow;
  item.refreshed = kNow + std::chrono::seconds(60);
  item.rounds_seen = 2;
  item.rounds_missed = 1;
  item.proposal = {.rule = "write_buffer_stalls",
                   .target = Target::of(Knob::write_buffer_size),
                   .current = 64 * kMiB,
                   .proposed = 96 * kMiB,
                   .evidence = {{.text = "Stalled seconds",
                                 .metric = Metric::db_stall_seconds_total,
                                 .window_seconds = 60,
                                 .comparison = Comparison::above,
                                 .threshold = 5,
                                 .value = 8.5,
                                 .unit = Unit::seconds},
                                {.text = "Hit ratio",
                                 .metric = std::nullopt,
                                 .comparison = Comparison::below,
                                 .threshold = 0.8,
                                 .value = 0.5,
                                 .unit = Unit::ratio}},
                   .expected = "fewer stalls",
                   .risk = "more \"memory\"\n",
                   .reversibility = "at once",
                   .contradiction = Contradiction{"one", "two", "they disagree"}};
  item.overridden = 80 * kMiB;
  item.change = 12;
  item.apply = "set --flag=80MiB, then restart it";
  item.line = "--flag=80MiB";
  item.notes = {"Free now: 2 GiB"};
  item.follow_up = FollowUp{.stage = FollowUp::Stage::not_in_force,
                            .since = kNow,
                            .text = "opened with 64 MiB",
                            .steps = {{FollowUp::Stage::copied, kNow}},
                            .hints = {"look here"},
                            .comparison = {"before, after"}};
  item.history = {{kNow, RecommendationState::proposed, Actor::tuner, "first"}};
  return item;
}

}  // namespace

class RecommendationTest : public QObject {
  Q_OBJECT
 private slots:
  void only_the_designs_transitions_are_allowed() {
    using S = RecommendationState;
    const std::set<std::pair<S, S>> allowed = {
        {S::proposed, S::approved},   {S::proposed, S::overridden}, {S::proposed, S::rejected},
        {S::proposed, S::expired},    {S::approved, S::applying},   {S::overridden, S::applying},
        {S::approved, S::expired},    {S::overridden, S::expired},  {S::applying, S::applied},
        {S::applying, S::failed},     {S::applied, S::verified},    {S::applied, S::rolled_back},
        {S::verified, S::rolled_back}};
    for (const auto from : kStates) {
      for (const auto to : kStates) {
        auto item = example();
        item.state = from;
        const bool expected = allowed.contains({from, to});
        QCOMPARE(may_become(from, to), expected);
        QCOMPARE(item.transition(to, kNow, Actor::tuner, "x").is_ok(), expected);
        QCOMPARE(item.state, expected ? to : from);
        QCOMPARE(item.history.size(), expected ? std::size_t{2} : std::size_t{1});
      }
    }
  }
  void state_names_go_there_and_back() {
    for (const auto state : kStates) {
      QCOMPARE(recommendation_state_from(to_string(state)).value(), state);
    }
    QVERIFY(!recommendation_state_from("maybe"));
  }
  void json_goes_there_and_back() {
    const auto item = example();
    const auto text = to_json(item);
    const auto back = recommendation_from_json(text);
    QVERIFY2(back, back.status().message().c_str());
    QCOMPARE(to_json(*back), text);
    QCOMPARE(back->proposal.proposed, 96 * kMiB);
    QCOMPARE(back->overridden.value(), 80 * kMiB);
    QCOMPARE(back->created, kNow);
    QCOMPARE(back->line, item.line);
    QCOMPARE(back->follow_up->stage, FollowUp::Stage::not_in_force);
    QCOMPARE(back->follow_up->steps.at(0).time, kNow);
    QCOMPARE(back->proposal.risk, item.proposal.risk);
    QCOMPARE(back->proposal.evidence.at(0).metric.value(), Metric::db_stall_seconds_total);
    QVERIFY(!back->proposal.evidence.at(1).metric);
    QVERIFY(std::isnan(back->proposal.evidence.at(1).window_seconds));
  }
  void json_has_the_keys_that_the_command_line_promises() {
    const auto text = to_json(example());
    for (const char* key :
         {"\"knob\":\"write_buffer_size\"", "\"current\":67108864", "\"proposed\":100663296",
          "\"evidence\":[", "\"expected\":", "\"risk\":", "\"apply\":"}) {
      QVERIFY2(text.find(key) != std::string::npos, key);
    }
  }
  void compression_stands_by_name_in_json() {
    auto item = example();
    item.overridden.reset();
    item.proposal.target = Target::of(Knob::compression);
    item.proposal.current = 4;
    item.proposal.proposed = 3;
    const auto text = to_json(item);
    QVERIFY(text.find("\"proposed\":\"lz4\"") != std::string::npos);
    QCOMPARE(recommendation_from_json(text)->proposal.current, std::int64_t{4});
  }
  void every_cut_or_twisted_json_is_an_error_and_no_crash() {
    const auto text = to_json(example());
    for (std::size_t size = 0; size < text.size(); ++size) {
      QVERIFY(!recommendation_from_json(std::string_view(text).substr(0, size)));
    }
    for (const char* bad : {"[]", "null", "3", "{}", R"({"id":"x"})", "{\"id\":-1}"}) {
      QVERIFY2(!recommendation_from_json(bad), bad);
    }
  }
  void targets_go_there_and_back() {
    std::vector<Target> targets = {Target::batch_threshold()};
    for (const auto knob : kKnobs) targets.push_back(Target::of(knob));
    for (const auto kind : kObjectKinds) targets.push_back(Target::object_cache(kind));
    std::set<std::string> names;
    for (const auto& target : targets) {
      const auto name = to_string(target);
      QVERIFY(names.insert(name).second);
      QVERIFY2(target_from(name) == target, name.c_str());
      QVERIFY(!title(target).empty());
      QCOMPARE(parse_value(target, value_text(target, 2)).value(), std::int64_t{2});
    }
    QVERIFY(!target_from("object_cache.nothing") && !target_from(""));
    QVERIFY(!parse_value(Target::batch_threshold(), "12x"));
  }
};

QTEST_APPLESS_MAIN(RecommendationTest)
#include "recommendation_test.moc"
