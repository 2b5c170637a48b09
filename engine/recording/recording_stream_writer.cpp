// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/recording/recording_stream_writer.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "engine/base/json_number.h"
#include "engine/recording/recording_stream.h"

namespace nodetune {
namespace {

std::string line(std::string_view kind, nlohmann::json value) {
  auto object = nlohmann::json::object();
  object[std::string(kind)] = std::move(value);
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace

std::string stream_head(const RecordedIdentity& identity, std::string_view program) {
  return line("recording", {{"version", kRecordingSchema},
                            {"id", identity.id},
                            {"path", identity.path},
                            {"program", program}});
}

std::string stream_line(const RecordedSample& sample) {
  auto figures = nlohmann::json::object();
  for (const auto& [metric, value] : sample.figures)
    figures[stream_name(metric)] = json_number(value);
  return line("sample", {{"time", to_epoch_seconds(sample.time)},
                         {"seconds", json_number(sample.seconds)},
                         {"figures", std::move(figures)}});
}

std::string stream_line(const RecordedEvent& event) {
  return line("event", {{"time", to_epoch_seconds(event.time)},
                        {"severity", event.severity},
                        {"category", event.category},
                        {"source", event.source},
                        {"family", event.family},
                        {"text", event.text}});
}

std::string stream_line(const RecordedJob& job) {
  const auto known = [](std::optional<std::int64_t> value) {
    return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
  };
  return line("job", {{"kind", job.kind},
                      {"family", job.family},
                      {"begin", to_epoch_seconds(job.begin)},
                      {"end", to_epoch_seconds(job.end)},
                      {"input_level", known(job.input_level)},
                      {"output_level", known(job.output_level)},
                      {"input_bytes", known(job.input_bytes)},
                      {"output_bytes", known(job.output_bytes)},
                      {"reason", job.reason},
                      {"source", job.source}});
}

std::string stream_line(std::string_view document, std::string_view json) {
  auto value = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) return {};
  auto text = line(document, std::move(value));
  return text.size() <= RecordingStream::Limits{}.line_bytes_max ? text : std::string();
}

}  // namespace nodetune
