// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The sampled miss-ratio curve against exact stack distances, on every real trace there is.
#include <QDir>
#include <QtTest>
#include <cmath>

#include "engine/cache/miss_ratio_curve.h"
#include "engine/cache/stack_distance.h"
#include "engine/workload/trace_reader.h"

using namespace nodetune;

namespace {

constexpr double kErrorMax = 0.005;  // mean of the seeds, each over 100 linear sizes
constexpr std::uint64_t kSeeds = 3;
constexpr std::size_t kMemoryMax = std::size_t{6} << 20;  // of seven curves
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kRequestsMax = 1'000'000;  // longer ones take minutes then
#else
constexpr std::size_t kRequestsMax = std::numeric_limits<std::size_t>::max();
#endif

double mean_absolute_error(const CurveSnapshot& snapshot, const std::vector<double>& exact,
                           std::size_t distinct) {
  double sum = 0;
  for (std::size_t i = 1; i <= 100; ++i) {
    const auto size = std::llround(static_cast<double>(distinct * i) / 100);
    sum += std::abs(snapshot.miss_ratio_at_entries(static_cast<double>(size)) - exact[i]);
  }
  return sum / 100;
}

}  // namespace

class CurveErrorTest : public QObject {
  Q_OBJECT

 private slots:
  void mean_error_is_small_data();
  void mean_error_is_small();
};

void CurveErrorTest::mean_error_is_small_data() {
  QTest::addColumn<QString>("path");
  QTest::addColumn<int>("format");
  const QDir data(NODETUNE_TEST_DATA);
  const auto add = [&](const char* name, const QString& path, TraceFormat format) {
    QTest::newRow(name) << data.filePath(path) << static_cast<int>(format);
  };
  add("OLTP", "traces/arc/OLTP.lis.zst", TraceFormat::arc);
  add("P3", "traces/arc/P3.lis.zst", TraceFormat::arc);
  add("corda", "traces/corda/trace_vaultservice.gz", TraceFormat::u64be);
  add("orm-busy", "traces/cache2k/orm-busy.trace.xz", TraceFormat::i32be);
  add("web07", "traces/cache2k/web07.trace.xz", TraceFormat::i32be);
  add("cloudPhysics", "traces/libcachesim/cloudPhysicsIO.csv", TraceFormat::csv);
  for (const auto& file : QDir(data.filePath("traces/lirs")).entryList({"*.gz"}, QDir::Files)) {
    add(qPrintable("lirs " + file), "traces/lirs/" + file, TraceFormat::lirs);
  }
  add("accounts", "chain/block-access-lists/rlp", TraceFormat::bal_accounts);
  add("slots", "chain/block-access-lists/rlp", TraceFormat::bal_slots);
}

void CurveErrorTest::mean_error_is_small() {
  QFETCH(QString, path);
  QFETCH(int, format);
  if (!QFile::exists(path)) QSKIP(qPrintable(path + " not present"));
  const auto trace = open_trace(path.toStdString(), static_cast<TraceFormat>(format));
  QVERIFY2(trace, trace.status().message().c_str());
  std::vector<std::uint64_t> keys;
  const auto status =
      for_each_request(**trace, [&](const TraceRequest& request) { keys.push_back(request.key); });
  QVERIFY2(status, status.message().c_str());
  if (keys.size() > kRequestsMax) QSKIP("too long for a sanitizer");

  ExactCurve exact_curve;
  for (const auto key : keys) exact_curve.touch(key);
  const auto distinct = exact_curve.distinct();
  std::vector<double> exact(101);
  for (std::size_t i = 1; i <= 100; ++i) {
    const auto size = std::llround(static_cast<double>(distinct * i) / 100);
    exact[i] = exact_curve.miss_ratio_at_entries(static_cast<std::uint64_t>(size));
  }
  double mean = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    MissRatioCurve curve;
    for (const auto key : keys) {
      const auto hash = hash_of_key(key, seed);
      if (curve.samples(hash)) curve.touch(hash);
    }
    curve.add_lookups(keys.size());
    const auto snapshot = curve.snapshot();
    QVERIFY(snapshot.samples <= 8'192);
    QVERIFY(7 * snapshot.memory_bytes <= kMemoryMax);
    const auto error = mean_absolute_error(snapshot, exact, distinct);
    mean += error / static_cast<double>(kSeeds);
    // Few keys are watched whole: nothing is left to chance but the points' resolution.
    if (distinct <= 8'192) QVERIFY(error < MissRatioCurve::Config().resolution);
  }
  qInfo("%zu lookups, %zu distinct, mean absolute error %.5f", keys.size(), distinct, mean);
  QVERIFY(mean <= kErrorMax);
}

QTEST_APPLESS_MAIN(CurveErrorTest)
#include "curve_error_test.moc"
