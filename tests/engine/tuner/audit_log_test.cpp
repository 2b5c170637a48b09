// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/tuner/audit_log.h"

#include <sys/resource.h>

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>
#include <csignal>

#include "engine/base/format.h"

using namespace nodetune;

namespace {

const Target kTarget = Target::of(Knob::write_buffer_size);

std::unique_ptr<AuditLog> open_log(const QString& path, Clock& clock,
                                   const AuditLogConfig& config = {}) {
  auto opened = AuditLog::open(path.toStdString(), clock, config);
  if (!opened) qFatal("%s", opened.status().message().c_str());
  return std::move(*opened);
}

QByteArray contents(const QString& path) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) return {};
  return file.readAll();
}

void overwrite(const QString& path, const QByteArray& bytes) {
  QFile file(path);
  QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
  QCOMPARE(file.write(bytes), bytes.size());
}

// A disk that is full after so many bytes of one file: write() fails as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const ::rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  ::rlimit before_{};
};

}  // namespace

class AuditLogTest : public QObject {
  Q_OBJECT
  ManualClock clock_;

 private slots:
  void what_is_appended_is_read_back_by_the_next_open() {
    const QTemporaryDir folder;
    const auto path = folder.filePath("audit.jsonl");
    {
      auto log = open_log(path, clock_);
      const auto id = log->begin(Actor::node_operator, kTarget, 64 * kMiB, 96 * kMiB,
                                 "by hand: \"quotes\"\nand lines");
      QVERIFY(id);
      QVERIFY(log->end(*id, AuditKind::done, Actor::node_operator, "in force"));
      clock_.advance(std::chrono::seconds(5));
      QVERIFY(log->append({.kind = AuditKind::state,
                           .who = Actor::tuner,
                           .recommendation = 9,
                           .what = "write_buffer_size",
                           .from = "proposed",
                           .to = "expired",
                           .outcome = {},
                           .reason = "µ\xff"}));
    }
    const auto log = open_log(path, clock_);
    const auto entries = log->entries();
    QCOMPARE(entries.size(), std::size_t{3});
    QCOMPARE(entries[0].kind, AuditKind::intent);
    QCOMPARE(entries[0].from, std::string("67108864"));
    QCOMPARE(entries[0].reason, std::string("by hand: \"quotes\"\nand lines"));
    QCOMPARE(entries[1].kind, AuditKind::done);
    QCOMPARE(entries[1].change, entries[0].change);
    QCOMPARE(entries[2].recommendation, std::uint64_t{9});
    QCOMPARE(entries[2].time - entries[0].time, Duration(std::chrono::seconds(5)));
    QVERIFY(entries[0].sequence < entries[1].sequence && entries[1].sequence < entries[2].sequence);
    QVERIFY(log->find_done(entries[0].change).has_value());
    QVERIFY(!log->find_done(entries[2].sequence).has_value());
    QVERIFY(log->unfinished().empty());
    QCOMPARE(log->unreadable_lines(), std::uint64_t{0});
  }
  void an_intent_without_an_end_is_found_at_open() {
    const QTemporaryDir folder;
    const auto path = folder.filePath("audit.jsonl");
    std::uint64_t id = 0;
    {
      auto log = open_log(path, clock_);
      id = *log->begin(Actor::tuner, kTarget, 1, 2, "x");
    }
    auto log = open_log(path, clock_);
    QCOMPARE(log->unfinished().size(), std::size_t{1});
    QCOMPARE(log->unfinished().at(0).change, id);
    QVERIFY(!log->begin(Actor::tuner, kTarget, 1, 3, "a second one on the same knob"));
    QVERIFY(log->begin(Actor::tuner, Target::of(Knob::compression), 1, 3, "another knob"));
    QVERIFY(log->end(id, AuditKind::rolled_back, Actor::recovery, "x"));
    QVERIFY2(!log->end(id, AuditKind::done, Actor::recovery, "x"), "an intent ends once");
    QVERIFY(!log->end(id + 100, AuditKind::done, Actor::recovery, "x"));
  }
  void a_file_cut_at_any_byte_keeps_every_whole_line_and_takes_new_ones() {
    const QTemporaryDir folder;
    const auto path = folder.filePath("audit.jsonl");
    {
      auto log = open_log(path, clock_);
      for (int i = 0; i < 3; ++i) {
        QVERIFY(log->append({.what = "note " + std::to_string(i),
                             .from = {},
                             .to = {},
                             .outcome = {},
                             .reason = {}}));
      }
    }
    const auto whole = contents(path);
    for (qsizetype size = 0; size <= whole.size(); ++size) {
      const auto cut = whole.left(size);
      overwrite(path, cut);
      const auto lines = static_cast<std::size_t>(cut.count('\n'));
      const bool torn = !cut.isEmpty() && !cut.endsWith('\n');
      {
        auto log = open_log(path, clock_);
        QCOMPARE(log->entries().size(), lines);
        QCOMPARE(log->unreadable_lines(), std::uint64_t{torn ? 1u : 0u});
        QVERIFY(log->append({.what = "after", .from = {}, .to = {}, .outcome = {}, .reason = {}}));
      }
      const auto log = open_log(path, clock_);
      QCOMPARE(log->entries().size(), lines + 1);
      QCOMPARE(log->entries().back().what, std::string("after"));
    }
  }
  void a_torn_intent_never_comes_to_life_later() {
    const QTemporaryDir folder;
    const auto path = folder.filePath("audit.jsonl");
    {
      auto log = open_log(path, clock_);
      QVERIFY(log->begin(Actor::tuner, kTarget, 1, 2, "never acknowledged"));
    }
    overwrite(path, contents(path).chopped(1));  // all of it but the newline
    for (int opening = 0; opening < 3; ++opening) {
      auto log = open_log(path, clock_);
      QVERIFY(log->unfinished().empty());
      QVERIFY(log->append({.what = "x", .from = {}, .to = {}, .outcome = {}, .reason = {}}));
    }
  }
  void foreign_bytes_are_skipped_and_counted() {
    const QTemporaryDir folder;
    const auto path = folder.filePath("audit.jsonl");
    constexpr char kForeign[] = "\x00\xff garbage\n[]\n{\"sequence\":-4}\n";
    QByteArray bytes(kForeign, sizeof kForeign - 1);  // it begins with a zero byte
    bytes += QByteArray(200'000, 'x') + "\n";
    bytes += R"({"sequence":1,"time":1e300,"kind":"note","who":"tuner","what":"x"})"
             "\n";
    bytes += R"({"sequence":5,"time":1,"kind":"note","who":"tuner","what":"good"})"
             "\n";
    overwrite(path, bytes);
    const auto log = open_log(path, clock_);
    QCOMPARE(log->entries().size(), std::size_t{1});
    QCOMPARE(log->entries().at(0).what, std::string("good"));
    QCOMPARE(log->unreadable_lines(), std::uint64_t{5});
  }
  void a_full_disk_refuses_the_entry_and_leaves_no_half_line() {
    const QTemporaryDir folder;
    const auto path = folder.filePath("audit.jsonl");
    auto log = open_log(path, clock_);
    QVERIFY(log->append({.what = "before", .from = {}, .to = {}, .outcome = {}, .reason = {}}));
    const auto before = contents(path);
    for (const int room : {0, 1, 20}) {
      const FileSizeLimit limit(static_cast<rlim_t>(before.size() + room));
      const auto refused = log->begin(Actor::node_operator, kTarget, 1, 2, "no room");
      QVERIFY(!refused);
      QVERIFY(refused.status().message().find("nothing was changed") != std::string::npos);
      QVERIFY(refused.status().message().find("audit.jsonl") != std::string::npos);
    }
    QCOMPARE(contents(path), before);
    QVERIFY(log->unfinished().empty());
    QVERIFY(log->begin(Actor::node_operator, kTarget, 1, 2, "room again"));
    QCOMPARE(open_log(path, clock_)->unreadable_lines(), std::uint64_t{0});
  }
  void a_path_that_cannot_be_a_log_is_an_error() {
    const QTemporaryDir folder;
    QVERIFY(!AuditLog::open(folder.path().toStdString(), clock_));
    QVERIFY(!AuditLog::open(folder.filePath("no/such/folder").toStdString(), clock_));
    QVERIFY(!AuditLog::open("/dev/full", clock_));
  }
  void a_full_file_is_rotated_and_both_are_read() {
    const QTemporaryDir folder;
    const auto path = folder.filePath("audit.jsonl");
    const AuditLogConfig config{.rotate_bytes = 2'000};
    std::uint64_t last = 0;
    {
      auto log = open_log(path, clock_, config);
      for (int i = 0; i < 25; ++i) {
        const auto id = log->begin(Actor::tuner, kTarget, i, i + 1, "x");
        QVERIFY(id);
        QVERIFY(log->end(*id, AuditKind::done, Actor::tuner, "in force"));
        last = *id;
      }
    }
    QVERIFY(QFile::exists(path + ".1"));
    QVERIFY(contents(path).size() < 3'000 && contents(path + ".1").size() < 3'000);
    auto log = open_log(path, clock_, config);
    QVERIFY(log->find_done(last).has_value());
    QVERIFY(log->unfinished().empty());
    QVERIFY(*log->begin(Actor::tuner, kTarget, 1, 2, "x") > last);
  }
  void memory_holds_only_the_newest_entries() {
    const QTemporaryDir folder;
    auto log = open_log(folder.filePath("a"), clock_, {.entries_kept = 10});
    for (int i = 0; i < 30; ++i) {
      QVERIFY(log->append(
          {.what = std::to_string(i), .from = {}, .to = {}, .outcome = {}, .reason = {}}));
    }
    QCOMPARE(log->entries().size(), std::size_t{10});
    QCOMPARE(log->entries(3).front().what, std::string("27"));
  }
  void an_entry_longer_than_a_line_may_be_is_refused() {
    const QTemporaryDir folder;
    auto log = open_log(folder.filePath("a"), clock_);
    QVERIFY(!log->begin(Actor::node_operator, kTarget, 1, 2, std::string(100'000, 'x')));
    QVERIFY(log->entries().empty());
  }
};

QTEST_APPLESS_MAIN(AuditLogTest)
#include "audit_log_test.moc"
