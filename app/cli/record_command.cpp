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

#include "app/cli/support.h"
#include "engine/base/format.h"
#include "engine/files/file_reader.h"
#include "engine/node/node_transcript.h"
#include "engine/node/observed_node.h"
#include "engine/node/recorded_documents.h"
#include "engine/node/recorded_memory.h"
#include "engine/node/recorded_logs.h"
#include "engine/observe/quiet_thread.h"
#include "engine/recording/recording_writer.h"

namespace nodetune::cli {
namespace {

constexpr std::size_t kIdentityBytesMax = 256;
constexpr double kCommitSeconds = 5;            // so much is lost when the program is killed
constexpr double kOldLogBytesPerSecond = 20e6;  // beside a running node its disk is not ours

struct Options {
  std::string directory;
  std::string out;
  std::string metrics;  // where the node serves its own; empty: looked for
  std::string seconds;
  std::string limit = "256MiB";
};

// Where what was seen goes to.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual TimePoint known_samples() const { return {}; }
  virtual TimePoint known_events() const { return {}; }
  virtual void add(RecordedSample sample) = 0;
  virtual void add(RecordedEvent event) = 0;
  virtual void put(std::string_view document, std::string json) = 0;
  virtual Status commit() = 0;
};

class FileSink final : public Sink {
 public:
  explicit FileSink(std::unique_ptr<RecordingWriter> writer)
      : writer_(std::move(writer)),
        known_samples_(writer_->last_time()),
        known_events_(writer_->last_event_time()) {}
  TimePoint known_samples() const override { return known_samples_; }
  TimePoint known_events() const override { return known_events_; }
  void add(RecordedSample sample) override { writer_->add(std::move(sample)); }
  void add(RecordedEvent event) override { writer_->add(std::move(event)); }
  void put(std::string_view document, std::string json) override {
    writer_->put(document, std::move(json));
  }
  Status commit() override {
    auto status = writer_->commit();
    // Somebody reads it: what is held goes with the next commit.
    return status.code() == StatusCode::busy ? Status::ok() : status;
  }

 private:
  std::unique_ptr<RecordingWriter> writer_;
  const TimePoint known_samples_;
  const TimePoint known_events_;
};

// One JSON object a line: recording (once, first), sample, event, description, knobs, state.
class StreamSink final : public Sink {
 public:
  explicit StreamSink(const RecordedIdentity& identity) {
    line("recording", {{"version", kRecordingSchema},
                       {"id", identity.id},
                       {"path", identity.path},
                       {"program", "nodetune " NODETUNE_VERSION}});
  }
  void add(RecordedSample sample) override {
    auto figures = nlohmann::json::object();
    for (const auto& [metric, value] : sample.figures) {
      const auto& about = info(metric);
      const bool counter = about.kind == MetricKind::counter;
      figures[figure_name(about) + (counter ? "_per_second" : "")] = value;
    }
    line("sample", {{"time", to_epoch_seconds(sample.time)},
                    {"seconds", figure(sample.seconds)},
                    {"figures", std::move(figures)}});
  }
  void add(RecordedEvent event) override {
    line("event", {{"time", to_epoch_seconds(event.time)},
                   {"severity", event.severity},
                   {"category", event.category},
                   {"source", event.source},
                   {"family", event.family},
                   {"text", event.text}});
  }
  void put(std::string_view document, std::string json) override {
    auto& told = told_[std::string(document)];
    if (told == json) return;
    told = json;
    line(std::string(document), nlohmann::json::parse(json));
  }
  Status commit() override {
    std::cout.flush();
    return std::cout ? Status::ok() : Status(StatusCode::cancelled, "nobody reads any more");
  }

 private:
  static void line(const std::string& kind, nlohmann::json value) {
    std::cout << nlohmann::json{{kind, std::move(value)}}.dump(
                     -1, ' ', false, nlohmann::json::error_handler_t::replace)
              << '\n';
  }
  std::map<std::string, std::string> told_;
};

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
Status with_this_command(const Status& status, const Options& options) {
  constexpr std::string_view kOpen = "nodetune-cli open ";
  auto message = status.message();
  const auto at = message.rfind(kOpen);
  if (at == std::string::npos) return status;
  message.replace(at, kOpen.size(), "nodetune-cli record ");
  return {status.code(), fmt::format("{} --out {} (a file that this user may write)", message,
                                     escape_name(options.out))};
}

Result<std::unique_ptr<Sink>> open_sink(const Options& options, const RecordedIdentity& identity) {
  if (options.out == "-") return std::unique_ptr<Sink>(std::make_unique<StreamSink>(identity));
  RecordingWriter::Limits limits;
  limits.bytes_max = size_of(options.limit);
  auto writer = RecordingWriter::open(options.out, identity, limits);
  if (!writer) return writer.status();
  return std::unique_ptr<Sink>(std::make_unique<FileSink>(*std::move(writer)));
}

Status record(const Node& node, const Options& options, Sink& sink) {
  const double seconds = options.seconds.empty() ? std::numeric_limits<double>::infinity()
                                                 : seconds_of(options.seconds);
  NodeTranscript transcript(node, sink.known_samples(), sink.known_events());
  Backfill backfill(node.description().path, sink.known_samples(), node.snapshot()->taken_at);
  std::size_t samples = 0;
  std::size_t events = 0;
  Status status;
  const auto write = [&] {
    for (auto& sample : backfill.take()) sink.add(std::move(sample)), ++samples;
    auto news = transcript.look();
    if (!news.samples.empty()) {
      sink.put(document::kDescription, description_json(node.description()));
      sink.put(document::kKnobs, knob_states_json(node.knobs()));
      sink.put(document::kMemory, memory_parts_json(node.memory_parts()));
      sink.put(document::kState, state_json(*node.snapshot()));
    }
    for (auto& sample : news.samples) sink.add(std::move(sample)), ++samples;
    for (auto& event : news.events) sink.add(std::move(event)), ++events;
    if (const auto problem = backfill.problem(); !problem) {
      std::cerr << "nodetune-cli: " << on_one_line(problem.message()) << '\n';
    }
  };
  const bool streams = options.out == "-";
  auto last = std::chrono::steady_clock::now();
  bool first = true;
  wait_while_running(
      seconds, [&] { return !status; },
      [&] {
        write();
        const auto now = std::chrono::steady_clock::now();
        if (!streams && !first &&
            std::chrono::duration<double>(now - last).count() < kCommitSeconds) {
          return;
        }
        first = false;
        last = now;
        status = sink.commit();
      });
  if (status) {
    write();
    status = sink.commit();
  }
  if (status.code() == StatusCode::cancelled) return Status::ok();  // a reader that has enough
  if (!status) {
    return {status.code(), fmt::format("{}; what was recorded before is kept", status.message())};
  }
  if (!streams) {
    std::cerr << fmt::format("Recorded {} samples and {} events: {}\n", samples, events,
                             on_one_line(options.out));
  }
  return Status::ok();
}

int run(const Options& options) {
  catch_signals();
  if (options.out != "-" && lies_in(options.out, options.directory)) {
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

std::string check_limit(const std::string& text) {
  const auto bytes = parse_bytes(text);
  if (!bytes) return bytes.status().message();
  return *bytes >= RecordingWriter::kBytesMin
             ? std::string()
             : fmt::format("at least {}", format_bytes(RecordingWriter::kBytesMin));
}

}  // namespace

void add_record(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  auto* const command = app.add_subcommand(
      "record",
      "Record what is seen of a node, to be opened in the window or here; the node's "
      "directory is only looked at");
  command->add_option("DIR", options->directory, "A node's database directory")->required();
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
      ->check(check_limit)
      ->capture_default_str();
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace nodetune::cli
