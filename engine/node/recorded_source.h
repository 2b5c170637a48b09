// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/recording/recording_format.h"

namespace nodetune {

// Whoever takes what a recording holds: a node that shows it, a file that keeps it.
class RecordedTaker {
 public:
  virtual ~RecordedTaker() = default;
  virtual void put(std::string_view document, std::string json) = 0;
  virtual void add(const RecordedSample& sample) = 0;
  virtual void add(const RecordedEvent& event) = 0;
  virtual void add(const RecordedJob& job) = 0;
};

// Of a recording that comes from another machine: NodeDescription::kind, and how the connection
// stands, among its facts.
inline constexpr std::string_view kRemoteKind = "ssh";
inline constexpr std::string_view kConnectionFact = "Connection";
inline constexpr std::string_view kConnected = "Connected";

// What a recording is, and how it stands with whoever writes it.
struct RecordedOrigin {
  std::string path;        // that was opened: a file, a URL
  std::string kind;        // "recording", "ssh"
  std::string reason;      // why it is shown as it is: one sentence
  std::string node_path;   // of what it is
  std::string connection;  // how it stands; empty: there is none
  bool still_grows = false;

  bool operator==(const RecordedOrigin&) const = default;
};

// Where a recording comes from: a file, a stream of JSON lines, another machine.
//
// Thread: one at a time. Lifetime: the destructor lets go of it, and does not wait long.
class RecordedSource {
 public:
  virtual ~RecordedSource() = default;

  // The first read. Errors: there is nothing that could be shown; the message says what to do.
  virtual Status begin(RecordedTaker& taker) { return read(taker); }
  // Gives what has come since the last time, documents before the samples that belong to them.
  // Errors are for people, who may be told again and again: busy is none.
  virtual Status read(RecordedTaker& taker) = 0;
  virtual RecordedOrigin origin() const = 0;  // as of the last read

  virtual Duration period() const { return std::chrono::seconds(1); }  // between two reads
  virtual bool may_grow() const { return origin().still_grows; }       // false: no more reads
};

}  // namespace nodetune
