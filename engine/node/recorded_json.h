// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "engine/base/missing.h"

namespace nodetune {

// Members of recorded documents. Whoever wrote them: one that is not there, or is of another type,
// is nothing, the empty text, missing.
inline const nlohmann::json& json_member(const nlohmann::json& object, const char* name) {
  static const nlohmann::json kNothing;
  const auto found = object.find(name);
  return found == object.end() ? kNothing : *found;
}

inline std::string json_text(const nlohmann::json& object, const char* name) {
  const auto& value = json_member(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

inline double json_real(const nlohmann::json& object, const char* name) {
  const auto& value = json_member(object, name);
  return value.is_number() ? value.get<double>() : kMissing;
}

}  // namespace nodetune
