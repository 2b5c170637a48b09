// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/report/report_memory.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/base/format.h"
#include "engine/node/memory_picture.h"
#include "engine/node/recorded_memory.h"
#include "engine/report/html_parts.h"

namespace nodetune {
namespace {

std::string how_shared(const MemoryState& memory) {
  const auto budget = memory.budget_bytes == 0
                          ? std::string("what the shares have now")
                          : format_bytes(static_cast<double>(memory.budget_bytes));
  const auto* const moves = memory.acts ? "moved by itself" : "only recommended";
  switch (memory.mode) {
    case ArbiterMode::off:
      return "Memory stays shared as it is.";
    case ArbiterMode::specification:
      return fmt::format("Memory is shared by two rules, {}; the budget is {}.", moves, budget);
    case ArbiterMode::curves:
      return fmt::format("Memory is shared by the curves, {}; the budget is {}.", moves, budget);
  }
  return {};
}

std::string cost(const MemoryState& memory) {
  if (std::isnan(memory.seconds_per_block)) return "What misses cost a block is not known yet.";
  const auto now = format_seconds(memory.seconds_per_block);
  if (std::isnan(memory.planned_seconds_per_block)) {
    return fmt::format("All misses cost {} a block (derived).", now);
  }
  return fmt::format("All misses cost {} a block, {} once the plan is reached (derived).", now,
                     format_seconds(memory.planned_seconds_per_block));
}

nlohmann::json figure(double value) {
  return std::isnan(value) ? nlohmann::json(nullptr) : nlohmann::json(value);
}

}  // namespace

std::vector<std::string> memory_sentences(const MemoryState& memory) {
  std::vector<std::string> said = {how_shared(memory), cost(memory)};
  said.insert(said.end(), memory.moves.begin(), memory.moves.end());
  if (!memory.reason.empty()) said.push_back(memory.reason);
  return said;
}

std::string html_memory(const MemoryState& memory) {
  std::string out = html_heading("How memory is shared");
  for (const auto& sentence : memory_sentences(memory)) out += html_note(sentence);
  using enum HtmlTable::Align;
  HtmlTable table({{"Share", left}, {"Now", right}, {"Planned", right}});
  for (const auto& share : memory.shares) {
    table.text(share.name + (share.fixed ? " (fixed)" : ""))
        .text(format_bytes(static_cast<double>(share.present_bytes)))
        .text(format_bytes(static_cast<double>(share.planned_bytes)));
  }
  return table.empty() ? out : out + table.str();
}

nlohmann::json memory_json(const MemoryState& memory) {
  auto shares = nlohmann::json::array();
  for (const auto& share : memory.shares) {
    shares.push_back({{"name", share.name},
                      {"bytes", share.present_bytes},
                      {"planned_bytes", share.planned_bytes},
                      {"fixed", share.fixed}});
  }
  return {{"mode", to_string(memory.mode)},
          {"budget_bytes", memory.budget_bytes},
          {"acts", memory.acts},
          {"shares", std::move(shares)},
          {"moves", memory.moves},
          {"reason", memory.reason},
          {"seconds_per_block", figure(memory.seconds_per_block)},
          {"planned_seconds_per_block", figure(memory.planned_seconds_per_block)}};
}

std::vector<std::string> memory_sentences(const std::vector<MemoryPart>& parts) {
  const auto picture = picture_memory(parts);
  std::vector<std::string> said = {picture.sentence};
  if (!picture.tables_sentence.empty()) {
    said.push_back(picture.tables_sentence + ".");
  }
  return said;
}

std::array<std::string, 5> memory_part_cells(const MemoryPart& part) {
  auto origin = part.origin;
  if (part.as_of && !std::isnan(part.bytes)) origin += ", " + format_time_utc(*part.as_of);
  return {part.name, format_bytes(part.bytes), format_bytes(part.bytes_max), part.note, origin};
}

std::string html_memory(const std::vector<MemoryPart>& parts) {
  std::string out;
  for (const auto& sentence : memory_sentences(parts)) out += html_note(sentence);
  using enum HtmlTable::Align;
  HtmlTable table({{"Part", left},
                   {"Now", right},
                   {"At most", right},
                   {"What is known of it", left},
                   {"Found in", left}});
  for (const auto& part : parts) {
    for (const auto& cell : memory_part_cells(part)) table.text(cell);
  }
  return out + table.str();
}

nlohmann::json memory_json(const std::vector<MemoryPart>& parts) {
  const auto picture = picture_memory(parts);
  auto document = nlohmann::json::parse(memory_parts_json(parts), nullptr, false);
  nlohmann::json value = {{"parts", document["memory"]},
                          {"verdict", to_string(picture.verdict)},
                          {"sentence", picture.sentence},
                          {"limit_bytes", figure(picture.limit_bytes)},
                          {"allowed_bytes", figure(picture.allowed_bytes)},
                          {"allowed_is_least", picture.allowed_is_least}};
  return value;
}

}  // namespace nodetune
