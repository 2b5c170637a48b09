// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/recorded_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/base/format.h"
#include "engine/node/node_event.h"

namespace nodetune {
namespace {

constexpr auto kGrowsFor = std::chrono::seconds(10);  // after its last line; one comes each second

}  // namespace

void hand_over(RecordingStream::Piece piece, RecordedTaker& taker) {
  for (auto& [name, json] : piece.documents) taker.put(name, std::move(json));
  for (const auto& sample : piece.samples) taker.add(sample);
  for (const auto& event : piece.events) taker.add(event);
  for (const auto& job : piece.jobs) taker.add(job);
}

Result<std::unique_ptr<RecordedStreamFile>> RecordedStreamFile::open(const std::string& path,
                                                                     Clock& clock) {
  auto file = FileReader::open(path);
  if (!file) return file.status();
  return std::unique_ptr<RecordedStreamFile>(new RecordedStreamFile(*std::move(file), clock));
}

RecordedStreamFile::RecordedStreamFile(FileReader file, Clock& clock)
    : file_(std::move(file)), clock_(clock), grown_at_(file_.modified()) {}

Status RecordedStreamFile::begin(RecordedTaker& taker) {
  if (auto status = read(taker); !status) return status;
  if (newest_sample_ != TimePoint()) return Status::ok();
  if (!problem_) return problem_;
  if (grows_) return Status::ok();
  return {StatusCode::not_a_database,
          escape_name(file_.path()) + " holds nothing: its recording was ended at once"};
}

Status RecordedStreamFile::read(RecordedTaker& taker) {
  if (!problem_) return Status::ok();
  Status status;
  const auto end = read_chunks(file_, offset_, [&](std::string_view bytes) {
    RecordingStream::Piece piece;
    status = stream_.feed(bytes, piece);
    for (const auto& sample : piece.samples) {
      newest_sample_ = std::max(newest_sample_, sample.time);
    }
    hand_over(std::move(piece), taker);
    return status.is_ok();
  });
  if (!end) return end.status();
  if (*end > offset_ && offset_ > 0) grown_at_ = clock_.now();
  offset_ = *end;
  if (!status) {
    problem_ = {status.code(), fmt::format("{}: {}; what stands before is shown",
                                           escape_name(file_.path()), status.message())};
    RecordedEvent event;
    event.time = newest_sample_;
    event.severity = to_string(Severity::error);
    event.category = to_string(EventCategory::error);
    event.text = problem_.message();
    taker.add(event);
  }
  grows_ = problem_.is_ok() && clock_.now() - grown_at_ < kGrowsFor;
  grew_ = grew_ || grows_;
  return Status::ok();
}

RecordedOrigin RecordedStreamFile::origin() const {
  RecordedOrigin origin;
  origin.path = file_.path();
  origin.kind = "recording";
  if (stream_.identity()) origin.node_path = stream_.identity()->path;
  origin.reason = fmt::format("a recording of {}{}", escape_name(origin.node_path),
                              grows_ ? ", still being written" : "");
  origin.still_grows = grows_;
  return origin;
}

}  // namespace nodetune
