// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/tuner/knob_table.h"

#include <QtTest>

#include "engine/base/format.h"
#include "engine/store/knob_safety.h"

using namespace nodetune;

class KnobTableTest : public QObject {
  Q_OBJECT
 private slots:
  void every_knob_has_a_complete_row_in_order() {
    QCOMPARE(knob_table().size(), kKnobCount);
    for (const auto knob : kKnobs) {
      const auto& row = knob_info(knob);
      QCOMPARE(row.knob, knob);
      QVERIFY(!row.title.empty() && !row.why_limited.empty() && !row.cost.empty());
      QVERIFY(!row.help.empty() && !row.source.empty());
      QVERIFY(row.step_factor_max > 1);
      QCOMPARE(row.default_value, KnobValues::defaults()[knob]);
      QVERIFY(row.minimum <= row.default_value && row.default_value <= row.maximum);
    }
  }
  void ranges_lie_inside_what_rocksdb_survives() {
    for (const auto& row : knob_table()) {
      const auto safe = safe_limits(row.knob);
      QVERIFY2(row.minimum >= safe.min && row.maximum <= safe.max, row.title.data());
    }
  }
  void both_ends_of_each_range_are_allowed_and_one_beyond_is_not() {
    const auto current = KnobValues::defaults();
    for (const auto& row : knob_table()) {
      QVERIFY2(validate(row.knob, row.minimum, current), row.title.data());
      QVERIFY2(validate(row.knob, row.maximum, current), row.title.data());
      QVERIFY2(!validate(row.knob, row.minimum - 1, current), row.title.data());
      QVERIFY2(!validate(row.knob, row.maximum + 1, current), row.title.data());
      QVERIFY(!validate(row.knob, INT64_MIN, current));
      QVERIFY(!validate(row.knob, INT64_MAX, current));
    }
  }

  // The list of reference/rocksdb-facts.md: what aborts, hangs, or is taken for something else.
  void values_that_abort_or_hang_are_refused_with_the_reason_data() {
    QTest::addColumn<int>("knob");
    QTest::addColumn<qint64>("value");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char* name, Knob knob, std::int64_t value, const char* reason) {
      QTest::newRow(name) << static_cast<int>(knob) << static_cast<qint64>(value)
                          << QString(reason);
    };
    row("write buffer 0", Knob::write_buffer_size, 0, "aborts");
    row("write buffer 1024", Knob::write_buffer_size, 1024, "aborts");
    row("write buffer 420000", Knob::write_buffer_size, 420'000, "arena block");
    row("write buffer -1", Knob::write_buffer_size, -1, "2^64-1");
    row("write buffers 0", Knob::max_write_buffer_number, 0, "hangs for ever");
    row("write buffers -3", Knob::max_write_buffer_number, -3, "hangs for ever");
    row("target file size 0", Knob::target_file_size_base, 0, "a file of every key");
    row("trigger 0", Knob::level0_file_num_compaction_trigger, 0, "never settles");
    row("trigger -1", Knob::level0_file_num_compaction_trigger, -1, "never settles");
    row("trigger above slowdown", Knob::level0_file_num_compaction_trigger, 21,
        "level0_slowdown_writes_trigger (20) RocksDB aborts");
    row("compression disabled", Knob::compression, 255, "kDisableCompressionOption");
    row("compression -1", Knob::compression, -1, "kDisableCompressionOption");
    row("background jobs 0", Knob::max_background_jobs, 0, "taken for 1");
    row("block cache -1", Knob::block_cache_size, -1, "negative size");
    row("bloom -1", Knob::bloom_bits_per_key, -1, "no meaning");
  }
  void values_that_abort_or_hang_are_refused_with_the_reason() {
    QFETCH(int, knob);
    QFETCH(qint64, value);
    QFETCH(QString, reason);
    const auto status = validate(static_cast<Knob>(knob), value, KnobValues::defaults());
    QVERIFY(!status);
    const auto message = QString::fromStdString(status.message());
    QVERIFY2(message.contains(reason), qPrintable(message));
    QVERIFY2(message.contains("choose"), qPrintable(message));
    QVERIFY2(
        message.startsWith(QString::fromStdString(std::string(to_string(static_cast<Knob>(knob))))),
        qPrintable(message));
  }

  void memory_above_the_limit_is_refused_and_less_memory_never_is() {
    const auto current = KnobValues::defaults();  // 64 MiB × 3 × 8 + 256 MiB = 1.75 GiB
    const KnobContext context{.memory_limit_bytes = 2.0 * kGiB};
    QVERIFY(validate(Knob::write_buffer_size, 64 * kMiB, current, context));
    const auto refused = validate(Knob::write_buffer_size, 96 * kMiB, current, context);
    QVERIFY(!refused);
    QVERIFY2(refused.message().find("memory limit is 2 GiB") != std::string::npos,
             refused.message().c_str());
    QVERIFY(!validate(Knob::max_write_buffer_number, 4, current, context));
    QVERIFY(!validate(Knob::block_cache_size, kGiB, current, context));
    QVERIFY(validate(Knob::bloom_bits_per_key, 16, current, context));

    const KnobContext tiny{.memory_limit_bytes = 256.0 * kMiB};
    QVERIFY(validate(Knob::write_buffer_size, 32 * kMiB, current, tiny));
    QVERIFY(!validate(Knob::write_buffer_size, 65 * kMiB, current, tiny));
  }
  void what_is_unsafe_already_can_still_be_mended() {
    auto current = KnobValues::defaults();
    current[Knob::max_write_buffer_number] = 0;
    QVERIFY(validate(Knob::write_buffer_size, 32 * kMiB, current));
    QVERIFY(validate(Knob::max_write_buffer_number, 3, current));
  }
  void costs_are_multiplied_out() {
    const auto text = cost_text(Knob::write_buffer_size, 128 * kMiB, KnobValues::defaults(), {});
    QCOMPARE(text, std::string("128 MiB × 3 × 8 families = up to 3 GiB of memory"));
    for (const auto knob : kKnobs) {
      QVERIFY(!cost_text(knob, KnobValues::defaults()[knob], KnobValues::defaults(), {}).empty());
    }
  }
};

QTEST_APPLESS_MAIN(KnobTableTest)
#include "knob_table_test.moc"
