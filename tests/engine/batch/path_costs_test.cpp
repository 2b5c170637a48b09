// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/path_costs.h"

#include <QtTest>

using namespace nodetune;

namespace {

constexpr std::uint64_t kOperationBytes = 107;
constexpr std::uint32_t kTwoFamilies = 0b1000'0001;

CommitShape shape(std::uint64_t operations, std::uint32_t families = kTwoFamilies) {
  return {operations, operations * kOperationBytes, families, Durability::log};
}

}  // namespace

class PathCostsTest : public QObject {
  Q_OBJECT
 private slots:
  void a_live_block_is_sorted_and_an_import_is_ingested() {
    const PathChooser chooser;
    constexpr std::uint32_t kAll = 0xff;
    QCOMPARE(chooser.choose(shape(1)), WritePath::as_given);
    QCOMPARE(chooser.choose(shape(1'800, kAll)), WritePath::sorted);
    QCOMPARE(chooser.choose(shape(200'000, kAll)), WritePath::ingested);
  }

  void the_cheapest_path_is_taken() {
    PathCosts costs;
    costs.seconds_per_operation_plain = costs.seconds_per_operation_sorted / 2;
    costs.seconds_per_operation_ingested = 1;
    QCOMPARE(PathChooser(costs).choose(shape(1'000'000)), WritePath::as_given);
    costs.seconds_per_operation_ingested = 0;
    QCOMPARE(PathChooser(costs).choose(shape(1'000'000)), WritePath::ingested);
  }

  void in_bulk_what_is_left_to_other_threads_counts() {
    PathCosts costs;
    costs.seconds_per_operation_ingested = costs.seconds_per_operation_sorted * 1.2;
    costs.seconds_per_operation_flushed = costs.seconds_per_operation_sorted;
    const PathChooser chooser(costs);
    auto large = shape(1'000'000);
    QCOMPARE(chooser.choose(large), WritePath::sorted);
    QVERIFY(!chooser.threshold(WritePath::ingested, 2, kOperationBytes, Durability::log));
    large.bulk = true;
    QCOMPARE(chooser.choose(large), WritePath::ingested);
    QVERIFY(chooser.threshold(WritePath::ingested, 2, kOperationBytes, Durability::log, true));
  }

  void files_too_small_for_level_zero_are_not_ingested() {
    PathCosts costs;
    costs.seconds_per_ingestion = 0;
    costs.seconds_per_ingested_file = 0;
    const PathLimits limits;
    const PathChooser chooser(costs, limits);
    const auto enough = limits.ingested_file_bytes_min * 2 / kOperationBytes + 1;
    QCOMPARE(chooser.choose(shape(enough)), WritePath::ingested);
    QCOMPARE(chooser.choose(shape(enough - 2)), WritePath::sorted);
    QCOMPARE(chooser.choose(shape(enough, 0xff)), WritePath::sorted);  // the same in eight files
  }

  void a_wait_for_the_disk_counts_against_write_batches() {
    PathCosts costs;
    costs.seconds_per_fsync = 1;
    const PathChooser chooser(costs);
    auto large = shape(25'000);
    large.families = 1;
    large.durability = Durability::log_and_fsync;
    QCOMPARE(chooser.choose(large), WritePath::ingested);
    QVERIFY(chooser.expected_seconds(large, WritePath::sorted) > 1);
    large.durability = Durability::log;
    QVERIFY(chooser.expected_seconds(large, WritePath::sorted) < 1);
  }

  void thresholds_are_where_the_choice_changes() {
    const PathChooser chooser;
    for (const auto path : {WritePath::sorted, WritePath::ingested}) {
      const auto from = chooser.threshold(path, 2, kOperationBytes, Durability::log);
      QVERIFY(from);
      QCOMPARE(chooser.choose(shape(*from)), path);
      QVERIFY(chooser.choose(shape(*from - 1)) < path);
    }
    PathCosts costs;
    costs.seconds_per_operation_ingested = 1;
    QVERIFY(
        !PathChooser(costs).threshold(WritePath::ingested, 2, kOperationBytes, Durability::log));
  }

  void costs_survive_being_stored() {
    PathCosts costs;
    costs.seconds_per_ingestion = 0.0123;
    costs.device = "8:1";
    costs.calibrated_at = TimePoint(std::chrono::seconds(1'700'000'000));
    const auto read = PathCosts::decode(costs.encode());
    QVERIFY(read);
    QCOMPARE(read->seconds_per_ingestion, 0.0123);
    QCOMPARE(read->device, costs.device);
    QVERIFY(read->calibrated_at == costs.calibrated_at);
    QVERIFY(read->measured());
  }

  void what_is_no_cost_is_refused() {
    QCOMPARE(PathCosts::decode("").status().code(), StatusCode::corrupt);
    QCOMPARE(PathCosts::decode("{}").status().code(), StatusCode::corrupt);
    PathCosts costs;
    costs.seconds_per_fsync = -1;
    QCOMPARE(PathCosts::decode(costs.encode()).status().code(), StatusCode::corrupt);
  }
};

QTEST_APPLESS_MAIN(PathCostsTest)
#include "path_costs_test.moc"
