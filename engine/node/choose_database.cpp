// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/choose_database.h"

#include <fmt/format.h>

#include <vector>

#include "engine/base/format.h"

namespace nodetune {

Result<Node*> choose_database(Node& node, const std::string& name) {
  if (name.empty()) return &node;
  std::vector<std::string> names;
  std::vector<Node*> alike;
  for (const auto& database : node.databases()) {
    if (database.name == name) return database.node;
    if (database.name.ends_with("/" + name)) alike.push_back(database.node);
    names.push_back(database.name);
  }
  if (alike.size() == 1) return alike.front();
  if (names.empty()) {
    return Status(StatusCode::invalid_argument,
                  "the directory holds one database: leave --database out");
  }
  return Status(StatusCode::invalid_argument,
                fmt::format("{} database has the name {}: there are {}",
                            alike.empty() ? "no" : "more than one", escape_name(name),
                            fmt::join(names, ", ")));
}

}  // namespace nodetune
