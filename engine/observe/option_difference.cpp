// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/option_difference.h"

#include <string_view>
#include <unordered_map>
#include <utility>

#include "engine/observe/rocksdb_defaults.h"

namespace nodetune {
namespace {

// "0x7f1c…" is another one at each open; "Factory (0x7f1c…)" is the factory.
std::string shown(const std::string& value) {
  if (value.starts_with("0x")) return "set";
  if (value == "(nil)") return "none";
  if (const auto address = value.find(" (0x"); address != std::string::npos) {
    return value.substr(0, address);
  }
  return value;
}

class Differences {
 public:
  Differences(bool same_release, std::size_t max) : same_release_(same_release), max_(max) {}

  void add(OptionDifference difference) {
    if (found_.size() < max_) found_.push_back(std::move(difference));
  }

  void compare(std::string_view section, const std::optional<std::string>& family,
               const OptionMap& before, const OptionMap& after) {
    auto old = before.begin();
    auto now = after.begin();
    while ((old != before.end() || now != after.end()) && found_.size() < max_) {
      const bool gone = now == after.end() || (old != before.end() && old->first < now->first);
      const bool came = old == before.end() || (now != after.end() && now->first < old->first);
      if (gone || came) {
        const auto& [name, value] = gone ? *old++ : *now++;
        if (!same_release_ || value.empty()) continue;
        add({std::string(section), family, name, gone ? shown(value) : std::string(),
             gone ? std::string() : shown(value)});
        continue;
      }
      auto left = shown(old->second);
      auto right = shown(now->second);
      if (!same_option_value(old->first, left, right)) {
        add({std::string(section), family, old->first, std::move(left), std::move(right)});
      }
      ++old;
      ++now;
    }
  }

  std::vector<OptionDifference> take() && { return std::move(found_); }

 private:
  const bool same_release_;
  const std::size_t max_;
  std::vector<OptionDifference> found_;
};

}  // namespace

std::vector<OptionDifference> option_differences(const OptionsFile& before,
                                                 const OptionsFile& after,
                                                 std::size_t differences_max) {
  const bool same_release = before.rocksdb_version == after.rocksdb_version;
  Differences differences(same_release, differences_max);
  if (!same_release) {
    differences.add(
        {"Version", {}, "rocksdb_version", before.rocksdb_version, after.rocksdb_version});
  }
  differences.compare("DBOptions", {}, before.db_options, after.db_options);
  std::unordered_map<std::string_view, const ColumnFamilyOptionValues*> known;
  for (const auto& family : before.column_families) known.emplace(family.name, &family);
  for (const auto& family : after.column_families) {
    const auto found = known.find(family.name);
    if (found == known.end()) continue;
    const auto& was = *found->second;
    differences.compare("CFOptions", family.name, was.options, family.options);
    if (was.table_factory != family.table_factory) {
      differences.add(
          {"CFOptions", family.name, "table_factory", was.table_factory, family.table_factory});
      continue;  // another format has other options
    }
    differences.compare("TableOptions/" + family.table_factory, family.name, was.table_options,
                        family.table_options);
  }
  return std::move(differences).take();
}

}  // namespace nodetune
