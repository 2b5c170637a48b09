// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/base/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <thread>
#include <utility>

namespace nodetune {
namespace {

constexpr auto kLookEvery = std::chrono::milliseconds(5);
// What not even SIGKILL ends waits for a disk that hangs: we do not wait with it.
constexpr auto kKillPatience = std::chrono::seconds(2);
constexpr std::array<int, 5> kSignalsAsUsual = {SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGCHLD};

class Pipe {
 public:
  Pipe() {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;
    read_ = ends[0];
    write_ = ends[1];
  }
  ~Pipe() {
    if (read_ >= 0) ::close(read_);
    if (write_ >= 0) ::close(write_);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  bool is_open() const { return read_ >= 0; }
  int write_end() const { return write_; }
  int take_read_end() {
    ::fcntl(read_, F_SETFL, O_NONBLOCK);
    return std::exchange(read_, -1);
  }

 private:
  int read_ = -1;
  int write_ = -1;
};

// What the child finds when it begins.
class Surroundings {
 public:
  Surroundings(int output, int error_output) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, error_output, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    for (const int number : kSignalsAsUsual) sigaddset(&usual, number);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &usual);
    posix_spawnattr_setflags(&attributes_,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
  }
  ~Surroundings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;

  int spawn(pid_t* pid, std::vector<char*>& arguments) const {
    return posix_spawnp(pid, arguments.front(), &actions_, &attributes_, arguments.data(), environ);
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(
    const std::vector<std::string>& arguments) {
  if (arguments.empty()) return Status(StatusCode::invalid_argument, "no program was named");
  Pipe output;
  Pipe error_output;
  if (!output.is_open() || !error_output.is_open()) {
    return Status::from_errno(errno, "cannot make a pipe to", arguments.front());
  }
  std::vector<char*> words;
  for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  std::unique_ptr<ChildProcess> child(new ChildProcess);
  const Surroundings surroundings(output.write_end(), error_output.write_end());
  const int error = surroundings.spawn(&child->pid_, words);
  if (error != 0) {
    child->pid_ = -1;
    return Status::from_errno(error, "cannot run", arguments.front());
  }
  child->output_ = output.take_read_end();
  child->error_output_ = error_output.take_read_end();
  return child;
}

ChildProcess::~ChildProcess() {
  stop();
  if (output_ >= 0) ::close(output_);
  if (error_output_ >= 0) ::close(error_output_);
}

std::string ChildProcess::read(std::size_t bytes_max) {
  look_for_end();
  read_errors();
  std::string bytes(bytes_max, '\0');
  std::size_t taken = 0;
  while (taken < bytes_max) {
    const auto count = ::read(output_, bytes.data() + taken, bytes_max - taken);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    taken += static_cast<std::size_t>(count);
  }
  bytes.resize(taken);
  // Somebody else may keep the pipe open: what counts is that the program itself has ended.
  if (end_ && bytes.empty()) read_out_ = true;
  return bytes;
}

void ChildProcess::read_errors() {
  std::array<char, 4096> piece{};
  for (;;) {
    const auto count = ::read(error_output_, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    errors_.append(piece.data(), static_cast<std::size_t>(count));
    if (errors_.size() > kErrorsBytesMax) errors_.erase(0, errors_.size() - kErrorsBytesMax);
  }
}

void ChildProcess::look_for_end() {
  if (end_ || pid_ < 0) return;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return;
  End end;
  if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  end_ = end;
}

bool ChildProcess::wait_for_end(Duration patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  for (;;) {
    look_for_end();
    if (end_) return true;
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(kLookEvery);
  }
}

// It leads a session, and so a group: what it has started goes too.
void ChildProcess::signal_all(int number) const {
  ::kill(-pid_, number);
}

void ChildProcess::stop(Duration patience) {
  look_for_end();
  if (end_ || pid_ < 0) return;
  signal_all(SIGTERM);
  if (wait_for_end(patience)) return;
  signal_all(SIGKILL);
  (void)wait_for_end(kKillPatience);
}

}  // namespace nodetune
