// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/recording/recording_format.h"

#include <sys/stat.h>

#include <cmath>
#include <cstdio>
#include <fstream>

namespace nodetune {
namespace {

// Of SQLite's file header.
constexpr std::string_view kSqliteMagic = "SQLite format 3";
constexpr std::size_t kApplicationOffset = 68;
constexpr std::size_t kHeaderBytes = 100;
// Of the first line of a stream.
constexpr std::string_view kStreamMagic = R"({"recording":)";

}  // namespace

RecordedSample sample_of(const Snapshot& snapshot) {
  RecordedSample sample;
  sample.time = snapshot.taken_at;
  sample.seconds = snapshot.interval_seconds;
  for (const auto& metric : catalogue()) {
    if (metric.kind == MetricKind::histogram) continue;
    const bool counter = metric.kind == MetricKind::counter;
    const double value = counter ? snapshot.rate(metric.id) : snapshot.value(metric.id);
    if (std::isfinite(value)) sample.figures.emplace_back(metric.id, value);
  }
  return sample;
}

Snapshot snapshot_of(const RecordedSample& sample) {
  Snapshot snapshot;
  snapshot.taken_at = sample.time;
  snapshot.interval_seconds = sample.seconds;
  for (const auto& [metric, value] : sample.figures) {
    const bool counter = info(metric).kind == MetricKind::counter;
    (counter ? snapshot.rates : snapshot.values)[index_of(metric)] = value;
  }
  return snapshot;
}

std::string figure_name(const MetricInfo& metric) {
  return metric.label.empty() ? metric.name : metric.name + "{" + metric.label + "}";
}

RecordingKind recording_kind(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return RecordingKind::none;
  std::ifstream file(path, std::ios::binary);
  std::string head(kHeaderBytes, '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(file.gcount()));
  if (head.starts_with(kStreamMagic)) return RecordingKind::stream;
  if (head.size() < kHeaderBytes || !head.starts_with(kSqliteMagic)) return RecordingKind::none;
  std::uint32_t application = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    application = application << 8 | static_cast<unsigned char>(head[kApplicationOffset + i]);
  }
  return application == static_cast<std::uint32_t>(kRecordingApplication) ? RecordingKind::file
                                                                          : RecordingKind::none;
}

bool is_recording(const std::string& path) {
  return recording_kind(path) != RecordingKind::none;
}

}  // namespace nodetune
