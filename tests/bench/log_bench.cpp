// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// How fast a LOG is read from the page cache, beside a walk over the same bytes that merely finds
// the lines, in turns within one run. Real LOGs of several releases where NODETUNE_DATA names their
// folder, each repeated until it is large; a made one always.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/files/file_reader.h"
#include "engine/files/log_summary.h"

namespace {

using namespace nodetune;

constexpr std::size_t kFileBytes = 256u << 20;
constexpr int kRounds = 3;

// What a busy node writes: events, a move, a stall, and statistics now and then.
std::string made_log() {
  std::string text = "2024/05/01-12:00:00.000000 7f00 RocksDB version: 8.3.2\n";
  const std::string front = "2024/05/01-12:00:01.000000 7f00 ";
  for (int i = 0; i < 200; ++i) {
    const auto job = std::to_string(i);
    const std::string event = front + R"(EVENT_LOG_v1 {"time_micros": 1714564801000000, "job": )";
    text +=
        event + job + R"(, "event": "flush_started", "num_memtables": 1, )" +
        R"("num_entries": 28018, "memory_usage": 4065512, "flush_reason": "Write Buffer Full"})" +
        '\n';
    text += front + "[db/flush_job.cc:331] [default] [JOB " + job + "] Level-0 flush table #" +
            job + ": started\n";
    text += event + job + R"(, "event": "flush_finished", "output_compression": "LZ4", )" +
            R"("lsm_state": [4, 0, 12, 90], "immutable_memtables": 0})" + '\n';
    text += front +
            "[WARN] [db/column_family.cc:900] [default] Stalling writes because we have 20 "
            "level-0 files rate 16777216\n";
  }
  text += front + "[db/db_impl/db_impl.cc:1091] ------- DUMPING STATS -------\n";
  text += front +
          "[db/db_impl/db_impl.cc:1092] \n** DB Stats **\nUptime(secs): 600.0 total, 600.0 "
          "interval\nCumulative stall: 00:00:1.500 H:M:S, 0.2 percent\n";
  return text;
}

std::vector<std::pair<std::string, std::string>> logs() {
  std::vector<std::pair<std::string, std::string>> found{{"made", made_log()}};
  const char* data = std::getenv("NODETUNE_DATA");
  if (data == nullptr) return found;
  const std::string folder = std::string(data) + "/rocksdb-logs/";
  for (const auto& [name, path] : {std::pair{"5.14.0", "rocksdb-advisor/LOG-0"},
                                   {"6.17.3", "generated/LOG.sample-6.17.3"},
                                   {"7.8.3", "generated/LOG.sample"},
                                   {"8.3.2 (Besu)", "besu/caliper-node-2/LOG"},
                                   {"9.7.4", "generated/LOG.sample-9.7.4"},
                                   {"10.5.1", "generated/LOG.sample-10.5.1"},
                                   {"11.8.1", "generated/LOG.sample-11.8.1"}}) {
    std::ifstream file(folder + path, std::ios::binary);
    std::ostringstream text;
    if (file && text << file.rdbuf()) found.emplace_back(name, text.str());
  }
  return found;
}

double seconds_of(auto&& work) {
  const auto begin = SystemClock::instance().steady_now();
  work();
  return to_seconds(SystemClock::instance().steady_now() - begin);
}

std::int64_t count_lines(const std::string& path) {
  std::int64_t lines = 0;
  const auto file = FileReader::open(path);
  if (!file) return 0;
  const auto read = read_chunks(*file, 0, [&lines](std::string_view chunk) {
    const char* at = chunk.data();
    const char* end = at + chunk.size();
    while ((at = static_cast<const char*>(
                std::memchr(at, '\n', static_cast<std::size_t>(end - at)))) != nullptr) {
      ++at;
      ++lines;
    }
    return true;
  });
  return read ? lines : 0;
}

double resident_peak_bytes() {
  struct rusage used {};
  ::getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_maxrss) * 1024;
}

void read_log(benchmark::State& state, const std::string& name, const std::string& piece) {
  const auto path = std::filesystem::temp_directory_path() / "nodetune-log-bench";
  std::int64_t bytes = 0;
  {
    std::ofstream file(path, std::ios::binary);
    for (; bytes < static_cast<std::int64_t>(kFileBytes); bytes += std::ssize(piece)) file << piece;
  }
  const double memory = resident_peak_bytes();
  std::int64_t lines = 1;
  double walk = 0;
  double parse = 0;
  for (auto unused : state) {
    (void)unused;
    std::vector<double> walks;
    std::vector<double> parses;
    for (int round = 0; round < kRounds; ++round) {
      walks.push_back(seconds_of([&] { lines = std::max<std::int64_t>(count_lines(path), 1); }));
      parses.push_back(seconds_of([&] {
        if (!summarise_logs({path})) state.SkipWithError("the LOG cannot be read");
      }));
    }
    walk = *std::min_element(walks.begin(), walks.end());
    parse = *std::min_element(parses.begin(), parses.end());
    state.SetIterationTime(parse);
  }
  state.SetLabel(name);
  state.SetBytesProcessed(state.iterations() * bytes);
  state.counters["of_walk"] = walk / parse;
  state.counters["bytes_per_line"] = static_cast<double>(bytes) / static_cast<double>(lines);
  state.counters["memory_grown_bytes"] = resident_peak_bytes() - memory;
  std::filesystem::remove(path);
}

const int registered = [] {
  for (const auto& [name, piece] : logs()) {
    benchmark::RegisterBenchmark(
        ("log/" + name).c_str(),
        [label = name, text = piece](benchmark::State& state) { read_log(state, label, text); })
        ->UseManualTime()
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond);
  }
  return 0;
}();

}  // namespace
