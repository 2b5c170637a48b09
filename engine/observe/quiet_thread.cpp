// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/quiet_thread.h"

#include <sys/syscall.h>
#include <unistd.h>

namespace nodetune {
namespace {

// The kernel's interface: glibc has none, and newer <linux/ioprio.h> are no C++ (a parameter is
// called "class").
constexpr int kWhoProcess = 1;
constexpr int kClassIdle = 3;
constexpr int kClassShift = 13;

}  // namespace

void yield_disk_to_others() {
  // A system that refuses reads on as it did: the bytes a second are bounded all the same.
  constexpr int kThisThread = 0;
  ::syscall(SYS_ioprio_set, kWhoProcess, kThisThread, kClassIdle << kClassShift);
}

}  // namespace nodetune
