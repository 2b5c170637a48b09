// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/metrics_scraper.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>
#include <filesystem>
#include <thread>

#include "engine/observe/metrics_finder.h"
#include "tests/engine/node/observed_world.h"
#include "tests/engine/observe/tiny_server.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

constexpr std::int64_t kProcess = 4711;
constexpr const char* kHits = "rocksdb_block_cache_hit 90\nrocksdb_block_cache_miss 10\n";

// A /proc in which one process has one socket, which listens.
class FakeProc {
 public:
  FakeProc() {
    QDir root(folder_.path());
    root.mkpath("self/ns");
    root.mkpath("4711/ns");
    root.mkpath("4711/fd");
    root.mkpath("4711/net");
    set_network("net:[1]");
    link("self/ns/net", "net:[1]");
    link("4711/fd/0", "/dev/null");
    link("4711/fd/7", "socket:[800]");
    set_arguments({"java", "-Xmx4g", "org.hyperledger.besu.Besu"});
    listen_on(9545, 800);
  }
  std::string path() const { return folder_.path().toStdString(); }
  void set_network(const char* name) {
    QFile::remove(folder_.filePath("4711/ns/net"));
    link("4711/ns/net", name);
  }
  void set_arguments(const std::vector<std::string>& arguments) {
    std::string text;
    for (const auto& argument : arguments) text += argument + '\0';
    write("4711/cmdline", text);
  }
  void listen_on(std::uint16_t port, int inode, const char* address = "0100007F") {
    write("4711/net/tcp",
          fmt::format(
              "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid "
              " timeout inode\n"
              "   0: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000  1000   "
              "     0 700 1 0000000000000000 100 0 0 10 0\n"
              "   1: {}:{:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000       "
              " 0 {} 1 0000000000000000 100 0 0 10 0\n",
              address, port, inode));
  }
  void listen_on_six(std::uint16_t port, int inode) {
    listen_on(1, 1);
    write("4711/net/tcp6",
          fmt::format("  sl  local_address\n"
                      "   0: 00000000000000000000000001000000:{:04X} "
                      "00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 "
                      "00000000  1000        0 {} 1 0000000000000000 100 0 0 10 0\n",
                      port, inode));
  }
  void forbid_files() { QDir(folder_.filePath("4711/fd")).removeRecursively(); }

 private:
  void link(const char* name, const char* target) {
    std::filesystem::create_symlink(target, path() + "/" + name);
  }
  void write(const char* name, const std::string& text) {
    QFile file(folder_.filePath(name));
    if (file.open(QIODevice::WriteOnly)) file.write(text.data(), static_cast<qint64>(text.size()));
  }

  QTemporaryDir folder_;
};

FoundMetrics found(const FakeProc& proc, const char* client = "Besu") {
  return find_metrics(*metrics_profile(client), kProcess, proc.path());
}

std::string failure(const std::string& url, const MetricsFetch::Limits& limits = {}) {
  MetricsFetch fetch(limits);
  const auto answer = fetch.get(url);
  return answer ? "(it answered)" : answer.status().message();
}

}  // namespace

class MetricsScraperTest : public QObject {
  Q_OBJECT

 private slots:
  void an_address_is_checked_and_completed() {
    QCOMPARE(*metrics_url("localhost:9545"), std::string("http://localhost:9545/metrics"));
    QCOMPARE(*metrics_url("http://10.0.0.5:9101/"), std::string("http://10.0.0.5:9101/metrics"));
    QCOMPARE(*metrics_url("https://node.example/m?x=1#y"),
             std::string("https://node.example/m?x=1"));
    QCOMPARE(*metrics_url("[::1]:9001"), std::string("http://[::1]:9001/metrics"));
    for (const auto* wrong : {"", "file:///etc/passwd", "ftp://host/x", "http://", "a b",
                              "http://host:99999/", "http://host/\n"}) {
      const auto url = metrics_url(wrong);
      QVERIFY2(!url, wrong);
      QVERIFY(has(url.status().message(), "http://127.0.0.1:9545/metrics"));
    }
  }

  void a_password_is_not_shown() {
    const auto shown = shown_url("http://operator:secret@127.0.0.1:1/metrics?token=secret");
    QCOMPARE(shown, std::string("http://127.0.0.1:1/metrics"));
    MetricsFetch::Limits limits;
    limits.total = std::chrono::milliseconds(500);
    QVERIFY(!has(failure("http://operator:secret@127.0.0.1:1/metrics", limits), "secret"));
  }

  void an_answer_is_taken() {
    TinyServer server(http_answer(kHits));
    QVERIFY(server.valid());
    MetricsFetch fetch;
    const auto answer = fetch.get(server.url());
    QVERIFY2(answer, answer.status().message().c_str());
    QCOMPARE(answer->body, std::string(kHits));
    QVERIFY(answer->seconds > 0);
    QVERIFY(fetch.get(server.url()));  // and another
    QCOMPARE(server.requests(), 2);
  }

  void what_does_not_answer_as_it_should_is_said() {
    TinyServer gone(http_answer("no such page", "404 Not Found"));
    QVERIFY(has(failure(gone.url()), "answers 404: there is nothing at this path"));
    TinyServer closed(http_answer("", "401 Unauthorized"));
    QVERIFY(has(failure(closed.url()), "answers 401"));
    TinyServer garbage("\x01\x02 this is no HTTP\n\n");
    QVERIFY(!has(failure(garbage.url()), "(it answered)"));
    TinyServer half("HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\nrocksdb_bytes");
    QVERIFY(!has(failure(half.url()), "(it answered)"));
    std::uint16_t free_port = 0;
    {
      const TinyServer server(http_answer(""));
      free_port = server.port();
    }
    const auto refused = failure(fmt::format("http://127.0.0.1:{}/metrics", free_port));
    QVERIFY2(has(refused, fmt::format("127.0.0.1:{}", free_port)), refused.c_str());
  }

  void a_redirect_is_not_followed() {
    TinyServer target(http_answer(kHits));
    TinyServer server(http_answer("", "302 Found", "Location: " + target.url() + "\r\n"));
    QVERIFY(has(failure(server.url()), "points elsewhere"));
    QCOMPARE(target.requests(), 0);
  }

  void an_endless_answer_is_cut() {
    MetricsFetch::Limits limits;
    limits.body_bytes_max = 64 << 10;
    TinyServer server(http_answer(std::string(1 << 20, 'x')));
    QVERIFY(has(failure(server.url(), limits), "answers with more than 64 KiB"));
    TinyServer huge(http_answer(std::string((16 << 20) + 1, 'x')));
    QVERIFY(has(failure(huge.url()), "answers with more than 16 MiB"));
  }

  void an_endpoint_that_hangs_is_given_up() {
    MetricsFetch::Limits limits;
    limits.total = std::chrono::milliseconds(200);
    TinyServer server(TinyServer::kSilence);
    QVERIFY(has(failure(server.url(), limits), "does not answer within 200 ms"));
  }

  void cancelling_ends_what_hangs() {
    MetricsFetch::Limits limits;
    limits.total = std::chrono::hours(1);
    TinyServer server(TinyServer::kSilence);
    MetricsFetch fetch(limits);
    StatusCode code = StatusCode::ok;
    std::thread asking([&] { code = fetch.get(server.url()).status().code(); });
    const bool asked = QTest::qWaitFor([&] { return server.requests() == 1; }, kWaitMilliseconds);
    fetch.cancel();
    asking.join();  // would take an hour
    QVERIFY(asked);
    QCOMPARE(code, StatusCode::cancelled);
  }

  void the_nodes_own_listener_is_found() {
    FakeProc proc;
    QCOMPARE(found(proc).url, std::string("http://127.0.0.1:9545/metrics"));
    proc.listen_on(9545, 800, "00000000");
    QCOMPARE(found(proc).url, std::string("http://127.0.0.1:9545/metrics"));
    proc.listen_on(9545, 800, "0500000A");
    QCOMPARE(found(proc).url, std::string("http://10.0.0.5:9545/metrics"));
    proc.listen_on_six(9545, 800);
    QCOMPARE(found(proc).url, std::string("http://[::1]:9545/metrics"));
  }

  void a_port_on_the_command_line_goes_first() {
    FakeProc proc;
    proc.listen_on(9777, 800);
    QVERIFY(has(found(proc).why_not, "does not listen on port 9545 (where Besu serves them)"));
    proc.set_arguments({"besu", "--metrics-port=9777"});
    QCOMPARE(found(proc).url, std::string("http://127.0.0.1:9777/metrics"));
    proc.set_arguments({"besu", "--metrics-port", "9778"});
    QVERIFY(has(found(proc).why_not, "9778 (which its command line names)"));
    proc.listen_on(9001, 800);
    proc.set_arguments({"reth", "node", "--metrics", "0.0.0.0:9001"});
    QCOMPARE(found(proc, "Reth").url, std::string("http://127.0.0.1:9001/metrics"));
    QVERIFY(has(found(proc, "Nethermind").why_not, "only where it is told to"));
    proc.set_arguments({"nethermind", "--Metrics.ExposePort", "9001"});
    QCOMPARE(found(proc, "Nethermind").url, std::string("http://127.0.0.1:9001/metrics"));
  }

  void another_programs_listener_is_left_alone() {
    FakeProc proc;
    proc.listen_on(9545, 801);
    QVERIFY(found(proc).url.empty());
    QVERIFY(has(found(proc).why_not, "the node does not listen on port 9545"));
  }

  void a_container_and_a_refusal_are_said() {
    FakeProc proc;
    proc.set_network("net:[2]");
    QVERIFY(has(found(proc).why_not, "a container"));
    proc.set_network("net:[1]");
    proc.forbid_files();
    QVERIFY(has(found(proc).why_not, "may not see which sockets"));
    QVERIFY(has(found(proc, "Agave").why_not, "Agave serves none"));
  }

  void a_node_is_asked_again_and_again() {
    TinyServer server(http_answer(kHits));
    MetricsScraper::Config config;
    config.url = server.url();
    MetricsScraper scraper(config, fast_clock());
    QVERIFY(!scraper.newest());
    scraper.set_node("Besu", kProcess);
    QTRY_VERIFY_WITH_TIMEOUT(scraper.fresh() != nullptr, kWaitMilliseconds);
    QVERIFY(scraper.fresh()->metrics->all.rates.empty());
    server.set_answer(http_answer("rocksdb_block_cache_hit 190\nrocksdb_block_cache_miss 20\n"));
    QTRY_VERIFY_WITH_TIMEOUT(scraper.fresh() && scraper.fresh()->metrics->all.values.at(
                                                    Metric::db_block_cache_hits_total) == 190,
                             kWaitMilliseconds);
    QVERIFY(scraper.newest()->given);
    server.set_answer(http_answer("", "503 Busy"));
    QTRY_VERIFY_WITH_TIMEOUT(scraper.fresh() == nullptr, kWaitMilliseconds);
    QVERIFY(has(scraper.newest()->problem, "answers 503"));
  }

  void a_node_is_asked_where_it_listens() {
    TinyServer server(http_answer(kHits));
    FakeProc proc;
    proc.listen_on(server.port(), 800);
    proc.set_arguments({"besu", fmt::format("--metrics-port={}", server.port())});
    MetricsScraper::Config config;
    config.proc = proc.path();
    MetricsScraper scraper(config, fast_clock());
    scraper.set_node("", kProcess);
    QTRY_VERIFY_WITH_TIMEOUT(scraper.newest() != nullptr, kWaitMilliseconds);
    QVERIFY(has(scraper.newest()->problem, "is not known"));
    scraper.set_node("Besu", kProcess);
    QTRY_VERIFY_WITH_TIMEOUT(scraper.fresh() != nullptr, kWaitMilliseconds);
    QVERIFY(!scraper.newest()->given);
    QCOMPARE(scraper.newest()->address, server.url());
  }

  void nobody_is_asked_while_nobody_holds_the_database() {
    MetricsScraper scraper({}, fast_clock());
    scraper.set_node("Besu", std::nullopt);
    QVERIFY(!scraper.newest());
  }

  void stopping_does_not_wait_for_an_endpoint() {
    TinyServer server(TinyServer::kSilence);
    MetricsScraper::Config config;
    config.url = server.url();
    config.fetch.total = std::chrono::hours(1);
    MetricsScraper scraper(config, fast_clock());
    scraper.set_node("Besu", kProcess);
    QTRY_COMPARE_WITH_TIMEOUT(server.requests(), 1, kWaitMilliseconds);
    scraper.stop();  // would take an hour
    QVERIFY(!scraper.newest());
  }
};

QTEST_GUILESS_MAIN(MetricsScraperTest)
#include "metrics_scraper_test.moc"
