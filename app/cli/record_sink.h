// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/node/recorded_source.h"
#include "engine/recording/recording_writer.h"

namespace nodetune::cli {

struct RecordOptions {
  std::string directory;  // or ssh://user@host/DIR
  std::string out;        // a file; -: standard output
  std::string metrics;    // where the node serves its own; empty: looked for
  std::string seconds;
  std::string limit = "256MiB";

  bool streams() const { return out == "-"; }
};

// Where what was seen goes to: a file, or a stream on standard output.
class RecordSink : public RecordedTaker {
 public:
  // Of a file that goes on: what it holds already.
  virtual TimePoint known_samples() const { return {}; }
  virtual TimePoint known_events() const { return {}; }
  // Cancelled: nobody reads any more.
  virtual Status commit() = 0;
};

Result<std::unique_ptr<RecordSink>> open_sink(const RecordOptions& options,
                                              const RecordedIdentity& identity);

// Calls `write` some ten times a second and commits now and then, until the time is over, a signal
// comes, or something fails.
Status keep_recording(const RecordOptions& options, const std::function<RecordSink*()>& sink,
                      const std::function<Status()>& write);

// Of a node on another machine.
Status record_remote(const RecordOptions& options);

void tell_recorded(const RecordOptions& options, std::size_t samples, std::size_t events);

}  // namespace nodetune::cli
