// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Any bytes as a recording's stream: the same whole and in pieces, within the limits, and what was
// read is read again when it is written.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "engine/recording/recording_stream.h"
#include "engine/recording/recording_stream_writer.h"

using namespace nodetune;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

RecordingStream::Limits small_limits() {
  RecordingStream::Limits limits;
  limits.line_bytes_max = 4'000;
  limits.nesting_max = 6;
  limits.text_bytes_max = 40;
  limits.foreign_bytes_max = 100;
  return limits;
}

struct Read {
  RecordingStream::Piece piece;
  Status status;
  std::uint64_t lines = 0;
};

Read read(std::string_view text, std::size_t piece) {
  RecordingStream stream(small_limits());
  Read all;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    all.status = stream.feed(std::string(text.substr(0, piece)), all.piece);
  }
  all.lines = stream.lines();
  return all;
}

std::string written(const RecordingStream::Piece& piece) {
  std::string text;
  for (const auto& sample : piece.samples) text += stream_line(sample);
  for (const auto& event : piece.events) text += stream_line(event);
  for (const auto& [name, json] : piece.documents) text += stream_line(name, json);
  return text;
}

void check(const RecordingStream::Piece& piece) {
  for (const auto& sample : piece.samples) {
    require(sample.time >= TimePoint());
    require(std::isnan(sample.seconds) || sample.seconds > 0);
    require(sample.figures.size() <= kMetricCount);
    for (const auto& [metric, value] : sample.figures) require(std::isfinite(value));
  }
  for (const auto& event : piece.events) {
    for (const auto* text :
         {&event.text, &event.family, &event.category, &event.severity, &event.source}) {
      require(text->size() <= 40);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto whole = read(text, size + 1);
  check(whole.piece);
  const auto parts = read(text, 1 + size % 61);
  require(parts.lines == whole.lines);
  require(parts.status.message() == whole.status.message());
  const auto told = written(whole.piece);
  require(written(parts.piece) == told);
  RecordingStream again;
  RecordingStream::Piece piece;
  require(again.feed(stream_head({"id", "/path"}, "fuzz") + told, piece).is_ok());
  require(written(piece) == told);
  return 0;
}
