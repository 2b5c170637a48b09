// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/workload_spec.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

namespace nodetune {
namespace {

constexpr std::string_view kSetting = "workload";

using Json = nlohmann::json;

std::string_view chain_name(const WorkloadSpec& spec) {
  if (std::holds_alternative<ImportConfig>(spec.what)) return "import";
  return std::holds_alternative<SyntheticConfig>(spec.what) ? "synthetic" : "access-lists";
}

// What must stay the same as long as a directory holds the chain; an import's files may change.
std::uint64_t seed_of(const WorkloadSpec& spec) {
  if (const auto* lists = std::get_if<AccessListConfig>(&spec.what)) return lists->seed;
  if (const auto* synthetic = std::get_if<SyntheticConfig>(&spec.what)) return synthetic->seed;
  return 0;
}

std::string in_words(const WorkloadSpec& spec) {
  if (std::holds_alternative<ImportConfig>(spec.what)) return "blocks imported from files";
  return fmt::format("the {} chain with seed {}", chain_name(spec), seed_of(spec));
}

Json to_json(const WorkloadSpec& spec) {
  Json document = {{"chain", chain_name(spec)}, {"seed", seed_of(spec)}};
  if (spec.blocks_per_second) document["blocks_per_second"] = *spec.blocks_per_second;
  document["stop_below_free_ratio"] = spec.stop_below_free_ratio;
  document["hints"] = wants_hints(spec);
  if (const auto* lists = std::get_if<AccessListConfig>(&spec.what)) {
    document["path"] = lists->path;
  } else if (const auto* import = std::get_if<ImportConfig>(&spec.what)) {
    document["paths"] = import->paths;
    if (import->from) document["from"] = *import->from;
    if (import->to) document["to"] = *import->to;
  } else {
    const auto& synthetic = std::get<SyntheticConfig>(spec.what);
    if (synthetic.blocks) document["blocks"] = *synthetic.blocks;
    document["prune_above_bytes"] = synthetic.prune_above_bytes;
  }
  return document;
}

std::optional<std::uint64_t> number_in(const Json& document, const char* name) {
  if (!document.contains(name)) return std::nullopt;
  return document.at(name).get<std::uint64_t>();
}

WorkloadSpec from_json(const Json& document) {
  WorkloadSpec spec;
  if (document.contains("blocks_per_second")) {
    spec.blocks_per_second = document.at("blocks_per_second").get<double>();
  }
  spec.stop_below_free_ratio = document.value("stop_below_free_ratio", spec.stop_below_free_ratio);
  const auto seed = document.at("seed").get<std::uint64_t>();
  const auto chain = document.at("chain").get<std::string>();
  if (chain == "access-lists") {
    AccessListConfig config;
    config.path = document.at("path").get<std::string>();
    config.seed = seed;
    config.hints = document.value("hints", false);
    spec.what = config;
  } else if (chain == "import") {
    ImportConfig config;
    config.paths = document.at("paths").get<std::vector<std::string>>();
    config.from = number_in(document, "from");
    config.to = number_in(document, "to");
    spec.what = config;
  } else {
    SyntheticConfig config;
    config.seed = seed;
    config.blocks = number_in(document, "blocks");
    config.prune_above_bytes = document.value("prune_above_bytes", std::int64_t{0});
    config.hints = document.value("hints", false);
    spec.what = config;
  }
  return spec;
}

}  // namespace

Result<WorkloadSpec> choose_workload(SettingsTable& settings,
                                     const std::optional<WorkloadSpec>& asked) {
  const auto saved = settings.load(kSetting);
  if (!saved) return saved.status();
  if (!saved->has_value()) return asked.value_or(WorkloadSpec{});
  WorkloadSpec before;
  try {
    before = from_json(Json::parse(**saved));
  } catch (const Json::exception&) {
    return asked.value_or(WorkloadSpec{});  // written by another version: the default will do
  }
  if (!asked) return before;
  if (chain_name(*asked) != chain_name(before) || seed_of(*asked) != seed_of(before)) {
    return Status(
        StatusCode::invalid_argument,
        fmt::format("this directory holds {}, not {}; choose an empty directory for another chain",
                    in_words(before), in_words(*asked)));
  }
  return *asked;
}

Status remember_workload(SettingsTable& settings, const WorkloadSpec& spec) {
  const auto text = to_json(spec).dump();
  const auto saved = settings.load(kSetting);
  if (saved && *saved == text) return Status::ok();  // spares an fsync at every open
  return settings.save(kSetting, text);
}

bool wants_hints(const WorkloadSpec& spec) {
  if (const auto* lists = std::get_if<AccessListConfig>(&spec.what)) return lists->hints;
  const auto* synthetic = std::get_if<SyntheticConfig>(&spec.what);
  return synthetic != nullptr && synthetic->hints;
}

Result<std::unique_ptr<Workload>> make_workload(const WorkloadSpec& spec) {
  if (const auto* import = std::get_if<ImportConfig>(&spec.what)) return make_chain_import(*import);
  if (const auto* lists = std::get_if<AccessListConfig>(&spec.what)) {
    return make_access_list_replay(*lists);
  }
  return make_synthetic_chain(std::get<SyntheticConfig>(spec.what));
}

}  // namespace nodetune
