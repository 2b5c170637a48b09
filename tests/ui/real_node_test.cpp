// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The Tuning page on a real engine: what is set by hand is in force in RocksDB, and after a reopen.
#include <QApplication>
#include <QPushButton>
#include <QTemporaryDir>
#include <QtTest>

#include "engine/node/open_node.h"
#include "ui/bridge/node_session.h"
#include "ui/pages/knob_panel.h"
#include "ui/pages/tuning_page.h"
#include "ui/pages/value_editor.h"
#include "ui/shell/theme.h"

using namespace nodetune;

namespace {

struct KnobCase {
  Knob knob;
  const char* text;
};

constexpr std::array kByHand = {
    KnobCase{Knob::write_buffer_size, "96MiB"},
    KnobCase{Knob::max_write_buffer_number, "5"},
    KnobCase{Knob::target_file_size_base, "32MiB"},
    KnobCase{Knob::level0_file_num_compaction_trigger, "8"},
    KnobCase{Knob::max_background_jobs, "3"},
    KnobCase{Knob::compression, "zstd"},
    KnobCase{Knob::block_cache_size, "100MiB"},
    KnobCase{Knob::bloom_bits_per_key, "14"},
};

std::optional<std::int64_t> in_force(const Node& node, Knob knob) {
  for (const auto& state : node.knobs()) {
    if (state.knob == knob) return state.current;
  }
  return std::nullopt;
}

}  // namespace

class RealNodeTest : public QObject {
  Q_OBJECT
 private slots:
  void every_knob_set_in_the_window_is_in_force_audited_and_survives_a_reopen() {
    const QTemporaryDir folder;
    const auto path = folder.path().toStdString() + "/node";
    {
      NodeSession session;
      QSignalSpy opened(&session, &NodeSession::opened);
      session.open("node", [path](JobControl&) {
        OpenOptions options;
        options.create_if_missing = true;
        return open_node(path, options);
      });
      QTRY_COMPARE_WITH_TIMEOUT(opened.count(), 1, 30'000);
      Theme theme(qApp);
      TuningPage page(session, theme);
      page.resize(948, 900);
      page.show();
      for (const auto& [knob, text] : kByHand) {
        const auto wanted = parse_knob(knob, text).value();
        QVERIFY(in_force(*session.node(), knob) != wanted);
        page.findChild<KnobPanel*>()->choose(knob);
        page.findChild<ValueEditor*>("value")->set_text(text);
        auto* const apply = page.findChild<QPushButton*>("apply");
        QTRY_VERIFY_WITH_TIMEOUT(apply->isEnabled(), 30'000);
        QTest::mouseClick(apply, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(in_force(*session.node(), knob) == wanted, 30'000);
        const auto audit = session.node()->audit();
        QVERIFY(std::any_of(audit.begin(), audit.end(), [&](const AuditEntry& entry) {
          return entry.kind == AuditKind::done && entry.what == to_string(knob) &&
                 entry.to == knob_text(knob, wanted);
        }));
      }
      QSignalSpy closed(&session, &NodeSession::closed);
      session.close();
      QTRY_COMPARE_WITH_TIMEOUT(closed.count(), 1, 30'000);
    }
    const auto again = open_node(path);
    QVERIFY2(again, again ? "" : again.status().message().c_str());
    for (const auto& [knob, text] : kByHand) {
      QCOMPARE(in_force(**again, knob).value(), parse_knob(knob, text).value());
    }
  }
};

QTEST_MAIN(RealNodeTest)
#include "real_node_test.moc"
