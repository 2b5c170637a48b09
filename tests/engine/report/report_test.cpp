// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/report.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "engine/report/findings.h"
#include "engine/report/machine_facts.h"
#include "engine/report/output_file.h"
#include "tests/engine/report/report_node.h"

namespace nodetune {
namespace {

Report report_of(const ReportNode& node, const ReportOptions& options = {}) {
  ManualClock clock(node.now);
  return make_report(node, options, clock);
}

QByteArray contents(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("(unreadable)");
}

}  // namespace

class ReportTest : public QObject {
  Q_OBJECT

 private slots:
  void endings_name_formats() {
    QCOMPARE(*report_format_of("a.b/report.HTML"), ReportFormat::html);
    QCOMPARE(*report_format_of("r.csv"), ReportFormat::csv);
    QCOMPARE(*report_format_of("r.json"), ReportFormat::json);
    QCOMPARE(*report_format_of("r.md"), ReportFormat::markdown);
    QCOMPARE(report_format_of("r.txt").status().code(), StatusCode::invalid_argument);
    QVERIFY(report_format_of("r.pdf").status().message().find("window") != std::string::npos);
    QCOMPARE(report_format_of("").status().code(), StatusCode::invalid_argument);
  }

  void report_spans_what_was_sampled() {
    const auto node = ReportNode::managed(60);
    const auto report = report_of(*node);
    QCOMPARE(to_seconds(report.end - report.begin), 60.0);
    const auto hits = total_of(report, cache_metric(CacheMetric::hits, ObjectKind::account));
    QVERIFY(hits);
    QCOMPARE(hits->gained, 59.0 * ReportNode::kHitsPerSecond);  // the first sample has no rate
    QCOMPARE(hits->mean, double(ReportNode::kHitsPerSecond));
    QCOMPARE(total_of(report, Metric::disk_free_bytes)->mean, ReportNode::kFreeBytes);
    QVERIFY(!total_of(report, Metric::db_get_seconds));
    QVERIFY(!total_of(report, Metric::system_cpu_ratio));
  }

  void last_limits_the_span() {
    const auto node = ReportNode::managed(120);
    ReportOptions options;
    options.last = std::chrono::seconds(30);
    const auto report = report_of(*node, options);
    QCOMPARE(to_seconds(report.end - report.begin), 30.0);
  }

  void points_stay_below_their_limit() {
    const auto node = ReportNode::managed(500);
    ReportOptions options;
    options.points_max = 50;
    const auto report = report_of(*node, options);
    QVERIFY(!report.series.empty());
    for (const auto& series : report.series) {
      QVERIFY(series.points.size() <= 50);
      QVERIFY(series.percentiles.size() <= 50);
    }
  }

  // A LOG of years ago beside figures of now: both keep their detail.
  void parts_far_apart_keep_their_columns() {
    auto node = ReportNode::managed(100);
    node->pause(3 * 365 * 86'400);
    node->run(50);
    const auto report = report_of(*node);
    const auto* free = find_series(report, Metric::disk_free_bytes);
    QVERIFY(free != nullptr);
    QVERIFY2(free->points.size() > 100, qPrintable(QString::number(free->points.size())));
  }

  void histogram_is_of_the_reports_time() {
    const auto node = ReportNode::managed(60);
    const auto report = report_of(*node);
    const auto* commits = find_series(report, Metric::batch_duration_seconds);
    QVERIFY(commits != nullptr);
    QCOMPARE(commits->distribution.count, 59u);
    QVERIFY(std::fabs(commits->distribution.percentile(0.5) / 20'030 - 1) < 0.07);
  }

  void nothing_known_makes_an_empty_report() {
    const auto node = ReportNode::empty();
    const auto report = report_of(*node);
    QVERIFY(report.series.empty());
    QVERIFY(stall_rows(report).empty());
    QVERIFY(!worst_stall(report));
    QCOMPARE(report.begin, report.made);
    for (const auto format :
         {ReportFormat::html, ReportFormat::csv, ReportFormat::json, ReportFormat::markdown}) {
      QVERIFY(!render(report, format, {}).empty());
    }
  }

  void stalled_seconds_go_to_the_condition_that_was_entered() {
    const auto node = ReportNode::managed(60);
    const auto report = report_of(*node);
    double level0 = 0;
    double others = 0;
    for (const auto& row : stall_rows(report)) {
      const bool ours = row.cause == StallCause::level0_files && !row.stopped;
      (ours ? level0 : others) += row.seconds;
      if (ours) QCOMPARE(row.entered, 6.0);
    }
    QCOMPARE(level0, 3.0);
    QCOMPARE(others, 0.0);
  }

  void worst_stall_has_its_neighbours_within_the_span() {
    auto node = ReportNode::managed(10);
    const auto stalled = node->now;
    node->add_event(EventCategory::stall, Severity::warning, "accounts", "slowed down");
    node->add_event(EventCategory::knob, Severity::info, "", "not of this kind");
    node->pause(121);
    node->add_event(EventCategory::flush, Severity::info, "accounts", "too late");
    const auto report = report_of(*node);
    const auto worst = worst_stall(report);
    QVERIFY(worst);
    QVERIFY(std::abs(to_seconds(*worst - stalled)) <= 1);
    const auto around = events_around(report, *worst, std::chrono::minutes(2));
    QCOMPARE(around.size(), std::size_t(1));
    QCOMPARE(around.front().text, std::string("slowed down"));
  }

  void options_are_compared_with_rocksdbs_defaults() {
    auto node = ReportNode::empty();
    node->text.options = {
        {"DBOptions", "max_open_files", "-1", "-1"},
        {"DBOptions", "max_total_wal_size", "1024", "0"},
        {"DBOptions", "an_option_of_another_version", "1"},
        {"CFOptions \"a\"", "write_buffer_size", "1", "67108864"},
        {"CFOptions \"b\"", "write_buffer_size", "1", "67108864"},
        {"CFOptions \"b\"", "memtable_prefix_bloom_size_ratio", "0.0", "0.000000"},
        {"CFOptions \"b\"", "compaction_options_fifo",
         "{age_for_warm=0;new_field=7;allow_compaction=false;}",
         "{allow_compaction=false;age_for_warm=0;max_table_files_size=1073741824;}"},
        {"TableOptions/BlockBasedTable \"a\"", "block_size", "16384", "4096"},
        {"TableOptions/BlockBasedTable \"b\"", "block_size", "4096", "4096"}};
    const auto changed = changed_options(report_of(*node));
    QCOMPARE(changed.size(), std::size_t(3));
    QCOMPARE(changed[0].name, std::string("max_total_wal_size"));
    QCOMPARE(changed[1].name, std::string("write_buffer_size"));
    QCOMPARE(changed[1].usual, std::string("67108864"));
    QVERIFY(changed[1].in_all_families);
    QCOMPARE(changed[2].families, std::vector<std::string>{"a"});
    QVERIFY(!changed[2].in_all_families);
  }

  void observed_figures_are_logged_not_measured() {
    auto node = ReportNode::managed(5);
    node->text.way = OpenWay::observed;
    const auto report = report_of(*node);
    QCOMPARE(source_of(report, Metric::db_stall_seconds_total), Source::logged);
    QCOMPARE(source_of(report, Metric::db_sst_bytes), Source::measured);
    QCOMPARE(source_of(report, Metric::disk_free_bytes), Source::measured);
    QCOMPARE(source_of(report, Metric::db_pending_compaction_bytes), Source::derived);
  }

  void report_replaces_an_older_file() {
    const QTemporaryDir folder;
    const auto path = folder.filePath("report.json");
    const auto node = ReportNode::managed(3);
    for (int i = 0; i < 2; ++i) {
      const auto status = write_report(report_of(*node), path.toStdString(), {});
      QVERIFY2(status.is_ok(), status.message().c_str());
    }
    QVERIFY(contents(path).startsWith("{"));
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files).size(), 1);
  }

  void failed_write_leaves_the_older_file_and_no_other() {
    const QTemporaryDir folder;
    const auto node = ReportNode::managed(3);
    const auto report = report_of(*node);
    const auto missing = folder.filePath("no/such/report.csv").toStdString();
    QCOMPARE(write_report(report, missing, {}).code(), StatusCode::not_found);
    QDir(folder.path()).mkdir("folder.csv");
    const auto directory = folder.filePath("folder.csv").toStdString();
    QCOMPARE(write_report(report, directory, {}).code(), StatusCode::invalid_argument);
    const auto unknown = folder.filePath("report.txt").toStdString();
    QCOMPARE(write_report(report, unknown, {}).code(), StatusCode::invalid_argument);
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files).size(), 0);
  }

  void unwritable_directory_is_named() {
    if (::geteuid() == 0) QSKIP("root may write everywhere");
    const QTemporaryDir folder;
    ::chmod(folder.path().toLocal8Bit().constData(), 0500);
    const auto status = write_file_at_once(folder.filePath("r.csv").toStdString(), "x");
    ::chmod(folder.path().toLocal8Bit().constData(), 0700);
    QCOMPARE(status.code(), StatusCode::permission_denied);
    QVERIFY(status.message().find("r.csv") != std::string::npos);
  }

  void full_disk_leaves_no_half_report() {
    // /dev/full cannot be renamed over; a limit on the file's size fails in the same way.
    const QTemporaryDir folder;
    const auto path = folder.filePath("r.csv").toStdString();
    QVERIFY(write_file_at_once(path, "older").is_ok());
    const auto child = ::fork();
    if (child == 0) {
      ::signal(SIGXFSZ, SIG_IGN);
      const struct rlimit limit { 4'096, 4'096 };
      ::setrlimit(RLIMIT_FSIZE, &limit);
      const auto status = write_file_at_once(path, std::string(100'000, 'x'));
      ::_exit(status.is_ok() ? 1 : 0);
    }
    int outcome = -1;
    QCOMPARE(::waitpid(child, &outcome, 0), child);
    QVERIFY(WIFEXITED(outcome) && WEXITSTATUS(outcome) == 0);
    QCOMPARE(contents(folder.filePath("r.csv")), QByteArray("older"));
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files).size(), 1);
  }

  void machine_is_read_from_proc() {
    const QTemporaryDir root;
    const auto put = [&root](const QString& name, const char* text) {
      QDir(root.path()).mkpath(QFileInfo(name).path());
      QFile file(root.filePath(name));
      QVERIFY(file.open(QIODevice::WriteOnly));
      file.write(text);
    };
    put("proc/cpuinfo", "processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\n");
    put("proc/meminfo", "MemTotal:       16777216 kB\nSwapTotal: 0 kB\n");
    put("etc/os-release", "NAME=\"x\"\nPRETTY_NAME=\"Debian 12\"\n");
    put("sys/fs/cgroup/cpu.max", "150000 100000\n");
    put("sys/fs/cgroup/memory.max", "max\n");
    QMap<QString, QString> facts;
    for (const auto& fact : machine_facts("", root.path().toStdString())) {
      facts[QString::fromStdString(fact.name)] = QString::fromStdString(fact.value);
    }
    QCOMPARE(facts.value("Processor"), QString("Some CPU @ 2 GHz"));
    QCOMPARE(facts.value("Memory"), QString("16 GiB"));
    QCOMPARE(facts.value("Swap"), QString("none"));
    QCOMPARE(facts.value("Distribution"), QString("Debian 12"));
    QCOMPARE(facts.value("CPU limit of the control group"), QString("1.5 cores"));
    QVERIFY(!facts.contains("Memory limit of the control group"));
    QVERIFY(!facts.contains("Disk"));
  }
};

}  // namespace nodetune

QTEST_GUILESS_MAIN(nodetune::ReportTest)
#include "report_test.moc"
