// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/remote_failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace nodetune {
namespace {

// As ssh and POSIX shells use them.
constexpr int kSshItself = 255;
constexpr int kNotFoundThere = 127;
constexpr int kNotRunThere = 126;
constexpr int kUsageThere = 2;  // of nodetune-cli
constexpr std::string_view kProgramSays = "nodetune-cli: ";

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Whoever wrote it may have meant a terminal: control characters, also those of two bytes, go.
std::string printable(std::string_view text) {
  std::string shown;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
    if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {
      ++i;
    } else if (byte >= 0x20 && byte != 0x7f) {
      shown.push_back(text[i]);
    }
  }
  return shown;
}

// The last line that says something.
std::string last_line(std::string_view text) {
  const auto end = text.find_last_not_of(" \t\r\n.");
  if (end == std::string_view::npos) return {};
  text = text.substr(0, end + 1);
  const auto begin = text.find_last_of("\r\n");
  return printable(begin == std::string_view::npos ? text : text.substr(begin + 1));
}

Status no_key(const RemoteAddress& address) {
  return {StatusCode::permission_denied,
          fmt::format("{} accepts no key of yours: load it with ssh-add, or copy it there with "
                      "ssh-copy-id; `{}` must come in without a password",
                      address.account(), login_command(address))};
}

Status unknown_host_key(const RemoteAddress& address, bool changed) {
  return {StatusCode::permission_denied,
          changed ? fmt::format("the host key of {} is another one than before: find out why, then "
                                "mend ~/.ssh/known_hosts",
                                address.host)
                  : fmt::format("the host key of {} is not known yet: run `{}` once in a terminal "
                                "and compare the key that it shows",
                                address.host, login_command(address))};
}

Status of_ssh(const RemoteAddress& address, std::string_view errors) {
  if (has(errors, "Could not resolve hostname")) {
    return {StatusCode::not_found,
            fmt::format("the host {} is not known: check its name, or write its address",
                        address.host)};
  }
  if (has(errors, "HOST IDENTIFICATION HAS CHANGED")) return unknown_host_key(address, true);
  if (has(errors, "Host key verification failed")) return unknown_host_key(address, false);
  for (const auto said : {"Permission denied (", "Too many authentication failures",
                          "No supported authentication methods"}) {
    if (has(errors, said)) return no_key(address);
  }
  for (const auto said : {"Connection refused", "Connection timed out", "No route to host",
                          "Network is unreachable", "Operation timed out"}) {
    if (!has(errors, said)) continue;
    return {StatusCode::io_error,
            fmt::format("{} does not answer ({}): is the machine up, is the port right, does a "
                        "firewall stand between?",
                        address.account(), last_line(errors))};
  }
  const auto said = last_line(errors);
  return {StatusCode::io_error,
          said.empty() ? fmt::format("the connection to {} ended", address.account())
                       : fmt::format("the connection to {} ended: {}", address.account(), said)};
}

// The command that the program there names, as one that can be run here.
Status no_permission(const RemoteAddress& address, const std::string& said) {
  constexpr std::string_view kSudo = "sudo -u ";
  const auto at = said.rfind(kSudo);
  auto owner = said.substr(at + kSudo.size());
  owner.resize(std::min(owner.size(), owner.find(' ')));
  auto as_owner = address;
  as_owner.user = owner;
  // Of an owner without a name there is a number alone, and nobody logs in by that.
  const bool has_name = !owner.empty() && !owner.starts_with('\'') && !owner.starts_with('-');
  const auto why = said.substr(0, said.find_last_of(";:", at));
  const auto record = fmt::format("sudo -n -u {} {}", owner, remote_command(address));
  return {StatusCode::permission_denied,
          fmt::format("on {}: {}; {}run here `{} {} > node.jsonl` and open node.jsonl while it "
                      "grows",
                      address.account(), why,
                      has_name ? fmt::format("open {}, or ", as_owner.url()) : std::string(),
                      login_command(address), quoted_for_shell(record))};
}

Status no_program(const RemoteAddress& address) {
  return {StatusCode::not_found,
          fmt::format("there is no nodetune-cli on {}: install nodetune there, or copy "
                      "nodetune-cli to /usr/local/bin (a command over ssh sees the short PATH)",
                      address.account())};
}

Status of_program(const RemoteAddress& address, std::string_view errors) {
  auto said = last_line(errors);
  if (has(said, "ommand not found")) return no_program(address);
  const auto at = said.rfind(kProgramSays);
  if (at == std::string::npos) {
    return {StatusCode::failed, fmt::format("nodetune-cli on {} ended: {}", address.account(),
                                            said.empty() ? "it said nothing" : said)};
  }
  said.erase(0, at + kProgramSays.size());
  if (has(said, "sudo -u ")) return no_permission(address, said);
  return {StatusCode::failed, fmt::format("on {}: {}", address.account(), said)};
}

}  // namespace

Status remote_failure(const RemoteAddress& address, const RemoteEnd& end) {
  if (end.exit_code < 0) {
    return {StatusCode::failed, fmt::format("ssh was ended by signal {}", end.signal)};
  }
  switch (end.exit_code) {
    case 0:
      return {StatusCode::io_error,
              fmt::format("nodetune-cli on {} was ended there", address.account())};
    case kSshItself:
      return of_ssh(address, end.errors);
    case kNotFoundThere:
      return no_program(address);
    case kNotRunThere:
      return {StatusCode::failed, fmt::format("nodetune-cli on {} cannot be run: {}",
                                              address.account(), last_line(end.errors))};
    case kUsageThere:
      return {StatusCode::unsupported_format,
              fmt::format("nodetune-cli on {} is an older one, which cannot stream a recording: "
                          "update it there",
                          address.account())};
    default:
      return of_program(address, end.errors);
  }
}

}  // namespace nodetune
