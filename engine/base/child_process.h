// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/status.h"

namespace nodetune {

// Another program that runs beside this one, and what it says.
//
// It gets no input, no descriptor of ours but its two outputs, and a session of its own: a signal
// from our terminal does not reach it, and it cannot ask there.
// Thread: one at a time. Lifetime: the destructor ends it; no zombie and no pipe stays behind.
class ChildProcess {
 public:
  static constexpr std::size_t kErrorsBytesMax = 16 * 1024;  // the newest are kept

  // `arguments` begin with the program, which is looked for in PATH; no shell sees them. Errors:
  // not_found, no permission.
  static Result<std::unique_ptr<ChildProcess>> start(const std::vector<std::string>& arguments);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }

  // What has come on standard output, at most so much; empty: nothing just now. Never waits.
  std::string read(std::size_t bytes_max);

  struct End {
    int exit_code = -1;  // -1: a signal ended it
    int signal = 0;
  };
  // Once it has ended and read() has given all of its output.
  std::optional<End> end() const { return read_out_ ? end_ : std::nullopt; }
  // What came on standard error, the newest.
  const std::string& errors() const { return errors_; }

  // SIGTERM, and SIGKILL for what is still there after `patience`.
  void stop(Duration patience = std::chrono::seconds(2));

 private:
  ChildProcess() = default;
  void look_for_end();
  bool wait_for_end(Duration patience);
  void signal_all(int number) const;
  void read_errors();

  pid_t pid_ = -1;
  int output_ = -1;
  int error_output_ = -1;
  std::optional<End> end_;
  bool read_out_ = false;
  std::string errors_;
};

}  // namespace nodetune
