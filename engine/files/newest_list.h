// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The NodeTune authors
#pragma once

#include <cassert>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <utility>
#include <vector>

namespace nodetune {

// A list of which the newest entries alone are kept, the oldest first.
//
// Once it is full, a new entry is copied over the oldest and takes its memory, strings and all:
// then adding allocates only what is longer than what it replaces. Lifetime: what begin() and end()
// give is good until the next change. Thread: one at a time.
template <typename Entry>
class NewestList {
  template <typename List, typename Value>
  class Place {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    using pointer = Value*;
    using reference = Value&;

    Place() = default;
    Place(List* list, std::size_t index) : list_(list), index_(index) {}
    Value& operator*() const { return (*list_)[index_]; }
    Value* operator->() const { return &(*list_)[index_]; }
    Place& operator++() { return ++index_, *this; }
    Place operator++(int) { return {list_, index_++}; }
    bool operator==(const Place&) const = default;

   private:
    List* list_ = nullptr;
    std::size_t index_ = 0;
  };

 public:
  using iterator = Place<NewestList, Entry>;
  using const_iterator = Place<const NewestList, const Entry>;

  NewestList() = default;
  NewestList(const NewestList&) = default;
  NewestList& operator=(const NewestList&) = default;
  // The other one is empty then.
  NewestList(NewestList&& other) noexcept
      : entries_(std::exchange(other.entries_, {})), oldest_(std::exchange(other.oldest_, 0)) {}
  NewestList& operator=(NewestList&& other) noexcept {
    entries_ = std::exchange(other.entries_, {});
    oldest_ = std::exchange(other.oldest_, 0);
    return *this;
  }
  NewestList(std::initializer_list<Entry> entries) : entries_(entries) {}

  // `entries_max` is the same at every call, and not less than the list began with.
  void add(const Entry& entry, std::size_t entries_max) {
    if (entries_.size() < entries_max) {
      entries_.push_back(entry);
    } else if (!entries_.empty()) {
      entries_[oldest_] = entry;
      oldest_ = oldest_ + 1 == entries_.size() ? 0 : oldest_ + 1;
    }
  }
  void clear() {
    entries_.clear();
    oldest_ = 0;
  }

  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  Entry& operator[](std::size_t index) { return entries_[slot_of(index)]; }
  const Entry& operator[](std::size_t index) const { return entries_[slot_of(index)]; }
  Entry& back() { return (*this)[size() - 1]; }
  const Entry& back() const { return (*this)[size() - 1]; }
  iterator begin() { return {this, 0}; }
  iterator end() { return {this, size()}; }
  const_iterator begin() const { return {this, 0}; }
  const_iterator end() const { return {this, size()}; }

 private:
  std::size_t slot_of(std::size_t index) const {
    assert(index < entries_.size());
    const auto behind = entries_.size() - oldest_;  // to the end of memory
    return index < behind ? oldest_ + index : index - behind;
  }

  std::vector<Entry> entries_;
  std::size_t oldest_ = 0;  // where the first one stands; 0 until the list is full
};

}  // namespace nodetune
