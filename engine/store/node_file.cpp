// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/store/node_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "engine/files/file_reader.h"
#include "engine/store/knob_safety.h"

namespace nodetune {
namespace {

using nlohmann::json;

constexpr std::size_t kNodeFileBytesMax = 64 * 1024;
constexpr std::size_t kIdentityBytesMax = 4 * 1024;
constexpr std::string_view kLeftoverPrefix = "NODETUNE.json.tmp";

std::string path_of(const std::string& directory, std::string_view name) {
  return fmt::format("{}/{}", directory, name);
}

Status damaged(const std::string& path, std::string_view why) {
  return {StatusCode::corrupt,
          fmt::format("{}: {}; restore it from a backup: it holds the settings that the database "
                      "is opened with",
                      path, why)};
}

std::string to_json(const NodeFile& file) {
  json knobs = json::object();
  for (const auto knob : kKnobs) {
    const auto name = std::string(to_string(knob));
    if (knob == Knob::compression) {
      knobs[name] = knob_text(knob, file.knobs[knob]);
    } else {
      knobs[name] = file.knobs[knob];
    }
  }
  const bool ready = file.state == NodeFile::State::ready;
  const json document = {{"program", "NodeTune"},
                         {"schema", kNodeFileSchema},
                         {"state", ready ? "ready" : "creating"},
                         {"identity", file.identity},
                         {"manifest", file.manifest},
                         {"manifest_bytes", file.manifest_bytes},
                         {"knobs", knobs}};
  return document.dump(2) + "\n";
}

Result<std::int64_t> knob_value(const json& value, Knob knob, const std::string& path) {
  if (knob == Knob::compression && value.is_string()) {
    auto parsed = parse_knob(knob, value.get<std::string>());
    if (!parsed) return damaged(path, parsed.status().message());
    return parsed;
  }
  if (knob != Knob::compression && value.is_number_integer() &&
      !(value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX)) {
    return value.get<std::int64_t>();
  }
  return damaged(path, fmt::format("{} has no usable value", to_string(knob)));
}

Result<KnobValues> knobs_of(const json& document, const std::string& path) {
  const auto knobs = document.find("knobs");
  if (knobs == document.end() || !knobs->is_object()) return damaged(path, "no knobs in it");
  KnobValues values;
  for (const auto knob : kKnobs) {
    const auto found = knobs->find(std::string(to_string(knob)));
    if (found == knobs->end()) {
      return damaged(path, fmt::format("{} is missing", to_string(knob)));
    }
    const auto value = knob_value(*found, knob, path);
    if (!value) return value.status();
    values[knob] = *value;
  }
  if (const auto safe = check_safe(values); !safe) return damaged(path, safe.message());
  return values;
}

Result<NodeFile> parse(const std::string& text, const std::string& path) {
  const auto document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) return damaged(path, "not a JSON object");
  const auto schema = document.find("schema");
  if (schema == document.end() || !schema->is_number_integer()) {
    return damaged(path, "no schema in it");
  }
  if (schema->get<std::int64_t>() > kNodeFileSchema) {
    return Status(
        StatusCode::unsupported_format,
        fmt::format("{}: schema {} is newer than this program's ({}); use a newer NodeTune", path,
                    schema->get<std::int64_t>(), kNodeFileSchema));
  }
  if (schema->get<std::int64_t>() < 1) return damaged(path, "a schema that never was");
  const auto state = document.find("state");
  const auto identity = document.find("identity");
  const bool ready = state != document.end() && *state == "ready";
  if (!ready && (state == document.end() || *state != "creating")) {
    return damaged(path, "no state in it");
  }
  NodeFile file;
  file.state = ready ? NodeFile::State::ready : NodeFile::State::creating;
  if (identity != document.end() && identity->is_string()) {
    file.identity = identity->get<std::string>();
  }
  if (ready && file.identity.empty()) return damaged(path, "no identity in it");
  const auto manifest = document.find("manifest");
  const auto manifest_bytes = document.find("manifest_bytes");
  if (manifest != document.end() && manifest->is_string() && manifest_bytes != document.end() &&
      manifest_bytes->is_number_integer()) {
    file.manifest = manifest->get<std::string>();
    file.manifest_bytes = manifest_bytes->get<std::int64_t>();
  }
  auto knobs = knobs_of(document, path);
  if (!knobs) return knobs.status();
  file.knobs = *knobs;
  return file;
}

Status write_all(int descriptor, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Status::from_errno(errno, "write", path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(descriptor) != 0) return Status::from_errno(errno, "fsync", path);
  return Status::ok();
}

Status write_new(const std::string& path, std::string_view bytes) {
  constexpr int kMode = 0644;
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode);
  if (descriptor < 0) return Status::from_errno(errno, "create", path);
  auto status = write_all(descriptor, bytes, path);
  if (::close(descriptor) != 0 && status) status = Status::from_errno(errno, "close", path);
  return status;
}

Status sync_directory(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return Status::from_errno(errno, "open", path);
  Status status;
  if (::fsync(descriptor) != 0) status = Status::from_errno(errno, "fsync", path);
  ::close(descriptor);
  return status;
}

}  // namespace

Result<NodeFile> read_node_file(const std::string& directory) {
  const auto path = path_of(directory, kNodeFileName);
  const auto text = read_whole_file(path, kNodeFileBytesMax, SymbolicLinks::refuse);
  if (!text) return text.status();
  return parse(*text, path);
}

Status write_node_file(const std::string& directory, const NodeFile& file) {
  const auto path = path_of(directory, kNodeFileName);
  const auto temporary = path_of(directory, fmt::format("{}.{}", kLeftoverPrefix, ::getpid()));
  auto status = write_new(temporary, to_json(file));
  if (status && ::rename(temporary.c_str(), path.c_str()) != 0) {
    status = Status::from_errno(errno, "rename", path);
  }
  if (!status) {
    ::unlink(temporary.c_str());
    return status;
  }
  return sync_directory(directory);
}

bool is_node_file_leftover(std::string_view name) {
  return name.starts_with(kLeftoverPrefix);
}

Result<std::string> read_identity(const std::string& directory) {
  auto text =
      read_whole_file(path_of(directory, "IDENTITY"), kIdentityBytesMax, SymbolicLinks::refuse);
  if (!text) return text;
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  return text;
}

}  // namespace nodetune
