// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/objects/object_store.h"

#include <array>
#include <map>
#include <optional>
#include <utility>

#include "engine/objects/overlay.h"

namespace nodetune {
namespace {

CachedValue cached(const KeyValueStore::Value& value) {
  return value ? CachedValue(*value) : nullptr;
}

std::optional<ObjectKind> kind_of(Family family) {
  if (family == Family::own) return std::nullopt;
  return static_cast<ObjectKind>(family);
}

}  // namespace

ObjectStore::ObjectStore(KeyValueStore& store, const CacheConfig& caches,
                         const BatchConfig& batches, Clock& clock)
    : store_(store), caches_(caches), overlay_(std::make_unique<Overlay>()) {
  BatchListener listener;
  listener.on_accepted = [this](std::uint64_t number, const WriteGroup& group) {
    overlay_->add(number, group);
  };
  listener.on_committed = [this](std::uint64_t, std::uint64_t last) { on_committed(last); };
  batches_ = std::make_unique<BatchProcessor>(store, batches, clock, std::move(listener));
}

ObjectStore::~ObjectStore() = default;

Status ObjectStore::start() {
  return batches_->start();
}

Result<CachedValue> ObjectStore::get(ObjectKind kind, std::string_view key) {
  const auto pending = overlay_->find(family_of(kind), key);
  switch (pending.kind) {
    case PendingAnswer::Kind::nothing:
      break;
    case PendingAnswer::Kind::value:
      caches_.count_pending_hits(kind, 1);
      return pending.value;
    case PendingAnswer::Kind::addends: {
      auto merged = read_merged(family_of(kind), key, pending);
      if (!merged) return merged.status();
      caches_.count_pending_hits(kind, 1);
      return cached(*merged);
    }
  }
  return caches_.get_or_load(kind, key, [&](std::string_view missing) -> Result<CachedValue> {
    auto value = store_.get(family_of(kind), missing);
    if (!value) return value.status();
    return cached(*value);
  });
}

Result<std::vector<CachedValue>> ObjectStore::multi_get(ObjectKind kind,
                                                        std::span<const std::string_view> keys) {
  auto pending = overlay_->find(family_of(kind), keys);
  std::vector<CachedValue> values(keys.size());
  std::vector<std::size_t> below;
  std::vector<std::string_view> keys_below;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    switch (pending[i].kind) {
      case PendingAnswer::Kind::nothing:
        below.push_back(i);
        keys_below.push_back(keys[i]);
        break;
      case PendingAnswer::Kind::value:
        values[i] = std::move(pending[i].value);
        break;
      case PendingAnswer::Kind::addends: {
        auto merged = read_merged(family_of(kind), keys[i], pending[i]);
        if (!merged) return merged.status();
        values[i] = cached(*merged);
        break;
      }
    }
  }
  caches_.count_pending_hits(kind, keys.size() - below.size());
  if (below.empty()) return values;

  auto loaded = caches_.multi_get_or_load(
      kind, keys_below,
      [&](std::span<const std::string_view> missing) { return load(kind, missing); });
  if (!loaded) return loaded.status();
  for (std::size_t i = 0; i < below.size(); ++i) values[below[i]] = std::move((*loaded)[i]);
  return values;
}

// The overlay first: what is committed after the look is in the database by then.
Result<std::vector<ObjectStore::Object>> ObjectStore::scan(ObjectKind kind, std::string_view begin,
                                                           std::string_view end) {
  const auto family = family_of(kind);
  const auto pending = overlay_->find_range(family, begin, end);
  std::map<std::string, CachedValue, std::less<>> found;
  auto status = store_.scan(family, begin, end, [&](std::string_view key, std::string_view value) {
    if (!pending.keys.contains(key) && !pending.deletes(key)) {
      found.emplace(key, CachedValue(value));
    }
    return true;
  });
  if (!status) return status;
  for (const auto& [key, answer] : pending.keys) {
    auto value = answer.value;
    if (answer.kind == PendingAnswer::Kind::addends) {
      auto merged = read_merged(family, key, answer);
      if (!merged) return merged.status();
      value = cached(*std::move(merged));
    }
    if (value) found.emplace(key, std::move(value));
  }
  std::vector<Object> objects;
  objects.reserve(found.size());
  for (auto& [key, value] : found) objects.push_back({key, std::move(value)});
  return objects;
}

Status ObjectStore::prefetch(ObjectKind kind, std::span<const std::string_view> keys) {
  const auto pending = overlay_->find(family_of(kind), keys);
  std::vector<std::string_view> wanted;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (pending[i].kind == PendingAnswer::Kind::nothing) wanted.push_back(keys[i]);
  }
  if (wanted.empty()) return Status::ok();
  return caches_.prefetch(
      kind, wanted, [&](std::span<const std::string_view> missing) { return load(kind, missing); });
}

Result<std::uint64_t> ObjectStore::counter(std::string_view key) {
  const auto value = own_value(key);
  if (!value) return value.status();
  return value->has_value() ? decode_counter(**value) : 0;
}

Result<KeyValueStore::Value> ObjectStore::own_value(std::string_view key) {
  const auto pending = overlay_->find(Family::own, key);
  switch (pending.kind) {
    case PendingAnswer::Kind::nothing:
      break;
    case PendingAnswer::Kind::value:
      return pending.value ? KeyValueStore::Value(std::in_place, *pending.value)
                           : KeyValueStore::Value();
    case PendingAnswer::Kind::addends:
      return read_merged(Family::own, key, pending);
  }
  return store_.get(Family::own, key);
}

Result<std::uint64_t> ObjectStore::submit(WriteGroup group) {
  return batches_->submit(std::move(group));
}

Status ObjectStore::flush() {
  return batches_->flush();
}

Status ObjectStore::stop() {
  return batches_->stop();
}

Result<std::vector<CachedValue>> ObjectStore::load(ObjectKind kind,
                                                   std::span<const std::string_view> keys) {
  std::vector<ReadKey> reads;
  reads.reserve(keys.size());
  for (const auto key : keys) reads.push_back({family_of(kind), key});
  auto found = store_.multi_get(reads);
  if (!found) return found.status();
  std::vector<CachedValue> values;
  values.reserve(found->size());
  for (const auto& value : *found) values.push_back(cached(value));
  return values;
}

// A commit may land between the look at the overlay and the read of the base. Reading the commit
// sequence in the same breath tells which of the pending addends the base already holds.
Result<KeyValueStore::Value> ObjectStore::read_merged(Family family, std::string_view key,
                                                      const PendingAnswer& pending) {
  const std::array reads = {ReadKey{family, key}, ReadKey{Family::own, kCommitSequenceKey}};
  auto found = store_.multi_get(reads);
  if (!found) return found.status();
  const auto& sequence = (*found)[1];
  const auto held = (sequence ? decode_counter(*sequence) : 0) - batches_->sequence_at_start();
  return resolve_addends((*found)[0], pending.addends, held);
}

void ObjectStore::on_committed(std::uint64_t last_group) {
  const auto changes = overlay_->changes_through(last_group);
  for (const auto& range : changes.ranges) {
    if (const auto kind = kind_of(range.family)) {
      caches_.on_range_deleted(*kind, range.begin, range.end);
    }
  }
  for (const auto& change : changes.keys) {
    const auto kind = kind_of(change.family);
    if (!kind) continue;
    if (change.known) {
      caches_.on_written(*kind, *change.key, change.value);
    } else {
      caches_.on_changed(*kind, *change.key);
    }
  }
  overlay_->drop_through(last_group);
}

}  // namespace nodetune
