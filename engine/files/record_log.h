// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "engine/base/status.h"
#include "engine/files/file_reader.h"

namespace nodetune {

struct RecordLogLimits {
  std::size_t record_bytes_max = 512 * 1024 * 1024;  // one edit lists a whole family's files
};

struct RecordLogEnd {
  std::int64_t records = 0;
  std::int64_t bytes = 0;      // of the file, as far as it was read
  std::int64_t resume_at = 0;  // behind the last whole record: a later call may go on there
  bool half_written = false;   // the last record is not whole: its writer lives, or died there
};

// Reads a MANIFEST's frames: blocks of 32 KiB with fragments, each with a masked CRC-32C, joined to
// records. `on_record` gets each whole record; a bad Status from it ends the reading.
// A broken record at the very end is half_written, no error; one in the middle is (corrupt).
// `from`: 0, or an earlier call's resume_at in the same file.
// Source: RocksDB's db/log_format.h; files with recycled records are none of ours.
Result<RecordLogEnd> read_record_log(const FileReader& file,
                                     const std::function<Status(std::string_view)>& on_record,
                                     const RecordLogLimits& limits = {}, std::int64_t from = 0);

}  // namespace nodetune
