// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/observed_tuner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <utility>

#include "engine/node/decision.h"
#include "engine/tuner/target.h"

namespace nodetune {
namespace {

constexpr std::string_view kAuditName = "AUDIT.jsonl";
constexpr std::string_view kLockName = "in-use";

// FNV-1a, 64 bits: the same in every run and on every machine.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

std::string state_folder(const std::string& path) {
  std::filesystem::path base;
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/') {
    base = state;
  } else if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') {
    base = std::filesystem::path(home) / ".local" / "state";
  } else {
    return {};
  }
  std::error_code error;
  const auto real = std::filesystem::canonical(path, error);
  const auto text = error ? path : real.string();
  return (base / "nodetune" / fmt::format("{:016x}", hash_of(text))).string();
}

ObservedTuner::ObservedTuner(RecognisedClient client, const FollowUpConfig& follow_up, Clock& clock,
                             int lock)
    : client_(std::move(client)), follow_up_config_(follow_up), clock_(clock), lock_(lock) {}

ObservedTuner::~ObservedTuner() {
  tuner_.reset();
  audit_.reset();
  if (lock_ >= 0) ::close(lock_);
}

Result<std::unique_ptr<ObservedTuner>> ObservedTuner::open(const std::string& path,
                                                           const RecognisedClient& client,
                                                           const TunerConfig& config, Clock& clock,
                                                           const FollowUpConfig& follow_up) {
  const auto folder = state_folder(path);
  if (folder.empty()) {
    return Status(StatusCode::not_found,
                  "there is no folder for NodeTune's state: set HOME or XDG_STATE_HOME");
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Status::from_errno(error.value(), "cannot be created", folder);
  const auto lock_path = fmt::format("{}/{}", folder, kLockName);
  const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return Status::from_errno(errno, "cannot be written", lock_path);
  std::unique_ptr<ObservedTuner> tuner(new ObservedTuner(client, follow_up, clock, lock));
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    return Status(StatusCode::locked,
                  fmt::format("{} is observed by another NodeTune, which keeps its "
                              "recommendations: look at them there",
                              path));
  }
  auto audit = AuditLog::open(fmt::format("{}/{}", folder, kAuditName), clock);
  if (!audit) return audit.status();
  tuner->audit_ = *std::move(audit);
  tuner->tuner_ = std::make_unique<DatabaseTuner>(config, clock, *tuner->audit_, nullptr);
  if (auto status = tuner->restore(folder); !status) return status;
  return tuner;
}

void ObservedTuner::learn_limits(const Snapshot& newest) {
  auto config = tuner_->config();
  config.context.memory_limit_bytes = newest.value(Metric::system_memory_limit_bytes);
  config.context.families = std::max(1, static_cast<int>(newest.families.size()));
  tuner_->set_config(config);
}

Result<bool> ObservedTuner::observe(const std::shared_ptr<const Snapshot>& newest,
                                    const KnownKnobs& knobs, const History& history) {
  if (tuner_->rounds() == 0) learn_limits(*newest);
  return tuner_->observe(newest, knobs, &history);
}

Result<std::string> ObservedTuner::tune_now(const std::shared_ptr<const Snapshot>& newest,
                                            const KnownKnobs& knobs, const History& history) {
  learn_limits(*newest);
  const auto ran = tuner_->tune_now(newest, knobs, &history);
  if (!ran) return ran.status();
  if (!*ran) return Status(StatusCode::busy, "not enough figures yet; try again in a few seconds");
  return std::string("the rules have looked at what is seen of the node");
}

Result<std::string> ObservedTuner::decide(const DecideRecommendation& decision) {
  const auto followed = tuner_->find(decision.id);
  if (followed && followed->follow_up &&
      decision.decision == DecideRecommendation::Decision::reject) {
    if (auto status = give_up(*followed); !status) return status;
    return fmt::format("{}: given up; it is not followed any more",
                       title(followed->proposal.target));
  }
  if (auto status = tuner_->decide(decision.id, to_decision(decision)); !status) return status;
  if (auto status = save(); !status) {
    return Status(status.code(), fmt::format("noted, but it will be forgotten when NodeTune is "
                                             "closed: {}",
                                             status.message()));
  }
  const auto item = tuner_->find(decision.id);
  if (!item) return fmt::format("recommendation {} is decided", decision.id);
  if (item->state == RecommendationState::rejected) {
    return fmt::format("{}: rejected", title(item->proposal.target));
  }
  return fmt::format("{}: {}. {}", title(item->proposal.target), to_string(item->state),
                     apply_text(client_, *item));
}

void ObservedTuner::take_memory(const MemoryNow& memory) {
  memory_.publish(std::make_shared<const MemoryNow>(memory));
}

void ObservedTuner::complete(Recommendation& item) const {
  item.apply = apply_text(client_, item);
  item.line = setting_line(client_, item);
  item.notes.clear();
  using State = RecommendationState;
  const bool to_come = item.state == State::proposed || item.state == State::approved ||
                       item.state == State::overridden;
  const auto memory = memory_.get();
  if (memory != nullptr && to_come) item.notes = memory_notes(item, *memory);
}

std::vector<Recommendation> ObservedTuner::recommendations() const {
  auto items = tuner_->recommendations();
  for (auto& item : items) complete(item);
  return items;
}

std::vector<AuditEntry> ObservedTuner::audit() const {
  return audit_->entries(kAuditMax);
}

}  // namespace nodetune
