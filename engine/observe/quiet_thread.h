// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

namespace nodetune {

// Lets the calling thread's disk requests wait for everybody else's: Linux's idle I/O class, where
// the disk's scheduler has one. Others of this process are as they were.
void yield_disk_to_others();

}  // namespace nodetune
