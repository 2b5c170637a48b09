// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/recorded_memory.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/base/json_number.h"
#include "engine/node/recorded_json.h"

namespace nodetune {
namespace {

using nlohmann::json;

constexpr std::size_t kPartsMax = 100;
constexpr std::array kKinds = {MemoryPart::Kind::block_cache,  MemoryPart::Kind::memtables,
                               MemoryPart::Kind::index_blocks, MemoryPart::Kind::filter_blocks,
                               MemoryPart::Kind::process,      MemoryPart::Kind::limit};
constexpr std::array kSources = {Source::measured, Source::derived, Source::logged,
                                 Source::scraped};

template <typename Value, std::size_t kCount>
std::optional<Value> named(std::string_view name, const std::array<Value, kCount>& all) {
  for (const auto value : all) {
    if (to_string(value) == name) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(MemoryPart::Kind kind) {
  switch (kind) {
    case MemoryPart::Kind::block_cache:
      return "block_cache";
    case MemoryPart::Kind::memtables:
      return "memtables";
    case MemoryPart::Kind::index_blocks:
      return "index_blocks";
    case MemoryPart::Kind::filter_blocks:
      return "filter_blocks";
    case MemoryPart::Kind::process:
      return "process";
    case MemoryPart::Kind::limit:
      return "limit";
  }
  return {};
}

std::string memory_parts_json(const std::vector<MemoryPart>& parts) {
  json list = json::array();
  for (const auto& part : parts) {
    json row = {{"kind", to_string(part.kind)},
                {"name", part.name},
                {"bytes", json_number(part.bytes)},
                {"bytes_max", json_number(part.bytes_max)},
                {"note", part.note},
                {"origin", part.origin},
                {"source", to_string(part.source)}};
    if (part.as_of) row["as_of"] = part.as_of->time_since_epoch().count();
    list.push_back(std::move(row));
  }
  return json{{"memory", std::move(list)}}.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<MemoryPart> memory_parts_from_json(std::string_view given) {
  std::vector<MemoryPart> parts;
  const auto document = json::parse(given, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) return parts;
  const auto& list = json_member(document, "memory");
  if (!list.is_array()) return parts;
  for (const auto& row : list) {
    if (parts.size() >= kPartsMax) break;
    const auto kind = row.is_object() ? named(json_text(row, "kind"), kKinds) : std::nullopt;
    if (!kind) continue;
    MemoryPart part;
    part.kind = *kind;
    part.name = json_text(row, "name");
    part.bytes = json_real(row, "bytes");
    part.bytes_max = json_real(row, "bytes_max");
    part.note = json_text(row, "note");
    part.origin = json_text(row, "origin");
    part.source = named(json_text(row, "source"), kSources).value_or(Source::measured);
    if (const auto& time = json_member(row, "as_of"); time.is_number_integer()) {
      part.as_of = TimePoint(Duration(time.get<Duration::rep>()));
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace nodetune
