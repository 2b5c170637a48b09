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

// Tells `receiver` (a hold, the caches) what a commit changed, deleted ranges first.
template <typename Receiver>
void tell(Receiver& receiver, const CommittedChanges& changes) {
  for (const auto& range : changes.ranges) {
    if (const auto kind = kind_of(range.family)) {
      receiver.on_range_deleted(*kind, range.begin, range.end);
    }
  }
  for (const auto& change : changes.keys) {
    const auto kind = kind_of(change.family);
    if (!kind) continue;
    if (change.known) {
      receiver.on_written(*kind, *change.key, change.value);
    } else {
      receiver.on_changed(*kind, *change.key);
    }
  }
}

}  // namespace

ObjectStore::ObjectStore(KeyValueStore& store, const CacheConfig& caches,
                         const BatchConfig& batches, Clock& clock, const HintConfig& hints)
    : store_(store), caches_(caches), overlay_(std::make_unique<Overlay>()), hint_config_(hints) {
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
  auto value = get_object(kind, key);
  if (value) count_touches(kind, {&key, 1});
  return value;
}

Result<CachedValue> ObjectStore::get_object(ObjectKind kind, std::string_view key) {
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
    if (const auto hold = current_hold()) {
      if (auto held = hold->find(kind, {&missing, 1}).front()) return *std::move(held);
      hold->touch(kind, {&missing, 1}, false);
    }
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
  if (below.empty()) {
    count_touches(kind, keys);
    return values;
  }

  auto loaded = caches_.multi_get_or_load(
      kind, keys_below,
      [&](std::span<const std::string_view> missing) { return load_or_take(kind, missing); });
  if (!loaded) return loaded.status();
  for (std::size_t i = 0; i < below.size(); ++i) values[below[i]] = std::move((*loaded)[i]);
  count_touches(kind, keys);
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

Result<std::shared_ptr<BlockHold>> ObjectStore::announce_block(const BlockAccess& access) {
  auto hold = std::make_shared<BlockHold>(hint_config_.held_bytes_max);
  {
    const std::lock_guard lock(commit_mutex_);
    if (live_holds().size() >= hint_config_.holds_max) {
      return Status(StatusCode::busy, "too many blocks are announced: begin or drop one first");
    }
    for (const auto kind : kObjectKinds) hold->expect(kind, access.keys[index_of(kind)]);
    holds_.push_back(hold);
  }
  for (const auto kind : kObjectKinds) {
    if (auto status = fetch(*hold, kind); !status) return status;
  }
  return hold;
}

// Pending writes, then caches, then the database: a commit that comes between any of these reaches
// the hold itself, and what it brings is not overwritten.
Status ObjectStore::fetch(BlockHold& hold, ObjectKind kind) {
  const auto keys = hold.awaited(kind);
  if (keys.empty()) return Status::ok();
  const auto pending = overlay_->find(family_of(kind), keys);
  std::vector<std::string_view> missing;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (pending[i].kind == PendingAnswer::Kind::value) {
      hold.fill(kind, keys[i], pending[i].value);
    } else if (pending[i].kind == PendingAnswer::Kind::addends) {
      hold.on_changed(kind, keys[i]);  // a read merges it: that takes the database's base
    } else if (auto value = caches_.peek(kind, keys[i])) {
      hold.fill(kind, keys[i], *std::move(value));
    } else {
      missing.push_back(keys[i]);
    }
  }
  if (missing.empty()) return Status::ok();
  auto loaded = load(kind, missing);
  if (!loaded) return loaded.status();
  for (std::size_t i = 0; i < missing.size(); ++i) {
    hold.fill(kind, missing[i], std::move((*loaded)[i]));
  }
  return Status::ok();
}

void ObjectStore::begin_block(std::shared_ptr<BlockHold> hold) {
  std::shared_ptr<BlockHold> before;  // freed after the lock
  const std::lock_guard lock(hold_mutex_);
  before = std::exchange(hold_, std::move(hold));
  holding_.store(hold_ != nullptr, std::memory_order_release);
  if (before) {
    const auto counters = before->counters();
    for (std::size_t i = 0; i < counters.size(); ++i) hints_.kinds[i] += counters[i];
    ++hints_.blocks;
  }
}

Status ObjectStore::begin_block(const BlockAccess& access) {
  end_block();
  auto hold = announce_block(access);
  if (!hold) return hold.status();
  begin_block(*std::move(hold));
  return Status::ok();
}

void ObjectStore::end_block() {
  begin_block(std::shared_ptr<BlockHold>());
}

HintFigures ObjectStore::hints() const {
  const std::lock_guard lock(hold_mutex_);
  HintFigures figures = hints_;
  if (!hold_) return figures;
  const auto counters = hold_->counters();
  for (std::size_t i = 0; i < counters.size(); ++i) figures.kinds[i] += counters[i];
  ++figures.blocks;
  figures.held_bytes = hold_->bytes();
  return figures;
}

// Without hints a read pays for one load of a flag.
std::shared_ptr<BlockHold> ObjectStore::current_hold() const {
  if (!holding_.load(std::memory_order_acquire)) return nullptr;
  const std::lock_guard lock(hold_mutex_);
  return hold_;
}

void ObjectStore::count_touches(ObjectKind kind, std::span<const std::string_view> keys) const {
  if (const auto hold = current_hold()) hold->touch(kind, keys, true);
}

// The caller holds commit_mutex_.
std::vector<std::shared_ptr<BlockHold>> ObjectStore::live_holds() {
  std::vector<std::shared_ptr<BlockHold>> live;
  std::erase_if(holds_, [&](const std::weak_ptr<BlockHold>& hold) {
    auto alive = hold.lock();
    if (alive == nullptr) return true;
    live.push_back(std::move(alive));
    return false;
  });
  return live;
}

// What a cache misses: from the block's hold, the rest in one batched read.
Result<std::vector<CachedValue>> ObjectStore::load_or_take(ObjectKind kind,
                                                           std::span<const std::string_view> keys) {
  const auto hold = current_hold();
  if (hold == nullptr) return load(kind, keys);
  auto held = hold->find(kind, keys);
  std::vector<std::size_t> below;
  std::vector<std::string_view> keys_below;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (held[i]) continue;
    below.push_back(i);
    keys_below.push_back(keys[i]);
  }
  if (!below.empty()) {
    hold->touch(kind, keys_below, false);
    auto loaded = load(kind, keys_below);
    if (!loaded) return loaded.status();
    for (std::size_t i = 0; i < below.size(); ++i) held[below[i]] = std::move((*loaded)[i]);
  }
  std::vector<CachedValue> values;
  values.reserve(keys.size());
  for (auto& value : held) values.push_back(*std::move(value));
  return values;
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

// Holds before caches: a load that took an older value from a hold is then still on its way when
// its cache hears of the commit, and is not cached.
void ObjectStore::on_committed(std::uint64_t last_group) {
  const auto changes = overlay_->changes_through(last_group);
  {
    const std::lock_guard lock(commit_mutex_);
    for (const auto& hold : live_holds()) tell(*hold, changes);
    tell(caches_, changes);
  }
  overlay_->drop_through(last_group);
}

}  // namespace nodetune
