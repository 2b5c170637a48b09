// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// Any bytes as a LOG event's JSON: what is handed over lies in them, in order.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "engine/files/flat_json.h"
#include "engine/files/log_events.h"

using namespace nodetune;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void walk(std::string_view text, std::string_view last) {
  FlatJson members(text, last);
  const char* at = text.data();
  FlatJson::Member member;
  while (members.next(member)) {
    require(member.key.data() >= at);
    require(member.value.data() >= member.key.data() + member.key.size());
    at = member.value.data() + member.value.size();
    require(at <= text.data() + text.size());
    if (member.integer()) require(!member.is_string);
    FlatList elements(member.value);
    std::size_t bytes = 0;
    for (auto each = elements.next(); !each.empty(); each = elements.next()) bytes += each.size();
    require(bytes <= member.value.size());
  }
  require(!members.next(member));  // an end stays one
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  walk(text, {});
  walk(text, "table_properties");
  static LogEventReader following;  // it has seen all inputs before
  LogEvent event;
  LogEvent alone;
  const bool whole = following.read(text, event).is_ok();
  require(whole == LogEventReader().read(text, alone).is_ok());
  if (!whole) return 0;
  require(event.name == alone.name && event.time == alone.time && event.job == alone.job);
  require(event.input_level == alone.input_level && event.file_bytes == alone.file_bytes);
  require(!event.input_level || (*event.input_level >= 0 && *event.input_level < 64));
  return 0;
}
