// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/scraped_metrics.h"

#include <QtTest>
#include <cmath>

#include "engine/base/missing.h"
#include "engine/observe/prometheus_text.h"

using namespace nodetune;

namespace {

struct Text {
  std::vector<MetricTextSample> samples;
  MetricTextSummary summary;
};

Text read(std::string_view text, const MetricTextLimits& limits = {}) {
  Text result;
  result.summary = read_metric_text(
      text, [&](const MetricTextSample& sample) { result.samples.push_back(sample); }, limits);
  return result;
}

// As a Besu with --metrics-category=KVSTORE_ROCKSDB,KVSTORE_ROCKSDB_STATS serves them: gauges
// without the prefix besu_, no total of the misses, no false positives.
constexpr std::string_view kBesu = R"(# HELP besu_blockchain_height The current height
# TYPE besu_blockchain_height gauge
besu_blockchain_height 1.9264583E7
# TYPE besu_rocksdb_read_latency_seconds summary
besu_rocksdb_read_latency_seconds{database="blockchain",quantile="0.5"} 2.58E-5
besu_rocksdb_read_latency_seconds_count{database="blockchain"} 8123012
besu_rocksdb_read_latency_seconds_sum{database="blockchain"} 412.5
# TYPE besu_rocksdb_rocks_db_table_readers_memory_bytes gauge
besu_rocksdb_rocks_db_table_readers_memory_bytes 0.0
# TYPE rocksdb_block_cache_hit gauge
rocksdb_block_cache_hit 9.0E8
# TYPE rocksdb_block_cache_data_hit gauge
rocksdb_block_cache_data_hit 3.0E8
# TYPE rocksdb_block_cache_data_miss gauge
rocksdb_block_cache_data_miss 9.0E7
# TYPE rocksdb_block_cache_filter_miss gauge
rocksdb_block_cache_filter_miss 6.0E6
# TYPE rocksdb_block_cache_index_miss gauge
rocksdb_block_cache_index_miss 4.0E6
# TYPE rocksdb_bloom_filter_useful gauge
rocksdb_bloom_filter_useful 1.2E7
# TYPE rocksdb_bytes_read gauge
rocksdb_bytes_read 7.0E11
# TYPE rocksdb_bytes_written gauge
rocksdb_bytes_written 5.0E11
# TYPE rocksdb_compact_read_bytes gauge
rocksdb_compact_read_bytes 3.0E12
# TYPE rocksdb_compact_write_bytes gauge
rocksdb_compact_write_bytes 2.5E12
# TYPE rocksdb_flush_write_bytes gauge
rocksdb_flush_write_bytes 4.0E11
# TYPE rocksdb_stall_micros gauge
rocksdb_stall_micros 1.25E8
# TYPE rocksdb_wal_file_bytes gauge
rocksdb_wal_file_bytes 5.1E11
# TYPE rocksdb_rocksdb_db_get summary
rocksdb_rocksdb_db_get{quantile="0.99"} 61.0
rocksdb_rocksdb_db_get_count 4716170
)";

ScrapedMetrics scraped(std::string_view text, std::string_view client) {
  auto metrics = read_scraped(text, metrics_profile(client));
  return metrics ? *std::move(metrics) : ScrapedMetrics{};
}

double value_of(const ScrapedFigures& figures, Metric metric) {
  const auto found = figures.values.find(metric);
  return found == figures.values.end() ? kMissing : found->second;
}

}  // namespace

class ScrapedMetricsTest : public QObject {
  Q_OBJECT

 private slots:
  void names_labels_values_and_types_are_read() {
    const auto text = read(
        "# TYPE besu_peers gauge\n"
        "besu_peers 25.0\r\n"
        "# TYPE reads summary\n"
        "reads_count{ table = \"a b\" , op=\"get\",} 3 1700000000000\n"
        "x +Inf\ny -Inf\nz NaN\nw 1.5e-3");
    QCOMPARE(text.summary.samples, std::size_t{6});
    QCOMPARE(text.summary.bad_lines, std::size_t{0});
    QCOMPARE(text.samples[0].name, std::string("besu_peers"));
    QCOMPARE(text.samples[0].value, 25.0);
    QVERIFY(text.samples[0].type == MetricTextType::gauge);
    QVERIFY(text.samples[1].type == MetricTextType::summary);
    QCOMPARE(text.samples[1].labels.size(), std::size_t{2});
    QCOMPARE(text.samples[1].labels[0].value, std::string("a b"));
    QCOMPARE(text.samples[1].labels[1].name, std::string("op"));
    QVERIFY(std::isinf(text.samples[2].value) && text.samples[3].value < 0);
    QVERIFY(std::isnan(text.samples[4].value));
    QCOMPARE(text.samples[5].value, 0.0015);
    QVERIFY(text.samples[5].type == MetricTextType::unknown);
  }

  void escapes_and_quoted_names_are_resolved() {
    const auto text = read(
        "a{p=\"C:\\\\x\",q=\"say \\\"hi\\\"\",r=\"one\\ntwo\",s=\"\\t\"} 1\n"
        "{\"a name with.dots\", l=\"v\"} 2");
    QCOMPARE(text.samples.size(), std::size_t{2});
    QCOMPARE(text.samples[0].labels[0].value, std::string("C:\\x"));
    QCOMPARE(text.samples[0].labels[1].value, std::string("say \"hi\""));
    QCOMPARE(text.samples[0].labels[2].value, std::string("one\ntwo"));
    QCOMPARE(text.samples[0].labels[3].value, std::string("\\t"));
    QCOMPARE(text.samples[1].name, std::string("a name with.dots"));
  }

  void openmetrics_exemplars_and_end_are_understood() {
    const auto text = read("a_bucket{le=\"0.1\"} 8 # {trace=\"x\"} 0.05 1.2\n# EOF\nlater 1\n");
    QCOMPARE(text.samples.size(), std::size_t{1});
    QCOMPARE(text.samples[0].value, 8.0);
  }

  void a_bad_line_costs_that_line_alone() {
    const auto text =
        read("good 1\n<html>\n9bad 1\nopen{a=\"b 1\nnothing\nx 1 noon\nalso_good 2\n");
    QCOMPARE(text.summary.samples, std::size_t{2});
    QCOMPARE(text.summary.bad_lines, std::size_t{5});
  }

  void limits_end_the_reading() {
    MetricTextLimits limits;
    limits.samples_max = 2;
    QVERIFY(read("a 1\nb 1\nc 1\n", limits).summary.truncated);
    limits = {};
    limits.line_bytes_max = 8;
    QCOMPARE(read("abcdefghij 1\nb 1\n", limits).summary.bad_lines, std::size_t{1});
    limits = {};
    limits.labels_max = 1;
    QCOMPARE(read("a{x=\"1\",y=\"2\"} 1\n", limits).summary.bad_lines, std::size_t{1});
  }

  void besu_tells_hits_and_the_parts_of_its_misses() {
    const auto metrics = scraped(kBesu, "Besu");
    QCOMPARE(metrics.series, std::size_t{20});
    QCOMPARE(metrics.rocksdb_series, std::size_t{19});
    const auto& all = metrics.all;
    QCOMPARE(value_of(all, Metric::db_block_cache_hits_total), 9e8);
    QCOMPARE(value_of(all, Metric::db_block_cache_misses_total), 1e8);
    QCOMPARE(value_of(all, Metric::db_bloom_useful_total), 1.2e7);
    QVERIFY(std::isnan(value_of(all, Metric::db_bloom_full_positive_total)));
    QCOMPARE(value_of(all, Metric::db_bytes_written_total), 5e11);
    QCOMPARE(value_of(all, Metric::db_wal_bytes_total), 5.1e11);
    QCOMPARE(value_of(all, Metric::db_stall_seconds_total), 125.0);
    // Of the family `default`, which Besu leaves empty: no figure of the database.
    QVERIFY(std::isnan(value_of(all, Metric::db_table_reader_bytes)));
    QVERIFY(figures_of(metrics, metrics_profile("Besu"), "/data/besu/database") == &metrics.all);
  }

  void a_part_that_is_missing_is_no_sum() {
    const auto metrics =
        scraped("rocksdb_block_cache_data_miss 1\nrocksdb_block_cache_hit 2\n", "");
    QVERIFY(std::isnan(value_of(metrics.all, Metric::db_block_cache_misses_total)));
    QCOMPARE(value_of(metrics.all, Metric::db_block_cache_hits_total), 2.0);
  }

  void near_tells_its_hot_and_cold_database_apart() {
    const auto metrics = scraped(
        "near_rocksdb_block_cache_hit 700\nnear_rocksdb_block_cache_hit_cold 30\n"
        "near_rocksdb_block_cache_usage{col=\"State\"} 500\n"
        "near_rocksdb_block_cache_usage{col=\"Block\"} 20\n"
        "near_rocksdb_num_running_compactions{col=\"State\"} 2\n"
        "near_rocksdb_num_running_compactions{col=\"Block\"} 2\n"
        "near_rocksdb_size_all_mem_tables{col=\"State\"} 64\n",
        "NEAR");
    const auto* const profile = metrics_profile("NEAR");
    const auto* const hot = figures_of(metrics, profile, "/home/near/data");
    const auto* const cold = figures_of(metrics, profile, "/home/near/cold-data");
    QVERIFY(hot != nullptr && cold != nullptr);
    QCOMPARE(value_of(*hot, Metric::db_block_cache_hits_total), 700.0);
    QCOMPARE(value_of(*cold, Metric::db_block_cache_hits_total), 30.0);
    QCOMPARE(value_of(metrics.all, Metric::db_block_cache_hits_total), 730.0);
    QCOMPARE(value_of(*hot, Metric::db_block_cache_usage_bytes), 520.0);  // a cache a family
    QCOMPARE(value_of(*hot, Metric::db_running_compactions), 2.0);        // told for each family
    QCOMPARE(hot->families.at("State").at(Metric::db_memtable_bytes), 64.0);
  }

  void nethermind_tells_its_databases_apart() {
    const auto metrics = scraped(
        "nethermind_db_stats{db=\"StateDb\",metric=\"rocksdb.block.cache.hit\"} 77\n"
        "nethermind_db_stats{db=\"BlockInfosDb\",metric=\"rocksdb.block.cache.hit\"} 3\n"
        "nethermind_db_memtable_size{db=\"State\"} 4096\n"
        "nethermind_blocks 12\n",
        "Nethermind");
    const auto* const profile = metrics_profile("Nethermind");
    const auto* const state = figures_of(metrics, profile, "/db/mainnet/state/0");
    QVERIFY(state != nullptr);
    QCOMPARE(value_of(*state, Metric::db_block_cache_hits_total), 77.0);
    QCOMPARE(value_of(*state, Metric::db_memtable_bytes), 4096.0);
    const auto* const infos = figures_of(metrics, profile, "/db/mainnet/blockInfos");
    QVERIFY(infos != nullptr);
    QCOMPARE(value_of(*infos, Metric::db_block_cache_hits_total), 3.0);
    QVERIFY(figures_of(metrics, profile, "/db/mainnet/receipts") == nullptr);
    QCOMPARE(value_of(metrics.all, Metric::db_block_cache_hits_total), 80.0);
    QCOMPARE(metrics.rocksdb_series, std::size_t{3});
  }

  void properties_named_in_labels_are_read() {
    const auto aptos = scraped(
        "aptos_rocksdb_properties{cf_name=\"event\",property_name="
        "\"aptos_rocksdb_cur-size-all-mem-tables\"} 4096\n"
        "aptos_rocksdb_properties{cf_name=\"write_set\",property_name="
        "\"aptos_rocksdb_cur-size-all-mem-tables\"} 1024\n"
        "aptos_rocksdb_properties{cf_name=\"event\",property_name="
        "\"aptos_rocksdb_block-cache-usage\"} 900\n"
        "aptos_rocksdb_properties{cf_name=\"write_set\",property_name="
        "\"aptos_rocksdb_block-cache-usage\"} 901\n"
        "aptos_rocksdb_tickers{db_name=\"event_db\",ticker_name=\"block_cache_hit\"} 5\n",
        "Aptos");
    QCOMPARE(value_of(aptos.all, Metric::db_memtable_bytes), 5120.0);
    QCOMPARE(value_of(aptos.all, Metric::db_block_cache_hits_total), 5.0);
    // Families may share a cache: what they tell of it cannot be added.
    QVERIFY(std::isnan(value_of(aptos.all, Metric::db_block_cache_usage_bytes)));
    const auto electrs = scraped(
        "electrs_index_db_properties{name=\"rocksdb.cur-size-all-mem-tables:txid\"} 10\n"
        "electrs_index_db_properties{name=\"rocksdb.cur-size-all-mem-tables:funding\"} 20\n"
        "electrs_index_height{type=\"tip\"} 800000\n",
        "electrs");
    QCOMPARE(value_of(electrs.all, Metric::db_memtable_bytes), 30.0);
    QCOMPARE(electrs.all.families.at("txid").at(Metric::db_memtable_bytes), 10.0);
    QCOMPARE(electrs.rocksdb_series, std::size_t{2});
  }

  void what_a_client_could_not_read_is_missing() {
    const auto metrics = scraped(
        "rocskdb_estimate_table_readers_mem{cf_name=\"objects\"} -1\n"
        "rocksdb_size_all_mem_tables{cf_name=\"objects\"} 100\n"
        "rocksdb_is_write_stopped{cf_name=\"objects\"} NaN\n",
        "Sui");
    QVERIFY(std::isnan(value_of(metrics.all, Metric::db_table_reader_bytes)));
    QVERIFY(std::isnan(value_of(metrics.all, Metric::db_write_stopped)));
    QCOMPARE(value_of(metrics.all, Metric::db_memtable_bytes), 100.0);
    QCOMPARE(metrics.rocksdb_series, std::size_t{3});
  }

  void a_name_that_misleads_is_no_figure() {
    const auto zebra = scraped(
        "zebra_state_rocksdb_compaction_pending_bytes 1\n"
        "zebra_state_rocksdb_block_cache_usage_bytes 87\n"
        "zebra_state_rocksdb_cf_memory_size_bytes{cf=\"tx_by_loc\"} 2048\n"
        "zebra_state_rocksdb_compaction_running 1\n",
        "Zebra");
    QVERIFY(std::isnan(value_of(zebra.all, Metric::db_pending_compaction_bytes)));
    QVERIFY(std::isnan(value_of(zebra.all, Metric::db_block_cache_usage_bytes)));
    QCOMPARE(value_of(zebra.all, Metric::db_memtable_bytes), 2048.0);
    QCOMPARE(value_of(zebra.all, Metric::db_running_compactions), 1.0);
  }

  void names_of_reth_and_ethrex_are_known() {
    const auto reth = scraped(
        "reth_rocksdb_pending_compaction_bytes{table=\"AccountsHistory\"} 10\n"
        "reth_rocksdb_pending_compaction_bytes{table=\"StoragesHistory\"} 5\n"
        "reth_rocksdb_memtable_size{table=\"AccountsHistory\"} 64\n",
        "Reth");
    QCOMPARE(value_of(reth.all, Metric::db_pending_compaction_bytes), 15.0);
    QCOMPARE(value_of(reth.all, Metric::db_memtable_bytes), 64.0);
    const auto ethrex = scraped(
        "ethrex_db_block_cache_hits_total 8\nethrex_db_block_cache_misses_total 2\n"
        "ethrex_db_block_cache_capacity_bytes 12884901888\n"
        "ethrex_db_cf_memtable_bytes{cf=\"headers\"} 7\n",
        "ethrex");
    QCOMPARE(value_of(ethrex.all, Metric::db_block_cache_hits_total), 8.0);
    QCOMPARE(value_of(ethrex.all, Metric::db_block_cache_misses_total), 2.0);
    QCOMPARE(value_of(ethrex.all, Metric::db_block_cache_capacity_bytes), 12884901888.0);
    QCOMPARE(value_of(ethrex.all, Metric::db_memtable_bytes), 7.0);
  }

  void an_unknown_program_is_understood_by_rocksdbs_names() {
    const auto metrics = scraped(
        "MyNode_RocksDB_Block_Cache_Hit_Total 4\nmynode_rocksdb_block_cache_miss 6\n"
        "mynode_rocksdb_block_cache_usage_bytes 100\n"
        "mynode_rocksdb_cur_size_all_mem_tables 50\n"
        "# TYPE mynode_rocksdb_bytes_read histogram\nmynode_rocksdb_bytes_read_count 7\n",
        "");
    QCOMPARE(value_of(metrics.all, Metric::db_block_cache_hits_total), 4.0);
    QCOMPARE(value_of(metrics.all, Metric::db_block_cache_misses_total), 6.0);
    QCOMPARE(value_of(metrics.all, Metric::db_block_cache_usage_bytes), 100.0);
    // Without a family it is that of `default` alone.
    QVERIFY(std::isnan(value_of(metrics.all, Metric::db_memtable_bytes)));
    QCOMPARE(metrics.all.of_default_family.at(Metric::db_memtable_bytes), 50.0);
    QVERIFY(std::isnan(value_of(metrics.all, Metric::db_bytes_read_total)));
  }

  void rates_are_those_between_two_answers() {
    const auto first = scraped("rocksdb_bytes_read 100\nrocksdb_bytes_written 900\n", "");
    auto second = scraped("rocksdb_bytes_read 350\nrocksdb_bytes_written 900\n", "");
    second.derive_rates(first, 5);
    QCOMPARE(second.all.rates.at(Metric::db_bytes_read_total), 50.0);
    QCOMPARE(second.all.rates.at(Metric::db_bytes_written_total), 0.0);
    auto restarted = scraped("rocksdb_bytes_read 360\nrocksdb_bytes_written 10\n", "");
    restarted.derive_rates(second, 5);
    QVERIFY(restarted.all.rates.empty());
  }

  void a_page_that_is_no_metrics_is_refused() {
    QVERIFY(!read_scraped("<html><body>Sign in</body></html>\n", nullptr));
    QVERIFY(!read_scraped("", nullptr));
  }
};

QTEST_GUILESS_MAIN(ScrapedMetricsTest)
#include "scraped_metrics_test.moc"
