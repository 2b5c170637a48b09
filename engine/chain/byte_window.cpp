// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/chain/byte_window.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <utility>

#include "engine/files/file_reader.h"

namespace nodetune {
namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10;
constexpr std::size_t kKeptBytes = std::size_t{4} << 20;  // a larger buffer is given back
constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr int kGzipOnly = 16;  // zlib's windowBits: 15 + 16 reads gzip and nothing else

class PlainInput final : public ByteInput {
 public:
  explicit PlainInput(FileReader file) : file_(std::move(file)) {}

  Status read(std::size_t bytes, std::string& out) override {
    if (auto status = file_.read_into(offset_, bytes, piece_); !status) return status;
    offset_ += static_cast<std::int64_t>(piece_.size());
    out += piece_;
    return Status::ok();
  }
  bool seek(std::uint64_t offset) override {
    offset_ = static_cast<std::int64_t>(std::min(offset, file_bytes()));
    return true;
  }
  const std::string& path() const override { return file_.path(); }
  std::uint64_t file_bytes() const override {
    return static_cast<std::uint64_t>(file_.size_at_open());
  }
  std::uint64_t file_position() const override { return static_cast<std::uint64_t>(offset_); }

 private:
  FileReader file_;
  std::int64_t offset_ = 0;
  std::string piece_;
};

// One gzip member after the other, as gzip itself reads them.
class GzipInput final : public ByteInput {
 public:
  explicit GzipInput(FileReader file) : file_(std::move(file)) {}
  ~GzipInput() override {
    if (started_) inflateEnd(&stream_);
  }
  GzipInput(const GzipInput&) = delete;
  GzipInput& operator=(const GzipInput&) = delete;

  Status read(std::size_t bytes, std::string& out) override {
    const std::size_t begin = out.size();
    while (out.size() == begin) {
      if (stream_.avail_in == 0) {
        if (auto status = refill(); !status) return status;
        if (piece_.empty()) return in_member_ ? damaged("it is cut short") : Status::ok();
      }
      if (!in_member_) {
        if (auto status = begin_member(); !status) return status;
      }
      const std::size_t wanted = std::min(bytes, kReadBytes);
      out.resize(begin + wanted);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + begin);
      stream_.avail_out = static_cast<uInt>(wanted);
      const int done = inflate(&stream_, Z_NO_FLUSH);
      out.erase(begin + wanted - stream_.avail_out);
      if (done == Z_STREAM_END) {
        in_member_ = false;
      } else if (done != Z_OK && done != Z_BUF_ERROR) {
        return damaged(stream_.msg != nullptr ? stream_.msg : "zlib cannot read it");
      }
    }
    return Status::ok();
  }
  bool seek(std::uint64_t) override { return false; }
  const std::string& path() const override { return file_.path(); }
  std::uint64_t file_bytes() const override {
    return static_cast<std::uint64_t>(file_.size_at_open());
  }
  std::uint64_t file_position() const override {
    return static_cast<std::uint64_t>(offset_) - stream_.avail_in;
  }

 private:
  Status refill() {
    if (auto status = file_.read_into(offset_, kReadBytes, piece_); !status) return status;
    offset_ += static_cast<std::int64_t>(piece_.size());
    stream_.next_in = reinterpret_cast<Bytef*>(piece_.data());
    stream_.avail_in = static_cast<uInt>(piece_.size());
    return Status::ok();
  }
  Status begin_member() {
    const int begun = started_ ? inflateReset(&stream_) : inflateInit2(&stream_, 15 + kGzipOnly);
    if (begun != Z_OK) return {StatusCode::failed, path() + ": no memory to decompress it"};
    started_ = true;
    in_member_ = true;
    return Status::ok();
  }
  Status damaged(std::string_view why) const {
    return {StatusCode::corrupt, fmt::format("{}: the gzip file is damaged after byte {} ({})",
                                             path(), file_position(), why)};
  }

  FileReader file_;
  std::int64_t offset_ = 0;
  std::string piece_;
  z_stream stream_{};
  bool started_ = false;
  bool in_member_ = false;
};

}  // namespace

Result<std::unique_ptr<ByteInput>> open_byte_input(const std::string& path) {
  auto file = FileReader::open(path);
  if (!file) return file.status();
  const auto magic = file->read_at(0, kGzipMagic.size());
  if (!magic) return magic.status();
  if (*magic == kGzipMagic) {
    return std::unique_ptr<ByteInput>(std::make_unique<GzipInput>(std::move(*file)));
  }
  return std::unique_ptr<ByteInput>(std::make_unique<PlainInput>(std::move(*file)));
}

void ByteWindow::drop_taken() {
  if (begin_ == buffer_.size() && buffer_.capacity() > kKeptBytes) {
    buffer_ = {};
  } else {
    buffer_.erase(0, begin_);
  }
  begin_ = 0;
}

Result<std::string_view> ByteWindow::peek(std::size_t bytes) {
  if (left().size() < bytes) drop_taken();
  while (left().size() < bytes) {
    const std::size_t before = buffer_.size();
    if (auto status = input_->read(kReadBytes, buffer_); !status) return status;
    if (buffer_.size() == before) break;
  }
  return left().substr(0, bytes);
}

Result<bool> ByteWindow::skip(std::uint64_t bytes) {
  if (bytes > left().size() &&
      bytes <= input_->file_bytes() - std::min(input_->file_bytes(), offset_) &&
      go_to(offset_ + bytes)) {
    return true;
  }
  while (bytes > 0) {
    const auto next = peek(static_cast<std::size_t>(std::min<std::uint64_t>(bytes, kReadBytes)));
    if (!next) return next.status();
    if (next->empty()) return false;
    begin_ += next->size();
    offset_ += next->size();
    bytes -= next->size();
  }
  return true;
}

bool ByteWindow::go_to(std::uint64_t offset) {
  if (!input_->seek(offset)) return false;
  buffer_.clear();
  begin_ = 0;
  offset_ = offset;
  return true;
}

}  // namespace nodetune
