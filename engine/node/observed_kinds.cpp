// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/observed_kinds.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "engine/base/format.h"
#include "engine/node/kind_figures.h"
#include "engine/observe/stored_kinds.h"

namespace nodetune {
namespace {

constexpr std::string_view kUnknownProgram =
    "The program that writes here is not known, so nobody can tell what its keys hold";

bool same_kind(const KindFigures& a, const KindFigures& b) {
  return a.kind == b.kind && a.told_apart == b.told_apart;
}

// Missing where one family does not tell.
double keys_of(const std::vector<std::string>& families,
               const std::map<std::string_view, double>& known) {
  double keys = families.empty() ? kMissing : 0;
  for (const auto& family : families) {
    const auto found = known.find(family);
    keys += found == known.end() ? kMissing : found->second;
  }
  return keys;
}

std::string shares_text(const std::vector<KindFigures>& kinds) {
  double whole = 0;
  for (const auto& kind : kinds) whole += static_cast<double>(kind.bytes);
  std::vector<std::string> texts;
  for (const auto& kind : kinds) {
    const auto bytes = static_cast<double>(kind.bytes);
    texts.push_back(
        fmt::format("{} {}{}", kind_name(kind), format_bytes(bytes),
                    whole > 0 ? fmt::format(" ({})", format_ratio(bytes / whole)) : ""));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

void add_shares(const Snapshot& snapshot, std::vector<Fact>& facts) {
  if (snapshot.kinds.empty()) return;
  facts.push_back({"What is stored", shares_text(snapshot.kinds),
                   "MANIFEST, and what is known of this client; derived"});
}

// As kObjectKinds has them; then "other", then "not told apart".
bool stands_before(const KindFigures& a, const KindFigures& b) {
  return stored_metric(a) < stored_metric(b);
}

// Bytes, files and keys; a sum with a part that is not known is not known.
void add_to(std::vector<KindFigures>& all, const KindFigures& more) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& each) { return same_kind(each, more); });
  if (found == all.end()) {
    all.push_back(more);
    return;
  }
  found->files += more.files;
  found->bytes += more.bytes;
  found->estimated_keys += more.estimated_keys;
}

}  // namespace

void ObservedKinds::fill(const Observation& seen, Snapshot& snapshot) {
  if (!seen.manifest) return;
  const bool managed = seen.kind == DirectoryKind::managed;
  const auto* profile = managed ? &own_profile() : seen.client.profile;
  if (seen.manifest != manifest_ || profile != profile_) {
    manifest_ = seen.manifest;
    profile_ = profile;
    kinds_.clear();
    for (auto& stored : stored_kinds(*manifest_, profile_, seen.path)) {
      Kind kind;
      kind.figures.kind = stored.holds.kind;
      kind.figures.told_apart = stored.holds.told_apart;
      kind.figures.files = stored.files;
      kind.figures.bytes = stored.bytes;
      for (const auto& family : stored.families) {
        if (stored.whole_families) {
          kind.families.push_back(family_title(seen.client.profile, family));
        }
      }
      kinds_.push_back(std::move(kind));
    }
  }
  std::map<std::string_view, double> keys;
  for (const auto& family : snapshot.families) keys[family.name] = family.estimated_keys;
  for (const auto& kind : kinds_) {
    snapshot.kinds.push_back(kind.figures);
    snapshot.kinds.back().estimated_keys = keys_of(kind.families, keys);
  }
  set_stored_metrics(snapshot);
}

void add_kind_facts(const Observation& seen, const Snapshot& snapshot, std::vector<Fact>& facts) {
  add_shares(snapshot, facts);
  const auto* profile = seen.client.profile;
  if (profile != nullptr && !profile->stored_note.empty()) {
    facts.push_back({std::string(kStoredNoteFact), std::string(profile->stored_note),
                     "what is known of this client"});
  } else if (profile == nullptr && seen.kind != DirectoryKind::managed) {
    facts.push_back(
        {std::string(kStoredNoteFact), std::string(kUnknownProgram), "column families, files"});
  }
}

void sum_up_kinds(const std::vector<GroupPart>& parts, Snapshot& snapshot) {
  std::vector<KindFigures> all;
  for (const auto& part : parts) {
    const auto& one = *part.snapshot;
    for (const auto& kind : one.kinds) add_to(all, kind);
    if (!std::isnan(one.value(Metric::db_stored_unknown_bytes))) continue;
    KindFigures unknown;
    unknown.told_apart = false;
    const double bytes = one.value(Metric::db_sst_bytes);
    const double files = one.value(Metric::db_sst_files);
    if (std::isnan(bytes) || std::isnan(files)) return;
    unknown.bytes = static_cast<std::int64_t>(bytes);
    unknown.files = static_cast<std::int64_t>(files);
    if (unknown.files > 0) add_to(all, unknown);
  }
  std::sort(all.begin(), all.end(), stands_before);
  snapshot.kinds = std::move(all);
  set_stored_metrics(snapshot);
}

void add_kind_facts(const std::vector<GroupPart>& parts, const Snapshot& snapshot,
                    std::vector<Fact>& facts) {
  add_shares(snapshot, facts);
  std::set<std::string> told;
  for (const auto& part : parts) {
    for (const auto& fact : part.view->description.facts) {
      if (fact.name == kStoredNoteFact && told.insert(fact.value).second) facts.push_back(fact);
    }
  }
}

}  // namespace nodetune
