// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/workload/trace_reader.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <vector>

#include "engine/chain/access_list.h"
#include "engine/workload/trace_bytes.h"

namespace nodetune {
namespace {

// One line of an `arc` trace stands for this many requests at most; the published ones have 64.
// A damaged count must not keep the reader busy for a day.
constexpr std::uint64_t kMaxPagesPerLine = 1'000'000;

std::uint64_t hash_of(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

// The decimal number that `text` is, or nothing.
template <typename Number>
std::optional<Number> number_from(std::string_view text) {
  Number number{};
  const auto* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return number;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Takes the next word off `line`; empty where there is none.
std::string_view take_word(std::string_view& line) {
  line = trimmed(line);
  const auto* const end = std::find_if(line.begin(), line.end(), is_blank);
  const auto word = line.substr(0, static_cast<std::size_t>(end - line.begin()));
  line.remove_prefix(word.size());
  return word;
}

class ArcReader final : public TraceReader {
 public:
  explicit ArcReader(std::unique_ptr<TraceBytes> bytes) : lines_(std::move(bytes)) {}

  Result<std::size_t> read(std::span<TraceRequest> requests) override {
    for (std::size_t filled = 0; filled < requests.size(); ++filled) {
      while (pages_left_ == 0) {
        const auto more = next_line();
        if (!more) return more.status();
        if (!*more) return filled;
      }
      requests[filled] = {page_++, std::nullopt};
      --pages_left_;
    }
    return requests.size();
  }

 private:
  Result<bool> next_line() {
    std::string_view line;
    const auto more = lines_.next(line);
    if (!more || !*more) return more;
    auto rest = line;
    const auto first = take_word(rest);
    if (first.empty()) return true;  // an empty line
    const auto start = number_from<std::uint64_t>(first);
    const auto count = number_from<std::uint64_t>(take_word(rest));
    const bool complete = !take_word(rest).empty() && !take_word(rest).empty();
    if (!start || !count || !complete || !trimmed(rest).empty()) {
      return lines_.wrong("not \"start count ignored request\"", line);
    }
    if (*count > kMaxPagesPerLine || *start > std::numeric_limits<std::uint64_t>::max() - *count) {
      return lines_.wrong("more pages than any request has", line);
    }
    page_ = *start;
    pages_left_ = *count;
    return true;
  }

  TraceLines lines_;
  std::uint64_t page_ = 0;
  std::uint64_t pages_left_ = 0;
};

class LirsReader final : public TraceReader {
 public:
  explicit LirsReader(std::unique_ptr<TraceBytes> bytes) : lines_(std::move(bytes)) {}

  Result<std::size_t> read(std::span<TraceRequest> requests) override {
    std::size_t filled = 0;
    while (filled < requests.size()) {
      std::string_view line;
      const auto more = lines_.next(line);
      if (!more) return more.status();
      if (!*more) break;
      const auto word = trimmed(line);
      if (word.empty() || word.front() == '*') continue;
      const auto block = number_from<std::uint64_t>(word);
      if (!block) return lines_.wrong("not a block number", line);
      requests[filled++] = {*block, std::nullopt};
    }
    return filled;
  }

 private:
  TraceLines lines_;
};

class CsvReader final : public TraceReader {
 public:
  explicit CsvReader(std::unique_ptr<TraceBytes> bytes) : lines_(std::move(bytes)) {}

  // Reads the first line, which names the columns.
  Status start() {
    std::string_view line;
    const auto more = lines_.next(line);
    if (!more) return more.status();
    if (!*more) return Status::ok();  // an empty file
    split(line);
    key_column_ = column_of({"obj_id", "key", "id", "lbn"});
    size_column_ = column_of({"size", "obj_size"});
    if (key_column_) return Status::ok();
    return lines_.wrong("no column is named obj_id, key, id or lbn", line);
  }

  Result<std::size_t> read(std::span<TraceRequest> requests) override {
    std::size_t filled = 0;
    while (filled < requests.size()) {
      std::string_view line;
      const auto more = lines_.next(line);
      if (!more) return more.status();
      if (!*more) break;
      if (trimmed(line).empty()) continue;
      split(line);
      if (fields_.size() != columns_) {
        return lines_.wrong(
            fmt::format("{} fields where the first line has {}", fields_.size(), columns_), line);
      }
      const auto key = fields_[*key_column_];
      if (key.empty()) return lines_.wrong("the key is empty", line);
      const auto number = number_from<std::uint64_t>(key);
      requests[filled] = {number ? *number : hash_of(key), std::nullopt};
      if (size_column_) {
        requests[filled].bytes = number_from<std::uint32_t>(fields_[*size_column_]);
        if (!requests[filled].bytes) return lines_.wrong("the size is no number", line);
      }
      ++filled;
    }
    return filled;
  }

 private:
  // Sets fields_: at commas that stand outside quotes; quotes around a field are taken off.
  void split(std::string_view line) {
    fields_.clear();
    bool quoted = false;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= line.size(); ++i) {
      if (i < line.size() && line[i] == '"') quoted = !quoted;
      if (i < line.size() && (line[i] != ',' || quoted)) continue;
      auto field = trimmed(line.substr(begin, i - begin));
      if (field.size() >= 2 && field.front() == '"' && field.back() == '"') {
        field = field.substr(1, field.size() - 2);
      }
      fields_.push_back(field);
      begin = i + 1;
    }
  }

  std::optional<std::size_t> column_of(std::initializer_list<std::string_view> names) {
    columns_ = fields_.size();
    for (const auto& wanted : names) {
      const auto found = std::find(fields_.begin(), fields_.end(), wanted);
      if (found != fields_.end()) return static_cast<std::size_t>(found - fields_.begin());
    }
    return std::nullopt;
  }

  TraceLines lines_;
  std::vector<std::string_view> fields_;
  std::size_t columns_ = 0;
  std::optional<std::size_t> key_column_;
  std::optional<std::size_t> size_column_;
};

std::uint64_t big_endian(const unsigned char* bytes, std::size_t count) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < count; ++i) number = number << 8 | bytes[i];
  return number;
}

std::uint64_t little_endian(const unsigned char* bytes, std::size_t count) {
  std::uint64_t number = 0;
  for (std::size_t i = count; i > 0; --i) number = number << 8 | bytes[i - 1];
  return number;
}

TraceRequest parse_u64be(const unsigned char* record) {
  return {big_endian(record, 8), std::nullopt};
}

TraceRequest parse_i32be(const unsigned char* record) {
  const auto number = static_cast<std::int32_t>(big_endian(record, 4));
  return {static_cast<std::uint64_t>(std::int64_t{number}), std::nullopt};
}

TraceRequest parse_oracle_general(const unsigned char* record) {
  return {little_endian(record + 4, 8), static_cast<std::uint32_t>(little_endian(record + 12, 4))};
}

class RecordReader final : public TraceReader {
 public:
  using Parse = TraceRequest (*)(const unsigned char*);
  RecordReader(std::unique_ptr<TraceBytes> bytes, std::size_t record_bytes, Parse parse)
      : records_(std::move(bytes), record_bytes), parse_(parse) {}

  Result<std::size_t> read(std::span<TraceRequest> requests) override {
    for (std::size_t filled = 0; filled < requests.size(); ++filled) {
      const auto record = records_.next();
      if (!record) return record.status();
      if (*record == nullptr) return filled;
      requests[filled] = parse_(*record);
    }
    return requests.size();
  }

 private:
  TraceRecords records_;
  Parse parse_;
};

class AccessListReader final : public TraceReader {
 public:
  AccessListReader(std::vector<AccessListFile> files, bool slots)
      : files_(std::move(files)), slots_(slots) {}

  Result<std::size_t> read(std::span<TraceRequest> requests) override {
    std::size_t filled = 0;
    while (filled < requests.size()) {
      if (given_ == block_.size()) {
        if (next_file_ == files_.size()) break;
        if (auto status = load(files_[next_file_++]); !status) return status;
        continue;
      }
      requests[filled++] = {block_[given_++], std::nullopt};
    }
    return filled;
  }

 private:
  Status load(const AccessListFile& file) {
    const auto list = read_access_list(file);
    if (!list) return list.status();
    block_.clear();
    given_ = 0;
    for (const auto& account : list->accounts) {
      std::string key(as_view(account.address));
      if (!slots_) {
        block_.push_back(hash_of(key));
        continue;
      }
      for (const auto& slot : account.touched_slots()) {
        key.resize(account.address.size());
        key += as_view(slot);
        block_.push_back(hash_of(key));
      }
    }
    return Status::ok();
  }

  std::vector<AccessListFile> files_;
  bool slots_;
  std::size_t next_file_ = 0;
  std::vector<std::uint64_t> block_;  // what the present block touches
  std::size_t given_ = 0;
};

Result<std::unique_ptr<TraceReader>> open_access_lists(const std::string& path, bool slots) {
  auto files = list_access_list_files(path);
  if (!files) return files.status();
  return std::unique_ptr<TraceReader>(std::make_unique<AccessListReader>(std::move(*files), slots));
}

Result<std::unique_ptr<TraceReader>> open_csv(std::unique_ptr<TraceBytes> bytes) {
  auto reader = std::make_unique<CsvReader>(std::move(bytes));
  if (auto status = reader->start(); !status) return status;
  return std::unique_ptr<TraceReader>(std::move(reader));
}

}  // namespace

std::string_view name(TraceFormat format) {
  switch (format) {
    case TraceFormat::arc:
      return "arc";
    case TraceFormat::u64be:
      return "u64be";
    case TraceFormat::i32be:
      return "i32be";
    case TraceFormat::lirs:
      return "lirs";
    case TraceFormat::csv:
      return "csv";
    case TraceFormat::oracle_general:
      return "oracleGeneral";
    case TraceFormat::bal_accounts:
      return "bal-accounts";
    case TraceFormat::bal_slots:
      return "bal-slots";
  }
  return {};
}

Result<TraceFormat> parse_trace_format(std::string_view text) {
  std::string known;
  for (const auto format : kTraceFormats) {
    if (text == name(format)) return format;
    known += known.empty() ? "" : ", ";
    known += name(format);
  }
  return Status(StatusCode::invalid_argument,
                fmt::format("there is no trace format \"{}\"; there are {}", text, known));
}

Result<std::unique_ptr<TraceReader>> open_trace(const std::string& path, TraceFormat format) {
  const auto is_lists = format == TraceFormat::bal_accounts || format == TraceFormat::bal_slots;
  if (is_lists) return open_access_lists(path, format == TraceFormat::bal_slots);
  auto opened = TraceBytes::open(path);
  if (!opened) return opened.status();
  auto bytes = std::move(*opened);
  std::unique_ptr<TraceReader> reader;
  switch (format) {
    case TraceFormat::arc:
      reader = std::make_unique<ArcReader>(std::move(bytes));
      break;
    case TraceFormat::u64be:
      reader = std::make_unique<RecordReader>(std::move(bytes), 8, parse_u64be);
      break;
    case TraceFormat::i32be:
      reader = std::make_unique<RecordReader>(std::move(bytes), 4, parse_i32be);
      break;
    case TraceFormat::lirs:
      reader = std::make_unique<LirsReader>(std::move(bytes));
      break;
    case TraceFormat::csv:
      return open_csv(std::move(bytes));
    case TraceFormat::oracle_general:
      reader = std::make_unique<RecordReader>(std::move(bytes), 24, parse_oracle_general);
      break;
    case TraceFormat::bal_accounts:
    case TraceFormat::bal_slots:
      break;  // opened above
  }
  return reader;
}

}  // namespace nodetune
