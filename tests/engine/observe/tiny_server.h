// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace nodetune::testing {

inline std::string http_answer(const std::string& body, const std::string& first = "200 OK",
                               const std::string& headers = {}) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Type: text/plain\r\n{}Content-Length: {}\r\n\r\n{}",
                     first, headers, body.size(), body);
}

// Sends the same bytes to whoever asks on a port of the loopback, and closes; or never answers.
class TinyServer {
 public:
  static constexpr const char* kSilence = "";

  explicit TinyServer(std::string answer) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    valid_ = ::bind(listener_, any, size) == 0 && ::listen(listener_, 16) == 0 &&
             ::getsockname(listener_, any, &size) == 0 && ::pipe(stop_.data()) == 0;
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~TinyServer() {
    ::close(stop_[1]);
    thread_.join();
    for (const int held : held_) ::close(held);
    ::close(stop_[0]);
    ::close(listener_);
  }

  bool valid() const { return valid_; }
  std::uint16_t port() const { return port_; }
  std::string url() const { return fmt::format("http://127.0.0.1:{}/metrics", port_); }
  int requests() const { return requests_.load(); }
  void set_answer(std::string answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }

 private:
  void serve() {
    while (true) {
      std::array<pollfd, 2> wait = {pollfd{listener_, POLLIN, 0}, pollfd{stop_[0], POLLIN, 0}};
      ::poll(wait.data(), wait.size(), -1);
      if (wait[1].revents != 0) return;
      const int asked = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (asked < 0) continue;
      std::array<char, 4096> request{};
      if (::recv(asked, request.data(), request.size(), 0) > 0) requests_.fetch_add(1);
      std::string answer;
      {
        const std::lock_guard lock(mutex_);
        answer = answer_;
      }
      if (answer.empty()) {
        held_.push_back(asked);
        continue;
      }
      for (std::size_t sent = 0; sent < answer.size();) {
        const auto now = ::send(asked, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
        if (now <= 0) break;
        sent += static_cast<std::size_t>(now);
      }
      ::close(asked);
    }
  }

  int listener_ = -1;
  std::array<int, 2> stop_ = {-1, -1};
  bool valid_ = false;
  std::uint16_t port_ = 0;
  std::atomic<int> requests_{0};
  std::mutex mutex_;
  std::string answer_;     // guarded by mutex_
  std::vector<int> held_;  // the thread's, until it has ended
  std::thread thread_;
};

}  // namespace nodetune::testing
