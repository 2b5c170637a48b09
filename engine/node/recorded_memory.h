// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/node/memory_part.h"

namespace nodetune {

// A recording's document of where a node's memory goes: {"memory": […]}.
//
// What a document of somebody else's does not hold, or holds as something else, stays as it is in
// an empty part; of more parts than any node has, the first are taken. Nothing here fails.
namespace document {
inline constexpr std::string_view kMemory = "memory";
}  // namespace document

std::string memory_parts_json(const std::vector<MemoryPart>& parts);
std::vector<MemoryPart> memory_parts_from_json(std::string_view json);

std::string_view to_string(MemoryPart::Kind kind);  // "block_cache"

}  // namespace nodetune
