// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Random commits on all paths and with every durability, against an ordered map; crashes at random
// points of what happens on the disk leave whole commits only, and none that was promised is lost.
#include <QDir>
#include <QtTest>
#include <optional>
#include <random>

#include "tests/engine/batch/commits.h"
#include "tests/engine/store/faulty_file_system.h"

using namespace nodetune;
using namespace nodetune::testing;

namespace {

constexpr int kSeeds = 30;
constexpr int kCommits = 14;

struct Tally {
  int commits = 0;
  int crashes = 0;
  int crashes_inside = 0;  // of a commit: neither before nor after
  int lost_unpromised = 0;
};

// One database, its commits, and the crashes that it goes through.
class World {
 public:
  World(std::uint64_t seed, const QTemporaryDir& folder, Tally& tally)
      : seed_(seed), folder_(folder), tally_(tally), commits_(seed) {
    path_ = new_path();
    open(path_);
  }

  // False: the story is told in `failure`.
  bool run() {
    for (int i = 0; i < kCommits && failure.isEmpty(); ++i) {
      Commit::Options options;
      options.path = kWritePaths[pick(kWritePathCount)];
      options.durability = kDurabilities[pick(kDurabilityCount)];
      if (pick(2) == 0) arm();
      story_ += QString("%1 %2; ").arg(to_string(options.path).data(),
                                       to_string(options.durability).data());
      apply(options);
      if (pick(6) == 0 && !database_->flush()) fail("no flush");
      if (image_) check_image();
    }
    return failure.isEmpty();
  }

  QString failure;

 private:
  struct Image {
    std::string path;
    Crash crash;
    std::size_t at_least;
    std::size_t at_most;
  };

  std::size_t pick(std::size_t below) {
    return static_cast<std::size_t>(commits_.random.number(static_cast<int>(below)));
  }
  std::string new_path() {
    return folder_.filePath(QString("%1-%2").arg(seed_).arg(++paths_)).toStdString();
  }
  void fail(const QString& why) {
    failure =
        QString("seed %1, commit %2: %3 (%4)").arg(seed_).arg(commits_.count()).arg(why, story_);
  }

  void open(const std::string& path) {
    files_ = std::make_shared<FaultyFileSystem>();
    DatabaseConfig config;
    config.create_if_missing = true;
    config.file_system = files_;
    config.knobs[Knob::level0_file_num_compaction_trigger] = 2;
    database_ = must_open(path, config);
  }

  // The image is taken before one of the next changes on the disk, on whatever thread makes it.
  void arm() {
    const auto crash = pick(2) == 0 ? Crash::killed : Crash::power_failure;
    auto to = new_path();
    const auto floor = crash == Crash::killed ? survives_kill_ : survives_power_failure_;
    files_->before_change(1 + static_cast<int>(pick(40)), [this, crash, to, floor] {
      files_->take_image(path_, to, crash, seed_);
      image_ = Image{to, crash, floor, 0};
    });
  }

  void apply(const Commit::Options& options) {
    auto commit = commits_.next();
    if (const auto status = commit.apply(*database_, options); !status) {
      return fail(QString::fromStdString(status.message()));
    }
    files_->before_change(0, {});
    ++tally_.commits;
    const auto now = commits_.count();
    const bool ingested = options.path == WritePath::ingested;
    if (ingested || options.durability != Durability::none) survives_kill_ = now;
    if (ingested || options.durability == Durability::log_and_fsync) survives_power_failure_ = now;
    if (contents(*database_) != commits_.state(now)) fail("not what the model holds");
    if (image_) image_->at_most = now;
  }

  void check_image() {
    const auto image = *std::exchange(image_, std::nullopt);
    ++tally_.crashes;
    std::size_t found = Commits::kNowhere;
    {
      const auto database = must_open(image.path, {});
      found = commits_.find(contents(*database));
    }
    story_ += image.crash == Crash::killed ? "killed; " : "power failure; ";
    if (found == Commits::kNowhere) return fail("after the crash a part of a commit is there");
    if (found < image.at_least || found > image.at_most) {
      return fail(QString("after the crash state %1 is there, not %2 to %3")
                      .arg(found)
                      .arg(image.at_least)
                      .arg(image.at_most));
    }
    if (found < image.at_most) ++tally_.crashes_inside;
    if (pick(2) == 0) {
      std::filesystem::remove_all(image.path);
      return;
    }
    database_.reset();
    path_ = image.path;
    open(path_);
    commits_.go_back_to(found);
    survives_kill_ = found;
    survives_power_failure_ = found;
  }

  const std::uint64_t seed_;
  const QTemporaryDir& folder_;
  Tally& tally_;
  Commits commits_;
  std::string path_;
  QString story_;  // what was done
  int paths_ = 0;
  std::shared_ptr<FaultyFileSystem> files_;
  std::unique_ptr<Database> database_;
  std::optional<Image> image_;
  std::size_t survives_kill_ = 0;  // this state or a later one
  std::size_t survives_power_failure_ = 0;
};

}  // namespace

class PathCrashTest : public QObject {
  Q_OBJECT
 private slots:
  void all_paths_agree_with_the_model_and_crashes_leave_whole_commits() {
    const QTemporaryDir folder(scratch_template());
    const auto first_seed = std::random_device{}();
    qInfo("seeds from %u", first_seed);
    Tally tally;
    for (std::uint64_t seed = first_seed; seed < first_seed + std::uint64_t{kSeeds}; ++seed) {
      World world(seed, folder, tally);
      QVERIFY2(world.run(), qPrintable(world.failure));
    }
    qInfo("%d commits, %d crashes, %d of them undid a commit", tally.commits, tally.crashes,
          tally.crashes_inside);
    QVERIFY2(tally.crashes > tally.commits / 10, "hardly any crash happened");
    QVERIFY2(tally.crashes_inside > tally.crashes / 10, "no crash came in time");
  }
};

QTEST_APPLESS_MAIN(PathCrashTest)
#include "path_crash_test.moc"
