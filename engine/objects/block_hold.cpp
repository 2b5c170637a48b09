// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/objects/block_hold.h"

namespace nodetune {
namespace {

// A node of the map with its bucket, as malloc has them; short values lie in it.
constexpr std::size_t kEntryBytes = sizeof(std::string) + sizeof(CachedValue) + 48;

std::size_t shared_bytes(const CachedValue& value) {
  return value && value.shared() != nullptr ? value.view().size() : 0;
}

}  // namespace

HintCounters HintFigures::all() const {
  HintCounters sum;
  for (const auto& one : kinds) sum += one;
  return sum;
}

void BlockHold::expect(ObjectKind kind, std::span<const std::string> keys) {
  const std::lock_guard lock(mutex_);
  auto& part = parts_[index_of(kind)];
  part.entries.reserve(part.entries.size() + keys.size());
  for (const auto& key : keys) {
    const std::size_t bytes = kEntryBytes + key.size();
    if (bytes_ + bytes > bytes_max_) {
      if (part.entries.contains(key)) continue;
      ++part.counters.hinted;
      ++part.counters.first_touches;
      continue;
    }
    if (!part.entries.try_emplace(key).second) continue;
    ++part.counters.hinted;
    bytes_ += bytes;
  }
}

std::vector<std::string_view> BlockHold::awaited(ObjectKind kind) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string_view> keys;
  for (const auto& [key, entry] : parts_[index_of(kind)].entries) {
    if (entry.state == State::awaited) keys.push_back(key);
  }
  return keys;
}

void BlockHold::fill(ObjectKind kind, std::string_view key, CachedValue value) {
  const std::lock_guard lock(mutex_);
  auto& entries = parts_[index_of(kind)].entries;
  const auto entry = entries.find(key);
  if (entry == entries.end() || entry->second.state != State::awaited) return;
  set(entry->second, value);
}

void BlockHold::on_written(ObjectKind kind, std::string_view key, const CachedValue& value) {
  const std::lock_guard lock(mutex_);
  auto& entries = parts_[index_of(kind)].entries;
  if (const auto entry = entries.find(key); entry != entries.end()) set(entry->second, value);
}

void BlockHold::on_changed(ObjectKind kind, std::string_view key) {
  const std::lock_guard lock(mutex_);
  auto& entries = parts_[index_of(kind)].entries;
  if (const auto entry = entries.find(key); entry != entries.end()) forget(entry->second);
}

void BlockHold::on_range_deleted(ObjectKind kind, std::string_view begin, std::string_view end) {
  const std::lock_guard lock(mutex_);
  for (auto& [key, entry] : parts_[index_of(kind)].entries) {
    if (begin <= key && key < end) set(entry, nullptr);
  }
}

std::vector<std::optional<CachedValue>> BlockHold::find(
    ObjectKind kind, std::span<const std::string_view> keys) const {
  std::vector<std::optional<CachedValue>> values(keys.size());
  const std::lock_guard lock(mutex_);
  const auto& entries = parts_[index_of(kind)].entries;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto entry = entries.find(keys[i]);
    if (entry != entries.end() && entry->second.state == State::held) {
      values[i] = entry->second.value;
    }
  }
  return values;
}

void BlockHold::touch(ObjectKind kind, std::span<const std::string_view> keys, bool from_memory) {
  const std::lock_guard lock(mutex_);
  auto& part = parts_[index_of(kind)];
  for (const auto key : keys) {
    const auto entry = part.entries.find(key);
    if (entry == part.entries.end() || entry->second.touched) continue;
    entry->second.touched = true;
    ++part.counters.first_touches;
    if (from_memory) ++part.counters.served_from_memory;
  }
}

std::array<HintCounters, kObjectKindCount> BlockHold::counters() const {
  const std::lock_guard lock(mutex_);
  std::array<HintCounters, kObjectKindCount> all;
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = parts_[i].counters;
  return all;
}

std::size_t BlockHold::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

// What has no room is unknown from then on: reads go to the database.
void BlockHold::set(Entry& entry, const CachedValue& value) {
  if (entry.state == State::unknown) return;
  bytes_ -= shared_bytes(entry.value);
  if (bytes_ + shared_bytes(value) > bytes_max_) {
    entry.value = nullptr;
    entry.state = State::unknown;
    return;
  }
  bytes_ += shared_bytes(value);
  entry.value = value;
  entry.state = State::held;
}

void BlockHold::forget(Entry& entry) {
  bytes_ -= shared_bytes(entry.value);
  entry.value = nullptr;
  entry.state = State::unknown;
}

}  // namespace nodetune
