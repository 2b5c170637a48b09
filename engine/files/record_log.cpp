// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/record_log.h"

#include <fmt/format.h>

#include <string>

#include "engine/files/coding.h"
#include "engine/files/crc32c.h"

namespace nodetune {
namespace {

constexpr std::size_t kBlockBytes = 32 * 1024;
constexpr std::size_t kHeaderBytes = 7;  // checksum, length, type
constexpr std::size_t kTypeOffset = 6;   // the checksum covers what starts here
constexpr int kBlocksAtOnce = 8;         // read together

enum FragmentType : std::uint8_t { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

class RecordLog {
 public:
  RecordLog(const FileReader& file, const std::function<Status(std::string_view)>& on_record,
            const RecordLogLimits& limits, std::int64_t from)
      : file_(file), on_record_(on_record), limits_(limits) {
    end_.bytes = from;
    end_.resume_at = from;
  }

  Result<RecordLogEnd> read() {
    std::string buffer;
    for (;;) {
      const auto wanted = kBlockBytes * kBlocksAtOnce - passed_of_block();
      const auto status = file_.read_into(end_.bytes, wanted, buffer);
      if (!status) return status;
      // A short read is the end of the file, for now.
      last_ = buffer.size() < wanted;
      std::string_view rest = buffer;
      while (!rest.empty() && !end_.half_written) {
        const auto block = rest.substr(0, kBlockBytes - passed_of_block());
        rest.remove_prefix(block.size());
        if (auto read = read_block(block, last_ && rest.empty()); !read) return read;
        end_.bytes += static_cast<std::int64_t>(block.size());
      }
      if (last_ || end_.half_written) break;
    }
    end_.half_written |= in_record_;
    return end_;
  }

 private:
  // Of the block at hand, what lies before: reading may begin in its middle.
  std::size_t passed_of_block() const { return static_cast<std::size_t>(end_.bytes) % kBlockBytes; }

  Status corrupt(std::size_t at_in_block, std::string_view what) const {
    return {StatusCode::corrupt,
            fmt::format("{}: {} at byte {}; the file is damaged: restore it from a backup or "
                        "resync the node",
                        file_.path(), what, end_.bytes + static_cast<std::int64_t>(at_in_block))};
  }

  Status read_block(std::string_view block, bool last_block) {
    std::size_t at = 0;
    while (block.size() - at >= kHeaderBytes) {
      Decoder header(block.substr(at, kHeaderBytes));
      const auto checksum = header.take_fixed<std::uint32_t>().value_or(0);
      const auto length = header.take_fixed<std::uint16_t>().value_or(0);
      const auto type = header.take_fixed<std::uint8_t>().value_or(0);
      if (type == kZero && length == 0) return Status::ok();  // space reserved, not yet written
      const auto end = at + kHeaderBytes + length;
      const bool whole = end <= block.size();
      if (!whole || mask_crc32c(crc32c(block.substr(at + kTypeOffset, length + 1U))) != checksum) {
        // At the end of the file the writer may just be at it.
        end_.half_written = last_block && end >= block.size();
        if (end_.half_written) return Status::ok();
        return corrupt(at, whole ? "a record's checksum is wrong" : "a record exceeds its block");
      }
      if (auto added = add(type, block.substr(at + kHeaderBytes, length), at); !added) return added;
      at = end;
      if (!in_record_) end_.resume_at = end_.bytes + static_cast<std::int64_t>(end);
    }
    // Fewer bytes than a header: filling, in a whole block; a header's beginning at the end.
    const bool whole = passed_of_block() + block.size() == kBlockBytes;
    if (last_block && !whole && at < block.size()) end_.half_written = true;
    return Status::ok();
  }

  Status add(std::uint8_t type, std::string_view fragment, std::size_t at) {
    const bool starts = type == kFull || type == kFirst;
    if (type > kLast || type == kZero) return corrupt(at, "a record is of an unknown type");
    if (starts == in_record_) return corrupt(at, "a part of a record is missing");
    if (record_.size() + fragment.size() > limits_.record_bytes_max) {
      return corrupt(at, "a record is absurdly long");
    }
    in_record_ = type == kFirst || type == kMiddle;
    if (type == kFull) return hand_over(fragment);
    record_ += fragment;
    if (type != kLast) return Status::ok();
    const auto status = hand_over(record_);
    record_.clear();
    return status;
  }

  Status hand_over(std::string_view record) {
    ++end_.records;
    return on_record_(record);
  }

  const FileReader& file_;
  const std::function<Status(std::string_view)>& on_record_;
  const RecordLogLimits& limits_;
  RecordLogEnd end_;
  std::string record_;      // the fragments so far
  bool in_record_ = false;  // a first fragment came, its last has not
  bool last_ = false;
};

}  // namespace

Result<RecordLogEnd> read_record_log(const FileReader& file,
                                     const std::function<Status(std::string_view)>& on_record,
                                     const RecordLogLimits& limits, std::int64_t from) {
  return RecordLog(file, on_record, limits, from).read();
}

}  // namespace nodetune
