// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include <fmt/format.h>

#include <cmath>
#include <iostream>
#include <memory>
#include <optional>

#include "app/cli/support.h"
#include "engine/cache/miss_ratio_curve.h"
#include "engine/cache/stack_distance.h"
#include "engine/workload/trace_reader.h"

namespace nodetune::cli {
namespace {

constexpr std::uint64_t kPointsMax = 100'000;
constexpr std::size_t kSamplesMin = 32;
constexpr std::size_t kErrorSizes = 100;  // linear sizes that the mean absolute error is over

struct MrcArguments {
  std::string trace;
  std::string format;
  bool exact = false;
  bool json = false;
  std::uint64_t points = kErrorSizes;
  std::uint64_t seed = 1;
  std::size_t samples = MissRatioCurve::Config().samples_max;
};

struct Curves {
  CurveSnapshot sampled;
  std::optional<ExactCurve> exact;
  std::uint64_t lookups = 0;
  bool sized = true;  // every request has a size

  // Estimated where no exact count was asked for.
  std::uint64_t distinct() const {
    if (exact) return exact->distinct();
    return static_cast<std::uint64_t>(
        std::llround(static_cast<double>(sampled.samples) / sampled.sampling_rate));
  }
  bool distinct_is_exact() const { return exact || sampled.sampling_rate == 1; }
  std::uint64_t bytes_max() const {
    if (exact) return exact->bytes_max();
    const bool none = sampled.by_bytes.empty();
    return none ? 0 : static_cast<std::uint64_t>(sampled.by_bytes.back().bytes);
  }
};

Result<Curves> read_curves(const MrcArguments& options, TraceFormat format) {
  const auto trace = open_trace(options.trace, format);
  if (!trace) return trace.status();
  MissRatioCurve curve({.samples_max = options.samples});
  Curves curves;
  if (options.exact) curves.exact.emplace();
  const auto status = for_each_request(**trace, [&](const TraceRequest& request) {
    ++curves.lookups;
    curves.sized = curves.sized && request.bytes.has_value();
    const auto hash = hash_of_key(request.key, options.seed);
    if (curve.samples(hash)) curve.touch(hash, request.bytes.value_or(0));
    if (curves.exact) curves.exact->touch(request.key, request.bytes);
  });
  if (!status) return status;
  if (curves.lookups == 0) {
    return Status(StatusCode::invalid_argument, options.trace + ": holds no request");
  }
  curve.add_lookups(curves.lookups);
  curves.sampled = curve.snapshot();
  return curves;
}

// `count` sizes up to `largest`, in equal steps, each once.
std::vector<std::uint64_t> linear_sizes(std::uint64_t largest, std::uint64_t count) {
  std::vector<std::uint64_t> sizes;
  for (std::uint64_t i = 1; i <= count; ++i) {
    const auto size = static_cast<std::uint64_t>(std::llround(
        static_cast<double>(largest) * static_cast<double>(i) / static_cast<double>(count)));
    if (size > 0 && (sizes.empty() || size > sizes.back())) sizes.push_back(size);
  }
  return sizes;
}

double mean_absolute_error(const Curves& curves, bool by_bytes) {
  const auto largest = by_bytes ? curves.bytes_max() : curves.distinct();
  double sum = 0;
  const auto sizes = linear_sizes(largest, kErrorSizes);
  for (const auto size : sizes) {
    const auto at = static_cast<double>(size);
    sum += by_bytes ? std::abs(curves.sampled.miss_ratio_at_bytes(at) -
                               curves.exact->miss_ratio_at_bytes(size))
                    : std::abs(curves.sampled.miss_ratio_at_entries(at) -
                               curves.exact->miss_ratio_at_entries(size));
  }
  return sizes.empty() ? 0 : sum / static_cast<double>(sizes.size());
}

nlohmann::json size_json(double size) {
  if (std::isnan(size)) return nullptr;
  return std::llround(size);
}

// Both curves at the same sizes; `exact` may be null.
void add_curves(const Curves& curves, std::uint64_t count, bool by_bytes, nlohmann::json& sampled,
                nlohmann::json* exact) {
  const auto largest = by_bytes ? curves.bytes_max() : curves.distinct();
  for (const auto size : linear_sizes(largest, count)) {
    const auto at = static_cast<double>(size);
    const auto point = by_bytes ? curves.sampled.at_bytes(at) : curves.sampled.at_entries(at);
    nlohmann::json json = {{"entries", size_json(point.entries)},
                           {"bytes", size_json(curves.sized ? point.bytes : kMissing)},
                           {"miss_ratio", point.miss_ratio}};
    sampled.push_back(json);
    if (exact == nullptr) continue;
    json[by_bytes ? "entries" : "bytes"] = nullptr;  // an estimate in the sampled curve
    json["miss_ratio"] = by_bytes ? curves.exact->miss_ratio_at_bytes(size)
                                  : curves.exact->miss_ratio_at_entries(size);
    exact->push_back(std::move(json));
  }
}

nlohmann::json to_json(const MrcArguments& options, const Curves& curves) {
  nlohmann::json json = {{"trace", options.trace},
                         {"format", options.format},
                         {"lookups", curves.lookups},
                         {"distinct", curves.distinct()},
                         {"distinct_is_exact", curves.distinct_is_exact()},
                         {"sampling_rate", curves.sampled.sampling_rate},
                         {"samples", curves.sampled.samples},
                         {"seed", options.seed},
                         {"memory_bytes", curves.sampled.memory_bytes},
                         {"curve", nlohmann::json::array()}};
  nlohmann::json exact = nlohmann::json::array();
  add_curves(curves, options.points, false, json["curve"], options.exact ? &exact : nullptr);
  if (options.exact) {
    json["exact_curve"] = std::move(exact);
    json["mean_absolute_error"] = mean_absolute_error(curves, false);
  }
  if (!curves.sized) return json;
  exact = nlohmann::json::array();
  json["curve_by_bytes"] = nlohmann::json::array();
  add_curves(curves, options.points, true, json["curve_by_bytes"],
             options.exact ? &exact : nullptr);
  if (options.exact) {
    json["exact_curve_by_bytes"] = std::move(exact);
    json["mean_absolute_error_by_bytes"] = mean_absolute_error(curves, true);
  }
  return json;
}

void print_text(const MrcArguments& options, const Curves& curves) {
  std::cout << fmt::format(
      "{} lookups of {}{} keys; {} keys watched (rate {:.4f}), {} KiB\n"
      "An LRU cache of so many entries misses so many lookups, first ones included:\n",
      curves.lookups, curves.distinct_is_exact() ? "" : "about ", curves.distinct(),
      curves.sampled.samples, curves.sampled.sampling_rate, curves.sampled.memory_bytes / 1'024);
  std::cout << fmt::format("{:>12}{}{:>12}{}\n", "entries",
                           curves.sized ? fmt::format("{:>16}", "bytes") : "", "miss ratio",
                           options.exact ? fmt::format("{:>12}", "exact") : "");
  for (const auto size : linear_sizes(curves.distinct(), options.points)) {
    const auto point = curves.sampled.at_entries(static_cast<double>(size));
    std::cout << fmt::format("{:>12}", size);
    if (curves.sized) std::cout << fmt::format("{:>16.0f}", point.bytes);
    std::cout << fmt::format("{:>12.4f}", point.miss_ratio);
    if (curves.exact) {
      std::cout << fmt::format("{:>12.4f}", curves.exact->miss_ratio_at_entries(size));
    }
    std::cout << '\n';
  }
  if (!options.exact) return;
  std::cout << fmt::format("Mean absolute error: {:.5f}\n", mean_absolute_error(curves, false));
  if (curves.sized) {
    std::cout << fmt::format("Mean absolute error by bytes: {:.5f}\n",
                             mean_absolute_error(curves, true));
  }
}

int run(const MrcArguments& options) {
  const auto format = parse_trace_format(options.format);
  if (!format) return fail(format.status());
  const auto curves = read_curves(options, *format);
  if (!curves) return fail(curves.status());
  if (options.json) {
    // A path need not be UTF-8; JSON must be.
    std::cout
        << to_json(options, *curves).dump(2, ' ', false, nlohmann::json::error_handler_t::replace)
        << '\n';
  } else {
    print_text(options, *curves);
  }
  return kSuccess;
}

}  // namespace

void add_mrc(CLI::App& app, Action& action) {
  auto options = std::make_shared<MrcArguments>();
  auto* const command = app.add_subcommand(
      "mrc", "Print a trace's miss-ratio curve: how often an LRU cache of each size would miss");
  command->add_option("--trace", options->trace, "A file, plain or compressed, or a folder")
      ->required();
  command->add_option("--format", options->format, "How it is written")
      ->required()
      ->check([](const std::string& text) {
        const auto format = parse_trace_format(text);
        return format ? std::string() : format.status().message();
      });
  command->add_flag("--exact", options->exact,
                    "Compare with exact stack distances (takes memory for every key)");
  command->add_flag("--json", options->json, "Print JSON");
  command->add_option("--points", options->points, "Sizes to print")
      ->check(CLI::Range(std::uint64_t{1}, kPointsMax))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "Another seed watches other keys")
      ->capture_default_str();
  command->add_option("--samples", options->samples, "Keys to watch at most")
      ->check(CLI::Range(kSamplesMin, RecencyStack::kMembersMax))
      ->capture_default_str();
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace nodetune::cli
