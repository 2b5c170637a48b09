// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <limits>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "app/cli/record_sink.h"
#include "app/cli/support.h"
#include "engine/base/format.h"
#include "engine/files/file_reader.h"
#include "engine/node/node_transcript.h"
#include "engine/node/observed_node.h"
#include "engine/node/recorded_documents.h"
#include "engine/node/recorded_jobs.h"
#include "engine/node/recorded_logs.h"
#include "engine/node/recorded_memory.h"
#include "engine/node/remote_address.h"
#include "engine/observe/quiet_thread.h"
#include "engine/recording/recording_stream_writer.h"
#include "engine/recording/recording_writer.h"

namespace nodetune::cli {
namespace {

constexpr std::size_t kIdentityBytesMax = 256;
constexpr double kOldLogBytesPerSecond = 20e6;  // beside a running node its disk is not ours

// Reads the old LOGs on a thread of its own, slowly, while recording has begun.
class Backfill {
 public:
  Backfill(std::string directory, TimePoint after, TimePoint until)
      : thread_([this, directory = std::move(directory), after, until] {
          yield_disk_to_others();
          const auto logs = logs_of_database(directory);
          const auto status = replay_logs(
              logs, [this](std::int64_t bytes) { return pace(bytes); },
              [&](const Snapshot& snapshot) {
                if (snapshot.taken_at <= after || snapshot.taken_at >= until) return;
                auto sample = sample_of(snapshot);
                if (sample.figures.empty()) return;
                const std::lock_guard lock(mutex_);
                samples_.push_back(std::move(sample));
              },
              [&](const StorageJob& job) {
                const std::lock_guard lock(mutex_);
                jobs_.push_back(to_recorded(job));
              });
          const std::lock_guard lock(mutex_);
          if (status.code() != StatusCode::cancelled) status_ = status;
        }) {}
  ~Backfill() {
    stop_.store(true, std::memory_order_relaxed);
    thread_.join();
  }

  // What was read so far, once.
  std::vector<RecordedSample> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(samples_, {});
  }
  std::vector<RecordedJob> take_jobs() {
    const std::lock_guard lock(mutex_);
    return std::exchange(jobs_, {});
  }
  // Why nothing came of it; ok where something did, or is still to come.
  Status problem() {
    const std::lock_guard lock(mutex_);
    return std::exchange(status_, Status::ok());
  }

 private:
  bool pace(std::int64_t bytes) const {
    std::this_thread::sleep_for(
        std::chrono::duration<double>(static_cast<double>(bytes) / kOldLogBytesPerSecond));
    return !stop_.load(std::memory_order_relaxed);
  }

  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::vector<RecordedSample> samples_;  // guarded by mutex_
  std::vector<RecordedJob> jobs_;        // likewise
  Status status_;                        // likewise
  std::thread thread_;                   // last: it uses what stands above
};

std::string canonical(const std::string& path) {
  std::error_code error;
  const auto real = std::filesystem::weakly_canonical(std::filesystem::absolute(path), error);
  return error ? path : real.string();
}

RecordedIdentity identity_of(const std::string& directory) {
  RecordedIdentity identity{canonical(directory), canonical(directory)};
  const auto written = read_head(directory + "/IDENTITY", kIdentityBytesMax);
  if (!written) return identity;
  const auto id = written->substr(0, written->find_first_of("\r\n"));
  if (!id.empty()) identity.id = escape_name(id);
  return identity;
}

// Nothing is ever written into a node's directory.
bool lies_in(const std::string& file, const std::string& directory) {
  const auto inner = canonical(file);
  auto outer = canonical(directory);
  if (!outer.ends_with('/')) outer += '/';
  return inner.starts_with(outer) || inner + "/" == outer;
}

// "… nodetune-cli record …" instead of the command that only looks.
Status with_this_command(const Status& status, const RecordOptions& options) {
  constexpr std::string_view kOpen = "nodetune-cli open ";
  auto message = status.message();
  const auto at = message.rfind(kOpen);
  if (at == std::string::npos) return status;
  message.replace(at, kOpen.size(), "nodetune-cli record ");
  return {status.code(), fmt::format("{} --out {} (a file that this user may write)", message,
                                     escape_name(options.out))};
}

Status record(const Node& node, const RecordOptions& options, RecordSink& sink) {
  NodeTranscript transcript(node, sink.known_samples(), sink.known_events());
  Backfill backfill(node.description().path, sink.known_samples(), node.snapshot()->taken_at);
  std::size_t samples = 0;
  std::size_t events = 0;
  const auto status = keep_recording(
      options, [&] { return &sink; },
      [&]() -> Status {
        auto news = transcript.look();
        if (!news.samples.empty()) {  // a reader needs to know of whom they are
          sink.put(document::kDescription, description_json(node.description()));
          sink.put(document::kKnobs, knob_states_json(node.knobs()));
          sink.put(document::kMemory, memory_parts_json(node.memory_parts()));
          sink.put(document::kState, state_json(*node.snapshot()));
        }
        for (const auto& sample : backfill.take()) sink.add(sample), ++samples;
        for (const auto& sample : news.samples) sink.add(sample), ++samples;
        for (const auto& event : news.events) sink.add(event), ++events;
        for (const auto& job : backfill.take_jobs()) sink.add(job);
        for (const auto& job : news.jobs) sink.add(job);
        if (const auto problem = backfill.problem(); !problem) {
          std::cerr << "nodetune-cli: " << on_one_line(problem.message()) << '\n';
        }
        return Status::ok();
      });
  if (status) tell_recorded(options, samples, events);
  return status;
}

int run(const RecordOptions& options) {
  catch_signals();
  if (is_ssh_url(options.directory)) {
    if (!options.metrics.empty()) {
      return fail({StatusCode::invalid_argument,
                   "--metrics belongs to a node of this machine: over ssh they are looked for "
                   "there"});
    }
    const auto status = record_remote(options);
    return status ? kSuccess : fail(status);
  }
  if (!options.streams() && lies_in(options.out, options.directory)) {
    return fail({StatusCode::invalid_argument,
                 fmt::format("{} lies in the node's directory, where nothing is written: record "
                             "to another place",
                             options.out)});
  }
  auto opened = open_observed(options.directory, "observed, to be recorded",
                              SystemClock::instance(), {}, options.metrics);
  if (!opened) return fail(with_this_command(opened.status(), options));
  auto& node = **opened;
  auto sink = open_sink(options, identity_of(node.description().path));
  if (!sink) return fail(sink.status());
  const auto status = record(node, options, **sink);
  auto closed = node.close();
  if (!status) return fail(status);
  return closed ? kSuccess : fail(closed);
}

std::string check_file_limit(const std::string& text) {
  const auto bytes = parse_bytes(text);
  if (!bytes) return bytes.status().message();
  return *bytes >= RecordingWriter::kBytesMin
             ? std::string()
             : fmt::format("at least {}", format_bytes(RecordingWriter::kBytesMin));
}

}  // namespace

void add_record(CLI::App& app, Action& action) {
  auto options = std::make_shared<RecordOptions>();
  auto* const command = app.add_subcommand(
      "record",
      "Record what is seen of a node, to be opened in the window or here; the node's "
      "directory is only looked at");
  command
      ->add_option("DIR", options->directory, "A node's database directory, or ssh://user@host/DIR")
      ->required();
  command
      ->add_option("--out", options->out,
                   "FILE to create or to go on with; - for JSON lines on standard output")
      ->required();
  add_metrics_option(*command, options->metrics);
  command->add_option("--for", options->seconds, "How long; until interrupted if not given")
      ->check(check_seconds);
  command
      ->add_option("--limit", options->limit,
                   "The file stays below this size: the oldest detail goes first")
      ->check(check_file_limit)
      ->capture_default_str();
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace nodetune::cli
