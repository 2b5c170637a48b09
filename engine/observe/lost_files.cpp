// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/lost_files.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace nodetune {

std::vector<std::string> LostFileWatch::look(const DirectoryListing& listing,
                                             const Manifest& manifest, TimePoint now) {
  if (listing.truncated) return {};
  std::unordered_set<std::uint64_t> here;
  for (const auto& file : listing.files) {
    const bool data = file.type == DatabaseFileType::sst || file.type == DatabaseFileType::blob;
    if (data && file.number) here.insert(*file.number);
  }
  std::unordered_set<std::uint64_t> present;
  std::map<std::uint64_t, TimePoint> missing;
  std::map<std::uint64_t, std::string> lost;
  const auto judge = [&](std::uint64_t number, std::string_view extension) {
    if (here.contains(number)) {
      present.insert(number);
      return;
    }
    const auto known = missing_since_.find(number);
    if (known == missing_since_.end() && !present_.contains(number)) return;
    const auto since = known == missing_since_.end() ? now : known->second;
    missing.emplace(number, since);
    if (now - since >= kMissedMin) lost[number] = fmt::format("{:06}.{}", number, extension);
  };
  for (const auto& [id, family] : manifest.column_families) {
    for (const auto& [number, file] : family.files) judge(number, "sst");
    for (const auto& blob : family.live_blob_files()) judge(blob.number, "blob");
  }
  present_ = std::move(present);
  missing_since_ = std::move(missing);
  std::vector<std::string> names;
  for (auto& [number, name] : lost) names.push_back(std::move(name));
  return names;
}

std::string lost_files_text(const std::vector<std::string>& names, const std::string& manifest,
                            int holder) {
  if (names.empty()) return {};
  const bool one = names.size() == 1;
  auto text = one ? fmt::format("{} is gone, but {} names it", names.front(), manifest)
                  : fmt::format("{} and {} more files are gone, but {} names them", names.front(),
                                names.size() - 1, manifest);
  if (holder >= 0) {
    text += fmt::format(
        "; process {0} may hold {1} open still: copy {1} out of /proc/{0}/fd "
        "before it ends",
        holder, one ? "it" : "them");
  }
  return text;
}

}  // namespace nodetune
