// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/base/stall_cause.h"

namespace nodetune {

std::string_view to_string(StallCause cause) {
  switch (cause) {
    case StallCause::memtables:
      return "memtables";
    case StallCause::level0_files:
      return "level0_files";
    case StallCause::pending_compaction_bytes:
      return "pending_compaction_bytes";
  }
  return "unknown";
}

std::string_view display_name(StallCause cause) {
  switch (cause) {
    case StallCause::memtables:
      return "immutable memtables";
    case StallCause::level0_files:
      return "level-0 files";
    case StallCause::pending_compaction_bytes:
      return "pending compaction bytes";
  }
  return "unknown";
}

}  // namespace nodetune
