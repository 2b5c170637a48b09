// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/remote_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "engine/base/format.h"

namespace nodetune {
namespace {

constexpr std::string_view kScheme = "ssh://";
constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kDirectoryBytesMax = 4096;
constexpr int kPortMax = 65'535;
constexpr std::string_view kLike = "; write it like ssh://besu@server.example/data/besu";

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool consists_of(std::string_view text, std::string_view also) {
  return std::ranges::all_of(text, [also](char c) {
    return is_letter_or_digit(c) || also.find(c) != std::string_view::npos;
  });
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

Status wrong(std::string_view what, std::string_view given, std::string_view why) {
  return {
      StatusCode::invalid_argument,
      fmt::format("{} \"{}\" {}{}", what, escape_name(given.substr(0, kNameBytesMax)), why, kLike)};
}

Status check_user(std::string_view user) {
  if (user.find(':') != std::string_view::npos) {
    return {StatusCode::invalid_argument,
            "a URL holds no password: ssh uses your keys; load one with ssh-add"};
  }
  if (user.empty() || user.starts_with('-') || user.size() > kNameBytesMax ||
      !consists_of(user, "._-+\\")) {
    return wrong("the user", user, "is no user name");
  }
  return Status::ok();
}

Status check_host(std::string_view host) {
  if (host.empty()) return wrong("the host", host, "is missing");
  const bool is_address = host.find(':') != std::string_view::npos;
  const bool fits = is_address ? consists_of(host, ":.%") : consists_of(host, "._-");
  if (!fits || host.starts_with('-') || host.size() > kNameBytesMax) {
    return wrong("the host", host, "is no host name");
  }
  return Status::ok();
}

Result<int> parse_port(std::string_view text) {
  int port = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, port);
  if (text.empty() || end != last || error != std::errc() || port < 1 || port > kPortMax) {
    return wrong("the port", text, fmt::format("is no number from 1 to {}", kPortMax));
  }
  return port;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      return wrong("the directory", text, "has a % without two digits (%25 is a %)");
    }
    decoded.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return decoded;
}

// "/~/x" and "~/x" are relative to the home, which is where the other shell begins.
Result<std::string> checked_directory(std::string directory) {
  if (directory.starts_with("/~")) directory.erase(0, 1);
  if (directory == "~") directory = "~/.";
  const bool from_home = directory.starts_with("~/");
  if (from_home) directory.erase(0, 2);
  while (from_home && directory.starts_with('/')) directory.erase(0, 1);
  if (from_home && directory.empty()) directory = ".";
  if (directory.empty() || (!from_home && !directory.starts_with('/'))) {
    return wrong("the directory", directory, "is not given from / or ~/ on");
  }
  if (directory.size() > kDirectoryBytesMax || std::ranges::any_of(directory, is_control)) {
    return wrong("the directory", directory, "is too long, or holds control characters");
  }
  return directory;
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (c == '%' || c == ' ') {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      encoded.push_back(c);
    }
  }
  return encoded;
}

bool is_set(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

}  // namespace

std::string RemoteAddress::account() const {
  return user.empty() ? host : user + "@" + host;
}

std::string RemoteAddress::url() const {
  const bool is_address = host.find(':') != std::string::npos;
  auto text = std::string(kScheme) + (user.empty() ? "" : user + "@");
  text += is_address ? "[" + host + "]" : host;
  if (port) text += ":" + std::to_string(*port);
  return text + (directory.starts_with('/') ? "" : "/~/") + percent_encoded(directory);
}

bool is_ssh_url(std::string_view text) {
  return text.size() >= kScheme.size() &&
         std::ranges::equal(text.substr(0, kScheme.size()), kScheme, [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
         });
}

Result<RemoteAddress> parse_ssh_url(std::string_view url) {
  if (!is_ssh_url(url)) return wrong("the address", url, "is no ssh:// URL");
  const auto rest = url.substr(kScheme.size());
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos) return wrong("the address", url, "names no directory");
  auto place = rest.substr(0, slash);
  auto directory = percent_decoded(rest.substr(slash));
  if (!directory) return directory.status();
  std::string_view port;
  const bool is_address = place.find('[') != std::string_view::npos;
  const auto colon = place.rfind(':');
  const auto at = place.rfind('@');
  const auto host_begin = at == std::string_view::npos ? 0 : at + 1;
  if (is_address) {
    const auto close = place.find(']');
    if (place[host_begin] != '[' || close == std::string_view::npos) {
      return wrong("the host", place, "is no address in [ ]");
    }
    const auto after = place.substr(close + 1);
    if (!after.empty() && (after.front() != ':' || after.size() == 1)) {
      return wrong("the port", after, "is no port");
    }
    if (!after.empty()) port = after.substr(1);
    const auto account = std::string(place.substr(0, host_begin)) +
                         std::string(place.substr(host_begin + 1, close - host_begin - 1));
    return remote_address(account, port, *directory);
  }
  if (colon != std::string_view::npos && colon >= host_begin) {
    port = place.substr(colon + 1);
    if (port.empty()) return wrong("the port", place, "is missing behind the colon");
    place = place.substr(0, colon);
    // Without brackets a colon stands before the port alone.
    if (place.substr(host_begin).find(':') != std::string_view::npos) {
      return wrong("the host", place, "is no host name; an address with colons stands in [ ]");
    }
  }
  return remote_address(place, port, *directory);
}

Result<RemoteAddress> remote_address(std::string_view account, std::string_view port,
                                     std::string_view directory) {
  RemoteAddress address;
  const auto at = account.rfind('@');
  if (at != std::string_view::npos) {
    address.user = account.substr(0, at);
    if (auto status = check_user(address.user); !status) return status;
    account.remove_prefix(at + 1);
  }
  address.host = account;
  if (auto status = check_host(address.host); !status) return status;
  if (!port.empty()) {
    const auto number = parse_port(port);
    if (!number) return number.status();
    address.port = *number;
  }
  auto checked = checked_directory(std::string(directory));
  if (!checked) return checked.status();
  address.directory = *std::move(checked);
  return address;
}

std::string quoted_for_shell(std::string_view word) {
  if (!word.empty() && consists_of(word, "._-/@:+,")) return std::string(word);
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted.push_back(c);
    }
  }
  return quoted + "'";
}

std::string login_command(const RemoteAddress& address) {
  return fmt::format("ssh {}{}", address.port ? fmt::format("-p {} ", *address.port) : "",
                     address.account());
}

std::string remote_command(const RemoteAddress& address) {
  // Below the home a name may begin with a dash.
  const bool absolute = address.directory.starts_with('/');
  const auto word = (absolute ? "" : "./") + address.directory;
  return fmt::format("nodetune-cli record {} --out -", quoted_for_shell(word));
}

SshProgram SshProgram::of_environment() {
  SshProgram program;
  if (is_set("NODETUNE_SSH")) program.path = std::getenv("NODETUNE_SSH");
  program.may_ask = is_set("SSH_ASKPASS");
  return program;
}

std::vector<std::string> ssh_arguments(const RemoteAddress& address, const SshProgram& program) {
  std::vector<std::string> arguments = {program.path, "-T", "-x", "-a"};
  const auto option = [&arguments](std::string text) {
    arguments.emplace_back("-o");
    arguments.push_back(std::move(text));
  };
  if (!program.may_ask) option("BatchMode=yes");
  option("ConnectTimeout=10");
  option("ServerAliveInterval=5");
  option("ServerAliveCountMax=3");
  option("ClearAllForwardings=yes");  // one of the configuration's may be in use already
  if (address.port) {
    arguments.emplace_back("-p");
    arguments.push_back(std::to_string(*address.port));
  }
  arguments.emplace_back("--");
  arguments.push_back(address.account());
  arguments.push_back(remote_command(address));
  return arguments;
}

}  // namespace nodetune
