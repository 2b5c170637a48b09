// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/batch/path_calibration.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <limits>
#include <random>
#include <system_error>
#include <utility>

#include "engine/base/format.h"
#include "engine/base/logging.h"
#include "engine/batch/commit.h"

namespace nodetune {
namespace {

constexpr std::string_view kCostsKey = "path_costs";
constexpr std::string_view kScratchFolder = "/ingest/calibration";  // emptied at each open
constexpr std::uintmax_t kFreeBytesMin = 64 << 20;  // it writes some 10 MB for a moment
constexpr int kRepetitions = 4;
constexpr std::size_t kKeyBytes = 37;  // a mainnet mutation's means: EthAnalysis
constexpr std::size_t kValueBytes = 70;
constexpr int kFew = 50;
constexpr int kBlock = 1'800;
constexpr int kMany = 12'000;
constexpr int kFamiliesMany = 7;

class Scratch {
 public:
  explicit Scratch(std::string path) : path_(std::move(path)) { remove(); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { remove(); }

  Status open(const KnobValues& knobs, Clock& clock) {
    std::error_code error;
    std::filesystem::create_directories(path_, error);
    if (error) return Status::from_errno(error.value(), "create the directory", path_);
    DatabaseConfig config;
    config.knobs = knobs;
    config.create_if_missing = true;
    auto opened = Database::open(path_, config, clock);
    if (!opened) return opened.status();
    database = *std::move(opened);
    return Status::ok();
  }

  std::unique_ptr<Database> database;

 private:
  void remove() {
    database.reset();
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string path_;
};

struct Trial {
  int operations;
  int families;
  WritePath path;
  Durability durability = Durability::log;
};

class Measurement {
 public:
  Measurement(Database& database, Clock& clock, const std::function<bool()>& cancelled)
      : database_(database), clock_(clock), cancelled_(cancelled) {}

  // Seconds; the least of some.
  Result<double> least(const Trial& trial) {
    double least = std::numeric_limits<double>::infinity();
    for (int i = 0; i < kRepetitions; ++i) {
      const auto seconds = apply(trial);
      if (!seconds) return seconds;
      least = std::min(least, *seconds);
    }
    return least;
  }

  // Seconds to write the memtables of so many operations to files.
  Result<double> least_flush(int operations) {
    double least = std::numeric_limits<double>::infinity();
    for (int i = 0; i < kRepetitions; ++i) {
      if (auto status = database_.flush(); !status) return status;
      const auto written = apply({operations, kFamiliesMany, WritePath::sorted});
      if (!written) return written;
      const auto begun = clock_.steady_now();
      if (auto status = database_.flush(); !status) return status;
      least = std::min(least, to_seconds(clock_.steady_now() - begun));
    }
    return least;
  }

 private:
  Result<double> apply(const Trial& trial) {
    if (cancelled_ && cancelled_()) {
      return Status(StatusCode::cancelled, "the measurement of path costs was cancelled");
    }
    Commit commit(sequence_++);
    auto group = block(trial);
    const auto size = measure(group);
    commit.add(std::move(group), size);
    const auto begun = clock_.steady_now();
    auto status = commit.apply(database_, {trial.path, trial.durability});
    const double seconds = to_seconds(clock_.steady_now() - begun);
    if (!status) return status;
    return seconds;
  }

  WriteGroup block(const Trial& trial) {
    WriteGroup group;
    for (int i = 0; i < trial.operations; ++i) {
      std::string key(kKeyBytes, '\0');
      for (auto& byte : key) byte = static_cast<char>(random_());
      group.operations.push_back(
          WriteOperation::put(kFamilies[static_cast<std::size_t>(i % trial.families)],
                              std::move(key), std::string(kValueBytes, 'v')));
    }
    return group;
  }

  Database& database_;
  Clock& clock_;
  const std::function<bool()>& cancelled_;
  std::mt19937_64 random_{1};
  std::uint64_t sequence_ = 0;
};

double slope(double few, double many, int operations_few, int operations_many) {
  return std::max(many - few, 0.0) / (operations_many - operations_few);
}

Result<std::string> device_of(const std::string& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0) return Status::from_errno(errno, "look at", path);
  return fmt::format("{}:{}", major(found.st_dev), minor(found.st_dev));
}

}  // namespace

Result<PathCosts> measure_path_costs(const std::string& directory, const KnobValues& knobs,
                                     Clock& clock, const std::function<bool()>& cancelled) {
  auto device = device_of(directory);
  if (!device) return device.status();
  std::error_code error;
  const auto space = std::filesystem::space(directory, error);
  if (error) return Status::from_errno(error.value(), "look at the free space of", directory);
  if (space.available < kFreeBytesMin) {
    return Status(StatusCode::no_space,
                  fmt::format("only {} are free on the disk of {}, too few to measure its costs",
                              format_bytes(static_cast<double>(space.available)), directory));
  }
  Scratch scratch(directory + std::string(kScratchFolder));
  if (auto status = scratch.open(knobs, clock); !status) return status;
  Measurement measurement(*scratch.database, clock, cancelled);

  static constexpr std::array kTrials = {
      Trial{kFew, 1, WritePath::as_given},
      Trial{kBlock, kFamiliesMany, WritePath::as_given},
      Trial{kFew, 1, WritePath::sorted},
      Trial{kBlock, kFamiliesMany, WritePath::sorted},
      Trial{kFew, 1, WritePath::sorted, Durability::log_and_fsync},
      Trial{kFew, 1, WritePath::ingested},
      Trial{kFew, kFamiliesMany, WritePath::ingested},
      Trial{kMany, kFamiliesMany, WritePath::ingested},
  };
  std::array<double, kTrials.size()> seconds{};
  for (std::size_t i = 0; i < kTrials.size(); ++i) {
    const auto least = measurement.least(kTrials[i]);
    if (!least) return least.status();
    seconds[i] = *least;
  }

  const auto flushed = measurement.least_flush(kMany);
  if (!flushed) return flushed.status();

  PathCosts costs;
  costs.seconds_per_operation_flushed = *flushed / kMany;
  costs.seconds_per_operation_plain = slope(seconds[0], seconds[1], kFew, kBlock);
  costs.seconds_per_operation_sorted = slope(seconds[2], seconds[3], kFew, kBlock);
  costs.seconds_per_operation_ingested = slope(seconds[6], seconds[7], kFew, kMany);
  costs.seconds_per_commit = std::max(seconds[2] - kFew * costs.seconds_per_operation_sorted, 0.0);
  costs.seconds_per_fsync = std::max(seconds[4] - seconds[2], 0.0);
  // With the commit sequence's file one family makes two.
  costs.seconds_per_ingested_file = slope(seconds[5], seconds[6], 1, kFamiliesMany);
  costs.seconds_per_ingestion = std::max(seconds[5] - 2 * costs.seconds_per_ingested_file -
                                             kFew * costs.seconds_per_operation_ingested,
                                         0.0);
  costs.device = *std::move(device);
  costs.calibrated_at = clock.now();
  return costs;
}

Result<PathCosts> calibrated_path_costs(Database& database, Clock& clock,
                                        const std::function<bool()>& cancelled) {
  const auto device = device_of(database.path());
  if (!device) return device.status();
  const auto stored = database.get(Family::own, kCostsKey);
  if (!stored) return stored.status();
  if (stored->has_value()) {
    auto costs = PathCosts::decode(**stored);
    if (costs && costs->device == *device) return costs;
    if (!costs) log().warn("{}", costs.status().message());
  }
  const auto knobs = database.knobs();
  if (!knobs) return knobs.status();
  auto costs = measure_path_costs(database.path(), *knobs, clock, cancelled);
  if (!costs) return costs;
  const std::array remember = {
      WriteOperation::put(Family::own, std::string(kCostsKey), costs->encode())};
  if (auto status = database.write(remember, Durability::log_and_fsync); !status) return status;
  return costs;
}

}  // namespace nodetune
