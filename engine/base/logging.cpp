// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/base/logging.h"

#include <spdlog/sinks/dist_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <utility>

namespace nodetune {
namespace {

struct Sinks {
  std::shared_ptr<spdlog::sinks::stderr_sink_mt> standard_error =
      std::make_shared<spdlog::sinks::stderr_sink_mt>();
  std::shared_ptr<spdlog::sinks::dist_sink_mt> all =
      std::make_shared<spdlog::sinks::dist_sink_mt>();
  std::shared_ptr<spdlog::logger> logger;

  Sinks() {
    standard_error->set_level(spdlog::level::warn);
    all->add_sink(standard_error);
    logger = std::make_shared<spdlog::logger>("nodetune", all);
    logger->set_level(spdlog::level::debug);
    logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %l [%t] %v");
    logger->flush_on(spdlog::level::info);
  }
};

Sinks& sinks() {
  static Sinks instance;
  return instance;
}

}  // namespace

spdlog::logger& log() {
  return *sinks().logger;
}

void log_to_file(const std::string& path) {
  constexpr std::size_t kMaxBytes = 5 << 20;
  constexpr std::size_t kFilesKept = 3;
  try {
    auto file = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(path, kMaxBytes, kFilesKept);
    file->set_pattern("%Y-%m-%d %H:%M:%S.%e %l [%t] %v");
    sinks().all->add_sink(std::move(file));
  } catch (const spdlog::spdlog_ex& error) {
    log().warn("no log file: {}", error.what());
  }
}

void set_log_verbose(bool verbose) {
  sinks().standard_error->set_level(verbose ? spdlog::level::debug : spdlog::level::off);
}

}  // namespace nodetune
