// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/rocksdb_defaults.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <tuple>
#include <vector>

#include "engine/observe/rocksdb_defaults_table.h"

namespace nodetune {
namespace {

std::optional<int> take_number(std::string_view& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// Nothing for a release whose defaults are not known.
std::optional<RocksdbVersion> known_version(std::string_view text) {
  const auto major = take_number(text);
  if (!major || !text.starts_with('.')) return std::nullopt;
  text.remove_prefix(1);
  const auto minor = take_number(text);
  if (!minor) return std::nullopt;
  const RocksdbVersion version{*major, *minor};
  if (version < kOldestKnown || version >= kFirstUnknown) return std::nullopt;
  return version;
}

std::string_view kind_of(std::string_view section) {
  return section.substr(0, section.find(' '));
}

const char* in_table(std::string_view section, std::string_view name) {
  const auto table = option_defaults();
  const auto wanted = std::tuple(section, name);
  const auto found = std::lower_bound(
      table.begin(), table.end(), wanted,
      [](const auto& row, const auto& key) { return std::tuple(row.section, row.name) < key; });
  if (found == table.end() || std::tuple(found->section, found->name) != wanted) return nullptr;
  return found->value;
}

using Changes = std::vector<const DefaultChange*>;

// By section and name, each's ascending by release.
const Changes& changes_by_name() {
  static const Changes kSorted = [] {
    Changes sorted;
    for (const auto& change : default_changes()) sorted.push_back(&change);
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
      return std::tie(a->section, a->name) < std::tie(b->section, b->name);
    });
    return sorted;
  }();
  return kSorted;
}

const char* whole_default(RocksdbVersion version, std::string_view section, std::string_view name) {
  struct ByName {
    bool operator()(const DefaultChange* a,
                    const std::tuple<std::string_view, std::string_view>& b) const {
      return std::tuple(a->section, a->name) < b;
    }
    bool operator()(const std::tuple<std::string_view, std::string_view>& a,
                    const DefaultChange* b) const {
      return a < std::tuple(b->section, b->name);
    }
  };
  const auto& changes = changes_by_name();
  const auto [first, last] =
      std::equal_range(changes.begin(), changes.end(), std::tuple(section, name), ByName());
  const auto* value = in_table(section, name);
  for (auto change = first; change != last; ++change) {
    const bool since = (*change)->from > kTableVersion && (*change)->from <= version;
    if (since) value = (*change)->after;
  }
  for (auto change = last; change != first;) {
    --change;
    const bool until = (*change)->from <= kTableVersion && (*change)->from > version;
    if (until) value = (*change)->before;
  }
  return value;
}

bool same_number(std::string_view a, std::string_view b) {
  const auto parse = [](std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole ? value : std::nan("");
  };
  return parse(a) == parse(b);
}

// "{a=1;b=2;}" as a=1, b=2. Options inside options are one value.
std::map<std::string_view, std::string_view> fields_of(std::string_view text) {
  std::map<std::string_view, std::string_view> fields;
  if (!text.starts_with('{') || !text.ends_with('}')) return fields;
  text = text.substr(1, text.size() - 2);
  while (!text.empty()) {
    const auto end = std::min(text.find(';'), text.size());
    const auto field = text.substr(0, end);
    const auto equals = field.find('=');
    if (equals != std::string_view::npos) {
      fields.emplace(field.substr(0, equals), field.substr(equals + 1));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return fields;
}

// Other versions have other fields, in another order: what both have decides.
bool same_fields(std::string_view name, std::string_view a, std::string_view b) {
  const auto left = fields_of(a);
  const auto right = fields_of(b);
  if (left.empty() || right.empty()) return false;
  return std::all_of(left.begin(), left.end(), [&](const auto& field) {
    const auto found = right.find(field.first);
    return found == right.end() || same_option_value(name, field.second, found->second);
  });
}

// Names that a LOG writes as numbers.
struct NumberedName {
  std::string_view option;
  std::string_view number;
  std::string_view name;
};
constexpr std::array kNumberedNames = {
    NumberedName{"access_hint_on_compaction_start", "1", "NORMAL"},
    NumberedName{"checksum", "1", "kCRC32c"},
    NumberedName{"checksum", "4", "kXXH3"},
    NumberedName{"data_block_index_type", "0", "kDataBlockBinarySearch"},
    NumberedName{"index_shortening", "1", "kShortenSeparators"},
    NumberedName{"index_type", "0", "kBinarySearch"},
    NumberedName{"index_type", "2", "kTwoLevelIndexSearch"},
    NumberedName{"prepopulate_block_cache", "0", "kDisable"},
    NumberedName{"wal_compression", "0", "kNoCompression"},
    NumberedName{"wal_compression", "7", "kZSTD"},
    NumberedName{"wal_recovery_mode", "2", "kPointInTimeRecovery"},
};

bool is_nothing(std::string_view text) {
  return text == "nullptr" || text == "None" || text == "(nil)" || text == "Unknown";
}

// What a LOG writes, and what OPTIONS does.
bool log_means(std::string_view option, std::string_view log, std::string_view options) {
  if (log == "1" && options == "true") return true;
  if (log == "0" && options == "false") return true;
  if (is_nothing(log) && is_nothing(options)) return true;
  if (options.starts_with('k') && options.substr(1) == log) return true;
  // "FlushBlockBySizePolicyFactory (0x7f1c)"
  if (log.starts_with(options) && log.substr(options.size()).starts_with(" (0x")) return true;
  return std::any_of(kNumberedNames.begin(), kNumberedNames.end(), [&](const auto& row) {
    return row.option == option && row.number == log && row.name == options;
  });
}

// Some releases put each of a list's numbers into braces.
std::string without_braces(std::string_view text) {
  std::string plain(text);
  std::erase_if(plain, [](char c) { return c == '{' || c == '}'; });
  return plain;
}

std::optional<std::int64_t> positive_option(const OptionMap& options, std::string_view name) {
  const auto value = find_option_integer(options, name);
  return value && *value > 0 ? value : std::nullopt;
}

// As RocksDB does when it opens a family (SanitizeOptions).
std::int64_t arena_block_bytes(std::int64_t write_buffer_bytes, RocksdbVersion version) {
  constexpr RocksdbVersion kCapped{6, 21};
  constexpr std::int64_t kCapBytes = 1 << 20;
  constexpr std::int64_t kPageBytes = 4096;
  auto bytes = write_buffer_bytes / 8;
  if (version >= kCapped) bytes = std::min(bytes, kCapBytes);
  return (bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
}

}  // namespace

std::string defaults_of(std::string_view version) {
  return known_version(version) ? "RocksDB " + std::string(version) : std::string();
}

std::optional<std::string> rocksdb_default(std::string_view version, std::string_view section,
                                           std::string_view name) {
  const auto release = known_version(version);
  if (!release) return std::nullopt;
  const auto kind = kind_of(section);
  if (const auto* value = whole_default(*release, kind, name)) return value;
  const auto dot = name.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto* whole = whole_default(*release, kind, name.substr(0, dot));
  if (whole == nullptr) return std::nullopt;
  const auto fields = fields_of(whole);
  const auto field = fields.find(name.substr(dot + 1));
  if (field == fields.end()) return std::nullopt;
  return std::string(field->second);
}

std::optional<std::string> rocksdb_default_among(const OptionMap& section_options,
                                                 std::string_view version, std::string_view section,
                                                 std::string_view name) {
  constexpr std::int64_t kFilesCompacted = 25;
  constexpr std::int64_t kBytesMax = std::int64_t{1} << 50;  // what a family may sensibly ask for
  const auto release = known_version(version);
  const bool of_family = release && kind_of(section) == "CFOptions";
  if (of_family && name == "arena_block_size") {
    const auto buffer = positive_option(section_options, "write_buffer_size");
    if (buffer && *buffer < kBytesMax) return std::to_string(arena_block_bytes(*buffer, *release));
  }
  if (of_family && name == "max_compaction_bytes") {
    const auto file = positive_option(section_options, "target_file_size_base");
    if (file && *file < kBytesMax) return std::to_string(kFilesCompacted * *file);
  }
  return rocksdb_default(version, section, name);
}

bool same_option_value(std::string_view name, std::string_view a, std::string_view b) {
  if (a == b || same_number(a, b)) return true;
  if (log_means(name, a, b) || log_means(name, b, a)) return true;
  if (same_fields(name, a, b)) return true;
  return a.find(':') != std::string_view::npos && without_braces(a) == without_braces(b);
}

}  // namespace nodetune
