// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/client_profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <optional>

#include "engine/base/format.h"
#include "engine/files/file_reader.h"
#include "engine/files/manifest.h"

namespace nodetune {
namespace {

constexpr std::size_t kDirectoryNamesMax = 200'000;  // of one directory; a Nethermind parent has 20

std::vector<std::string_view> components_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const auto slash = path.find('/');
    if (slash != 0) parts.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return parts;
}

// Does `path` end like `pattern`, whose parts may be "*"?
bool ends_like(std::string_view path, std::string_view pattern) {
  const auto have = components_of(path);
  const auto want = components_of(pattern);
  if (want.size() > have.size()) return false;
  return std::equal(want.rbegin(), want.rend(), have.rbegin(),
                    [](auto wanted, auto part) { return wanted == "*" || wanted == part; });
}

bool has_word(std::string_view path, std::string_view word) {
  std::string lower(path);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower.find(word) != std::string::npos;
}

template <typename Range, typename Value>
bool contains(const Range& range, const Value& value) {
  return std::find(std::begin(range), std::end(range), value) != std::end(range);
}

const ClientFamily* find_family(const ClientProfile& profile, std::string_view name) {
  const auto found = std::find_if(profile.families.begin(), profile.families.end(),
                                  [name](const ClientFamily& each) { return each.name == name; });
  return found == profile.families.end() ? nullptr : &*found;
}

// The last part of the path that is no number: "state" of "…/state/0".
std::string_view database_name(std::string_view directory) {
  const auto parts = components_of(directory);
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    const bool number = std::all_of(part->begin(), part->end(),
                                    [](unsigned char c) { return std::isdigit(c) != 0; });
    if (!number) return *part;
  }
  return {};
}

const ClientDatabase* find_database(const ClientProfile& profile, std::string_view directory) {
  const auto name = database_name(directory);
  const auto found = std::find_if(
      profile.databases.begin(), profile.databases.end(),
      [name](const auto& each) { return each.directory == "*" || each.directory == name; });
  return found == profile.databases.end() ? nullptr : &*found;
}

std::optional<std::string_view> place_of(const ClientProfile& profile, const ClientTraces& traces) {
  for (const auto place : profile.places) {
    if (ends_like(traces.directory, place)) return place;
  }
  return std::nullopt;
}

std::optional<std::string> by_marker(const ClientProfile& profile, const ClientTraces& traces) {
  for (const auto marker : profile.marker_files) {
    if (contains(traces.file_names, marker)) return fmt::format("{} is there", marker);
  }
  return std::nullopt;
}

std::optional<std::string> by_families(const ClientProfile& profile, const ClientTraces& traces) {
  if (profile.families_min == 0) return std::nullopt;
  std::ptrdiff_t known = 0;
  std::ptrdiff_t named = 0;
  for (const auto& family : traces.families) {
    if (family == kDefaultFamilyName) continue;
    ++named;
    if (find_family(profile, family) != nullptr) ++known;
  }
  if (known < profile.families_min || 2 * known < named) return std::nullopt;
  auto text = fmt::format("{} of its {} column families are {}'s", known, named, profile.name);
  if (!profile.families_need_place) return text;
  const auto place = place_of(profile, traces);
  if (!place) return std::nullopt;
  return fmt::format("{}, and it lies in {}", text, *place);
}

std::optional<std::string> by_siblings(const ClientProfile& profile, const ClientTraces& traces) {
  if (profile.siblings_min == 0) return std::nullopt;
  const auto known =
      std::count_if(profile.sibling_names.begin(), profile.sibling_names.end(),
                    [&](std::string_view name) { return contains(traces.sibling_names, name); });
  if (known < profile.siblings_min) return std::nullopt;
  return fmt::format("{} directories beside it are named as {} names its databases", known,
                     profile.name);
}

// Weak: it must say nothing else, and both the place and a name must fit.
std::optional<std::string> by_path(const ClientProfile& profile, const ClientTraces& traces) {
  const bool others = std::any_of(traces.families.begin(), traces.families.end(),
                                  [](const auto& family) { return family != kDefaultFamilyName; });
  const auto place = place_of(profile, traces);
  if (others || !place) return std::nullopt;
  const bool logged = !traces.directory_of_writer.empty();
  const auto& path = logged ? traces.directory_of_writer : traces.directory;
  for (const auto word : profile.path_words) {
    if (!has_word(path, word)) continue;
    return fmt::format("a directory '{}', and '{}' in its path{} (likely, not certain)", *place,
                       word, logged ? " as the LOG has it" : "");
  }
  return std::nullopt;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

RecognisedClient recognise_client(const ClientTraces& traces) {
  for (const auto& by : {by_marker, by_families, by_siblings, by_path}) {
    for (const auto& profile : client_profiles()) {
      if (auto evidence = by(profile, traces)) {
        return {&profile, std::string(profile.name), *std::move(evidence)};
      }
    }
  }
  return {};
}

ClientTraces client_traces(const std::string& directory) {
  ClientTraces traces;
  std::error_code error;
  auto absolute = std::filesystem::absolute(directory, error).lexically_normal();
  if (error) absolute = directory;
  if (!absolute.has_filename()) absolute = absolute.parent_path();
  traces.directory = absolute.string();
  const auto parent = absolute.parent_path();
  const auto look = [&traces](const std::filesystem::path& where, bool files, bool folders) {
    const auto listed = list_directory(where.string(), kDirectoryNamesMax);
    if (!listed) return;
    for (const auto& entry : listed->entries) {
      const bool file = entry.type == DirectoryEntry::Type::file;
      const bool folder = entry.type == DirectoryEntry::Type::directory;
      if (files && file) traces.file_names.push_back(entry.name);
      if (folders && folder) traces.sibling_names.push_back(entry.name);
    }
  };
  look(absolute, true, false);
  look(parent, true, true);
  if (parent != parent.parent_path()) look(parent.parent_path(), false, true);
  return traces;
}

std::string family_title(const ClientProfile* profile, std::string_view family) {
  const auto* known = profile != nullptr ? find_family(*profile, family) : nullptr;
  auto printable = family.size() == 1 && static_cast<unsigned char>(family[0]) < 0x20
                       ? fmt::format("0x{:02X}", static_cast<unsigned char>(family[0]))
                       : escape_name(family);
  if (known == nullptr || known->title.empty()) return printable;
  return fmt::format("{} {}", printable, known->title);
}

std::string_view family_role(const ClientProfile* profile, std::string_view family,
                             const std::string& directory) {
  if (profile == nullptr) return {};
  if (const auto* known = find_family(*profile, family)) return known->role;
  const auto* database = find_database(*profile, directory);
  return database != nullptr ? database->role : std::string_view();
}

HeldKind FamilyContent::between(std::string_view smallest, std::string_view largest) const {
  if (prefixes.empty()) return holds;
  if (smallest.size() <= prefix_at || largest.size() <= prefix_at) return kNotToldApart;
  if (smallest.substr(0, prefix_at) != largest.substr(0, prefix_at)) return kNotToldApart;
  int next = static_cast<unsigned char>(smallest[prefix_at]);  // not yet known to be of one kind
  const int last = static_cast<unsigned char>(largest[prefix_at]);
  std::optional<HeldKind> all;
  for (const auto& prefix : prefixes) {
    if (prefix.last < next) continue;
    const bool gap = prefix.first > next;
    if (gap || next > last || (all && *all != prefix.holds)) return kNotToldApart;
    if (prefix.last >= last) return prefix.holds;
    all = prefix.holds;
    next = prefix.last + 1;
  }
  return kNotToldApart;
}

FamilyContent family_content(const ClientProfile* profile, std::string_view family,
                             const std::string& directory) {
  if (profile == nullptr) return {};
  if (const auto* known = find_family(*profile, family)) {
    return {known->holds, known->prefixes, known->prefix_at};
  }
  const auto* database = find_database(*profile, directory);
  return database != nullptr ? FamilyContent{database->holds} : FamilyContent{};
}

std::string knob_setting(const ClientProfile* profile, Knob knob,
                         std::optional<std::int64_t> value) {
  if (profile == nullptr) return {};
  for (const auto& setting : profile->settings) {
    if (setting.knob != knob) continue;
    std::string text(setting.where);
    replace_all(text, "{MiB}", value ? fmt::format("{}", *value / kMiB) : "…");
    replace_all(text, "{}", value ? knob_text(knob, *value) : "…");
    return text;
  }
  return {};
}

}  // namespace nodetune
