// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
//
// The drives below a directory, and who else uses it, in words.
#include <fmt/format.h>

#include <algorithm>

#include "engine/base/format.h"
#include "engine/node/observed_views.h"

namespace nodetune {
namespace {

constexpr std::size_t kUsersNamed = 5;
constexpr double kWornOut = 1;

std::string drive_text(const DriveLook& drive) {
  auto text = drive.model.empty() ? drive.name : fmt::format("{} ({})", drive.model, drive.name);
  if (drive.rotates) text += ", rotating";
  if (drive.celsius) text += fmt::format(", {:.0f} °C", *drive.celsius);
  if (drive.wear_ratio) {
    text += fmt::format(", {:.0f} % of its rated life used", *drive.wear_ratio * 100);
    if (*drive.wear_ratio >= kWornOut) text += ": replace it soon";
  }
  if (drive.written_bytes) {
    text += fmt::format(", {} written to it in its life", format_bytes(*drive.written_bytes));
  }
  if (!drive.why_no_wear.empty()) text += "; " + drive.why_no_wear;
  return text;
}

std::string drive_origin(const DriveLook& drive) {
  std::string text = "/sys/block/" + drive.name;
  for (const auto& origin : {drive.celsius_origin, drive.wear_origin}) {
    if (!origin.empty() && text.find(origin) == std::string::npos) text += "; " + origin;
  }
  return text;
}

}  // namespace

void add_drive_facts(const std::vector<DriveLook>& drives, std::vector<Fact>& facts) {
  for (const auto& drive : drives) {
    facts.push_back({"Drive", drive_text(drive), drive_origin(drive)});
  }
}

void add_user_facts(const FileUsers& found, const std::optional<LockHolder>& holder,
                    std::vector<Fact>& facts) {
  std::string text;
  std::size_t named = 0;
  for (const auto& user : found.users) {
    if (holder && user.pid == holder->pid) continue;
    if (++named > kUsersNamed) break;
    text += fmt::format("{}{} (pid {}): {} file{}{}", text.empty() ? "" : ", ", user.name, user.pid,
                        user.files, user.files == 1 ? "" : "s",
                        user.writes ? ", some for writing" : "");
  }
  if (named > kUsersNamed) text += ", and more";
  if (text.empty()) return;
  if (found.hidden > 0) {
    text += fmt::format("; {} processes cannot be looked into by this user", found.hidden);
  }
  facts.push_back({"Also open in", std::move(text), "/proc/*/fd, once a minute"});
}

}  // namespace nodetune
