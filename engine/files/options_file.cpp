// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/options_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <unordered_map>
#include <utility>

#include "engine/files/directory_listing.h"
#include "engine/files/file_reader.h"

namespace nodetune {
namespace {

constexpr std::size_t kOptionsBytesMax = 64 * 1024 * 1024;  // some 16,000 column families
constexpr std::size_t kOptionsFamiliesMax = 20'000;
constexpr std::size_t kOptionsMax = 2'500'000;  // all families' together; each has some 120

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\v\f";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// Cuts a comment off: from the first '#' that is not escaped.
std::string_view without_comment(std::string_view line) {
  for (auto at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1)) {
    if (at == 0 || line[at - 1] != '\\') return line.substr(0, at);
  }
  return line;
}

struct Section {
  std::string_view title;  // "CFOptions", "TableOptions/BlockBasedTable"
  std::string argument;    // the unescaped column family name
};

// [Title] or [Title "argument"]. A family may be named anything, brackets and quotes included.
std::optional<Section> parse_section(std::string_view line) {
  if (line.size() < 2 || line.front() != '[' || line.back() != ']') return std::nullopt;
  const auto inside = line.substr(1, line.size() - 2);
  const auto open = inside.find('"');
  const auto close = inside.rfind('"');
  if (open == std::string_view::npos || close == open) return Section{trim(inside), {}};
  return Section{trim(inside.substr(0, open)),
                 unescape_option(inside.substr(open + 1, close - open - 1))};
}

class OptionsParser {
 public:
  explicit OptionsParser(OptionsFile& file) : file_(file) {}

  void read_line(std::string_view raw) {
    const auto line = trim(without_comment(raw));
    if (line.empty()) return;
    if (auto section = parse_section(line)) {
      enter(*section);
      return;
    }
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0 || target_ == nullptr) return;
    if (++options_ > kOptionsMax) return;
    const auto key = trim(line.substr(0, equals));
    (*target_)[prefix_ + std::string(key)] = std::string(trim(line.substr(equals + 1)));
  }

  bool saw_known_section() const { return saw_known_section_; }

 private:
  // Null: there are too many.
  ColumnFamilyOptionValues* family(const std::string& name) {
    auto& families = file_.column_families;
    const auto [known, added] = index_.try_emplace(name, families.size());
    if (!added) return &families[known->second];
    if (families.size() >= kOptionsFamiliesMax) {
      index_.erase(known);
      return nullptr;
    }
    families.emplace_back().name = name;
    return &families.back();
  }

  void enter(const Section& section) {
    constexpr std::string_view kTable = "TableOptions/";
    bool known = true;
    prefix_.clear();
    if (section.title == "Version") {
      target_ = &file_.version;
    } else if (section.title == "DBOptions") {
      target_ = &file_.db_options;
    } else if (section.title == "CFOptions") {
      auto* of = family(section.argument);
      target_ = of != nullptr ? &of->options : nullptr;
    } else if (section.title.starts_with(kTable)) {
      auto* of = family(section.argument);
      target_ = of != nullptr ? &of->table_options : nullptr;
      if (of != nullptr) of->table_factory = section.title.substr(kTable.size());
    } else {
      prefix_ = std::string(section.title) + "/";
      target_ = &file_.other;
      known = false;  // a later version's, or noise with brackets around it
    }
    saw_known_section_ |= known;
  }

  OptionsFile& file_;
  std::unordered_map<std::string, std::size_t> index_;  // of the families, by name
  // Valid until the next section: families grow only there. Null: what follows is passed over.
  OptionMap* target_ = nullptr;
  bool saw_known_section_ = false;
  std::size_t options_ = 0;
  std::string prefix_;
};

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

// "8388608", or "{capacity=8388608;…}" as some versions write a cache.
std::optional<std::int64_t> capacity_of(const std::string& block_cache) {
  constexpr std::string_view kCapacity = "capacity=";
  const auto at = block_cache.find(kCapacity);
  const auto from = at == std::string::npos ? 0 : at + kCapacity.size();
  std::int64_t bytes = 0;
  const auto [end, error] =
      std::from_chars(block_cache.data() + from, block_cache.data() + block_cache.size(), bytes);
  if (error != std::errc()) return std::nullopt;
  return bytes;
}

}  // namespace

const ColumnFamilyOptionValues* OptionsFile::find_column_family(std::string_view name) const {
  const auto found = std::find_if(column_families.begin(), column_families.end(),
                                  [name](const auto& each) { return each.name == name; });
  return found == column_families.end() ? nullptr : &*found;
}

std::optional<std::string> find_option(const OptionMap& options, std::string_view key) {
  const auto found = options.find(key);
  if (found == options.end()) return std::nullopt;
  return found->second;
}

std::optional<std::int64_t> find_option_integer(const OptionMap& options, std::string_view key) {
  const auto found = options.find(key);
  if (found == options.end()) return std::nullopt;
  const auto& text = found->second;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<ObservedKnobs> observed_knobs(const OptionsFile& options) {
  std::vector<ObservedKnobs> all;
  all.reserve(options.column_families.size());
  for (const auto& family : options.column_families) {
    const auto integer = [&family](std::string_view key) {
      return find_option_integer(family.options, key);
    };
    ObservedKnobs knobs;
    knobs.column_family = family.name;
    knobs.write_buffer_size_bytes = integer("write_buffer_size");
    knobs.max_write_buffer_number = integer("max_write_buffer_number");
    knobs.target_file_size_base_bytes = integer("target_file_size_base");
    knobs.level0_file_num_compaction_trigger = integer("level0_file_num_compaction_trigger");
    knobs.max_background_jobs = find_option_integer(options.db_options, "max_background_jobs");
    knobs.compression = find_option(family.options, "compression");
    knobs.compression_per_level = find_option(family.options, "compression_per_level");
    knobs.bottommost_compression = find_option(family.options, "bottommost_compression");
    if (const auto cache = find_option(family.table_options, "block_cache")) {
      knobs.block_cache_bytes = capacity_of(*cache);
    }
    knobs.filter_policy = find_option(family.table_options, "filter_policy");
    if (knobs.filter_policy) knobs.bloom_bits_per_key = bloom_bits_of(*knobs.filter_policy);
    all.push_back(std::move(knobs));
  }
  return all;
}

std::optional<double> bloom_bits_of(std::string_view filter_policy) {
  if (filter_policy == "nullptr") return 0.0;
  const auto text = lower(filter_policy);
  auto at = text.find("bloom");
  if (at == std::string::npos) at = text.find("ribbon");
  if (at == std::string::npos) return std::nullopt;
  const auto colon = text.find_first_of(":;}", at);
  if (colon == std::string::npos || text[colon] != ':') return std::nullopt;
  double bits = 0;
  const auto* from = text.data() + colon + 1;
  const auto [end, error] = std::from_chars(from, text.data() + text.size(), bits);
  if (error != std::errc() || !(bits >= 0 && bits < 1000)) return std::nullopt;
  return bits;
}

std::string unescape_option(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      result += text[i];
      continue;
    }
    const char next = text[++i];
    result += next == 'n' ? '\n' : next == 'r' ? '\r' : next;
  }
  return result;
}

Result<OptionsFile> parse_options(std::string_view text, const std::string& path) {
  OptionsFile file;
  file.path = path;
  OptionsParser parser(file);
  while (!text.empty()) {
    const auto end = text.find('\n');
    parser.read_line(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  if (!parser.saw_known_section()) {
    return Status(StatusCode::not_a_database,
                  fmt::format("{}: holds no section of a RocksDB OPTIONS file", path));
  }
  if (file.version.contains("pebble_version")) {
    return Status(StatusCode::other_engine,
                  fmt::format("{}: was written by Pebble, not by RocksDB", path));
  }
  file.rocksdb_version = find_option(file.version, "rocksdb_version").value_or("");
  return file;
}

Result<OptionsFile> read_options_file(const std::string& path) {
  const auto text = read_whole_file(path, kOptionsBytesMax, SymbolicLinks::refuse);
  if (!text) return text.status();
  return parse_options(*text, path);
}

Result<OptionsFile> read_newest_options(const std::string& directory) {
  for (int attempt = 0;; ++attempt) {
    const auto listing = list_database_files(directory);
    if (!listing) return listing.status();
    const DatabaseFile* newest = nullptr;
    for (const auto& file : listing->files) {
      if (file.type != DatabaseFileType::options) continue;
      if (newest == nullptr || file.number > newest->number) newest = &file;
    }
    if (newest == nullptr) {
      return Status(StatusCode::not_found,
                    fmt::format("{}: holds no OPTIONS file; its options are unknown", directory));
    }
    auto options = read_options_file(directory + "/" + newest->name);
    const bool replaced = !options && options.status().code() == StatusCode::not_found;
    if (!replaced || attempt >= kReplacedRetries) return options;
  }
}

}  // namespace nodetune
