// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/store/probed_block_cache.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace nodetune {
namespace {

using rocksdb::Slice;
using rocksdb::Statistics;

// Block cache keys are 16 bytes: of a file, and of an offset in it. Both are nearly a count, so
// the bits are spread (MurmurHash3's finalizer).
std::uint64_t spread(std::uint64_t bits) {
  bits ^= bits >> 33;
  bits *= 0xff51afd7ed558ccdull;
  bits ^= bits >> 33;
  bits *= 0xc4ceb9fe1a85ec53ull;
  return bits ^ bits >> 33;
}

std::uint64_t hash_of(const Slice& key) {
  std::uint64_t words[2];
  if (key.size() == sizeof words) {
    std::memcpy(words, key.data(), sizeof words);
    return spread(std::rotl(spread(words[0]), 23) ^ words[1]);
  }
  std::uint64_t hash = key.size();
  for (std::size_t at = 0; at < key.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, key.data() + at, std::min(sizeof word, key.size() - at));
    hash = spread(std::rotl(hash, 23) ^ word);
  }
  return hash;
}

std::uint32_t told(std::size_t charge) {
  return static_cast<std::uint32_t>(
      std::min<std::size_t>(charge, std::numeric_limits<std::uint32_t>::max()));
}

class ProbedBlockCache final : public rocksdb::Cache {
 public:
  ProbedBlockCache(std::shared_ptr<rocksdb::Cache> inner, std::shared_ptr<BlockCacheProbe> probe)
      : inner_(std::move(inner)), probe_(std::move(probe)) {}

  const char* Name() const override { return inner_->Name(); }

  rocksdb::Status Insert(const Slice& key, void* value, std::size_t charge, DeleterFn deleter,
                         Handle** handle, Priority priority) override {
    note_insert(key, charge);
    return inner_->Insert(key, value, charge, deleter, handle, priority);
  }
  rocksdb::Status Insert(const Slice& key, void* value, const CacheItemHelper* helper,
                         std::size_t charge, Handle** handle, Priority priority) override {
    note_insert(key, charge);
    return inner_->Insert(key, value, helper, charge, handle, priority);
  }
  Handle* Lookup(const Slice& key, Statistics* stats) override {
    return note_lookup(key, inner_->Lookup(key, stats));
  }
  Handle* Lookup(const Slice& key, const CacheItemHelper* helper, const CreateCallback& create,
                 Priority priority, bool wait, Statistics* stats) override {
    return note_lookup(key, inner_->Lookup(key, helper, create, priority, wait, stats));
  }

  bool Ref(Handle* handle) override { return inner_->Ref(handle); }
  bool Release(Handle* handle, bool erase_if_last_ref) override {
    return inner_->Release(handle, erase_if_last_ref);
  }
  bool Release(Handle* handle, bool useful, bool erase_if_last_ref) override {
    return inner_->Release(handle, useful, erase_if_last_ref);
  }
  void* Value(Handle* handle) override { return inner_->Value(handle); }
  void Erase(const Slice& key) override { inner_->Erase(key); }
  std::uint64_t NewId() override { return inner_->NewId(); }
  void SetCapacity(std::size_t capacity) override { inner_->SetCapacity(capacity); }
  void SetStrictCapacityLimit(bool strict) override { inner_->SetStrictCapacityLimit(strict); }
  bool HasStrictCapacityLimit() const override { return inner_->HasStrictCapacityLimit(); }
  std::size_t GetCapacity() const override { return inner_->GetCapacity(); }
  std::size_t GetUsage() const override { return inner_->GetUsage(); }
  std::size_t GetUsage(Handle* handle) const override { return inner_->GetUsage(handle); }
  std::size_t GetPinnedUsage() const override { return inner_->GetPinnedUsage(); }
  std::size_t GetOccupancyCount() const override { return inner_->GetOccupancyCount(); }
  std::size_t GetTableAddressCount() const override { return inner_->GetTableAddressCount(); }
  std::size_t GetCharge(Handle* handle) const override { return inner_->GetCharge(handle); }
  DeleterFn GetDeleter(Handle* handle) const override { return inner_->GetDeleter(handle); }
  void DisownData() override { inner_->DisownData(); }
  void ApplyToAllEntries(
      const std::function<void(const Slice&, void*, std::size_t, DeleterFn)>& callback,
      const ApplyToAllEntriesOptions& options) override {
    inner_->ApplyToAllEntries(callback, options);
  }
  void ApplyToAllCacheEntries(void (*callback)(void*, std::size_t), bool thread_safe) override {
    inner_->ApplyToAllCacheEntries(callback, thread_safe);
  }
  void EraseUnRefEntries() override { inner_->EraseUnRefEntries(); }
  std::string GetPrintableOptions() const override { return inner_->GetPrintableOptions(); }
  bool IsReady(Handle* handle) override { return inner_->IsReady(handle); }
  void Wait(Handle* handle) override { inner_->Wait(handle); }
  void WaitAll(std::vector<Handle*>& handles) override { inner_->WaitAll(handles); }

 private:
  void note_insert(const Slice& key, std::size_t charge) {
    const auto hash = hash_of(key);
    if (probe_->samples(hash)) probe_->on_insert(hash, told(charge));
  }
  Handle* note_lookup(const Slice& key, Handle* found) {
    const auto hash = hash_of(key);
    if (probe_->samples(hash)) {
      probe_->on_lookup(hash, found != nullptr,
                        found != nullptr ? told(inner_->GetCharge(found)) : 0);
    }
    return found;
  }

  const std::shared_ptr<rocksdb::Cache> inner_;
  const std::shared_ptr<BlockCacheProbe> probe_;
};

}  // namespace

std::shared_ptr<rocksdb::Cache> make_probed_block_cache(std::shared_ptr<rocksdb::Cache> inner,
                                                        std::shared_ptr<BlockCacheProbe> probe) {
  return std::make_shared<ProbedBlockCache>(std::move(inner), std::move(probe));
}

}  // namespace nodetune
