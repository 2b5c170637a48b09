// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/memory_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/base/format.h"

namespace nodetune {
namespace {

using Kind = MemoryPart::Kind;

constexpr double kTightRatio = 0.1;  // of the limit: with less left it is tight
constexpr std::array kAllowedKinds = {Kind::block_cache, Kind::memtables, Kind::index_blocks,
                                      Kind::filter_blocks};

const MemoryPart* whole_of(const std::vector<MemoryPart>& parts, Kind kind) {
  const auto found = std::find_if(parts.begin(), parts.end(),
                                  [&](const MemoryPart& part) { return part.kind == kind; });
  return found == parts.end() ? nullptr : &*found;
}

const MemoryPart* part_named(const std::vector<MemoryPart>& parts, std::string_view name) {
  const auto found = std::find_if(parts.begin(), parts.end(),
                                  [&](const MemoryPart& part) { return part.name == name; });
  return found == parts.end() ? nullptr : &*found;
}

double bytes_of(const MemoryPart* part) {
  return part == nullptr ? kMissing : part->bytes;
}

void add(double value, double& sum) {
  if (std::isnan(value)) return;
  sum = (std::isnan(sum) ? 0 : sum) + value;
}

void sum_allowed(const std::vector<MemoryPart>& parts, MemoryPicture& picture) {
  for (const auto kind : kAllowedKinds) {
    const auto* part = whole_of(parts, kind);
    if (part == nullptr) continue;
    add(part->bytes_max, picture.allowed_bytes);
    const bool tables = kind == Kind::index_blocks || kind == Kind::filter_blocks;
    if (tables) add(part->bytes_max, picture.tables_bytes);
    if (tables && picture.tables_sentence.empty()) picture.tables_sentence = part->note;
    if (std::isnan(part->bytes_max) || part->note.starts_with(memory_part::kAtLeast)) {
      picture.allowed_is_least = true;
    }
  }
}

// What is known of the anonymous memory comes first, then what nobody can tell apart.
void share_out(const std::vector<MemoryPart>& parts, MemoryPicture& picture) {
  double known = 0;
  for (const auto kind : kAllowedKinds) {
    const auto* part = whole_of(parts, kind);
    if (part == nullptr || std::isnan(part->bytes)) continue;
    picture.shares.push_back({part->name, part->bytes});
    known += part->bytes;
  }
  if (!std::isnan(picture.rest_bytes)) {
    picture.shares.push_back({std::string(memory_part::kRest), picture.rest_bytes});
  } else if (!std::isnan(picture.anonymous_bytes)) {
    picture.shares.push_back(
        {"Anonymous, not told apart", std::max(0.0, picture.anonymous_bytes - known)});
  }
  if (const auto* files = part_named(parts, memory_part::kFileBacked)) {
    picture.shares.push_back({"Backed by files", files->bytes});
  }
}

// "up to 1.9 GiB", "at least 1.9 GiB"
std::string allowed_text(const MemoryPicture& picture) {
  return fmt::format("{} {}", picture.allowed_is_least ? memory_part::kAtLeast : "up to",
                     format_bytes(picture.allowed_bytes));
}

// RocksDB's part of the process is not known: some of it may be counted twice.
void judge_at_worst(MemoryPicture& picture) {
  using enum MemoryPicture::Verdict;
  const double left = picture.limit_bytes - picture.allowed_bytes - picture.anonymous_bytes;
  const auto limit = format_bytes(picture.limit_bytes);
  picture.verdict = left < kTightRatio * picture.limit_bytes ? tight : fits;
  picture.sentence = fmt::format(
      "{}: RocksDB may take {}, and its process holds {} now. Were none of that RocksDB's, ",
      left < 0                   ? "May not fit"
      : picture.verdict == tight ? "Fits with little left"
                                 : "Fits",
      allowed_text(picture), format_bytes(picture.anonymous_bytes));
  picture.sentence += left < 0 ? fmt::format("{} of {} would be missing: the node could be killed.",
                                             format_bytes(-left), limit)
                               : fmt::format("{} of {} would be left.", format_bytes(left), limit);
}

void judge_with_rest(MemoryPicture& picture) {
  using enum MemoryPicture::Verdict;
  const double left = picture.limit_bytes - picture.allowed_bytes - picture.rest_bytes;
  const auto limit = format_bytes(picture.limit_bytes);
  const auto both = fmt::format("RocksDB may take {} and the program holds {} beside it",
                                allowed_text(picture), format_bytes(picture.rest_bytes));
  if (left < 0) {
    picture.verdict = over;
    picture.sentence = fmt::format("{}: {} of {} are missing, so that the node can be killed.",
                                   both, format_bytes(-left), limit);
    return;
  }
  picture.verdict = left < kTightRatio * picture.limit_bytes ? tight : fits;
  picture.sentence = fmt::format("{}: {}; {} of {} are left.",
                                 picture.verdict == tight ? "Fits with little left" : "Fits", both,
                                 format_bytes(left), limit);
}

void judge(MemoryPicture& picture) {
  if (std::isnan(picture.allowed_bytes)) {
    picture.sentence = "What RocksDB may take is not known: neither OPTIONS nor LOG tells.";
    return;
  }
  const auto allowed = allowed_text(picture);
  if (std::isnan(picture.limit_bytes)) {
    picture.sentence = fmt::format("RocksDB's options let it take {} of memory.", allowed);
  } else if (picture.allowed_bytes > picture.limit_bytes) {
    picture.verdict = MemoryPicture::Verdict::over;
    picture.sentence =
        fmt::format("RocksDB's options let it take {} of {}: the node can be killed.", allowed,
                    format_bytes(picture.limit_bytes));
  } else if (!std::isnan(picture.rest_bytes)) {
    judge_with_rest(picture);
  } else if (!std::isnan(picture.anonymous_bytes)) {
    judge_at_worst(picture);
  } else {
    picture.sentence =
        fmt::format("RocksDB may take {} of {}; what the program takes beside it is not known.",
                    allowed, format_bytes(picture.limit_bytes));
  }
}

}  // namespace

MemoryPicture picture_memory(const std::vector<MemoryPart>& parts) {
  MemoryPicture picture;
  picture.resident_bytes = bytes_of(whole_of(parts, Kind::process));
  picture.anonymous_bytes = bytes_of(part_named(parts, memory_part::kAnonymous));
  picture.swap_bytes = bytes_of(part_named(parts, memory_part::kSwapped));
  picture.rest_bytes = bytes_of(part_named(parts, memory_part::kRest));
  if (const auto* limit = whole_of(parts, Kind::limit)) {
    picture.limit_name = limit->name;
    picture.limit_bytes = limit->bytes_max;
    picture.headroom_bytes = limit->bytes_max - limit->bytes;
  }
  sum_allowed(parts, picture);
  picture.tables_in_cache = whole_of(parts, Kind::block_cache) != nullptr &&
                            whole_of(parts, Kind::index_blocks) == nullptr &&
                            whole_of(parts, Kind::filter_blocks) == nullptr;
  share_out(parts, picture);
  judge(picture);
  if (const auto* killed = part_named(parts, memory_part::kKilled)) {
    picture.verdict = MemoryPicture::Verdict::over;
    picture.sentence += fmt::format(" {}.", killed->note);
  }
  return picture;
}

std::string_view to_string(MemoryPicture::Verdict verdict) {
  switch (verdict) {
    case MemoryPicture::Verdict::unknown:
      return "unknown";
    case MemoryPicture::Verdict::fits:
      return "fits";
    case MemoryPicture::Verdict::tight:
      return "tight";
    case MemoryPicture::Verdict::over:
      return "over";
  }
  return {};
}

}  // namespace nodetune
