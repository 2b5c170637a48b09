// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/cache/flight_table.h"

#include <xxhash.h>

#include <cassert>
#include <utility>

namespace nodetune {

FlightTable::Shard& FlightTable::shard_of(std::string_view key) {
  return shards_[XXH3_64bits(key.data(), key.size()) % kShards];
}

// Under the shard's lock.
void FlightTable::detach(Shard& shard, std::string_view key) {
  if (shard.flights.empty()) return;
  const auto found = shard.flights.find(key);
  if (found == shard.flights.end()) return;
  found->second->detached = true;
  shard.flights.erase(found);
}

void FlightTable::write(std::string_view key, CachedValue value) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  detach(shard, key);
  if (value == nullptr && !cache_.contains(key)) return;
  cache_.insert(key, std::move(value));
}

void FlightTable::forget(std::string_view key) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  detach(shard, key);
  cache_.erase(key);
}

// Shard by shard, the cache last: a load that starts in a shard already passed reads a database
// that has the deletion, and one that landed before is erased with the rest.
void FlightTable::forget_range(std::string_view begin, std::string_view end) {
  if (begin >= end) return;
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    std::erase_if(shard.flights, [begin, end](const auto& entry) {
      const bool inside = begin <= entry.first && entry.first < end;
      if (inside) entry.second->detached = true;
      return inside;
    });
  }
  cache_.erase_range(begin, end);
}

FlightTable::Claims::~Claims() {
  for (Item& item : items_) {
    if (item.leading) {
      land(item, Status(StatusCode::cancelled, "the load was given up before it was done; retry"));
    }
  }
}

FlightTable::Claims::Outcome FlightTable::Claims::claim(std::string_view key) {
  Item& item = items_.emplace_back(Item{key, nullptr, false});
  Shard& shard = table_.shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.flights.find(key);
  if (found != shard.flights.end()) {
    item.flight = found->second;
    return Outcome::follower;
  }
  item.flight = std::make_shared<Flight>();
  // A load may have landed since the caller missed.
  if (std::optional<CachedValue> cached = table_.cache_.peek(key)) {
    item.flight->result = Result<CachedValue>(std::move(*cached));
    return Outcome::cached;
  }
  shard.flights.emplace(key, item.flight);
  item.leading = true;
  return Outcome::leader;
}

void FlightTable::Claims::complete(std::size_t index, CachedValue value) {
  land(items_[index], Result<CachedValue>(std::move(value)));
}

void FlightTable::Claims::fail(std::size_t index, const Status& status) {
  land(items_[index], Result<CachedValue>(status));
}

void FlightTable::Claims::land(Item& item, Result<CachedValue> result) {
  assert(item.leading);
  item.leading = false;
  Shard& shard = table_.shard_of(item.key);
  {
    const std::lock_guard lock(shard.mutex);
    if (!item.flight->detached) {
      shard.flights.erase(shard.flights.find(item.key));
      if (result) table_.cache_.insert(item.key, *result);
    }
    item.flight->result = std::move(result);
  }
  shard.landed.notify_all();
}

const Result<CachedValue>& FlightTable::Claims::wait(std::size_t index) {
  const Item& item = items_[index];
  Shard& shard = table_.shard_of(item.key);
  std::unique_lock lock(shard.mutex);
  shard.landed.wait(lock, [&item] { return item.flight->result.has_value(); });
  return *item.flight->result;
}

}  // namespace nodetune
