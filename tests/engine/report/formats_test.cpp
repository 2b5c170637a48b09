// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// What the four formats say, read back by readers that are not ours.
#include <QDateTime>
#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/node/kind_figures.h"
#include "engine/report/anonymise.h"
#include "engine/report/findings.h"
#include "engine/report/report.h"
#include "engine/report/report_text.h"
#include "engine/report/writers.h"
#include "tests/engine/report/report_node.h"

namespace nodetune {
namespace {

const std::string kHostile =
    "<script src=\"http://evil.example/x.js\">'&\"|`@all\n# h\x01\xff\xE2\x80\xAE</script>";

Report report_of(const ReportNode& node) {
  ManualClock clock(node.now);
  return make_report(node, {}, clock);
}

// Every string that comes from outside is hostile.
std::unique_ptr<ReportNode> hostile_node() {
  auto node = ReportNode::managed(20);
  auto& text = node->text;
  text.path = "/srv/" + kHostile;
  text.reason = text.client = text.rocksdb_version = text.zone = text.data_set = kHostile;
  text.column_families = text.databases = {kHostile};
  text.locked_by = LockHolder{1, kHostile};
  text.facts = {{kHostile, kHostile, kHostile}};
  text.options = {
      {kHostile, kHostile, kHostile},
      {"CFOptions \"" + kHostile + "\"", "write_buffer_size", kHostile, kHostile + "1"}};
  text.option_changes = {{{}, kHostile, kHostile, kHostile, kHostile, kHostile}};
  text.client_options = {{kHostile, kHostile, kHostile, kHostile, {}},
                         {kHostile, kHostile, {}, kHostile, {}}};
  text.defaults_of = kHostile;
  node->add_event(EventCategory::stall, Severity::error, kHostile, kHostile);
  node->add_change(kHostile);
  node->changes.back().what = node->changes.back().to = kHostile;
  node->advice.front().proposal.expected = kHostile;
  node->advice.front().apply = kHostile;
  node->advice.front().history.back().note = kHostile;
  for (auto& state : node->knob_states) state.current_text = state.origin = kHostile;
  for (auto& level : node->last->levels) level.family = kHostile;
  node->last->families = {{.name = kHostile}};
  node->work.text = kHostile;
  node->ran.resize(1);
  node->ran[0].begin = node->now;
  node->ran[0].family = node->ran[0].reason = kHostile;
  return node;
}

// Fields of RFC 4180 text.
std::vector<std::vector<std::string>> parse_csv(const std::string& text) {
  std::vector<std::vector<std::string>> rows = {{""}};
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    auto& field = rows.back().back();
    if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      field.push_back('"');
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == ',') {
      rows.back().emplace_back();
    } else if (!quoted && c == '\r') {
      continue;
    } else if (!quoted && c == '\n') {
      rows.push_back({""});
    } else {
      field.push_back(c);
    }
  }
  rows.pop_back();  // behind the last line end
  return rows;
}

struct Page {
  QString error;
  std::set<QString> ids;
  std::set<QString> elements;
  QStringList references;
  QString text;
  int table_rows = 0;
};

Page read_page(const std::string& html) {
  Page page;
  QXmlStreamReader reader(QString::fromStdString(html));
  while (!reader.atEnd()) {
    reader.readNext();
    if (reader.isCharacters()) page.text += reader.text().toString() + " ";
    if (!reader.isStartElement()) continue;
    const auto name = reader.name().toString();
    page.elements.insert(name);
    page.table_rows += name == "tr" ? 1 : 0;
    const auto attributes = reader.attributes();
    page.ids.insert(attributes.value("id").toString());
    for (const char* reference : {"src", "href", "data", "action", "xlink:href"}) {
      if (attributes.hasAttribute(reference)) {
        page.references << attributes.value(reference).toString();
      }
    }
    for (const auto& attribute : attributes) {
      if (attribute.name().startsWith(u"on")) page.error = "an event handler";
    }
  }
  if (reader.hasError()) page.error = reader.errorString();
  return page;
}

}  // namespace

class FormatsTest : public QObject {
  Q_OBJECT

 private slots:
  void page_is_well_formed_and_stands_alone() {
    const auto managed = ReportNode::managed(120);
    const auto hostile = hostile_node();
    const auto empty = ReportNode::empty();
    for (const auto* node : {managed.get(), hostile.get(), empty.get()}) {
      const auto html = render_html(report_of(*node));
      const auto page = read_page(html);
      QVERIFY2(page.error.isEmpty(), qPrintable(page.error));
      for (const char* element : {"script", "link", "img", "iframe", "object", "embed"}) {
        QVERIFY2(!page.elements.contains(element), element);
      }
      for (const auto& reference : page.references) {
        QVERIFY2(reference.startsWith('#'), qPrintable(reference));
        QVERIFY2(page.ids.contains(reference.mid(1)), qPrintable(reference));
      }
      QVERIFY(!page.text.contains("url("));
      QVERIFY(!page.text.contains("@import"));
    }
  }

  void page_shows_hostile_text_as_text() {
    const auto html = render_html(report_of(*hostile_node()));
    QVERIFY(html.find("<script") == std::string::npos);
    QVERIFY(html.find("&lt;script src=&quot;http://evil.example") != std::string::npos);
    QVERIFY2(html.find("\xE2\x80\xAE") == std::string::npos, "text direction can be turned");
    QVERIFY(html.find('\x01') == std::string::npos);
  }

  void page_says_what_is_there_and_what_became_of_it() {
    auto node = ReportNode::managed(60);
    node->add_change("the operator wanted it");
    const auto page = read_page(render_html(report_of(*node)));
    for (const char* said :
         {"NodeTune test bench", "/srv/chain/bench", "Synthetic chain, seed 1", "Stalled seconds",
          "Write buffer size: 64 MiB → 96 MiB", "rejected", "not now", "the operator wanted it",
          "level-0 files", "LRU", "measured", "derived"}) {
      QVERIFY2(page.text.contains(QString::fromUtf8(said)), said);
    }
    QVERIFY(page.elements.contains("svg"));
    QVERIFY(page.text.contains("5,400"));  // 60 seconds of 90 hits
  }

  void page_of_nothing_says_what_is_missing() {
    const auto page = read_page(render_html(report_of(*ReportNode::empty())));
    for (const char* said : {"Nothing was measured", "not recognised", "Not known: a node's own",
                             "Nothing is known of stalls", "No event is known", "–"}) {
      QVERIFY2(page.text.contains(QString::fromUtf8(said)), said);
    }
  }

  void csv_holds_every_point_of_every_series() {
    const auto report = report_of(*ReportNode::managed(90));
    const auto rows = parse_csv(render_csv(report));
    std::size_t points = 0;
    for (const auto& series : report.series) {
      points += series.points.size() + series.percentiles.size();
    }
    QCOMPARE(rows.size(), points + 1);
    std::set<std::pair<std::string, std::string>> named;
    for (const auto& row : rows) {
      QCOMPARE(row.size(), rows.front().size());
      named.insert({row[2], row[3]});
    }
    QCOMPARE(named.size(), report.series.size() + 1);
    QVERIFY(named.contains({"db_stalls_total", "cause=\"l0_files\",action=\"slowdown\""}));
  }

  void csv_can_hold_every_step_of_the_history() {
    const auto node = ReportNode::managed(2'000);
    ManualClock clock(node->now);
    ReportOptions options;
    const auto points = [&] {
      return find_series(make_report(*node, options, clock), Metric::disk_free_bytes)
          ->points.size();
    };
    QVERIFY(points() <= 600);
    options.points_max = points_max_for(ReportFormat::csv);
    QCOMPARE(points(), std::size_t(2'000));
  }

  void csv_sums_are_what_counters_gained() {
    const auto rows = parse_csv(render_csv(report_of(*ReportNode::managed(90))));
    double gained = 0;
    for (const auto& row : rows) {
      if (row[2] == "cache_account_hits_total") {
        gained += std::stod(row[10]);
        QCOMPARE(std::stod(row[9]), double(ReportNode::kHitsPerSecond));
      }
      if (row[2] == "batch_duration_seconds") {
        QVERIFY(row[7].empty());  // a histogram's lowest value is not known
        QVERIFY(std::stod(row[13]) > 0.01 && std::stod(row[13]) < 0.03);
      }
    }
    QCOMPARE(gained, 89.0 * ReportNode::kHitsPerSecond);
  }

  void every_format_says_how_memory_is_shared() {
    auto node = ReportNode::managed(60);
    MemoryState& memory = node->sharing.emplace();
    memory.mode = ArbiterMode::curves;
    memory.budget_bytes = 256u << 20;
    memory.shares = {{"Storage", 64u << 20, 80u << 20, false}, {"Memtables", 32u << 20, 0, true}};
    memory.moves = {"Storage +16 MiB from <Receipts>"};
    memory.seconds_per_block = 0.002;
    const auto report = report_of(*node);
    const auto html = render_html(report);
    QVERIFY(html.find("Memory is shared by the curves, only recommended; the budget is 256 MiB.") !=
            std::string::npos);
    QVERIFY(html.find("Storage +16 MiB from &lt;Receipts&gt;") != std::string::npos);
    QVERIFY(html.find("Memtables (fixed)") != std::string::npos);
    QVERIFY(html.find("All misses cost 2 ms a block (derived).") != std::string::npos);
    const auto markdown = render_markdown(report, 60'000);
    QVERIFY(markdown.find("Memory is shared by the curves") != std::string::npos);
    const auto json = nlohmann::json::parse(render_json(report))["memory"];
    QCOMPARE(json["shares"][0]["planned_bytes"].get<int>(), 80 << 20);
    QVERIFY(json["planned_seconds_per_block"].is_null());
    node->sharing.reset();
    QVERIFY(nlohmann::json::parse(render_json(report_of(*node)))["memory"].is_null());
  }

  void every_format_says_what_is_stored() {
    auto node = ReportNode::managed(60);
    node->text.way = OpenWay::observed;
    node->text.locked_by = LockHolder{4711, "java"};
    node->text.facts = {{std::string(kStoredNoteFact), "Receipts lie <elsewhere>", "known"}};
    const auto hold = [&](std::int64_t header_bytes) {
      node->run(1);
      auto next = std::make_shared<Snapshot>(*node->last);
      next->kinds = {{ObjectKind::header, true, 1'234, header_bytes, 5e6}, {{}, false, 3, 1 << 30}};
      set_stored_metrics(*next);
      node->past.add(*next);
      node->last = next;
    };
    hold(2 << 20);
    node->pause(3'600);
    hold(3 << 20);
    const auto report = report_of(*node);
    const auto html = render_html(report);
    QVERIFY(html.find("What is stored") != std::string::npos);
    QVERIFY(html.find("Receipts lie &lt;elsewhere&gt;.") != std::string::npos);
    const auto markdown = render_markdown(report, 60'000);
    QVERIFY(markdown.find("### What is stored") != std::string::npos);
    QVERIFY(markdown.find("| Headers | 3 MiB | 0.3 % | 1,234 |") != std::string::npos);
    QVERIFY(markdown.find("| Not told apart | 1 GiB | 99.7 % | 3 | – |") != std::string::npos);
    const auto json = nlohmann::json::parse(render_json(report))["stored"];
    QCOMPARE(json.size(), std::size_t{2});
    QCOMPARE(json[0]["kind"].get<std::string>(), std::string("header"));
    QVERIFY(json[1]["estimated_keys"].is_null());
    // A mebibyte in an hour, measured between the middles of two columns of some seconds.
    const double a_day = 24.0 * (1 << 20);
    QVERIFY(std::abs(json[0]["bytes_per_day"].get<double>() - a_day) < 0.01 * a_day);
    QCOMPARE(json[1]["bytes_per_day"].get<double>(), 0.0);
    node->text.locked_by.reset();
    const auto stopped = nlohmann::json::parse(render_json(report_of(*node)))["stored"];
    QVERIFY2(stopped[0]["bytes_per_day"].is_null(), "a stopped node says nothing of growth");
    node->last = std::make_shared<Snapshot>();
    QVERIFY(render_html(report_of(*node)).find("What is stored</h") == std::string::npos);
  }

  void every_format_says_what_ran_longest() {
    auto node = ReportNode::managed(60);
    for (int i = 0; i < 12; ++i) {
      StorageJob job;
      job.sequence = static_cast<std::uint64_t>(i) + 1;
      job.begin = node->now - std::chrono::seconds(100 - i * 8);
      job.end = job.begin + std::chrono::seconds(i % 2 == 0 ? 4 : 2);
      job.kind = i % 2 == 0 ? StorageJob::Kind::compaction : StorageJob::Kind::flush;
      if (i % 2 == 0) job.input_level = 0;
      job.output_level = i % 2 == 0 ? 1 : 0;
      job.family = "storage";
      job.output_bytes = 5 << 20;
      node->ran.push_back(job);
    }
    const auto report = report_of(*node);
    const auto html = render_html(report);
    QVERIFY(html.find("<figcaption>Timeline</figcaption><svg") != std::string::npos);
    QVERIFY(html.find("Compaction L0 → L1") != std::string::npos);
    const auto markdown = render_markdown(report, 60'000);
    // 6 × 4 s and 6 × 2 s of 90 s, as two of them never ran at once.
    QVERIFY(markdown.find("6 flushes and 6 compactions") != std::string::npos);
    QVERIFY2(markdown.find("ran 40.0 % of that time") != std::string::npos, markdown.c_str());
    const auto json = nlohmann::json::parse(render_json(report))["jobs"];
    QCOMPARE(json["longest"].size(), std::size_t{10});
    QCOMPARE(json["longest"][0]["kind"].get<std::string>(), std::string("compaction"));
    QVERIFY2(json["longest"][0]["input_bytes"].is_null(), "missing is not zero");
    QCOMPARE(json["busy_seconds"].get<double>(), 36.0);
    node->ran.clear();
    const auto none = report_of(*node);
    QVERIFY(render_html(none).find("Timeline</figcaption>") == std::string::npos);
    QVERIFY(render_markdown(none, 60'000).find("No flush or compaction is known") !=
            std::string::npos);
    QVERIFY(nlohmann::json::parse(render_json(none))["jobs"]["busy_seconds"].is_null());
  }

  // What its program gives a database by default is not NodeTune's to say.
  void knobs_of_anothers_node_have_no_default() {
    auto node = ReportNode::managed(20);
    auto& state = node->knob_states.front();
    state.current = *state.current + 1;
    state.current_text = format_knob(state.knob, *state.current);
    for (const auto way : {OpenWay::managed, OpenWay::observed, OpenWay::recorded}) {
      const bool ours = way == OpenWay::managed;
      node->text.way = way;
      const auto report = report_of(*node);
      const auto knobs = nlohmann::json::parse(render_json(report))["knobs"];
      QCOMPARE(knobs[0]["default"].is_null(), !ours);
      QCOMPARE(knobs[0]["current"].get<std::int64_t>(), *state.current);
      const auto html = render_html(report);
      QCOMPARE(html.find(">changed<") != std::string::npos, ours);
      QVERIFY(html.find(">differs<") == std::string::npos);
      QCOMPARE(html.find("Default: not known") != std::string::npos, !ours);
      const auto markdown = render_markdown(report, 60'000);
      QCOMPARE(markdown.find("| **" + state.current_text + "** |") != std::string::npos, ours);
    }
  }

  void json_says_what_the_model_says() {
    auto node = ReportNode::managed(60);
    node->add_change("why");
    const auto report = report_of(*node);
    const auto document = nlohmann::json::parse(render_json(report));
    QCOMPARE(document["node"]["path"].get<std::string>(), report.node.path);
    QCOMPARE(document["made"].get<double>(), to_epoch_seconds(report.made));
    QCOMPARE(document["series"].size(), report.series.size());
    QCOMPARE(document["caches"].size(), kObjectKindCount);
    QCOMPARE(document["caches"][0]["lookups"].get<int>(), 60 * 100);
    QCOMPARE(document["knobs"].size(), kKnobCount);
    QCOMPARE(document["recommendations"][0]["state"].get<std::string>(), std::string("rejected"));
    QCOMPARE(document["audit"][0]["reason"].get<std::string>(), std::string("why"));
    QVERIFY(document["node"]["format_version"].is_null());
    QVERIFY(document["node"]["locked_by"].is_null());
    QVERIFY(document["database"]["levels"][0]["score"].is_null());
    for (std::size_t i = 0; i < report.series.size(); ++i) {
      const auto& series = report.series[i];
      const auto& read = document["series"][i];
      QCOMPARE(read["metric"].get<std::string>(), info(series.metric).name);
      QCOMPARE(read["points"].size(), series.points.size() + series.percentiles.size());
      for (std::size_t j = 0; j < series.points.size(); ++j) {
        QCOMPARE(read["points"][j]["sum"].get<double>(), series.points[j].sum);
      }
    }
    for (const auto& figure : document["figures"]) QVERIFY(figure["value"].is_number());
  }

  void json_survives_hostile_bytes() {
    const auto document = nlohmann::json::parse(render_json(report_of(*hostile_node())));
    QVERIFY(document["node"]["client"].get<std::string>().find("<script") != std::string::npos);
    QCOMPARE(document["recommendations"].size(), std::size_t(1));
    QCOMPARE(document["audit"].size(), std::size_t(1));
  }

  void the_log_around_the_worst_stall_is_in_the_report() {
    const QTemporaryDir folder;
    auto node = ReportNode::managed(40);
    node->text.path = folder.path().toStdString();
    QFile log(folder.filePath("LOG"));
    QVERIFY(log.open(QIODevice::WriteOnly));
    const auto at = QDateTime::fromSecsSinceEpoch(qint64(to_epoch_seconds(node->now)), Qt::UTC);
    for (const int seconds : {-600, -20, 600}) {
      const auto prefix = at.addSecs(seconds).toString("yyyy/MM/dd-hh:mm:ss.000000");
      log.write(QString("%1 7f [WARN] [alices_family] Stalling ``` %2 in %3/x\n")
                    .arg(prefix)
                    .arg(seconds)
                    .arg(folder.path())
                    .toUtf8());
    }
    log.close();
    const auto report = report_of(*node);
    QCOMPARE(report.stall_log.lines.size(), std::size_t(1));
    const auto markdown = render_markdown(report, 60'000);
    QVERIFY(markdown.find("Stalling ''' -20") != std::string::npos);
    QVERIFY(markdown.find("Stalling ''' 600") == std::string::npos);
    const auto page = read_page(render_html(report));
    QVERIFY(page.text.contains("Stalling ``` -20"));
    const auto json = nlohmann::json::parse(render_json(report));
    QCOMPARE(json["stall_log"]["files"].dump(), std::string("[\"LOG\"]"));
    const auto hidden = anonymised(report, {{"host"}, {"someone"}});
    QVERIFY(hidden.stall_log.lines.front().find(node->text.path) == std::string::npos);
  }

  void markdown_is_anonymous_unless_asked_otherwise() {
    auto node = ReportNode::managed(20);
    node->text.path = "/home/alice/eth/bench";
    node->text.column_families.push_back("alices_family");
    node->text.facts = {{"Host name", "tower.alice.example", "LOG"}};
    node->last->levels.push_back({.family = "alices_family", .level = 1, .files = 3, .bytes = 9});
    node->text.options = {{"DBOptions", "db_log_dir", "/home/alice/logs"},
                          {"DBOptions", "wal_dir", "/home/alice/wal"},
                          {"CFOptions \"alices_family\"", "write_buffer_size", "1", "67108864"}};
    node->text.defaults_of = "RocksDB 7.8.3";
    node->text.option_changes = {{{},
                                  "CFOptions \"alices_family\"",
                                  "db_log_dir",
                                  "/home/alice/logs",
                                  "/home/alice/log",
                                  "LOG"}};
    node->add_event(EventCategory::stall, Severity::error, "alices_family",
                    "alice@tower: ~/eth/x and /home/alice/eth/bench/000012.sst on 10.1.2.3, "
                    "ssh://alice@tower.alice.example/db, [alices_family] 7.8.3 12 MB/s");
    const Identity identity{{"tower.alice.example", "tower"}, {"alice"}};
    const auto markdown =
        QString::fromStdString(render_markdown(anonymised(report_of(*node), identity), 60'000));
    QVERIFY2(!markdown.contains("alice"), qPrintable(markdown));
    QVERIFY(!markdown.contains("tower"));
    QVERIFY(!markdown.contains("/home"));
    QVERIFY(!markdown.contains("10.1.2.3"));
    QVERIFY(!markdown.contains("000012.sst"));
    for (const char* kept : {"accounts", "family-1", "7.8.3 12 MB/s", "write\\_buffer\\_size"}) {
      QVERIFY2(markdown.contains(kept) || markdown.contains("`write_buffer_size`"), kept);
    }
    ReportOptions named;
    named.anonymise = false;
    const auto report = report_of(*node);
    QVERIFY(render(report, ReportFormat::markdown, named).find("alices") != std::string::npos);
    ReportOptions hidden;
    hidden.anonymise = true;
    const auto json = render(report, ReportFormat::json, hidden);
    QVERIFY(json.find("/home/alice") == std::string::npos);
    QVERIFY(nlohmann::json::parse(json)["anonymised"].get<bool>());
  }

  void this_machines_names_are_known() {
    const auto identity = this_machine();
    QVERIFY(!identity.hosts.empty());
    QVERIFY(!identity.hosts.front().empty());
  }

  void anonymising_leaves_figures_alone() {
    const auto report = report_of(*ReportNode::managed(20));
    const auto hidden = anonymised(report, {{"host"}, {"someone"}});
    QCOMPARE(hidden.series.size(), report.series.size());
    QCOMPARE(hidden.last.levels.front().family, std::string("accounts"));
    QCOMPARE(hidden.node.path, std::string("<path>"));
    QVERIFY(hidden.anonymised);
  }

  void markdown_keeps_its_limit_and_what_matters_most() {
    auto node = ReportNode::managed(20);
    for (int i = 0; i < 5'000; ++i) {
      node->add_event(EventCategory::compaction, Severity::info, "accounts",
                      "compacted ÄÖÜ number " + std::to_string(i));
      node->add_change("because " + std::to_string(i));
      node->last->levels.push_back({.family = "accounts", .level = i, .files = 1, .bytes = 1});
    }
    const auto report = report_of(*node);
    for (const std::size_t most : {60'000u, 8'000u, 3'000u, 100u, 0u}) {
      const auto markdown = render_markdown(report, most);
      const auto length = QString::fromStdString(markdown).toUcs4().size();
      QVERIFY2(std::size_t(length) <= most, qPrintable(QString::number(length)));
      if (most < 3'000) continue;
      QVERIFY(markdown.find("Stalled seconds by cause") != std::string::npos);
      QVERIFY(markdown.find("left out for want of room") != std::string::npos);
      QCOMPARE(QString::fromStdString(markdown).count("```") % 2, 0);
    }
  }

  void markdown_cannot_be_broken_out_of() {
    const auto markdown =
        QString::fromStdString(render_markdown(report_of(*hostile_node()), 60'000));
    QVERIFY(!QRegularExpression("^# h", QRegularExpression::MultilineOption)
                 .match(markdown)
                 .hasMatch());
    bool fenced = false;
    for (const auto& line : markdown.split('\n')) {
      if (line.startsWith("```")) fenced = !fenced;
      if (fenced) continue;
      QVERIFY2(!line.contains("<script") && !line.contains("@all"), qPrintable(line));
      if (!line.startsWith('|')) continue;
      auto plain = line;
      plain.remove("\\|").remove("\\`").remove("\\\\");
      QVERIFY2(plain.endsWith('|') && plain.count('`') % 2 == 0, qPrintable(line));
    }
    QVERIFY(!fenced);
  }

  void text_becomes_clean() {
    QCOMPARE(clean_text("a\xC0\x80z"), std::string("a\xEF\xBF\xBD\xEF\xBF\xBDz"));
    QCOMPARE(clean_text("grün 🙂\n"), std::string("grün 🙂\n"));
    QCOMPARE(clean_text("\xED\xA0\x80"), std::string("\xEF\xBF\xBD"));
    QCOMPARE(clean_text("\xF0\x9F"), std::string("\xEF\xBF\xBD\xEF\xBF\xBD"));
    QCOMPARE(whole_text(20'806), std::string("20,806"));
    QCOMPARE(whole_text(999), std::string("999"));
    QCOMPARE(csv_field("a\"b,c"), std::string("\"a\"\"b,c\""));
  }
};

}  // namespace nodetune

QTEST_GUILESS_MAIN(nodetune::FormatsTest)
#include "formats_test.moc"
