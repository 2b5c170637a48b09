// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "app/cli/support.h"
#include "engine/node/remote_address.h"
#include "engine/observe/inspect.h"

namespace nodetune::cli {
namespace {

struct OpenArguments {
  std::string directory;
  bool json = false;
};

nlohmann::json to_json(const Inspection& found) {
  nlohmann::json json = {{"path", found.path},
                         {"kind", found.kind},
                         {"way", found.way},
                         {"reason", found.reason},
                         {"client", nullptr},
                         {"rocksdb_version", nullptr},
                         {"format_version", nullptr},
                         {"locked_by", nullptr},
                         {"column_families", found.column_families},
                         {"databases", found.databases}};
  if (!found.client.empty()) json["client"] = found.client;
  if (!found.rocksdb_version.empty()) json["rocksdb_version"] = found.rocksdb_version;
  if (found.format_version) json["format_version"] = *found.format_version;
  if (found.locked_by) json["locked_by"] = found.locked_by->pid;
  return json;
}

int run(const OpenArguments& options) {
  if (is_ssh_url(options.directory)) {
    const auto address = parse_ssh_url(options.directory);
    if (!address) return fail(address.status());
    const auto look = "nodetune-cli open " + quoted_for_shell(address->directory);
    return fail({StatusCode::invalid_argument,
                 fmt::format("{} is on another machine: look with `{} {}`, or watch it with "
                             "nodetune-cli watch {}",
                             options.directory, login_command(*address), quoted_for_shell(look),
                             options.directory)});
  }
  const auto found = inspect(options.directory);
  if (!found) return fail(found.status());
  if (options.json) {
    std::cout << to_json(*found).dump(2) << '\n';
    return kSuccess;
  }
  const auto line = [](std::string_view name, const std::string& value) {
    std::cout << fmt::format("{:<18}{}\n", name, value.empty() ? "unknown" : value);
  };
  line("path", on_one_line(found->path));
  line("kind", found->kind);
  line("would be opened", fmt::format("{}: {}", found->way, found->reason));
  line("client", found->client);
  line("RocksDB version", found->rocksdb_version);
  line("table format", found->format_version ? std::to_string(*found->format_version) : "");
  line("column families", fmt::format("{}: {}", found->column_families.size(),
                                      fmt::join(found->column_families, ", ")));
  line("locked by", found->locked_by
                        ? fmt::format("{} (pid {})", found->locked_by->name, found->locked_by->pid)
                        : "nobody");
  if (!found->databases.empty()) {
    line("databases", fmt::format("{}", fmt::join(found->databases, ", ")));
  }
  return kSuccess;
}

}  // namespace

void add_open(CLI::App& app, Action& action) {
  auto options = std::make_shared<OpenArguments>();
  auto* const command = app.add_subcommand(
      "open", "Say what a directory is, who holds it and how it would be opened; changes nothing");
  command->add_option("DIR", options->directory, "Any directory")->required();
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace nodetune::cli
