// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/observed_group.h"

#include <sys/stat.h>

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <set>

#include "engine/node/choose_database.h"
#include "engine/node/kind_figures.h"
#include "engine/node/open_node.h"
#include "tests/engine/files/test_files.h"
#include "tests/engine/node/observed_world.h"
#include "tests/engine/observe/directory_copy.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

// A directory with copies of real databases: "state" holds more than "headers".
struct World {
  QTemporaryDir root;
  std::unique_ptr<Node> node;

  std::string path() const { return root.path().toStdString(); }
  void add(const char* real, const char* name) {
    copy_directory(data_root() + "/rocksdb-dirs/" + real + "/database", root.path() + "/" + name);
  }
  Status open() {
    auto opened = open_node(path(), {}, fast_clock());
    if (!opened) return opened.status();
    node = *std::move(opened);
    return Status::ok();
  }
  Node& database(const std::string& name) { return *choose_database(*node, name).value(); }
};

bool has_fact(const NodeDescription& node, std::string_view name, std::string_view part) {
  return std::any_of(node.facts.begin(), node.facts.end(),
                     [&](const Fact& fact) { return fact.name == name && has(fact.value, part); });
}

}  // namespace

class ObservedGroupTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    QVERIFY(state_.isValid());
    qputenv("XDG_STATE_HOME", state_.path().toUtf8());
  }

  void all_databases_are_open_and_stay_as_they_were() {
    NEEDS_DATA();
    World world;
    world.add("besu-ehr-single", "state");
    world.add("besu-ehr-ibft2-v1", "chain/headers");
    const auto before = marks_of(world.root.path());
    QVERIFY(world.open().is_ok());
    const auto databases = world.node->databases();
    QCOMPARE(databases.size(), std::size_t{2});
    QCOMPARE(databases[0].name, std::string("chain/headers"));
    QCOMPARE(databases[1].name, std::string("state"));
    const auto described = world.node->description();
    QCOMPARE(described.path, world.path());
    QCOMPARE(described.way, OpenWay::observed);
    QCOMPARE(described.databases.size(), std::size_t{2});
    QVERIFY2(described.reason.starts_with("2 RocksDB databases"), described.reason.c_str());
    QVERIFY(has_fact(described, "Database state", "SST file"));
    QVERIFY(has_fact(described, "Database chain/headers", "held by nobody"));
    QCOMPARE(databases[1].node->description().path, world.path() + "/state");

    const auto first = world.node->snapshot()->sequence;
    const auto first_below = databases[0].node->snapshot()->sequence;
    QTRY_VERIFY_WITH_TIMEOUT(world.node->snapshot()->sequence > first + 2, kWaitMilliseconds);
    QTRY_VERIFY_WITH_TIMEOUT(databases[0].node->snapshot()->sequence > first_below,
                             kWaitMilliseconds);
    QVERIFY(world.node->close().is_ok());
    QCOMPARE(difference(before, marks_of(world.root.path())), std::string());
  }

  void sums_are_of_all_and_the_worst_stands_for_level_0() {
    NEEDS_DATA();
    World world;
    world.add("besu-ehr-single", "state");
    world.add("besu-ehr-ibft2-v1", "headers");
    QVERIFY(world.open().is_ok());
    const auto all = world.node->snapshot();
    const auto one = world.database("state").snapshot();
    const auto other = world.database("headers").snapshot();
    for (const auto metric : {Metric::db_sst_bytes, Metric::db_sst_files, Metric::db_flushes_total,
                              Metric::db_compactions_total}) {
      QVERIFY(!std::isnan(all->value(metric)));
      QCOMPARE(all->value(metric), one->value(metric) + other->value(metric));
    }
    QCOMPARE(all->value(Metric::db_l0_files),
             std::max(one->value(Metric::db_l0_files), other->value(Metric::db_l0_files)));
    QCOMPARE(all->value(Metric::disk_total_bytes), one->value(Metric::disk_total_bytes));
    QCOMPARE(all->families.size(), one->families.size() + other->families.size());
    QCOMPARE(all->levels.size(), one->levels.size() + other->levels.size());
    QVERIFY(all->families.front().name.starts_with("headers · "));
    QVERIFY(all->levels.back().family.starts_with("state · "));
    for (const auto metric : {Metric::db_memtable_bytes, Metric::process_resident_bytes}) {
      QVERIFY(std::isnan(all->value(metric)));
    }
  }

  void kinds_of_all_are_added_up() {
    NEEDS_DATA();
    World world;
    world.add("besu-ehr-single", "state");
    world.add("besu-ehr-ibft2-v1", "headers");
    world.add("besu-2020-v1-full", "cut");
    QVERIFY(QFile::remove(world.root.path() + "/cut/CURRENT"));
    write_file(world.root.path() + "/cut/CURRENT", "MANIFEST-999999\n");
    QVERIFY(world.open().is_ok());
    const auto all = world.node->snapshot();
    QVERIFY(!all->kinds.empty());
    std::map<Metric, std::int64_t> expected;
    for (const char* name : {"state", "headers"}) {
      for (const auto& kind : world.database(name).snapshot()->kinds) {
        expected[stored_metric(kind)] += kind.bytes;
      }
    }
    // Without a MANIFEST nobody can tell what its files hold, but they are there.
    const auto cut = world.database("cut").snapshot();
    QVERIFY(cut->kinds.empty());
    QVERIFY(cut->value(Metric::db_sst_bytes) > 0);
    expected[Metric::db_stored_unknown_bytes] +=
        static_cast<std::int64_t>(cut->value(Metric::db_sst_bytes));
    std::map<Metric, std::int64_t> found;
    for (const auto& kind : all->kinds) {
      found[stored_metric(kind)] = kind.bytes;
      QCOMPARE(all->value(stored_metric(kind)), static_cast<double>(kind.bytes));
    }
    QVERIFY(found == expected);
    QVERIFY(std::is_sorted(all->kinds.begin(), all->kinds.end(), [](const auto& a, const auto& b) {
      return stored_metric(a) < stored_metric(b);
    }));
    const auto described = world.node->description();
    QVERIFY(has_fact(described, "What is stored", "Not told apart"));
    QVERIFY(has_fact(described, "About what is stored", "inside the block bodies"));
  }

  void a_sum_that_lacks_a_part_is_missing_and_that_is_told() {
    NEEDS_DATA();
    World world;
    world.add("besu-ehr-single", "state");
    world.add("besu-ehr-ibft2-v1", "headers");
    QDir headers(world.root.path() + "/headers");
    for (const auto& name : headers.entryList({"LOG*"}, QDir::Files)) headers.remove(name);
    QVERIFY(world.open().is_ok());
    const auto all = world.node->snapshot();
    QVERIFY(!std::isnan(world.database("state").snapshot()->value(Metric::db_flushes_total)));
    QVERIFY(std::isnan(all->value(Metric::db_flushes_total)));
    QVERIFY(all->value(Metric::db_sst_bytes) > 0);
    const auto described = world.node->description();
    QVERIFY(has_fact(described, "Missing in the sums", "Flushes"));
    QVERIFY(has_fact(described, "Missing in the sums", "not known of headers"));
    QVERIFY(has_fact(described, "LOG", "headers: There is no LOG file"));
  }

  void events_of_all_come_in_the_order_of_their_times() {
    NEEDS_DATA();
    World world;
    world.add("besu-ehr-single", "state");
    world.add("besu-ehr-ibft2-v1", "headers");
    QVERIFY(world.open().is_ok());
    const auto all = world.node->events(0, 10'000);
    const auto count = world.database("state").events(0, 10'000).size() +
                       world.database("headers").events(0, 10'000).size();
    QCOMPARE(all.size(), count);
    std::set<std::string> names;
    TimePoint last{};
    for (const auto& event : all) {
      names.insert(event.family.substr(0, event.family.find(' ')));
      QVERIFY(event.time >= last);
      last = event.time;
    }
    QCOMPARE(names, (std::set<std::string>{"headers", "state"}));
  }

  void knobs_that_differ_say_where() {
    NEEDS_DATA();
    World world;
    world.add("besu-ehr-single", "state");
    world.add("besu-ehr-single", "headers");
    const auto options = world.root.path() + "/headers/OPTIONS-000060";
    auto text = read_bytes(options);
    const std::string value = "write_buffer_size=67108864";
    for (auto at = text.find(value); at != std::string::npos; at = text.find(value)) {
      text.replace(at, value.size(), "write_buffer_size=16777216");
    }
    write_file(options, text);
    QVERIFY(world.open().is_ok());
    const auto knobs = world.node->knobs();
    QCOMPARE(knobs.size(), kKnobCount);
    const auto& buffer = knobs.at(index_of(Knob::write_buffer_size));
    QVERIFY(!buffer.current);
    QCOMPARE(buffer.current_text, std::string("16 MiB (headers), 64 MiB (state)"));
    QCOMPARE(knobs.at(index_of(Knob::max_background_jobs)).current, std::optional<std::int64_t>(2));
    for (const auto& state : knobs) QVERIFY(!state.settable && !state.why_not.empty());
  }

  void a_command_reaches_the_databases_and_the_answer_comes_back_once() {
    NEEDS_DATA();
    World world;
    world.add("besu-ehr-single", "state");
    world.add("besu-ehr-ibft2-v1", "headers");
    QVERIFY(world.open().is_ok());
    const auto first = world.node->snapshot()->sequence;
    QTRY_VERIFY_WITH_TIMEOUT(world.node->snapshot()->sequence > first + 2, kWaitMilliseconds);
    const auto refused = world.node->submit(SetKnob{});
    QCOMPARE(refused.status().code(), StatusCode::failed);
    QVERIFY(has(refused.status().message(), "observed"));
    const auto ticket = world.node->submit(TuneNow{});
    QVERIFY2(ticket.is_ok(), ticket.status().message().c_str());
    const auto unknown = world.node->submit(DecideRecommendation{.id = 4711});
    QVERIFY(unknown.is_ok());
    QVERIFY(world.node->submit(FollowRecommendation{.id = 4711}).is_ok());
    QTRY_COMPARE_WITH_TIMEOUT(world.node->outcomes(0).size(), std::size_t{3}, kWaitMilliseconds);
    const auto told = world.node->outcomes(0);
    QCOMPARE(told.front().ticket, *ticket);
    QVERIFY2(told.front().status.is_ok(), told.front().text.c_str());
    QCOMPARE(told.front().text, std::string("the rules have looked at 2 databases"));
    QCOMPARE(told[1].ticket, *unknown);
    for (const auto& of_one : {told[1], told[2]}) {
      QVERIFY(!of_one.status.is_ok());
      QVERIFY2(of_one.text.starts_with("state: ") || of_one.text.starts_with("headers: "),
               of_one.text.c_str());
    }
    QVERIFY(world.node->outcomes(told.back().ticket).empty());
  }

  void the_past_fills_the_history_of_all() {
    NEEDS_DATA();
    const QString log = data_root() + "/rocksdb-logs/generated/LOG.sample";
    if (!QFile::exists(log)) QSKIP("the generated LOG is not present");
    World world;
    for (const char* name : {"state", "headers"}) {
      world.add("besu-ehr-single", name);
      QDir directory(world.root.path() + "/" + name);
      for (const auto& old : directory.entryList({"LOG*"}, QDir::Files)) directory.remove(old);
      QVERIFY(QFile::copy(log, directory.filePath("LOG")));
    }
    QVERIFY(world.open().is_ok());
    const auto stalled = [](const Node& node) {
      return gained(node, Metric::db_stall_seconds_total);
    };
    const auto flushed = [](const Node& node) { return gained(node, Metric::db_flushes_total); };
    const auto flushes = count_of(read_bytes(log), "\"event\": \"flush_finished\"");
    QCOMPARE(flushed(world.database("headers")), static_cast<double>(flushes));
    QCOMPARE(flushed(*world.node), 2.0 * static_cast<double>(flushes));
    // They stall together, and no clock runs twice as fast for that.
    const double one = stalled(world.database("state"));
    QVERIFY(one > 1);
    QVERIFY2(std::abs(stalled(*world.node) - one) < 0.05 * one,
             qPrintable(QString("%1 of %2").arg(stalled(*world.node)).arg(one)));
  }

  void one_that_cannot_be_read_is_named_and_the_rest_is_open() {
    NEEDS_DATA();
    World world;
    world.add("besu-ehr-single", "state");
    world.add("besu-2020-v0-full", "old");
    world.add("besu-2019-v1", "damaged");
    QVERIFY(world.open().is_ok());
    QCOMPARE(world.node->databases().size(), std::size_t{3});
    QVERIFY(has_fact(world.node->description(), "Problem", "damaged: 000030.sst"));
    // Gone while it is watched: the others go on.
    QVERIFY(QDir(world.root.path() + "/old").removeRecursively());
    const auto first = world.database("state").snapshot()->sequence;
    QTRY_VERIFY_WITH_TIMEOUT(world.database("state").snapshot()->sequence > first + 2,
                             kWaitMilliseconds);
  }

  void of_too_many_the_largest_are_opened_and_the_others_named() {
    NEEDS_DATA();
    World world;
    world.add("besu-ehr-single", "state");
    for (std::size_t i = 0; i < kGroupDatabasesMax + 1; ++i) {
      const auto folder = world.root.path() + QString("/few/%1").arg(i, 3, 10, QChar('0'));
      write_file(folder + "/CURRENT", "MANIFEST-000001\n");
      write_file(folder + "/IDENTITY", "x");
    }
    QVERIFY(world.open().is_ok());
    const auto databases = world.node->databases();
    QCOMPARE(databases.size(), kGroupDatabasesMax);
    QVERIFY(choose_database(*world.node, "state").is_ok());
    const auto described = world.node->description();
    QCOMPARE(std::count_if(described.facts.begin(), described.facts.end(),
                           [](const Fact& fact) { return fact.name == "Database not opened"; }),
             std::ptrdiff_t{2});
  }

  void a_database_is_chosen_by_its_name_or_its_end() {
    NEEDS_DATA();
    World world;
    world.add("besu-2020-v0-full", "main/state");
    world.add("besu-2020-v0-full", "main/blocks");
    world.add("besu-2020-v0-full", "test/state");
    QVERIFY(world.open().is_ok());
    QCOMPARE(choose_database(*world.node, "").value(), world.node.get());
    QCOMPARE(choose_database(*world.node, "blocks").value()->description().path,
             world.path() + "/main/blocks");
    QVERIFY(choose_database(*world.node, "test/state").is_ok());
    for (const char* name : {"state", "nothing"}) {
      const auto none = choose_database(*world.node, name);
      QCOMPARE(none.status().code(), StatusCode::invalid_argument);
      QVERIFY2(has(none.status().message(), "main/blocks, main/state, test/state"),
               none.status().message().c_str());
    }
    QCOMPARE(choose_database(world.database("blocks"), "blocks").status().code(),
             StatusCode::invalid_argument);
  }

 private:
  QTemporaryDir state_;
};

QTEST_APPLESS_MAIN(ObservedGroupTest)
#include "observed_group_test.moc"
