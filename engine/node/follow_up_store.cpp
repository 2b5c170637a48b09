// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/follow_up_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "engine/base/epoch.h"
#include "engine/base/json_number.h"
#include "engine/files/file_reader.h"

namespace nodetune {
namespace {

using nlohmann::json;

constexpr int kSchema = 1;
constexpr std::size_t kFileBytesMax = 8 << 20;
constexpr std::size_t kFollowedChangesMax = 1'000;
constexpr std::size_t kApprovedMax = 1'000;
constexpr mode_t kFileMode = 0640;

json time_json(const std::optional<TimePoint>& time) {
  return time ? json(to_epoch_seconds(*time)) : json(nullptr);
}

TimePoint epoch_time_of(const json& document) {
  const double seconds = document.get<double>();
  if (!(std::fabs(seconds) < kEpochSecondsMax)) throw std::runtime_error("impossible time");
  return TimePoint(Duration(std::llround(seconds * 1e6)));
}

std::optional<TimePoint> maybe_time(const json& document, const char* key) {
  const auto& found = document.at(key);
  return found.is_null() ? std::nullopt : std::optional(epoch_time_of(found));
}

WindowFigure figure_at(std::size_t index) {
  return static_cast<WindowFigure>(index);
}

json to_document(const WindowFigures& window) {
  json document = {{"begin", to_epoch_seconds(window.begin)},
                   {"end", to_epoch_seconds(window.end)},
                   {"figures", json::object()}};
  for (std::size_t i = 0; i < kWindowFigureCount; ++i) {
    const auto& value = window[figure_at(i)];
    if (!std::isfinite(value.value)) continue;
    document["figures"][std::string(to_string(figure_at(i)))] = {
        {"value", json_number(value.value)}, {"seconds", json_number(value.seconds)}};
  }
  return document;
}

WindowFigures window_from(const json& document) {
  WindowFigures window{epoch_time_of(document.at("begin")), epoch_time_of(document.at("end")), {}};
  const auto& figures = document.at("figures");
  for (std::size_t i = 0; i < kWindowFigureCount; ++i) {
    const auto found = figures.find(to_string(figure_at(i)));
    if (found == figures.end()) continue;
    window[figure_at(i)] = {found->at("value").get<double>(), found->at("seconds").get<double>()};
  }
  return window;
}

json to_document(const FollowedChange& change) {
  return {{"recommendation", json::parse(to_json(change.item))},
          {"copied", to_epoch_seconds(change.copied)},
          {"open_known", change.open_known},
          {"open",
           {{"time", time_json(change.open.time)},
            {"session", change.open.session},
            {"options", change.open.options},
            {"pid", change.open.pid}}},
          {"opened", time_json(change.opened)},
          {"before", to_document(change.before)}};
}

Recommendation recommendation_from(const json& document) {
  auto item = recommendation_from_json(document.dump());
  if (!item) throw std::runtime_error(item.status().message());
  return *std::move(item);
}

FollowedChange change_from(const json& document) {
  FollowedChange change;
  change.item = recommendation_from(document.at("recommendation"));
  if (!change.item.follow_up) throw std::runtime_error("a recommendation that nobody follows up");
  change.copied = epoch_time_of(document.at("copied"));
  change.open_known = document.at("open_known").get<bool>();
  const auto& open = document.at("open");
  change.open = {.time = maybe_time(open, "time"),
                 .session = open.at("session").get<std::string>(),
                 .options = open.at("options").get<std::string>(),
                 .pid = open.at("pid").get<int>()};
  change.opened = maybe_time(document, "opened");
  change.before = window_from(document.at("before"));
  return change;
}

// The file of an earlier version has none.
std::vector<Recommendation> approved_from(const json& document) {
  std::vector<Recommendation> items;
  const auto list = document.find("approved");
  if (list == document.end()) return items;
  if (list->size() > kApprovedMax) throw std::runtime_error("too many approvals");
  for (const auto& each : *list) {
    auto item = recommendation_from(each);
    if (!waits_for_copy(item)) throw std::runtime_error("an approval that waits for nothing");
    items.push_back(std::move(item));
  }
  return items;
}

Status write_synced(const std::string& path, std::string_view rest) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode);
  if (file < 0) return Status::from_errno(errno, "cannot be written", path);
  int error = 0;
  while (!rest.empty() && error == 0) {
    const auto written = ::write(file, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  if (error == 0 && ::fsync(file) != 0) error = errno;
  if (::close(file) != 0 && error == 0) error = errno;
  return error == 0 ? Status::ok() : Status::from_errno(error, "cannot be written", path);
}

// So that the new name survives a crash too.
Status sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path().string();
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return Status::from_errno(errno, "cannot be opened", folder);
  const int error = ::fsync(file) != 0 ? errno : 0;
  ::close(file);
  return error == 0 ? Status::ok() : Status::from_errno(error, "cannot be synced", folder);
}

}  // namespace

bool waits_for_copy(const Recommendation& item) {
  using State = RecommendationState;
  return (item.state == State::approved || item.state == State::overridden) && !item.follow_up;
}

std::string to_json(const FollowUps& follow_ups) {
  json document = {{"schema", kSchema}, {"changes", json::array()}, {"approved", json::array()}};
  for (const auto& change : follow_ups.changes) {
    document["changes"].push_back(to_document(change));
  }
  for (const auto& item : follow_ups.approved) {
    document["approved"].push_back(json::parse(to_json(item)));
  }
  return document.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<FollowUps> follow_ups_from_json(std::string_view text) {
  try {
    const auto document = json::parse(text);
    if (document.at("schema").get<int>() != kSchema) {
      return Status(StatusCode::unsupported_format, "it was written by a later NodeTune");
    }
    const auto& list = document.at("changes");
    if (list.size() > kFollowedChangesMax) throw std::runtime_error("too many changes");
    FollowUps follow_ups;
    for (const auto& each : list) follow_ups.changes.push_back(change_from(each));
    follow_ups.approved = approved_from(document);
    return follow_ups;
  } catch (const std::exception& error) {
    return Status(StatusCode::corrupt, fmt::format("it is damaged: {}", error.what()));
  }
}

Result<FollowUpStore::Found> FollowUpStore::read(TimePoint now) const {
  const auto text = read_whole_file(path_, kFileBytesMax, SymbolicLinks::refuse);
  if (!text && text.status().code() == StatusCode::not_found) return Found{};
  auto found = text ? follow_ups_from_json(*text) : Result<FollowUps>(text.status());
  if (found) return Found{*std::move(found), {}};
  const auto aside =
      fmt::format("{}.unread-{}", path_, static_cast<std::int64_t>(to_epoch_seconds(now)));
  if (std::rename(path_.c_str(), aside.c_str()) != 0) {
    return Status::from_errno(
        errno, fmt::format("cannot be read ({}) nor moved aside", found.status().message()), path_);
  }
  return Found{{},
               fmt::format("{} could not be read ({}): it was moved to {}; what waited for a "
                           "restart is not followed any more",
                           path_, found.status().message(), aside)};
}

Status FollowUpStore::write(const FollowUps& follow_ups) const {
  const auto temporary = fmt::format("{}.{}", path_, ::getpid());
  auto status = write_synced(temporary, to_json(follow_ups));
  if (status && std::rename(temporary.c_str(), path_.c_str()) != 0) {
    status = Status::from_errno(errno, "cannot be renamed", temporary);
  }
  if (!status) {
    ::unlink(temporary.c_str());
    return status;
  }
  return sync_folder_of(path_);
}

}  // namespace nodetune
