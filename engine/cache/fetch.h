// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

namespace nodetune {

// Brings a line that will be written towards this processor, away from the
// others.
//
// Not the builtin: without a flag for newer processors GCC makes it a fetch for
// reading, and the write asks the others once more. An older processor takes
// the instruction for none.
[[gnu::always_inline]] inline void fetch_for_writing(const void* line) {
#ifdef __x86_64__
  asm volatile("prefetchw (%0)" : : "r"(line));
#else
  __builtin_prefetch(line, 1);
#endif
}

}  // namespace nodetune
