// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/observed_options.h"

#include <QTemporaryDir>
#include <QtTest>

#include "engine/node/client_options.h"
#include "engine/node/recorded_documents.h"
#include "tests/engine/node/observed_world.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

const ClientProfile* profile_of(std::string_view name) {
  for (const auto& profile : client_profiles()) {
    if (profile.name == name) return &profile;
  }
  return nullptr;
}

// A database whose newest OPTIONS file says this.
Observation seen_with(const char* client, const OptionMap& database, const OptionMap& family = {}) {
  Observation seen;
  seen.listing = std::make_shared<DirectoryListing>();
  seen.client.profile = profile_of(client);
  seen.client.name = client;
  auto options = std::make_shared<ObservedOptions>();
  options->name = "OPTIONS-000011";
  options->file.rocksdb_version = "8.3.2";
  options->file.db_options = database;
  for (const char* name : {"default", "\x01", "\x06"}) {
    options->file.column_families.push_back({name, family, {}, {}});
  }
  options->knobs = observed_knobs(options->file);
  seen.options = std::move(options);
  return seen;
}

NodeDescription described(const Observation& seen, const LogSummary& story = {}) {
  NodeDescription node;
  const ObservedLog log{story, true, 0, {}, {}, {}};
  describe_options(seen, log, knob_states(seen, log), node);
  return node;
}

std::string log_of(int minute, const char* open_files) {
  const auto line = [minute](const std::string& text) {
    return "2024/11/10-10:0" + std::to_string(minute) + ":00.000000 7f01 " + text + "\n";
  };
  return line("RocksDB version: 8.3.2") +
         line("  Options.max_open_files: " + std::string(open_files)) +
         line("[/version_set.cc:1] Recovering from manifest file: MANIFEST-000004") +
         line("[/version_set.cc:1] Recovered from manifest file:/db/MANIFEST-000004 succeeded");
}

// Of LOG files with these limits of open files, a minute apart.
OptionHistory history_of(const QTemporaryDir& folder, std::initializer_list<const char*> limits) {
  std::vector<std::string> paths;
  for (const char* limit : limits) {
    const auto path = folder.filePath(QString("LOG%1").arg(paths.size()));
    write_file(path, log_of(static_cast<int>(paths.size()), limit));
    paths.push_back(path.toStdString());
  }
  OptionHistory history;
  history.read_logs(paths);
  return history;
}

const ClientOption* find(const std::vector<ClientOption>& options, std::string_view subject) {
  for (const auto& option : options) {
    if (option.subject == subject) return &option;
  }
  return nullptr;
}

const Fact* find(const std::vector<Fact>& facts, std::string_view name) {
  for (const auto& fact : facts) {
    if (fact.name == name) return &fact;
  }
  return nullptr;
}

}  // namespace

class ObservedOptionsTest : public QObject {
  Q_OBJECT

 private slots:
  void options_have_the_defaults_of_their_release() {
    const auto node = described(seen_with(
        "Besu", {{"max_open_files", "1024"}, {"paranoid_checks", "true"}, {"an_own_one", "7"}}));
    QCOMPARE(node.defaults_of, std::string("RocksDB 8.3.2"));
    QCOMPARE(node.options.size(), std::size_t{3});
    QVERIFY(!node.options[0].default_value);  // an_own_one
    QVERIFY(!differs_from_default(node.options[0]));
    QVERIFY(differs_from_default(node.options[1]));
    QVERIFY(!differs_from_default(node.options[2]));
  }

  void nothing_is_compared_where_the_release_is_not_known() {
    auto seen = seen_with("Besu", {{"max_open_files", "1024"}});
    auto options = std::make_shared<ObservedOptions>(*seen.options);
    options->file.rocksdb_version.clear();
    seen.options = std::move(options);
    QVERIFY(described(seen).defaults_of.empty());
    QVERIFY(!described(seen).options[0].default_value);
    LogSummary story;
    story.product = "Speedb";  // counts its releases in another way
    story.version = "8.3.2";
    QVERIFY(described(seen, story).defaults_of.empty());
    story.product = "RocksDB";
    QCOMPARE(described(seen, story).defaults_of, std::string("RocksDB 8.3.2"));
  }

  void what_can_be_set_comes_before_what_is_hard_coded() {
    const auto node = described(
        seen_with("Besu", {{"max_open_files", "1024"}, {"max_total_wal_size", "1073741824"}},
                  {{"blob_garbage_collection_age_cutoff", "0.250000"}}));
    bool hard_coded = false;
    for (const auto& option : node.client_options) {
      QVERIFY2(!hard_coded || option.how.empty(), option.subject.c_str());
      hard_coded = option.how.empty();
    }
    QVERIFY(hard_coded);
    const auto* files = find(node.client_options, "Open files");
    QVERIFY(files != nullptr);
    QCOMPARE(files->how, std::string("--Xplugin-rocksdb-max-open-files=…"));
    QCOMPARE(files->current, std::string("1024"));
    QVERIFY(!files->caveat.empty());
    QCOMPARE(find(node.client_options, "Write-ahead log")->current, std::string("1 GiB"));
    QCOMPARE(find(node.client_options, "Blob files: from which age")->current, std::string("0.25"));
    QVERIFY(described(seen_with("nobody we know", {})).client_options.empty());
  }

  void every_client_with_settings_has_its_knobs_once() {
    for (const auto& profile : client_profiles()) {
      const auto node = described(seen_with(profile.name.data(), {}));
      std::size_t knobs = 0;
      for (const auto& option : node.client_options) knobs += option.knob ? 1 : 0;
      QCOMPARE(knobs, kKnobCount);
    }
  }

  void values_of_several_databases_are_one_or_none() {
    const auto one = described(seen_with("Besu", {{"max_open_files", "512"}})).client_options;
    const auto other = described(seen_with("Besu", {{"max_open_files", "1024"}})).client_options;
    QCOMPARE(find(client_options_of_all({one, one}), "Open files")->current, std::string("512"));
    QVERIFY(has(find(client_options_of_all({one, other}), "Open files")->current, "not the same"));
    QVERIFY(client_options_of_all({}).empty());
  }

  void dumps_that_are_off_say_what_would_show_more() {
    const auto besu = described(seen_with("Besu", {{"stats_dump_period_sec", "0"}}));
    const auto* off = find(besu.facts, "Statistics in the LOG");
    QVERIFY(off != nullptr);
    QVERIFY2(has(off->value, "--metrics-category=KVSTORE_ROCKSDB"), off->value.c_str());
    const auto nethermind = described(seen_with("Nethermind", {{"stats_dump_period_sec", "0"}}));
    QVERIFY(has(find(nethermind.facts, "Statistics in the LOG")->value, "--Db.StatsDumpPeriodSec"));
    const auto zebra = described(seen_with("Zebra", {{"stats_dump_period_sec", "0"}}));
    QVERIFY(!has(find(zebra.facts, "Statistics in the LOG")->value, "to see more"));
    QVERIFY(described(seen_with("Besu", {{"stats_dump_period_sec", "600"}})).facts.empty());
    const auto quiet = described(seen_with("Besu", {{"info_log_level", "WARN_LEVEL"}}));
    QVERIFY(find(quiet.facts, "Events in the LOG") != nullptr);
  }

  void changes_are_in_utc_where_the_zone_is_known() {
    const QTemporaryDir folder;
    const auto history = history_of(folder, {"512", "1024", "1024"});
    const auto seen = seen_with("Besu", {});
    LogSummary story;
    const auto at = TimePoint(std::chrono::seconds(1'731'232'860));  // 10:01, as it stands there
    NodeDescription unknown;
    describe_history(history, seen, story, false, unknown);
    QCOMPARE(unknown.option_changes.size(), std::size_t{1});
    QVERIFY(!unknown.option_changes[0].time);
    NodeDescription standing;
    describe_history(history, seen, story, true, standing);
    QVERIFY(standing.option_changes[0].time == at);
    story.utc_offset = std::chrono::hours(2);
    NodeDescription known;
    describe_history(history, seen, story, false, known);
    QVERIFY(known.option_changes[0].time == at - std::chrono::hours(2));
    QCOMPARE(known.option_changes[0].before, std::string("512"));
    QCOMPARE(known.option_changes[0].origin, std::string("LOG1"));
    QVERIFY2(find(known.facts, kOpensFact)->value.starts_with("3, the oldest at 2024-11-10T08:00"),
             find(known.facts, kOpensFact)->value.c_str());
  }

  void an_options_file_that_was_copied_has_no_time() {
    const QTemporaryDir folder;
    const auto options = [&](const char* name, const char* files, const char* paused) {
      write_file(folder.filePath(name),
                 std::string("[DBOptions]\n  max_open_files=") + files +
                     "\n[CFOptions \"default\"]\n  disable_auto_compactions=" + paused + "\n");
    };
    options("OPTIONS-000009", "512", "true");
    options("OPTIONS-000011", "1024", "false");
    const auto path = folder.path().toStdString();
    const auto listing = list_database_files(path);
    QVERIFY(listing);
    OptionHistory history;
    history.look({path, {}}, *listing, path, *listing, 1 << 20);
    LogSummary story;
    NodeDescription fresh;
    describe_history(history, seen_with("Besu", {}), story, false, fresh);
    QCOMPARE(fresh.option_changes.size(), std::size_t{1});  // compactions are paused at each open
    QCOMPARE(fresh.option_changes[0].name, std::string("max_open_files"));
    QVERIFY(fresh.option_changes[0].time);
    story.utc_offset = Duration(0);
    story.last_time = TimePoint(std::chrono::seconds(1'731'232'860));
    NodeDescription copied;
    describe_history(history, seen_with("Besu", {}), story, false, copied);
    QVERIFY(!copied.option_changes[0].time);
  }

  void the_same_in_many_families_is_one_change() {
    LogSummary story;
    story.utc_offset = Duration(0);
    const TimePoint time(std::chrono::seconds(1'731'232'860));
    for (const char* family : {"default", "\x01", "\x06"}) {
      story.settings.push_back({time, family, "ttl", "60"});
      story.settings.push_back({time, family, "disable_auto_compactions", "false"});
    }
    story.settings.push_back({time, {}, "max_background_jobs", "3"});
    NodeDescription node;
    describe_history({}, seen_with("Besu", {}), story, false, node);
    QCOMPARE(node.option_changes.size(), std::size_t{2});
    QCOMPARE(node.option_changes[0].section, std::string("CFOptions of 3 families"));
    QCOMPARE(node.option_changes[1].section, std::string("DBOptions"));
    QVERIFY(find(node.facts, kOpensFact) == nullptr);
  }

  void a_recording_keeps_all_of_it() {
    auto node = described(seen_with("Besu", {{"max_open_files", "1024"}}));
    node.restart_price = "last open took 41 s";
    node.option_changes = {{TimePoint(std::chrono::seconds(7)), "DBOptions", "a", "1", "2", "LOG"},
                           {{}, "DBOptions", "b", "", "2", "OPTIONS-000011"}};
    const auto back = description_from_json(description_json(node));
    QCOMPARE(back.defaults_of, node.defaults_of);
    QCOMPARE(back.restart_price, node.restart_price);
    QCOMPARE(back.options.size(), node.options.size());
    QCOMPARE(back.options[0].default_value, node.options[0].default_value);
    QCOMPARE(back.option_changes.size(), std::size_t{2});
    QVERIFY(back.option_changes[0].time == node.option_changes[0].time);
    QVERIFY(!back.option_changes[1].time);
    QCOMPARE(back.client_options.size(), node.client_options.size());
    QCOMPARE(back.client_options[0].how, node.client_options[0].how);
    QCOMPARE(back.client_options[0].knob, node.client_options[0].knob);
  }
};

QTEST_APPLESS_MAIN(ObservedOptionsTest)
#include "observed_options_test.moc"
