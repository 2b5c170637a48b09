// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/workload/import_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "engine/files/file_reader.h"

namespace nodetune {
namespace {

constexpr std::size_t kFilesMax = 100'000;  // in a folder; era1 has fewer than 2,000

bool is_folder(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

std::string name_of(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

}  // namespace

Result<std::unique_ptr<ImportSource>> ImportSource::open(const std::vector<std::string>& paths) {
  std::unique_ptr<ImportSource> source(new ImportSource);
  for (const auto& path : paths) {
    auto status = is_folder(path) ? source->add_folder(path) : source->add_file(path);
    if (!status) return status;
  }
  if (source->files_.empty()) {
    return Status(StatusCode::invalid_argument, "no file of blocks was given");
  }
  std::stable_sort(source->files_.begin(), source->files_.end(),
                   [](const File& a, const File& b) { return a.first_number < b.first_number; });
  for (const auto& file : source->files_) source->file_bytes_ += file.bytes;
  return source;
}

Status ImportSource::add_file(const std::string& path) {
  auto file = open_block_file(path);
  if (!file) return file.status();
  auto block = (*file)->next();
  if (!block) return block.status();
  if (!block->has_value()) return {StatusCode::not_found, path + ": holds no block"};
  const auto checked = check_block(**block);
  if (!checked) {
    return block_error((*file)->input(), (*block)->number, (*block)->offset,
                       checked.status().message());
  }
  files_.push_back({path, (*file)->input().file_bytes(), (*block)->number, checked->hash,
                    std::string((*file)->format())});
  return Status::ok();
}

// What holds no blocks may lie there too: lists of checksums, notes.
Status ImportSource::add_folder(const std::string& path) {
  const auto listed = list_directory(path, kFilesMax);
  if (!listed) return listed.status();
  if (listed->truncated) {
    return {StatusCode::invalid_argument,
            fmt::format("{}: holds more than {} files", path, kFilesMax)};
  }
  const auto before = files_.size();
  for (const auto& entry : listed->entries) {
    if (entry.type != DirectoryEntry::Type::file || entry.name.starts_with('.')) continue;
    const auto status = add_file(path + "/" + entry.name);
    const bool no_blocks =
        status.code() == StatusCode::invalid_argument || status.code() == StatusCode::not_found;
    if (!status && !no_blocks) return status;
  }
  if (files_.size() > before) return Status::ok();
  return {StatusCode::invalid_argument,
          path + ": no file in this folder holds blocks (RLP block exports or era1 archives)"};
}

std::string ImportSource::describe() const {
  if (files_.size() > 1) return fmt::format("{} files", files_.size());
  return fmt::format("{} ({})", name_of(files_.front().path), files_.front().format);
}

Status ImportSource::start(std::optional<ImportPoint> after, std::optional<std::uint64_t> from,
                           const std::stop_token& stop) {
  stop_ = stop;
  last_ = after;
  last_is_stored_ = after.has_value();
  skip_to_ = after ? after->number : from.value_or(0);
  held_.reset();
  failure_ = Status::ok();
  file_.reset();
  index_ = 0;
  // What lies wholly before is not even opened.
  while (index_ + 1 < files_.size() && files_[index_ + 1].first_number <= skip_to_) ++index_;
  return open_file(index_);
}

Status ImportSource::open_file(std::size_t index) {
  auto file = open_block_file(files_[index].path);
  if (!file) return file.status();
  file_ = *std::move(file);
  return file_->skip_below(skip_to_, last_ ? last_->offset : 0, stop_);
}

Result<std::optional<CheckedBlock>> ImportSource::next() {
  if (!failure_) return failure_;
  for (;;) {
    auto block = read();
    if (block && block->has_value() && !held_) {
      held_ = **std::move(block);
      continue;
    }
    if (block && block->has_value()) return std::exchange(held_, **std::move(block));
    if (!held_) return block;
    if (!block) failure_ = block.status();
    return std::exchange(held_, std::nullopt);
  }
}

// The next block, linked to the one before.
Result<std::optional<CheckedBlock>> ImportSource::read() {
  while (file_) {
    auto block = file_->next();
    if (!block) return block.status();
    if (!block->has_value()) {
      file_.reset();
      if (index_ + 1 == files_.size()) break;
      skip_to_ = last_ ? last_->number : skip_to_;
      if (auto status = open_file(++index_); !status) return status;
      continue;
    }
    const auto number = (*block)->number;
    const auto offset = (*block)->offset;
    auto checked = check_block(*std::move(*block));
    if (!checked) {
      return block_error(file_->input(), number, offset, checked.status().message());
    }
    if (last_ && number == last_->number && checked->hash == last_->hash) continue;  // an overlap
    if (auto status = follow(*checked); !status) return status;
    return std::optional(*std::move(checked));
  }
  return std::optional<CheckedBlock>();
}

Status ImportSource::error(const FileBlock& block, std::string_view what) const {
  return block_error(file_->input(), block.number, block.offset, what);
}

Status ImportSource::follow(CheckedBlock& block) {
  const std::string_view where = last_is_stored_ ? "stored in this directory" : "before it";
  if (last_ && block.file.number == last_->number) {
    return error(block.file, fmt::format("is another block than the one {}: its hash is {}, not {}",
                                         where, to_hex_0x(block.hash), to_hex_0x(last_->hash)));
  }
  if (last_ && block.file.number != last_->number + 1) {
    return error(block.file,
                 fmt::format("does not follow block {}, the last one {}", last_->number, where));
  }
  if (last_ && block.header.parent_hash != last_->hash) return broken_link(block);
  std::optional<Word256> total;
  if (last_ ? last_->total_difficulty.has_value() : block.file.number == 0) {
    total = add(last_ ? *last_->total_difficulty : Word256{}, block.header.difficulty);
    if (!total || (block.file.total_difficulty && *block.file.total_difficulty != *total)) {
      return error(block.file, "has a total difficulty that is not the sum of the chain's");
    }
  }
  if (total) block.file.total_difficulty = total;
  last_ =
      ImportPoint{block.file.number, block.hash, block.file.total_difficulty, block.file.offset};
  last_is_stored_ = false;
  return Status::ok();
}

// Which of the two is damaged, the block behind them tells: if it follows `block`, the one before
// is.
Status ImportSource::broken_link(const CheckedBlock& block) {
  const auto parent = to_hex_0x(block.header.parent_hash);
  if (last_is_stored_) {
    return error(block.file,
                 fmt::format("does not follow the block stored in this directory: it names {} as "
                             "its parent, the hash of block {} is {}",
                             parent, last_->number, to_hex_0x(last_->hash)));
  }
  const auto after = file_->next();
  const auto header = after && after->has_value()
                          ? BlockHeader::decode((**after).header)
                          : Result<BlockHeader>(Status(StatusCode::not_found, "no block follows"));
  if (held_ && header && header->parent_hash == block.hash) {
    held_.reset();
    return block_error(
        file_->input(), last_->number, last_->offset,
        fmt::format("is damaged, or of another chain: its hash is {}, but block {} "
                    "at byte {} names {} as its parent",
                    to_hex_0x(last_->hash), block.file.number, block.file.offset, parent));
  }
  return error(block.file,
               fmt::format("does not follow block {}: it names {} as its parent, the "
                           "hash of block {} is {}",
                           last_->number, parent, last_->number, to_hex_0x(last_->hash)));
}

std::uint64_t ImportSource::file_bytes_done() const {
  std::uint64_t done = 0;
  for (std::size_t i = 0; i < index_; ++i) done += files_[i].bytes;
  return done + (file_ ? file_->input().file_position() : files_[index_].bytes);
}

}  // namespace nodetune
