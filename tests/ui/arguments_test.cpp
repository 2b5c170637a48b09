// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "ui/shell/arguments.h"

#include <QtTest>

using namespace nodetune;

namespace {

Result<Arguments> parse(const QStringList& rest) {
  return parse_arguments(QStringList{"nodetune"} + rest);
}

}  // namespace

class ArgumentsTest : public QObject {
  Q_OBJECT
 private slots:
  void nothing_given_opens_nothing() {
    const auto arguments = parse({});
    QVERIFY(arguments.is_ok());
    QVERIFY(!arguments->open.has_value());
  }
  void a_directory_alone_is_never_created() {
    const auto arguments = parse({"/srv/node"});
    QVERIFY(arguments.is_ok());
    QCOMPARE(arguments->open->path, QString("/srv/node"));
    QVERIFY(!arguments->open->options.create_if_missing);
    QVERIFY(!arguments->open->options.start_workload);
  }
  void a_url_is_taken_as_it_is_meant() {
    const auto arguments = parse({"ssh://besu@server:2222/data/my node"});
    QVERIFY2(arguments.is_ok(), arguments.status().message().c_str());
    QCOMPARE(arguments->open->path, QString("ssh://besu@server:2222/data/my%20node"));
    for (const auto* wrong : {"ssh://server", "ssh://-oProxyCommand=id/d", "ssh://b:pw@s/d"}) {
      QVERIFY2(!parse({wrong}).is_ok(), wrong);
    }
    QVERIFY(!parse({"ssh://server/d", "--synthetic"}).is_ok());
  }
  void an_address_of_metrics_is_completed() {
    const auto arguments = parse({"/srv/node", "--metrics", "localhost:9545"});
    QVERIFY2(arguments.is_ok(), arguments.status().message().c_str());
    QCOMPARE(arguments->open->options.metrics_url, std::string("http://localhost:9545/metrics"));
    QVERIFY(!parse({"/srv/node", "--metrics", "ftp://localhost"}).is_ok());
  }
  void a_workload_creates_and_starts() {
    const auto arguments = parse({"/srv/bench", "--synthetic", "--rate", "2", "--prune-above",
                                  "5GiB", "--stop-below-free", "10%", "--seed", "9", "--blocks",
                                  "70", "--prefill", "1GiB", "--hints"});
    QVERIFY2(arguments.is_ok(), arguments.status().message().c_str());
    const auto& options = arguments->open->options;
    QVERIFY(options.create_if_missing && options.start_workload);
    QCOMPARE(options.workload->blocks_per_second.value(), 2.0);
    QCOMPARE(options.workload->stop_below_free_ratio, 0.1);
    const auto& chain = std::get<SyntheticConfig>(options.workload->what);
    QCOMPARE(chain.seed, std::uint64_t{9});
    QCOMPARE(chain.blocks.value(), std::uint64_t{70});
    QCOMPARE(chain.prefill_bytes, std::int64_t{1} << 30);
    QCOMPARE(chain.prune_above_bytes, std::int64_t{5} << 30);
    QVERIFY(chain.hints);
  }
  void an_import_is_taken_from_where_one_stands() {
    const auto arguments =
        parse({"bench", "--import", "/data/a.rlp", "--import", "/data/b.rlp", "--rate", "100"});
    QVERIFY2(arguments.is_ok(), arguments.status().message().c_str());
    const auto& options = arguments->open->options;
    QVERIFY(options.create_if_missing && options.start_workload);
    QCOMPARE(std::get<ImportConfig>(options.workload->what).paths,
             (std::vector<std::string>{"/data/a.rlp", "/data/b.rlp"}));
    QVERIFY(!parse({"bench", "--import", "/data/a.rlp", "--seed", "3"}).is_ok());
    QVERIFY(!parse({"bench", "--import", "/data/a.rlp", "--synthetic"}).is_ok());
  }
  void access_lists_are_taken_from_where_one_stands() {
    const auto arguments = parse({"bench", "--access-lists", "/data/rlp"});
    QVERIFY(arguments.is_ok());
    QCOMPARE(std::get<AccessListConfig>(arguments->open->options.workload->what).path,
             std::string("/data/rlp"));
    QVERIFY(QDir::isAbsolutePath(arguments->open->path));
  }
  void what_is_wrong_is_named_data() {
    QTest::addColumn<QStringList>("given");
    QTest::addColumn<QString>("named");
    QTest::newRow("option") << QStringList{"--nonsense"} << "nonsense";
    QTest::newRow("page") << QStringList{"--page", "nowhere"} << "--page nowhere";
    QTest::newRow("theme") << QStringList{"--theme", "pink"} << "--theme pink";
    QTest::newRow("size") << QStringList{"--size", "0x5"} << "--size 0x5";
    QTest::newRow("huge") << QStringList{"--size", "99999999x99999999"} << "--size";
    QTest::newRow("rate") << QStringList{"d", "--synthetic", "--rate", "-1"} << "--rate -1";
    QTest::newRow("nan") << QStringList{"d", "--synthetic", "--rate", "nan"} << "--rate nan";
    QTest::newRow("prefill") << QStringList{"d", "--synthetic", "--prefill", "x"} << "--prefill x";
    QTest::newRow("free") << QStringList{"d", "--synthetic", "--stop-below-free", "110%"}
                          << "--stop-below-free";
    QTest::newRow("two") << QStringList{"a", "b"} << "one directory";
    QTest::newRow("both") << QStringList{"d", "--synthetic", "--access-lists", "x"} << "Choose";
    QTest::newRow("nowhere") << QStringList{"--synthetic"} << "DIR";
    QTest::newRow("alone") << QStringList{"d", "--rate", "3"} << "--rate belongs";
    QTest::newRow("lists") << QStringList{"d", "--access-lists", "x", "--blocks", "3"}
                           << "--blocks belongs";
  }
  void what_is_wrong_is_named() {
    QFETCH(QStringList, given);
    QFETCH(QString, named);
    const auto arguments = parse(given);
    QVERIFY(!arguments.is_ok());
    const auto message = QString::fromStdString(arguments.status().message());
    QVERIFY2(message.contains(named), qPrintable(message));
  }
  void help_names_every_page_and_the_program() {
    QVERIFY(parse({"--help", "--page", "nowhere"})->help);
    QVERIFY(parse({"-v"})->version);
    const auto text = help_text();
    QVERIFY(text.contains("overview, caches"));
    QVERIFY(text.contains("nodetune [options] [DIR]"));
  }
};

QTEST_APPLESS_MAIN(ArgumentsTest)
#include "arguments_test.moc"
