// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/files/log_place.h"

#include <filesystem>
#include <set>
#include <system_error>

#include "engine/files/directory_listing.h"
#include "engine/files/file_reader.h"
#include "engine/files/options_file.h"

namespace nodetune {
namespace {

constexpr std::size_t kPrefixBytesMax = 255;  // RocksDB's buffer of 260, less its suffix

bool stays(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

// "srv_node_db_LOG.old.17" -> "srv_node_db_".
std::string prefix_of(std::string_view name) {
  return std::string(name.substr(0, name.rfind(kInfoLogName)));
}

// Of another path that ends like this one.
std::string prefix_like(const DirectoryListing& listing, const std::string& own,
                        const std::string& last_part) {
  const auto ending = info_log_prefix(last_part);
  std::set<std::string> fitting;
  for (const auto& file : listing.files) {
    if (file.type != DatabaseFileType::info_log) continue;
    auto prefix = prefix_of(file.name);
    if (prefix == own) return own;
    if (prefix == ending || prefix.ends_with("_" + ending)) fitting.insert(std::move(prefix));
  }
  return fitting.size() == 1 ? *fitting.begin() : own;
}

}  // namespace

std::string info_log_prefix(std::string_view absolute_path) {
  std::string prefix;
  for (std::size_t i = 0; i < absolute_path.size() && prefix.size() < kPrefixBytesMax; ++i) {
    if (stays(absolute_path[i])) {
      prefix += absolute_path[i];
    } else if (i > 0) {
      prefix += '_';
    }
  }
  return prefix + "_";
}

LogPlace find_log_place(const std::string& database, std::string_view db_log_dir) {
  const LogPlace own{database, {}};
  const std::filesystem::path elsewhere(db_log_dir);
  std::error_code error;
  if (!elsewhere.is_absolute()) return own;  // empty, or from where the node was started
  if (!std::filesystem::is_directory(elsewhere, error) ||
      std::filesystem::equivalent(elsewhere, database, error)) {
    return own;
  }
  const auto listing = list_database_files(elsewhere.string());
  if (!listing) return own;
  auto path = std::filesystem::absolute(database, error).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  return {elsewhere.string(),
          prefix_like(*listing, info_log_prefix(path.string()), path.filename().string())};
}

LogPlace find_log_place(const std::string& database) {
  const auto options = read_newest_options(database);
  const auto elsewhere = options ? find_option(options->db_options, "db_log_dir") : std::nullopt;
  return find_log_place(database, elsewhere ? std::string_view(*elsewhere) : std::string_view());
}

}  // namespace nodetune
