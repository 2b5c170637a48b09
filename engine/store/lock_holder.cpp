// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/store/lock_holder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>

#include "engine/base/format.h"

namespace nodetune {
namespace {

std::string command_of(int pid) {
  std::ifstream file(fmt::format("/proc/{}/comm", pid));
  std::string name;
  std::getline(file, name);
  return escape_name(name);
}

LockHolder holder_of(int pid) {
  return pid > 0 ? LockHolder{pid, command_of(pid)} : LockHolder{};
}

// A line: "12: POSIX  ADVISORY  WRITE 4711 08:01:131338 0 EOF"; waiters carry "->" behind the
// number. The device is hexadecimal, the inode decimal.
std::optional<int> pid_from_proc_locks(const struct stat& lock) {
  const auto place = fmt::format("{:02x}:{:02x}:{}", major(lock.st_dev), minor(lock.st_dev),
                                 static_cast<unsigned long long>(lock.st_ino));
  std::ifstream file("/proc/locks");
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string number;
    std::string type;
    std::string mode;
    std::string access;
    std::string where;
    int pid = 0;
    if (words >> number >> type >> mode >> access >> pid >> where && where == place) return pid;
  }
  return std::nullopt;
}

// In a child, because closing LOCK here would drop this process's own lock. Between fork and
// _exit only calls that are safe in a copy of a threaded process.
std::optional<int> pid_from_child(const std::string& path) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  const char* const name = path.c_str();
  const pid_t child = ::fork();
  if (child == 0) {
    struct flock lock = {};
    lock.l_type = F_RDLCK;
    lock.l_whence = SEEK_SET;
    const int descriptor = ::open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    const bool asked = descriptor >= 0 && ::fcntl(descriptor, F_GETLK, &lock) == 0;
    const bool held = asked && lock.l_type != F_UNLCK;
    const int answer = held ? static_cast<int>(lock.l_pid) : -1;
    const auto written = ::write(ends[1], &answer, sizeof answer);
    ::_exit(written == sizeof answer ? 0 : 1);
  }
  ::close(ends[1]);
  int answer = -1;
  ssize_t got = -1;
  if (child > 0) {
    do {
      got = ::read(ends[0], &answer, sizeof answer);
    } while (got < 0 && errno == EINTR);
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  ::close(ends[0]);
  if (got != sizeof answer || answer < 0) return std::nullopt;
  return answer;
}

}  // namespace

std::string LockHolder::describe() const {
  if (pid == 0) return "a process that cannot be seen from here (another container?)";
  if (name.empty()) return fmt::format("the process with pid {}", pid);
  return fmt::format("{} (pid {})", name, pid);
}

std::optional<LockHolder> lock_holder(const std::string& directory) {
  const auto path = directory + "/LOCK";
  struct stat lock = {};
  if (::stat(path.c_str(), &lock) != 0) return std::nullopt;
  if (const auto pid = pid_from_proc_locks(lock)) return holder_of(*pid);
  if (const auto pid = pid_from_child(path)) return holder_of(*pid);
  return std::nullopt;
}

}  // namespace nodetune
