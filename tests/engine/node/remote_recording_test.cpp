// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/remote_recording.h"

#include <sys/wait.h>

#include <QDir>
#include <QTemporaryDir>
#include <QtTest>
#include <csignal>
#include <deque>

#include "engine/base/child_process.h"
#include "engine/base/format.h"
#include "engine/node/node_event.h"
#include "engine/node/recorded_node.h"
#include "engine/node/remote_failure.h"
#include "engine/node/remote_node.h"
#include "engine/recording/recording_stream_writer.h"
#include "tests/engine/node/observed_world.h"

using namespace nodetune;
using namespace nodetune::testing;
using namespace std::chrono_literals;

namespace {

const RecordedIdentity kNode{"db-1", "/data/besu"};

std::string head(const RecordedIdentity& identity = kNode) {
  return stream_head(identity, "nodetune 0.1");
}

std::string sample_at(int second, double l0_files = 1) {
  RecordedSample sample;
  sample.time = TimePoint(1'700'000'000s) + std::chrono::seconds(second);
  sample.seconds = 1;
  sample.figures = {{Metric::db_l0_files, l0_files}};
  return stream_line(sample);
}

// What the other side says, one piece a look; then how it ends, if it does.
struct Script {
  std::deque<std::string> pieces;
  std::optional<RemoteEnd> end;
};

class ScriptedChannel final : public RemoteChannel {
 public:
  explicit ScriptedChannel(Script script) : script_(std::move(script)) {}
  std::string read(std::size_t) override {
    if (script_.pieces.empty()) return {};
    auto piece = std::move(script_.pieces.front());
    script_.pieces.pop_front();
    return piece;
  }
  std::optional<RemoteEnd> end() override { return script_.end; }

 private:
  Script script_;
};

class Kept final : public RecordedTaker {
 public:
  void put(std::string_view document, std::string) override { documents.emplace_back(document); }
  void add(const RecordedSample& sample) override { samples.push_back(sample); }
  void add(const RecordedEvent& event) override { events.push_back(event.text); }
  void add(const RecordedJob&) override {}

  std::vector<std::string> documents;
  std::vector<RecordedSample> samples;
  std::vector<std::string> events;
};

// One connection after the other, each as a test has written it.
class World {
 public:
  explicit World(std::deque<Script> scripts)
      : scripts_(std::move(scripts)),
        recording({"besu", "server", {}, "/data/besu"}, [this] { return connect(); }, clock, {}) {}

  // Looks as often as a node would in that time.
  void pass(Duration time) {
    for (auto until = clock.steady_now() + time; clock.steady_now() < until;) {
      clock.advance(100ms);
      (void)recording.read(kept);
    }
  }

 private:
  Result<std::unique_ptr<RemoteChannel>> connect() {
    tries.push_back(to_seconds(clock.steady_now().time_since_epoch()));
    if (scripts_.empty()) return Status(StatusCode::io_error, "nobody answers");
    auto script = std::move(scripts_.front());
    scripts_.pop_front();
    return std::unique_ptr<RemoteChannel>(std::make_unique<ScriptedChannel>(std::move(script)));
  }

  std::deque<Script> scripts_;

 public:
  ManualClock clock;
  std::vector<double> tries;
  Kept kept;
  RemoteRecording recording;
};

const RemoteEnd kBroken{255, 0, "client_loop: send disconnect: Broken pipe\r\n"};

std::size_t open_descriptors() {
  return static_cast<std::size_t>(
      QDir("/proc/self/fd").entryList(QDir::System | QDir::Files).size());
}

// Also one that has ended and was not waited for.
bool has_children() {
  siginfo_t found{};
  return ::waitid(P_ALL, 0, &found, WEXITED | WNOHANG | WNOWAIT) == 0;
}

std::string script_in(const QTemporaryDir& folder, const std::string& body) {
  const auto path = folder.filePath("fake-ssh");
  write_file(path, "#!/bin/sh\n" + body);
  QFile(path).setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
  return path.toStdString();
}

}  // namespace

class RemoteRecordingTest : public QObject {
  Q_OBJECT

 private slots:
  void addresses_are_taken_apart_data() {
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("account");
    QTest::addColumn<int>("port");
    QTest::addColumn<QString>("directory");
    QTest::newRow("plain") << "ssh://besu@server.example/data/besu"
                           << "besu@server.example" << 0 << "/data/besu";
    QTest::newRow("port") << "SSH://b@s:2222/d"
                          << "b@s" << 2222 << "/d";
    QTest::newRow("alias") << "ssh://my-node_1/d"
                           << "my-node_1" << 0 << "/d";
    QTest::newRow("v6") << "ssh://b@[fe80::1%eth0]:22/d"
                        << "b@fe80::1%eth0" << 22 << "/d";
    QTest::newRow("v6 alone") << "ssh://[::1]/d"
                              << "::1" << 0 << "/d";
    QTest::newRow("home") << "ssh://b@s/~/data dir"
                          << "b@s" << 0 << "data dir";
    QTest::newRow("whole home") << "ssh://b@s/~"
                                << "b@s" << 0 << ".";
    QTest::newRow("blanks") << "ssh://b@s/a%20b/100%25"
                            << "b@s" << 0 << "/a b/100%";
    QTest::newRow("quotes") << "ssh://b@s/it's;rm -rf $HOME"
                            << "b@s" << 0 << "/it's;rm -rf $HOME";
    QTest::newRow("at") << "ssh://b@s/a@b:c"
                        << "b@s" << 0 << "/a@b:c";
  }
  void addresses_are_taken_apart() {
    QFETCH(QString, url);
    QFETCH(QString, account);
    QFETCH(int, port);
    QFETCH(QString, directory);
    const auto address = parse_ssh_url(url.toStdString());
    QVERIFY2(address, address.status().message().c_str());
    QCOMPARE(QString::fromStdString(address->account()), account);
    QCOMPARE(address->port.value_or(0), port);
    QCOMPARE(QString::fromStdString(address->directory), directory);
    const auto again = parse_ssh_url(address->url());
    QVERIFY2(again, address->url().c_str());
    QCOMPARE(again->directory, address->directory);
    QCOMPARE(again->account(), address->account());
  }

  void hostile_addresses_are_refused_data() {
    QTest::addColumn<QString>("url");
    for (const char* url : {"ssh://",
                            "ssh:///data",
                            "ssh://host",
                            "ssh://b@/d",
                            "ssh://@s/d",
                            "ssh://s:/d",
                            "ssh://s:0/d",
                            "ssh://s:65536/d",
                            "ssh://s:22x/d",
                            "ssh://s:-1/d",
                            "ssh://s: 22/d",
                            "ssh://-oProxyCommand=touch x/d",
                            "ssh://-oProxyCommand@s/d",
                            "ssh://b@-F/d",
                            "ssh://b:secret@s/d",
                            "ssh://a b@s/d",
                            "ssh://b@s s/d",
                            "ssh://b@s`id`/d",
                            "ssh://b@$(id)/d",
                            "ssh://b;id@s/d",
                            "ssh://b@s;id/d",
                            "ssh://b@s|id/d",
                            "ssh://b@s\nid/d",
                            "ssh://b@s/d%0Aid",
                            "ssh://b@s/d%00",
                            "ssh://b@s/d\x1b[0m",
                            "ssh://b@s/%zz",
                            "ssh://b@s/%2",
                            "ssh://b@s/~root/d",
                            "ssh://b@::1/d",
                            "ssh://b@[::1/d",
                            "ssh://b@[::1]22/d",
                            "ssh://b@[::1]:/d",
                            "ssh://b@[evil host]/d",
                            "ssh://[]/d",
                            "ssh://b@\u00fc/d",
                            "http://b@s/d",
                            "/data/besu"}) {
      QTest::newRow(escape_name(url).c_str()) << url;
    }
    QTest::newRow("long host") << "ssh://" + QString(300, 'a') + "/d";
    QTest::newRow("long directory") << "ssh://s/" + QString(5'000, 'a');
  }
  void hostile_addresses_are_refused() {
    QFETCH(QString, url);
    const auto address = parse_ssh_url(url.toStdString());
    QVERIFY(!address);
    QVERIFY(address.status().message().size() > 20);
    for (const char c : address.status().message()) QVERIFY(static_cast<unsigned char>(c) >= 0x20);
  }

  void nothing_of_an_address_becomes_an_option_or_a_command() {
    const auto address = parse_ssh_url("ssh://besu@server:2222/~/-it's; touch $(x)");
    QVERIFY2(address, address.status().message().c_str());
    const auto words = ssh_arguments(*address, {});
    const auto split = std::find(words.begin(), words.end(), "--");
    QVERIFY(words.end() - split == 3);
    QCOMPARE(*(split + 1), std::string("besu@server"));
    QCOMPARE(*(split + 2), std::string(R"(nodetune-cli record './-it'\''s; touch $(x)' --out -)"));
    const auto before = std::vector<std::string>(words.begin(), split);
    QCOMPARE(before.front(), std::string("ssh"));
    QVERIFY(std::find(before.begin(), before.end(), "2222") != before.end());
    QVERIFY(std::find(before.begin(), before.end(), "BatchMode=yes") != before.end());
    const auto asking = ssh_arguments(*address, {"ssh", true});
    QVERIFY(std::find(asking.begin(), asking.end(), "BatchMode=yes") == asking.end());
  }

  void failures_say_what_to_do_data() {
    QTest::addColumn<int>("exit_code");
    QTest::addColumn<QString>("errors");
    QTest::addColumn<QString>("named");
    const auto row = [](const char* name, int code, const char* errors, const char* named) {
      QTest::newRow(name) << code << errors << named;
    };
    row("host", 255, "ssh: Could not resolve hostname server: Name or service not known\r\n",
        "the host server is not known");
    row("key", 255, "besu@server: Permission denied (publickey,password).\r\n", "ssh-add");
    row("many keys", 255, "Received disconnect: Too many authentication failures\n", "ssh-add");
    row("host key", 255,
        "No ED25519 host key is known for server and you have requested strict checking.\r\nHost "
        "key verification failed.\r\n",
        "run `ssh -p 2222 besu@server` once");
    row("changed", 255,
        "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.\n",
        "another one than before");
    row("refused", 255, "ssh: connect to host server port 2222: Connection refused\r\n",
        "does not answer");
    row("silent", 255, "ssh: connect to host server port 2222: Connection timed out\r\n",
        "does not answer");
    row("dead", 255, "Timeout, server server not responding.\r\n", "Timeout, server server not");
    row("other", 255, "", "the connection to besu@server ended");
    row("no program", 127, "bash: line 1: nodetune-cli: command not found\n", "install nodetune");
    row("no program, csh", 1, "nodetune-cli: Command not found.\n", "install nodetune");
    row("other machine", 126, "sh: 1: nodetune-cli: Exec format error\n", "Exec format error");
    row("older", 2, "--out is not known\nRun with --help\n", "update it there");
    row("no database", 1, "nodetune-cli: /data/besu: it is a Pebble database\n",
        "on besu@server: /data/besu: it is a Pebble");
    row("no permission", 1,
        "nodetune-cli: /data/besu: cannot be listed. Its owner may read it: sudo -u node "
        "nodetune-cli record /data/besu --out - (a file that this user may write)\n",
        "open ssh://node@server:2222/data/besu, or run here `ssh -p 2222 besu@server 'sudo -n -u "
        "node nodetune-cli record /data/besu --out -' > node.jsonl`");
    row("escapes", 1,
        "nodetune-cli: \x1b]0;evil\x07 \xc2\x9b"
        "31mred\n",
        "]0;evil 31mred");
    row("ended", 0, "", "was ended there");
    row("killed", -1, "", "signal 9");
  }
  void failures_say_what_to_do() {
    QFETCH(int, exit_code);
    QFETCH(QString, errors);
    QFETCH(QString, named);
    const auto status = remote_failure({"besu", "server", 2222, "/data/besu"},
                                       {exit_code, exit_code < 0 ? 9 : 0, errors.toStdString()});
    QVERIFY2(has(status.message(), named.toStdString()), status.message().c_str());
    for (const char c : status.message()) QVERIFY(static_cast<unsigned char>(c) >= 0x20);
  }

  void a_lost_connection_is_made_again_and_nothing_comes_twice() {
    World world({{{head() + sample_at(1), sample_at(2)}, kBroken},
                 {{}, RemoteEnd{255, 0, "ssh: connect to host server: Connection refused"}},
                 {{"motd\n" + head() + sample_at(1) + sample_at(2), sample_at(9)}, {}}});
    world.pass(10s);
    QCOMPARE(world.kept.samples.size(), std::size_t{3});
    QCOMPARE(world.kept.samples.back().time, TimePoint(1'700'000'009s));
    QCOMPARE(world.kept.events.size(), std::size_t{3});
    QVERIFY2(has(world.kept.events[0], "Connection lost") &&
                 has(world.kept.events[0], "trying again in 1"),
             world.kept.events[0].c_str());
    QVERIFY2(has(world.kept.events[1], "trying again in 2"), world.kept.events[1].c_str());
    QVERIFY(has(world.kept.events[2], "Connected to besu@server again"));
    QCOMPARE(world.recording.origin().connection, std::string(kConnected));
    QVERIFY(world.recording.origin().still_grows);
  }

  void waiting_grows_to_a_minute_and_never_ends() {
    World world({{{head() + sample_at(1)}, kBroken}});
    world.pass(400s);
    const auto& tries = world.tries;
    QVERIFY(tries.size() >= 10);
    for (std::size_t i = 1; i < tries.size(); ++i) {
      const double expected = std::min(60.0, std::pow(2.0, static_cast<double>(i - 1)));
      QVERIFY2(std::abs(tries[i] - tries[i - 1] - expected) < 0.25,
               qPrintable(QString("try %1 after %2 s").arg(i).arg(tries[i] - tries[i - 1])));
    }
    QVERIFY(world.recording.origin().still_grows);
  }

  void another_database_or_a_newer_format_ends_it_data() {
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("named");
    QTest::newRow("other") << QString::fromStdString(head({"db-2", "/data/besu"})) << "db-2";
    QTest::newRow("newer") << "{\"recording\":{\"version\":7,\"id\":\"db-1\"}}\n"
                           << "newer NodeTune";
  }
  void another_database_or_a_newer_format_ends_it() {
    QFETCH(QString, line);
    QFETCH(QString, named);
    World world({{{head() + sample_at(1)}, kBroken}, {{line.toStdString() + sample_at(2)}, {}}});
    world.pass(200s);
    QCOMPARE(world.tries.size(), std::size_t{2});
    QCOMPARE(world.kept.samples.size(), std::size_t{1});
    const auto origin = world.recording.origin();
    QVERIFY(!origin.still_grows);
    QVERIFY2(has(origin.connection, named.toStdString()) &&
                 has(origin.connection, "it is not tried again"),
             origin.connection.c_str());
  }

  void noise_is_a_lost_connection() {
    World world({{{head() + sample_at(1), std::string("\x7f\0\xff\n", 4)}, {}},
                 {{head() + sample_at(5)}, {}}});
    world.pass(3s);
    QCOMPARE(world.kept.samples.size(), std::size_t{2});
    QVERIFY2(has(world.kept.events[0], "cannot be read: line 3"), world.kept.events[0].c_str());
  }

  void the_first_failure_is_the_answer() {
    World world({{{}, RemoteEnd{255, 0, "besu@server: Permission denied (publickey)."}}});
    const auto status = world.recording.begin(world.kept);
    QVERIFY2(has(status.message(), "ssh-add"), status.message().c_str());
    QCOMPARE(world.tries.size(), std::size_t{1});
    QVERIFY(world.kept.events.empty());
    std::atomic<bool> cancelled{true};
    RemoteRecording::Config config;
    config.cancelled = &cancelled;
    RemoteRecording silent(
        {"b", "s", {}, "/d"},
        []() -> Result<std::unique_ptr<RemoteChannel>> {
          return std::unique_ptr<RemoteChannel>(std::make_unique<ScriptedChannel>(Script{}));
        },
        fast_clock(), config);
    QVERIFY(silent.begin(world.kept).code() == StatusCode::cancelled);
    config.cancelled = nullptr;
    config.begin_patience = 2s;
    RemoteRecording mute(
        {"b", "s", {}, "/d"},
        []() -> Result<std::unique_ptr<RemoteChannel>> {
          return std::unique_ptr<RemoteChannel>(std::make_unique<ScriptedChannel>(Script{}));
        },
        fast_clock(), config);
    const auto given_up = mute.begin(world.kept);
    QVERIFY2(has(given_up.message(), "sent nothing within"), given_up.message().c_str());
  }

  void a_remote_node_shows_how_its_connection_stands() {
    QTemporaryDir folder;
    // Each run says one more second, the first one then ends.
    const auto script = script_in(
        folder, "n=$(cat " + folder.filePath("n").toStdString() + " 2>/dev/null || echo 0)\n" +
                    "n=$((n+1)); echo $n > " + folder.filePath("n").toStdString() + "\n" + "cat " +
                    folder.filePath("out").toStdString() + "$n\n" +
                    "[ $n = 1 ] && { echo 'Connection reset by peer' >&2; exit 255; }\n" +
                    "exec sleep 1000\n");
    write_file(folder.filePath("out1"), head() + sample_at(1, 5));
    write_file(folder.filePath("out2"), head() + sample_at(1, 5) + sample_at(30, 7));
    qputenv("NODETUNE_SSH", QByteArray::fromStdString(script));
    auto opened = open_remote("ssh://besu@server/data/besu", fast_clock());
    qunsetenv("NODETUNE_SSH");
    QVERIFY2(opened, opened.status().message().c_str());
    const auto& node = **opened;
    const auto connection = [&] {
      for (const auto& fact : node.description().facts) {
        if (fact.name == kConnectionFact) return fact.value;
      }
      return std::string();
    };
    QCOMPARE(node.description().path, std::string("ssh://besu@server/data/besu"));
    QCOMPARE(node.description().kind, std::string(kRemoteKind));
    QVERIFY(node.description().recorded->still_grows);
    QTRY_COMPARE_WITH_TIMEOUT(node.description().recorded->last, TimePoint(1'700'000'030s),
                              kWaitMilliseconds);
    QCOMPARE(connection(), std::string(kConnected));
    std::string story;
    for (const auto& event : node.events(0, 100)) story += event.text + "\n";
    QVERIFY2(has(story, "Connection reset by peer; trying again in 1"), story.c_str());
    QVERIFY2(has(story, "Connected to besu@server again"), story.c_str());
    // The gap is one.
    const auto points = node.history().range(Metric::db_l0_files, TimePoint(1'699'999'990s),
                                             TimePoint(1'700'000'040s), 1'000);
    QCOMPARE(points.size(), std::size_t{2});
    QVERIFY(!(*opened)->submit(TuneNow{}));
    QVERIFY((*opened)->close());
    QVERIFY2(!has_children(), "a child stays behind");
  }

  void children_come_and_go_without_a_trace() {
    QTemporaryDir folder;
    const auto gentle =
        script_in(folder, "cat " + folder.filePath("out").toStdString() + "; exec sleep 1000\n");
    write_file(folder.filePath("out"), head() + sample_at(1));
    qputenv("NODETUNE_SSH", QByteArray::fromStdString(gentle));
    const auto before = open_descriptors();
    for (int i = 0; i < 200; ++i) {
      auto opened = open_remote("ssh://besu@server/data/besu", SystemClock::instance());
      QVERIFY2(opened, opened.status().message().c_str());
      if (i % 2 == 0) QVERIFY((*opened)->close());
    }
    qunsetenv("NODETUNE_SSH");
    QCOMPARE(open_descriptors(), before);
    QVERIFY2(!has_children(), "a zombie, or a child that runs on");
  }

  void a_child_that_does_not_listen_is_killed_with_its_children() {
    QTemporaryDir folder;
    const auto deaf =
        script_in(folder, "trap '' TERM\nsleep 1000 & echo $!\nwhile :; do sleep 0.01; done\n");
    auto child = ChildProcess::start({deaf});
    QVERIFY2(child, child.status().message().c_str());
    std::string grandchild;
    QTRY_VERIFY_WITH_TIMEOUT(has(grandchild += (*child)->read(100), "\n"), kWaitMilliseconds);
    QVERIFY(!(*child)->end());
    (*child)->stop(50ms);
    QVERIFY((*child)->read(100).empty());
    QVERIFY((*child)->end());
    QCOMPARE((*child)->end()->signal, SIGKILL);
    const auto pid = static_cast<pid_t>(std::stol(grandchild));
    QTRY_VERIFY_WITH_TIMEOUT(!QFile::exists(QString("/proc/%1/exe").arg(pid)) ||
                                 QFile::symLinkTarget(QString("/proc/%1/exe").arg(pid)).isEmpty(),
                             kWaitMilliseconds);
  }

  void a_child_gets_words_and_no_shell() {
    QTemporaryDir folder;
    const auto teller = script_in(
        folder, "printf '%s|' \"$@\"; cat; ls /proc/self/fd | wc -l; echo trouble >&2; exit 7\n");
    auto child = ChildProcess::start({teller, "a b", "$HOME", "`id`", ""});
    QVERIFY2(child, child.status().message().c_str());
    std::string said;
    QTRY_VERIFY_WITH_TIMEOUT((said += (*child)->read(1'000), (*child)->end().has_value()),
                             kWaitMilliseconds);
    QVERIFY2(said.starts_with("a b|$HOME|`id`||"), said.c_str());
    QVERIFY2(std::stoi(said.substr(said.rfind('|') + 1)) <= 4,
             said.c_str());  // 0, 1, 2 and its own
    QCOMPARE((*child)->end()->exit_code, 7);
    QCOMPARE((*child)->errors(), std::string("trouble\n"));
    const auto missing = ChildProcess::start({"/no/such/program"});
    QVERIFY(missing.status().code() == StatusCode::not_found);
    const auto ssh = ssh_channel({"b", "s", {}, "/d"}, {"/no/such/ssh", false})();
    QVERIFY2(has(ssh.status().message(), "is not installed"), ssh.status().message().c_str());
  }
};

QTEST_APPLESS_MAIN(RemoteRecordingTest)
#include "remote_recording_test.moc"
