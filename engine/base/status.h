// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace nodetune {

// What kind of failure it is, for code that must act on it; people read the message.
enum class StatusCode {
  ok,
  invalid_argument,    // a value out of range, an unknown name
  not_found,           // a path or key is missing
  permission_denied,   // the operating system refused
  locked,              // another process holds the database
  not_a_database,      // the directory or file is something else
  other_engine,        // LevelDB, Pebble, MDBX, ParityDB
  unsupported_format,  // written by a newer RocksDB than this program can read
  corrupt,             // the bytes on disk are damaged
  no_space,            // the disk is full
  io_error,            // any other error of the file system
  busy,                // try again later: a queue is full, a job is running
  cancelled,           // somebody asked for it to stop
  failed,              // anything else
};

std::string_view to_string(StatusCode code);

// The outcome of an operation: ok, or a code and a message.
//
// The message says what happened, to which file or knob, and what to do about it.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(StatusCode code, std::string message) : code_(code), message_(std::move(message)) {
    assert(code != StatusCode::ok);
  }

  static Status ok() { return {}; }
  // errno after a failed system call on `path`: picks code and wording.
  static Status from_errno(int error, std::string_view what, std::string_view path);

  bool is_ok() const { return code_ == StatusCode::ok; }
  explicit operator bool() const { return is_ok(); }
  StatusCode code() const { return code_; }
  const std::string& message() const { return message_; }

 private:
  StatusCode code_ = StatusCode::ok;
  std::string message_;
};

// A value, or why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}         // NOLINT(google-explicit-constructor)
  Result(Status status) : status_(std::move(status)) {  // NOLINT(google-explicit-constructor)
    assert(!status_.is_ok());
  }

  bool is_ok() const { return value_.has_value(); }
  explicit operator bool() const { return is_ok(); }
  const Status& status() const { return status_; }

  T& value() & { return assert(is_ok()), *value_; }
  const T& value() const& { return assert(is_ok()), *value_; }
  T&& value() && { return assert(is_ok()), std::move(*value_); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  Status status_;
  std::optional<T> value_;
};

}  // namespace nodetune
