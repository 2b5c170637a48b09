// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_options.h"

#include <array>
#include <utility>

#include "engine/files/file_reader.h"
#include "engine/files/log_line.h"

namespace nodetune {
namespace {

constexpr std::size_t kLogHeadBytes = 4 << 20;  // 30 families take 200 KiB
constexpr std::size_t kFamiliesMax = 4096;
constexpr std::size_t kSectionOptionsMax = 4096;  // of one section

constexpr std::array kStoredCompressions = {
    std::pair{"NoCompression", "kNoCompression"},
    std::pair{"Snappy", "kSnappyCompression"},
    std::pair{"Zlib", "kZlibCompression"},
    std::pair{"BZip2", "kBZip2Compression"},
    std::pair{"LZ4", "kLZ4Compression"},
    std::pair{"LZ4HC", "kLZ4HCCompression"},
    std::pair{"Xpress", "kXpressCompression"},
    std::pair{"ZSTD", "kZSTD"},
    std::pair{"Disabled", "kDisableCompressionOption"},
};

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(" \t\r");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r") - from + 1);
}

// "name: value", "name : value".
std::optional<std::pair<std::string, std::string>> split(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto name = trimmed(line.substr(0, colon));
  if (name.empty() || name.find(' ') != std::string_view::npos) return std::nullopt;
  return std::pair(std::string(name), std::string(trimmed(line.substr(colon + 1))));
}

void put(OptionMap& options, std::string name, std::string value) {
  if (options.size() >= kSectionOptionsMax) return;
  if (name == "compression" || name == "bottommost_compression") {
    for (const auto& [shown, stored] : kStoredCompressions) {
      if (value == shown) value = stored;
    }
  }
  options.insert_or_assign(std::move(name), std::move(value));
}

class OptionsInLog {
 public:
  void add(std::string_view message) {
    constexpr std::string_view kOption = "Options.";
    constexpr std::string_view kTable = "table_factory options:";
    constexpr std::string_view kVersion = "RocksDB version: ";
    if (const auto family = family_in(message)) {
      if (file_.column_families.size() >= kFamiliesMax) return;
      file_.column_families.emplace_back().name = *family;
      return;
    }
    const auto text = trimmed(message);
    if (text.starts_with(kVersion)) {
      file_ = {};  // another open: what it lists is in force
      file_.rocksdb_version = text.substr(kVersion.size());
    } else if (text.starts_with(kOption)) {
      add_option(text.substr(kOption.size()));
    } else if (text.starts_with(kTable) && !file_.column_families.empty()) {
      add_table(text.substr(kTable.size()));
    }
  }

  std::optional<OptionsFile> take() && {
    if (file_.db_options.empty() && file_.column_families.empty()) return std::nullopt;
    return std::move(file_);
  }

 private:
  // "--------------- Options for column family [default]:"
  static std::optional<std::string_view> family_in(std::string_view message) {
    constexpr std::string_view kBegin = "Options for column family [";
    constexpr std::string_view kEnd = "]:";
    const auto from = message.find(kBegin);
    if (from == std::string_view::npos || message.rfind('-', from) == std::string_view::npos) {
      return std::nullopt;
    }
    const auto rest = message.substr(from + kBegin.size());
    const auto to = rest.rfind(kEnd);
    if (to == std::string_view::npos) return std::nullopt;
    return rest.substr(0, to);
  }

  void add_option(std::string_view line) {
    auto option = split(line);
    if (!option) return;
    auto& section =
        file_.column_families.empty() ? file_.db_options : file_.column_families.back().options;
    if (option->first == "table_factory" && !file_.column_families.empty()) {
      file_.column_families.back().table_factory = option->second;
      return;
    }
    put(section, std::move(option->first), std::move(option->second));
  }

  void add_table(std::string_view lines) {
    auto& table = file_.column_families.back().table_options;
    while (!lines.empty()) {
      const auto end = lines.find('\n');
      if (auto option = split(lines.substr(0, end))) {
        put(table, std::move(option->first), std::move(option->second));
      }
      if (end == std::string_view::npos) return;
      lines.remove_prefix(end + 1);
    }
  }

  OptionsFile file_;
};

}  // namespace

std::optional<OptionsFile> parse_log_options(std::string_view log) {
  OptionsInLog options;
  LogRecordReader records{LogLimits{}};
  const auto add = [&options](const LogRecord& record) { options.add(record.message); };
  records.feed(log, add);
  records.finish(add);
  return std::move(options).take();
}

std::optional<OptionsFile> read_log_options(const std::string& path) {
  const auto head = read_head(path, kLogHeadBytes);
  if (!head) return std::nullopt;
  auto options = parse_log_options(*head);
  if (options) options->path = path;
  return options;
}

}  // namespace nodetune
