// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/store/job_reason.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace nodetune {
namespace {

// By RocksDB's numbers, which only ever grow; its own functions for this are not public.
constexpr std::array<std::string_view, 14> kFlush = {"Other Reasons",
                                                     "Get Live Files",
                                                     "Shut down",
                                                     "External File Ingestion",
                                                     "Manual Compaction",
                                                     "Write Buffer Manager",
                                                     "Write Buffer Full",
                                                     "Test",
                                                     "Delete Files",
                                                     "Auto Compaction",
                                                     "Manual Flush",
                                                     "Error Recovery",
                                                     "Error Recovery Retry Flush",
                                                     "WAL Full"};
constexpr std::array<std::string_view, 19> kCompaction = {"Unknown",
                                                          "LevelL0FilesNum",
                                                          "LevelMaxLevelSize",
                                                          "UniversalSizeAmplification",
                                                          "UniversalSizeRatio",
                                                          "UniversalSortedRunNum",
                                                          "FIFOMaxSize",
                                                          "FIFOReduceNumFiles",
                                                          "FIFOTtl",
                                                          "ManualCompaction",
                                                          "FilesMarkedForCompaction",
                                                          "BottommostFiles",
                                                          "Ttl",
                                                          "Flush",
                                                          "ExternalSstIngestion",
                                                          "PeriodicCompaction",
                                                          "ChangeTemperature",
                                                          "ForcedBlobGC",
                                                          "RoundRobinTtl"};

std::string named(std::span<const std::string_view> names, int number) {
  const auto index = static_cast<std::size_t>(number);
  return number >= 0 && index < names.size() ? std::string(names[index])
                                             : fmt::format("reason {}", number);
}

}  // namespace

std::string reason_text(rocksdb::FlushReason reason) {
  return named(kFlush, static_cast<int>(reason));
}

std::string reason_text(rocksdb::CompactionReason reason) {
  return named(kCompaction, static_cast<int>(reason));
}

}  // namespace nodetune
