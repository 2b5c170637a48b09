// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

namespace nodetune {

// Copies a few bytes: 16 at once, the last ones overlapping. For such lengths GCC turns memcpy into
// an instruction that takes longer to start than all of this.
inline void copy_small(char* to, const char* from, std::size_t size) noexcept {
  if (size >= 16) {
    const std::size_t last = size - 16;
    for (std::size_t at = 0; at < last; at += 16) std::memcpy(to + at, from + at, 16);
    std::memcpy(to + last, from + last, 16);
  } else if (size >= 8) {
    std::memcpy(to, from, 8);
    std::memcpy(to + size - 8, from + size - 8, 8);
  } else if (size >= 4) {
    std::memcpy(to, from, 4);
    std::memcpy(to + size - 4, from + size - 4, 4);
  } else {
    for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
  }
}

// The bytes of a value too long for its handle: one allocation, never changed, counted references.
//
// Thread: any. Lifetime: whoever holds a reference; release() of the last one frees it.
class ValueBlock {
 public:
  // One reference is the caller's. Throws std::bad_alloc.
  static ValueBlock* make(std::string_view bytes) {
    void* const memory = ::operator new(sizeof(ValueBlock) + bytes.size());
    return ::new (memory) ValueBlock(bytes);
  }
  ValueBlock(const ValueBlock&) = delete;
  ValueBlock& operator=(const ValueBlock&) = delete;

  // Relaxed: whoever adds a reference holds one already.
  void hold() { references_.fetch_add(1, std::memory_order_relaxed); }
  // Acquire and release: all use of the bytes comes before they are freed.
  void release() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) ::operator delete(this);
  }
  std::string_view view() const { return {reinterpret_cast<const char*>(this + 1), size_}; }

 private:
  explicit ValueBlock(std::string_view bytes) : size_(bytes.size()) {
    std::memcpy(reinterpret_cast<char*>(this + 1), bytes.data(), bytes.size());
  }
  std::size_t size_;
  std::atomic<std::size_t> references_{1};
};

// A cached object's bytes. Null means: known to be absent from the database.
//
// Up to kInlineBytes lie in the handle itself, so that reading a slot, an account or most trie
// nodes neither allocates nor counts references; longer ones are shared. Never changes while held.
// Thread: a handle is one thread's, its bytes are any's. Making one throws std::bad_alloc.
class CachedValue {
 public:
  // Slots have 13 bytes, accounts 16, account trie nodes 116 on average (EthAnalysis).
  static constexpr std::size_t kInlineBytes = 119;

  CachedValue() noexcept : kind_(kNull) {}
  CachedValue(std::nullptr_t) noexcept : kind_(kNull) {}  // NOLINT: as a pointer would
  explicit CachedValue(std::string_view bytes) {
    if (bytes.size() <= kInlineBytes) {
      set_inline(bytes);
    } else {
      kind_ = kShared;
      set_block(ValueBlock::make(bytes));
    }
  }
  // Takes a reference of its own.
  explicit CachedValue(ValueBlock& block) noexcept : kind_(kShared) {
    block.hold();
    set_block(&block);
  }
  CachedValue(const CachedValue& other) noexcept {
    copy_bits(other);
    if (kind_ == kShared) block()->hold();
  }
  CachedValue(CachedValue&& other) noexcept {
    copy_bits(other);
    other.kind_ = kNull;
  }
  CachedValue& operator=(const CachedValue& other) noexcept { return *this = CachedValue(other); }
  CachedValue& operator=(CachedValue&& other) noexcept {
    if (this == &other) return *this;
    drop();
    copy_bits(other);
    other.kind_ = kNull;
    return *this;
  }
  CachedValue& operator=(std::nullptr_t) noexcept {
    drop();
    kind_ = kNull;
    return *this;
  }
  // A copy of at most kInlineBytes, without the detour over a temporary.
  void assign_small(std::string_view bytes) noexcept {
    assert(bytes.size() <= kInlineBytes);
    drop();
    set_inline(bytes);
  }
  ~CachedValue() { drop(); }

  explicit operator bool() const noexcept { return kind_ != kNull; }
  // Of a value that is not null; valid as long as this handle, and not moved.
  std::string_view view() const noexcept {
    assert(kind_ != kNull);
    if (kind_ == kShared) return block()->view();
    return {storage_, kind_};
  }
  std::string_view operator*() const noexcept { return view(); }
  // The shared bytes, or null for a value that has none.
  ValueBlock* shared() const noexcept { return kind_ == kShared ? block() : nullptr; }

  // By content.
  friend bool operator==(const CachedValue& a, const CachedValue& b) noexcept {
    if (!a || !b) return !a && !b;
    return a.view() == b.view();
  }
  friend bool operator==(const CachedValue& a, std::nullptr_t) noexcept { return !a; }

 private:
  static constexpr std::uint8_t kShared = 0xFE;
  static constexpr std::uint8_t kNull = 0xFF;  // else: how many bytes lie in storage_
  static_assert(kInlineBytes < kShared);

  ValueBlock* block() const noexcept {
    ValueBlock* block = nullptr;
    std::memcpy(&block, storage_, sizeof block);
    return block;
  }
  void set_block(ValueBlock* block) noexcept { std::memcpy(storage_, &block, sizeof block); }
  void set_inline(std::string_view bytes) noexcept {
    kind_ = static_cast<std::uint8_t>(bytes.size());
    copy_small(storage_, bytes.data(), bytes.size());
  }
  void drop() noexcept {
    if (kind_ == kShared) block()->release();
  }
  void copy_bits(const CachedValue& other) noexcept {
    kind_ = other.kind_;
    if (kind_ <= kInlineBytes) {
      copy_small(storage_, other.storage_, kind_);
    } else if (kind_ == kShared) {
      std::memcpy(storage_, other.storage_, sizeof(ValueBlock*));
    }
  }

  alignas(ValueBlock*) char storage_[kInlineBytes];
  std::uint8_t kind_;
};
static_assert(sizeof(CachedValue) == CachedValue::kInlineBytes + 1);

}  // namespace nodetune
