// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/path_calibration.h"

#include <QDir>
#include <QtTest>

#include "tests/engine/batch/commits.h"

using namespace nodetune;
using namespace nodetune::testing;

class PathCalibrationTest : public QObject {
  Q_OBJECT

 private:
  const QTemporaryDir folder_{scratch_template()};
  std::string path(const char* name) { return folder_.filePath(name).toStdString(); }
  static DatabaseConfig fresh() {
    DatabaseConfig config;
    config.create_if_missing = true;
    return config;
  }

 private slots:
  void costs_are_measured_once_and_leave_nothing_behind() {
    const auto database = must_open(path("once"), fresh());
    const auto before = contents(*database);
    const auto costs = calibrated_path_costs(*database, SystemClock::instance());
    QVERIFY2(costs, costs.status().message().c_str());
    QVERIFY(costs->measured());
    QVERIFY(costs->seconds_per_operation_sorted > 0);
    QVERIFY(costs->seconds_per_operation_ingested > 0);
    QVERIFY(!QDir(folder_.filePath("once/ingest/calibration")).exists());
    auto after = contents(*database);
    QCOMPARE(after[index_of(Family::own)].erase("path_costs"), std::size_t{1});
    QVERIFY(after == before);
    const auto again = calibrated_path_costs(*database, SystemClock::instance());
    QVERIFY(again && again->calibrated_at == costs->calibrated_at);
  }

  void another_device_is_measured_anew() {
    const auto database = must_open(path("moved"), fresh());
    PathCosts elsewhere;
    elsewhere.device = "999:9";
    const std::array stored = {WriteOperation::put(Family::own, "path_costs", elsewhere.encode())};
    QVERIFY(database->write(stored, Durability::log));
    const auto costs = calibrated_path_costs(*database, SystemClock::instance());
    QVERIFY(costs && costs->device != elsewhere.device);
  }

  void it_can_be_cancelled() {
    const auto database = must_open(path("cancelled"), fresh());
    const auto costs =
        calibrated_path_costs(*database, SystemClock::instance(), [] { return true; });
    QCOMPARE(costs.status().code(), StatusCode::cancelled);
    QVERIFY(!QDir(folder_.filePath("cancelled/ingest/calibration")).exists());
    QVERIFY(!database->get(Family::own, "path_costs")->has_value());
  }
};

QTEST_APPLESS_MAIN(PathCalibrationTest)
#include "path_calibration_test.moc"
