// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/recorded_node.h"

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

#include "engine/metrics/stall_conditions.h"
#include "engine/node/health.h"
#include "engine/node/kind_figures.h"
#include "engine/node/open_node.h"
#include "engine/node/recorded_documents.h"
#include "engine/node/recorded_story.h"
#include "engine/recording/recording_stream_writer.h"
#include "engine/recording/recording_writer.h"
#include "engine/tuner/knob_table.h"
#include "tests/engine/files/test_files.h"
#include "tests/engine/node/observed_world.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

const char* const kGenerated = "/rocksdb-logs/generated/";

// "stop of level0_files" -> how often, as the node's own statistics count.
std::map<std::string, std::uint64_t> counted(const Snapshot& snapshot) {
  std::map<std::string, std::uint64_t> counts;
  for (const auto& stall : snapshot.stalls) {
    counts[(stall.stopped ? "stop of " : "delay of ") + std::string(to_string(stall.cause))] =
        stall.count;
  }
  return counts;
}
// The same, out of the lines that stand before the last statistics.
std::map<std::string, std::uint64_t> lines_before_statistics(const std::string& text) {
  const auto before = text.substr(0, text.rfind("** DB Stats **"));
  std::map<std::string, std::uint64_t> counts;
  for (const bool stop : {false, true}) {
    const std::string what = stop ? "Stopping" : "Stalling";
    const std::string action = stop ? "stop of " : "delay of ";
    counts[action + "memtables"] = counts[action + "level0_files"] =
        counts[action + "pending_compaction_bytes"] = 0;
    auto at = before.find(what + " writes because");
    for (; at != std::string::npos; at = before.find(what + " writes because", at + 1)) {
      const auto line = before.substr(at, before.find('\n', at) - at);
      const bool memtables = line.find("immutable memtables") != std::string::npos;
      const bool files = line.find("level-0 files") != std::string::npos;
      ++counts[action + (memtables ? "memtables"
                         : files   ? "level0_files"
                                   : "pending_compaction_bytes")];
    }
  }
  return counts;
}

double gain(const Node& node, Metric metric) {
  const auto span = *node.description().recorded;
  double sum = 0;
  for (const auto& point : node.history().range(metric, span.first - std::chrono::seconds(1),
                                                span.last + std::chrono::seconds(2), 100'000)) {
    sum += point.sum;
  }
  return sum;
}

}  // namespace

class RecordedNodeTest : public QObject {
  Q_OBJECT

 private slots:
  void a_validators_log_shows_its_half_hour() {
    const auto path = (data_root() + "/rocksdb-logs/besu/caliper-node-2").toStdString();
    if (!QDir(QString::fromStdString(path)).exists()) QSKIP("the validators' LOGs are not present");
    auto opened = open_node(path);
    QVERIFY2(opened, opened.status().message().c_str());
    const auto& node = **opened;
    const auto told = node.description();
    QCOMPARE(told.way, OpenWay::recorded);
    QCOMPARE(told.client, std::string("Besu"));
    QCOMPARE(told.rocksdb_version, std::string("8.3.2"));
    QVERIFY(told.recorded);
    QVERIFY2(!told.recorded->zone_known, "no event tells the time in UTC");
    QCOMPARE(told.zone, std::string("zone unknown"));
    // Independent: head and tail of the file.
    QVERIFY(std::abs(to_seconds(told.recorded->last - told.recorded->first) - 1803.152385) < 1e-3);
    QVERIFY(!told.locked_by);
    QCOMPARE(fact(told, "Held by"), std::string("(no such fact)"));
    QVERIFY(node.history().first() >= told.recorded->first - std::chrono::minutes(10));
    // grep -c 'DB Stats' says 4, each with 0 stalled seconds: so much was measured.
    QCOMPARE(gain(node, Metric::db_stall_seconds_total), 0.0);
    QVERIFY(
        node.history()
            .range(Metric::db_stall_seconds_total, told.recorded->first, told.recorded->last, 1'000)
            .size() > 100);
    QVERIFY2(node.history()
                 .range(Metric::db_flushes_total, told.recorded->first, told.recorded->last, 1'000)
                 .empty(),
             "this LOG holds no events: flushes are not known");
    const auto last = node.snapshot();
    QCOMPARE(last->taken_at, told.recorded->last);
    QVERIFY(!last->families.empty());
    QVERIFY(assess_health(*last, node.history()).level != HealthLevel::bad);
    for (const auto& knob : node.knobs()) {
      QVERIFY(!knob.settable);
      QVERIFY2(has(knob.why_not, "a recording cannot be changed"), knob.why_not.c_str());
    }
    QCOMPARE(node.knobs()[index_of(Knob::write_buffer_size)].current,
             std::optional<std::int64_t>(67'108'864));
  }

  void every_generated_log_agrees_with_grep_data() {
    QTest::addColumn<QString>("version");
    QTest::newRow("LOG.sample") << "7.8.3";
    QTest::newRow("LOG.sample-6.17.3") << "6.17.3";
    QTest::newRow("LOG.sample-8.3.2") << "8.3.2";
    QTest::newRow("LOG.sample-9.7.4") << "9.7.4";
    QTest::newRow("LOG.sample-10.5.1") << "10.5.1";
    QTest::newRow("LOG.sample-11.8.1") << "11.8.1";
  }
  void every_generated_log_agrees_with_grep() {
    QFETCH(QString, version);
    const auto path = data_root() + kGenerated + QTest::currentDataTag();
    if (!QFile::exists(path)) QSKIP("the generated LOGs are not present");
    const auto text = read_bytes(path);
    auto opened = open_node(path.toStdString());
    QVERIFY2(opened, opened.status().message().c_str());
    const auto& node = **opened;
    const auto told = node.description();
    QCOMPARE(told.rocksdb_version, version.toStdString());
    QCOMPARE(told.way, OpenWay::recorded);
    const auto last = node.snapshot();
    QVERIFY(counted(*last) == lines_before_statistics(text));
    double entered = 0;
    for (const auto& condition : kStallConditions) entered += last->value(condition.entered);
    QCOMPARE(entered, static_cast<double>(count_of(text, "writes because")));
    const auto flushed = count_of(text, "\"event\": \"flush_finished\"");
    if (count_of(text, "EVENT_LOG_v1") == 0) {
      QVERIFY(std::isnan(last->value(Metric::db_flushes_total)));
    } else {
      QCOMPARE(last->value(Metric::db_flushes_total), static_cast<double>(flushed));
      QCOMPARE(last->value(Metric::db_compactions_total),
               static_cast<double>(count_of(text, "\"event\": \"compaction_finished\"")));
    }
    std::size_t flushes = 0;
    for (const auto& event : node.events(0, 100'000)) {
      if (event.category == EventCategory::flush) ++flushes;
      if (event.category == EventCategory::recommendation) continue;
      QCOMPARE(event.source, Source::logged);
      QVERIFY(event.time <= told.recorded->last + std::chrono::seconds(1));
      QVERIFY(event.time >= told.recorded->first - std::chrono::seconds(1));
    }
    QCOMPARE(flushes, flushed);
  }

  void stalled_seconds_are_those_of_the_statistics() {
    const auto path = data_root() + kGenerated + "LOG.sample";
    if (!QFile::exists(path)) QSKIP("the generated LOGs are not present");
    // Independent: the lines "Interval stall: 00:00:1.234 H:M:S", added up.
    double expected = 0;
    for (const auto& line : QString::fromStdString(read_bytes(path)).split('\n')) {
      if (!line.startsWith("Interval stall: ")) continue;
      const auto parts = line.section(' ', 2, 2).split(':');
      expected += parts[0].toDouble() * 3600 + parts[1].toDouble() * 60 + parts[2].toDouble();
    }
    QVERIFY(expected > 0);
    auto opened = open_node(path.toStdString());
    QVERIFY(opened);
    const auto seen = gain(**opened, Metric::db_stall_seconds_total);
    // The first interval's beginning lies before the first sample; steps are of one second.
    QVERIFY2(std::abs(seen - expected) <= 0.05 * expected + 1,
             qPrintable(QString("%1 seen, %2 told").arg(seen).arg(expected)));
  }

  void nothing_can_be_done_to_the_past() {
    QTemporaryDir folder;
    const auto path = folder.filePath("LOG");
    write_file(path, "2024/11/10-10:23:09.139440 7f01 RocksDB version: 8.3.2\n");
    auto opened = open_node(folder.path().toStdString());
    QVERIFY2(opened, opened.status().message().c_str());
    auto& node = **opened;
    const auto ticket = node.submit(TuneNow{});
    QVERIFY(!ticket);
    QVERIFY(has(ticket.status().message(), "is a recording"));
    QVERIFY(node.outcomes(0).empty());
    QVERIFY(node.caches().empty());
    QVERIFY(node.close());
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files), QStringList{"LOG"});
  }

  void a_log_that_stalls_has_recommendations_of_its_own_time() {
    QTemporaryDir folder;
    std::string log;
    const auto line = [&log](int second, const std::string& text) {
      log += QString("2024/11/10-%1:%2:%3.000000 7f01 ")
                 .arg(10 + second / 3600, 2, 10, QChar('0'))
                 .arg(second / 60 % 60, 2, 10, QChar('0'))
                 .arg(second % 60, 2, 10, QChar('0'))
                 .toStdString() +
             text + "\n";
    };
    line(0, "RocksDB version: 8.3.2");
    line(0, "Options.max_background_jobs: 2");
    line(0, "--------------- Options for column family [default]:");
    line(0, "table_factory options:   block_cache_options:\n    capacity : 134217728");
    for (const char* option :
         {"write_buffer_size: 67108864", "max_write_buffer_number: 2", "compression: LZ4",
          "target_file_size_base: 67108864", "level0_file_num_compaction_trigger: 4"}) {
      line(0, std::string("Options.") + option);
    }
    for (int i = 1; i <= 3; ++i) {
      line(600 * i, "[/db_impl.cc:1] ------- DUMPING STATS -------");
      line(600 * i,
           "[/db_impl.cc:2] \n** DB Stats **\nUptime(secs): " + std::to_string(600 * i) +
               ".0 total, 600.0 interval\nCumulative stall: 00:0" + std::to_string(2 * i) +
               ":0.000 H:M:S, 20.0 percent\nInterval stall: 00:02:0.000 H:M:S, 20.0 percent\n");
    }
    line(1'810, "end");
    write_file(folder.filePath("LOG"), log);
    auto opened = open_node(folder.path().toStdString());
    QVERIFY2(opened, opened.status().message().c_str());
    const auto& node = **opened;
    const auto items = node.recommendations();
    QVERIFY2(!items.empty(), "20 % of the time stalled");
    QCOMPARE(items.front().proposal.target.knob, Knob::write_buffer_size);
    const auto span = *node.description().recorded;
    QVERIFY(items.front().created > span.first);
    QVERIFY(items.front().refreshed <= span.last);
    QVERIFY(items.front().rounds_seen > 20);
    QVERIFY(!items.front().apply.empty());
    QVERIFY(std::abs(gain(node, Metric::db_stall_seconds_total) - 360) < 2);
  }

  void a_recording_is_opened_and_followed() {
    QTemporaryDir folder;
    const auto path = folder.filePath("node.ntr").toStdString();
    auto writer = RecordingWriter::open(path, {"db-1", "/data/besu"});
    QVERIFY2(writer, writer.status().message().c_str());
    const TimePoint noon(std::chrono::seconds(1'700'000'000));
    NodeDescription described;
    described.client = "Besu";
    described.rocksdb_version = "8.3.2";
    described.column_families = {"default"};
    described.facts = {{"Client", "Besu", "a marker"}};
    described.options = {{"DBOptions", "max_background_jobs", "6"}};
    KnobState jobs;
    jobs.knob = Knob::max_background_jobs;
    jobs.current = 6;
    jobs.current_text = "6";
    jobs.settable = true;
    const auto write = [&](int second) {
      Snapshot snapshot;
      snapshot.taken_at = noon + std::chrono::seconds(second);
      snapshot.interval_seconds = 1;
      snapshot.set(Metric::db_l0_files, second);
      snapshot.set(Metric::db_flushes_total, 1'000 + second);
      snapshot.rates[index_of(Metric::db_flushes_total)] = 1;
      snapshot.families.resize(1);
      snapshot.families.front().name = "default";
      snapshot.families.front().files = 7;
      snapshot.families.front().bytes = 70;
      snapshot.levels = {{"default", 0, 7, 70}};
      snapshot.stalls = {{StallCause::level0_files, true, 5}};
      snapshot.kinds = {{ObjectKind::header, true, 3, 1'000 + 10 * second, 42}, {{}, false, 4, 40}};
      set_stored_metrics(snapshot);
      (*writer)->add(sample_of(snapshot));
      (*writer)->put(document::kState, state_json(snapshot));
    };
    (*writer)->put(document::kDescription, description_json(described));
    (*writer)->put(document::kKnobs, knob_states_json({jobs}));
    for (int i = 1; i <= 60; ++i) write(i);
    NodeEvent stall;
    stall.time = noon;
    stall.category = EventCategory::stall;
    stall.severity = Severity::warning;
    stall.source = Source::logged;
    stall.text = "Writes stopped";
    (*writer)->add(to_recorded(stall));
    QVERIFY((*writer)->commit());

    auto opened = open_node(path, {}, fast_clock());
    QVERIFY2(opened, opened.status().message().c_str());
    const auto& node = **opened;
    auto told = node.description();
    QCOMPARE(told.way, OpenWay::recorded);
    QCOMPARE(told.kind, std::string("recording"));
    QCOMPARE(told.client, std::string("Besu"));
    QCOMPARE(told.options.size(), std::size_t{1});
    QVERIFY(told.recorded && told.recorded->still_grows);
    QCOMPARE(told.recorded->first, noon);
    QCOMPARE(told.recorded->last, noon + std::chrono::seconds(60));
    QCOMPARE(fact(told, "Recorded of"), std::string("/data/besu"));
    QCOMPARE(node.snapshot()->value(Metric::db_l0_files), 60.0);
    QCOMPARE(node.snapshot()->value(Metric::db_flushes_total), 1'060.0);
    QCOMPARE(node.snapshot()->levels.front().files, std::int64_t{7});
    QCOMPARE(node.snapshot()->stalls.front().count, std::uint64_t{5});
    const auto& kinds = node.snapshot()->kinds;
    QCOMPARE(kinds.size(), std::size_t{2});
    QVERIFY(kinds[0].kind == ObjectKind::header && kinds[0].told_apart);
    QCOMPARE(kinds[0].bytes, std::int64_t{1'600});
    QCOMPARE(kinds[0].estimated_keys, 42.0);
    QVERIFY(!kinds[1].kind && !kinds[1].told_apart && std::isnan(kinds[1].estimated_keys));
    QCOMPARE(node.snapshot()->value(Metric::db_stored_header_bytes), 1'600.0);
    QVERIFY(std::isnan(node.snapshot()->value(Metric::db_stored_receipt_bytes)));
    QVERIFY2(std::isnan(kind_growth(node.history(), kinds[0]).bytes_per_day), "a minute is short");
    QCOMPARE(gain(node, Metric::db_flushes_total), 60.0);
    const auto knobs = node.knobs();
    QCOMPARE(knobs[index_of(Knob::max_background_jobs)].current, std::optional<std::int64_t>(6));
    QVERIFY2(!knobs[index_of(Knob::max_background_jobs)].settable, "whatever the file says");
    QVERIFY(!knobs[index_of(Knob::compression)].current);
    const auto events = node.events(0, 100);
    QCOMPARE(events.front().text, std::string("Writes stopped"));
    QCOMPARE(events.front().category, EventCategory::stall);
    QCOMPARE(events.front().source, Source::logged);

    for (int i = 61; i <= 70; ++i) write(i);
    QVERIFY((*writer)->commit());
    QTRY_COMPARE_WITH_TIMEOUT(node.snapshot()->value(Metric::db_l0_files), 70.0, kWaitMilliseconds);
    QCOMPARE(node.description().recorded->last, noon + std::chrono::seconds(70));
    QCOMPARE(gain(node, Metric::db_flushes_total), 70.0);
  }

  void a_saved_stream_is_opened_and_followed() {
    QTemporaryDir folder;
    const auto path = folder.filePath("node.jsonl");
    const TimePoint noon(std::chrono::seconds(1'700'000'000));
    NodeDescription described;
    described.client = "Besu";
    const auto line = [&](int second) {
      Snapshot snapshot;
      snapshot.taken_at = noon + std::chrono::seconds(second);
      snapshot.interval_seconds = 1;
      snapshot.set(Metric::db_l0_files, second);
      snapshot.rates[index_of(Metric::db_flushes_total)] = 1;
      return stream_line(document::kState, state_json(snapshot)) + stream_line(sample_of(snapshot));
    };
    // Old LOGs come between, and later than what is new.
    auto text = stream_head({"db-1", "/data/besu"}, "nodetune") +
                stream_line(document::kDescription, description_json(described)) + line(3601) +
                line(10) + line(3602) + line(11) + "{\"sample\":{\"ti";
    write_file(path, text);
    ManualClock clock(SystemClock::instance().now());
    auto opened = open_node(path.toStdString(), {}, clock);
    QVERIFY2(opened, opened.status().message().c_str());
    const auto& node = **opened;
    const auto told = node.description();
    QCOMPARE(told.client, std::string("Besu"));
    QCOMPARE(told.way, OpenWay::recorded);
    QCOMPARE(fact(told, "Recorded of"), std::string("/data/besu"));
    QVERIFY2(has(told.reason, "still being written"), told.reason.c_str());
    QCOMPARE(told.recorded->first, noon + std::chrono::seconds(9));
    QCOMPARE(told.recorded->last, noon + std::chrono::seconds(3602));
    QCOMPARE(node.snapshot()->taken_at, told.recorded->last);
    QCOMPARE(gain(node, Metric::db_flushes_total), 4.0);
    QFile file(path);
    QVERIFY(file.open(QIODevice::Append));
    file.write("me\":1700003603,\"seconds\":1,\"figures\":{\"db_flushes_total_per_second\":1}}}");
    file.write("\n");
    file.close();
    const auto advance = [&](Duration by) {
      clock.advance(by);
      return true;
    };
    QTRY_VERIFY_WITH_TIMEOUT(
        advance(std::chrono::milliseconds(100)) &&
            node.description().recorded->last == noon + std::chrono::seconds(3603),
        kWaitMilliseconds);
    QCOMPARE(gain(node, Metric::db_flushes_total), 5.0);
    QVERIFY(node.description().recorded->still_grows);
    // Then nobody writes it any more, and that is told.
    QTRY_VERIFY_WITH_TIMEOUT(
        advance(std::chrono::seconds(2)) && !node.description().recorded->still_grows,
        kWaitMilliseconds);
    QVERIFY2(!has(node.description().reason, "still"), node.description().reason.c_str());
    const auto story_of = [](const Node& told_by) {
      std::string story;
      for (const auto& event : told_by.events(0, 100)) story += event.text + "\n";
      return story;
    };
    QVERIFY2(has(story_of(node), "nobody writes it any more"), story_of(node).c_str());
    QVERIFY((*opened)->close());

    write_file(path, text + "\n" + line(3604));
    const auto damaged = open_node(path.toStdString());
    QVERIFY2(damaged, damaged.status().message().c_str());
    QCOMPARE((*damaged)->snapshot()->taken_at, noon + std::chrono::seconds(3602));
    QVERIFY2(has(story_of(**damaged), "line 11 is no JSON object"), story_of(**damaged).c_str());
    write_file(path, stream_head({"db-1", "/data/besu"}, "nodetune") + "noise\n");
    QVERIFY(!open_node(path.toStdString()));
  }

  void stalls_that_are_told_late_are_seen_over_the_time_that_follows() {
    History history;
    RecordedStory story(history, {});
    const TimePoint noon(std::chrono::seconds(1'700'000'000));
    NodeDescription described;
    described.client = "Besu";
    std::vector<KnobState> knobs;
    for (const auto knob : kKnobs) {
      KnobState state;
      state.knob = knob;
      state.current = knob_info(knob).default_value;
      knobs.push_back(state);
    }
    story.put(document::kDescription, description_json(described));
    story.put(document::kKnobs, knob_states_json(knobs));
    RecordedOrigin origin;
    origin.still_grows = true;
    const auto pass = [&](int from, int to) {
      for (int second = from; second < to; ++second) {
        RecordedSample sample;
        sample.time = noon + std::chrono::seconds(second);
        sample.seconds = 1;
        sample.figures = {{Metric::db_l0_files, 1}, {Metric::disk_free_ratio, 0.5}};
        story.add(sample);
      }
    };
    pass(0, 600);
    // Ten minutes of old LOG, and ten minutes in which the node stalled for one second in five.
    for (int step = 0; step < 60; ++step) {
      RecordedSample stall;
      stall.time = noon + std::chrono::seconds(10 * step - 5);
      stall.seconds = 10;
      stall.figures = {{Metric::db_stall_seconds_total, 0.2}};
      story.add(stall);
    }
    pass(600, 1'300);
    const auto past = story.news(origin);
    QVERIFY(past);
    QVERIFY2(!past->recommendations.empty(), "20 % of the time stalled");
    for (const auto& item : past->recommendations) {
      for (const auto& evidence : item.proposal.evidence) {
        QVERIFY2(evidence.value < 0.25 * std::max(1.0, evidence.window_seconds),
                 sentence(evidence).c_str());
      }
    }
    QVERIFY(!story.news(origin));
  }

  void a_recording_whose_writer_ends_says_so() {
    QTemporaryDir folder;
    const auto path = folder.filePath("node.ntr").toStdString();
    auto writer = RecordingWriter::open(path, {"db-1", "/data/besu"});
    QVERIFY2(writer, writer.status().message().c_str());
    Snapshot snapshot;
    snapshot.taken_at = TimePoint(std::chrono::seconds(1'700'000'000));
    snapshot.set(Metric::db_l0_files, 1);
    (*writer)->add(sample_of(snapshot));
    QVERIFY((*writer)->commit());
    auto opened = open_node(path, {}, fast_clock());
    QVERIFY2(opened, opened.status().message().c_str());
    QVERIFY((*opened)->description().recorded->still_grows);
    writer->reset();
    QTRY_VERIFY_WITH_TIMEOUT(!(*opened)->description().recorded->still_grows, kWaitMilliseconds);
    QVERIFY(!has((*opened)->description().reason, "still"));
    const auto events = (*opened)->events(0, 100);
    QVERIFY(std::any_of(events.begin(), events.end(), [](const NodeEvent& event) {
      return has(event.text, "nobody writes it any more");
    }));
  }

  void what_is_known_of_levels_and_families_comes_back_and_what_is_not_stays_missing() {
    Snapshot snapshot;
    LevelFigures level{.family = "a", .level = 1, .files = 2, .bytes = 3};
    level.target_bytes = 4;
    level.debt_bytes = 5;
    FamilyFigures family;
    family.name = "a";
    family.index_bytes = 6;
    family.filter_bytes = 7;
    family.role = "accounts";
    snapshot.levels = {level};
    snapshot.families = {family};
    const auto back = state_from_json(state_json(snapshot));
    QCOMPARE(back.levels.front().target_bytes, 4.0);
    QCOMPARE(back.levels.front().debt_bytes, 5.0);
    QCOMPARE(back.families.front().index_bytes, 6.0);
    QCOMPARE(back.families.front().filter_bytes, 7.0);
    QCOMPARE(back.families.front().role, std::string("accounts"));
    const auto old = state_from_json(R"({"levels":[{"family":"a"}],"families":[{"name":"a"}]})");
    QVERIFY(std::isnan(old.levels.front().target_bytes + old.levels.front().debt_bytes));
    QVERIFY(std::isnan(old.families.front().index_bytes + old.families.front().filter_bytes));
    QVERIFY(old.families.front().role.empty());
  }

  void documents_of_anybody_are_read_without_harm() {
    const auto seed = QRandomGenerator::global()->generate();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    Snapshot snapshot;
    snapshot.levels = {{"default", 0, 7, 70}};
    snapshot.stalls = {{StallCause::memtables, false, 1}};
    snapshot.kinds = {{ObjectKind::header, true, 3, 30, 42}, {{}, false, 4, 40}};
    NodeDescription described;
    described.facts = {{"a", "b", "c"}};
    for (const auto& whole :
         {state_json(snapshot), description_json(described), knob_states_json({KnobState{}}),
          std::string("[]"), std::string(R"({"levels":[1,"a",{}],"stalls":{},"facts":[null]})")}) {
      for (int i = 0; i < 500; ++i) {
        const auto text = i == 0 ? whole : mutate(whole, random);
        (void)state_from_json(text);
        (void)description_from_json(text);
        QCOMPARE(knob_states_from_json(text).size(), kKnobCount);
      }
    }
  }

  void rules_that_cannot_look_say_why() {
    QTemporaryDir folder;
    write_file(folder.filePath("LOG"), "2024/11/10-10:23:09.139440 7f01 RocksDB version: 8.3.2\n");
    auto opened = open_node(folder.path().toStdString());
    QVERIFY(opened);
    bool told = false;
    for (const auto& event : (*opened)->events(0, 100)) {
      told = told || event.category == EventCategory::recommendation;
    }
    QVERIFY(told);
  }

  void damaged_logs_open_or_say_what_is_wrong() {
    const auto path = data_root() + kGenerated + "LOG.sample-9.7.4";
    if (!QFile::exists(path)) QSKIP("the generated LOGs are not present");
    const auto whole = read_bytes(path);
    const auto seed = QRandomGenerator::global()->generate();
    qInfo("seed %u", seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 20; ++i) {
      QTemporaryDir folder;
      write_file(folder.filePath("LOG"), mutate(whole, random));
      const auto opened = open_node(folder.path().toStdString());
      if (!opened) QVERIFY(!opened.status().message().empty());
    }
  }
};

QTEST_APPLESS_MAIN(RecordedNodeTest)
#include "recorded_node_test.moc"
