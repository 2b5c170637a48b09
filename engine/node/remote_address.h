// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"

namespace nodetune {

// A directory on another machine: ssh://[user@]host[:port]/DIR; /~/DIR is below the user's home.
//
// Invariant of what the parsers give: no part of it can be taken for an option of ssh, or for
// anything but a name by a shell.
struct RemoteAddress {
  std::string user;         // empty: as ssh's configuration says
  std::string host;         // a name, an alias of ssh's configuration, or an address
  std::optional<int> port;  // nothing: as ssh's configuration says
  std::string directory;    // absolute, or relative to the user's home

  std::string account() const;  // "user@host"
  std::string url() const;
};

// Whether it is meant as such a URL, be it a right one or not.
bool is_ssh_url(std::string_view text);
// Errors say which part is wrong.
Result<RemoteAddress> parse_ssh_url(std::string_view url);
// The same from its parts, as a dialog has them: "user@host", "22" or nothing, "/data/besu" or
// "~/besu".
Result<RemoteAddress> remote_address(std::string_view account, std::string_view port,
                                     std::string_view directory);

// "ssh -p 2222 user@host": what a person would type.
std::string login_command(const RemoteAddress& address);
// What the other machine's shell is asked to run.
std::string remote_command(const RemoteAddress& address);

// ssh and its arguments. No shell of ours sees them.
struct SshProgram {
  std::string path = "ssh";
  bool may_ask = false;  // a password or passphrase, in a window of SSH_ASKPASS's

  // NODETUNE_SSH names another program, SSH_ASKPASS says that one can be asked.
  static SshProgram of_environment();
};
std::vector<std::string> ssh_arguments(const RemoteAddress& address, const SshProgram& program);

// A word that a POSIX shell takes as it is.
std::string quoted_for_shell(std::string_view word);

}  // namespace nodetune
