// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/tuner/rules.h"

#include <QtTest>
#include <algorithm>
#include <functional>

using namespace nodetune;

namespace {

constexpr int kNone = -1;  // an expected value that says: silent

// Figures of a node that is well: no rule has anything to say.
TunerFigures healthy() {
  TunerFigures figures;
  figures.window_seconds = 60;
  figures.stalled_seconds = 0;
  figures.memory_ratio = 0.8;
  figures.l0_files = 2;
  figures.disk_remaining_ratio = 0.5;
  figures.block_cache_hit_ratio = 0.9;
  figures.block_cache_lookups = 1e6;
  figures.cpu_ratio = 0.4;
  return figures;
}

struct Case {
  const char* name;
  const char* rule;
  std::function<void(TunerFigures&, KnobValues&)> arrange;
  std::int64_t expected;
};

std::int64_t index(Compression compression) {
  return static_cast<std::int64_t>(compression);
}

void set(KnobValues& values, Compression compression) {
  values[Knob::compression] = index(compression);
}

const Rule* rule_named(std::string_view name) {
  const auto found = std::ranges::find(rules(), name, &Rule::name);
  return found == rules().end() ? nullptr : &*found;
}

const Proposal* of(const std::vector<Proposal>& proposals, Knob knob) {
  const auto found = std::ranges::find_if(
      proposals, [&](const Proposal& proposal) { return proposal.target.is_knob(knob); });
  return found == proposals.end() ? nullptr : &*found;
}

using F = TunerFigures;
using K = KnobValues;

std::vector<Case> write_buffer_cases() {
  return {
      {"stalls above", "write_buffer_stalls", [](F& f, K&) { f.stalled_seconds = 5.01; },
       96 * kMiB},
      {"stalls at", "write_buffer_stalls", [](F& f, K&) { f.stalled_seconds = 5; }, kNone},
      {"stalls none", "write_buffer_stalls", [](F&, K&) {}, kNone},
      {"stalls unknown", "write_buffer_stalls", [](F& f, K&) { f.stalled_seconds.reset(); }, kNone},
      {"stalls, near the ceiling", "write_buffer_stalls",
       [](F& f, K& k) {
         f.stalled_seconds = 30;
         k[Knob::write_buffer_size] = 500 * kMiB;
       },
       512 * kMiB},
      {"stalls, at the ceiling", "write_buffer_stalls",
       [](F& f, K& k) {
         f.stalled_seconds = 30;
         k[Knob::write_buffer_size] = 512 * kMiB;
       },
       kNone},
      {"stalls, set by hand above the ceiling", "write_buffer_stalls",
       [](F& f, K& k) {
         f.stalled_seconds = 30;
         k[Knob::write_buffer_size] = kGiB;
       },
       kNone},
      {"memory above", "write_buffer_memory", [](F& f, K&) { f.memory_ratio = 0.91; },
       static_cast<std::int64_t>(64.0 * kMiB * 0.8)},
      {"memory at", "write_buffer_memory", [](F& f, K&) { f.memory_ratio = 0.9; }, kNone},
      {"memory unknown", "write_buffer_memory", [](F& f, K&) { f.memory_ratio.reset(); }, kNone},
      {"memory, near the floor", "write_buffer_memory",
       [](F& f, K& k) {
         f.memory_ratio = 0.99;
         k[Knob::write_buffer_size] = 9 * kMiB;
       },
       8 * kMiB},
      {"memory, at the floor", "write_buffer_memory",
       [](F& f, K& k) {
         f.memory_ratio = 0.99;
         k[Knob::write_buffer_size] = 8 * kMiB;
       },
       kNone},
      {"memory, set by hand below the floor", "write_buffer_memory",
       [](F& f, K& k) {
         f.memory_ratio = 0.99;
         k[Knob::write_buffer_size] = 2 * kMiB;
       },
       kNone},
  };
}

std::vector<Case> compaction_cases() {
  return {
      {"L0 above twice the trigger", "l0_compaction_trigger", [](F& f, K&) { f.l0_files = 9; }, 3},
      {"L0 at twice the trigger", "l0_compaction_trigger", [](F& f, K&) { f.l0_files = 8; }, kNone},
      {"L0 unknown", "l0_compaction_trigger", [](F& f, K&) { f.l0_files.reset(); }, kNone},
      {"trigger 3 becomes 2", "l0_compaction_trigger",
       [](F& f, K& k) {
         f.l0_files = 50;
         k[Knob::level0_file_num_compaction_trigger] = 3;
       },
       2},
      {"trigger 2 never becomes 1", "l0_compaction_trigger",
       [](F& f, K& k) {
         f.l0_files = 50;
         k[Knob::level0_file_num_compaction_trigger] = 2;
       },
       kNone},
      {"trigger 1 never becomes 0", "l0_compaction_trigger",
       [](F& f, K& k) {
         f.l0_files = 50;
         k[Knob::level0_file_num_compaction_trigger] = 1;
       },
       kNone},
      {"jobs on L0", "l0_background_jobs", [](F& f, K&) { f.l0_files = 9; }, 4},
      {"jobs, L0 at", "l0_background_jobs", [](F& f, K&) { f.l0_files = 8; }, kNone},
      {"jobs, L0 unknown", "l0_background_jobs", [](F& f, K&) { f.l0_files.reset(); }, kNone},
      {"jobs 15 become 16", "l0_background_jobs",
       [](F& f, K& k) {
         f.l0_files = 9;
         k[Knob::max_background_jobs] = 15;
       },
       16},
      {"jobs at the ceiling", "l0_background_jobs",
       [](F& f, K& k) {
         f.l0_files = 9;
         k[Knob::max_background_jobs] = 16;
       },
       kNone},
      {"disk below", "disk_target_file_size", [](F& f, K&) { f.disk_remaining_ratio = 0.099; },
       32 * kMiB},
      {"disk at", "disk_target_file_size", [](F& f, K&) { f.disk_remaining_ratio = 0.1; }, kNone},
      {"disk unknown", "disk_target_file_size", [](F& f, K&) { f.disk_remaining_ratio.reset(); },
       kNone},
      {"files at the floor", "disk_target_file_size",
       [](F& f, K& k) {
         f.disk_remaining_ratio = 0.01;
         k[Knob::target_file_size_base] = 8 * kMiB;
       },
       kNone},
  };
}

std::vector<Case> block_cache_cases() {
  const auto by = [](double factor) { return static_cast<std::int64_t>(256.0 * kMiB * factor); };
  const auto figures = [](double hits, double memory) {
    return [hits, memory](F& f, K&) {
      f.block_cache_hit_ratio = hits;
      f.memory_ratio = memory;
    };
  };
  return {
      {"few hits, memory free", "block_cache_low_hits", figures(0.79, 0.69), by(1.2)},
      {"few hits, hits at", "block_cache_low_hits", figures(0.8, 0.69), kNone},
      {"few hits, memory at", "block_cache_low_hits", figures(0.79, 0.7), kNone},
      {"few hits of a handful", "block_cache_low_hits",
       [](F& f, K&) {
         f.block_cache_hit_ratio = 0.1;
         f.block_cache_lookups = 99;
         f.memory_ratio = 0.3;
       },
       kNone},
      {"no lookups", "block_cache_low_hits",
       [](F& f, K&) {
         f.block_cache_hit_ratio.reset();
         f.memory_ratio = 0.3;
       },
       kNone},
      {"few hits, memory unknown", "block_cache_low_hits",
       [](F& f, K&) {
         f.block_cache_hit_ratio = 0.1;
         f.memory_ratio.reset();
       },
       kNone},
      {"many hits, memory plenty", "block_cache_high_hits", figures(0.951, 0.49), by(1.5)},
      {"many hits, hits at", "block_cache_high_hits", figures(0.95, 0.49), kNone},
      {"many hits, memory at", "block_cache_high_hits", figures(0.951, 0.5), kNone},
      {"many hits, near the recommended maximum", "block_cache_high_hits",
       [](F& f, K& k) {
         f.block_cache_hit_ratio = 0.99;
         f.memory_ratio = 0.2;
         k[Knob::block_cache_size] = 3 * kGiB;
       },
       4 * kGiB},
      {"many hits, at the recommended maximum", "block_cache_high_hits",
       [](F& f, K& k) {
         f.block_cache_hit_ratio = 0.99;
         f.memory_ratio = 0.2;
         k[Knob::block_cache_size] = 4 * kGiB;
       },
       kNone},
  };
}

std::vector<Case> compression_cases() {
  const auto cpu = [](double ratio, double disk, Compression compression) {
    return [=](F& f, K& k) {
      f.cpu_ratio = ratio;
      f.disk_remaining_ratio = disk;
      set(k, compression);
    };
  };
  using C = Compression;
  return {
      {"CPU: zstd to lz4", "compression_cpu", cpu(0.91, 0.31, C::zstd), index(C::lz4)},
      {"CPU: zlib to snappy", "compression_cpu", cpu(0.91, 0.31, C::zlib), index(C::snappy)},
      {"CPU: lz4 stays", "compression_cpu", cpu(0.91, 0.31, C::lz4), kNone},
      {"CPU: snappy stays", "compression_cpu", cpu(0.91, 0.31, C::snappy), kNone},
      {"CPU: none stays", "compression_cpu", cpu(0.91, 0.31, C::none), kNone},
      {"CPU at", "compression_cpu", cpu(0.9, 0.31, C::zstd), kNone},
      {"CPU, disk at", "compression_cpu", cpu(0.91, 0.3, C::zstd), kNone},
      {"CPU unknown", "compression_cpu",
       [](F& f, K& k) {
         f.cpu_ratio.reset();
         set(k, C::zstd);
       },
       kNone},
      {"CPU, disk unknown", "compression_cpu",
       [](F& f, K& k) {
         f.cpu_ratio = 1;
         f.disk_remaining_ratio.reset();
         set(k, C::zstd);
       },
       kNone},
      {"disk: none to snappy", "compression_disk", cpu(0.1, 0.149, C::none), index(C::snappy)},
      {"disk: snappy to lz4", "compression_disk", cpu(0.1, 0.149, C::snappy), index(C::lz4)},
      {"disk: lz4 to zstd", "compression_disk", cpu(0.1, 0.149, C::lz4), index(C::zstd)},
      {"disk: zlib stays", "compression_disk", cpu(0.1, 0.149, C::zlib), kNone},
      {"disk: zstd stays", "compression_disk", cpu(0.1, 0.149, C::zstd), kNone},
      {"compression, disk at", "compression_disk", cpu(0.1, 0.15, C::none), kNone},
  };
}

}  // namespace

class RulesTest : public QObject {
  Q_OBJECT

  static std::vector<Case> cases() {
    auto all = write_buffer_cases();
    for (const auto& more : {compaction_cases(), block_cache_cases(), compression_cases()}) {
      all.insert(all.end(), more.begin(), more.end());
    }
    return all;
  }

 private slots:
  void a_rule_fires_beyond_its_threshold_and_is_silent_at_it_data() {
    QTest::addColumn<int>("number");
    const auto all = cases();
    for (std::size_t i = 0; i < all.size(); ++i) QTest::newRow(all[i].name) << static_cast<int>(i);
  }
  void a_rule_fires_beyond_its_threshold_and_is_silent_at_it() {
    QFETCH(int, number);
    const auto each = cases()[static_cast<std::size_t>(number)];
    auto figures = healthy();
    auto values = KnobValues::defaults();
    each.arrange(figures, values);
    const auto* const rule = rule_named(each.rule);
    QVERIFY(rule != nullptr);
    const auto proposal = rule->propose(figures, values, {});
    if (each.expected == kNone) {
      QVERIFY2(!proposal, "fired without a reason");
      return;
    }
    QVERIFY2(proposal.has_value(), "stayed silent");
    QCOMPARE(proposal->proposed, each.expected);
    QCOMPARE(proposal->current, values[rule->knob]);
    QVERIFY(proposal->target.is_knob(rule->knob));
    QVERIFY(!proposal->evidence.empty());
    for (const auto& evidence : proposal->evidence) {
      const bool crossed = evidence.comparison == Comparison::above
                               ? evidence.value > evidence.threshold
                               : evidence.value < evidence.threshold;
      QVERIFY2(crossed, sentence(evidence).c_str());
    }
    QVERIFY(!proposal->expected.empty() && !proposal->risk.empty() &&
            !proposal->reversibility.empty());
  }

  void a_healthy_node_gets_no_advice() {
    QVERIFY(evaluate(healthy(), KnobValues::defaults(), {}).empty());
  }
  void a_node_of_which_nothing_is_known_gets_no_advice() {
    QVERIFY(evaluate({}, KnobValues::defaults(), {}).empty());
  }
  void thresholds_can_be_configured() {
    auto figures = healthy();
    figures.stalled_seconds = 3;
    RuleConfig config;
    config.stalled_seconds_max = 2;
    QCOMPARE(evaluate(figures, KnobValues::defaults(), config).size(), std::size_t{1});
  }
  void one_change_never_exceeds_the_step_limit() {
    auto figures = healthy();
    figures.stalled_seconds = 60;
    RuleConfig config;
    config.write_buffer_grow_factor = 100;
    const auto proposals = evaluate(figures, KnobValues::defaults(), config);
    QCOMPARE(proposals.at(0).proposed, 128 * kMiB);
  }
  void what_validation_would_refuse_is_not_proposed() {
    auto figures = healthy();
    figures.stalled_seconds = 60;
    const KnobContext context{.memory_limit_bytes = 2.0 * kGiB};
    QVERIFY(evaluate(figures, KnobValues::defaults(), {}, context).empty());
  }
  void a_rule_looks_only_when_its_knobs_are_known() {
    auto figures = healthy();
    figures.stalled_seconds = 60;
    figures.l0_files = 100;
    QVERIFY(evaluate(figures, KnownKnobs::none(), {}).empty());
    auto known = KnownKnobs::none();
    known.set(Knob::write_buffer_size, 64 * kMiB);
    QVERIFY(evaluate(figures, known, {}).empty());  // how many of them is not known
    known.set_judged(Knob::max_write_buffer_number, 4);
    const KnobContext context{.families = 3};
    auto proposals = evaluate(figures, known, {}, context);
    QCOMPARE(proposals.size(), std::size_t{1});
    QVERIFY2(proposals[0].risk.find("96 MiB × 4 × 3 families") != std::string::npos,
             proposals[0].risk.c_str());
    // The fullest family's trigger tells that jobs are too few, but is not changed for all.
    known.set_judged(Knob::level0_file_num_compaction_trigger, 4);
    known.set(Knob::max_background_jobs, 2);
    proposals = evaluate(figures, known, {}, context);
    QCOMPARE(proposals.size(), std::size_t{2});
    QVERIFY(proposals[1].target.is_knob(Knob::max_background_jobs));
  }
  void values_of_a_foreign_database_crash_no_rule() {
    auto figures = healthy();
    figures.stalled_seconds = 60;
    figures.memory_ratio = 0.1;
    figures.l0_files = 1e6;
    figures.disk_remaining_ratio = 0.01;
    figures.block_cache_hit_ratio = 0.1;
    figures.cpu_ratio = 1;
    for (const auto value : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, INT64_MAX}) {
      KnobValues values;
      values.values.fill(value);
      for (const auto& proposal : evaluate(figures, values, {})) {
        const auto& row = knob_info(proposal.target.knob);
        QVERIFY(proposal.proposed >= row.minimum && proposal.proposed <= row.maximum);
      }
    }
  }

  void stalls_and_memory_pressure_become_one_recommendation_that_says_so() {
    auto figures = healthy();
    figures.stalled_seconds = 12;
    figures.memory_ratio = 0.95;
    const auto values = KnobValues::defaults();
    const auto proposals = evaluate(figures, values, {});
    QCOMPARE(proposals.size(), std::size_t{1});
    const auto& proposal = proposals.front();
    QVERIFY(proposal.contradiction.has_value());
    QCOMPARE(proposal.contradiction->first_rule, std::string("write_buffer_stalls"));
    QCOMPARE(proposal.contradiction->second_rule, std::string("write_buffer_memory"));
    QCOMPARE(proposal.evidence.size(), std::size_t{2});
    QVERIFY(proposal.proposed < proposal.current);
    QVERIFY2(proposal.proposed > static_cast<std::int64_t>(64.0 * kMiB * 0.8),
             "the contradiction asks for a smaller step than memory alone");
  }
  void at_the_floor_stalls_do_not_win_over_memory() {
    auto figures = healthy();
    figures.stalled_seconds = 12;
    figures.memory_ratio = 0.95;
    auto values = KnobValues::defaults();
    values[Knob::write_buffer_size] = 8 * kMiB;
    QVERIFY(evaluate(figures, values, {}).empty());
  }
  void a_cache_does_not_grow_while_memory_is_short() {
    auto figures = healthy();
    figures.memory_ratio = 0.95;
    figures.block_cache_hit_ratio = 0.1;
    RuleConfig config;
    config.memory_ratio_for_growth = 1;  // overlaps with memory_ratio_high
    const auto proposals = evaluate(figures, KnobValues::defaults(), config);
    QCOMPARE(proposals.size(), std::size_t{1});
    QVERIFY(proposals.front().target.is_knob(Knob::write_buffer_size));
    QVERIFY(proposals.front().contradiction.has_value());
    QCOMPARE(proposals.front().contradiction->first_rule, std::string("block_cache_low_hits"));
    QVERIFY(proposals.front().evidence.size() >= 2);
  }
  void no_compression_is_asked_to_get_lighter_and_denser_at_once() {
    auto figures = healthy();
    figures.cpu_ratio = 0.95;
    figures.disk_remaining_ratio = 0.12;
    RuleConfig config;  // both rules' conditions hold
    config.disk_remaining_plenty = 0.1;
    config.disk_remaining_low = 0.2;
    config.disk_remaining_critical = 0;
    for (const auto compression : kCompressions) {
      auto values = KnobValues::defaults();
      set(values, compression);
      const auto* const lighter = rule_named("compression_cpu");
      const auto* const denser = rule_named("compression_disk");
      QVERIFY(lighter->propose(figures, values, config).has_value() !=
              denser->propose(figures, values, config).has_value());
      QCOMPARE(evaluate(figures, values, config).size(), std::size_t{1});
    }
  }
  void two_rules_with_one_wish_take_the_smaller_step() {
    auto figures = healthy();
    figures.memory_ratio = 0.3;
    RuleConfig config;
    config.hit_ratio_low = 0.95;
    config.hit_ratio_high = 0.85;  // overlap: both fire at 0.9
    const auto proposals = evaluate(figures, KnobValues::defaults(), config);
    QCOMPARE(proposals.size(), std::size_t{1});
    QCOMPARE(proposals.front().proposed, static_cast<std::int64_t>(256.0 * kMiB * 1.2));
    QVERIFY(!proposals.front().contradiction);
  }
  void the_l0_rule_names_the_family_and_warns_of_a_busy_cpu() {
    auto figures = healthy();
    figures.l0_files = 20;
    figures.l0_family = "state_nodes";
    figures.cpu_ratio = 0.95;
    const auto proposals = evaluate(figures, KnobValues::defaults(), {});
    const auto* const jobs = of(proposals, Knob::max_background_jobs);
    QVERIFY(jobs != nullptr);
    QVERIFY(jobs->evidence.front().text.find("state_nodes") != std::string::npos);
    QVERIFY(jobs->risk.find("95 %") != std::string::npos);
    QVERIFY(of(proposals, Knob::level0_file_num_compaction_trigger) != nullptr);
  }
  void evidence_reads_as_a_sentence() {
    auto figures = healthy();
    figures.stalled_seconds = 8;
    const auto proposals = evaluate(figures, KnobValues::defaults(), {});
    QCOMPARE(sentence(proposals.at(0).evidence.at(0)),
             std::string("Stalled seconds: " + format_seconds(8) + " in " + format_seconds(60) +
                         ", above " + format_seconds(5)));
  }
};

QTEST_APPLESS_MAIN(RulesTest)
#include "rules_test.moc"
