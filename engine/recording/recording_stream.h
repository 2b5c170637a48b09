// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/recording/recording_format.h"
#include "engine/recording/recording_writer.h"

namespace nodetune {

// A recording as a stream: one JSON object a line, {kind: value}.
//
//   recording   {version, id, path, program}: first, and wherever a writer begins again
//   sample      {time, seconds, figures}: figures by their names; a counter's ends in _per_second
//   event       {time, severity, category, source, family, text}
//   job         {kind, family, begin, end, input_level, output_level, input_bytes, output_bytes,
//                reason, source}: a flush or compaction that has ended; it may come twice
//   any other   a document: description, knobs, state; the newest of a kind counts
//
// Times are seconds since the epoch, UTC. What a reader does not know it leaves out.
std::string stream_name(Metric metric);

// Reads such a stream in pieces as they come, of any size and from anybody.
//
// Where the writer begins again it must be with the same database, and what was told before is left
// out: samples up to the newest known, and logged events likewise.
// Errors name the line: bytes that make no sense, a line too long, another database, a newer
// NodeTune's format. After one, nothing more is read until restart().
// Thread: one at a time.
class RecordingStream {
 public:
  struct Limits {
    std::size_t line_bytes_max = 8 << 20;
    int nesting_max = 16;
    std::size_t text_bytes_max = 4096;  // of an event's text, of a name
    std::size_t foreign_bytes_max = 0;  // before the first line: a remote shell's greeting
  };
  struct Piece {
    std::vector<RecordedSample> samples;
    std::vector<RecordedEvent> events;
    std::vector<RecordedJob> jobs;
    std::map<std::string, std::string, std::less<>> documents;  // JSON
  };

  RecordingStream() : RecordingStream(Limits{}) {}
  explicit RecordingStream(const Limits& limits) : limits_(limits) {}

  // What `bytes` held, also what stands before an error.
  Status feed(std::string_view bytes, Piece& piece);
  // The next bytes come from a new writer: a line that was cut off is forgotten.
  void restart();

  // Whose it is; nothing: the first line has not come yet.
  const std::optional<RecordedIdentity>& identity() const { return identity_; }
  const std::string& program() const { return program_; }
  std::uint64_t lines() const { return lines_; }

 private:
  struct Values;  // of one line

  Status take_line(std::string_view line, Piece& piece);
  Status take_foreign(std::string_view line);
  Status begin(const Values& head);
  Status take_sample(const Values& values, Piece& piece);
  Status take_event(const Values& values, Piece& piece);
  Status take_job(const Values& values, Piece& piece) const;
  Status wrong(std::string_view why) const;

  const Limits limits_;
  std::string partial_;  // the beginning of a line
  std::uint64_t lines_ = 0;
  Status failed_;
  bool begun_ = false;  // this writer's first line has come
  std::size_t foreign_bytes_ = 0;
  std::optional<RecordedIdentity> identity_;
  std::string program_;
  TimePoint newest_sample_{};
  TimePoint newest_event_{};
  TimePoint known_samples_{};  // by writers before this one
  TimePoint known_events_{};
};

}  // namespace nodetune
