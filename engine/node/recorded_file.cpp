// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/recorded_file.h"

#include <fmt/format.h>

#include "engine/base/format.h"
#include "engine/node/job_ring.h"
#include "engine/node/node_event.h"
#include "engine/node/recorded_documents.h"
#include "engine/node/recorded_memory.h"
#include "engine/recording/recording_writer.h"

namespace nodetune {
namespace {

constexpr std::int64_t kEventsRead = kEventsKept;
constexpr std::int64_t kJobsRead = kJobsKept;

}  // namespace

Status RecordedFile::read(RecordedTaker& taker) {
  // Asked first: what is written before the writer ends is still read below.
  grows_ = is_being_recorded(path_);
  grew_ = grew_ || grows_;
  for (const auto name : {document::kDescription, document::kKnobs, document::kMemory}) {
    auto document = reader_->document(name);
    if (!document) return document.status();
    taker.put(name, *std::move(document));
  }
  if (auto status = reader_->read_samples([&](const RecordedSample& sample) { taker.add(sample); });
      !status) {
    return status;
  }
  if (auto status =
          reader_->read_events(kEventsRead, [&](const RecordedEvent& event) { taker.add(event); });
      !status) {
    return status;
  }
  if (auto status = reader_->read_jobs(kJobsRead, [&](const RecordedJob& job) { taker.add(job); });
      !status) {
    return status;
  }
  auto state = reader_->document(document::kState);
  if (!state) return state.status();
  taker.put(document::kState, *std::move(state));
  return Status::ok();
}

RecordedOrigin RecordedFile::origin() const {
  RecordedOrigin origin;
  origin.path = path_;
  origin.kind = "recording";
  origin.node_path = reader_->node_path();
  origin.reason = fmt::format("a recording of {}{}", escape_name(origin.node_path),
                              grows_ ? ", still being written" : "");
  origin.still_grows = grows_;
  return origin;
}

}  // namespace nodetune
