// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#include "engine/store/bloom_policy.h"

namespace nodetune {

BloomPolicy::BloomPolicy(std::int64_t bits_per_key) {
  set_bits(bits_per_key);
}

void BloomPolicy::set_bits(std::int64_t bits_per_key) {
  const std::lock_guard lock(mutex_);
  auto& policy = made_[bits_per_key];
  if (!policy) policy.reset(rocksdb::NewBloomFilterPolicy(static_cast<double>(bits_per_key)));
  current_.store(policy.get(), std::memory_order_release);
  bits_.store(bits_per_key, std::memory_order_relaxed);
}

const rocksdb::FilterPolicy& BloomPolicy::current() const {
  return *current_.load(std::memory_order_acquire);
}

const char* BloomPolicy::Name() const {
  return current().Name();
}

std::string BloomPolicy::GetId() const {
  return current().GetId();
}

const char* BloomPolicy::CompatibilityName() const {
  return current().CompatibilityName();
}

rocksdb::FilterBitsBuilder* BloomPolicy::GetBuilderWithContext(
    const rocksdb::FilterBuildingContext& context) const {
  return current().GetBuilderWithContext(context);
}

rocksdb::FilterBitsReader* BloomPolicy::GetFilterBitsReader(const rocksdb::Slice& contents) const {
  return current().GetFilterBitsReader(contents);
}

}  // namespace nodetune
