// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/workload/trace_bytes.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "engine/files/file_reader.h"

namespace nodetune {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} << 10;
constexpr std::size_t kShownLineBytes = 60;  // of a line in a message

// A line of a foreign file in a message: short, and without control characters.
std::string shown(std::string_view line) {
  std::string text;
  for (const char c : line.substr(0, kShownLineBytes)) {
    text += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  }
  return line.size() > kShownLineBytes ? text + "…" : text;
}

}  // namespace

struct TraceBytes::Input {
  FileReader file;
  std::int64_t offset = 0;
  std::string buffer;
  Status status;

  static la_ssize_t read(archive* handle, void* self, const void** data) {
    auto* const input = static_cast<Input*>(self);
    input->status = input->file.read_into(input->offset, kReadBytes, input->buffer);
    if (!input->status) {
      archive_set_error(handle, EIO, "%s", input->status.message().c_str());
      return -1;
    }
    input->offset += static_cast<std::int64_t>(input->buffer.size());
    *data = input->buffer.data();
    return static_cast<la_ssize_t>(input->buffer.size());
  }
};

TraceBytes::TraceBytes(std::unique_ptr<Input> input)
    : path_(input->file.path()), input_(std::move(input)), archive_(archive_read_new()) {}

TraceBytes::~TraceBytes() {
  archive_read_free(archive_);
}

Result<std::unique_ptr<TraceBytes>> TraceBytes::open(const std::string& path) {
  auto file = FileReader::open(path);
  if (!file) return file.status();
  auto input = std::make_unique<Input>(Input{std::move(*file), 0, {}, {}});
  std::unique_ptr<TraceBytes> bytes(new TraceBytes(std::move(input)));
  if (auto status = bytes->start(); !status) return status;
  return bytes;
}

Status TraceBytes::start() {
  if (archive_ == nullptr) return Status(StatusCode::failed, path_ + ": no memory to read it");
  // Not archive_read_support_filter_all(): some of those start other programs.
  archive_read_support_filter_gzip(archive_);
  archive_read_support_filter_xz(archive_);
  archive_read_support_filter_zstd(archive_);
  archive_read_support_filter_bzip2(archive_);
  archive_read_support_filter_lz4(archive_);
  archive_read_support_format_raw(archive_);
  archive_read_support_format_empty(archive_);
  if (archive_read_open(archive_, input_.get(), nullptr, &Input::read, nullptr) != ARCHIVE_OK) {
    return failure();
  }
  archive_entry* entry = nullptr;
  const int found = archive_read_next_header(archive_, &entry);
  if (found == ARCHIVE_OK) return Status::ok();
  // A damaged first block looks like the end to libarchive, but it has noted the error.
  if (found != ARCHIVE_EOF || archive_errno(archive_) != 0) return failure();
  ended_ = true;
  return Status::ok();
}

Status TraceBytes::failure() const {
  if (!input_->status) return input_->status;
  const char* const why = archive_error_string(archive_);
  return Status(StatusCode::corrupt, fmt::format("{}: its compressed content is damaged or cut "
                                                 "short ({})",
                                                 path_, why == nullptr ? "no reason given" : why));
}

Result<std::string_view> TraceBytes::next() {
  while (!ended_) {
    const void* data = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int got = archive_read_data_block(archive_, &data, &size, &offset);
    if (got == ARCHIVE_EOF) {
      ended_ = true;
    } else if (got != ARCHIVE_OK) {
      return failure();
    } else if (size > 0) {
      return std::string_view(static_cast<const char*>(data), size);
    }
  }
  return std::string_view();
}

Result<bool> TraceLines::next(std::string_view& line) {
  if (carried_given_) carried_.clear();
  carried_given_ = false;
  ++number_;
  auto end = piece_.find('\n');
  while (end == std::string_view::npos) {
    carried_ += piece_;
    if (carried_.size() > kMaxLineBytes) return wrong("the line is too long", carried_);
    const auto piece = bytes_->next();
    if (!piece) return piece.status();
    piece_ = *piece;
    if (piece_.empty()) {  // a last line need not end
      carried_given_ = true;
      line = carried_;
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      return !carried_.empty();
    }
    end = piece_.find('\n');
  }
  line = piece_.substr(0, end);
  if (!carried_.empty()) {
    carried_ += line;
    line = carried_;
    carried_given_ = true;
  }
  piece_.remove_prefix(end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (line.size() > kMaxLineBytes) return wrong("the line is too long", line);
  return true;
}

Status TraceLines::wrong(std::string_view what, std::string_view line) const {
  return Status(StatusCode::corrupt,
                fmt::format("{}: line {}: {}: \"{}\"", bytes_->path(), number_, what, shown(line)));
}

Result<const unsigned char*> TraceRecords::next() {
  const auto* data = reinterpret_cast<const unsigned char*>(piece_.data());
  if (piece_.size() >= record_bytes_) {
    piece_.remove_prefix(record_bytes_);
    offset_ += record_bytes_;
    return data;
  }
  std::size_t have = 0;
  while (have < record_bytes_) {
    if (piece_.empty()) {
      const auto piece = bytes_->next();
      if (!piece) return piece.status();
      piece_ = *piece;
      if (piece_.empty()) break;
    }
    const auto taken = std::min(record_bytes_ - have, piece_.size());
    std::memcpy(cut_ + have, piece_.data(), taken);
    piece_.remove_prefix(taken);
    have += taken;
  }
  if (have == 0) return nullptr;
  if (have < record_bytes_) {
    return Status(StatusCode::corrupt,
                  fmt::format("{}: cut short: {} bytes at offset {} where a record has {}",
                              bytes_->path(), have, offset_, record_bytes_));
  }
  offset_ += record_bytes_;
  return cut_;
}

}  // namespace nodetune
