// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The eight knobs from the command line: set, read back by another process, refused.
#include <QTemporaryDir>
#include <QtTest>

#include "tests/programs/cli.h"

namespace {

constexpr qint64 kMiB = 1 << 20;

QList<QJsonObject> audit_lines(const QString& directory) {
  QFile file(directory + "/AUDIT.jsonl");
  QList<QJsonObject> lines;
  if (!file.open(QIODevice::ReadOnly)) return lines;
  for (const auto& line : file.readAll().split('\n')) {
    if (!line.isEmpty()) lines.append(QJsonDocument::fromJson(line).object());
  }
  return lines;
}

}  // namespace

class KnobsTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() {
    QVERIFY(folder_.isValid());
    node_ = folder_.path() + "/node";
    const auto made = cli::make_managed(node_, 1);
    QVERIFY2(made.exit_code == 0, made.story());
  }

  void each_knob_is_set_survives_a_reopen_and_is_audited_data() {
    QTest::addColumn<QString>("assignment");
    QTest::addColumn<QJsonValue>("value");
    QTest::newRow("write_buffer_size") << "write_buffer_size=96MiB" << QJsonValue(96 * kMiB);
    QTest::newRow("max_write_buffer_number") << "max_write_buffer_number=4" << QJsonValue(4);
    QTest::newRow("target_file_size_base")
        << "target_file_size_base=32MiB" << QJsonValue(32 * kMiB);
    QTest::newRow("level0_file_num_compaction_trigger")
        << "level0_file_num_compaction_trigger=6" << QJsonValue(6);
    QTest::newRow("max_background_jobs") << "max_background_jobs=5" << QJsonValue(5);
    QTest::newRow("compression") << "compression=zstd" << QJsonValue("zstd");
    QTest::newRow("block_cache_size") << "block_cache_size=48MiB" << QJsonValue(48 * kMiB);
    QTest::newRow("bloom_bits_per_key") << "bloom_bits_per_key=13" << QJsonValue(13);
  }
  void each_knob_is_set_survives_a_reopen_and_is_audited() {
    QFETCH(QString, assignment);
    QFETCH(QJsonValue, value);
    const auto name = assignment.section('=', 0, 0);
    const auto before = cli::run({"knobs", node_, "--json"});
    QVERIFY2(before.exit_code == 0, before.story());
    QVERIFY2(before.json().value(name) != value, "the test would show nothing");

    const auto set = cli::run({"knobs", node_, assignment, "--json"});
    QVERIFY2(set.exit_code == 0 && !set.crashed, set.story());
    QCOMPARE(set.json().value(name), value);
    QVERIFY2(set.errors.contains("in force"), set.story());

    const auto later = cli::run({"knobs", node_, "--json"});
    QVERIFY2(later.exit_code == 0, later.story());
    auto expected = before.json();
    expected.insert(name, value);
    QCOMPARE(later.json(), expected);  // this one, and no other

    const auto lines = audit_lines(node_);
    QVERIFY(lines.size() >= 2);
    for (const auto& line : lines.last(2)) QCOMPARE(line.value("what").toString(), name);
    QCOMPARE(lines[lines.size() - 2].value("kind").toString(), "intent");
    QCOMPARE(lines.last().value("kind").toString(), "done");
    QCOMPARE(lines.last().value("outcome").toString(), "in force");
  }

  // Left: reference/rocksdb-facts.md, "SetOptions does not sanitise".
  void a_value_that_aborts_or_hangs_is_refused_and_nothing_changes_data() {
    QTest::addColumn<QString>("assignment");
    for (const auto* assignment : {"write_buffer_size=0",
                                   "write_buffer_size=1024",
                                   "write_buffer_size=420000",
                                   "write_buffer_size=-1",
                                   "write_buffer_size=18446744073709551615",
                                   "max_write_buffer_number=0",
                                   "max_write_buffer_number=-3",
                                   "target_file_size_base=0",
                                   "level0_file_num_compaction_trigger=0",
                                   "level0_file_num_compaction_trigger=-1",
                                   "level0_file_num_compaction_trigger=2147483647",
                                   "max_background_jobs=0",
                                   "max_background_jobs=-1",
                                   "max_background_jobs=1000000",
                                   "compression=kDisableCompressionOption",
                                   "compression=disable",
                                   "compression=255",
                                   "block_cache_size=-1",
                                   "bloom_bits_per_key=-1",
                                   "bloom_bits_per_key=1000000"}) {
      QTest::newRow(assignment) << assignment;
    }
  }
  void a_value_that_aborts_or_hangs_is_refused_and_nothing_changes() {
    QFETCH(QString, assignment);
    const auto kept_before = kept_values();
    const auto audit_before = audit_lines(node_).size();
    const auto refused = cli::run({"knobs", node_, assignment});
    QVERIFY2(refused.fails_with_one_sentence(), refused.story());
    QVERIFY2(refused.errors.contains(assignment.section('=', 0, 0).toUtf8()), refused.story());
    QCOMPARE(kept_values(), kept_before);
    for (const auto& line : audit_lines(node_).mid(audit_before)) {
      QVERIFY2(line.value("kind").toString() != "done", refused.story());
    }
  }
  void after_all_refusals_the_values_are_as_before_and_writes_go_on() {
    const auto after = cli::run({"knobs", node_, "--json"});
    QVERIFY2(after.exit_code == 0, after.story());
    QVERIFY(!kept_values().isEmpty());
    QCOMPARE(after.json(), kept_values());
    const auto driven = cli::run({"run", node_, "--synthetic", "--blocks", "3", "--json"});
    QVERIFY2(driven.exit_code == 0, driven.story());
    QCOMPARE(driven.json().value("blocks").toInt(), 2);  // one was there
  }

  void what_is_no_assignment_is_refused_data() {
    QTest::addColumn<QString>("assignment");
    for (const auto* assignment :
         {"write_buffer_size", "write_buffer_size=", "write_buffer_size=many",
          "write_buffer_size=64MiB=", "write_buffer_size==1", "=64MiB", "=", "nonsense=1",
          "Write_Buffer_Size=64MiB", "max_background_jobs=4.5", "max_background_jobs=4x",
          "compression=", "compression=brotli", "bloom_bits_per_key=nan", "block_cache_size=1e400",
          "block_cache_size=99999999999999999999GiB"}) {
      QTest::newRow(assignment) << assignment;
    }
  }
  void what_is_no_assignment_is_refused() {
    QFETCH(QString, assignment);
    const auto before = cli::fingerprint(node_);
    const auto refused = cli::run({"knobs", node_, assignment});
    QVERIFY2(refused.fails_with_one_sentence(), refused.story());
    const auto changed = cli::difference(before, cli::fingerprint(node_));
    QVERIFY2(changed.isEmpty(), changed);  // refused before anything was opened
  }

  void a_bad_assignment_behind_good_ones_leaves_those_unset() {
    const auto before = cli::fingerprint(node_);
    const auto refused = cli::run({"knobs", node_, "max_background_jobs=5", "nonsense=1"});
    QVERIFY2(refused.fails_with_one_sentence(), refused.story());
    const auto changed = cli::difference(before, cli::fingerprint(node_));
    QVERIFY2(changed.isEmpty(), changed);
  }

  void several_knobs_are_set_at_once() {
    const auto set =
        cli::run({"knobs", node_, "max_background_jobs=6", "compression=none", "--json"});
    QVERIFY2(set.exit_code == 0, set.story());
    QCOMPARE(set.json().value("max_background_jobs").toInt(), 6);
    QCOMPARE(set.json().value("compression").toString(), "none");
  }

 private:
  // What the next open will use.
  QJsonObject kept_values() const {
    QFile file(node_ + "/NODETUNE.json");
    if (!file.open(QIODevice::ReadOnly)) return {};
    return QJsonDocument::fromJson(file.readAll()).object().value("knobs").toObject();
  }

  QTemporaryDir folder_;
  QString node_;
};

QTEST_GUILESS_MAIN(KnobsTest)
#include "knobs_test.moc"
