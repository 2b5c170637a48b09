// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/status.h"
#include "engine/node/remote_address.h"

namespace nodetune {

// How a run of the recording program on the other machine ended.
struct RemoteEnd {
  int exit_code = -1;  // 255: ssh's own trouble; -1: a signal ended ssh
  int signal = 0;
  std::string errors;  // what ssh or the program wrote to standard error, the newest
};

// One such run: what it says, until it ends.
//
// Thread: one at a time. Lifetime: the destructor ends it.
class RemoteChannel {
 public:
  virtual ~RemoteChannel() = default;
  // What has come, at most so much; empty: nothing just now. Never waits.
  virtual std::string read(std::size_t bytes_max) = 0;
  // Once all of it was read.
  virtual std::optional<RemoteEnd> end() = 0;
};

using OpenChannel = std::function<Result<std::unique_ptr<RemoteChannel>>()>;

// Over the system's ssh.
OpenChannel ssh_channel(const RemoteAddress& address, const SshProgram& program);

}  // namespace nodetune
