// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/node/job_ring.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace nodetune {

JobRing::Running JobRing::key_of(const Entry& entry) {
  return {entry.job.kind, entry.id, entry.job.end.value_or(entry.job.begin)};
}

void JobRing::insert(const Id& id, StorageJob job) {
  if (job.sequence == 0) job.sequence = ++last_sequence_;
  if (job.end) longest_ = std::max(longest_, *job.end - job.begin);
  const auto begin = job.begin;
  const auto added = jobs_.emplace(begin, Entry{id, std::move(job)});
  (added->second.job.end ? ended_ : running_).insert_or_assign(key_of(added->second), added);
  if (jobs_.size() <= capacity_) return;
  erase(jobs_.begin());
  ++dropped_;
}

void JobRing::erase(Jobs::iterator job) {
  auto& index = job->second.job.end ? ended_ : running_;
  const auto found = index.find(key_of(job->second));
  if (found != index.end() && found->second == job) index.erase(found);
  jobs_.erase(job);
}

void JobRing::put(const Id& id, StorageJob job) {
  const std::lock_guard lock(mutex_);
  if (job.end) {
    const auto told = ended_.find({job.kind, id, *job.end});
    if (told != ended_.end()) {
      if (told->second->second.job.begin <= job.begin) return;
      job.sequence = told->second->second.job.sequence;
      erase(told->second);
    }
  }
  const auto ran = running_.find({job.kind, id, job.begin});
  if (ran != running_.end()) {
    job.sequence = ran->second->second.job.sequence;
    erase(ran->second);
  }
  insert(id, std::move(job));
}

void JobRing::cut_off_others(const std::set<Running>& running, TimePoint end,
                             std::string_view why) {
  const std::lock_guard lock(mutex_);
  std::vector<Jobs::iterator> ended;
  for (const auto& [key, job] : running_) {
    if (!running.contains(key)) ended.push_back(job);
  }
  for (const auto& each : ended) {
    auto [id, job] = each->second;
    erase(each);
    job.end = std::max(job.begin, end);
    job.reason += job.reason.empty() ? std::string(why) : "; " + std::string(why);
    insert(id, std::move(job));
  }
}

std::vector<StorageJob> JobRing::range(TimePoint begin, TimePoint end, std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  // None that began before could last until `begin`.
  auto from = begin - std::min(longest_, begin - TimePoint{});
  for (const auto& [key, job] : running_) from = std::min(from, job->first);
  std::vector<StorageJob> found;
  for (auto each = jobs_.lower_bound(from); each != jobs_.end() && each->first <= end; ++each) {
    const auto& job = each->second.job;
    if (!job.end || *job.end >= begin) found.push_back(job);
  }
  if (found.size() > limit) {
    found.erase(found.begin(), std::prev(found.end(), static_cast<std::ptrdiff_t>(limit)));
  }
  return found;
}

std::uint64_t JobRing::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

}  // namespace nodetune
