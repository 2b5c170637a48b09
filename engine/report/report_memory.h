// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/node/memory_part.h"
#include "engine/node/memory_state.h"

// How a report tells the way memory is shared.

namespace nodetune {

// How it is shared, what all misses cost a block, what is moved and why: a sentence each.
std::vector<std::string> memory_sentences(const MemoryState& memory);
// A table of the shares under the sentences.
std::string html_memory(const MemoryState& memory);
nlohmann::json memory_json(const MemoryState& memory);

// Of a foreign node: what is allowed against what there is, in a sentence or two.
std::vector<std::string> memory_sentences(const std::vector<MemoryPart>& parts);
// Part, now, at most, what is known of it, found in.
std::array<std::string, 5> memory_part_cells(const MemoryPart& part);
std::string html_memory(const std::vector<MemoryPart>& parts);
nlohmann::json memory_json(const std::vector<MemoryPart>& parts);  // parts, and the verdict

}  // namespace nodetune
