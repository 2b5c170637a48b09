// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/metrics/histogram.h"

#include <QtTest>
#include <algorithm>
#include <cmath>
#include <random>
#include <set>
#include <thread>

#include "engine/metrics/catalogue.h"

using namespace nodetune;

class HistogramTest : public QObject {
  Q_OBJECT
 private slots:
  void every_value_lies_in_its_bucket() {
    std::mt19937_64 random(7);
    for (int i = 0; i < 100'000; ++i) {
      const auto value = random() >> (random() % 64);
      const auto index = buckets::index_of(value);
      QVERIFY(index < buckets::kCount);
      QVERIFY(buckets::lower_bound(index) <= value);
      if (index + 1 < buckets::kCount) QVERIFY(value < buckets::lower_bound(index + 1));
    }
  }

  void percentiles_are_within_a_bucket_of_the_exact_ones() {
    Histogram histogram;
    std::vector<std::uint64_t> values;
    std::mt19937_64 random(11);
    std::lognormal_distribution<double> distribution(8, 2);
    for (int i = 0; i < 50'000; ++i) {
      values.push_back(static_cast<std::uint64_t>(distribution(random)));
      histogram.record(values.back());
    }
    std::sort(values.begin(), values.end());
    const auto counts = histogram.counts();
    for (const double fraction : {0.01, 0.5, 0.9, 0.99, 0.999}) {
      const auto rank = static_cast<std::size_t>(std::ceil(fraction * values.size())) - 1;
      const auto exact = static_cast<double>(values[rank]);
      QVERIFY2(std::abs(counts.percentile(fraction) - exact) <= exact * 0.0625 + 1,
               qPrintable(QString::number(fraction)));
    }
  }

  void an_empty_one_has_no_percentile() {
    QVERIFY(std::isnan(HistogramCounts{}.percentile(0.5)));
    QVERIFY(std::isnan(HistogramCounts{}.mean()));
  }

  void deltas_and_sums_are_inverse() {
    Histogram histogram;
    for (std::uint64_t value = 1; value < 5'000; value *= 3) histogram.record(value);
    const auto before = histogram.counts();
    for (std::uint64_t value = 1; value < 90'000; value *= 2) histogram.record(value);
    const auto after = histogram.counts();
    auto sum = before;
    sum.add(after.since(before));
    QCOMPARE(sum.count, after.count);
    QCOMPARE(sum.sum, after.sum);
    QCOMPARE(sum.buckets.size(), after.buckets.size());
  }

  void no_value_is_lost_between_threads() {
    Histogram histogram;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (std::uint64_t value = 0; value < 20'000; ++value) histogram.record(value);
      });
    }
    for (auto& thread : threads) thread.join();
    QCOMPARE(histogram.counts().count, std::uint64_t{80'000});
  }

  void the_catalogue_keeps_the_specifications_names() {
    for (const auto* kind :
         {"block", "header", "statenode", "account", "storage", "transaction", "receipt"}) {
      for (const auto* suffix : {"hits_total", "misses_total", "evictions_total", "size"}) {
        const auto name = std::string("cache_") + kind + "_" + suffix;
        QVERIFY2(metric_from(name).has_value(), name.c_str());
      }
    }
    for (const auto* name : {"cache_memory_usage_bytes", "batch_size", "batch_duration_seconds",
                             "batch_operations_per_second", "batch_operation_size_bytes"}) {
      QVERIFY2(metric_from(name).has_value(), name);
    }
    QVERIFY(metric_from("batch_operations_total", "type=\"single_delete\"").has_value());
  }

  void ids_names_and_labels_are_unique_and_complete() {
    std::set<std::pair<std::string, std::string>> seen;
    std::size_t index = 0;
    for (const auto& metric : catalogue()) {
      QCOMPARE(nodetune::index_of(metric.id), index++);
      QVERIFY(seen.emplace(metric.name, metric.label).second);
      QVERIFY(!metric.help.empty() && !metric.title.empty());
    }
    QCOMPARE(index, kMetricCount);
  }
};

QTEST_APPLESS_MAIN(HistogramTest)
#include "histogram_test.moc"
