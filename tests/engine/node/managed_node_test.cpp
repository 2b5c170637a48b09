// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <QDir>
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

#include "engine/base/format.h"
#include "engine/node/open_node.h"

using namespace nodetune;
using namespace std::chrono_literals;

namespace {

OpenOptions test_bench() {
  OpenOptions options;
  options.create_if_missing = true;
  options.sample_period = 20ms;
  options.tuner.interval = 1h;  // rounds only when a test asks for one
  return options;
}

// Carries out a command and waits for what became of it.
CommandOutcome carry_out(Node& node, Command command) {
  const auto ticket = node.submit(std::move(command));
  if (!ticket) return {0, {}, ticket.status(), ticket.status().message()};
  CommandOutcome outcome;
  const bool came = QTest::qWaitFor(
      [&] {
        for (const auto& one : node.outcomes(*ticket - 1)) {
          if (one.ticket == *ticket) outcome = one;
        }
        return outcome.ticket == *ticket;
      },
      20'000);
  if (!came) outcome.status = Status(StatusCode::failed, "no outcome within 20 s");
  return outcome;
}

std::optional<std::int64_t> knob_of(const Node& node, Knob knob) {
  for (const auto& state : node.knobs()) {
    if (state.knob == knob) return state.current;
  }
  return std::nullopt;
}

std::uint64_t cache_capacity(const Node& node, ObjectKind kind) {
  for (const auto& cache : node.caches()) {
    if (cache.kind == kind) return cache.counters.capacity_bytes;
  }
  return 0;
}

bool is_audited(const Node& node, std::string_view what, std::string_view to) {
  for (const auto& entry : node.audit()) {
    if (entry.kind == AuditKind::done && entry.what == what && entry.to == to) return true;
  }
  return false;
}

struct KnobCase {
  Knob knob;
  std::int64_t value;
};

constexpr std::array kOtherValues = {
    KnobCase{Knob::write_buffer_size, 96 * kMiB},
    KnobCase{Knob::max_write_buffer_number, 5},
    KnobCase{Knob::target_file_size_base, 32 * kMiB},
    KnobCase{Knob::level0_file_num_compaction_trigger, 8},
    KnobCase{Knob::max_background_jobs, 3},
    KnobCase{Knob::compression, static_cast<std::int64_t>(Compression::zstd)},
    KnobCase{Knob::block_cache_size, 100 * kMiB},
    KnobCase{Knob::bloom_bits_per_key, 14},
};

}  // namespace

class ManagedNodeTest : public QObject {
  Q_OBJECT
 private slots:
  void write_paths_are_chosen_by_what_they_cost_on_this_disk() {
    const QTemporaryDir folder;
    const auto path = folder.filePath("bench").toStdString();
    std::string first;
    for (int open = 0; open < 2; ++open) {
      const auto node = open_node(path, test_bench());
      QVERIFY2(node, node.status().message().c_str());
      const auto choice = (*node)->batches().path_choice;
      QVERIFY2(choice.starts_with("Chosen by what each path costs on this disk ("), choice.c_str());
      if (open == 0) first = choice;
      QCOMPARE(choice, first);  // measured once, remembered
      QVERIFY((*node)->close());
    }
  }

  void every_knob_set_by_hand_is_in_force_survives_a_reopen_and_is_audited() {
    QTemporaryDir folder;
    const auto path = folder.path().toStdString() + "/node";
    {
      auto node = open_node(path, test_bench());
      QVERIFY2(node, node ? "" : node.status().message().c_str());
      for (const auto& [knob, value] : kOtherValues) {
        QVERIFY(knob_of(**node, knob) != value);
        const auto outcome = carry_out(**node, SetKnob{knob, value});
        QVERIFY2(outcome.status, outcome.text.c_str());
        QCOMPARE(knob_of(**node, knob).value(), value);
        QVERIFY(is_audited(**node, to_string(knob), knob_text(knob, value)));
      }
      QVERIFY((*node)->close());
    }
    auto again = open_node(path, test_bench());
    QVERIFY(again);
    for (const auto& [knob, value] : kOtherValues) {
      QCOMPARE(knob_of(**again, knob).value(), value);
      QVERIFY(is_audited(**again, to_string(knob), knob_text(knob, value)));
    }
  }

  void a_dangerous_value_is_refused_with_the_reason_and_changes_nothing_data() {
    QTest::addColumn<int>("knob");
    QTest::addColumn<qlonglong>("value");
    const auto row = [](const char* name, Knob knob, std::int64_t value) {
      QTest::newRow(name) << static_cast<int>(knob) << static_cast<qlonglong>(value);
    };
    row("write buffer 0 aborts", Knob::write_buffer_size, 0);
    row("write buffer 1024 aborts", Knob::write_buffer_size, 1024);
    row("write buffer 420000 aborts", Knob::write_buffer_size, 420'000);
    row("write buffer -1 is 2^64-1", Knob::write_buffer_size, -1);
    row("0 memtables hang", Knob::max_write_buffer_number, 0);
    row("-3 memtables hang", Knob::max_write_buffer_number, -3);
    row("trigger 0", Knob::level0_file_num_compaction_trigger, 0);
    row("trigger -1", Knob::level0_file_num_compaction_trigger, -1);
    row("trigger above slowdown", Knob::level0_file_num_compaction_trigger, 1'000'000);
    row("target file 0", Knob::target_file_size_base, 0);
    row("no such compression", Knob::compression, 0xff);
    row("no background jobs", Knob::max_background_jobs, 0);
    row("negative block cache", Knob::block_cache_size, -1);
    row("negative bloom bits", Knob::bloom_bits_per_key, -1);
  }
  void a_dangerous_value_is_refused_with_the_reason_and_changes_nothing() {
    QFETCH(int, knob);
    QFETCH(qlonglong, value);
    const auto which = static_cast<Knob>(knob);
    QTemporaryDir folder;
    auto node = open_node(folder.path().toStdString() + "/node", test_bench());
    QVERIFY(node);
    const auto before = knob_of(**node, which);
    const auto outcome = carry_out(**node, SetKnob{which, value});
    QCOMPARE(outcome.status.code(), StatusCode::invalid_argument);
    QVERIFY(outcome.text.find(std::string(to_string(which))) != std::string::npos);
    QCOMPARE(knob_of(**node, which).value(), before.value());
  }

  void an_undone_change_is_gone() {
    QTemporaryDir folder;
    auto node = open_node(folder.path().toStdString() + "/node", test_bench());
    QVERIFY(node);
    const auto before = knob_of(**node, Knob::write_buffer_size).value();
    QVERIFY(carry_out(**node, SetKnob{Knob::write_buffer_size, 80 * kMiB}).status);
    std::uint64_t change = 0;
    for (const auto& entry : (*node)->audit()) change = entry.change;
    QVERIFY(carry_out(**node, UndoChange{change}).status);
    QCOMPARE(knob_of(**node, Knob::write_buffer_size).value(), before);
  }

  void caches_and_threshold_set_by_hand_survive_a_reopen() {
    QTemporaryDir folder;
    const auto path = folder.path().toStdString() + "/node";
    {
      auto node = open_node(path, test_bench());
      QVERIFY(node);
      QVERIFY(carry_out(**node, ResizeCache{ObjectKind::account, 5 * kMiB}).status);
      QVERIFY(carry_out(**node, SetBatchThreshold{777}).status);
      QVERIFY(!carry_out(**node, ResizeCache{ObjectKind::account, -5}).status);
      QVERIFY(!carry_out(**node, SetBatchThreshold{0}).status);
      QCOMPARE(cache_capacity(**node, ObjectKind::account), std::uint64_t{5 * kMiB});
    }
    auto again = open_node(path, test_bench());
    QVERIFY(again);
    QCOMPARE(cache_capacity(**again, ObjectKind::account), std::uint64_t{5 * kMiB});
    QCOMPARE((*again)->batches().auto_commit_threshold, 777);
  }

  void durability_and_batch_mode_survive_a_reopen() {
    QTemporaryDir folder;
    const auto path = folder.path().toStdString() + "/node";
    {
      auto node = open_node(path, test_bench());
      QVERIFY(node);
      QCOMPARE((*node)->batches().mode, BatchSizeMode::adaptive);
      QVERIFY(carry_out(**node, SetDurability{Durability::log_and_fsync}).status);
      QVERIFY(carry_out(**node, SetBatchSizeMode{BatchSizeMode::specification, 0.02}).status);
      QVERIFY(!carry_out(**node, SetBatchSizeMode{BatchSizeMode::adaptive, -1}).status);
      QCOMPARE((*node)->batches().mode, BatchSizeMode::specification);
    }
    {
      auto again = open_node(path, test_bench());
      QVERIFY(again);
      const auto batches = (*again)->batches();
      QCOMPARE(batches.mode, BatchSizeMode::specification);
      QCOMPARE(batches.commit_seconds_max, 0.02);
      QVERIFY(batches.durabilities[index_of(Durability::log_and_fsync)].in_force);
    }
    auto options = test_bench();
    options.batch_settings.durability = Durability::none;
    options.batch_settings.commit_seconds_max = 0.03;  // asks for the mode that has a limit
    auto asked = open_node(path, options);
    QVERIFY(asked);
    const auto batches = (*asked)->batches();
    QCOMPARE(batches.mode, BatchSizeMode::adaptive);
    QCOMPARE(batches.commit_seconds_max, 0.03);
    QVERIFY(batches.durabilities[index_of(Durability::none)].in_force);
    QCOMPARE(batches.durabilities[index_of(Durability::none)].price,
             std::string("not measured yet"));
  }

  void a_size_set_by_hand_survives_a_reopen_as_fixed() {
    QTemporaryDir folder;
    const auto path = folder.path().toStdString() + "/node";
    {
      auto node = open_node(path, test_bench());
      QVERIFY(node);
      QVERIFY(carry_out(**node, SetBatchSizeMode{BatchSizeMode::fixed, 0.05}).status);
      QVERIFY(carry_out(**node, SetBatchThreshold{999}).status);
      const auto told = carry_out(**node, OptimizeBatchSize{});
      QVERIFY(told.status);
    }
    auto again = open_node(path, test_bench());
    QVERIFY(again);
    QCOMPARE((*again)->batches().mode, BatchSizeMode::fixed);
    QCOMPARE((*again)->batches().auto_commit_threshold, 999);
    QVERIFY(carry_out(**again, SetBatchSizeMode{BatchSizeMode::adaptive, 0.05}).status);
    const auto told = carry_out(**again, OptimizeBatchSize{});
    QVERIFY(told.text.find("adaptive") != std::string::npos);
  }

  void a_workload_can_be_started_paused_resumed_and_stopped() {
    QTemporaryDir folder;
    auto options = test_bench();
    WorkloadSpec spec;
    spec.blocks_per_second = 50;
    spec.stop_below_free_ratio = 0;
    options.workload = spec;
    auto opened = open_node(folder.path().toStdString() + "/node", options);
    QVERIFY(opened);
    auto& node = **opened;
    using Action = ControlWorkload::Action;
    QCOMPARE(node.workload().state, WorkloadState::idle);
    QVERIFY(carry_out(node, ControlWorkload{Action::start}).status);
    QTRY_VERIFY_WITH_TIMEOUT(node.workload().blocks >= 3, 20'000);
    QVERIFY(carry_out(node, ControlWorkload{Action::pause}).status);
    QTRY_COMPARE_WITH_TIMEOUT(node.workload().state, WorkloadState::paused, 20'000);
    const auto paused_at = node.workload().blocks;
    QTest::qWait(100);
    QCOMPARE(node.workload().blocks, paused_at);
    QVERIFY(carry_out(node, ControlWorkload{Action::resume}).status);
    QTRY_VERIFY_WITH_TIMEOUT(node.workload().blocks > paused_at, 20'000);
    QVERIFY(carry_out(node, ControlWorkload{Action::stop}).status);
    QCOMPARE(node.workload().state, WorkloadState::stopped);
    const auto blocks = node.workload().blocks;
    QVERIFY(node.close());
    QCOMPARE(node.workload().committed_blocks, blocks);  // drained, nothing is pending
    QVERIFY(node.snapshot()->value(Metric::batch_commits_total) > 0);
    QVERIFY(std::isfinite(node.snapshot()->value(Metric::db_bytes_written_total)));
  }

  void a_recommendation_is_made_on_real_figures_approved_and_in_force() {
    QTemporaryDir folder;
    auto options = test_bench();
    // Any memory use is too much for these rules: the write buffer must come down.
    options.tuner.rules.memory_ratio_high = 0;
    auto opened = open_node(folder.path().toStdString() + "/node", options);
    QVERIFY(opened);
    auto& node = **opened;
    QTRY_VERIFY_WITH_TIMEOUT(node.snapshot()->sequence > 60, 20'000);
    const auto before = knob_of(node, Knob::write_buffer_size).value();
    const auto round = carry_out(node, TuneNow{});
    QVERIFY2(round.status, round.text.c_str());
    std::optional<Recommendation> found;
    for (const auto& item : node.recommendations()) {
      if (item.proposal.target.is_knob(Knob::write_buffer_size)) found = item;
    }
    QVERIFY(found.has_value());
    QVERIFY(!found->proposal.evidence.empty());
    QVERIFY(found->proposal.proposed < before);
    QCOMPARE(knob_of(node, Knob::write_buffer_size).value(), before);  // it waits

    DecideRecommendation too_small{found->id, DecideRecommendation::Decision::override_value, 1};
    QVERIFY(!carry_out(node, too_small).status);
    DecideRecommendation approve{found->id, DecideRecommendation::Decision::approve, 0};
    const auto outcome = carry_out(node, approve);
    QVERIFY2(outcome.status, outcome.text.c_str());
    QCOMPARE(knob_of(node, Knob::write_buffer_size).value(), found->proposal.proposed);
    QVERIFY(is_audited(node, "write_buffer_size",
                       knob_text(Knob::write_buffer_size, found->proposal.proposed)));
  }

  void the_same_directory_is_not_managed_twice() {
    QTemporaryDir folder;
    const auto path = folder.path().toStdString() + "/node";
    auto first = open_node(path, test_bench());
    QVERIFY(first);
    auto options = test_bench();
    options.start_workload = true;
    const auto second = open_node(path, options);
    QCOMPARE(second.status().code(), StatusCode::locked);
  }

  void another_chain_is_refused_in_a_directory_that_has_one() {
    QTemporaryDir folder;
    const auto path = folder.path().toStdString() + "/node";
    { QVERIFY(open_node(path, test_bench())); }
    auto options = test_bench();
    WorkloadSpec other;
    SyntheticConfig another_seed;
    another_seed.seed = 99;
    other.what = another_seed;
    options.workload = other;
    QCOMPARE(open_node(path, options).status().code(), StatusCode::invalid_argument);
  }

  void opening_and_closing_leaks_no_descriptor() {
    QTemporaryDir folder;
    const auto path = folder.path().toStdString() + "/node";
    const auto descriptors = [] { return QDir("/proc/self/fd").entryList().size(); };
    { QVERIFY(open_node(path, test_bench())); }
    const auto before = descriptors();
    for (int i = 0; i < 20; ++i) QVERIFY(open_node(path, test_bench()));
    QCOMPARE(descriptors(), before);
  }
};

QTEST_GUILESS_MAIN(ManagedNodeTest)
#include "managed_node_test.moc"
