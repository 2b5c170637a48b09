// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/store/knob_safety.h"

#include <QtTest>

#include "engine/base/format.h"

using namespace nodetune;

class KnobSafetyTest : public QObject {
  Q_OBJECT

 private slots:
  void the_defaults_are_safe() {
    const auto status = check_safe(KnobValues::defaults());
    QVERIFY2(status, status.message().c_str());
  }

  void limits_are_inclusive_and_named_in_the_refusal() {
    for (const auto knob : kKnobs) {
      const auto limits = safe_limits(knob);
      QVERIFY(limits.min < limits.max);
      QVERIFY(check_safe(knob, limits.min));
      QVERIFY(check_safe(knob, limits.max));
      for (const auto bad : {limits.min - 1, limits.max + 1, INT64_MIN, INT64_MAX}) {
        const auto status = check_safe(knob, bad);
        QCOMPARE(status.code(), StatusCode::invalid_argument);
        QVERIFY(status.message().find(to_string(knob)) != std::string::npos);
        auto values = KnobValues::defaults();
        values[knob] = bad;
        QVERIFY(!check_safe(values));
      }
    }
  }

  void memtables_that_no_machine_holds_are_refused_together() {
    auto values = KnobValues::defaults();
    values[Knob::write_buffer_size] = 32 * kGiB;
    values[Knob::max_write_buffer_number] = 2;
    QVERIFY(check_safe(values));
    values[Knob::max_write_buffer_number] = 3;
    QCOMPARE(check_safe(values).code(), StatusCode::invalid_argument);
  }

  void an_arena_block_is_whole_pages_and_far_below_its_memtable() {
    QCOMPARE(arena_block_bytes(64 * kMiB), kMiB);
    QCOMPARE(arena_block_bytes(1 * kMiB), 128 * kKiB);
    const auto limits = safe_limits(Knob::write_buffer_size);
    for (auto size = limits.min; size < 16 * kMiB; size += 12'345) {
      const auto block = arena_block_bytes(size);
      QCOMPARE(block % (4 * kKiB), std::int64_t{0});
      QVERIFY(block * 10 < size * 4);  // RocksDB aborts from 0.4 × write_buffer_size
    }
  }

  void slowdown_and_stop_stay_above_the_compaction_trigger() {
    QCOMPARE(l0_triggers(4).slowdown, 20);
    QCOMPARE(l0_triggers(4).stop, 36);
    const auto limits = safe_limits(Knob::level0_file_num_compaction_trigger);
    for (auto trigger = limits.min; trigger <= limits.max; ++trigger) {
      const auto triggers = l0_triggers(trigger);
      QVERIFY(trigger < triggers.slowdown);
      QVERIFY(triggers.slowdown < triggers.stop);
    }
  }
};

QTEST_APPLESS_MAIN(KnobSafetyTest)
#include "knob_safety_test.moc"
