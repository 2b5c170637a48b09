// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/observe/inspect.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "engine/base/clock.h"
#include "engine/base/format.h"
#include "engine/files/directory_kind.h"
#include "engine/files/directory_listing.h"
#include "engine/files/file_reader.h"
#include "engine/observe/logs_alone.h"
#include "engine/observe/observation.h"
#include "engine/recording/recording_reader.h"
#include "engine/recording/recording_stream.h"
#include "engine/recording/recording_writer.h"

namespace nodetune {
namespace {

constexpr std::size_t kStreamHeadBytes = 64 * 1024;  // its first line is shorter

// Who is meant, as an operator knows it; and what to do instead.
std::string_view polite_name(DirectoryKind kind) {
  switch (kind) {
    case DirectoryKind::leveldb:
      return "a LevelDB database (geth before Pebble, Bitcoin Core and others)";
    case DirectoryKind::pebble:
      return "a Pebble database, as geth keeps it";
    case DirectoryKind::mdbx:
      return "an MDBX database, as Erigon and Reth keep it";
    case DirectoryKind::paritydb:
      return "a ParityDB database, as Polkadot keeps it";
    case DirectoryKind::other:
      return "a database of another kind";
    case DirectoryKind::managed:
    case DirectoryKind::rocksdb:
      return "a RocksDB database";
    case DirectoryKind::empty:
    case DirectoryKind::none:
      return "no database";
  }
  return "no database";
}

Status with_owner_command(const Status& status, const std::string& path) {
  const auto command = owner_command(path);
  if (status.code() != StatusCode::permission_denied || command.empty()) return status;
  return {status.code(), fmt::format("{}. Its owner may read it: {}", status.message(), command)};
}

std::int64_t bytes_in(const std::string& path) {
  const auto listing = list_database_files(path);
  return listing ? listing->all.bytes : 0;
}

void fill(Inspection& found, const Observation& seen) {
  found.client = seen.client.name;
  found.rocksdb_version = seen.rocksdb_version();
  found.format_version = seen.tables.format_version;
  found.column_families = seen.family_titles();
  found.locked_by = seen.holder;
}

// A RocksDB directory: its own files say the rest.
Result<Inspection> inspect_database(Inspection found, std::string reason) {
  DirectoryObserver observer(found.path, SystemClock::instance());
  const auto seen = observer.refresh();
  if (!seen) return with_owner_command(seen.status(), found.path);
  fill(found, **seen);
  const bool managed = found.kind == to_string(DirectoryKind::managed);
  found.way = managed && !found.locked_by ? "managed" : "observed";
  if (found.locked_by) {
    found.reason = fmt::format("in use by {}", found.locked_by->describe());
  } else if (managed) {
    found.reason = "NodeTune's own directory, and nobody has it open";
  } else {
    found.reason = "not NodeTune's own directory: it belongs to the node that wrote it";
  }
  if (!reason.empty()) found.reason += "; " + reason;
  for (const auto& problem : (*seen)->problems) found.reason += ". " + problem.text;
  return found;
}

// No database itself: what lies below decides.
Result<Inspection> inspect_nested(Inspection found, const DirectoryInfo& info) {
  std::vector<const NestedDatabase*> readable;
  std::string others;
  for (const auto& nested : info.nested) {
    found.databases.push_back(nested.path);
    if (is_rocksdb(nested.kind)) {
      readable.push_back(&nested);
    } else {
      others += fmt::format("; {} is {}, which is not read", nested.path, polite_name(nested.kind));
    }
  }
  if (readable.empty()) {
    found.way = "none";
    if (info.nested.empty()) {
      found.reason =
          fmt::format("{}: give the node's data directory, or the database in it", info.evidence);
    } else {
      found.kind = to_string(info.nested.front().kind);
      found.reason = fmt::format("{} is {}; NodeTune reads RocksDB", info.nested.front().path,
                                 polite_name(info.nested.front().kind));
    }
    return found;
  }
  if (readable.size() == 1) {
    const auto parent = std::exchange(found.path, readable.front()->path);
    found.kind = to_string(readable.front()->kind);
    return inspect_database(std::move(found), fmt::format("found in {}{}", parent, others));
  }
  found.databases.clear();
  for (const auto* each : readable) found.databases.push_back(each->path);
  const auto largest = largest_database(found.databases);
  found.way = "observed";
  found.reason = fmt::format("holds {} RocksDB databases{}, the largest in {}{}", readable.size(),
                             info.search_truncated ? " or more" : "", largest, others);
  ClientTraces traces = client_traces(largest);
  found.client = recognise_client(traces).name;
  return found;
}

// Of a stream its first line says whose it is.
Result<std::string> streamed_node(const std::string& path) {
  const auto head = read_head(path, kStreamHeadBytes);
  if (!head) return head.status();
  RecordingStream stream;
  RecordingStream::Piece piece;
  const auto status = stream.feed(*head, piece);
  if (stream.identity()) return stream.identity()->path;
  if (!status) return Status(status.code(), path + ": " + status.message());
  return Status(StatusCode::not_a_database, path + " is no whole recording of NodeTune's");
}

Result<Inspection> inspect_recording(const std::string& path) {
  if (recording_kind(path) == RecordingKind::stream) {
    const auto node = streamed_node(path);
    if (!node) return node.status();
    Inspection found;
    found.path = path;
    found.kind = "recording";
    found.way = "recorded";
    found.reason = fmt::format("a recording of {}, as a stream", escape_name(*node));
    return found;
  }
  const auto reader = RecordingReader::open(path);
  if (!reader) return reader.status();
  Inspection found;
  found.path = path;
  found.kind = "recording";
  found.way = "recorded";
  found.reason = fmt::format("a recording of {}", escape_name((*reader)->node_path()));
  if (is_being_recorded(path)) found.reason += "; it is still being written";
  return found;
}

Inspection inspect_logs(const LogsAlone& logs) {
  const auto seen = observe_logs(logs);
  Inspection found;
  found.path = logs.path;
  found.kind = "logs";
  found.way = "recorded";
  found.reason = what_it_is(logs);
  found.client = seen.client.name;
  found.rocksdb_version = seen.rocksdb_version();
  found.column_families = seen.family_titles();
  return found;
}

}  // namespace

std::string largest_database(const std::vector<std::string>& databases) {
  std::string largest;
  std::int64_t most = -1;
  for (const auto& path : databases) {
    const auto bytes = bytes_in(path);
    if (bytes > most) {
      most = bytes;
      largest = path;
    }
  }
  return largest;
}

Result<Inspection> inspect(const std::string& path) {
  if (is_recording(path)) return inspect_recording(path);
  if (const auto logs = find_logs_alone(path)) return inspect_logs(*logs);
  const auto info = identify_directory(path);
  if (!info) return with_owner_command(info.status(), path);
  Inspection found;
  found.path = info->path;
  found.kind = to_string(info->kind);
  switch (info->kind) {
    case DirectoryKind::managed:
    case DirectoryKind::rocksdb:
      return inspect_database(std::move(found), {});
    case DirectoryKind::leveldb:
    case DirectoryKind::pebble:
    case DirectoryKind::mdbx:
    case DirectoryKind::paritydb:
    case DirectoryKind::other:
      found.way = "none";
      found.reason = fmt::format("it is {} ({}); NodeTune reads RocksDB", polite_name(info->kind),
                                 info->evidence);
      return found;
    case DirectoryKind::empty:
    case DirectoryKind::none:
      found.kind = "none";
      return inspect_nested(std::move(found), *info);
  }
  return found;
}

}  // namespace nodetune
