// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/quiet_thread.h"

#include <linux/ioprio.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace nodetune {

void yield_disk_to_others() {
  // A system that refuses reads on as it did: the bytes a second are bounded all the same.
  constexpr int kThisThread = 0;
  ::syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, kThisThread,
            IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0));
}

}  // namespace nodetune
