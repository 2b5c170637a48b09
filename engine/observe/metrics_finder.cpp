// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/metrics_finder.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <system_error>
#include <vector>

namespace nodetune {
namespace {

constexpr std::size_t kCommandBytesMax = 256 * 1024;
constexpr std::size_t kSocketsMax = 100'000;  // lines of one table
constexpr std::size_t kOpenFilesMax = 200'000;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::vector<std::string> arguments_of(const std::string& folder) {
  std::ifstream file(folder + "/cmdline", std::ios::binary);
  std::string text(kCommandBytesMax, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  std::vector<std::string> arguments;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, '\0');) arguments.push_back(std::move(part));
  return arguments;
}

// "9545", "127.0.0.1:9001", "[::]:9001"
std::optional<std::uint16_t> port_in(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon != std::string_view::npos) address.remove_prefix(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(address.data(), address.data() + address.size(), port);
  if (error != std::errc() || end != address.data() + address.size() || port == 0) return {};
  return port;
}

std::optional<std::uint16_t> port_given(const MetricsProfile& profile, const std::string& folder) {
  if (profile.port_flags.empty()) return std::nullopt;
  std::optional<std::uint16_t> port;
  const auto arguments = arguments_of(folder);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto equals = arguments[i].find('=');
    const auto name = lower(std::string_view(arguments[i]).substr(0, equals));
    if (std::find(profile.port_flags.begin(), profile.port_flags.end(), name) ==
        profile.port_flags.end()) {
      continue;
    }
    const bool has_next = equals == std::string::npos && i + 1 < arguments.size();
    const auto value = equals != std::string::npos ? arguments[i].substr(equals + 1)
                       : has_next                  ? arguments[i + 1]
                                                   : std::string();
    if (const auto found = port_in(value)) port = found;  // the last one counts
  }
  return port;
}

// As /proc/net has it: words of four bytes in the machine's order, in hexadecimal.
std::optional<std::string> host_of(std::string_view hexadecimal) {
  std::array<unsigned char, 16> bytes{};
  const auto count = hexadecimal.size() / 2;
  if (count != 4 && count != bytes.size()) return std::nullopt;
  for (std::size_t word = 0; word < count; word += 4) {
    std::uint32_t value = 0;
    const auto* const begin = hexadecimal.data() + 2 * word;
    if (std::from_chars(begin, begin + 8, value, 16).ptr != begin + 8) return std::nullopt;
    std::memcpy(bytes.data() + word, &value, sizeof value);
  }
  const bool any = std::all_of(bytes.begin(), bytes.end(), [](auto byte) { return byte == 0; });
  const bool six = count == bytes.size();
  if (any && !six) return "127.0.0.1";
  if (any) return "localhost";  // of both families, or of the sixth alone
  constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const bool mapped = six && std::equal(kMapped.begin(), kMapped.end(), bytes.begin());
  std::array<char, INET6_ADDRSTRLEN> text{};
  const auto* const from = bytes.data() + (mapped ? kMapped.size() : 0);
  if (::inet_ntop(six && !mapped ? AF_INET6 : AF_INET, from, text.data(), text.size()) == nullptr) {
    return std::nullopt;
  }
  return six && !mapped ? fmt::format("[{}]", text.data()) : std::string(text.data());
}

// Hosts that somebody in this process's network listens on at `port`, by their sockets' inodes.
void add_listeners(const std::string& table, std::uint16_t port,
                   std::map<std::uint64_t, std::string>& hosts) {
  constexpr std::string_view kListens = "0A";
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);  // the heading
  for (std::size_t lines = 0; lines < kSocketsMax && std::getline(file, line); ++lines) {
    std::istringstream fields(line);
    std::string number, local, remote, state, queues, timer, retransmitted, user, timeout;
    std::uint64_t inode = 0;
    fields >> number >> local >> remote >> state >> queues >> timer >> retransmitted >> user >>
        timeout >> inode;
    const auto colon = local.find(':');
    if (!fields || state != kListens || colon == std::string::npos) continue;
    std::uint16_t at = 0;
    const auto* const end = local.data() + local.size();
    if (std::from_chars(local.data() + colon + 1, end, at, 16).ptr != end || at != port) continue;
    if (auto host = host_of(std::string_view(local).substr(0, colon))) {
      hosts.emplace(inode, *std::move(host));
    }
  }
}

// Which of the sockets is open in the process itself.
std::optional<std::string> own_listener(const std::string& folder,
                                        const std::map<std::uint64_t, std::string>& hosts,
                                        std::error_code& error) {
  constexpr std::string_view kSocket = "socket:[";
  std::filesystem::directory_iterator entry(folder + "/fd", error);
  if (error) return std::nullopt;
  std::size_t looked_at = 0;
  for (const std::filesystem::directory_iterator end; entry != end && looked_at < kOpenFilesMax;
       ++looked_at) {
    std::error_code unreadable;  // a file that was closed meanwhile
    const auto target = std::filesystem::read_symlink(entry->path(), unreadable).string();
    if (!unreadable && target.starts_with(kSocket)) {
      std::uint64_t inode = 0;
      std::from_chars(target.data() + kSocket.size(), target.data() + target.size(), inode);
      if (const auto found = hosts.find(inode); found != hosts.end()) return found->second;
    }
    entry.increment(error);
    if (error) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

FoundMetrics find_metrics(const MetricsProfile& profile, std::int64_t process,
                          const std::string& proc) {
  const auto folder = fmt::format("{}/{}", proc, process);
  const auto given = port_given(profile, folder);
  const std::uint16_t port = given.value_or(profile.port);
  if (port == 0) {
    if (profile.port_flags.empty()) return {{}, std::string(profile.lacks)};
    return {{},
            fmt::format("{} serves them only where it is told to, and its command line does "
                        "not say",
                        profile.client)};
  }
  std::error_code error;
  const auto here = std::filesystem::read_symlink(proc + "/self/ns/net", error);
  const auto there = error ? here : std::filesystem::read_symlink(folder + "/ns/net", error);
  constexpr std::string_view kNoPermission =
      "this user may not see which sockets the node has open: look as the node's own user";
  if (error) return {{}, std::string(kNoPermission)};
  if (here != there) {
    return {{},
            "the node has a network of its own (a container): where its port is published is "
            "not to be seen from here"};
  }
  std::map<std::uint64_t, std::string> hosts;
  add_listeners(folder + "/net/tcp", port, hosts);
  add_listeners(folder + "/net/tcp6", port, hosts);
  const auto nobody = fmt::format(
      "the node does not listen on port {} ({})", port,
      given ? "which its command line names" : fmt::format("where {} serves them", profile.client));
  if (hosts.empty()) return {{}, nobody};
  const auto host = own_listener(folder, hosts, error);
  if (host) return {fmt::format("http://{}:{}/metrics", *host, port), {}};
  return {{}, error ? std::string(kNoPermission) : nobody};
}

}  // namespace nodetune
